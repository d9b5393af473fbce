//! Adding events: as they are given, or only those that are not there yet.

use std::fs;
use std::path::Path;

use super::dedup::{Closed, Judged, Seen, judge, trimmed};
use super::id_file;
use super::identity::identity;
use super::names::{Given, Known};
use super::record::Record;
use crate::error::{Error, Result};
use crate::journal::folder::{SegmentFile, segments};
use crate::journal::kind::Kind;
use crate::journal::log::Log;
use crate::model::{Event, Problem};

/// The events of a journal, to be added to.
#[derive(Debug)]
pub(in crate::journal) struct EventLog {
    log: Log,
    /// The names of the open segment.
    names: Given,
    /// The events in the open segment; those of the others are in their id files.
    seen: Seen,
    /// The segments that are not added to any more.
    closed: Vec<Closed>,
}

/// Which of the events that were given are new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// The number of the first that was added.
    pub first: u64,
    /// How many were added.
    pub new: usize,
    /// How many were there already, or came twice.
    pub known: usize,
    /// How many of the new ones may have been there: the digests of some that were trimmed are damaged.
    pub unsure: usize,
    /// For each event in the order in which they were given, whether it was added.
    pub is_new: Vec<bool>,
}

impl EventLog {
    /// Opens the events in `folder`; what was cut off at their end, and what of trimmed ones is not known any more. Id files that are missing are made.
    pub(in crate::journal) fn open(folder: &Path, roll_over: u64) -> Result<(Self, Vec<Problem>)> {
        let mut closed = segments(Kind::Events, folder)?;
        let (mut names, mut seen) = (Given::default(), Seen::default());
        let mut known = Known::default();
        let (log, cut) = Log::open(Kind::Events, folder, roll_over, |sequence, payload| {
            let Some(record) = Record::from_bytes(payload) else {
                return;
            };
            for name in [Some(record.article), record.from].into_iter().flatten() {
                names.restore(name, sequence);
            }
            if let Some(event) = record.event(&mut known) {
                seen.add(identity(&event));
            }
        })?;
        match log.open_segment() {
            Some(open) => closed.retain(|segment| segment != open),
            None => {
                names.clear();
                seen.clear();
            }
        }
        let (trimmed, unknown) = trimmed(folder)?;
        let trimmed = trimmed.into_iter().map(Closed::trimmed);
        for segment in closed.iter().filter(|segment| !id_file::is_there(segment)) {
            id_file::rebuild(segment)?;
        }
        let log = Self {
            log,
            names,
            seen,
            closed: trimmed.chain(closed.into_iter().map(Closed::at)).collect(),
        };
        Ok((log, cut.into_iter().chain(unknown).collect()))
    }

    /// The number that the next event gets.
    pub(in crate::journal) fn next_sequence(&self) -> u64 {
        self.log.next_sequence()
    }

    /// Adds `events` as one batch; the number of the first.
    pub(in crate::journal) fn append(&mut self, events: &[Event<'_>]) -> Result<u64> {
        self.write(events.iter().map(|event| (*event, identity(event))))
    }

    /// Which of `events` are neither in the journal nor earlier among them, each with its identity.
    pub(in crate::journal) fn judge(&mut self, events: &[Event<'_>]) -> Result<Vec<Judged>> {
        judge(events, &self.seen, &mut self.closed)
    }

    /// Adds those of `events` that are new by what [`judge`](Self::judge) said of them.
    pub(in crate::journal) fn append_judged(
        &mut self,
        events: &[Event<'_>],
        judged: &[Judged],
    ) -> Result<Verdicts> {
        let is_new: Vec<bool> = judged.iter().map(|judged| judged.is_new).collect();
        let new = is_new.iter().filter(|is_new| **is_new).count();
        let of_new = events.iter().zip(judged);
        let of_new =
            of_new.filter_map(|(event, judged)| judged.is_new.then_some((*event, judged.identity)));
        Ok(Verdicts {
            first: match new {
                0 => self.next_sequence(),
                _ => self.write(of_new)?,
            },
            new,
            known: events.len() - new,
            unsure: judged
                .iter()
                .filter(|judged| judged.is_new && judged.is_unsure)
                .count(),
            is_new,
        })
    }

    fn write<'a>(&mut self, events: impl Iterator<Item = (Event<'a>, u128)>) -> Result<u64> {
        if self.log.begins_anew() {
            self.close()?;
        }
        let Self {
            log, names, seen, ..
        } = self;
        let numbered = (log.next_sequence()..).zip(events);
        log.append(numbered.map(|(sequence, (event, identity))| {
            seen.add(identity);
            Record::of(&event, sequence, names).to_bytes()
        }))
    }

    /// Leaves the open segment, if it has an event, and begins an empty one.
    pub(in crate::journal) fn roll(&mut self) -> Result<()> {
        let open = self.log.open_segment();
        if open.is_some_and(|open| open.first < self.next_sequence()) {
            self.close()?;
            self.log.roll()?;
        }
        Ok(())
    }

    /// The segments that are not added to any more, trimmed ones left out.
    pub(in crate::journal) fn closed(&self) -> impl Iterator<Item = &SegmentFile> {
        let closed = self.closed.iter();
        closed
            .filter(|closed| !closed.is_trimmed)
            .map(|closed| &closed.file)
    }

    /// Removes the segments of which every event is before `next`. Their id files stay, so that none of these events is
    /// taken for a new one.
    pub(in crate::journal) fn trim(&mut self, next: u64) -> Result<u64> {
        let open = self.log.open_segment().map(|open| open.first);
        let mut firsts: Vec<u64> = self.closed().map(|file| file.first).collect();
        firsts.extend(open);
        firsts.push(self.next_sequence());
        firsts.sort_unstable();
        let mut removed = 0;
        for closed in self.closed.iter_mut().filter(|closed| !closed.is_trimmed) {
            let behind = firsts[firsts.partition_point(|first| *first <= closed.file.first)];
            if behind > next {
                break;
            }
            fs::remove_file(&closed.file.path)
                .map_err(|error| Error::io("remove", &closed.file.path, &error))?;
            closed.is_trimmed = true;
            removed += 1;
        }
        Ok(removed)
    }

    /// Leaves the open segment, if there is one, with an id file.
    fn close(&mut self) -> Result<()> {
        // Before its id file, which holds its length.
        self.log.end_segment()?;
        self.names.clear();
        self.seen.clear();
        if let Some(open) = self.log.open_segment() {
            id_file::rebuild(open)?;
            self.closed.push(Closed::at(open.clone()));
        }
        Ok(())
    }

    /// Makes every later write fail.
    #[cfg(test)]
    pub(in crate::journal) fn break_for_test(&mut self) {
        self.log.break_for_test();
    }
}
