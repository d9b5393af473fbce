//! For each term, the articles that look for others by it: one more article is found by those of them that it comes near.

use std::cmp::Reverse;

use rayon::prelude::*;

use super::neighbours::{Search, leave_heaviest};
use super::rows::{Rows, Slot};
use crate::index::Lists;
use crate::model::DocOrd;

/// The articles of `rows` whose searches walk each slot, by ordinal; what it weighs there, and whether it brings others in.
pub(super) fn seekers(rows: &Rows, search: &Search) -> Lists<u8> {
    let articles = (0..rows.len() as u32).into_par_iter().map(DocOrd);
    let walked = articles.flat_map_iter(|ord| {
        let (slots, weights) = rows.row(ord);
        let row = slots.iter().copied().zip(weights.iter().copied());
        let walked = walked(row, search);
        walked.map(move |(slot, weight, opens)| (slot, ord, weight, opens))
    });
    let mut walked: Vec<(Slot, DocOrd, f32, bool)> = walked.collect();
    walked.par_sort_unstable_by_key(|&(slot, ord, ..)| (slot, ord));
    let mut lists = Lists::default();
    let mut rest = walked.into_iter().peekable();
    for slot in (0..rows.slots() as u32).map(Slot) {
        let own = std::iter::from_fn(|| rest.next_if(|&(other, ..)| other == slot));
        lists.push_marked(own.map(|(_, ord, weight, opens)| (ord, weight, opens)));
    }
    lists
}

/// What a search walks of a row, heaviest first, and whether that brings others in.
pub(super) fn walked<S: Ord>(
    row: impl Iterator<Item = (S, f32)>,
    search: &Search,
) -> impl Iterator<Item = (S, f32, bool)> {
    // A weight is not negative, so its bits are ordered as it is.
    let mut row: Vec<(Reverse<u32>, S)> = row
        .map(|(slot, weight)| (Reverse(weight.to_bits()), slot))
        .collect();
    leave_heaviest(&mut row, search.query_terms);
    let opening = search.opening_terms;
    let numbered = row.into_iter().enumerate();
    numbered.map(move |(place, (Reverse(weight), slot))| {
        (slot, f32::from_bits(weight), place < opening)
    })
}
