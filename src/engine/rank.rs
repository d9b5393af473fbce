//! The candidates of a host with their scores.

use super::query::PanelQuery;
use super::readers::ReadBeside;
use super::room::{BESIDE, RANKED, borrowed, give_back};
use super::signals::{Host, Known, Opinions};
use super::snapshot::Snapshot;
use crate::index::{CandidateRow, Facts, Serving};
use crate::model::DocOrd;
use crate::panel::Ranked;
use crate::ranking::{SCORE_FLOOR, Theme, Weights, scored};
use crate::signals::behavior::Moment;
use crate::signals::seo;

/// Candidates whose reads are asked for together.
const AT_ONCE: usize = 32;

impl Snapshot {
    /// The candidates of `host` for which `may_be_card` holds, with their scores.
    pub(super) fn ranked(
        &self,
        host: DocOrd,
        query: &PanelQuery,
        may_be_card: impl Fn(&CandidateRow, &ReadBeside, &Facts) -> bool,
    ) -> Vec<Ranked> {
        let serving = &self.generation.serving;
        let is_mapped = host.index() < serving.len();
        if is_mapped {
            serving.prefetch_candidates(host);
        }
        if !is_mapped || !self.overlay.relates_nothing() {
            let mapped = is_mapped.then(|| serving.candidates(host));
            let rows = self.overlay.candidates(host, mapped.into_iter().flatten());
            self.prefetch_facts(rows.iter().map(|row| row.ord));
            return self.ranked_of(host, rows.into_iter(), query, may_be_card);
        }
        let rows = serving.candidates(host);
        self.prefetch_facts(rows.clone().map(|row| row.ord));
        self.ranked_of(host, rows, query, may_be_card)
    }

    /// Has the facts of `articles` brought near.
    fn prefetch_facts(&self, articles: impl Iterator<Item = DocOrd>) {
        let serving = &self.generation.serving;
        let mapped = serving.len();
        for ord in articles.filter(|ord| ord.index() < mapped) {
            serving.prefetch_facts(ord);
        }
    }

    /// Whether there is such an article here. Counts are shared with snapshots that have newer ones.
    fn has(&self, ord: DocOrd) -> bool {
        ord.index() < self.generation.serving.len() || self.overlay.facts(ord).is_some()
    }

    /// The candidates of `host` among `rows` and those that readers bring in for which `may_be_card` holds, with their scores.
    #[inline(always)]
    fn ranked_of(
        &self,
        host: DocOrd,
        rows: impl ExactSizeIterator<Item = CandidateRow> + Clone,
        query: &PanelQuery,
        may_be_card: impl Fn(&CandidateRow, &ReadBeside, &Facts) -> bool,
    ) -> Vec<Ranked> {
        let facts = self.facts(host);
        let readers = self.readers();
        let now = Moment::new(query.now.saturating_mul(1000));
        let (reads, mut beside) = readers.beside(host, &now);
        self.prefetch_facts(beside.iter().map(|&(ord, _)| ord));
        let known = Host::from(Known::of(&facts, reads));
        let asked = Asked::of(host, query, self.serving());
        let mut ranked = borrowed(&RANKED);
        // Of a host that nobody reads, how often others are read says nothing.
        let total = |ord| match reads {
            0.0 => 0.0,
            _ => readers.total(ord, &now),
        };
        let (mut rows, mut from) = (rows, 0);
        while rows.len() > 0 {
            // Gathered first: waiting for many places in memory at once takes hardly longer than for one.
            let mut totals = [0.0; AT_ONCE];
            for (place, row) in totals.iter_mut().zip(rows.clone()) {
                *place = total(row.ord);
            }
            for (total, row) in totals.into_iter().zip(rows.by_ref()) {
                if row.linked && !self.config.linked_cards {
                    continue;
                }
                let place = place_from(&mut from, &beside, row.ord);
                let read = place.map_or(ReadBeside::default(), |place| {
                    std::mem::take(&mut beside[place].1)
                });
                let facts = self.facts(row.ord);
                if may_be_card(&row, &read, &facts) {
                    let candidate = Known::of(&facts, total);
                    ranked.push(rank(&known, &row, &read, candidate, &facts, &asked));
                }
            }
        }
        // Of those that are left the other signals know too little to have brought them in; whether the host links them is
        // not known.
        let brings = self.config.linked_cards;
        for together in beside.chunks(AT_ONCE).filter(|_| brings) {
            let mut totals = [0.0; AT_ONCE];
            for (place, &(ord, _)) in totals.iter_mut().zip(together) {
                *place = total(ord);
            }
            for (total, (ord, read)) in totals.into_iter().zip(together) {
                if !read.pair.is_read() || !self.has(*ord) {
                    continue;
                }
                let row = CandidateRow::unknown(*ord);
                let other = self.facts(*ord);
                if other.lang == facts.lang && may_be_card(&row, read, &other) {
                    let candidate = Known::of(&other, total);
                    ranked.push(rank(&known, &row, read, candidate, &other, &asked));
                }
            }
        }
        give_back(&BESIDE, beside);
        if self.generation.serving.has_boosts() || self.overlay.has_boosts() {
            self.boost(host, query, &mut ranked);
        }
        ranked
    }
}

/// Where `ord` stands in `beside`, which is by ordinal. It is looked for `from` where the one before it was, as candidates come by
/// ordinal but for those that were added since.
#[inline]
fn place_from(from: &mut usize, beside: &[(DocOrd, ReadBeside)], ord: DocOrd) -> Option<usize> {
    let is_before = |place: &&(DocOrd, ReadBeside)| place.0 < ord;
    let goes_back = from.checked_sub(1).and_then(|last| beside.get(last));
    if goes_back.is_some_and(|last| !is_before(&last)) {
        *from = beside.partition_point(|place| is_before(&place));
    }
    while beside.get(*from).as_ref().is_some_and(is_before) {
        *from += 1;
    }
    let found = beside.get(*from);
    found.filter(|place| place.0 == ord).map(|_| *from)
}

/// A candidate with its score, for a host of which `host` is known; whether it passes the floor of scores.
#[inline(always)]
pub(super) fn rank(
    host: &Host,
    row: &CandidateRow,
    read: &ReadBeside,
    candidate: Known,
    facts: &Facts,
    asked: &Asked<'_>,
) -> Ranked {
    let mut need = seo::need(facts.standing, row.linked, asked.today);
    if let Some(overlap) = asked.competes(row.ord) {
        need = need.beside_competitor(overlap);
    }
    let opinions = Opinions::of(row, read, host, candidate).with_need(need);
    let score = scored(asked.weights, &opinions.values, &opinions.evidence);
    Ranked {
        ord: row.ord,
        cluster: facts.cluster,
        theme: Theme {
            topic: facts.topic,
            kind: facts.kind,
        },
        score,
        values: opinions.values,
        evidence: opinions.evidence,
        looks: read.pair.looks() as f32,
        related: score.get() >= SCORE_FLOOR,
    }
}

/// What is the same for all candidates of one panel.
pub(super) struct Asked<'a> {
    weights: &'a Weights,
    today: f32,
    /// The articles that compete with the host in search engines, by ordinal.
    competitors: Vec<(DocOrd, u8)>,
}

impl<'a> Asked<'a> {
    /// In the panel of `host`.
    pub(super) fn of(host: DocOrd, query: &'a PanelQuery, serving: &Serving) -> Self {
        Self {
            weights: &query.weights,
            today: today(query.now),
            competitors: serving.competitors(host).collect(),
        }
    }

    /// How much `ord` competes with the host, 0 to 1, if it does.
    fn competes(&self, ord: DocOrd) -> Option<f64> {
        let place = self.competitors.binary_search_by_key(&ord, |&(ord, _)| ord);
        place
            .ok()
            .map(|place| f64::from(self.competitors[place].1) / 255.0)
    }
}

/// Days from 1970-01-01 to `now`, in unix seconds.
pub(super) fn today(now: i64) -> f32 {
    (now / 86_400) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_beside_a_candidate_is_found_in_whatever_order_candidates_come() {
        let beside = [3, 5, 8, 13].map(|ord| (DocOrd(ord), ReadBeside::default()));
        let mut from = 0;
        for ord in [0, 3, 4, 5, 13, 14, 2, 8, 8, 3, 20, 5] {
            let expected = beside.iter().position(|place| place.0 == DocOrd(ord));
            assert_eq!(
                place_from(&mut from, &beside, DocOrd(ord)),
                expected,
                "{ord}"
            );
        }
        assert_eq!(place_from(&mut 0, &[], DocOrd(1)), None);
    }
}
