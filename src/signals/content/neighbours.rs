//! The nearest articles of each article: candidates by champion lists, then exact cosines.
//!
//! A term's champion list is its articles of highest weight (Manning, Raghavan and Schütze 2008, section 7.1.3). An
//! article's heaviest terms walk their lists; the articles that gather most are rescored with their whole rows. Pruning
//! without the exact second step loses 8 to 37% of the true neighbours.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::champions::Champions;
use super::product::Scattered;
use super::rows::{Rows, Slot};
use crate::model::DocOrd;

/// How far the search for neighbours goes: more of each finds more of the true neighbours, and takes longer.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Articles on one term's list.
    pub champions: usize,
    /// Terms of an article that walk their lists, heaviest first.
    pub query_terms: usize,
    /// How many of these, heaviest first, bring new articles in; the rest only add to what was brought.
    pub opening_terms: usize,
    /// Articles that are rescored exactly.
    pub rescored: usize,
}

/// A site of more articles is large.
const LARGE_SITE: usize = 20_000;

impl Search {
    /// The search for a site of `articles` articles: on a large one as far as is worth its time, on others further.
    pub fn of_site(articles: usize) -> Self {
        if articles > LARGE_SITE {
            Self {
                champions: 1000,
                query_terms: 32,
                opening_terms: 14,
                rescored: 140,
            }
        } else {
            Self {
                champions: 1000,
                query_terms: 32,
                opening_terms: 32,
                rescored: 200,
            }
        }
    }
}

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
/// Only articles for which `may_meet(host, candidate)` holds are considered. `done` is told how many articles were
/// finished since it was called last.
pub fn neighbours(
    rows: &Rows,
    search: &Search,
    keep: usize,
    may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    done: impl Fn(u64) + Sync,
) -> Vec<Vec<Neighbour>> {
    let champions = Champions::of(rows, search.champions);
    let mut found = vec![Vec::new(); rows.len()];
    found.par_chunks_mut(CHUNK).enumerate().for_each_init(
        || Workspace::new(rows),
        |workspace, (chunk, found)| {
            for (place, near) in found.iter_mut().enumerate() {
                let host = DocOrd((chunk * CHUNK + place) as u32);
                workspace.gather(rows, &champions, search, host);
                workspace.choose(search.rescored.max(keep), host, |other| {
                    may_meet(host, other)
                });
                *near = workspace.rescore(rows, host, keep);
            }
            done(found.len() as u64);
        },
    );
    found
}

/// Articles that one thread takes at a time: neighbours in the order of ids meet the same candidates.
const CHUNK: usize = 64;

/// What one thread uses for all of its articles.
struct Workspace {
    /// All zero between two articles.
    gathered: Vec<f32>,
    touched: Vec<DocOrd>,
    host: Scattered,
    heaviest: Vec<(Reverse<u32>, Slot)>,
    /// What gathered most, as numbers that fall with what was gathered and rise with the ordinal.
    best: Vec<u64>,
}

impl Workspace {
    fn new(rows: &Rows) -> Self {
        Self {
            gathered: vec![0.0; rows.len()],
            touched: Vec::new(),
            host: Scattered::new(rows),
            heaviest: Vec::new(),
            best: Vec::new(),
        }
    }

    /// Walks the lists of the host's heaviest terms. An article that only lighter terms would bring in is far away, so
    /// those only add: it halves the articles to choose among.
    fn gather(&mut self, rows: &Rows, champions: &Champions, search: &Search, host: DocOrd) {
        let (slots, weights) = rows.row(host);
        let row = slots.iter().zip(weights);
        self.heaviest.clear();
        // A weight is not negative, so its bits are ordered as it is.
        self.heaviest
            .extend(row.map(|(&slot, weight)| (Reverse(weight.to_bits()), slot)));
        if self.heaviest.len() > search.query_terms {
            self.heaviest.select_nth_unstable(search.query_terms);
            self.heaviest.truncate(search.query_terms);
        }
        // The order of additions decides the last bits of a sum, so it is fixed.
        self.heaviest.sort_unstable();
        let (opening, adding) = self
            .heaviest
            .split_at(search.opening_terms.min(self.heaviest.len()));
        for &(Reverse(weight), slot) in opening {
            let weight = f32::from_bits(weight);
            for &(ord, other) in champions.list(slot) {
                let sum = &mut self.gathered[ord.index()];
                if *sum == 0.0 {
                    self.touched.push(ord);
                }
                *sum += weight * other;
            }
        }
        for &(Reverse(weight), slot) in adding {
            let weight = f32::from_bits(weight);
            for &(ord, other) in champions.list(slot) {
                let sum = &mut self.gathered[ord.index()];
                if *sum != 0.0 {
                    *sum += weight * other;
                }
            }
        }
    }

    /// Leaves the `most` articles that gathered most in `best`, ties by ordinal, and clears what was gathered.
    fn choose(&mut self, most: usize, host: DocOrd, may_meet: impl Fn(DocOrd) -> bool) {
        self.best.clear();
        for ord in self.touched.drain(..) {
            let gathered = std::mem::take(&mut self.gathered[ord.index()]);
            if ord != host && may_meet(ord) {
                self.best
                    .push(u64::from(!gathered.to_bits()) << 32 | u64::from(ord.0));
            }
        }
        if self.best.len() > most {
            self.best.select_nth_unstable(most);
            self.best.truncate(most);
        }
    }

    /// The `keep` nearest of the candidates in `best`, by exact cosines.
    fn rescore(&mut self, rows: &Rows, host: DocOrd, keep: usize) -> Vec<Neighbour> {
        self.host.lay_out(rows, host);
        let candidates = self.best.iter().map(|&number| DocOrd(number as u32));
        let mut found: Vec<Neighbour> = candidates
            .map(|ord| {
                let (cosine, shared) = self.host.product(rows, ord);
                Neighbour {
                    ord,
                    cosine,
                    shared_terms: shared.min(255) as u8,
                }
            })
            .collect();
        found.sort_unstable_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.ord.cmp(&b.ord)));
        found.truncate(keep);
        found
    }
}
