//! The counts of one article where they differ from those in a file: only pairs that were counted since are held, the others stay
//! where they are. A server between two files would else hold most of what the file has, as sooner or later every row changes.

use super::row::{advance, brought, is_full, prune};
use crate::index::ReadFile;
use crate::model::{HALF_LIVES, NameOrd, ReadPair, ReadRow};

/// A row that differs from the one of a file, or that no file has.
#[derive(Clone, Debug, Default)]
pub(super) struct ChangedRow {
    /// All but the pairs that are as the file has them.
    row: ReadRow,
    /// How many these are.
    in_file: usize,
}

/// The row of a file.
pub(super) type Filed<'a> = Option<(&'a ReadFile, NameOrd)>;

impl ChangedRow {
    /// Nothing differs yet.
    pub(super) fn of(filed: Filed<'_>) -> Self {
        filed.map_or_else(Self::default, |(file, number)| Self {
            row: file.head(number),
            in_file: file.pairs(number).len(),
        })
    }

    /// The row without its pairs.
    pub(super) fn head(&self) -> ReadRow {
        ReadRow {
            pairs: Vec::new(),
            ..self.row
        }
    }

    /// How many pairs are held.
    #[cfg(test)]
    pub(super) fn held_pairs(&self) -> usize {
        self.row.pairs.len()
    }

    /// Calls `each` with all pairs, by partner.
    pub(super) fn each_pair(&self, filed: Filed<'_>, mut each: impl FnMut(ReadPair)) {
        let mut own = self.row.pairs.iter().copied().peekable();
        if let Some((file, number)) = filed.filter(|_| self.in_file > 0) {
            let passed = self.passed(&file.head(number));
            for pair in file.pairs(number) {
                while let Some(before) = own.next_if(|own| own.partner < pair.partner) {
                    each(before);
                }
                match own.next_if(|own| own.partner == pair.partner) {
                    Some(own) => each(own),
                    None => each(brought(pair, passed)),
                }
            }
        }
        own.for_each(each);
    }

    /// The whole row.
    pub(super) fn whole(&self, filed: Filed<'_>) -> ReadRow {
        let mut row = self.head();
        row.pairs.reserve(self.row.pairs.len() + self.in_file);
        self.each_pair(filed, |pair| row.pairs.push(pair));
        row
    }

    /// Brings the row to the periods of `at`, if they are later.
    pub(super) fn advance(&mut self, at: i64) {
        advance(&mut self.row, at);
    }

    /// Has `change` done to the row, of whose pairs it may touch that of `partner` alone.
    pub(super) fn change(
        &mut self,
        filed: Filed<'_>,
        partner: NameOrd,
        change: impl FnOnce(&mut ReadRow),
    ) {
        let place = |row: &ReadRow| {
            row.pairs
                .binary_search_by_key(&partner, |pair| pair.partner)
        };
        if let (Some((file, number)), Err(at)) =
            (filed.filter(|_| self.in_file > 0), place(&self.row))
            && let Some(pair) = file.pair(number, partner)
        {
            let pair = brought(pair, self.passed(&file.head(number)));
            self.row.pairs.insert(at, pair);
            self.in_file -= 1;
        }
        change(&mut self.row);
        if self.in_file > 0 && is_full(self.row.pairs.len() + self.in_file) {
            self.row = self.whole(filed);
            self.in_file = 0;
            prune(&mut self.row);
        }
    }

    /// The periods that have passed since `head` was written.
    fn passed(&self, head: &ReadRow) -> [u16; HALF_LIVES] {
        std::array::from_fn(|which| self.row.periods[which].saturating_sub(head.periods[which]))
    }
}
