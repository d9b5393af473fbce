//! What editors, dates and structure say of articles that changed, and of those that it says something else of since: in the place
//! of what the generation's rules say of them.

use std::sync::Arc;

use super::Overlay;
use crate::engine::shared::Shared;
use crate::index::{Boost, Facts, HostRule};
use crate::model::{DocOrd, Period};

/// Names of clusters from here on count down from the largest number: they are of articles that left one which goes by theirs.
const LEFT: u32 = 1 << 31;

/// What is said anew, by article.
#[derive(Clone, Debug, Default)]
pub(super) struct Ruling {
    hosts: Shared<Arc<[HostRule]>>,
    hidden: Shared<Arc<[Period]>>,
    boosts: Shared<Arc<[Boost]>>,
    /// Whether a newer version is there.
    older: Shared<bool>,
    /// Clusters that are one with another by now: those named by an ordinal, and those that count down.
    same: [Shared<DocOrd>; 2],
}

impl Overlay {
    /// The rules of `host`, if they are others than the generation's.
    #[inline]
    pub(in crate::engine) fn host_rules(&self, host: DocOrd) -> Option<&[HostRule]> {
        self.ruling.hosts.get(host.0).map(|rules| &**rules)
    }

    /// From now on these are the rules of `host`.
    pub(in crate::engine) fn rule_host(&mut self, host: DocOrd, rules: &[HostRule]) {
        if self.host_rules(host) != Some(rules) {
            self.ruling.hosts.insert(host.0, rules.into());
            self.touched.insert(host.0, self.changes);
        }
    }

    /// When the article is no card, if that is not what the generation knows.
    #[inline]
    pub(in crate::engine) fn hiding(&self, card: DocOrd) -> Option<&[Period]> {
        self.ruling.hidden.get(card.0).map(|periods| &**periods)
    }

    /// From now on the article, which differs, is no card in these times.
    pub(in crate::engine) fn hide(&mut self, card: DocOrd, periods: &[Period]) {
        let Some(&facts) = self.facts.get(card.0) else {
            return;
        };
        let is_as_before = match self.hiding(card) {
            Some(before) => before == periods,
            None => periods.is_empty() && !facts.hidden,
        };
        let hidden = !periods.is_empty();
        self.facts.insert(card.0, Facts { hidden, ..facts });
        self.ruling.hidden.insert(card.0, periods.into());
        // It may be fill in a panel that has been short of it.
        if !is_as_before {
            self.changed_all = self.changes;
        }
    }

    /// The boosts of a card, if they are others than the generation's.
    pub(in crate::engine) fn boosts(&self, card: DocOrd) -> Option<&[Boost]> {
        self.ruling.boosts.get(card.0).map(|boosts| &**boosts)
    }

    /// Whether any card has others.
    #[inline]
    pub(in crate::engine) fn has_boosts(&self) -> bool {
        self.ruling.boosts.len() > 0
    }

    /// From now on these are the boosts of a card, which or whose host has changed.
    pub(in crate::engine) fn boost(&mut self, card: DocOrd, boosts: &[Boost]) {
        self.ruling.boosts.insert(card.0, boosts.into());
    }

    /// `facts` of an article, with the name that their cluster goes by now and whether a newer version is there by now.
    #[inline]
    pub(in crate::engine) fn united(&self, ord: DocOrd, mut facts: Facts) -> Facts {
        let [named, left] = &self.ruling.same;
        if named.len() + left.len() > 0 {
            facts.cluster = self.cluster(facts.cluster);
        }
        if self.ruling.older.len() > 0 {
            facts.older = self.ruling.older.get(ord.0).copied().unwrap_or(facts.older);
        }
        facts
    }

    /// The name that a cluster goes by now.
    pub(in crate::engine) fn cluster(&self, mut cluster: DocOrd) -> DocOrd {
        let [named, left] = &self.ruling.same;
        let next = |cluster: DocOrd| match cluster.0 < LEFT {
            true => named.get(cluster.0),
            false => left.get(u32::MAX - cluster.0),
        };
        while let Some(&other) = next(cluster) {
            cluster = other;
        }
        cluster
    }

    /// From now on two clusters are one.
    pub(in crate::engine) fn unite(&mut self, one: DocOrd, other: DocOrd) {
        let (one, other) = (self.cluster(one), self.cluster(other));
        let (kept, lost) = (one.min(other), one.max(other));
        if kept == lost {
            return;
        }
        let [named, left] = &mut self.ruling.same;
        match lost.0 < LEFT {
            true => named.insert(lost.0, kept),
            false => left.insert(u32::MAX - lost.0, kept),
        }
        self.changed_all = self.changes;
    }

    /// From now on no cluster is one with another.
    pub(in crate::engine) fn divide(&mut self) {
        self.ruling.same = Default::default();
        self.changed_all = self.changes;
    }

    /// From now on the article, which differs, is of this cluster.
    pub(in crate::engine) fn regroup(&mut self, ord: DocOrd, cluster: DocOrd) {
        if let Some(&facts) = self.facts.get(ord.0) {
            self.facts.insert(ord.0, Facts { cluster, ..facts });
        }
    }

    /// Of the page of the article there is a newer version by now, or none.
    pub(in crate::engine) fn age(&mut self, ord: DocOrd, older: bool) {
        if self.ruling.older.get(ord.0) != Some(&older) {
            self.ruling.older.insert(ord.0, older);
            self.changed_all = self.changes;
        }
    }
}
