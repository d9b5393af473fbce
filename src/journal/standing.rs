//! The journal as it stands at one moment, for a copy of it: files that are open, and how much of each is whole.
//!
//! No lock is taken. Records are only added behind others, and whatever else changes in the folder changes by another file
//! coming into its place, so a file that is open keeps the records that it had.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::events::erasures;
use super::folder::{folder, segments};
use super::kind::Kind;
use super::segment::Scan;
use crate::error::{Error, Result};

/// How often the folder may change while it is looked at.
const TRIES: usize = 20;

/// A file of the journal.
#[derive(Debug)]
pub struct StandingFile {
    /// Its name in the folder.
    pub name: String,
    /// The file, at its beginning.
    pub file: File,
    /// Its bytes at that moment; of a segment that may grow those of whole records.
    pub length: u64,
}

/// The journal as it stood at one moment.
#[derive(Debug, Default)]
pub struct Standing {
    /// Its files by name, without those that can be made again.
    pub files: Vec<StandingFile>,
    /// The number of the last article record; 0 where there is none.
    pub articles: u64,
    /// The number of the last event; 0 where there is none.
    pub events: u64,
}

impl Standing {
    /// Opens the journal of `data`. Every record that was acknowledged before this call is in it.
    ///
    /// # Errors
    /// [`Error::Failed`] if a file cannot be read, or something is erased all the time.
    pub fn of(data: &Path) -> Result<Self> {
        for _ in 0..TRIES {
            let before = (names(data)?, erasures(data)?);
            let standing = match Self::open(data, &before.0) {
                Ok(standing) => standing,
                // A file that was there a moment ago.
                Err(_) if names(data)? != before.0 => continue,
                Err(error) => return Err(error),
            };
            let after = (names(data)?, erasures(data)?);
            // A new segment holds what came later, and may be left out.
            let all_there = before.0.iter().all(|name| after.0.contains(name));
            if all_there && after.1 == before.1 {
                return Ok(standing);
            }
        }
        Err(Error::Failed(format!(
            "{} changed while it was read, {TRIES} times; try again",
            folder(data).display()
        )))
    }

    fn open(data: &Path, names: &[String]) -> Result<Self> {
        let folder = folder(data);
        let mut standing = Self::default();
        for name in names {
            let path = folder.join(name);
            let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
            let (length, file) = opened.map_err(|error| Error::io("read", &path, &error))?;
            standing.files.push(StandingFile {
                name: name.clone(),
                file,
                length,
            });
        }
        standing.articles = standing.cut(Kind::Articles, &folder)?;
        standing.events = standing.cut(Kind::Events, &folder)?;
        Ok(standing)
    }

    /// Leaves out what stands behind the last whole record of `kind`; the number of that record.
    fn cut(&mut self, kind: Kind, folder: &Path) -> Result<u64> {
        let listed = segments(kind, folder)?;
        let held = |file: &mut StandingFile| {
            let segment = listed.iter().find(|segment| {
                segment.path.file_name().and_then(|name| name.to_str()) == Some(&file.name)
            })?;
            Some(segment.first)
        };
        let mut last = None;
        for file in &mut self.files {
            if let Some(first) = held(file) {
                last = Some((first, file));
            }
        }
        let Some((first, last)) = last else {
            return Ok(0);
        };
        let path = folder.join(&last.name);
        let bytes = whole(&path, last.length).map_err(|error| Error::io("read", &path, &error))?;
        let mut scan = Scan::of(kind, &bytes, first);
        scan.by_ref().for_each(drop);
        last.length = scan.whole() as u64;
        Ok(scan.last_sequence())
    }
}

/// The first `length` bytes of the file at `path`.
fn whole(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The names of the files that nothing can make again, in order; of those in folders with the folder before.
fn names(data: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    list(&folder(data), "", &mut names)?;
    let all = names.clone();
    names.retain(|name| !can_be_made_again(name, &all));
    names.sort();
    Ok(names)
}

fn list(folder: &Path, under: &str, names: &mut Vec<String>) -> Result<()> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("list", folder, &error)),
    };
    for entry in listed {
        let entry = entry.map_err(|error| Error::io("list", folder, &error))?;
        let (Some(name), Ok(kind)) = (
            entry
                .file_name()
                .to_str()
                .map(|name| format!("{under}{name}")),
            entry.file_type(),
        ) else {
            continue;
        };
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), names)?;
        } else if kind.is_file() {
            names.push(name);
        }
    }
    Ok(())
}

/// Whether a file of the name is none that has to be kept, among `all` the names.
fn can_be_made_again(name: &str, all: &[String]) -> bool {
    // What was in a segment that is gone only its id file tells.
    let of_segment = |ids: &str| all.contains(&format!("{ids}.log"));
    matches!(name, "LOCK" | "README.md")
        || name.strip_suffix(".ids").is_some_and(of_segment)
        || name.ends_with(".new")
}
