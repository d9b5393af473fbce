//! Reading events from a position, beside whoever writes them, and following them as they come.

use std::path::Path;

use super::names::Known;
use super::record::Record;
use crate::error::Result;
use crate::journal::damage::{Damage, What};
use crate::journal::folder::{floor, folder};
use crate::journal::kind::Kind;
use crate::journal::reader::Reader;
use crate::model::{Event, Problem};

/// Calls `each` with number and event of every event of `data`'s journal that has the number `from` or a later one, in
/// order. What is damaged is passed over and returned: with severity error where events are lost.
///
/// No lock is taken: an event that is being written is either seen whole or taken for the end.
///
/// # Errors
/// What `each` returns, [`Newer`](crate::error::Error::Newer) if a later readnext wrote the journal,
/// [`Failed`](crate::error::Error::Failed) if it cannot be read.
pub fn read_events(
    data: &Path,
    from: u64,
    each: impl FnMut(u64, &Event<'_>) -> Result<()>,
) -> Result<Vec<Problem>> {
    let mut reader = EventReader::open(data, from);
    let mut problems = reader.poll(each)?;
    problems.extend(reader.tail());
    Ok(problems)
}

/// The same of the segments before the one that begins with the event `end`.
///
/// # Errors
/// As [`read_events`].
pub fn read_events_before(
    data: &Path,
    from: u64,
    end: u64,
    each: impl FnMut(u64, &Event<'_>) -> Result<()>,
) -> Result<Vec<Problem>> {
    let mut reader = EventReader::open(data, from);
    reader.reader.end = end;
    let mut problems = reader.poll(each)?;
    problems.extend(reader.tail());
    Ok(problems)
}

/// The number that the next event of `data`'s journal gets, told without reading what the events say.
///
/// # Errors
/// [`Newer`](crate::error::Error::Newer) if a later readnext wrote the journal, [`Failed`](crate::error::Error::Failed) if it
/// cannot be read.
pub fn events_end(data: &Path) -> Result<u64> {
    // Begins with the last segment.
    let mut reader = Reader::new(Kind::Events, data, u64::MAX);
    reader.poll_damage(|_, _, _| Ok(()))?;
    match reader.last() {
        Some(last) => Ok(last + 1),
        None => floor(Kind::Events, &folder(data)),
    }
}

/// Reads events and remembers how far it came, so that it reads later only what was added since.
#[derive(Debug)]
pub struct EventReader {
    reader: Reader,
    /// The number of the next event to give.
    from: u64,
    /// The number of the last record that was read.
    last: u64,
    /// The names of the segment whose first number is `segment`.
    names: Known,
    segment: u64,
    /// Events that were read and name what was lost, not yet told.
    unnamed: Vec<Damage>,
}

impl EventReader {
    /// A reader of the events of `data`'s journal that have the number `from` or a later one. Nothing is read yet.
    pub fn open(data: &Path, from: u64) -> Self {
        Self {
            reader: Reader::new(Kind::Events, data, from),
            from,
            last: 0,
            names: Known::default(),
            segment: 0,
            unnamed: Vec::new(),
        }
    }

    /// Calls `each` with number and event of every event that was not read yet, in order. What is damaged is passed over
    /// and returned, once. The first call also reads the beginning of the segment in which it starts, for its names.
    ///
    /// An event for which `each` fails is the first of the next call.
    ///
    /// # Errors
    /// What `each` returns, [`Newer`](crate::error::Error::Newer) if a later readnext wrote the journal, [`Failed`](crate::error::Error::Failed) if it cannot be read.
    pub fn poll(
        &mut self,
        each: impl FnMut(u64, &Event<'_>) -> Result<()>,
    ) -> Result<Vec<Problem>> {
        let found = self.poll_damage(each)?;
        Ok(found.iter().map(Damage::problem).collect())
    }

    /// The same, and what is damaged as it was found.
    pub(in crate::journal) fn poll_damage(
        &mut self,
        mut each: impl FnMut(u64, &Event<'_>) -> Result<()>,
    ) -> Result<Vec<Damage>> {
        let Self {
            reader,
            from,
            last,
            names,
            segment,
            unnamed,
        } = self;
        let mut found = reader.poll_damage(|file, sequence, payload| {
            // Another segment, or another file of the same one.
            if *segment != file.first || sequence <= *last {
                names.clear();
                *segment = file.first;
            }
            *last = sequence;
            let record = Record::from_bytes(payload);
            let event = record.and_then(|record| record.event(names));
            if sequence < *from {
                return Ok(());
            }
            match (event, unnamed.last_mut()) {
                (Some(event), _) => {
                    each(sequence, &event)?;
                    *from = sequence + 1;
                }
                (
                    None,
                    Some(Damage {
                        file: path,
                        what: What::Unnamed { count },
                        records,
                        ..
                    }),
                ) if *path == file.path => {
                    *count += 1;
                    records.end = sequence + 1;
                }
                (None, _) => unnamed.push(Damage {
                    file: file.path.clone(),
                    kind: Kind::Events,
                    what: What::Unnamed { count: 1 },
                    bytes: 0..0,
                    records: sequence..sequence + 1,
                }),
            }
            Ok(())
        })?;
        found.append(&mut self.unnamed);
        Ok(found)
    }

    /// What stood at the end at the last [`poll`](Self::poll) and is no event: one that is being written, a write that did
    /// not end, or damage.
    pub fn tail(&self) -> Option<Problem> {
        self.torn().map(Damage::problem)
    }

    pub(in crate::journal) fn torn(&self) -> Option<&Damage> {
        self.reader.tail()
    }

    /// The number behind the last event that was read; before there was one, the number it began with.
    pub fn next_sequence(&self) -> u64 {
        self.reader.next_sequence()
    }
}
