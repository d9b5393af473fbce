//! What a panel lets through: what the request asks for, what editors and structure rule, what the clock says.

use super::query::PanelQuery;
use super::snapshot::Snapshot;
use crate::index::{CandidateRow, Facts, HostRule, HostSays};
use crate::model::{DocOrd, order};

/// What a request lets through, as the serving file's numbers.
pub(super) struct Filter<'a> {
    snapshot: &'a Snapshot,
    query: &'a PanelQuery,
    /// Ascending.
    barred: Vec<DocOrd>,
    kinds: Option<Vec<u32>>,
    topics: Option<Vec<u32>>,
    lang: Option<Option<u32>>,
    /// The article whose panel it is.
    host: DocOrd,
}

/// What editors and structure say of the panel of one host while it is made.
#[derive(Default)]
pub(super) struct Ruled {
    /// There is none.
    pub(super) off: bool,
    /// Cards that are not let through.
    blocked: Vec<DocOrd>,
    /// Those that only a pin lets through.
    apart: Vec<DocOrd>,
    /// Slots, from 1, and what is known of the pair; by slot.
    pub(super) pins: Vec<(u16, CandidateRow)>,
}

impl Ruled {
    /// Every card that is ever pinned in the panel of `host`.
    pub(super) fn pinned(host: DocOrd, facts: &Facts, snapshot: &Snapshot) -> Vec<DocOrd> {
        let mut pinned = Vec::new();
        snapshot.each_rule(host, facts, |rule| {
            if let HostSays::Pin(_, row) = rule.says {
                pinned.push(row.ord);
            }
        });
        pinned
    }

    /// The rules of `host` that hold for `query`; nothing is looked up for a host without any.
    pub(super) fn of(host: DocOrd, facts: &Facts, snapshot: &Snapshot, query: &PanelQuery) -> Self {
        let mut ruled = Self::default();
        let (began, now) = (query.began, query.now);
        snapshot.each_rule(host, facts, |rule| {
            let touched = rule.period.touches(began, now);
            match rule.says {
                HostSays::Off => ruled.off |= touched,
                HostSays::Block(card) if touched => ruled.blocked.push(card),
                HostSays::Apart(card) if touched => ruled.apart.push(card),
                HostSays::Pin(slot, row) if rule.period.holds(began, now) => {
                    ruled.pins.push((slot, row));
                }
                _ => {}
            }
        });
        // Stable, so that of two pins in one slot the earlier comes first.
        order::sort_by_key(&mut ruled.pins, |&(slot, _)| slot);
        ruled
    }
}

impl Snapshot {
    /// The rules of `host`, in the order in which they count; nothing is looked up in the generation for a host without any.
    #[inline]
    fn each_rule(&self, host: DocOrd, facts: &Facts, take: impl FnMut(HostRule)) {
        match self.overlay().host_rules(host) {
            Some(rules) => rules.iter().copied().for_each(take),
            None if facts.ruled => self.serving().host_rules(host).for_each(take),
            None => {}
        }
    }

    /// Whether `card` is hidden at some moment from `began` until `now`.
    pub(super) fn is_hidden(&self, card: DocOrd, began: i64, now: i64) -> bool {
        match self.overlay().hiding(card) {
            Some(periods) => periods.iter().any(|period| period.touches(began, now)),
            None => self.serving().is_hidden(card, began, now),
        }
    }
}

impl<'a> Filter<'a> {
    /// What `query` lets through in the panel of `host`.
    pub(super) fn of(
        query: &'a PanelQuery,
        snapshot: &'a Snapshot,
        host: (DocOrd, &Facts),
        ruled: &Ruled,
    ) -> Self {
        let (serving, overlay) = (snapshot.serving(), snapshot.overlay());
        let kinds = query.kinds.iter().filter_map(|kind| {
            let known = serving.kind_number(kind);
            known.or_else(|| overlay.named(kind.as_str()))
        });
        let kinds = kinds.collect();
        let topics = query.topics.iter();
        let topics = topics.flat_map(|topic| {
            let known = serving.topic_numbers(topic).into_iter();
            known.chain(overlay.called(topic))
        });
        let topics = topics.collect();
        let mut barred = Vec::new();
        for some in [&query.exclude, &ruled.blocked, &ruled.apart] {
            barred.extend_from_slice(some);
        }
        barred.sort_unstable();
        Self {
            snapshot,
            query,
            barred,
            kinds: (!query.kinds.is_empty()).then_some(kinds),
            topics: (!query.topics.is_empty()).then_some(topics),
            lang: query.lang.as_ref().map(|lang| {
                let known = serving.lang_number(lang);
                known.or_else(|| overlay.named(lang.as_str()))
            }),
            host: host.0,
        }
    }

    /// Whether `ord` may be on a card of the panel.
    #[inline]
    pub(super) fn passes(&self, ord: DocOrd, facts: &Facts) -> bool {
        self.is_eligible(ord, facts)
            && (!facts.older || self.is_of_own_version(ord))
            && (self.barred.is_empty() || self.barred.binary_search(&ord).is_err())
    }

    /// Whether `ord` is of the version that readers of the host read. It is asked of older pages alone, as the answer lies far away.
    fn is_of_own_version(&self, ord: DocOrd) -> bool {
        let own = self.snapshot.version(self.host);
        own != 0 && self.snapshot.version(ord) == own
    }

    /// Whether an editor may pin `ord`: structure does not bar it.
    pub(super) fn passes_pinned(&self, ord: DocOrd, facts: &Facts, ruled: &Ruled) -> bool {
        self.is_eligible(ord, facts)
            && !ruled.blocked.contains(&ord)
            && !self.query.exclude.contains(&ord)
    }

    #[inline]
    fn is_eligible(&self, ord: DocOrd, facts: &Facts) -> bool {
        let kinds = self.kinds.as_ref();
        let topics = self.topics.as_ref();
        let of_topic = |topics: &Vec<u32>| facts.topic.is_some_and(|topic| topics.contains(&topic));
        let (began, now) = (self.query.began, self.query.now);
        facts.card
            && kinds.is_none_or(|kinds| kinds.contains(&facts.kind))
            && self.lang.is_none_or(|lang| lang == Some(facts.lang))
            && topics.is_none_or(of_topic)
            && (!facts.hidden || !self.snapshot.is_hidden(ord, began, now))
            && self
                .query
                .since
                .is_none_or(|since| self.snapshot.published(ord) >= since)
    }
}
