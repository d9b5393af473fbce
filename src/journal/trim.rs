//! Trimming: whole segments of events that are older than is wanted are removed, once a checkpoint holds what they added up
//! to. A segment is as old as its last record, which is when its file was changed last.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::events::EventLog;
use super::folder::{checkpoint_at, checkpoints, folder, segments, sync};
use super::kind::Kind;
use crate::error::{Error, Result};

/// Segments that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The number behind their last event.
    pub next: u64,
    /// When that was added.
    pub until: SystemTime,
}

/// The segments of `data`'s journal to which nothing was added since `before`, if there are any; the one that is added to
/// is none of them. No lock is taken.
///
/// # Errors
/// [`Error::Failed`] if the folder cannot be read.
pub fn expired(data: &Path, before: SystemTime) -> Result<Option<Expired>> {
    let files = segments(Kind::Events, &folder(data))?;
    let mut expired = None;
    for pair in files.windows(2) {
        let until = modified(&pair[0].path)?;
        if until >= before {
            break;
        }
        let until = expired.map_or(until, |expired: Expired| expired.until.max(until));
        expired = Some(Expired {
            next: pair[1].first,
            until,
        });
    }
    Ok(expired)
}

/// Where a checkpoint is written before it counts.
pub fn checkpoint_draft(data: &Path) -> PathBuf {
    folder(data).join("checkpoint.new")
}

/// When the open segment among those of `data` was begun, as far as the files tell; `None` where there is none.
pub(super) fn begun(data: &Path) -> Result<Option<SystemTime>> {
    let files = segments(Kind::Events, &folder(data))?;
    let Some((open, closed)) = files.split_last() else {
        return Ok(None);
    };
    // The last record of the segment before it is older than its first one.
    let before = closed.last().map(|file| modified(&file.path)).transpose()?;
    let created = fs::metadata(&open.path).and_then(|about| about.created());
    let created = created.or_else(|_| fs::metadata(&open.path).and_then(|about| about.modified()));
    let changed = modified(&open.path)?;
    Ok(before.into_iter().chain(created).chain([changed]).min())
}

/// Puts the checkpoint draft in force, as that of the events before `next`, and trims.
pub(super) fn put_in_force(data: &Path, next: u64, events: &mut EventLog) -> Result<()> {
    let (draft, path) = (checkpoint_draft(data), checkpoint_at(&folder(data), next));
    fs::rename(&draft, &path).map_err(|error| Error::io("rename", &draft, &error))?;
    sync(&folder(data))?;
    finish(data, events)
}

/// Removes what the checkpoint that counts stands for: also where an earlier writer was killed before it had done so.
pub(super) fn finish(data: &Path, events: &mut EventLog) -> Result<()> {
    let folder = folder(data);
    let mut all = checkpoints(&folder)?;
    let Some(last) = all.pop() else {
        return Ok(());
    };
    let removed = events.trim(last.next)?;
    for before in &all {
        fs::remove_file(&before.path).map_err(|error| Error::io("remove", &before.path, &error))?;
    }
    if removed > 0 || !all.is_empty() {
        sync(&folder)?;
    }
    Ok(())
}

fn modified(path: &Path) -> Result<SystemTime> {
    let about = fs::metadata(path).and_then(|about| about.modified());
    about.map_err(|error| Error::io("read", path, &error))
}
