//! Reading events from a position, beside whoever writes them, and following them as they come.

use std::fs;
use std::path::{Path, PathBuf};

use super::names::Known;
use super::record::Record;
use crate::error::{Error, Result};
use crate::journal::folder::{folder, segments};
use crate::journal::kind::Kind;
use crate::journal::reader::{Reader, has_own_header, problem};
use crate::journal::segment::Scan;
use crate::model::{Event, Problem, Severity};

/// Calls `each` with number and event of every event of `data`'s journal that has the number `from` or a later one, in
/// order. What is damaged is passed over and returned: with severity error where events are lost.
///
/// No lock is taken: an event that is being written is either seen whole or taken for the end.
///
/// # Errors
/// What `each` returns, [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
pub fn read_events(
    data: &Path,
    from: u64,
    each: impl FnMut(u64, &Event<'_>) -> Result<()>,
) -> Result<Vec<Problem>> {
    let mut reader = EventReader::open(data, from);
    let mut problems = reader.poll(each)?;
    problems.extend(reader.tail().cloned());
    Ok(problems)
}

/// The number that the next event of `data`'s journal gets, told without reading what the events say.
///
/// # Errors
/// [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if the journal cannot be read.
pub fn events_end(data: &Path) -> Result<u64> {
    let Some(last) = segments(Kind::Events, &folder(data))?.pop() else {
        return Ok(1);
    };
    let bytes = fs::read(&last.path).map_err(|error| Error::io("read", &last.path, &error))?;
    has_own_header(Kind::Events, &last.path, &bytes, last.first)?;
    let mut scan = Scan::of(Kind::Events, &bytes, last.first);
    scan.by_ref().for_each(drop);
    Ok(scan.last_sequence() + 1)
}

/// Reads events and remembers how far it came, so that it reads later only what was added since.
#[derive(Debug)]
pub struct EventReader {
    reader: Reader,
    from: u64,
    /// The names of the segment whose first number is `segment`.
    names: Known,
    segment: u64,
    /// Events that were read and name what was lost, not yet told.
    unnamed: Vec<Unnamed>,
}

/// Events of one segment whose names are lost.
#[derive(Debug)]
struct Unnamed {
    path: PathBuf,
    count: u64,
    first: u64,
    last: u64,
}

impl EventReader {
    /// A reader of the events of `data`'s journal that have the number `from` or a later one. Nothing is read yet.
    pub fn open(data: &Path, from: u64) -> Self {
        Self {
            reader: Reader::new(Kind::Events, data, from),
            from,
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
    /// What `each` returns, [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
    pub fn poll(
        &mut self,
        mut each: impl FnMut(u64, &Event<'_>) -> Result<()>,
    ) -> Result<Vec<Problem>> {
        let Self {
            reader,
            from,
            names,
            segment,
            unnamed,
        } = self;
        let mut problems = reader.poll(|file, sequence, payload| {
            if *segment != file.first {
                names.clear();
                *segment = file.first;
            }
            // The place of an event that was erased.
            if payload.is_empty() {
                return Ok(());
            }
            let record = Record::from_bytes(payload);
            let event = record.and_then(|record| record.event(names));
            if sequence < *from {
                return Ok(());
            }
            match (event, unnamed.last_mut()) {
                (Some(event), _) => each(sequence, &event)?,
                (None, Some(unnamed)) if unnamed.path == file.path => {
                    unnamed.count += 1;
                    unnamed.last = sequence;
                }
                (None, _) => unnamed.push(Unnamed {
                    path: file.path.clone(),
                    count: 1,
                    first: sequence,
                    last: sequence,
                }),
            }
            Ok(())
        })?;
        problems.extend(self.unnamed.drain(..).map(|unnamed| unnamed.told()));
        Ok(problems)
    }

    /// What stood at the end at the last [`poll`](Self::poll) and is no event: one that is being written, a write that did
    /// not end, or damage.
    pub fn tail(&self) -> Option<&Problem> {
        self.reader.tail()
    }

    /// The number behind the last event that was read; before there was one, the number it began with.
    pub fn next_sequence(&self) -> u64 {
        self.reader.next_sequence()
    }
}

impl Unnamed {
    fn told(&self) -> Problem {
        let lost = match self.count {
            1 => format!("record {} is lost", self.first),
            count => format!(
                "{count} of the records {} to {} are lost",
                self.first, self.last
            ),
        };
        let told = format!(
            "{lost}: what they say is not known, or all records that write out their names are damaged; {}",
            Kind::Events.remedy()
        );
        problem(&self.path, Severity::Error, &told)
    }
}
