//! What every signal says of all candidates of a host, apart from any weights: what weights are learned from.

use super::rank::today;
use super::readers::ReadBeside;
use super::signals::{Host, Known, Opinions};
use super::snapshot::Snapshot;
use crate::index::CandidateRow;
use crate::model::{DocOrd, PerSignal};
use crate::signals::behavior::Moment;
use crate::signals::seo;

/// What the signals say of a candidate.
#[derive(Clone, Copy, Debug)]
pub struct Opinion {
    /// The candidate.
    pub ord: DocOrd,
    /// The calibrated value of each signal, 0 to 1.
    pub values: PerSignal<f64>,
    /// How much each signal knows, 0 to 1.
    pub evidence: PerSignal<f64>,
}

impl Snapshot {
    /// What the signals say of every candidate of `host` that may be a card, at `now` (unix seconds), by ordinal. Blended they
    /// are the scores of [`Snapshot::ranking`], apart from what editors add.
    pub fn opinions(&self, host: DocOrd, now: i64) -> Vec<Opinion> {
        let serving = &self.generation.serving;
        let facts = serving.facts(host);
        let readers = self.readers();
        let today = today(now);
        let now = Moment::new(now.saturating_mul(1000));
        let (reads, beside) = readers.beside(host, &now);
        let known = Host::from(Known::of(&facts, reads));
        let of = |row: &CandidateRow, read: &ReadBeside| {
            let other = serving.facts(row.ord);
            let total = match reads {
                0.0 => 0.0,
                _ => readers.total(row.ord, &now),
            };
            let need = seo::need(other.standing, row.linked, today);
            let opinions =
                Opinions::of(row, read, &known, Known::of(&other, total)).with_need(need);
            Opinion {
                ord: row.ord,
                values: opinions.values,
                evidence: opinions.evidence,
            }
        };
        let wanted = |row: &CandidateRow| self.config.linked_cards || !row.linked;
        let mut rows: Vec<CandidateRow> = serving.candidates(host).collect();
        rows.sort_unstable_by_key(|row| row.ord);
        let mut found: Vec<Opinion> = Vec::new();
        for row in rows.iter().filter(|row| wanted(row)) {
            let place = beside.binary_search_by_key(&row.ord, |&(ord, _)| ord);
            let read = place.map_or(ReadBeside::default(), |place| beside[place].1);
            if serving.facts(row.ord).card {
                found.push(of(row, &read));
            }
        }
        for (ord, read) in &beside {
            let other = serving.facts(*ord);
            let brought = self.config.linked_cards
                && read.pair.is_read()
                && rows.binary_search_by_key(ord, |row| row.ord).is_err();
            if brought && other.card && other.lang == facts.lang {
                found.push(of(&CandidateRow::unknown(*ord), read));
            }
        }
        found.sort_unstable_by_key(|opinion| opinion.ord);
        found
    }
}
