//! Sled at arm's length: it runs on a thread of its own, sees only files that are what it left, and may fail, panic or
//! hang without taking the process along.
//!
//! Sled panics and can hang on files that are not what it wrote, partly on threads of its own. So a database folder is
//! sealed with a digest when it is closed; one whose seal does not match is thrown away before sled sees it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::Xxh3;

use crate::error::contain;

/// How long sled may take for one piece of work before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long sled's own threads may take to let go of a database that was closed.
const SETTLING: Duration = Duration::from_secs(5);
/// Bytes read at once when a file is digested.
const CHUNK: usize = 1 << 20;

/// A database folder with its seal beside it.
#[derive(Debug)]
pub(super) struct SealedFolder {
    folder: PathBuf,
    seal: PathBuf,
}

/// What a folder is before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There is none.
    Absent,
    /// It is what sled left.
    Sealed,
    /// Whoever had it open did not close it.
    Open,
    /// A byte is not what sled left.
    Damaged,
}

impl State {
    /// What is wrong, if something is.
    pub(super) fn wrong(self) -> Option<&'static str> {
        match self {
            State::Absent | State::Sealed => None,
            State::Open => Some("was left open by a run that did not finish"),
            State::Damaged => Some("does not match its seal"),
        }
    }
}

impl SealedFolder {
    /// The folder `folder`, sealed by the file of that name with `.seal` added.
    pub(super) fn at(folder: PathBuf) -> Self {
        let seal = folder.with_extension("seal");
        Self { folder, seal }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Compares the folder with its seal.
    pub(super) fn state(&self) -> State {
        match (fs::read_to_string(&self.seal), digest(&self.folder)) {
            (Err(_), Err(error)) if error.kind() == io::ErrorKind::NotFound => State::Absent,
            (Ok(seal), Ok(found)) if seal == found => State::Sealed,
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => State::Open,
            _ => State::Damaged,
        }
    }

    /// Throws the folder away.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn remove(&self) -> io::Result<()> {
        for removed in [
            fs::remove_file(&self.seal),
            fs::remove_dir_all(&self.folder),
        ] {
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Opens the database, does `work` with it, closes and seals it.
    ///
    /// # Errors
    /// What sled or the system said; the folder is then left unsealed.
    pub(super) fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&sled::Db) -> sled::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        match fs::remove_file(&self.seal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
            _ => {}
        }
        let config = sled::Config::new()
            .path(&self.folder)
            .mode(sled::Mode::LowSpace)
            .flush_every_ms(None);
        let (send, receive) = mpsc::channel();
        thread::Builder::new()
            .name("catalogue".to_owned())
            .spawn(move || {
                let done = contain(AssertUnwindSafe(|| {
                    let database = config.open()?;
                    let found = work(&database)?;
                    database.flush()?;
                    Ok::<T, sled::Error>(found)
                }));
                // Nobody waits any more for work that took too long.
                let _ = send.send(done);
            })
            .map_err(|error| error.to_string())?;
        let found = match receive.recv_timeout(PATIENCE) {
            Ok(Some(Ok(found))) => found,
            // Of a failure on another thread, sled's text is the Debug of what the system said.
            Ok(Some(Err(sled::Error::Io(error)))) => return Err(error.kind().to_string()),
            Ok(Some(Err(error))) => return Err(error.to_string()),
            Ok(None) => return Err("sled panicked".to_owned()),
            Err(_) => return Err("sled does not answer".to_owned()),
        };
        self.wait_for_sled()?;
        digest(&self.folder)
            .and_then(|digest| fs::write(&self.seal, digest))
            .map_err(|error| error.to_string())?;
        Ok(found)
    }

    /// Waits until no thread of sled can write any more: each of them holds the file that is locked.
    fn wait_for_sled(&self) -> Result<(), String> {
        let file = File::open(self.folder.join("db")).map_err(|error| error.to_string())?;
        let started = Instant::now();
        while file.try_lock().is_err() {
            if started.elapsed() > SETTLING {
                return Err("sled does not let go of its file".to_owned());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// The digest of all files below `folder`, with their names and lengths.
fn digest(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    list(folder, &mut files)?;
    files.sort();
    let mut state = Xxh3::new();
    let mut chunk = vec![0; CHUNK];
    for path in files {
        let mut file = File::open(&path)?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        state.update(name.as_os_str().as_encoded_bytes());
        state.update(&[0]);
        state.update(&file.metadata()?.len().to_le_bytes());
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => state.update(&chunk[..read]),
            }
        }
    }
    Ok(format!("{:032x}\n", state.digest128()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
