//! The candidates of a host with their scores.

use super::query::PanelQuery;
use super::readers::ReadBeside;
use super::signals::{Host, Known, Opinions};
use crate::index::{CandidateRow, Facts, Serving};
use crate::model::DocOrd;
use crate::panel::Ranked;
use crate::ranking::{SCORE_FLOOR, Theme, Weights, blend};
use crate::signals::seo;

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
    let blended = blend(asked.weights, &opinions.values, &opinions.evidence);
    Ranked {
        ord: row.ord,
        cluster: facts.cluster,
        theme: Theme {
            topic: facts.topic,
            kind: facts.kind,
        },
        blended,
        looks: read.pair.looks() as f32,
        related: blended.score.get() >= SCORE_FLOOR,
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
