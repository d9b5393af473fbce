//! The journal's folder: its segments by name, and what makes a new file in it last.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::kind::Kind;
use crate::error::{Error, Result};

const SUFFIX: &str = ".log";

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
            .and_then(|name| name.strip_prefix(kind.prefix())?.strip_suffix(SUFFIX));
        if let Some(first) = first
            .and_then(|first| first.parse().ok())
            .filter(|&first| first > 0)
        {
            let segment = segment_file(kind, folder, first);
            if segment.path.file_name() == Some(&name) {
                found.push(segment);
            }
        }
    }
    found.sort_unstable_by_key(|segment| segment.first);
    Ok(found)
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
