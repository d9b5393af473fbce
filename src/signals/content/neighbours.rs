//! The nearest articles of each article: candidates by champion lists, then exact cosines.
//!
//! A term's champion list is its articles of highest weight (Manning, Raghavan and Schütze 2008, section 7.1.3). An
//! article's heaviest terms walk their lists; the articles that gather most are rescored with their whole rows. Pruning
//! without the exact second step loses 8 to 37% of the true neighbours.

use rayon::prelude::*;

use super::rows::{Rows, Slot};
use crate::model::DocOrd;

/// Articles on one term's list.
const CHAMPIONS: usize = 1000;
/// Terms of an article that walk their lists, heaviest first.
const QUERY_TERMS: usize = 32;
/// Articles that are rescored exactly.
const RESCORED: usize = 200;

/// A near article.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// The article.
    pub ord: DocOrd,
    /// Cosine of the two rows, 0 to 1.
    pub cosine: f32,
    /// Informative terms that both hold; stops at 255.
    pub shared_terms: u8,
}

/// The `keep` nearest articles of every article, nearest first, ties by ordinal.
///
/// Only articles for which `may_meet(host, candidate)` holds are considered.
pub fn neighbours(
    rows: &Rows,
    keep: usize,
    may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    done: impl Fn() + Sync,
) -> Vec<Vec<Neighbour>> {
    let champions = Champions::of(rows);
    (0..rows.len() as u32)
        .into_par_iter()
        .map_init(
            || Workspace::new(rows),
            |workspace, host| {
                let host = DocOrd(host);
                let found =
                    workspace.nearest(rows, &champions, host, keep, |other| may_meet(host, other));
                done();
                found
            },
        )
        .collect()
}

/// For each term, its articles of highest weight.
struct Champions {
    starts: Vec<usize>,
    entries: Vec<(DocOrd, f32)>,
}

impl Champions {
    fn of(rows: &Rows) -> Self {
        let mut lists: Vec<Vec<(DocOrd, f32)>> = vec![Vec::new(); rows.slots()];
        for ord in (0..rows.len() as u32).map(DocOrd) {
            for (slot, weight) in rows.row(ord) {
                if weight > 0.0 {
                    lists[slot.index()].push((ord, weight));
                }
            }
        }
        lists.par_iter_mut().for_each(|list| {
            if list.len() > CHAMPIONS {
                list.select_nth_unstable_by(CHAMPIONS, heavier);
                list.truncate(CHAMPIONS);
                list.sort_unstable_by_key(|&(ord, _)| ord);
            }
        });
        let mut champions = Self {
            starts: vec![0],
            entries: Vec::new(),
        };
        for list in lists {
            champions.entries.extend(list);
            champions.starts.push(champions.entries.len());
        }
        champions
    }

    fn list(&self, slot: Slot) -> &[(DocOrd, f32)] {
        &self.entries[self.starts[slot.index()]..self.starts[slot.index() + 1]]
    }
}

/// Heavier first, ties by ordinal.
fn heavier<K: Ord>(a: &(K, f32), b: &(K, f32)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0))
}

/// Arrays that one thread uses for all of its articles; all zero between two of them.
struct Workspace {
    gathered: Vec<f32>,
    touched: Vec<DocOrd>,
    weight_of: Vec<f32>,
    heaviest: Vec<(Slot, f32)>,
    best: Vec<(DocOrd, f32)>,
}

impl Workspace {
    fn new(rows: &Rows) -> Self {
        Self {
            gathered: vec![0.0; rows.len()],
            touched: Vec::new(),
            weight_of: vec![0.0; rows.slots()],
            heaviest: Vec::new(),
            best: Vec::new(),
        }
    }

    fn nearest(
        &mut self,
        rows: &Rows,
        champions: &Champions,
        host: DocOrd,
        keep: usize,
        may_meet: impl Fn(DocOrd) -> bool,
    ) -> Vec<Neighbour> {
        self.gather(rows, champions, host);
        self.best.clear();
        for ord in self.touched.drain(..) {
            let gathered = std::mem::take(&mut self.gathered[ord.index()]);
            if ord != host && may_meet(ord) {
                self.best.push((ord, gathered));
            }
        }
        if self.best.len() > RESCORED {
            self.best.select_nth_unstable_by(RESCORED, heavier);
            self.best.truncate(RESCORED);
        }
        self.rescore(rows, host, keep)
    }

    /// Walks the lists of the host's heaviest terms.
    fn gather(&mut self, rows: &Rows, champions: &Champions, host: DocOrd) {
        self.heaviest.clear();
        self.heaviest.extend(rows.row(host));
        if self.heaviest.len() > QUERY_TERMS {
            self.heaviest.select_nth_unstable_by(QUERY_TERMS, heavier);
            self.heaviest.truncate(QUERY_TERMS);
        }
        // The order of additions decides the last bits of a sum, so it is fixed.
        self.heaviest.sort_unstable_by_key(|&(slot, _)| slot);
        for &(slot, weight) in &self.heaviest {
            for &(ord, other) in champions.list(slot) {
                let sum = &mut self.gathered[ord.index()];
                if *sum == 0.0 {
                    self.touched.push(ord);
                }
                *sum += weight * other;
            }
        }
    }

    /// Exact cosines of the candidates in `best`.
    fn rescore(&mut self, rows: &Rows, host: DocOrd, keep: usize) -> Vec<Neighbour> {
        for (slot, weight) in rows.row(host) {
            self.weight_of[slot.index()] = weight;
        }
        let mut found: Vec<Neighbour> = self
            .best
            .iter()
            .map(|&(ord, _)| {
                let (mut cosine, mut shared) = (0.0f32, 0u8);
                for (slot, other) in rows.row(ord) {
                    let weight = self.weight_of[slot.index()];
                    cosine += weight * other;
                    shared =
                        shared.saturating_add(u8::from(weight > 0.0 && rows.is_informative(slot)));
                }
                Neighbour {
                    ord,
                    cosine: cosine.min(1.0),
                    shared_terms: shared,
                }
            })
            .collect();
        for (slot, _) in rows.row(host) {
            self.weight_of[slot.index()] = 0.0;
        }
        found.sort_unstable_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.ord.cmp(&b.ord)));
        found.truncate(keep);
        found
    }
}
