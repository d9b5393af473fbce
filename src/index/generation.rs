//! Generations: which one serves, which one serves instead where that one is damaged, and which ones go.
//!
//! `index/CURRENT` holds the name of the folder that serves and the digest of its manifest. The one before it stays for
//! rollback; older ones, and what a run that died left behind, are removed by the next run. A generation without a whole
//! manifest was never finished and never serves.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::alonefile::AloneFile;
use super::analyses::{KeptTexts, Part};
use super::damage::damaged;
use super::draft::{GenerationDraft, remove};
use super::manifest::{FileDigest, Manifest, unreadable};
use super::search::SearchIndex;
use super::serving::Serving;
use super::termfile::TermFile;
use super::topics::TopicTable;
use crate::error::{Error, Result};

pub(super) const CURRENT: &str = "CURRENT";
pub(super) const CURRENT_NEW: &str = "CURRENT.new";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const MANIFEST_NEW: &str = "manifest.new";
pub(super) const TOPICS: &str = "topics.bin";
pub(super) const ALONE: &str = "alone.bin";
const PREFIX: &str = "generation-";
const LOCK: &str = "LOCK";

/// The folder `index/` of a data folder.
#[derive(Clone, Debug)]
pub struct Generations(PathBuf);

/// A finished generation.
#[derive(Debug)]
pub struct Generation {
    folder: PathBuf,
    digest: String,
    /// What it was built from.
    pub manifest: Manifest,
    /// The open serving file.
    pub serving: Serving,
}

/// Keeps other builds away from an `index/` until it is dropped or its process ends.
#[derive(Debug)]
pub struct BuildLock {
    _file: File,
}

/// A generation to read, and why it is not the one that should serve, if so.
#[derive(Debug)]
pub struct Readable {
    /// The generation.
    pub generation: Generation,
    /// What was found damaged, what serves instead and what to run.
    pub complaint: Option<String>,
}

impl Generations {
    /// The generations under `data/index`.
    pub fn under(data: &Path) -> Self {
        Self(data.join("index"))
    }

    /// What `CURRENT` holds, if it is there: cheap enough to ask every second, and another text for every generation.
    pub fn current_line(&self) -> Option<String> {
        let bytes = fs::read(self.0.join(CURRENT)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// Opens the generation that `CURRENT` names; `None` where there is no index yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written or of an older format, [`Error::Newer`] if it is of a newer one.
    pub fn current(&self) -> Result<Option<Generation>> {
        let path = self.0.join(CURRENT);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return if self.numbers()?.iter().any(|&number| self.is_sealed(number)) {
                    Err(unreadable(&path, &error))
                } else {
                    Ok(None)
                };
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut words = text.split_whitespace();
        let named = words.next().and_then(number_of);
        // A person who goes back a generation writes the name alone.
        let digest = words.next();
        let (Some(number), None) = (named, words.next()) else {
            let shown: String = text.trim().chars().take(40).collect();
            return Err(damaged(
                &path,
                format!("found {shown:?}, expected the name of a generation and a digest"),
            ));
        };
        let generation = Generation::open(&self.folder(number))?;
        if digest.is_some_and(|digest| digest != generation.digest) {
            return Err(damaged(
                &path,
                format!("its digest is not that of {PREFIX}{number:08}"),
            ));
        }
        Ok(Some(generation))
    }

    /// Opens what a reader should see: the current generation or, where that is damaged, the newest other one that is
    /// whole; `None` where there is no index yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if no generation is whole, [`Error::Newer`] if the current one is of a newer format.
    pub fn readable(&self) -> Result<Option<Readable>> {
        loop {
            let line = self.current_line();
            let error = match self.current() {
                Ok(current) => {
                    return Ok(current.map(|generation| Readable {
                        generation,
                        complaint: None,
                    }));
                }
                Err(error @ Error::Newer(_)) => return Err(error),
                Err(error) => error,
            };
            let mut numbers = self.numbers()?;
            numbers.sort_unstable();
            let whole = numbers
                .iter()
                .rev()
                .find_map(|&number| Generation::open(&self.folder(number)).ok());
            // A build may have removed meanwhile what was current a moment ago.
            if self.current_line() == line {
                return match whole {
                    Some(generation) => Ok(Some(Readable {
                        complaint: Some(format!(
                            "{error}; until then generation {} serves",
                            generation.manifest.generation
                        )),
                        generation,
                    })),
                    None => Err(error),
                };
            }
        }
    }

    /// The number, the folder and the generation of each folder of one, in their order.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be listed.
    pub fn all(&self) -> Result<Vec<(u64, PathBuf, Result<Generation>)>> {
        let mut numbers = self.numbers()?;
        numbers.sort_unstable();
        let opened = numbers.into_iter().map(|number| {
            let folder = self.folder(number);
            let generation = Generation::open(&folder);
            (number, folder, generation)
        });
        Ok(opened.collect())
    }

    /// Keeps other builds away.
    ///
    /// # Errors
    /// [`Error::InUse`] while another build holds the lock, [`Error::Failed`] if the folder cannot be written.
    pub fn lock(&self) -> Result<BuildLock> {
        fs::create_dir_all(&self.0).map_err(|error| Error::io("create", &self.0, &error))?;
        let path = self.0.join(LOCK);
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| Error::io("write", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(BuildLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(format!(
                "another reindex is running on {}; wait for it or use another --data folder",
                self.0.parent().unwrap_or(&self.0).display()
            ))),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path, &error)),
        }
    }

    /// Starts a generation under a number that no folder has and `CURRENT` does not name.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be made.
    pub fn begin(&self, _lock: &BuildLock) -> Result<GenerationDraft> {
        let highest = self.numbers()?.into_iter().chain(self.named()).max();
        let number = highest.unwrap_or_default() + 1;
        GenerationDraft::new(&self.0, self.folder(number), number)
    }

    /// Removes what builds that did not end left behind: folders without a manifest and, where `current` is known, those
    /// that were finished but never became current. The names of the generations among it.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be listed; what cannot be removed is left for the next run.
    pub fn clear_leftovers(&self, _lock: &BuildLock, current: Option<u64>) -> Result<Vec<String>> {
        let _ = fs::remove_file(self.0.join(CURRENT_NEW));
        let mut left = self.numbers()?;
        left.retain(|&number| {
            !self.is_sealed(number) || current.is_some_and(|current| number > current)
        });
        left.sort_unstable();
        for &number in &left {
            remove(&self.folder(number));
        }
        Ok(left.into_iter().map(name_of).collect())
    }

    /// Removes every generation but `current` and the newest whole one before it.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be listed; what cannot be removed is left for the next run.
    pub fn prune(&self, _lock: &BuildLock, current: u64) -> Result<()> {
        let mut numbers = self.numbers()?;
        numbers.sort_unstable();
        let previous = numbers
            .iter()
            .rev()
            .filter(|&&number| number < current)
            .find(|&&number| Generation::open(&self.folder(number)).is_ok())
            .copied();
        for number in numbers {
            if number != current && Some(number) != previous {
                remove(&self.folder(number));
            }
        }
        Ok(())
    }

    /// The number in `CURRENT`, whether its generation can be used or not.
    fn named(&self) -> Option<u64> {
        number_of(self.current_line()?.split_whitespace().next()?)
    }

    /// Whether the generation `number` was finished.
    pub fn is_sealed(&self, number: u64) -> bool {
        self.folder(number).join(MANIFEST).exists()
    }

    fn folder(&self, number: u64) -> PathBuf {
        self.0.join(name_of(number))
    }

    fn numbers(&self) -> Result<Vec<u64>> {
        let listed = match fs::read_dir(&self.0) {
            Ok(listed) => listed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("list", &self.0, &error)),
        };
        Ok(listed
            .flatten()
            .filter_map(|entry| number_of(entry.file_name().to_str()?))
            .collect())
    }
}

fn name_of(number: u64) -> String {
    format!("{PREFIX}{number:08}")
}

/// The number of the generation in a folder of this name, if it is one.
fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix(PREFIX)?.parse().ok()?;
    (name_of(number) == name).then_some(number)
}

impl Generation {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        let (manifest, digest) = Manifest::read(&path)?;
        if folder.file_name() != Some(name_of(manifest.generation).as_ref()) {
            return Err(damaged(
                &path,
                format!(
                    "is of generation {}, not of this folder",
                    manifest.generation
                ),
            ));
        }
        let serving = Serving::open(&folder.join("serving.bin"))?;
        Ok(Self {
            folder: folder.to_owned(),
            digest,
            manifest,
            serving,
        })
    }

    /// What `CURRENT` holds while this generation serves.
    pub fn current_line(&self) -> String {
        format!("{} {}\n", name_of(self.manifest.generation), self.digest)
    }

    /// Opens the term file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn terms(&self) -> Result<TermFile> {
        TermFile::open(&self.folder.join("terms.bin"))
    }

    /// Opens the file of lone articles.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn alone(&self) -> Result<AloneFile> {
        AloneFile::open(&self.folder.join(ALONE))
    }

    /// Opens the texts of the analysed articles.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was written.
    pub fn texts(&self) -> Result<KeptTexts> {
        KeptTexts::open(&self.folder.join("articles.bin"))
    }

    /// Opens the search index, every file of it compared with what was written: tantivy compares nothing on opening.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn search(&self) -> Result<SearchIndex> {
        self.compare(|file| file.name.starts_with("search/"))?;
        SearchIndex::open(&self.folder.join("search"))
    }

    /// Reads the topics.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was written.
    pub fn topics(&self) -> Result<TopicTable> {
        TopicTable::read(&self.folder.join(TOPICS))
    }

    /// Reads the analysed articles.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they do not match their checksum.
    pub fn analyses(&self) -> Result<Part> {
        Part::read(&self.folder.join("articles.bin"))
    }

    /// Compares every file with what was written.
    ///
    /// # Errors
    /// [`Error::Damaged`] names the first that differs.
    pub fn verify(&self) -> Result<()> {
        self.compare(|_| true)
    }

    /// Compares every file with what was written: those that differ.
    pub fn differing(&self) -> Vec<Error> {
        let files = self.manifest.files.iter();
        files
            .filter_map(|file| file.compare(&self.folder).err())
            .collect()
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of its files.
    pub fn bytes(&self) -> u64 {
        self.manifest.files.iter().map(|file| file.bytes).sum()
    }

    fn compare(&self, which: impl Fn(&FileDigest) -> bool) -> Result<()> {
        self.manifest
            .files
            .iter()
            .filter(|file| which(file))
            .try_for_each(|file| file.compare(&self.folder))
    }
}
