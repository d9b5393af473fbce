//! Retention: events that were added to the journal longer ago than a site wants to keep them are added up in a checkpoint
//! that knows no visitor, and their segments are removed.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::loan::Borrowed;
use crate::error::{Error, Result, say};
use crate::index::ReadFile;
use crate::journal::{
    Journal, checkpoint, checkpoint_draft, erasures, expired, read_events_before,
};
use crate::signals::behavior::{CheckpointState, Fold};

const DAY: Duration = Duration::from_secs(86_400);
/// A segment is not added to for longer than this part of the time that events are kept: so much later may an event go.
const PARTS: u32 = 10;

/// How long events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention(Duration);

/// A checkpoint that is written and does not count yet.
#[derive(Clone, Copy, Debug)]
pub struct Draft {
    next: u64,
    erasures: u64,
}

impl Retention {
    /// Events are kept for so many days.
    pub fn days(days: u32) -> Self {
        Self(days * DAY)
    }

    /// Begins another segment where the open one is too old to be added to.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn roll(self, journal: &mut Journal, now: SystemTime) -> Result<()> {
        let age = (self.0 / PARTS).max(DAY);
        now.checked_sub(age)
            .map_or(Ok(()), |before| journal.roll_events(before))
    }

    /// Writes the checkpoint of all segments that are too old at `now`; none if there are none. No lock is taken.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the checkpoint before is, as it is not to be replaced then; [`Error::Failed`] if the disk
    /// refuses.
    pub fn draft(self, data: &Path, now: SystemTime) -> Result<Option<Draft>> {
        let Some(before) = now.checked_sub(self.0) else {
            return Ok(None);
        };
        let from = checkpoint(data)?;
        let known = from.as_ref().map_or(1, |checkpoint| checkpoint.next);
        let Some(expired) = expired(data, before)?.filter(|expired| expired.next > known) else {
            return Ok(None);
        };
        let erasures = erasures(data)?;
        let mut fold = match &from {
            Some(checkpoint) => {
                Fold::after_checkpoint(Arc::new(ReadFile::open_at(&checkpoint.path)?))
            }
            None => Fold::default(),
        };
        let lost = read_events_before(data, known, expired.next, |sequence, event| {
            fold.apply(sequence, event, &mut |_| {});
            Ok(())
        })?;
        // What is damaged is lost with its segment.
        lost.iter().for_each(say);
        let until = expired.until.duration_since(UNIX_EPOCH);
        let until = until.map_or(0, |until| until.as_secs());
        let path = checkpoint_draft(data);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &path, &error));
            }
            _ => {}
        }
        fold.checkpoint(expired.next, erasures, until)
            .write(&path)?;
        Ok(Some(Draft {
            next: expired.next,
            erasures,
        }))
    }

    /// Does all of it, with the journal of `data` or one that a server lends; whether anything was trimmed.
    ///
    /// # Errors
    /// As [`Borrowed::open`] and [`Retention::draft`].
    pub fn keep(self, data: &Path, now: SystemTime) -> Result<bool> {
        let mut borrowed = Borrowed::open(data)?;
        self.roll(&mut borrowed.journal, now)?;
        match self.draft(data, now)? {
            Some(draft) => draft.put_in_force(&mut borrowed.journal),
            None => Ok(false),
        }
    }
}

impl Draft {
    /// Has the checkpoint count and the segments removed; `false` if something was erased meanwhile, which would be in it.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn put_in_force(self, journal: &mut Journal) -> Result<bool> {
        journal.trim(self.next, self.erasures)
    }
}

/// Until when events were added that are in the checkpoint of `data`, in unix seconds; `None` where there is none.
///
/// # Errors
/// [`Error::Damaged`] if it is not what was written, [`Error::Failed`] if it cannot be read.
pub fn trimmed_until(data: &Path) -> Result<Option<i64>> {
    let Some(checkpoint) = checkpoint(data)? else {
        return Ok(None);
    };
    let file = ReadFile::open_at(&checkpoint.path)?;
    Ok(Some(CheckpointState::of(&file).until.cast_signed()))
}
