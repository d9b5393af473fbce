//! What the last run saw of every corpus file, so that a run over an unchanged corpus reads no file.
//!
//! The catalogue never decides what an article says: it only tells whether size and modification time of every file are
//! what they were when generation G was built. Its file lock also keeps two runs apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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

/// The open catalogue of a data folder.
#[derive(Debug)]
pub struct Catalog {
    path: PathBuf,
    database: sled::Db,
}

impl Catalog {
    /// Opens `data/index/catalog`, or starts it anew where it cannot be read.
    ///
    /// # Errors
    /// [`Error::InUse`] while another run holds it.
    pub fn open(data: &Path) -> Result<Self> {
        let path = data.join("index").join("catalog");
        fs::create_dir_all(&path).map_err(|error| Error::io("create", &path, &error))?;
        let open = || {
            crate::error::contain(|| {
                sled::Config::new()
                    .path(&path)
                    .mode(sled::Mode::LowSpace)
                    .open()
            })
        };
        let database = match open() {
            Some(Ok(database)) => database,
            Some(Err(sled::Error::Io(error))) if error.to_string().contains("lock") => {
                return Err(Error::InUse(format!(
                    "another reindex is running on {}; wait for it or use another --data folder",
                    data.display()
                )));
            }
            _ => {
                // A view that cannot be opened is thrown away: the next run then reads every file once.
                fs::remove_dir_all(&path).map_err(|error| Error::io("remove", &path, &error))?;
                match open() {
                    Some(Ok(database)) => database,
                    Some(Err(error)) => {
                        return Err(Error::Failed(format!(
                            "cannot open {}: {error}",
                            path.display()
                        )));
                    }
                    None => {
                        return Err(Error::Failed(format!(
                            "cannot open {}: sled panicked",
                            path.display()
                        )));
                    }
                }
            }
        };
        Ok(Self { path, database })
    }

    /// Whether `files` are what they were when the generation described by `built` was made.
    pub fn matches(&self, built: &str, files: &BTreeMap<String, FileStamp>) -> bool {
        let stored = |tree: &str| self.database.open_tree(tree).ok();
        let same_build = stored(BUILT)
            .and_then(|tree| tree.get(BUILT_KEY).ok()?)
            .is_some_and(|value| value.as_ref() == built.as_bytes());
        let Some(tree) = stored(FILES).filter(|tree| same_build && tree.len() == files.len())
        else {
            return false;
        };
        files.iter().all(|(path, stamp)| {
            tree.get(path)
                .ok()
                .flatten()
                .is_some_and(|value| value.as_ref() == encoded(stamp))
        })
    }

    /// Remembers `files` as what the generation described by `built` was made from, at `now` (nanoseconds since 1970).
    ///
    /// Files too young to be told from a later change are left out, so the next run reads them again.
    ///
    /// # Errors
    /// [`Error::Failed`] if sled cannot write.
    pub fn remember(
        &self,
        built: &str,
        files: &BTreeMap<String, FileStamp>,
        now: i128,
    ) -> Result<()> {
        let failed = |error: sled::Error| {
            Error::Failed(format!("cannot write {}: {error}", self.path.display()))
        };
        let tree = self.database.open_tree(FILES).map_err(failed)?;
        let mut batch = sled::Batch::default();
        for known in tree.iter().keys() {
            let known = known.map_err(failed)?;
            if std::str::from_utf8(&known).map_or(true, |path| !files.contains_key(path)) {
                batch.remove(known);
            }
        }
        for (path, stamp) in files {
            if now - stamp.modified > RACY_NANOS {
                batch.insert(path.as_bytes(), encoded(stamp).as_slice());
            } else {
                batch.remove(path.as_bytes());
            }
        }
        tree.apply_batch(batch).map_err(failed)?;
        let meta = self.database.open_tree(BUILT).map_err(failed)?;
        meta.insert(BUILT_KEY, built.as_bytes()).map_err(failed)?;
        self.database.flush().map_err(failed)?;
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
    use super::*;

    fn files(modified: i128) -> BTreeMap<String, FileStamp> {
        BTreeMap::from([("a.md".to_owned(), FileStamp { size: 3, modified })])
    }

    #[test]
    fn only_the_same_files_of_the_same_generation_match() {
        let folder = tempfile::tempdir().expect("a folder");
        let catalog = Catalog::open(folder.path()).expect("opens");
        let now = 100 * RACY_NANOS;
        catalog.remember("g1", &files(1), now).expect("written");
        assert!(catalog.matches("g1", &files(1)));
        assert!(!catalog.matches("g2", &files(1)));
        assert!(!catalog.matches("g1", &files(2)));
        assert!(!catalog.matches("g1", &BTreeMap::new()));
    }

    #[test]
    fn a_file_that_may_still_change_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let catalog = Catalog::open(folder.path()).expect("opens");
        catalog.remember("g1", &files(1000), 1001).expect("written");
        assert!(!catalog.matches("g1", &files(1000)));
    }

    #[test]
    fn a_second_run_is_told_and_a_broken_catalogue_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let catalog = Catalog::open(folder.path()).expect("opens");
        assert!(matches!(Catalog::open(folder.path()), Err(Error::InUse(_))));
        catalog
            .remember("g1", &files(1), 100 * RACY_NANOS)
            .expect("written");
        drop(catalog);
        let inside = folder.path().join("index/catalog");
        for entry in fs::read_dir(&inside)
            .expect("listed")
            .flatten()
            .filter(|entry| entry.path().is_file())
        {
            fs::write(entry.path(), b"garbage").expect("written");
        }
        let catalog = Catalog::open(folder.path()).expect("opens again");
        assert!(!catalog.matches("g1", &files(1)));
    }
}
