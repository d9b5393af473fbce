//! The manifest: what a generation was built from, the digest of each of its files, and a checksum of itself.
//!
//! It is written last, once every other file was compared with its own checksums, so a generation that has one is
//! complete. Its last key is the xxh3-64 of all bytes before it; later formats keep that key, so that every readnext can
//! tell a newer generation from a damaged one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::damage::{damaged, other_format};
use super::sections::FORMAT;
use crate::error::{Error, Result};

const CHECKSUM: &str = ",\n  \"checksum\": \"";
const END: &str = "\"\n}\n";
/// Bytes read at once when a file is digested.
const CHUNK: usize = 1 << 20;

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
    /// The corpus roots and the journal, in the order of the articles' source numbers.
    pub sources: Vec<String>,
    /// The number behind the last article record of the journal that it was built from.
    #[serde(default)]
    pub pushed: u64,
    /// Every file of the generation but the manifest; filled in when it is published.
    #[serde(default)]
    pub files: Vec<FileDigest>,
}

/// A file of a generation and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its path in the generation's folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The xxh3-64 of its bytes, in hexadecimal.
    pub xxh3: String,
}

/// The one line of a manifest that every format has.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

impl Manifest {
    /// The bytes of the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let text = serde_json::to_string_pretty(self).expect("plain data serialises");
        let body = text.strip_suffix("\n}").expect("an object with members");
        format!("{body}{CHECKSUM}{:016x}{END}", xxh3_64(body.as_bytes())).into_bytes()
    }

    /// Reads the file at `path`; the second is the digest of its bytes.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written or of an older format, [`Error::Newer`] if it is of a newer one.
    pub(super) fn read(path: &Path) -> Result<(Self, String)> {
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
        let format = serde_json::from_slice(&bytes).map(|any: AnyFormat| any.format);
        if !is_whole(&bytes) {
            return Err(match format {
                // The first format had no checksum line.
                Ok(1) if !bytes.ends_with(END.as_bytes()) => other_format(path, 1, FORMAT),
                _ => damaged(path, "does not match its checksum"),
            });
        }
        match format {
            Ok(FORMAT) => {}
            Ok(other) => return Err(other_format(path, other, FORMAT)),
            Err(error) => return Err(damaged(path, error)),
        }
        let manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(path, error))?;
        Ok((manifest, format!("{:016x}", xxh3_64(&bytes))))
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let tail = CHECKSUM.len() + 16 + END.len();
    bytes.len().checked_sub(tail).is_some_and(|at| {
        bytes[at..] == *format!("{CHECKSUM}{:016x}{END}", xxh3_64(&bytes[..at])).as_bytes()
    })
}

impl FileDigest {
    /// Digests the file `name` in `folder`, a part at a time.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such file, [`Error::Failed`] if it cannot be read.
    pub(super) fn of(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        let (bytes, sum) = digest(&path).map_err(|error| unreadable(&path, &error))?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            xxh3: format!("{sum:016x}"),
        })
    }

    /// Compares the file in `folder` with what it was.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it differs.
    pub(super) fn compare(&self, folder: &Path) -> Result<()> {
        let found = Self::of(folder, &self.name)?;
        if found == *self {
            return Ok(());
        }
        let path = folder.join(&self.name);
        Err(if found.bytes == self.bytes {
            damaged(&path, "does not match its checksum")
        } else {
            damaged(
                &path,
                format!("found {} bytes, expected {}", found.bytes, self.bytes),
            )
        })
    }
}

/// Length and xxh3-64 of a file.
fn digest(path: &Path) -> io::Result<(u64, u64)> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    let mut state = Xxh3::new();
    let mut length = 0;
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok((length, state.digest())),
            Ok(read) => {
                state.update(&chunk[..read]);
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file that is gone is damage; one that the system does not let us read is not.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        damaged(path, "is missing")
    } else {
        Error::io("read", path, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(format: u32) -> Manifest {
        Manifest {
            format,
            generation: 3,
            articles: 2,
            analysis: "1 en".to_owned(),
            settings: "a\nb".to_owned(),
            sources: vec!["/site".to_owned()],
            pushed: 7,
            files: Vec::new(),
        }
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("manifest.json");
        let good = manifest(FORMAT).to_bytes();
        fs::write(&path, &good).expect("written");
        assert_eq!(Manifest::read(&path).expect("whole").0, manifest(FORMAT));
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                fs::write(&path, bad).expect("written");
                let found = Manifest::read(&path);
                assert!(
                    matches!(found, Err(Error::Damaged(_))),
                    "byte {at} bit {bit}"
                );
            }
            fs::write(&path, &good[..at]).expect("written");
            assert!(
                matches!(Manifest::read(&path), Err(Error::Damaged(_))),
                "cut to {at}"
            );
        }
    }

    #[test]
    fn other_formats_are_told_from_damage() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("manifest.json");
        fs::write(&path, manifest(FORMAT + 1).to_bytes()).expect("written");
        let error = Manifest::read(&path).expect_err("newer");
        assert!(
            matches!(&error, Error::Newer(text) if text.contains("--full")),
            "{error}"
        );
        fs::write(
            &path,
            serde_json::to_vec_pretty(&manifest(1)).expect("JSON"),
        )
        .expect("written");
        let error = Manifest::read(&path).expect_err("older").to_string();
        assert!(
            error.contains("found format 1") && error.contains("`readnext reindex`"),
            "{error}"
        );
    }
}
