//! Reading the journal from a position, beside whoever writes it, and going on from there.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::damage::{Damage, What};
use super::folder::{SegmentFile, floor, folder, segments};
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
    problems.extend(reader.tail().map(Damage::problem));
    Ok(problems)
}

/// Reads article records and remembers how far it came, so that it reads later only what was added since.
#[derive(Debug)]
pub struct ArticleReader(Reader);

impl ArticleReader {
    /// A reader of all article records of `data`'s journal. Nothing is read yet.
    pub fn open(data: &Path) -> Self {
        Self::after(data, 0)
    }

    /// The same from the segment on in which the record `from` lies.
    pub fn after(data: &Path, from: u64) -> Self {
        Self(Reader::new(Kind::Articles, data, from))
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

/// How often a segment that may grow is read again where something seems to be damaged in its middle.
const DOUBTS: usize = 16;

/// Bytes of a segment that are read at a time, unless one record is longer.
const WINDOW: usize = 1 << 20;

/// Reads the records of one kind, and remembers how far it came.
#[derive(Debug)]
pub(super) struct Reader {
    kind: Kind,
    folder: PathBuf,
    from: u64,
    /// Segments that begin with this number or a later one are not read.
    pub(super) end: u64,
    place: Option<Place>,
    /// What was found and not yet returned.
    found: Vec<Damage>,
    tail: Option<Damage>,
    /// Bytes that are read at a time.
    window: usize,
    /// The file, and where in it a record seemed to be damaged that may have been just being written.
    doubted: Option<(u64, u64)>,
}

/// How far a reader came.
#[derive(Debug)]
struct Place {
    first: u64,
    /// The file, which another one takes the place of when records are removed.
    file: u64,
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
            end: u64::MAX,
            place: None,
            found: Vec::new(),
            tail: None,
            window: WINDOW,
            doubted: None,
        }
    }

    /// Calls `each` with segment, number and payload of every record that was not read yet; the first call gives all of
    /// the segment it begins with. What is damaged is passed over and returned.
    ///
    /// A record for which `each` fails is the first of the next call.
    pub(super) fn poll(
        &mut self,
        each: impl FnMut(&SegmentFile, u64, &[u8]) -> Result<()>,
    ) -> Result<Vec<Problem>> {
        let found = self.poll_damage(each)?;
        Ok(found.iter().map(Damage::problem).collect())
    }

    /// The same, and what is damaged as it was found.
    pub(super) fn poll_damage(
        &mut self,
        mut each: impl FnMut(&SegmentFile, u64, &[u8]) -> Result<()>,
    ) -> Result<Vec<Damage>> {
        let mut files = self.segments()?;
        files.retain(|file| file.first < self.end);
        let begin = match &self.place {
            Some(place) => files.partition_point(|file| file.first < place.first),
            None => files
                .partition_point(|file| file.first <= self.from)
                .saturating_sub(1),
        };
        self.tail = None;
        // What is before a checkpoint is not missing.
        let floor = floor(self.kind, &self.folder)?;
        if let (None, Some(file)) = (&self.place, files.get(begin)) {
            self.miss(&file.path, floor.max(self.from), file.first);
        }
        for (at, file) in files.iter().enumerate().skip(begin) {
            let next = files.get(at + 1).map(|next| next.first);
            let mut doubts = if next.is_none() { DOUBTS } else { 0 };
            while self.read_on(file, next, floor, &mut doubts, &mut each)? {}
        }
        Ok(mem::take(&mut self.found))
    }

    /// Takes note that no segment has the records from `first` to before `end`, of which the one at `path` comes next.
    fn miss(&mut self, path: &Path, first: u64, end: u64) {
        if first < end {
            self.found.push(Damage {
                file: path.to_owned(),
                kind: self.kind,
                what: What::Missing,
                bytes: 0..0,
                records: first..end,
            });
        }
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
    pub(super) fn tail(&self) -> Option<&Damage> {
        self.tail.as_ref()
    }

    /// The number of the last record that was read, or of the one before the segment that was begun with.
    pub(super) fn last(&self) -> Option<u64> {
        self.place.as_ref().map(|place| place.last)
    }

    /// The number behind the last record that was read; before there was one, the number it began with.
    pub(super) fn next_sequence(&self) -> u64 {
        let read = self.place.as_ref().map_or(1, |place| place.last + 1);
        read.max(self.from)
    }

    /// Reads what is new in one segment; `next` is the first number of the segment behind it, if there is one. Records
    /// before `floor` need not be there.
    ///
    /// Whoever reads beside the writer may see the end of a batch before its middle. So what seems to be damaged before a
    /// record is looked at once more, as long as there are `doubts` left: then this returns true, to be called again. So it does
    /// where there is more to read.
    fn read_on(
        &mut self,
        file: &SegmentFile,
        next: Option<u64>,
        floor: u64,
        doubts: &mut usize,
        each: &mut impl FnMut(&SegmentFile, u64, &[u8]) -> Result<()>,
    ) -> Result<bool> {
        let (kind, path) = (self.kind, file.path.as_path());
        let here = self.place.take().filter(|place| place.first == file.first);
        let mut place = here.unwrap_or_else(|| Place::before(file));
        let Bytes {
            bytes,
            identity,
            more,
        } = Bytes::of(path, &place, self.window)
            .map_err(|error| Error::io("read", path, &error))?;
        // Another file has taken the place of the one that was read: what is known of it is how far it was read.
        let read = place.last;
        if identity != place.file {
            place = Place {
                file: identity,
                ..Place::before(file)
            };
        }
        let damage = |what, bytes, records| Damage {
            file: path.to_owned(),
            kind,
            what,
            bytes,
            records,
        };
        let mut records = bytes.as_slice();
        if place.offset == 0 {
            // A segment that is just being made has no whole header yet.
            let begun = next.is_none() && bytes.len() < HEADER;
            let end = HEADER.min(bytes.len());
            let own = has_own_header(kind, path, &bytes, file.first)?;
            let header = (!own).then(|| damage(What::Header, 0..end as u64, 0..0));
            if begun {
                self.tail = header.filter(|_| !bytes.is_empty());
                self.place = Some(place);
                return Ok(false);
            }
            self.found.extend(header.filter(|_| read < file.first));
            records = &bytes[end..];
            place.offset = end as u64;
        }
        let base = place.offset;
        let place = self.place.insert(place);
        let mut damaged: Option<Range<u64>> = None;
        let mut scan = Scan::behind(kind, records, place.last);
        while let Some(found) = scan.next() {
            match found {
                Found::Damage(range) => {
                    damaged = Some(base + range.start as u64..base + range.end as u64);
                }
                Found::Record { sequence, payload } => {
                    let lost = place.last + 1..sequence;
                    // An empty record stands for those before it that are not there on purpose.
                    if let Some(range) = damaged.take() {
                        let here = Some((identity, range.start));
                        if *doubts > 0 && self.doubted != here {
                            *doubts -= 1;
                            self.doubted = here;
                            return Ok(true);
                        }
                        place.offset = range.end;
                        self.found.push(damage(What::Bytes, range, lost));
                    } else if !lost.is_empty() && !payload.is_empty() && lost.end > floor {
                        let lost = lost.start.max(floor)..lost.end;
                        self.found.push(damage(What::Missing, 0..0, lost));
                    }
                    // Of events all are given, as their names have other numbers in another file.
                    let given = sequence > read || kind == Kind::Events;
                    if given && !payload.is_empty() {
                        each(file, sequence, payload)?;
                    }
                    place.last = sequence;
                    place.offset = base + scan.whole() as u64;
                }
            }
        }
        if more {
            // What is no record here may be the beginning of one that is longer.
            self.window = match place.offset > base {
                true => WINDOW,
                false => 2 * self.window,
            };
            return Ok(true);
        }
        self.window = WINDOW;
        let last = place.last;
        match (damaged, next) {
            (Some(range), Some(next)) => {
                place.offset = range.end;
                self.found.push(damage(What::Bytes, range, last + 1..next));
            }
            (Some(range), None) => self.tail = Some(damage(What::Torn, range, 0..0)),
            (None, Some(next)) => self.miss(path, floor.max(last + 1), next),
            (None, None) => {}
        }
        Ok(false)
    }
}

impl Place {
    fn before(file: &SegmentFile) -> Self {
        Self {
            first: file.first,
            file: 0,
            offset: 0,
            last: file.first.saturating_sub(1),
        }
    }
}

/// Bytes of a segment's file.
struct Bytes {
    bytes: Vec<u8>,
    /// Which file it is.
    identity: u64,
    /// Whether it had more behind these.
    more: bool,
}

impl Bytes {
    /// Those of the file at `path` from `place` on, `most` at most; from the beginning of one that `place` is not of.
    fn of(path: &Path, place: &Place, most: usize) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        let offset = if about.ino() == place.file {
            place.offset
        } else {
            0
        };
        let length = about.len().saturating_sub(offset).min(most as u64);
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        let read = file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(Self {
            bytes,
            identity: about.ino(),
            // Of a file that grows meanwhile this may be too little, as ever.
            more: read == most && about.len() > offset + most as u64,
        })
    }
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
