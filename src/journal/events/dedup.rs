//! Which of many events are there already, in memory that grows with the batch and not with the journal.

use std::collections::HashSet;

use super::id_file::{self, Span};
use crate::error::Result;
use crate::journal::folder::SegmentFile;
use crate::model::Event;

/// A segment that is not added to any more.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) file: SegmentFile,
    /// From when to when its events are, once that is known.
    span: Option<Span>,
}

impl Closed {
    /// A segment of which only the file is known.
    pub(super) fn at(file: SegmentFile) -> Self {
        Self { file, span: None }
    }

    /// Whether `event` may be in it. What an event says tells when it was, so the same one is of the same moment; an id
    /// says nothing.
    fn may_hold(&self, event: &Event<'_>) -> bool {
        let holds = |span: Span| span.holds(event.at);
        event.id.is_some() || self.span.is_none_or(holds)
    }
}

/// For each of `events`, which have the `identities`, whether it is new: neither earlier among them, nor in `open`, nor in
/// a `closed` segment.
pub(super) fn unseen(
    events: &[Event<'_>],
    identities: &[u128],
    open: &HashSet<u128>,
    closed: &mut [Closed],
) -> Result<Vec<bool>> {
    let mut sorted: Vec<(u128, usize)> = identities.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    // Of equal ones the first stays.
    sorted.dedup_by_key(|(identity, _)| *identity);
    sorted.retain(|(identity, _)| !open.contains(identity));
    let mut is_new = vec![false; identities.len()];
    for segment in closed {
        let here = sorted
            .iter()
            .filter(|(_, place)| segment.may_hold(&events[*place]));
        let wanted: Vec<u128> = here.map(|(identity, _)| *identity).collect();
        if wanted.is_empty() {
            continue;
        }
        let mut known = vec![false; wanted.len()];
        segment.span = Some(id_file::mark(&segment.file, &wanted, &mut known)?);
        let known: HashSet<u128> = wanted
            .into_iter()
            .zip(known)
            .filter_map(|(identity, known)| known.then_some(identity))
            .collect();
        sorted.retain(|(identity, _)| !known.contains(identity));
    }
    for (_, place) in sorted {
        is_new[place] = true;
    }
    Ok(is_new)
}
