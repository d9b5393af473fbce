//! What the directions are learned from: some articles, spread evenly over all, and the terms that several of them hold.

use super::matrix::Sparse;
use crate::model::DocOrd;
use crate::signals::content::rows::{Rows, Slot};

/// Articles that are learned from, at most.
const MOST_ARTICLES: usize = 8_192;
/// Terms that are learned from, at most: those that most articles hold.
const MOST_TERMS: usize = 16_384;
/// Of the articles learned from so many hold a term that is learned from. One that a single article holds ties it to none.
const LEAST_HOLDERS: u32 = 2;

/// Learned from: articles by rows, terms by columns.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) matrix: Sparse,
    columns: Vec<u32>,
}

/// The column of a term that is not learned from.
const NONE: u32 = u32::MAX;

impl Sample {
    /// The sample of a site.
    pub(super) fn of(rows: &Rows) -> Self {
        let taken = rows.len().min(MOST_ARTICLES);
        let articles = || (0..taken).map(|at| DocOrd((at * rows.len() / taken) as u32));
        let mut holders = vec![0u32; rows.slots()];
        for slot in articles().flat_map(|ord| rows.row(ord).0) {
            holders[slot.index()] += 1;
        }
        let mut width = 0;
        let columns = holders
            .iter()
            .map(|&holders| {
                if holders < LEAST_HOLDERS || width == MOST_TERMS as u32 {
                    return NONE;
                }
                width += 1;
                width - 1
            })
            .collect();
        let mut sample = Self {
            matrix: Sparse::new(width as usize),
            columns,
        };
        for ord in articles() {
            let (slots, weights) = rows.row(ord);
            let row = slots.iter().zip(weights);
            sample.matrix.push(
                row.filter_map(|(&slot, &weight)| {
                    Some((column_of(&sample.columns, slot)?, weight))
                }),
            );
        }
        sample
    }

    /// The terms that are learned from, in the order of their columns, which is that of their numbers.
    pub(super) fn terms(&self) -> Vec<u32> {
        let columns = (0..).zip(&self.columns);
        columns
            .filter(|&(_, &column)| column != NONE)
            .map(|(term, _)| term)
            .collect()
    }

    /// The terms of an article that are learned from, by column, and their weights; the article may be any.
    pub(super) fn known<'a>(
        &'a self,
        rows: &'a Rows,
        ord: DocOrd,
    ) -> impl Iterator<Item = (usize, f32)> + 'a {
        let (slots, weights) = rows.row(ord);
        let row = slots.iter().zip(weights);
        row.filter_map(|(&slot, &weight)| Some((column_of(&self.columns, slot)? as usize, weight)))
    }
}

fn column_of(columns: &[u32], slot: Slot) -> Option<u32> {
    Some(columns[slot.index()]).filter(|&column| column != NONE)
}
