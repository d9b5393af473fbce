//! The editors' hand in a panel: pins at their slots, boosts on scores.

use super::filter::{Filter, Ruled};
use super::query::PanelQuery;
use super::rank::{Asked, rank};
use super::signals::{Host, Known, is_evident};
use super::snapshot::Snapshot;
use crate::index::Boost;
use crate::model::DocOrd;
use crate::panel::{Pin, Ranked};
use crate::ranking::{SCORE_FLOOR, boosted};
use crate::signals::behavior::Moment;

impl Snapshot {
    /// The articles that are related to `host`, whatever editors and structure say of them.
    pub(super) fn related_to(&self, host: DocOrd, query: &PanelQuery) -> Vec<&str> {
        let ranked = self.ranked(host, query, |row, read, facts| {
            facts.card && is_evident(row, read, &query.weights)
        });
        let related = ranked.into_iter().filter(|candidate| candidate.related);
        related.map(|candidate| self.id(candidate.ord)).collect()
    }

    /// The pins of `host` that `filter` lets through, by slot: one a slot, one of each cluster, none of the host's.
    pub(super) fn pins(
        &self,
        host: DocOrd,
        ruled: &Ruled,
        filter: &Filter<'_>,
        query: &PanelQuery,
        ranked: &[Ranked],
    ) -> Vec<Pin> {
        let host_facts = self.facts(host);
        let now = Moment::new(query.now.saturating_mul(1000));
        let readers = self.readers();
        let known = Host::from(Known::of(&host_facts, readers.total(host, &now)));
        let asked = Asked::of(host, query, self.serving());
        let mut clusters = vec![host_facts.cluster];
        let mut pins: Vec<Pin> = Vec::new();
        for (slot, row) in &ruled.pins {
            let facts = self.facts(row.ord);
            let taken = pins.last().is_some_and(|pin| pin.slot == *slot)
                || clusters.contains(&facts.cluster);
            if taken
                || usize::from(*slot) > query.limit
                || !filter.passes_pinned(row.ord, &facts, ruled)
            {
                continue;
            }
            clusters.push(facts.cluster);
            let found = ranked.iter().find(|candidate| candidate.ord == row.ord);
            let one = found.copied().unwrap_or_else(|| {
                let read = readers.read_beside(host, row.ord, &now);
                let candidate = Known::of(&facts, readers.total(row.ord, &now));
                let mut one = [rank(&known, row, &read, candidate, &facts, &asked)];
                self.boost(host, query, &mut one);
                one[0]
            });
            pins.push(Pin {
                slot: *slot,
                ord: row.ord,
                score: one.score,
                contributions: one.contributions(&query.weights),
            });
        }
        pins
    }

    /// Adds editors' boosts. One that lifts never makes a card related; one that lowers may take that away.
    pub(super) fn boost(&self, host: DocOrd, query: &PanelQuery, ranked: &mut [Ranked]) {
        let serving = self.serving();
        for candidate in ranked {
            let by = match self.overlay().boosts(candidate.ord) {
                Some(boosts) => boosts_in(boosts, host, query),
                None => serving.boost(host, candidate.ord, query.began, query.now),
            };
            if by != 0.0 {
                candidate.score = boosted(candidate.score, by);
                candidate.related &= candidate.score.get() >= SCORE_FLOOR;
            }
        }
    }
}

/// What `boosts`, which are of one card, add to its score in the panel of `host`.
fn boosts_in(boosts: &[Boost], host: DocOrd, query: &PanelQuery) -> f64 {
    let of_host = boosts
        .iter()
        .filter(|boost| boost.host.is_none_or(|of| of == host));
    let holding = of_host.filter(|boost| boost.period.holds(query.began, query.now));
    holding.map(|boost| boost.by).sum()
}
