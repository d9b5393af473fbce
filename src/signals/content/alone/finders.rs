//! Those whose searches find a newcomer though its own search misses them: on a large site an article is told of these.

use super::{Established, Lone, Newcomers};
use crate::index::AloneFile;
use crate::model::DocOrd;
use crate::signals::content::neighbours::Reach;

/// Terms by which a newcomer is sought, the heaviest: of a long text the others give next to nothing, and take most of the time.
const SOUGHT_BY: usize = 128;
/// The part of a cosine that those terms give at least, of what is near.
const FOUND_BY: f32 = 0.4;

impl Newcomers {
    /// The articles that would compare the newcomer at `ord` with themselves: of what each of them looks for it has more than the
    /// last that each of them compares. In no order.
    pub(super) fn finders(
        &mut self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> Vec<DocOrd> {
        let mut sought = std::mem::take(&mut self.sought);
        let heaviest = heaviest(lone);
        for &(term, weight) in &heaviest {
            if (term as usize) < known.alone.terms() {
                sought.walk(known.alone, (term, weight));
            }
        }
        // What those that came anew look for is no longer what the generation says.
        let stands = |other: DocOrd| !self.is_new[other.index()] && may_meet(other);
        let least = FOUND_BY * lone.reach.cosine;
        let mut found = self.coming(known, (&mut sought, least), stands);
        for (term, weight) in &heaviest {
            if let Some(list) = self.by_seeker.get(term) {
                sought.add(list.iter().copied(), *weight);
            }
        }
        let others = |other: DocOrd| other != ord && may_meet(other);
        found.extend(self.coming(known, (&mut sought, least), others));
        self.sought = sought;
        found
    }

    /// Those for which holds `may_come` and for which there is `least` and more than the last gathered that they compare.
    fn coming(
        &self,
        known: &Established<'_>,
        (sought, least): (&mut Sought, f32),
        may_come: impl Fn(DocOrd) -> bool,
    ) -> Vec<DocOrd> {
        let reaches = self.reaches(known);
        let found = sought.take().filter(|&(other, gathered)| {
            gathered > least && gathered > reaches(other).gathered && may_come(other)
        });
        found.map(|(other, _)| other).collect()
    }

    /// How far the search of each article went.
    pub(super) fn reaches<'a>(
        &'a self,
        known: &Established<'a>,
    ) -> impl Fn(DocOrd) -> Reach + use<'a> {
        let (reaches, articles) = (known.alone.reaches(), known.articles);
        move |ord| match self.get(ord) {
            Some(newcomer) => newcomer.reach,
            None if ord.index() < articles => {
                let [gathered, cosine] = reaches(ord);
                Reach { gathered, cosine }
            }
            None => Reach::default(),
        }
    }
}

/// The heaviest terms of the text of `lone`, in any order.
fn heaviest(lone: &Lone) -> Vec<(u32, f32)> {
    let mut text = lone.text.clone();
    if text.len() > SOUGHT_BY {
        text.select_nth_unstable_by(SOUGHT_BY, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        text.truncate(SOUGHT_BY);
    }
    text
}

/// What of all that articles look for one has. The last bit of a sum tells whether a term that brings others in was among it.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// All zero between two articles.
    sums: Vec<u32>,
    /// The articles for which there is something are the first of these, so many; there is one place more.
    touched: Vec<DocOrd>,
    touched_len: usize,
}

impl Sought {
    /// Has room for `articles`.
    pub(super) fn grow(&mut self, articles: usize) {
        if self.sums.len() < articles {
            self.sums.resize(articles, 0);
            self.touched.resize(articles + 1, DocOrd(0));
        }
    }

    /// Adds what a term of the generation gives that has this weight in one more article. Where that would not be among those in
    /// which the term weighs most, nobody comes to it by the term.
    fn walk(&mut self, alone: &AloneFile, (term, weight): (u32, f32)) {
        if weight > alone.least(term) {
            self.add(alone.seekers(term), weight);
        }
    }

    /// Adds what a term of this weight gives to those of the list who look for others by it.
    fn add(&mut self, list: impl Iterator<Item = (DocOrd, f32, bool)>, weight: f32) {
        let mut touched = self.touched_len;
        for (ord, other, opens) in list {
            let sum = &mut self.sums[ord.index()];
            self.touched[touched] = ord;
            touched += usize::from(*sum == 0);
            let more = f32::from_bits(*sum & !1) + (weight * other).max(f32::MIN_POSITIVE);
            *sum = more.to_bits() & !1 | *sum & 1 | u32::from(opens);
        }
        self.touched_len = touched;
    }

    /// Who would come to it by a term that brings others in, and what they would gather; nothing is left.
    fn take(&mut self) -> impl Iterator<Item = (DocOrd, f32)> {
        let touched = &self.touched[..std::mem::take(&mut self.touched_len)];
        let sums = &mut self.sums;
        touched.iter().filter_map(|&ord| {
            let sum = std::mem::take(&mut sums[ord.index()]);
            (sum & 1 == 1).then_some((ord, f32::from_bits(sum & !1)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::AloneFileDraft;
    use crate::signals::content::alone_file::lists;
    use crate::signals::content::neighbours::{Search, nearest};
    use crate::signals::content::rows::{Rows, Slot};
    use crate::signals::content::seekers::seekers;

    const SLOTS: usize = 60;
    const SEARCH: Search = Search {
        champions: 40,
        query_terms: 5,
        opening_terms: 3,
        rescored: 12,
        both_ways: false,
    };

    /// Rows of eight weighted slots, from a fixed walk (Knuth, volume 2, section 3.3.4).
    fn scattered() -> Vec<Vec<(Slot, f32)>> {
        let mut state = 11u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % most
        };
        let row = |_| {
            let first = next(SLOTS as u64 - 8) as u32;
            let slots = (first..first + 8).map(Slot);
            slots.map(|slot| (slot, 1.0 + next(1000) as f32)).collect()
        };
        (0..300).map(row).collect()
    }

    /// Those that `alone` tells to come to an article with this row, and to compare it.
    fn told(alone: &AloneFile, row: (&[Slot], &[f32]), articles: usize) -> Vec<DocOrd> {
        let mut sought = Sought::default();
        sought.grow(articles);
        for (slot, &weight) in row.0.iter().zip(row.1) {
            sought.walk(alone, (slot.0, weight));
        }
        let reaches = alone.reaches();
        let found = sought.take().filter(|&(ord, sum)| sum > reaches(ord)[0]);
        let mut found: Vec<DocOrd> = found.map(|(ord, _)| ord).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn one_more_article_is_found_by_those_whose_searches_find_it_when_all_search_again() {
        let mut all = scattered();
        let folder = tempfile::tempdir().expect("a folder");
        let (mut right, mut wrong) = (0, 0);
        for turn in 0..20 {
            // Another one is the last each time.
            all.rotate_left(7);
            let (newcomer, others) = (all.len() - 1, &all[..all.len() - 1]);
            let rows = Rows::of_lists(others, SLOTS);
            let meet = |_, _| true;
            let reaches = nearest(&rows, &SEARCH, SEARCH.rescored, meet, |_| {}).reaches;
            let draft = AloneFileDraft {
                least: lists(&rows, SEARCH.champions, (0..SLOTS as u32).map(Slot)).1,
                seekers: seekers(&rows, &SEARCH),
                reaches: reaches
                    .iter()
                    .map(|reach| [reach.gathered, reach.cosine])
                    .collect(),
                ..AloneFileDraft::default()
            };
            let path = folder.path().join(turn.to_string());
            draft.write(&path).expect("written");
            let alone = AloneFile::open(&path).expect("whole");
            let rows = Rows::of_lists(&all, SLOTS);
            let again = nearest(&rows, &SEARCH, SEARCH.rescored, meet, |_| {}).lists;
            let newcomer = DocOrd(newcomer as u32);
            let told = told(&alone, rows.row(newcomer), all.len());
            for ord in (0..newcomer.0).map(DocOrd) {
                let finds = again[ord.index()].iter().any(|near| near.ord == newcomer);
                let is_told = told.binary_search(&ord).is_ok();
                right += usize::from(finds && is_told);
                wrong += usize::from(finds != is_told);
            }
        }
        // Weights are rounded, which may turn what is nearly a tie.
        assert!(right > 100 && wrong * 100 <= right, "{right} and {wrong}");
    }
}
