//! The places of a panel: who stands in it, in which order and why, before anything is shown of them.

use super::filter::{Filter, Ruled};
use super::query::PanelQuery;
use super::room::{RANKED, give_back};
use super::signals::is_evident;
use super::snapshot::Snapshot;
use super::turns::turns;
use crate::index::Facts;
use crate::model::DocOrd;
use crate::panel::{Fill, Reserved, compose, put_pins};

impl Snapshot {
    /// The articles on the related cards of the panel of `host`, pins among them, in their order.
    pub fn shown(&self, host: DocOrd, query: &PanelQuery) -> Vec<DocOrd> {
        let (places, _) = self.places(host, query);
        let related = places.iter().filter(|place| place.related.is_some());
        related.map(|place| place.ord).collect()
    }

    /// All articles that might be on the related cards of the panel of `host`, in no order.
    pub fn related(&self, host: DocOrd, query: &PanelQuery) -> Vec<DocOrd> {
        let facts = self.facts(host);
        let ruled = Ruled::of(host, &facts, self, query);
        if ruled.off {
            return Vec::new();
        }
        let filter = Filter::of(query, self, (host, &facts), &ruled);
        let ranked = self.ranked(host, query, |row, read, other| {
            is_evident(row, read, &query.weights)
                && filter.passes(row.ord, other)
                && other.cluster != facts.cluster
        });
        let related = ranked.into_iter().filter(|candidate| candidate.related);
        related.map(|candidate| candidate.ord).collect()
    }

    /// The places of the panel of `host`; whether it is turned off.
    pub(super) fn places(&self, host: DocOrd, query: &PanelQuery) -> (Vec<Fill>, bool) {
        self.readers().prefetch(host);
        let facts = self.facts(host);
        let ruled = Ruled::of(host, &facts, self, query);
        if ruled.off {
            return (Vec::new(), true);
        }
        let filter = Filter::of(query, self, (host, &facts), &ruled);
        let mut ranked = self.ranked(host, query, |row, read, facts| {
            is_evident(row, read, &query.weights) && filter.passes(row.ord, facts)
        });
        let fill = self
            .newest_for(host, query.now)
            .filter(|(ord, facts)| self.config.fill && filter.passes(*ord, facts))
            .map(|(ord, facts)| (ord, facts.cluster));
        let turns_of = |cards| turns(self.readers(), cards, host, self.id(host), query.now);
        let exploration = query.exploring.then_some(self.config.exploration);
        let exploration = exploration.and_then(turns_of);
        let reserved = self.reserved(host, &facts, query);
        let pins = match ruled.pins.is_empty() {
            true => Vec::new(),
            false => self.pins(host, &ruled, &filter, query, &ranked),
        };
        let own: Vec<DocOrd> = pins.iter().map(|pin| self.facts(pin.ord).cluster).collect();
        if !own.is_empty() {
            ranked.retain(|candidate| !own.contains(&candidate.cluster));
        }
        let fill = fill.filter(|(_, cluster)| !own.contains(cluster));
        let limit = query.limit - pins.len();
        let mut places = compose(
            facts.cluster,
            &ranked,
            &query.weights,
            fill,
            limit,
            &reserved,
            exploration.as_ref(),
        );
        give_back(&RANKED, ranked);
        if !pins.is_empty() {
            put_pins(&mut places, &pins);
        }
        (places, false)
    }

    /// The places that the panel of `host` keeps for articles which few others show.
    fn reserved(&self, host: DocOrd, facts: &Facts, query: &PanelQuery) -> Reserved {
        let wanted = facts.reserves && query.reserving && self.config.exposure > 0;
        let clusters = match wanted && host.index() < self.generation.serving.len() {
            true => {
                let clusters = self.generation.serving.reserved(host);
                clusters
                    .map(|cluster| self.overlay.cluster(cluster))
                    .collect()
            }
            false => Vec::new(),
        };
        Reserved::of(clusters, query.limit)
    }

    /// The newest articles at `now`, those in the host's language first.
    fn newest_for(&self, host: DocOrd, now: i64) -> impl Iterator<Item = (DocOrd, Facts)> + '_ {
        let serving = &self.generation.serving;
        let own = self.facts(host).lang;
        let in_language = move |wanted: bool| {
            let latest = self.overlay.latest(serving.dated(now), now);
            let latest = latest.map(|ord| (ord, self.facts(ord)));
            latest.filter(move |(_, facts)| (facts.lang == own) == wanted)
        };
        in_language(true).chain(in_language(false))
    }
}
