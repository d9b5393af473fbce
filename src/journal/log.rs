//! Writing the segments of one kind: a batch is one write and one `fdatasync`. The caller holds the journal's lock, and
//! writes nothing more after a failure.
//!
//! A segment of events has room behind its last record: zeros that are on the disk already, so that a batch written over
//! them changes nothing but themselves. A file that grows costs the file system a record of its own for each batch.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::folder::{SegmentFile, floor, segment_file, segments, sync};
use super::kind::Kind;
use super::reader::{has_own_header, problem};
use super::segment::{Found, Scan, header, is_room, put};
use crate::error::{Error, Result};
use crate::model::{Problem, Severity};

/// The records of one kind, to be added to.
#[derive(Debug)]
pub(super) struct Log {
    kind: Kind,
    folder: PathBuf,
    segment: Option<OpenSegment>,
    next: u64,
    roll_over: u64,
    /// Room for the bytes of a batch.
    batch: Vec<u8>,
}

/// Bytes of room that are kept between batches.
const KEPT: usize = 1 << 20;

/// The segment that is added to.
#[derive(Debug)]
struct OpenSegment {
    at: SegmentFile,
    file: File,
    /// Bytes up to the end of the last record.
    length: u64,
    /// Bytes of the file.
    size: u64,
    /// Bytes of room that are made at a time.
    room: usize,
}

impl Log {
    /// Goes on behind the last valid record of the last segment in `folder`. A part of a record behind it, left by a write
    /// that did not end, is cut off, which the problem says. Of the last segment `each` gets every record.
    pub(super) fn open(
        kind: Kind,
        folder: &Path,
        roll_over: u64,
        each: impl FnMut(u64, &[u8]),
    ) -> Result<(Self, Option<Problem>)> {
        let mut log = Self {
            kind,
            folder: folder.to_owned(),
            segment: None,
            next: floor(kind, folder)?,
            roll_over,
            batch: Vec::new(),
        };
        let last = segments(kind, folder)?.pop();
        let cut = last.map(|last| log.go_on(last, each)).transpose()?;
        Ok((log, cut.flatten()))
    }

    /// The number that the next record gets.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The segment that is added to, if there is one, whether or not it is full.
    pub(super) fn open_segment(&self) -> Option<&SegmentFile> {
        self.segment.as_ref().map(|segment| &segment.at)
    }

    /// Whether the next batch goes into a new segment.
    pub(super) fn begins_anew(&self) -> bool {
        let open = self.segment.as_ref();
        open.is_none_or(|open| open.length >= self.roll_over)
    }

    /// Adds `payloads` as one batch; the number of the first. They are taken once the segment they go into is open.
    pub(super) fn append<P: AsRef<[u8]>>(
        &mut self,
        payloads: impl Iterator<Item = P>,
    ) -> Result<u64> {
        if self.begins_anew() {
            self.end_segment()?;
            self.segment = None;
        }
        let segment = match self.segment.take() {
            Some(open) => self.segment.insert(open),
            None => {
                let at = segment_file(self.kind, &self.folder, self.next);
                let begun = OpenSegment::begin(self.kind, &self.folder, at)?;
                self.segment.insert(begun)
            }
        };
        let (bytes, mut next) = (&mut self.batch, self.next);
        bytes.clear();
        for payload in payloads {
            put(self.kind, bytes, next, payload.as_ref());
            next += 1;
        }
        segment.add(bytes)?;
        bytes.shrink_to(KEPT);
        let first = self.next;
        self.next = next;
        Ok(first)
    }

    /// Takes away the room behind the last record, as nothing more is added to the open segment.
    pub(super) fn end_segment(&mut self) -> Result<()> {
        match &mut self.segment {
            Some(open) => open.end(),
            None => Ok(()),
        }
    }

    /// Leaves the open segment and begins an empty one.
    pub(super) fn roll(&mut self) -> Result<()> {
        let at = segment_file(self.kind, &self.folder, self.next);
        self.segment = Some(OpenSegment::begin(self.kind, &self.folder, at)?);
        Ok(())
    }

    /// Goes on behind the last valid record of `last`; what was cut off there, if anything.
    fn go_on(
        &mut self,
        last: SegmentFile,
        mut each: impl FnMut(u64, &[u8]),
    ) -> Result<Option<Problem>> {
        let (first, path) = (last.first, last.path.as_path());
        let failed = |action: &str, error: &io::Error| Error::io(action, path, error);
        let bytes = fs::read(path).map_err(|error| failed("read", &error))?;
        let own = has_own_header(self.kind, path, &bytes, first)?;
        let mut scan = Scan::of(self.kind, &bytes, first);
        for found in scan.by_ref() {
            if let Found::Record { sequence, payload } = found {
                each(sequence, payload);
            }
        }
        self.next = scan.last_sequence() + 1;
        let empty = self.next == first;
        // A segment without a header is one whose making did not end, unless records follow.
        let whole = if empty && !own { 0 } else { scan.whole() };
        let mut file = File::options()
            .write(true)
            .open(path)
            .map_err(|error| failed("write", &error))?;
        let torn = match whole > 0 && is_room(&bytes[whole..]) {
            true => 0,
            false => bytes.len() - whole,
        };
        if torn > 0 {
            file.set_len(whole as u64)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("cut", &error))?;
        }
        let (mut length, mut size) = (whole as u64, (bytes.len() - torn) as u64);
        if whole == 0 {
            let bytes = header(self.kind, first);
            file.write_all(&bytes)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("write", &error))?;
            sync(&self.folder)?;
            length = bytes.len() as u64;
            size = length;
        }
        let cut = (torn > 0).then(|| {
            let found = format!(
                "cut off {torn} bytes after record {}, which were no complete record: a write that did not finish, or damage",
                self.next - 1
            );
            problem(path, Severity::Warning, &found)
        });
        // Behind a damaged header nothing is added: what comes now should have all its protection.
        if own || whole == 0 {
            self.segment = Some(OpenSegment {
                at: last,
                file,
                length,
                size,
                room: self.kind.room(),
            });
        }
        Ok(cut)
    }

    /// Makes every later write fail.
    #[cfg(test)]
    pub(super) fn break_for_test(&mut self) {
        let segment = self.segment.as_mut().expect("open");
        segment.file = File::open(&segment.at.path).expect("opened to read only");
    }
}

impl OpenSegment {
    /// Makes the segment `at`.
    fn begin(kind: Kind, folder: &Path, at: SegmentFile) -> Result<Self> {
        let bytes = header(kind, at.first);
        let begun = File::options().write(true).create_new(true).open(&at.path);
        let file = begun
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()?;
                Ok(file)
            })
            .map_err(|error| Error::io("write", &at.path, &error))?;
        sync(folder)?;
        let length = bytes.len() as u64;
        Ok(Self {
            at,
            file,
            length,
            size: length,
            room: kind.room(),
        })
    }

    /// Adds the records in `bytes`; when this returns, they are on the disk.
    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        let end = self.length + bytes.len() as u64;
        let written = self.file.write_all_at(bytes, self.length);
        let written = written.and_then(|()| {
            if end > self.size {
                self.size = end;
                self.make_room()?;
            }
            self.file.sync_data()
        });
        if let Err(error) = written {
            // Nobody knows what the file holds: it is left as it is.
            self.size = self.length;
            return Err(Error::io("write", &self.at.path, &error));
        }
        self.length = end;
        Ok(())
    }

    /// Makes room behind what the file holds, which is records up to its end.
    fn make_room(&mut self) -> io::Result<()> {
        if self.room == 0 {
            return Ok(());
        }
        match self.file.write_all_at(&vec![0; self.room], self.size) {
            Ok(()) => {
                self.size += self.room as u64;
                Ok(())
            }
            // Where the disk has no room either, records go on as long as there is some for them.
            Err(_) => self.file.set_len(self.size),
        }
    }

    /// Takes the room away.
    fn end(&mut self) -> Result<()> {
        if self.size > self.length {
            let cut = self.cut().and_then(|()| self.file.sync_all());
            cut.map_err(|error| Error::io("cut", &self.at.path, &error))?;
        }
        Ok(())
    }

    /// The same, not on the disk yet. The file stays of the time of its last record.
    fn cut(&mut self) -> io::Result<()> {
        let modified = self.file.metadata()?.modified()?;
        self.file.set_len(self.length)?;
        self.size = self.length;
        self.file.set_modified(modified)
    }
}

impl Drop for OpenSegment {
    /// Room is no use to anybody else, and does no harm where it stays.
    fn drop(&mut self) {
        if self.size > self.length {
            let _ = self.cut();
        }
    }
}
