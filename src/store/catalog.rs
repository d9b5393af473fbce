//! What the last run saw of every corpus and journal file, so that a run over an unchanged corpus reads no file.
//!
//! The catalogue never decides what an article says: it only tells whether size and modification time of every file are
//! what they were when generation G was built. It is made anew by each run that finds a change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::apart::{SealedFolder, State};
use crate::error::{Error, Result};

/// A file younger than this at the time of a run may change again within its time stamp's granularity.
const RACY_NANOS: i128 = 2_000_000_000;
const BUILT: &str = "built";
const FILES: &str = "files";
const BUILT_KEY: &str = "key";

/// Size in bytes and modification time in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Size in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified: i128,
}

/// The catalogue of a data folder; only the run that holds the build lock may have one.
#[derive(Debug)]
pub struct Catalog {
    folder: SealedFolder,
    usable: bool,
    complaint: Option<String>,
}

impl Catalog {
    /// What is wrong with the catalogue in `data/index/catalog`, and where it is, if something is. Nothing is written.
    pub fn doubt(data: &Path) -> Option<(PathBuf, &'static str)> {
        let folder = Self::folder(data);
        Some((folder.path().to_owned(), folder.state().wrong()?))
    }

    fn folder(data: &Path) -> SealedFolder {
        SealedFolder::at(data.join("index").join("catalog"))
    }

    /// The catalogue in `data/index/catalog`; one that is not what the last run left is thrown away.
    pub fn open(data: &Path) -> Self {
        let folder = Self::folder(data);
        let complaint = folder.state().wrong().map(|found| {
            let outcome = match folder.remove() {
                Ok(()) => "it is thrown away and every file is read".to_owned(),
                Err(error) => format!("it is not used, and it cannot be removed: {error}"),
            };
            format!("{}: {found}; {outcome}", folder.path().display())
        });
        Self {
            usable: folder.state() == State::Sealed,
            folder,
            complaint,
        }
    }

    /// What was found damaged and what is done about it.
    pub fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// Whether `files` are what they were when the generation described by `built` was made.
    pub fn matches(&mut self, built: &str, files: &BTreeMap<String, FileStamp>) -> bool {
        if !self.usable {
            return false;
        }
        let read = self.folder.with(|database| {
            let built = database.open_tree(BUILT)?.get(BUILT_KEY)?;
            let files: sled::Result<Vec<_>> = database.open_tree(FILES)?.iter().collect();
            Ok((built, files?))
        });
        let Ok((Some(known), stored)) = read else {
            self.usable = false;
            return false;
        };
        known.as_ref() == built.as_bytes()
            && stored.len() == files.len()
            && stored
                .iter()
                .zip(files)
                .all(|((path, known), (name, stamp))| {
                    path.as_ref() == name.as_bytes() && known.as_ref() == encoded(stamp)
                })
    }

    /// Remembers `files` as what the generation described by `built` was made from, at `now` (nanoseconds since 1970).
    ///
    /// Files too young to be told from a later change are left out, so the next run reads them again.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written; the next run then reads every file.
    pub fn remember(
        &mut self,
        built: &str,
        files: &BTreeMap<String, FileStamp>,
        now: i128,
    ) -> Result<()> {
        self.usable = false;
        let mut batch = sled::Batch::default();
        for (path, stamp) in files {
            if now - stamp.modified > RACY_NANOS {
                batch.insert(path.as_bytes(), encoded(stamp).as_slice());
            }
        }
        let built = built.to_owned();
        let written = self
            .folder
            .remove()
            .map_err(|error| error.to_string())
            .and_then(|()| {
                self.folder.with(move |database| {
                    database.open_tree(FILES)?.apply_batch(batch)?;
                    database
                        .open_tree(BUILT)?
                        .insert(BUILT_KEY, built.as_bytes())?;
                    Ok(())
                })
            });
        written.map_err(|error| {
            // Half a catalogue is none, and the next run need not be told of it.
            let _ = self.folder.remove();
            Error::Failed(format!(
                "cannot write {}: {error}; the next run reads every file",
                self.folder.path().display()
            ))
        })?;
        self.usable = true;
        Ok(())
    }
}

fn encoded(stamp: &FileStamp) -> [u8; 24] {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&stamp.size.to_le_bytes());
    bytes[8..].copy_from_slice(&stamp.modified.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LATE: i128 = 100 * RACY_NANOS;

    fn files(modified: i128) -> BTreeMap<String, FileStamp> {
        BTreeMap::from([("a.md".to_owned(), FileStamp { size: 3, modified })])
    }

    #[test]
    fn only_the_same_files_of_the_same_generation_match() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut catalog = Catalog::open(folder.path());
        catalog.remember("g1", &files(1), LATE).expect("written");
        assert!(catalog.matches("g1", &files(1)));
        assert!(!catalog.matches("g2", &files(1)));
        assert!(!catalog.matches("g1", &files(2)));
        assert!(!catalog.matches("g1", &BTreeMap::new()));
    }

    #[test]
    fn a_file_that_may_still_change_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut catalog = Catalog::open(folder.path());
        catalog.remember("g1", &files(1000), 1001).expect("written");
        assert!(!catalog.matches("g1", &files(1000)));
    }

    #[test]
    fn it_stays_sealed_however_often_it_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        for round in 0..20 {
            let mut catalog = Catalog::open(folder.path());
            assert_eq!(catalog.complaint(), None, "round {round}");
            assert_eq!(catalog.matches("g1", &files(1)), round > 0, "round {round}");
            if round % 5 == 0 {
                catalog.remember("g1", &files(1), LATE).expect("written");
            }
        }
    }

    #[test]
    fn a_changed_byte_throws_it_away_before_sled_sees_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["catalog/db", "catalog/conf", "catalog.seal"] {
            Catalog::open(folder.path())
                .remember("g1", &files(1), LATE)
                .expect("written");
            let path = folder.path().join("index").join(name);
            let mut bytes = fs::read(&path).expect("read");
            bytes[5] ^= 4;
            fs::write(&path, bytes).expect("written");
            let mut catalog = Catalog::open(folder.path());
            let complaint = catalog.complaint().expect("told").to_owned();
            assert!(complaint.contains("does not match its seal"), "{complaint}");
            assert!(!catalog.matches("g1", &files(1)));
            assert!(!folder.path().join("index/catalog").exists());
        }
    }

    #[test]
    fn a_catalogue_without_its_seal_was_left_by_a_run_that_died() {
        let folder = tempfile::tempdir().expect("a folder");
        Catalog::open(folder.path())
            .remember("g1", &files(1), LATE)
            .expect("written");
        fs::remove_file(folder.path().join("index/catalog.seal")).expect("removed");
        let catalog = Catalog::open(folder.path());
        assert!(
            catalog
                .complaint()
                .expect("told")
                .contains("did not finish")
        );
    }
}
