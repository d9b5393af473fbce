//! Reading the journal from a position, beside whoever writes it, and going on from there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::folder::{SegmentFile, folder, segments};
use super::kind::Kind;
use super::segment::{Found, HEADER, Header, Scan, check_header};
use crate::error::{Error, Result};
use crate::model::{Problem, Severity};

/// Calls `each` with number and payload of every article record of `data`'s journal that has the number `from` or a later
/// one, in order. What is damaged is passed over and returned: with severity error where records are lost.
///
/// No lock is taken: a record that is being written is either seen whole or taken for the end.
///
/// # Errors
/// What `each` returns, [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
pub fn read(
    data: &Path,
    from: u64,
    mut each: impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<Vec<Problem>> {
    let mut reader = Reader::new(Kind::Articles, data, from);
    let mut problems = reader.poll(|_, number, payload| {
        if number >= from {
            each(number, payload)
        } else {
            Ok(())
        }
    })?;
    problems.extend(reader.tail().cloned());
    Ok(problems)
}

/// Reads article records and remembers how far it came, so that it reads later only what was added since.
#[derive(Debug)]
pub struct ArticleReader(Reader);

impl ArticleReader {
    /// A reader of all article records of `data`'s journal. Nothing is read yet.
    pub fn open(data: &Path) -> Self {
        Self(Reader::new(Kind::Articles, data, 0))
    }

    /// Calls `each` with number and payload of every article record that was not read yet, in order. What is damaged is
    /// passed over and returned, once.
    ///
    /// # Errors
    /// As [`read`]; a record for which `each` fails is the first of the next call.
    pub fn poll(&mut self, mut each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<Vec<Problem>> {
        self.0.poll(|_, number, payload| each(number, payload))
    }
}

/// Reads the records of one kind, and remembers how far it came.
#[derive(Debug)]
pub(super) struct Reader {
    kind: Kind,
    folder: PathBuf,
    from: u64,
    place: Option<Place>,
    /// What was found and not yet returned.
    problems: Vec<Problem>,
    tail: Option<Problem>,
}

/// How far a reader came.
#[derive(Debug)]
struct Place {
    first: u64,
    /// Where in the segment it goes on.
    offset: u64,
    /// The number of the last record before.
    last: u64,
}

impl Reader {
    /// A reader that begins with the segment in which the record `from` lies.
    pub(super) fn new(kind: Kind, data: &Path, from: u64) -> Self {
        Self {
            kind,
            folder: folder(data),
            from,
            place: None,
            problems: Vec::new(),
            tail: None,
        }
    }

    /// Calls `each` with segment, number and payload of every record that was not read yet; the first call gives all of
    /// the segment it begins with. What is damaged is passed over and returned.
    ///
    /// A record for which `each` fails is the first of the next call.
    pub(super) fn poll(
        &mut self,
        mut each: impl FnMut(&SegmentFile, u64, &[u8]) -> Result<()>,
    ) -> Result<Vec<Problem>> {
        let files = self.segments()?;
        let begin = match &self.place {
            Some(place) => files.partition_point(|file| file.first < place.first),
            None => files
                .partition_point(|file| file.first <= self.from)
                .saturating_sub(1),
        };
        self.tail = None;
        for (at, file) in files.iter().enumerate().skip(begin) {
            let next = files.get(at + 1).map(|next| next.first);
            self.read_on(file, next, &mut each)?;
        }
        Ok(mem::take(&mut self.problems))
    }

    /// The segments, of which none is left out before the last. A listing may lack a file that is made while it goes on and
    /// yet hold a later one; a second listing has all that the first one should have had.
    fn segments(&self) -> Result<Vec<SegmentFile>> {
        let mut files = segments(self.kind, &self.folder)?;
        let last = files.last().map(|file| file.first);
        if last != self.place.as_ref().map(|place| place.first) {
            files = segments(self.kind, &self.folder)?;
            files.retain(|file| Some(file.first) <= last);
        }
        Ok(files)
    }

    /// What stood at the end when it was last read and is no record: one that is being written, a write that did not end,
    /// or damage.
    pub(super) fn tail(&self) -> Option<&Problem> {
        self.tail.as_ref()
    }

    /// The number behind the last record that was read; before there was one, the number it began with.
    pub(super) fn next_sequence(&self) -> u64 {
        let read = self.place.as_ref().map_or(1, |place| place.last + 1);
        read.max(self.from)
    }

    /// Reads what is new in one segment; `next` is the first number of the segment behind it, if there is one.
    fn read_on(
        &mut self,
        file: &SegmentFile,
        next: Option<u64>,
        each: &mut impl FnMut(&SegmentFile, u64, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let (kind, path) = (self.kind, file.path.as_path());
        let here = self.place.take().filter(|place| place.first == file.first);
        let place = self
            .place
            .insert(here.unwrap_or_else(|| Place::before(file)));
        let bytes =
            bytes_from(path, place.offset).map_err(|error| Error::io("read", path, &error))?;
        let mut records = bytes.as_slice();
        if place.offset == 0 {
            // A segment that is just being made has no whole header yet.
            let begun = next.is_none() && bytes.len() < HEADER;
            let told = told_of_header(kind, file, &bytes)?;
            if begun {
                self.tail = told.filter(|_| !bytes.is_empty());
                return Ok(());
            }
            self.problems.extend(told);
            records = &bytes[HEADER.min(bytes.len())..];
            place.offset = (bytes.len() - records.len()) as u64;
        }
        let base = place.offset;
        let mut damaged: Option<Range<u64>> = None;
        let mut scan = Scan::behind(kind, records, place.last);
        while let Some(found) = scan.next() {
            match found {
                Found::Damage(range) => {
                    damaged = Some(base + range.start as u64..base + range.end as u64);
                }
                Found::Record { sequence, payload } => {
                    if let Some(range) = damaged.take() {
                        self.problems
                            .push(damage(kind, path, &range, place.last + 1, sequence));
                        place.offset = range.end;
                    }
                    each(file, sequence, payload)?;
                    place.last = sequence;
                    place.offset = base + scan.whole() as u64;
                }
            }
        }
        match (damaged, next) {
            (Some(range), Some(next)) => {
                self.problems
                    .push(damage(kind, path, &range, place.last + 1, next));
                place.offset = range.end;
            }
            (Some(range), None) => self.tail = Some(no_record(path, &range)),
            (None, _) => {}
        }
        Ok(())
    }
}

impl Place {
    fn before(file: &SegmentFile) -> Self {
        Self {
            first: file.first,
            offset: 0,
            last: file.first.saturating_sub(1),
        }
    }
}

/// What is to be said of the header of a segment.
fn told_of_header(kind: Kind, file: &SegmentFile, bytes: &[u8]) -> Result<Option<Problem>> {
    let told = "the header does not match its checksum; the records are read nevertheless";
    let own = has_own_header(kind, &file.path, bytes, file.first)?;
    Ok((!own).then(|| problem(&file.path, Severity::Warning, told)))
}

/// Says that the bytes of `range`, at the end, are no record so far.
fn no_record(path: &Path, range: &Range<u64>) -> Problem {
    let told = format!(
        "bytes {} to {} are no whole record: a write that did not end, or damage; they are left out, and whoever writes next removes them",
        range.start, range.end
    );
    problem(path, Severity::Warning, &told)
}

fn bytes_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len().saturating_sub(offset);
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Says that the bytes of `range`, which held the records from `first` to before `end`, are no records.
fn damage(kind: Kind, path: &Path, range: &Range<u64>, first: u64, end: u64) -> Problem {
    let lost = match end.saturating_sub(first) {
        0 => "no record is lost".to_owned(),
        1 => format!("record {first} is lost"),
        _ => format!("records {first} to {} are lost", end - 1),
    };
    problem(
        path,
        Severity::Error,
        &format!(
            "bytes {} to {} are damaged, {lost}; all others are read: {}",
            range.start,
            range.end,
            kind.remedy()
        ),
    )
}

/// Whether the header of the segment at `path` is what was written.
pub(super) fn has_own_header(kind: Kind, path: &Path, bytes: &[u8], first: u64) -> Result<bool> {
    match check_header(kind, bytes, first) {
        Header::Own => Ok(true),
        Header::Damaged => Ok(false),
        Header::Other(version) => Err(Error::Newer(format!(
            "{}: found format {version}, this readnext reads and writes {}; use the newer readnext that wrote it",
            path.display(),
            kind.version()
        ))),
    }
}

pub(super) fn problem(path: &Path, severity: Severity, message: &str) -> Problem {
    Problem::new(severity, path.display().to_string(), message)
}
