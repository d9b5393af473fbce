//! Which of many events are there already, in memory that grows with the batch and not with the journal.

use std::collections::HashSet;

use super::id_file;
use crate::error::Result;
use crate::journal::folder::SegmentFile;

/// For each of `identities`, whether it is new: neither earlier among them, nor in `open`, nor in a `closed` segment.
pub(super) fn unseen(
    identities: &[u128],
    open: &HashSet<u128>,
    closed: &[SegmentFile],
) -> Result<Vec<bool>> {
    let mut sorted: Vec<(u128, usize)> = identities.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    // Of equal ones the first stays.
    sorted.dedup_by_key(|(identity, _)| *identity);
    sorted.retain(|(identity, _)| !open.contains(identity));
    let wanted: Vec<u128> = sorted.iter().map(|(identity, _)| *identity).collect();
    let mut known = vec![false; wanted.len()];
    for segment in closed {
        id_file::mark(segment, &wanted, &mut known)?;
    }
    let mut is_new = vec![false; identities.len()];
    for ((_, place), known) in sorted.into_iter().zip(known) {
        is_new[place] = !known;
    }
    Ok(is_new)
}
