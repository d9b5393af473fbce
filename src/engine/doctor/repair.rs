//! Mending: only what loses nothing, and under the lock of whoever else would write it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Doctor;
use crate::engine::loan::Borrowed;
use crate::engine::reindex::{Corpora, Reindex};
use crate::error::{Error, Result};

/// Something that can be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// The file becomes readable by its owner alone.
    OwnersAlone(PathBuf),
    /// What is torn at the end of the journal is cut off.
    CutTail,
    /// The file, which can be made again or is a report alone, is removed.
    Remove(PathBuf),
    /// The index is built again.
    Reindex,
}

impl Doctor<'_> {
    /// Does `repairs`; what was done, in words.
    pub(super) fn mend(&self, repairs: &[Repair]) -> Result<Vec<String>> {
        let mut mended = Vec::new();
        for repair in repairs {
            if let Repair::OwnersAlone(path) = repair {
                make_private(path)?;
                mended.push(format!("{}: mode 600", path.display()));
            }
        }
        let files = repairs.iter().filter_map(|repair| match repair {
            Repair::Remove(path) => Some(path),
            _ => None,
        });
        let files: Vec<&PathBuf> = files.collect();
        if !files.is_empty() || repairs.contains(&Repair::CutTail) {
            self.mend_journal(&files, &mut mended)?;
        }
        if repairs.contains(&Repair::Reindex) {
            mended.push(self.reindex()?);
        }
        Ok(mended)
    }

    /// Removes `files` while nobody writes, and cuts the tail off the journal, as opening it does.
    fn mend_journal(&self, files: &[&PathBuf], mended: &mut Vec<String>) -> Result<()> {
        let borrowed = Borrowed::open(self.data)?;
        let cut = borrowed.problems.iter();
        mended.extend(cut.map(|problem| format!("{}: {}", problem.path, problem.message)));
        for path in files {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", path, &error));
                }
                _ => mended.push(format!("{}: removed", path.display())),
            }
        }
        Ok(())
    }

    /// Builds the index again, as `readnext reindex` does.
    fn reindex(&self) -> Result<String> {
        let report = Reindex {
            data: self.data,
            config: &self.config()?,
            corpora: Corpora::Roots(Vec::new()),
            incoming: None,
            journal_only: false,
            full: false,
            allow_shrink: false,
            verify: true,
        }
        .run(&|_| {})?;
        Ok(format!(
            "built generation {} again: {} added, {} changed, {} removed, {} as they were",
            report.generation,
            report.added.len(),
            report.changed.len(),
            report.removed.len(),
            report.unchanged
        ))
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let owners = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, owners).map_err(|error| Error::io("change the mode of", path, &error))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> Result<()> {
    Ok(())
}
