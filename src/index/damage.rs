//! What is said of a file that does not hold what was written.

use std::path::Path;

use crate::error::Error;

/// `path` does not hold what was written; `what` says how that shows.
pub(super) fn damaged(path: &Path, what: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("{}: {what}", path.display()))
}

/// `path` has the layout `found`, which is not the one that this build reads and writes.
pub(super) fn other_format(path: &Path, found: u32, own: u32) -> Error {
    if found > own {
        Error::Newer(format!(
            "{}: found format {found}, this readnext reads and writes {own}; use the newer readnext that wrote it, or run `readnext reindex --full` to build it again",
            path.display()
        ))
    } else {
        damaged(
            path,
            format!("found format {found}, this readnext reads and writes {own}"),
        )
    }
}
