//! The one writer of a journal: a batch is one write and one `fdatasync`, and is acknowledged after it.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::folder::{SegmentFile, folder, segment_file, segments, sync};
use super::reader::{has_own_header, problem};
use super::segment::{Scan, header, put};
use crate::error::{Error, Result};
use crate::model::{Problem, Severity};

/// A segment is not added to once it has this many bytes.
const ROLL_OVER: u64 = 64 << 20;

const README: &str = include_str!("README.md");

/// The journal of a data folder, held for writing; let go when dropped.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    segment: Option<OpenSegment>,
    next: u64,
    roll_over: u64,
    /// Why nothing is written any more: after a failed write or sync nobody knows what the file holds.
    stopped: Option<String>,
    _lock: File,
}

/// The segment that is added to.
#[derive(Debug)]
struct OpenSegment {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Journal {
    /// Opens the journal of `data` for writing, and makes it if there is none. A part of a record at its end, left by a
    /// write that did not end, is cut off; the problems say how much that was.
    ///
    /// # Errors
    /// [`Error::InUse`] while another process writes it, [`Error::Newer`] if a later readnext wrote it, [`Error::Failed`]
    /// if the disk refuses.
    pub fn open(data: &Path) -> Result<(Self, Vec<Problem>)> {
        Self::open_rolling(data, ROLL_OVER)
    }

    /// The same, with segments that are not added to once they have `roll_over` bytes.
    pub(super) fn open_rolling(data: &Path, roll_over: u64) -> Result<(Self, Vec<Problem>)> {
        let folder = folder(data);
        if !folder.exists() {
            fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, &error))?;
            sync(data)?;
        }
        let lock = lock(&folder)?;
        let readme = folder.join("README.md");
        if !readme.exists() {
            fs::write(&readme, README).map_err(|error| Error::io("write", &readme, &error))?;
        }
        let mut journal = Self {
            folder,
            segment: None,
            next: 1,
            roll_over,
            stopped: None,
            _lock: lock,
        };
        let last = segments(&journal.folder)?.pop();
        let cut = last.map(|last| journal.go_on(last)).transpose()?;
        Ok((journal, cut.flatten().into_iter().collect()))
    }

    /// The number that the next record gets.
    pub fn next_sequence(&self) -> u64 {
        self.next
    }

    /// Adds `payloads` as one batch; when this returns, they are on the disk. The number of the first.
    ///
    /// # Errors
    /// [`Error::Failed`] if the disk refuses. Some of the records may be there nevertheless; this writer then refuses all
    /// that come later, as a second `fdatasync` after a failed one says nothing about what the first one lost.
    pub fn append(&mut self, payloads: &[Vec<u8>]) -> Result<u64> {
        if let Some(why) = &self.stopped {
            return Err(Error::Failed(why.clone()));
        }
        let first = self.next;
        if payloads.is_empty() {
            return Ok(first);
        }
        match self.write(payloads) {
            Ok(()) => {
                self.next += payloads.len() as u64;
                Ok(first)
            }
            Err(error) => {
                let why = format!(
                    "{error}; nothing more is written to the journal, and what was written before is kept: mend the disk, then run the command again"
                );
                self.segment = None;
                self.stopped = Some(why.clone());
                Err(Error::Failed(why))
            }
        }
    }

    fn write(&mut self, payloads: &[Vec<u8>]) -> Result<()> {
        let open = self.segment.take();
        let segment = match open.filter(|open| open.length < self.roll_over) {
            Some(open) => self.segment.insert(open),
            None => {
                let begun = OpenSegment::begin(&self.folder, self.next)?;
                self.segment.insert(begun)
            }
        };
        let mut bytes = Vec::new();
        for (sequence, payload) in (self.next..).zip(payloads) {
            put(&mut bytes, sequence, payload);
        }
        segment
            .file
            .write_all(&bytes)
            .and_then(|()| segment.file.sync_data())
            .map_err(|error| Error::io("write", &segment.path, &error))?;
        segment.length += bytes.len() as u64;
        Ok(())
    }

    /// Goes on behind the last valid record of `last`; what was cut off there, if anything.
    fn go_on(&mut self, last: SegmentFile) -> Result<Option<Problem>> {
        let SegmentFile { first, path } = last;
        let failed = |action: &str, error: &std::io::Error| Error::io(action, &path, error);
        let bytes = fs::read(&path).map_err(|error| failed("read", &error))?;
        let own = has_own_header(&path, &bytes, first)?;
        let mut scan = Scan::of(&bytes, first);
        while scan.next().is_some() {}
        self.next = scan.last_sequence() + 1;
        let empty = self.next == first;
        // A segment without a header is one whose making did not end, unless records follow.
        let whole = if empty && !own { 0 } else { scan.whole() };
        let mut file = File::options()
            .append(true)
            .open(&path)
            .map_err(|error| failed("write", &error))?;
        let torn = bytes.len() - whole;
        if torn > 0 {
            file.set_len(whole as u64)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("cut", &error))?;
        }
        let mut length = whole as u64;
        if whole == 0 {
            let bytes = header(first);
            file.write_all(&bytes)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("write", &error))?;
            sync(&self.folder)?;
            length = bytes.len() as u64;
        }
        // Behind a damaged header nothing is added: what comes now should have all its protection.
        if own || whole == 0 {
            self.segment = Some(OpenSegment {
                path: path.clone(),
                file,
                length,
            });
        }
        Ok((torn > 0).then(|| {
            let found = format!(
                "cut off {torn} bytes after record {}, which were no whole record: a write that did not end, or damage",
                self.next - 1
            );
            problem(&path, Severity::Warning, &found)
        }))
    }
}

impl OpenSegment {
    /// Makes the segment whose first record gets the number `first`.
    fn begin(folder: &Path, first: u64) -> Result<Self> {
        let path = segment_file(folder, first).path;
        let bytes = header(first);
        let begun = File::options().append(true).create_new(true).open(&path);
        let file = begun
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()?;
                Ok(file)
            })
            .map_err(|error| Error::io("write", &path, &error))?;
        sync(folder)?;
        Ok(Self {
            path,
            file,
            length: bytes.len() as u64,
        })
    }
}

/// Keeps other writers away.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("LOCK");
    let failed = |action: &str, error: &std::io::Error| Error::io(action, &path, error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| failed("write", &error))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)
                .and_then(|()| writeln!(file, "process {}", process::id()))
                .map_err(|error| failed("write", &error))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Whoever has just locked it may not have said who it is.
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "another process",
                holder => holder,
            };
            Err(Error::InUse(format!(
                "{} is being written by {holder}; wait until it is done",
                folder.display()
            )))
        }
        Err(TryLockError::Error(error)) => Err(failed("lock", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn after_a_failed_write_nothing_more_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let (mut journal, _) = Journal::open(data).expect("made");
        journal.append(&[b"one".to_vec()]).expect("kept");
        let segment = journal.segment.as_mut().expect("open");
        segment.file = File::open(&segment.path).expect("opened to read only");
        for _ in 0..2 {
            let error = journal.append(&[b"two".to_vec()]).expect_err("refused");
            assert!(
                error.to_string().contains("nothing more is written"),
                "{error}"
            );
        }
        drop(journal);
        let mut numbers = Vec::new();
        let problems = read(data, 0, |number, _| {
            numbers.push(number);
            Ok(())
        });
        assert_eq!((numbers, problems.expect("read")), (vec![1], vec![]));
    }
}
