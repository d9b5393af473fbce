//! The id file of a segment that is not added to any more: the identities of its events, sorted, in blocks, and from when
//! to when the events are.
//!
//! It is a view while the segment is there. One that is missing, damaged or of another length of its segment is built
//! again; of a segment that was trimmed it is all that tells which events are counted. Whoever looks for few
//! identities reads few blocks; whoever looks for many reads the blocks one after the other; whoever looks for events of
//! another time reads nothing.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::identity::identity;
use super::names::Known;
use super::record::Record;
use crate::error::{Error, Result};
use crate::journal::folder::{SegmentFile, folder, numbered, segment_file};
use crate::journal::kind::Kind;
use crate::journal::reader::has_own_header;
use crate::journal::segment::{Found, Scan};

const MAGIC: &[u8; 16] = b"readnextids\0\0\0\0\0";
const VERSION: u32 = 3;
/// Magic, version, first sequence number and length of the segment, number of identities, span, the number behind the last
/// record.
const FIXED: usize = 16 + 4 + 8 + 8 + 8 + 16 + 8;
/// An identity.
const ID: usize = 16;
/// Identities in a block; the last one may have fewer.
const IN_BLOCK: usize = 256;
/// What the head says of a block: its first identity and its checksum.
const FENCE: usize = ID + 8;

/// From when to when events are, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    first: i64,
    last: i64,
}

impl Span {
    /// Of no events.
    pub(super) const NONE: Self = Self {
        first: i64::MAX,
        last: i64::MIN,
    };

    /// Makes it hold an event of the moment `at`.
    pub(super) fn add(&mut self, at: i64) {
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    /// Whether an event of the moment `at` may be there.
    pub(super) fn holds(&self, at: i64) -> bool {
        (self.first..=self.last).contains(&at)
    }
}

/// Whether `segment` has an id file, whatever is in it.
pub(super) fn is_there(segment: &SegmentFile) -> bool {
    path(segment).exists()
}

/// An id file that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtfulIds {
    /// The file.
    pub path: PathBuf,
    /// Whether its segment was trimmed, so that nothing can make it again.
    pub of_trimmed: bool,
}

/// The id files of `data`'s journal that are not what was written, each read to its end.
///
/// # Errors
/// [`Error::Failed`] if the folder cannot be listed.
pub fn doubtful_ids(data: &Path) -> Result<Vec<DoubtfulIds>> {
    let folder = folder(data);
    let mut doubtful = Vec::new();
    for file in numbered(&folder, Kind::Events.prefix(), ".ids")? {
        let segment = segment_file(Kind::Events, &folder, file.first);
        // A segment that is rewritten just now has another id file in a moment.
        if !is_whole(&segment) && !is_whole(&segment) && file.path.exists() {
            doubtful.push(DoubtfulIds {
                of_trimmed: !segment.path.exists(),
                path: file.path,
            });
        }
    }
    Ok(doubtful)
}

fn is_whole(segment: &SegmentFile) -> bool {
    IdFile::open(segment).is_some_and(|mut file| {
        let mut blocks = 0..file.fences.len();
        blocks.all(|block| file.block(block).is_some())
    })
}

/// The number behind the last record of `segment`, which was trimmed; `None` where its id file is not whole.
pub(super) fn end_of_trimmed(segment: &SegmentFile) -> Option<u64> {
    IdFile::open(segment).map(|file| file.next)
}

/// Sets `known` for those of `wanted`, which are sorted, that are identities of events in `segment`; the span of these.
/// `None` where the segment was trimmed and the file is damaged: those that are not set may be there all the same.
pub(super) fn mark(
    segment: &SegmentFile,
    wanted: &[u128],
    known: &mut [bool],
) -> Result<Option<Span>> {
    let mark = |known: &mut [bool]| {
        let mut file = IdFile::open(segment)?;
        file.mark(wanted, known)?;
        Some(file.span)
    };
    let marked = mark(known);
    if marked.is_some() || !segment.path.exists() {
        return Ok(marked);
    }
    rebuild(segment)?;
    let span = mark(known).ok_or_else(|| {
        let path = path(segment);
        Error::Failed(format!(
            "{} does not hold what was just written to it: check the disk",
            path.display()
        ))
    })?;
    Ok(Some(span))
}

/// Makes the id file of `segment` from the events in it.
pub(super) fn rebuild(segment: &SegmentFile) -> Result<()> {
    let bytes =
        fs::read(&segment.path).map_err(|error| Error::io("read", &segment.path, &error))?;
    has_own_header(Kind::Events, &segment.path, &bytes, segment.first)?;
    let mut names = Known::default();
    let mut span = Span::NONE;
    let mut scan = Scan::of(Kind::Events, &bytes, segment.first);
    let identities = scan.by_ref().filter_map(|found| match found {
        Found::Record { payload, .. } => {
            let event = Record::from_bytes(payload)?.event(&mut names)?;
            span.add(event.at);
            Some(identity(&event))
        }
        Found::Damage(_) => None,
    });
    let identities = identities.collect();
    write(segment, identities, span, scan.last_sequence() + 1)
}

/// Makes the id file of `segment`, whose events have the `identities` and the `span` and end before `next`: beside, then
/// renamed.
fn write(segment: &SegmentFile, mut identities: Vec<u128>, span: Span, next: u64) -> Result<()> {
    identities.sort_unstable();
    identities.dedup();
    let path = path(segment);
    let beside = path.with_extension("ids.new");
    let made = || {
        let length = fs::metadata(&segment.path)?.len();
        let bytes = bytes(segment, length, &identities, span, next);
        let mut file = File::create(&beside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    };
    made().map_err(|error| Error::io("write", &path, &error))
}

fn path(segment: &SegmentFile) -> PathBuf {
    segment.path.with_extension("ids")
}

fn bytes(
    segment: &SegmentFile,
    length: u64,
    identities: &[u128],
    span: Span,
    next: u64,
) -> Vec<u8> {
    let mut body = Vec::with_capacity(identities.len() * ID);
    body.extend(
        identities
            .iter()
            .flat_map(|identity| identity.to_le_bytes()),
    );
    let mut head = begin(segment, length, identities.len() as u64, span, next).to_vec();
    for (ids, block) in identities.chunks(IN_BLOCK).zip(body.chunks(IN_BLOCK * ID)) {
        head.extend_from_slice(&ids[0].to_le_bytes());
        head.extend_from_slice(&xxh3_64(block).to_le_bytes());
    }
    head.extend_from_slice(&xxh3_64(&head).to_le_bytes());
    head.extend_from_slice(&body);
    head
}

/// The fixed part of the head of the id file that `segment` has at this length.
fn begin(segment: &SegmentFile, length: u64, count: u64, span: Span, next: u64) -> [u8; FIXED] {
    let mut bytes = [0; FIXED];
    bytes[..16].copy_from_slice(MAGIC);
    bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
    bytes[20..28].copy_from_slice(&segment.first.to_le_bytes());
    bytes[28..36].copy_from_slice(&length.to_le_bytes());
    bytes[36..44].copy_from_slice(&count.to_le_bytes());
    bytes[44..52].copy_from_slice(&span.first.to_le_bytes());
    bytes[52..60].copy_from_slice(&span.last.to_le_bytes());
    bytes[60..].copy_from_slice(&next.to_le_bytes());
    bytes
}

/// An id file whose head is whole.
struct IdFile {
    file: File,
    span: Span,
    /// The number behind the last record.
    next: u64,
    fences: Vec<Fence>,
    /// Where the blocks begin.
    body: u64,
    /// How many identities there are.
    count: usize,
}

struct Fence {
    first: u128,
    sum: u64,
}

impl IdFile {
    /// The id file of `segment`; `None` if it is missing, damaged, or of another state of the segment.
    fn open(segment: &SegmentFile) -> Option<Self> {
        let mut file = File::open(path(segment)).ok()?;
        let length = file.metadata().ok()?.len();
        let mut head = vec![0; FIXED];
        file.read_exact(&mut head).ok()?;
        let number = |at: usize| Some(u64::from_le_bytes(head[at..at + 8].try_into().ok()?));
        let count = number(36)?;
        let span = Span {
            first: number(44)?.cast_signed(),
            last: number(52)?.cast_signed(),
        };
        // Of a segment that was trimmed nobody knows how long it was.
        let length_of_segment = match fs::metadata(&segment.path) {
            Ok(about) => about.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => number(28)?,
            Err(_) => return None,
        };
        let next = number(60)?;
        if head != begin(segment, length_of_segment, count, span, next) {
            return None;
        }
        // The length of the file tells whether the count can be true, before memory is taken for it.
        let fences = count.div_ceil(IN_BLOCK as u64) * FENCE as u64;
        let body = FIXED as u64 + fences + 8;
        if count.checked_mul(ID as u64)?.checked_add(body)? != length {
            return None;
        }
        head.resize(usize::try_from(body).ok()?, 0);
        file.read_exact(&mut head[FIXED..]).ok()?;
        let (head, sum) = head.split_at(head.len() - 8);
        if xxh3_64(head).to_le_bytes() != sum {
            return None;
        }
        let fences = head[FIXED..].chunks_exact(FENCE).map(|fence| {
            let (first, sum) = fence.split_at(ID);
            Some(Fence {
                first: u128::from_le_bytes(first.try_into().ok()?),
                sum: u64::from_le_bytes(sum.try_into().ok()?),
            })
        });
        Some(Self {
            file,
            span,
            next,
            fences: fences.collect::<Option<_>>()?,
            body,
            count: usize::try_from(count).ok()?,
        })
    }

    /// Sets `known` for those of `wanted` that are here; `None` if a block is damaged. What is set is true even then.
    fn mark(&mut self, wanted: &[u128], known: &mut [bool]) -> Option<()> {
        let mut at = 0;
        while let Some(identity) = wanted.get(at) {
            let behind = self
                .fences
                .partition_point(|fence| fence.first <= *identity);
            let rest = &wanted[at..];
            let end = at
                + match self.fences.get(behind) {
                    Some(next) => rest.partition_point(|identity| *identity < next.first),
                    None => rest.len(),
                };
            if let Some(block) = behind.checked_sub(1) {
                let here = self.block(block)?;
                for (identity, known) in wanted[at..end].iter().zip(&mut known[at..end]) {
                    *known |= here.binary_search(identity).is_ok();
                }
            }
            at = end;
        }
        Some(())
    }

    fn block(&mut self, block: usize) -> Option<Vec<u128>> {
        let first = block * IN_BLOCK;
        let length = IN_BLOCK.min(self.count - first) * ID;
        let mut bytes = vec![0; length];
        let at = self.body + (first * ID) as u64;
        self.file.seek(SeekFrom::Start(at)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        if xxh3_64(&bytes) != self.fences[block].sum {
            return None;
        }
        let ids = bytes.chunks_exact(ID);
        ids.map(|id| Some(u128::from_le_bytes(id.try_into().ok()?)))
            .collect()
    }
}
