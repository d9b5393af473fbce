//! The file of a backup: a plain tar that ends with a manifest of digests and, last, a checksum of all bytes before that.
//!
//! It is written once from front to end, and is whole if its last blocks say so: a flipped bit anywhere, and an end that is
//! missing, are found before anything is taken out of it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};

/// Of the manifest, and of what is where in the archive.
pub(super) const FORMAT: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
const CHECKSUM: &str = "checksum";
/// What a tar is made of.
const BLOCK: usize = 512;
/// What stands behind all that the checksum is of: the block that holds it, and the two that end a tar.
const END: usize = 3 * BLOCK;
/// Bytes read at once.
const CHUNK: usize = 1 << 16;
/// For their owner alone: a secret is among them.
const MODE: u32 = 0o600;

/// What a backup holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The version that made it.
    pub(super) readnext: String,
    /// When, in unix seconds.
    pub(super) made: i64,
    /// The numbers of the last article record and of the last event.
    pub(super) articles: u64,
    pub(super) events: u64,
    /// The corpus roots whose files are in it.
    pub(super) roots: Vec<KeptRoot>,
    pub(super) files: Vec<Kept>,
}

/// A corpus root, and where its files are in the data folder that is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptRoot {
    pub(super) path: String,
    pub(super) kept: String,
}

/// A file, its length and the xxh3-128 of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) xxh3: String,
}

/// What goes through it is digested.
pub(super) struct Digesting<T> {
    inner: T,
    state: Xxh3,
}

impl<T> Digesting<T> {
    pub(super) fn of(inner: T) -> Self {
        Self {
            inner,
            state: Xxh3::new(),
        }
    }

    pub(super) fn digest(&self) -> String {
        format!("{:032x}", self.state.digest128())
    }
}

impl<T: Read> Read for Digesting<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.state.update(&bytes[..read]);
        Ok(read)
    }
}

impl<T: Write> Write for Digesting<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.state.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A backup being written.
pub(super) struct Writer<W: Write> {
    tar: tar::Builder<Digesting<W>>,
    made: i64,
    files: Vec<Kept>,
    names: HashSet<String>,
}

impl<W: Write> Writer<W> {
    /// Begins one that is made at `made` (unix seconds).
    pub(super) fn new(file: W, made: i64) -> Self {
        Self {
            tar: tar::Builder::new(Digesting::of(file)),
            made,
            files: Vec::new(),
            names: HashSet::new(),
        }
    }

    /// Whether it has a file of that name already.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Adds the first `length` bytes of `file` as `name`.
    pub(super) fn add(&mut self, name: &str, file: impl Read, length: u64) -> io::Result<()> {
        let mut file = Digesting::of(file.take(length));
        let mut header = header(length, self.made);
        self.tar.append_data(&mut header, name, &mut file)?;
        if file.inner.limit() > 0 {
            return Err(io::Error::other(format!(
                "{name} became shorter while it was read"
            )));
        }
        self.names.insert(name.to_owned());
        self.files.push(Kept {
            name: name.to_owned(),
            bytes: length,
            xxh3: file.digest(),
        });
        Ok(())
    }

    /// Ends it with what `manifest` says of the files that were added.
    pub(super) fn finish(mut self, manifest: Manifest) -> io::Result<(W, Manifest)> {
        let manifest = Manifest {
            files: self.files,
            ..manifest
        };
        let text = serde_json::to_vec_pretty(&manifest).expect("plain data serialises");
        let mut head = header(text.len() as u64, self.made);
        self.tar.append_data(&mut head, MANIFEST, text.as_slice())?;
        let mut block = vec![0; BLOCK];
        let length = 33;
        let mut head = header(length, self.made);
        head.set_path(CHECKSUM)?;
        head.set_cksum();
        let out = self.tar.get_mut();
        out.write_all(head.as_bytes())?;
        block[..32].copy_from_slice(out.digest().as_bytes());
        block[32] = b'\n';
        out.write_all(&block)?;
        Ok((self.tar.into_inner()?.inner, manifest))
    }
}

fn header(length: u64, made: i64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(length);
    header.set_mode(MODE);
    header.set_mtime(u64::try_from(made).unwrap_or_default());
    header
}

/// Compares all bytes of the backup at `path` with its checksum; the file, at its beginning.
pub(super) fn verify(path: &Path) -> Result<File> {
    let failed = |error: &io::Error| Error::io("read", path, error);
    let mut file = File::open(path).map_err(|error| failed(&error))?;
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    let told = |what: &str| {
        Error::Broken(format!(
            "{}: {what}; nothing was changed: take another backup",
            path.display()
        ))
    };
    let Some(body) = length.checked_sub((END + BLOCK) as u64) else {
        return Err(told("it is too short for a backup"));
    };
    let mut reader =
        Digesting::of(BufReader::with_capacity(CHUNK, &file).take(body + BLOCK as u64));
    io::copy(&mut reader, &mut io::sink()).map_err(|error| failed(&error))?;
    let mut expected = vec![0; END];
    expected[..32].copy_from_slice(reader.digest().as_bytes());
    expected[32] = b'\n';
    let mut end = Vec::with_capacity(END);
    file.seek(SeekFrom::Start(length - END as u64))
        .and_then(|_| file.read_to_end(&mut end))
        .map_err(|error| failed(&error))?;
    if end != expected {
        return Err(told(
            "it is no backup, or part of one, or does not match its checksum",
        ));
    }
    file.seek(SeekFrom::Start(0))
        .map_err(|error| failed(&error))?;
    Ok(file)
}
