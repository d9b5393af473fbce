//! Which newcomers hold a term, or a piece of a title, and what it weighs there.
//!
//! A text of some length has a thousand terms, so a list is found by its number and not by a hash.

use crate::model::DocOrd;

/// The newcomers of each term.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// By term: one more than the place of its list; 0 where no newcomer has it.
    places: Vec<u32>,
    /// Each newcomer once, in no order.
    lists: Vec<Vec<(DocOrd, f32)>>,
}

impl Postings {
    /// Room for so many terms; there may be more.
    pub(super) fn with_room(terms: usize) -> Self {
        Self {
            places: vec![0; terms],
            lists: Vec::new(),
        }
    }

    /// Adds the terms of the newcomer at `ord`, which has none, and their weights.
    pub(super) fn add(&mut self, ord: DocOrd, terms: impl Iterator<Item = (u32, f32)>) {
        for (term, weight) in terms {
            if self.places.len() <= term as usize {
                self.places.resize(term as usize + 1, 0);
            }
            let place = &mut self.places[term as usize];
            if *place == 0 {
                self.lists.push(Vec::new());
                *place = self.lists.len() as u32;
            }
            self.lists[*place as usize - 1].push((ord, weight));
        }
    }

    /// Takes the newcomer at `ord` out of the lists of `terms`, which are its own.
    pub(super) fn remove(&mut self, ord: DocOrd, terms: impl Iterator<Item = u32>) {
        for term in terms {
            let place = self.places[term as usize] as usize - 1;
            let list = &mut self.lists[place];
            if let Some(at) = list.iter().position(|&(other, _)| other == ord) {
                list.swap_remove(at);
            }
        }
    }

    /// The newcomers that hold a term, and what it weighs in each.
    pub(super) fn of(&self, term: u32) -> &[(DocOrd, f32)] {
        let place = self.places.get(term as usize).copied().unwrap_or_default();
        let list = place
            .checked_sub(1)
            .map(|place| &self.lists[place as usize]);
        list.map_or(&[], |list| list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_comes_again_stands_in_the_lists_of_its_last_terms_alone() {
        let mut postings = Postings::with_room(4);
        let terms = |ord: u32| (ord..ord + 5).map(move |term| (term, ord as f32));
        for ord in 0..9 {
            postings.add(DocOrd(ord), terms(ord));
        }
        postings.remove(DocOrd(4), terms(4).map(|(term, _)| term));
        postings.add(DocOrd(4), terms(40));
        for term in 0..50 {
            let mut found = postings.of(term).to_vec();
            found.sort_by_key(|&(ord, _)| ord);
            let of = |ord: u32| if ord == 4 { 40 } else { ord };
            let holds = |&ord: &u32| (of(ord)..of(ord) + 5).contains(&term);
            let expected = (0..9)
                .filter(holds)
                .map(|ord| (DocOrd(ord), of(ord) as f32));
            assert_eq!(found, expected.collect::<Vec<_>>(), "{term}");
        }
    }
}
