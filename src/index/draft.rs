//! A generation being built: a folder that nothing points to, removed again unless it is published.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::alonefile::AloneFile;
use super::generation::{ALONE, CURRENT, CURRENT_NEW, Generation, MANIFEST, MANIFEST_NEW, TOPICS};
use super::manifest::{FileDigest, Manifest};
use super::search::SearchIndex;
use super::sections::Sections;
use super::serving::Serving;
use super::termfile::TermFile;
use crate::error::{Error, Result};

/// A generation being built.
#[derive(Debug)]
pub struct GenerationDraft {
    index: PathBuf,
    folder: PathBuf,
    published: bool,
    /// Its number.
    pub number: u64,
}

impl GenerationDraft {
    /// Makes `folder` in `index`.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be made.
    pub(super) fn new(index: &Path, folder: PathBuf, number: u64) -> Result<Self> {
        fs::create_dir(&folder).map_err(|error| Error::io("create", &folder, &error))?;
        Ok(Self {
            index: index.to_owned(),
            folder,
            published: false,
            number,
        })
    }

    /// Where the serving file goes.
    pub fn serving_path(&self) -> PathBuf {
        self.folder.join("serving.bin")
    }

    /// Where the term file goes.
    pub fn terms_path(&self) -> PathBuf {
        self.folder.join("terms.bin")
    }

    /// Where the file of lone articles goes.
    pub fn alone_path(&self) -> PathBuf {
        self.folder.join(ALONE)
    }

    /// Where the topic file goes.
    pub fn topics_path(&self) -> PathBuf {
        self.folder.join(TOPICS)
    }

    /// Where the analysed articles go.
    pub fn analyses_path(&self) -> PathBuf {
        self.folder.join("articles.bin")
    }

    /// Where the tantivy index goes.
    pub fn search_path(&self) -> PathBuf {
        self.folder.join("search")
    }

    /// Verifies every file by its checksums, seals the generation with `manifest`, and makes it current.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a file is not what was written, [`Error::Failed`] if the disk refuses; the generation that
    /// was current stays so.
    pub fn publish(mut self, manifest: &Manifest) -> Result<Generation> {
        self.verify()?;
        let mut names = Vec::new();
        list(&self.folder, "", &mut names)?;
        names.sort();
        for name in &names {
            sync(&self.folder.join(name))?;
        }
        sync(&self.search_path())?;
        let files = names.iter().map(|name| FileDigest::of(&self.folder, name));
        let manifest = Manifest {
            files: files.collect::<Result<_>>()?,
            ..manifest.clone()
        };
        replace(&self.folder, MANIFEST_NEW, MANIFEST, &manifest.to_bytes())?;
        let generation = Generation::open(&self.folder)?;
        let beside = self.index.join(CURRENT_NEW);
        write_durably(&beside, generation.current_line().as_bytes())?;
        let current = self.index.join(CURRENT);
        fs::rename(&beside, &current).map_err(|error| Error::io("replace", &current, &error))?;
        self.published = true;
        sync(&self.index)?;
        Ok(generation)
    }

    /// Compares every file with the checksums that were made of what was meant to be written.
    fn verify(&self) -> Result<()> {
        Serving::open(&self.serving_path())?;
        TermFile::open(&self.terms_path())?;
        AloneFile::open(&self.alone_path())?;
        Sections::open(&self.topics_path())?;
        Sections::open(&self.analyses_path())?;
        SearchIndex::open(&self.search_path())?.verify()
    }
}

impl Drop for GenerationDraft {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs::remove_file(self.index.join(CURRENT_NEW));
            remove(&self.folder);
        }
    }
}

/// Removes the generation in `folder`, its seal first, so that what is left of it if that stops halfway never serves. What
/// cannot be removed is left for the next run.
pub(super) fn remove(folder: &Path) {
    let _ = fs::remove_file(folder.join(MANIFEST));
    let _ = fs::remove_dir_all(folder);
}

/// The files below `folder`, by their paths in it.
fn list(folder: &Path, under: &str, names: &mut Vec<String>) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("list", folder, &error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// Writes `name` in `folder` under the name `beside` first, so that it is never seen half written.
fn replace(folder: &Path, beside: &str, name: &str, bytes: &[u8]) -> Result<()> {
    let (beside, path) = (folder.join(beside), folder.join(name));
    write_durably(&beside, bytes)?;
    fs::rename(&beside, &path).map_err(|error| Error::io("replace", &path, &error))?;
    sync(folder)
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("write", path, &error);
    let mut file = File::create(path).map_err(failed)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(failed)
}

fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::io("sync", path, &error))
}
