//! What comes near a newcomer by text or title: the articles in which its heaviest terms weigh most, as a reindex gathers them.

use std::cmp::Reverse;

use super::{ASKED, Established, Lone, NEAR_TEXTS, Newcomers, gram_idf};
use crate::model::DocOrd;
use crate::signals::content::compare::TITLE_SEARCH;
use crate::signals::content::neighbours::Search;

impl Newcomers {
    pub(super) fn near_texts(
        &mut self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        search: &Search,
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> Vec<DocOrd> {
        let terms = known.alone.terms() as u32;
        let heaviest = heaviest(lone.text.iter().copied(), search);
        for (place, (term, weight)) in heaviest.into_iter().enumerate() {
            let opens = place < search.opening_terms;
            if term < terms {
                self.gather(known.alone.champions(term), weight, opens);
            }
            if let Some(list) = self.by_term.remove(&term) {
                self.gather_newcomers(&list, weight, opens);
                self.by_term.insert(term, list);
            }
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
        let heaviest = heaviest(row, &TITLE_SEARCH);
        for (place, (gram, weight)) in heaviest.into_iter().enumerate() {
            let opens = place < TITLE_SEARCH.opening_terms;
            if gram < grams {
                self.gather(known.alone.gram_champions(gram), weight, opens);
            }
            if let Some(list) = self.by_gram.remove(&gram) {
                self.gather_newcomers(&list, weight, opens);
                self.by_gram.insert(gram, list);
            }
        }
        self.choose(TITLE_SEARCH.rescored, ord, may_meet)
    }

    /// Adds what a term gives to the articles of its list; what it said of those that came anew is no longer so.
    fn gather(&mut self, list: impl Iterator<Item = (DocOrd, f32)>, weight: f32, opens: bool) {
        for (ord, other) in list {
            let sum = &mut self.gathered[ord.index()];
            if *sum != 0.0 {
                *sum += weight * other;
            } else if opens && !self.is_new[ord.index()] {
                self.touched.push(ord);
                *sum += weight * other;
            }
        }
    }

    fn gather_newcomers(&mut self, list: &[(DocOrd, f32)], weight: f32, opens: bool) {
        for &(ord, other) in list {
            let sum = &mut self.gathered[ord.index()];
            if *sum == 0.0 && opens {
                self.touched.push(ord);
            }
            if *sum != 0.0 || opens {
                *sum += weight * other;
            }
        }
    }

    /// The `most` articles that gathered most, ties by ordinal; clears what was gathered.
    fn choose(
        &mut self,
        most: usize,
        host: DocOrd,
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> Vec<DocOrd> {
        let mut best: Vec<u64> = Vec::with_capacity(self.touched.len());
        for ord in self.touched.drain(..) {
            let gathered = std::mem::take(&mut self.gathered[ord.index()]);
            if ord != host {
                best.push(u64::from(!gathered.to_bits()) << 32 | u64::from(ord.0));
            }
        }
        if best.len() > ASKED * most {
            best.select_nth_unstable(ASKED * most);
            best.truncate(ASKED * most);
        }
        best.sort_unstable();
        let ords = best.into_iter().map(|number| DocOrd(number as u32));
        ords.filter(|&ord| may_meet(ord)).take(most).collect()
    }
}

/// The heaviest of a row that a search walks, heaviest first.
fn heaviest(row: impl Iterator<Item = (u32, f32)>, search: &Search) -> Vec<(u32, f32)> {
    let mut row: Vec<(Reverse<u32>, u32)> = row
        .map(|(slot, weight)| (Reverse(weight.to_bits()), slot))
        .collect();
    row.sort_unstable();
    row.truncate(search.query_terms);
    row.into_iter()
        .map(|(Reverse(weight), slot)| (slot, f32::from_bits(weight)))
        .collect()
}
