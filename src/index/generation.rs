//! Generations: built in a folder of their own, verified, then made current by one atomic rename.
//!
//! `index/CURRENT` holds the name of the folder that serves. The one before it stays for rollback; older ones, and what a
//! run that died left behind, are removed by the next run.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::analyses::Part;
use super::search::SearchIndex;
use super::sections::FORMAT;
use super::serving::Serving;
use super::termfile::TermFile;
use crate::error::{Error, Result};

const CURRENT: &str = "CURRENT";
const PREFIX: &str = "generation-";

/// What a generation was built from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout of its files.
    pub format: u32,
    /// Its number; counts up.
    pub generation: u64,
    /// How many articles it holds.
    pub articles: usize,
    /// A digest of the code and settings that analysis depends on; analyses are reused only where it is equal.
    pub analysis: String,
    /// The same for everything that the generation's files depend on beside the articles.
    pub settings: String,
    /// The corpus roots, in the order of the articles' source numbers.
    pub sources: Vec<String>,
}

/// The folder `index/` of a data folder.
#[derive(Clone, Debug)]
pub struct Generations(PathBuf);

/// A finished generation.
#[derive(Debug)]
pub struct Generation {
    folder: PathBuf,
    /// What it was built from.
    pub manifest: Manifest,
    /// The open serving file.
    pub serving: Serving,
}

/// A generation being built, in a folder that nothing points to yet.
#[derive(Debug)]
pub struct GenerationDraft {
    index: PathBuf,
    folder: PathBuf,
    /// Its number.
    pub number: u64,
}

impl Generations {
    /// The generations under `data/index`.
    pub fn under(data: &Path) -> Self {
        Self(data.join("index"))
    }

    /// The name in `CURRENT`, if there is one: cheap enough to ask every second.
    pub fn current_name(&self) -> Option<String> {
        let name = fs::read_to_string(self.0.join(CURRENT)).ok()?;
        Some(name.trim().to_owned())
    }

    /// Opens the current generation; `None` where there is no index yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it cannot be opened or does not match its checksums.
    pub fn current(&self) -> Result<Option<Generation>> {
        let Some(name) = self.current_name() else {
            return Ok(None);
        };
        if !name.starts_with(PREFIX) || name.contains(['/', '\\']) {
            return Err(Error::Damaged(format!(
                "{} holds {name:?}, expected the name of a generation; run `readnext reindex --full`",
                self.0.join(CURRENT).display()
            )));
        }
        Generation::open(&self.0.join(name)).map(Some)
    }

    /// Starts a generation with the next number.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be made.
    pub fn begin(&self) -> Result<GenerationDraft> {
        fs::create_dir_all(&self.0).map_err(|error| Error::io("create", &self.0, &error))?;
        let highest = self.numbers()?.into_iter().max().unwrap_or_default();
        let number = highest + 1;
        let folder = self.0.join(format!("{PREFIX}{number:08}"));
        fs::create_dir(&folder).map_err(|error| Error::io("create", &folder, &error))?;
        Ok(GenerationDraft {
            index: self.0.clone(),
            folder,
            number,
        })
    }

    /// Removes every generation but the current one and the one before it.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be listed; what cannot be removed is left for the next run.
    pub fn prune(&self) -> Result<()> {
        let current = self
            .current_name()
            .and_then(|name| name.strip_prefix(PREFIX)?.parse::<u64>().ok());
        let Some(current) = current else {
            return Ok(());
        };
        let mut numbers = self.numbers()?;
        numbers.sort_unstable();
        let previous = numbers
            .iter()
            .rev()
            .find(|&&number| number < current)
            .copied();
        for number in numbers {
            if number != current && Some(number) != previous {
                let _ = fs::remove_dir_all(self.0.join(format!("{PREFIX}{number:08}")));
            }
        }
        Ok(())
    }

    fn numbers(&self) -> Result<Vec<u64>> {
        let listed = fs::read_dir(&self.0).map_err(|error| Error::io("list", &self.0, &error))?;
        Ok(listed
            .flatten()
            .filter_map(|entry| {
                entry
                    .file_name()
                    .to_str()?
                    .strip_prefix(PREFIX)?
                    .parse()
                    .ok()
            })
            .collect())
    }
}

impl GenerationDraft {
    /// Where the serving file goes.
    pub fn serving_path(&self) -> PathBuf {
        self.folder.join("serving.bin")
    }

    /// Where the term file goes.
    pub fn terms_path(&self) -> PathBuf {
        self.folder.join("terms.bin")
    }

    /// Where the analysed articles go.
    pub fn analyses_path(&self) -> PathBuf {
        self.folder.join("articles.bin")
    }

    /// Where the tantivy index goes.
    pub fn search_path(&self) -> PathBuf {
        self.folder.join("search")
    }

    /// Writes the manifest, verifies every file by its checksums, and makes the generation current.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a file is not what was written, [`Error::Failed`] if the disk refuses; the generation that
    /// was current stays so.
    pub fn publish(self, manifest: &Manifest) -> Result<Generation> {
        let text = serde_json::to_vec_pretty(manifest).expect("plain data serialises");
        write_durably(&self.folder.join("manifest.json"), &text)?;
        sync_tree(&self.folder)?;
        let generation = Generation::open(&self.folder)?;
        generation.verify()?;
        let name = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let beside = self.index.join(format!("{CURRENT}.new"));
        write_durably(&beside, name.as_bytes())?;
        let current = self.index.join(CURRENT);
        fs::rename(&beside, &current).map_err(|error| Error::io("replace", &current, &error))?;
        sync(&self.index)?;
        Ok(generation)
    }
}

impl Generation {
    fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("manifest.json");
        let text = fs::read(&path).map_err(|error| {
            Error::Damaged(format!(
                "cannot read {}: {error}; run `readnext reindex --full` to build the index again",
                path.display()
            ))
        })?;
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| {
            Error::Damaged(format!(
                "{}: {error}; run `readnext reindex --full`",
                path.display()
            ))
        })?;
        if manifest.format > FORMAT {
            return Err(Error::Damaged(format!(
                "{} has format {}, this readnext reads up to {FORMAT}; use the newer readnext that wrote it, or run `readnext reindex --full`",
                folder.display(),
                manifest.format
            )));
        }
        let serving = Serving::open(&folder.join("serving.bin"))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            serving,
        })
    }

    /// Opens the term file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn terms(&self) -> Result<TermFile> {
        TermFile::open(&self.folder.join("terms.bin"))
    }

    /// Opens the search index.
    ///
    /// # Errors
    /// [`Error::Damaged`] if tantivy cannot open it.
    pub fn search(&self) -> Result<SearchIndex> {
        SearchIndex::open(&self.folder.join("search"))
    }

    /// Reads the analysed articles.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they do not match their checksum.
    pub fn analyses(&self) -> Result<Part> {
        Part::read(&self.folder.join("articles.bin"))
    }

    /// Compares the checksums of all files that opening does not compare.
    fn verify(&self) -> Result<()> {
        self.terms()?;
        self.analyses()?;
        self.search()?.verify()
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("write", path, &error);
    let mut file = File::create(path).map_err(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

/// Makes every file below `folder`, and the folders that name them, durable.
fn sync_tree(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)
        .map_err(|error| Error::io("list", folder, &error))?
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            sync(&path)?;
        }
    }
    sync(folder)
}

fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::io("sync", path, &error))
}
