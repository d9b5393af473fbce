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
    /// Whether an article is also told of those that found it: worth it where the search stops early.
    pub both_ways: bool,
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
                both_ways: true,
            }
        } else {
            Self {
                champions: 1000,
                query_terms: 32,
                opening_terms: 32,
                rescored: 200,
                both_ways: false,
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

/// How near another article must come to one to be found by its own search; 0 where it found fewer than it looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// What the last gathered that was compared exactly.
    pub gathered: f32,
    /// The cosine of the last that was kept.
    pub cosine: f32,
}

/// The nearest articles of every article, and how far each looked.
#[derive(Clone, Debug, Default)]
pub struct Nearest {
    /// Nearest first, ties by ordinal.
    pub lists: Vec<Vec<Neighbour>>,
    /// As it was before articles were told of those that found them.
    pub reaches: Vec<Reach>,
}

/// The `keep` nearest articles of every article, nearest first, ties by ordinal; as [`nearest`] finds them.
pub fn neighbours(
    rows: &Rows,
    search: &Search,
    keep: usize,
    may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    done: impl Fn(u64) + Sync,
) -> Vec<Vec<Neighbour>> {
    nearest(rows, search, keep, may_meet, done).lists
}

/// The `keep` nearest articles of every article.
///
/// Only articles for which `may_meet(host, candidate)` holds are considered. `done` is told how many articles were
/// finished since it was called last.
pub fn nearest(
    rows: &Rows,
    search: &Search,
    keep: usize,
    may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    done: impl Fn(u64) + Sync,
) -> Nearest {
    let champions = Champions::of(rows, search.champions);
    let mut lists = vec![Vec::new(); rows.len()];
    let mut reaches = vec![Reach::default(); rows.len()];
    let chunks = lists.par_chunks_mut(CHUNK);
    let chunks = chunks.zip(reaches.par_chunks_mut(CHUNK)).enumerate();
    chunks.for_each_init(
        || Workspace::new(rows),
        |workspace, (chunk, (lists, reaches))| {
            for (place, (near, reach)) in lists.iter_mut().zip(reaches).enumerate() {
                let host = DocOrd((chunk * CHUNK + place) as u32);
                workspace.gather(rows, &champions, search, host);
                let most = search.rescored.max(keep);
                workspace.choose(most, host, |other| may_meet(host, other));
                reach.gathered = least_gathered(&workspace.best, most);
                *near = workspace.rescore(rows, host, keep);
                reach.cosine = last_cosine(near, keep);
            }
            done(lists.len() as u64);
        },
    );
    drop(champions);
    if search.both_ways {
        tell_missed(rows, &mut lists, &reaches, keep, may_meet);
    }
    Nearest { lists, reaches }
}

/// The cosine of the last of `near`, which are the nearest first, where there are `keep` of them.
pub(super) fn last_cosine(near: &[Neighbour], keep: usize) -> f32 {
    let last = near.get(keep.wrapping_sub(1));
    last.map_or(0.0, |near| near.cosine)
}

/// Brings in what an article missed, measured from its own side.
fn tell_missed(
    rows: &Rows,
    found: &mut [Vec<Neighbour>],
    reaches: &[Reach],
    keep: usize,
    may_meet: impl Fn(DocOrd, DocOrd) -> bool,
) {
    let missed = missed(found, reaches, may_meet);
    let chunks = found.par_iter_mut().zip(&missed).enumerate();
    let chunks = chunks.filter(|(_, (_, missed))| !missed.is_empty());
    chunks.for_each_init(
        || Scattered::new(rows),
        |laid_out, (host, (near, missed))| {
            laid_out.lay_out(rows, DocOrd(host as u32));
            near.extend(missed.iter().map(|&ord| measured(laid_out, rows, ord)));
            order(near, keep);
        },
    );
}

/// For each article those that found it and are as near as the last that it found itself: the way back is as short as the
/// way there.
fn missed(
    found: &[Vec<Neighbour>],
    reaches: &[Reach],
    may_meet: impl Fn(DocOrd, DocOrd) -> bool,
) -> Vec<Vec<DocOrd>> {
    let mut missed = vec![Vec::new(); found.len()];
    for (host, near) in (0..).map(DocOrd).zip(found) {
        for near in near
            .iter()
            .filter(|near| near.cosine >= reaches[near.ord.index()].cosine)
        {
            let known = &found[near.ord.index()];
            if known.iter().all(|known| known.ord != host) && may_meet(near.ord, host) {
                missed[near.ord.index()].push(host);
            }
        }
    }
    missed
}

/// The neighbour `ord` of the article that is laid out.
fn measured(laid_out: &Scattered, rows: &Rows, ord: DocOrd) -> Neighbour {
    let (cosine, shared) = laid_out.product(rows, ord);
    Neighbour {
        ord,
        cosine,
        shared_terms: shared.min(255) as u8,
    }
}

/// Leaves the `keep` nearest of `near`, nearest first, ties by ordinal.
pub(super) fn order(near: &mut Vec<Neighbour>, keep: usize) {
    near.sort_unstable_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.ord.cmp(&b.ord)));
    near.truncate(keep);
}

/// How many times as many articles as are chosen are gone through at once.
const LOOKED_THROUGH: usize = 4;

/// Articles that one thread takes at a time: neighbours in the order of ids meet the same candidates.
const CHUNK: usize = 64;

/// What one thread uses for all of its articles.
struct Workspace {
    /// All zero between two articles.
    gathered: Vec<f32>,
    /// The articles for which something was gathered are the first of these, so many.
    touched: Vec<DocOrd>,
    touched_len: usize,
    host: Scattered,
    heaviest: Vec<(Reverse<u32>, Slot)>,
    /// What gathered most, as numbers that fall with what was gathered and rise with the ordinal.
    best: Vec<u64>,
    chosen: Vec<DocOrd>,
}

impl Workspace {
    fn new(rows: &Rows) -> Self {
        Self {
            gathered: vec![0.0; rows.len()],
            // One place more, for a note that does not stay.
            touched: vec![DocOrd(0); rows.len() + 1],
            touched_len: 0,
            host: Scattered::new(rows),
            heaviest: Vec::new(),
            best: Vec::new(),
            chosen: Vec::new(),
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
        leave_heaviest(&mut self.heaviest, search.query_terms);
        let (opening, adding) = self
            .heaviest
            .split_at(search.opening_terms.min(self.heaviest.len()));
        // What is met first is hard to foresee, so nothing here waits for it: every article is noted, and the note stays if
        // the article is new.
        let mut touched = 0;
        for &(Reverse(weight), slot) in opening {
            let weight = f32::from_bits(weight);
            for &(ord, other) in champions.list(slot) {
                let sum = &mut self.gathered[ord.index()];
                self.touched[touched] = ord;
                touched += usize::from(*sum == 0.0);
                *sum += (weight * other).max(f32::MIN_POSITIVE);
            }
        }
        self.touched_len = touched;
        for &(Reverse(weight), slot) in adding {
            let weight = f32::from_bits(weight);
            for &(ord, other) in champions.list(slot) {
                let sum = &mut self.gathered[ord.index()];
                *sum += if *sum == 0.0 { 0.0 } else { weight * other };
            }
        }
    }

    /// Leaves the `most` articles that gathered most in `best`, ties by ordinal, and clears what was gathered.
    fn choose(&mut self, most: usize, host: DocOrd, may_meet: impl Fn(DocOrd) -> bool) {
        let touched = self.touched[..self.touched_len].iter();
        let gathered = touched.map(|&ord| (ord, std::mem::take(&mut self.gathered[ord.index()])));
        leave_best(&mut self.best, gathered, most, |ord| {
            ord != host && may_meet(ord)
        });
    }

    /// The `keep` nearest of the candidates in `best`, by exact cosines.
    fn rescore(&mut self, rows: &Rows, host: DocOrd, keep: usize) -> Vec<Neighbour> {
        self.host.lay_out(rows, host);
        self.chosen.clear();
        self.chosen
            .extend(self.best.iter().map(|&number| DocOrd(number as u32)));
        rows.bring_near(&self.chosen);
        let chosen = self.chosen.iter();
        let mut found = chosen.map(|&ord| measured(&self.host, rows, ord)).collect();
        order(&mut found, keep);
        found
    }
}

/// Leaves in `best` the `most` articles of `gathered` that gathered most and may be met, ties by ordinal, as numbers that fall
/// with what was gathered and rise with the ordinal; they are in no order.
pub(super) fn leave_best(
    best: &mut Vec<u64>,
    gathered: impl Iterator<Item = (DocOrd, f32)>,
    most: usize,
    may_meet: impl Fn(DocOrd) -> bool,
) {
    best.clear();
    let mut worst = u64::MAX;
    for (ord, gathered) in gathered {
        let number = u64::from(!gathered.to_bits()) << 32 | u64::from(ord.0);
        if number >= worst || !may_meet(ord) {
            continue;
        }
        best.push(number);
        // Of many only the best so far are kept, and most of what comes later is not better than the last of these.
        if best.len() == LOOKED_THROUGH * most {
            worst = *best.select_nth_unstable(most).1;
            best.truncate(most);
        }
    }
    if best.len() > most {
        best.select_nth_unstable(most);
        best.truncate(most);
    }
}

/// What the last of `best` gathered, as [`leave_best`] left them, where there are `most` of them.
pub(super) fn least_gathered(best: &[u64], most: usize) -> f32 {
    let last = best.iter().max().filter(|_| best.len() == most);
    last.map_or(0.0, |&last| f32::from_bits(!((last >> 32) as u32)))
}

/// Leaves the `most` heaviest of a row, heaviest first: the order of additions decides the last bits of a sum, so it is fixed.
pub(super) fn leave_heaviest<S: Ord>(row: &mut Vec<(Reverse<u32>, S)>, most: usize) {
    if row.len() > most {
        row.select_nth_unstable(most);
        row.truncate(most);
    }
    row.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of six weighted slots among 60, from a fixed walk (Knuth, volume 2, section 3.3.4).
    fn scattered_rows() -> Rows {
        let mut state = 7u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % most
        };
        let lists: Vec<Vec<(Slot, f32)>> = (0..400)
            .map(|_| {
                let first = next(50) as u32;
                (0..6)
                    .map(|place| (Slot(first + place), 1.0 + next(9) as f32))
                    .collect()
            })
            .collect();
        Rows::of_lists(&lists, 60)
    }

    /// Pairs that one of both has on its list and the other has not, though the pair is nearer than its last.
    fn missed_pairs(near: &[Vec<Neighbour>]) -> usize {
        let mut missed = 0;
        for (host, list) in (0..).map(DocOrd).zip(near) {
            for found in list {
                let other = &near[found.ord.index()];
                let last = other.last().map_or(0.0, |last| last.cosine);
                let known = other.iter().any(|known| known.ord == host);
                missed += usize::from(!known && found.cosine > last + 1e-6);
            }
        }
        missed
    }

    #[test]
    fn both_ways_leaves_no_pair_that_one_side_missed() {
        let rows = scattered_rows();
        let mut search = Search {
            champions: 12,
            query_terms: 4,
            opening_terms: 2,
            rescored: 8,
            both_ways: false,
        };
        let one_way = neighbours(&rows, &search, 8, |_, _| true, |_| {});
        assert!(missed_pairs(&one_way) > 100, "{}", missed_pairs(&one_way));
        search.both_ways = true;
        let both_ways = neighbours(&rows, &search, 8, |_, _| true, |_| {});
        assert_eq!(missed_pairs(&both_ways), 0);
        assert!(both_ways.iter().all(|near| near.len() <= 8));
        let apart = |host: DocOrd, other: DocOrd| host.0 % 2 == other.0 % 2;
        let kept_apart = neighbours(&rows, &search, 8, apart, |_| {});
        for (host, near) in (0..).map(DocOrd).zip(&kept_apart) {
            assert!(
                near.iter()
                    .all(|near| apart(host, near.ord) && near.ord != host)
            );
        }
    }
}
