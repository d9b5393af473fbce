//! What a backup and a restore write before it counts: it is locked as long as somebody works on it, so that whoever comes
//! next can tell what a stopped run left behind and remove it. A secret and a journal are in it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How the name of a backup begins that is being written, beside its place.
pub(super) const BACKUP: &str = ".readnext-backup-";
/// How the name of the folder begins that a backup is unpacked to, in the data folder.
pub(super) const RESTORE: &str = ".readnext-restore-";

/// Says by a lock on `work` that somebody works on it, until it is closed. Where files cannot be locked nothing is said, and
/// then nobody finds it left behind.
pub(super) fn mark(work: &File) {
    let _ = work.lock();
}

/// Removes what stopped runs left in `folder` under names that begin with `prefix`; what that was. What cannot be removed
/// stays.
pub(super) fn clear(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut left = left_in(folder, prefix);
    left.retain(|path| {
        let removed = match path.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        };
        removed.is_ok()
    });
    left
}

/// What stopped backups and restores left in `folder`. Others may be going on there.
pub(in crate::engine) fn left_behind(folder: &Path) -> Vec<PathBuf> {
    let left = [BACKUP, RESTORE].map(|prefix| left_in(folder, prefix));
    left.concat()
}

/// What is in `folder` under a name that begins with `prefix`, and nobody works on.
fn left_in(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut left: Vec<PathBuf> = listed
        .filter(|entry| {
            let name = entry.file_name();
            name.as_encoded_bytes().starts_with(prefix.as_bytes())
        })
        .map(|entry| entry.path())
        .filter(|path| is_left(path).unwrap_or(false))
        .collect();
    left.sort();
    left
}

/// Whether what is at `path`, a file or a folder, is locked by nobody.
fn is_left(path: &Path) -> io::Result<bool> {
    let is_link = fs::symlink_metadata(path)?.file_type().is_symlink();
    Ok(!is_link && File::open(path)?.try_lock().is_ok())
}
