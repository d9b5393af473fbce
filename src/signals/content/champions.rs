//! For each term, the articles in which it weighs most.

use std::cmp::Reverse;

use super::rows::{Rows, Slot};
use crate::model::DocOrd;

/// The champion lists of all slots, one after the other. A slot of a single article has an empty list: it leads nowhere.
pub(super) struct Champions {
    starts: Vec<u32>,
    entries: Vec<(DocOrd, f32)>,
}

impl Champions {
    /// The `most` heaviest articles of each slot of `rows`, ties by ordinal; a list is in ascending order of ordinals.
    pub(super) fn of(rows: &Rows, most: usize) -> Self {
        let all = || (0..rows.len() as u32).map(DocOrd);
        let mut counts = vec![0u32; rows.slots()];
        for slot in all().flat_map(|ord| rows.row(ord).0) {
            counts[slot.index()] += 1;
        }
        let mut ends = Vec::with_capacity(counts.len());
        let mut end = 0;
        for &count in &counts {
            ends.push(end);
            end += if count > 1 { count } else { 0 };
        }
        let mut entries = vec![(DocOrd(0), 0.0); end as usize];
        for ord in all() {
            let (slots, weights) = rows.row(ord);
            for (slot, &weight) in slots.iter().zip(weights) {
                if counts[slot.index()] > 1 {
                    let end = &mut ends[slot.index()];
                    entries[*end as usize] = (ord, weight);
                    *end += 1;
                }
            }
        }
        let mut starts = vec![0];
        let (mut from, mut to) = (0, 0);
        for end in ends {
            let end = end as usize;
            let list = &mut entries[from..end];
            let kept = list.len().min(most);
            if list.len() > most {
                // A weight is not negative, so its bits are ordered as it is.
                list.select_nth_unstable_by_key(most, |&(ord, weight)| {
                    (Reverse(weight.to_bits()), ord)
                });
                list[..most].sort_unstable_by_key(|&(ord, _)| ord);
            }
            entries.copy_within(from..from + kept, to);
            to += kept;
            starts.push(to as u32);
            from = end;
        }
        entries.truncate(to);
        entries.shrink_to_fit();
        Self { starts, entries }
    }

    /// The articles on the list of `slot`, and its weight in each.
    pub(super) fn list(&self, slot: Slot) -> &[(DocOrd, f32)] {
        let range = self.starts[slot.index()] as usize..self.starts[slot.index() + 1] as usize;
        &self.entries[range]
    }
}
