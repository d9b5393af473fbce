//! The candidates of every article: the union of what each signal finds, compared in full, the best kept.
//!
//! Text alone would miss what links connect, and links what only reads alike, so each signal brings its own.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::signals::{Known, Opinions};
use crate::index::CandidateRow;
use crate::model::DocOrd;
use crate::ranking::{Weights, blend};
use crate::signals::content::{Comparison, Content, Neighbour};
use crate::signals::research::{Connections, Linkage, Links};

/// Candidates kept for each article.
pub(super) const CANDIDATES: usize = 100;
/// Of these, places for those that the research signal ranks highest, so that it can stand alone.
const BY_RESEARCH: usize = 20;
/// Articles that only connections bring in, at most: those of the strongest connections.
const CONNECTED: usize = 60;

/// What candidates are chosen from.
pub(super) struct Sources<'a> {
    pub(super) content: &'a Content,
    pub(super) links: &'a Links,
    /// Near by text, and by title.
    pub(super) near: &'a [Vec<Neighbour>],
    pub(super) near_titles: &'a [Vec<Neighbour>],
    pub(super) known: &'a [Known],
}

impl Sources<'_> {
    /// The candidates of every article for which `may_meet(host, candidate)` holds, best first by the default weights,
    /// ties by ordinal.
    pub(super) fn candidates(
        &self,
        may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    ) -> Vec<Vec<CandidateRow>> {
        let hosts = (0..self.known.len() as u32).into_par_iter().map(DocOrd);
        hosts
            .map_init(
                || (Comparison::of(self.content), Connections::of(self.links)),
                |(comparison, connections), host| {
                    let met = self.met(host, connections, |other| may_meet(host, other));
                    comparison.begin(host);
                    let rows = met.into_iter().map(|(ord, met)| row(comparison, ord, &met));
                    self.best(host, rows.collect())
                },
            )
            .collect()
    }

    /// Every article that a signal brings in for `host`, with what is known of the pair so far.
    fn met(
        &self,
        host: DocOrd,
        connections: &mut Connections<'_>,
        may_meet: impl Fn(DocOrd) -> bool,
    ) -> BTreeMap<DocOrd, Met> {
        let mut met: BTreeMap<DocOrd, Met> = BTreeMap::new();
        for &near in &self.near[host.index()] {
            met.entry(near.ord).or_default().near = Some(near);
        }
        let titles = self.near_titles[host.index()].iter().map(|near| near.ord);
        for ord in titles.chain(self.content.named_around(host)) {
            if may_meet(ord) {
                met.entry(ord).or_default();
            }
        }
        let mut only_connected = Vec::new();
        connections.each(host, |ord, linkage| match met.get_mut(&ord) {
            Some(met) => met.linkage = linkage,
            None if may_meet(ord) => only_connected.push((ord, linkage)),
            None => {}
        });
        only_connected.sort_unstable_by(|a, b| {
            let strengths = b.1.strength().total_cmp(&a.1.strength());
            strengths.then(a.0.cmp(&b.0))
        });
        only_connected.truncate(CONNECTED);
        met.extend(only_connected.into_iter().map(|(ord, linkage)| {
            let near = None;
            (ord, Met { near, linkage })
        }));
        met
    }

    /// The best of `rows` by the default weights, those of the research signal among them.
    fn best(&self, host: DocOrd, rows: Vec<CandidateRow>) -> Vec<CandidateRow> {
        let weights = Weights::default();
        let host = self.known[host.index()];
        let mut scored: Vec<(f64, CandidateRow)> = rows
            .into_iter()
            .map(|row| {
                let opinions = Opinions::of(&row, host, self.known[row.ord.index()]);
                let blended = blend(&weights, &opinions.values, &opinions.evidence);
                (blended.score.get(), row)
            })
            .collect();
        scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.ord.cmp(&b.1.ord)));
        if scored.len() > CANDIDATES {
            let mut rest = scored.split_off(CANDIDATES - BY_RESEARCH);
            rest.sort_by(|a, b| b.1.research.total_cmp(&a.1.research));
            scored.extend(rest.drain(..BY_RESEARCH));
        }
        scored.into_iter().map(|(_, row)| row).collect()
    }
}

/// What is known of a pair before it is compared.
#[derive(Default)]
struct Met {
    near: Option<Neighbour>,
    linkage: Linkage,
}

fn row(comparison: &Comparison<'_>, ord: DocOrd, met: &Met) -> CandidateRow {
    let (likeness, shared_terms) = match met.near {
        Some(near) => (comparison.with_near(near), near.shared_terms),
        None => comparison.with(ord),
    };
    CandidateRow {
        ord,
        content: likeness.value(),
        research: met.linkage.strength() as f32,
        shared_terms,
        linked: met.linkage.linked,
        linking: met.linkage.linking,
    }
}
