//! What comes near a newcomer by text or title: the articles in which its heaviest terms weigh most, as a reindex gathers them.

use super::{Established, Lone, NEAR_TEXTS, Newcomers, gram_idf};
use crate::model::DocOrd;
use crate::signals::content::compare::TITLE_SEARCH;
use crate::signals::content::neighbours::{Search, least_gathered, leave_best};
use crate::signals::content::seekers::walked;

impl Newcomers {
    pub(super) fn near_texts(
        &mut self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        search: &Search,
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> (Vec<DocOrd>, f32) {
        let terms = known.alone.terms() as u32;
        for (term, weight, opens) in walked(lone.text.iter().copied(), search) {
            if term < terms {
                self.of_known
                    .add(known.alone.champions(term), weight, opens);
            }
            let list = self.by_term.of(term).iter().copied();
            self.of_new.add(list, weight, opens);
        }
        self.choose(search.rescored.max(NEAR_TEXTS), ord, may_meet)
    }

    pub(super) fn near_titles(
        &mut self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> Vec<DocOrd> {
        let grams = known.alone.grams() as u32;
        let row = lone.title.iter().map(|&(gram, count)| {
            let weight = (count as f32).sqrt() * gram_idf(known, gram);
            (gram, weight * lone.title_scale)
        });
        for (gram, weight, opens) in walked(row, &TITLE_SEARCH) {
            if gram < grams {
                self.of_known
                    .add(known.alone.gram_champions(gram), weight, opens);
            }
            let list = self.by_gram.of(gram).iter().copied();
            self.of_new.add(list, weight, opens);
        }
        self.choose(TITLE_SEARCH.rescored, ord, may_meet).0
    }

    /// The `most` articles that gathered most, ties by ordinal, and what the last of them gathered, 0 where there are fewer;
    /// clears what was gathered.
    fn choose(
        &mut self,
        most: usize,
        host: DocOrd,
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> (Vec<DocOrd>, f32) {
        // What lists of the generation say of those that came anew is no longer so.
        let is_new = &self.is_new;
        let known = self.of_known.take().filter(|(ord, _)| !is_new[ord.index()]);
        best(known.chain(self.of_new.take()), most, |ord| {
            ord != host && may_meet(ord)
        })
    }
}

/// What articles gathered in one search.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// All zero between two searches.
    sums: Vec<f32>,
    /// The articles for which something was gathered are the first of these, so many; there is one place more.
    touched: Vec<DocOrd>,
    touched_len: usize,
}

impl Gathering {
    /// Has room for `articles`.
    pub(super) fn grow(&mut self, articles: usize) {
        if self.sums.len() < articles {
            self.sums.resize(articles, 0.0);
        }
        if self.touched.len() <= self.sums.len() {
            self.touched.resize(self.sums.len() + 1, DocOrd(0));
        }
    }

    /// Adds what a term of this weight gives to the articles of its list, where it `opens` to those too that had nothing yet.
    fn add(&mut self, list: impl Iterator<Item = (DocOrd, f32)>, weight: f32, opens: bool) {
        if !opens {
            for (ord, other) in list {
                let sum = &mut self.sums[ord.index()];
                *sum += if *sum == 0.0 { 0.0 } else { weight * other };
            }
            return;
        }
        // Whether an article is new is hard to foresee, so nothing waits for it: each is noted, and the note stays if it is.
        let mut touched = self.touched_len;
        for (ord, other) in list {
            let sum = &mut self.sums[ord.index()];
            self.touched[touched] = ord;
            touched += usize::from(*sum == 0.0);
            // Never 0, or it would be touched twice.
            *sum += (weight * other).max(f32::MIN_POSITIVE);
        }
        self.touched_len = touched;
    }

    /// What was gathered, and for whom; nothing is left.
    fn take(&mut self) -> impl Iterator<Item = (DocOrd, f32)> {
        let touched = &self.touched[..std::mem::take(&mut self.touched_len)];
        let sums = &mut self.sums;
        touched
            .iter()
            .map(|&ord| (ord, std::mem::take(&mut sums[ord.index()])))
    }
}

/// The `most` of `gathered` that gathered most and may be met, the best first, ties by ordinal, and what the last of them gathered,
/// 0 where there are fewer.
fn best(
    gathered: impl Iterator<Item = (DocOrd, f32)>,
    most: usize,
    may_meet: impl Fn(DocOrd) -> bool,
) -> (Vec<DocOrd>, f32) {
    let mut best = Vec::new();
    leave_best(&mut best, gathered, most, may_meet);
    best.sort_unstable();
    let least = least_gathered(&best, most);
    let best = best.into_iter().map(|number| DocOrd(number as u32));
    (best.collect(), least)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The best of four articles that may be met among a thousand that gathered more and may not.
    #[test]
    fn those_that_may_not_be_met_take_no_place_of_those_that_may() {
        let mut gathering = Gathering::default();
        gathering.grow(1004);
        let strangers = (0..1000).map(|ord| (DocOrd(ord), 2.0));
        let others = (1000..1004).map(|ord| (DocOrd(ord), 0.001 * ord as f32));
        gathering.add(strangers.chain(others), 1.0, true);
        let (found, least) = best(gathering.take(), 3, |ord| ord.0 >= 1000);
        assert_eq!(found, [1003, 1002, 1001].map(DocOrd));
        assert_eq!(least, 0.001 * 1001.0);
        assert!(gathering.sums.iter().all(|&sum| sum == 0.0));
    }

    #[test]
    fn an_article_is_touched_once_whatever_it_gathers() {
        let mut gathering = Gathering::default();
        gathering.grow(2);
        for _ in 0..2 {
            gathering.add([(DocOrd(0), 0.0)].into_iter(), 1.0, true);
        }
        gathering.add([(DocOrd(1), 1.0)].into_iter(), 1.0, false);
        assert_eq!(best(gathering.take(), 5, |_| true), (vec![DocOrd(0)], 0.0));
    }
}
