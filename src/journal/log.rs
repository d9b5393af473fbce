//! Writing the segments of one kind: a batch is one write and one `fdatasync`. The caller holds the journal's lock, and
//! writes nothing more after a failure.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::folder::{SegmentFile, floor, segment_file, segments, sync};
use super::kind::Kind;
use super::reader::{has_own_header, problem};
use super::segment::{Found, Scan, header, put};
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
    length: u64,
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
        segment
            .file
            .write_all(bytes)
            .and_then(|()| segment.file.sync_data())
            .map_err(|error| Error::io("write", &segment.at.path, &error))?;
        segment.length += bytes.len() as u64;
        bytes.shrink_to(KEPT);
        let first = self.next;
        self.next = next;
        Ok(first)
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
        let failed = |action: &str, error: &std::io::Error| Error::io(action, path, error);
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
            .append(true)
            .open(path)
            .map_err(|error| failed("write", &error))?;
        let torn = bytes.len() - whole;
        if torn > 0 {
            file.set_len(whole as u64)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("cut", &error))?;
        }
        let mut length = whole as u64;
        if whole == 0 {
            let bytes = header(self.kind, first);
            file.write_all(&bytes)
                .and_then(|()| file.sync_all())
                .map_err(|error| failed("write", &error))?;
            sync(&self.folder)?;
            length = bytes.len() as u64;
        }
        let cut = (torn > 0).then(|| {
            let found = format!(
                "cut off {torn} bytes after record {}, which were no whole record: a write that did not end, or damage",
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
        let begun = File::options().append(true).create_new(true).open(&at.path);
        let file = begun
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()?;
                Ok(file)
            })
            .map_err(|error| Error::io("write", &at.path, &error))?;
        sync(folder)?;
        Ok(Self {
            at,
            file,
            length: bytes.len() as u64,
        })
    }
}
