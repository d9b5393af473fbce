//! Which of many events are there already, in memory that grows with the batch and not with the journal.

use std::path::Path;

use super::id_file::{self, Span};
use super::identity::identity;
use crate::error::Result;
use crate::journal::folder::{SegmentFile, floor, numbered, segment_file};
use crate::journal::kind::Kind;
use crate::journal::reader::problem;
use crate::model::{DigestSet, Event, Problem, Severity};

/// The events of the open segment, each by half of its digest: there are hundreds of thousands at most, of which two are alike in that
/// once in a hundred million segments, and half is what there is room for in the memory of a server.
#[derive(Debug, Default)]
pub(super) struct Seen(DigestSet<u64>);

impl Seen {
    pub(super) fn add(&mut self, identity: u128) {
        self.0.insert(identity as u64);
    }

    fn holds(&self, identity: u128) -> bool {
        self.0.contains(&(identity as u64))
    }

    /// Forgets everything: another segment begins.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A segment that is not added to any more.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) file: SegmentFile,
    /// Whether only its id file is left.
    pub(super) is_trimmed: bool,
    /// From when to when its events are, once that is known.
    span: Option<Span>,
}

impl Closed {
    /// A segment of which only the file is known.
    pub(super) fn at(file: SegmentFile) -> Self {
        Self {
            file,
            is_trimmed: false,
            span: None,
        }
    }

    /// A segment of which only the id file is left.
    pub(super) fn trimmed(file: SegmentFile) -> Self {
        Self {
            is_trimmed: true,
            ..Self::at(file)
        }
    }

    /// Whether `event` may be in it. What an event says tells when it was, so the same one is of the same moment; an id
    /// says nothing.
    fn may_hold(&self, event: &Event<'_>) -> bool {
        let holds = |span: Span| span.holds(event.at);
        event.id.is_some() || self.span.is_none_or(holds)
    }
}

/// What is known of an event that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) struct Judged {
    pub(super) identity: u128,
    /// Whether it is neither earlier among them, nor in a segment, as far as that can be told.
    pub(in crate::journal) is_new: bool,
    /// Whether it was to be looked for in the id file of a trimmed segment that is damaged.
    pub(super) is_unsure: bool,
}

/// For each of `events`, whether it is new: neither earlier among them, nor in `open`, nor in a `closed` segment.
pub(super) fn judge(
    events: &[Event<'_>],
    open: &Seen,
    closed: &mut [Closed],
) -> Result<Vec<Judged>> {
    let unjudged = events.iter().map(|event| Judged {
        identity: identity(event),
        is_new: false,
        is_unsure: false,
    });
    let mut judged: Vec<Judged> = unjudged.collect();
    let identities = judged.iter().map(|judged| judged.identity);
    let mut sorted: Vec<(u128, usize)> = identities.zip(0..).collect();
    sorted.sort_unstable();
    // Of equal ones the first stays.
    sorted.dedup_by_key(|(identity, _)| *identity);
    sorted.retain(|(identity, _)| !open.holds(*identity));
    for segment in closed {
        let here = sorted
            .iter()
            .filter(|(_, place)| segment.may_hold(&events[*place]));
        let (wanted, places): (Vec<u128>, Vec<usize>) = here.copied().unzip();
        if wanted.is_empty() {
            continue;
        }
        let mut known = vec![false; wanted.len()];
        match id_file::mark(&segment.file, &wanted, &mut known)? {
            Some(span) => segment.span = Some(span),
            None => places
                .iter()
                .for_each(|&place| judged[place].is_unsure = true),
        }
        let known: DigestSet<u128> = wanted
            .into_iter()
            .zip(known)
            .filter_map(|(identity, known)| known.then_some(identity))
            .collect();
        sorted.retain(|(identity, _)| !known.contains(identity));
    }
    for (_, place) in sorted {
        judged[place].is_new = true;
    }
    Ok(judged)
}

/// The trimmed segments in `folder` whose id files are left, and what is not known of others.
pub(super) fn trimmed(folder: &Path) -> Result<(Vec<SegmentFile>, Option<Problem>)> {
    let floor = floor(Kind::Events, folder)?;
    let (mut found, mut lost) = (Vec::new(), 0);
    // The number behind the last event whose digest is known.
    let mut next = 1;
    for ids in numbered(folder, Kind::Events.prefix(), ".ids")? {
        let segment = segment_file(Kind::Events, folder, ids.first);
        if segment.first >= floor || segment.path.exists() {
            continue;
        }
        if let Some(end) = id_file::end_of_trimmed(&segment) {
            lost += segment.first.saturating_sub(next);
            next = next.max(end);
            found.push(segment);
        }
    }
    lost += floor.saturating_sub(next);
    let told = (lost > 0).then(|| {
        let told = format!(
            "{lost} of the records before {floor} are in the checkpoint, but their .ids files are gone or damaged; such an event counts again if it is imported again"
        );
        problem(folder, Severity::Warning, &told)
    });
    Ok((found, told))
}
