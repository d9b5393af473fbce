//! What of the journal is not as it was written: ranges of bytes and of records, and what they cost.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::events::EventReader;
use super::kind::Kind;
use super::reader::{Reader, problem};
use crate::error::Result;
use crate::model::{Problem, Severity};

/// What is wrong with a part of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The header is not what was written; no record is lost.
    Header,
    /// Bytes in the middle are no records.
    Bytes,
    /// Bytes at the end are no record: a write that did not end, one that goes on, or damage. Whoever writes next removes them.
    Torn,
    /// No segment has these records.
    Missing,
    /// Records are whole, and what they say is not known: all that write out their names are damaged.
    Unnamed {
        /// How many.
        count: u64,
    },
}

/// A part of the journal that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment; of records that no segment has the one that stands before or behind them.
    pub file: PathBuf,
    pub(super) kind: Kind,
    /// What is wrong.
    pub what: What,
    /// The bytes, if it is bytes.
    pub bytes: Range<u64>,
    /// The numbers of the records that are lost, if any are; of [`What::Unnamed`] those among which they are.
    pub records: Range<u64>,
}

/// Everything in `data`'s journal that is not as it was written, articles before events. No lock is taken: an event that is
/// just being written is a [`What::Torn`].
///
/// # Errors
/// [`Error::Newer`](crate::error::Error::Newer) if a later readnext wrote the journal,
/// [`Error::Failed`](crate::error::Error::Failed) if it cannot be read.
pub fn damage(data: &Path) -> Result<Vec<Damage>> {
    let mut articles = Reader::new(Kind::Articles, data, 0);
    let mut found = articles.poll_damage(|_, _, _| Ok(()))?;
    found.extend(articles.tail().cloned());
    let mut events = EventReader::open(data, 0);
    found.extend(events.poll_damage(|_, _| Ok(()))?);
    found.extend(events.torn().cloned());
    Ok(found)
}

impl Damage {
    /// Whether it is among articles; among events if not.
    pub fn is_of_articles(&self) -> bool {
        self.kind == Kind::Articles
    }

    /// How many records are lost.
    pub fn lost(&self) -> u64 {
        match self.what {
            What::Unnamed { count } => count,
            _ => self.records.end.saturating_sub(self.records.start),
        }
    }

    /// The same in words: with severity error where records are lost, or may be.
    pub fn problem(&self) -> Problem {
        let Range { start, end } = self.bytes;
        let remedy = self.kind.remedy();
        let lost = self.told_records();
        let (severity, told) = match self.what {
            What::Header => (
                Severity::Warning,
                "the header does not match its checksum; the records are read nevertheless"
                    .to_owned(),
            ),
            What::Bytes => (
                Severity::Error,
                format!(
                    "bytes {start} to {end} are damaged, {lost}; all others are read: {remedy}"
                ),
            ),
            What::Torn => (
                Severity::Warning,
                format!(
                    "bytes {start} to {end} are no complete record: a write that did not finish, or damage; they are ignored, and the next writer removes them"
                ),
            ),
            What::Missing => (
                Severity::Error,
                format!(
                    "{lost}: the file before or after this one is missing; all other records are read: {remedy}"
                ),
            ),
            What::Unnamed { .. } => (
                Severity::Error,
                format!(
                    "{lost}: they cannot be understood, or all records with their names are damaged; {remedy}"
                ),
            ),
        };
        problem(&self.file, severity, &told)
    }

    fn told_records(&self) -> String {
        let (first, last) = (self.records.start, self.records.end.saturating_sub(1));
        match (self.what, self.lost()) {
            (_, 0) => "no record is lost".to_owned(),
            (_, 1) => format!("record {first} is lost"),
            (What::Unnamed { count }, _) => {
                format!("{count} of the records {first} to {last} are lost")
            }
            _ => format!("records {first} to {last} are lost"),
        }
    }
}
