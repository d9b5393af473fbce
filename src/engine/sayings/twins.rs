//! Which articles are translations, versions or canonical twins of one another by now, and of one cluster for that: as the clusters
//! of a reindex, which are also those of texts that are nearly the same.

use std::collections::BTreeSet;

use super::site::Site;
use super::{Sayings, Says, page_of};
use crate::corpus::url::normalise;
use crate::engine::copies::alone;
use crate::engine::overlay::Overlay;
use crate::engine::snapshot::Snapshot;
use crate::engine::versions::{Versions, elsewhere};
use crate::model::{DocOrd, Entry};

impl Sayings {
    /// The translations of an article, the page that stands for it and those that it stands for, as far as the site keeps them apart.
    pub(super) fn twins_of(&self, site: Site<'_>, ord: DocOrd) -> BTreeSet<DocOrd> {
        let keep_out = site.snapshot.config().keep_out;
        let mut twins = BTreeSet::new();
        let key = self.statements.get(&ord);
        let key = key.and_then(|statement| statement.translation_key.as_ref());
        if let (Some(key), true) = (key, keep_out.translations) {
            twins.extend(self.translations.get(key).into_iter().flatten());
        }
        if keep_out.canonical_twins {
            let by = self.by.get(&ord).into_iter().flatten();
            let of = self.of.get(&ord).into_iter().flatten();
            let sayings = by.chain(of).filter_map(|at| self.all.get(at));
            let canonical = sayings.filter(|saying| matches!(saying.says, Says::Canonical));
            twins.extend(
                canonical
                    .flat_map(|saying| [saying.by, saying.card.article()])
                    .flatten(),
            );
        }
        twins.extend(
            self.versions_of(site, ord)
                .into_iter()
                .map(|(version, _)| version),
        );
        twins.retain(|&twin| twin != ord && !site.overlay.is_gone(twin));
        twins
    }

    /// The versions of the page of an article, itself among them, each with whether a newer one is there; none of one without another.
    pub(super) fn versions_of(&self, site: Site<'_>, ord: DocOrd) -> Vec<(DocOrd, bool)> {
        let config = site.snapshot.config();
        if !config.keep_out.older_versions {
            return Vec::new();
        }
        let page = self.statements.get(&ord).and_then(page_of);
        let stated = page.and_then(|page| self.versions.get(page));
        let mut all: BTreeSet<DocOrd> = stated.into_iter().flatten().copied().collect();
        let own = self.entry(site, ord);
        let address = own.and_then(|own| normalise(&own.url, &config.own));
        if let (Some(address), None) = (address, page) {
            let elsewhere = elsewhere(&address, &self.folders).into_iter();
            let at = |address: String| site.snapshot.at_beside(site.overlay, &address);
            all.extend(elsewhere.filter_map(at));
        }
        all.insert(ord);
        all.retain(|&one| !site.overlay.is_gone(one));
        if all.len() < 2 {
            return Vec::new();
        }
        let known = all.iter();
        let mut known: Vec<(DocOrd, Entry)> = known
            .filter_map(|&one| Some((one, self.entry(site, one)?)))
            .collect();
        known.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        let entries: Vec<&Entry> = known.iter().map(|(_, entry)| entry).collect();
        let facts = |ord: DocOrd| site.snapshot.facts_beside(site.overlay, ord);
        let cards: Vec<bool> = known.iter().map(|&(one, _)| facts(one).card).collect();
        let versions = Versions::of(&entries, &cards, &config.own);
        let place = known.iter().position(|&(one, _)| one == ord);
        let family = |place: Option<usize>| {
            let mut families = versions.families();
            let found = families.find(|&(_, at)| Some(at) == place);
            found.map(|(family, _)| family)
        };
        let own = family(place);
        let members = versions
            .families()
            .filter(|&(family, _)| Some(family) == own);
        members
            .map(|(_, at)| (known[at].0, versions.older[at]))
            .collect()
    }

    /// Takes note of the twins that the article has in the generation, before it first changes.
    pub(super) fn note_twins(&mut self, site: Site<'_>, ord: DocOrd) {
        let serving = site.snapshot.serving();
        if ord.index() >= serving.len() || self.parted.contains_key(&ord) {
            return;
        }
        let is_mapped = |twin: &DocOrd| twin.index() < serving.len();
        let own = serving.facts(ord).cluster;
        let twins = self.twins_of(site, ord).into_iter().filter(is_mapped);
        let twins = twins.filter(|&twin| serving.facts(twin).cluster == own);
        self.parted.insert(ord, twins.collect());
    }

    /// The article, which was heard, is no longer in the cluster that it has in the generation, if it was there for a twin which it is
    /// none of by now. What has nearly its text is looked for next.
    pub(in crate::engine) fn part(&self, snapshot: &Snapshot, overlay: &mut Overlay, ord: DocOrd) {
        let had = self.parted.get(&ord).filter(|had| !had.is_empty());
        let has = self.twins_of(Site { snapshot, overlay }, ord);
        if had.is_some_and(|had| !had.iter().any(|twin| has.contains(twin))) {
            let before = snapshot.serving().facts(ord).cluster;
            overlay.regroup(ord, alone(ord, before));
        }
    }

    /// The article, which was heard and compared, is of one cluster with its twins.
    pub(in crate::engine) fn unite(
        &mut self,
        snapshot: &Snapshot,
        overlay: &mut Overlay,
        ord: DocOrd,
    ) {
        let twins = self.twins_of(Site { snapshot, overlay }, ord);
        let cluster = snapshot.cluster_beside(overlay, ord);
        let had = self.parted.get(&ord).is_some_and(|had| !had.is_empty());
        let now = (twins, cluster);
        let before = self.twins.get(&ord);
        if before == Some(&now) || before.is_none() && now.0.is_empty() && !had {
            return;
        }
        let was_united = had || before.is_some_and(|(twins, _)| !twins.is_empty());
        self.twins.insert(ord, now);
        match was_united {
            true => self.unite_all(snapshot, overlay),
            false => self.unite_one(snapshot, overlay, ord),
        }
    }

    fn unite_all(&self, snapshot: &Snapshot, overlay: &mut Overlay) {
        overlay.divide();
        for &ord in self.twins.keys() {
            self.unite_one(snapshot, overlay, ord);
        }
    }

    fn unite_one(&self, snapshot: &Snapshot, overlay: &mut Overlay, ord: DocOrd) {
        for twin in self.twins_of(Site { snapshot, overlay }, ord) {
            let [one, other] = [ord, twin].map(|ord| snapshot.cluster_beside(overlay, ord));
            overlay.unite(one, other);
        }
    }
}
