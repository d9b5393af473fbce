//! The journal's folder: its segments by name, and what makes a new file in it last.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::model::order;

const SUFFIX: &str = ".log";
/// How the names of checkpoints begin and end.
const CHECKPOINT: (&str, &str) = ("checkpoint-", ".bin");

/// A segment file and the number of its first record, which is its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SegmentFile {
    pub(super) first: u64,
    pub(super) path: PathBuf,
}

/// Where the journal of a data folder is.
pub(super) fn folder(data: &Path) -> PathBuf {
    data.join("journal")
}

/// The segment of `kind` in `folder` whose first record has the number `first`.
pub(super) fn segment_file(kind: Kind, folder: &Path, first: u64) -> SegmentFile {
    SegmentFile {
        first,
        path: folder.join(format!("{}{first:020}{SUFFIX}", kind.prefix())),
    }
}

/// The segments of `kind` in `folder`, in the order of their records; none where there is no folder.
pub(super) fn segments(kind: Kind, folder: &Path) -> Result<Vec<SegmentFile>> {
    numbered(folder, kind.prefix(), SUFFIX)
}

/// The files in `folder` whose names are a number between `prefix` and `suffix`, in the order of these.
pub(super) fn numbered(folder: &Path, prefix: &str, suffix: &str) -> Result<Vec<SegmentFile>> {
    let failed = |error: &io::Error| Error::io("list", folder, error);
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&error)),
    };
    let mut found = Vec::new();
    for entry in listed {
        let name = entry.map_err(|error| failed(&error))?.file_name();
        let first = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix)?.strip_suffix(suffix));
        if let Some(first) = first
            .and_then(|first| first.parse().ok())
            .filter(|&first| first > 0)
        {
            let path = folder.join(format!("{prefix}{first:020}{suffix}"));
            if path.file_name() == Some(&name) {
                found.push(SegmentFile { first, path });
            }
        }
    }
    order::sort_by_key(&mut found, |segment| segment.first);
    Ok(found)
}

/// What all events before a number have added up to, in the place of these. What is in it the journal does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of the first event that is not in it.
    pub next: u64,
    /// Its file.
    pub path: PathBuf,
}

/// The checkpoints in `folder`, the one that counts last.
pub(super) fn checkpoints(folder: &Path) -> Result<Vec<Checkpoint>> {
    let (prefix, suffix) = CHECKPOINT;
    let files = numbered(folder, prefix, suffix)?.into_iter();
    let checkpoint = |file: SegmentFile| Checkpoint {
        next: file.first,
        path: file.path,
    };
    Ok(files.map(checkpoint).collect())
}

/// The checkpoint of events before `next` in `folder`.
pub(super) fn checkpoint_at(folder: &Path, next: u64) -> PathBuf {
    let (prefix, suffix) = CHECKPOINT;
    folder.join(format!("{prefix}{next:020}{suffix}"))
}

/// The checkpoint of `data`'s journal that counts, if one was cut.
///
/// # Errors
/// [`Error::Failed`] if the folder is there and cannot be listed.
pub fn checkpoint(data: &Path) -> Result<Option<Checkpoint>> {
    Ok(checkpoints(&folder(data))?.pop())
}

/// The number of the first record of `kind` that has to be in a segment of `folder`.
pub(super) fn floor(kind: Kind, folder: &Path) -> Result<u64> {
    match kind {
        Kind::Articles => Ok(1),
        Kind::Events => Ok(checkpoints(folder)?.pop().map_or(1, |last| last.next)),
    }
}

/// The files that hold the articles. While neither their sizes nor their times change, neither do the articles.
///
/// # Errors
/// [`Error::Failed`] if the folder is there and cannot be listed.
pub fn files(data: &Path) -> Result<Vec<PathBuf>> {
    let segments = segments(Kind::Articles, &folder(data))?.into_iter();
    Ok(segments.map(|segment| segment.path).collect())
}

/// Makes the entries of `folder` last: a file is safe only once its name is.
pub(super) fn sync(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("sync", folder, &error))
}
