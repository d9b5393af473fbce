//! The read file: what was counted of readers up to a place in the journal, in one mapped file. Unlike the views of a
//! generation it is keyed by the names that events use, and outlives generations.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use super::damage::damaged;
use super::sections::{Sections, SectionsWriter};
use crate::error::{Error, Result};
use crate::model::{HALF_LIVES, NameOrd, ReadPair, ReadRow};

const NAMES: u32 = 1;
const SORTED: u32 = 3;
const HEADS: u32 = 4;
const STARTS: u32 = 5;
const PAIRS: u32 = 6;
const OPEN: u32 = 7;
const PLACE: u32 = 8;

/// Bytes of what stands before the pairs of a row: three totals and three periods.
const HEAD: usize = 8 * HALF_LIVES + 2 * HALF_LIVES;
/// Bytes of a pair.
const PAIR: usize = 4 + 4 * HALF_LIVES + 4 + 6;

/// Where a read file stands: up to which event it counts, of which moment the latest is, and by which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPlace {
    /// The number in the journal of the first event that is not counted.
    pub next: u64,
    /// The latest moment of all events, in milliseconds since 1970.
    pub newest: i64,
    /// The version of the rules of counting.
    pub rules: u64,
    /// How often something had been erased from the journal.
    pub erasures: u64,
    /// The number of the first event that is not in the checkpoint it goes on from; 0 where there is none.
    pub checkpoint: u64,
}

/// What goes into a read file.
pub struct ReadDraft<'a> {
    /// Where it stands.
    pub place: ReadPlace,
    /// The names by [`NameOrd`].
    pub names: Vec<&'a str>,
    /// The row of a name. All of them at once would be most of what a server holds.
    pub row: Box<dyn Fn(NameOrd) -> ReadRow + 'a>,
    /// What later events may still be joined to.
    pub open: Vec<u8>,
}

/// Where the read file of a data folder is.
fn path(data: &Path) -> PathBuf {
    data.join("index").join("reads.bin")
}

impl fmt::Debug for ReadDraft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} of {} names", self.place, self.names.len())
    }
}

impl ReadDraft<'_> {
    /// Puts the file in the place of the one before, which whoever has it open goes on reading.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written.
    pub fn publish(&self, data: &Path) -> Result<()> {
        let path = path(data);
        let beside = path.with_extension("new");
        if let Err(error) = fs::remove_file(&beside)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(Error::io("remove", &beside, &error));
        }
        self.write(&beside)?;
        fs::rename(&beside, &path).map_err(|error| Error::io("write", &path, &error))
    }

    /// Writes the file at `path`, where none is, and syncs it.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        file.put_strings(NAMES, &self.names)?;
        let mut sorted: Vec<u32> = (0..self.names.len() as u32).collect();
        sorted.sort_unstable_by_key(|&number| self.names[number as usize]);
        file.put_u32s(SORTED, sorted)?;
        let rows = || (0..self.names.len() as u32).map(|number| (self.row)(NameOrd(number)));
        let (mut heads, mut starts, mut start) = (Vec::new(), vec![0], 0);
        for row in rows() {
            heads.push(head_bytes(&row));
            start += row.pairs.len() as u64;
            starts.push(start);
        }
        file.put_chunks(HEADS, heads)?;
        file.put_u64s(STARTS, starts)?;
        let pairs = rows().flat_map(|row| row.pairs);
        file.put_chunks(PAIRS, pairs.map(|pair| pair_bytes(&pair)))?;
        file.put_chunks(OPEN, [&self.open])?;
        let ReadPlace {
            next,
            newest,
            rules,
            erasures,
            checkpoint,
        } = self.place;
        let place = [next, newest.cast_unsigned(), rules, erasures, checkpoint];
        file.put_u64s(PLACE, place)?;
        file.finish()
    }
}

/// An open read file.
#[derive(Debug)]
pub struct ReadFile(Sections);

impl ReadFile {
    /// Where that of `data` is.
    pub fn path(data: &Path) -> PathBuf {
        path(data)
    }

    /// Opens and checks the file under `data`; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn open(data: &Path) -> Result<Option<Self>> {
        let path = path(data);
        match path.exists() {
            true => Self::open_at(&path).map(Some),
            false => Ok(None),
        }
    }

    /// Opens and checks a file of this format.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written, [`Error::Failed`] if it cannot be read.
    pub fn open_at(path: &Path) -> Result<Self> {
        let file = Self(Sections::open(path)?);
        let whole = file.0.records::<8>(PLACE).len() == 5
            && file.0.records::<HEAD>(HEADS).len() == file.len();
        if whole {
            Ok(file)
        } else {
            Err(damaged(path, "the sections do not fit together"))
        }
    }

    /// Where it stands.
    pub fn place(&self) -> ReadPlace {
        ReadPlace {
            next: self.0.u64(PLACE, 0),
            newest: self.0.u64(PLACE, 1).cast_signed(),
            rules: self.0.u64(PLACE, 2),
            erasures: self.0.u64(PLACE, 3),
            checkpoint: self.0.u64(PLACE, 4),
        }
    }

    /// A digest of all that it holds.
    pub fn digest(&self) -> u64 {
        let mut hasher = Xxh3Default::new();
        for tag in [PLACE, NAMES, SORTED, HEADS, STARTS, PAIRS, OPEN] {
            hasher.update(self.0.bytes(tag));
        }
        hasher.digest()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.strings(NAMES)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A name.
    pub fn name(&self, number: NameOrd) -> &str {
        str::from_utf8(self.0.string(NAMES, number.index())).unwrap_or_default()
    }

    /// The number of a name.
    pub fn number(&self, name: &str) -> Option<NameOrd> {
        let sorted = self.0.records::<4>(SORTED);
        let number = |record: &[u8; 4]| NameOrd(u32::from_le_bytes(*record));
        let place = sorted.binary_search_by(|record| self.name(number(record)).cmp(name));
        place.ok().map(|place| number(&sorted[place]))
    }

    /// All names with their numbers, as bytes and in the order of these.
    pub fn in_order(&self) -> impl Iterator<Item = (NameOrd, &[u8])> + '_ {
        let sorted = self.0.records(SORTED).iter();
        let numbers = sorted.map(|record| NameOrd(u32::from_le_bytes(*record)));
        numbers.map(|number| (number, self.0.string(NAMES, number.index())))
    }

    /// Has the memory behind the row of a name brought near.
    pub fn prefetch(&self, number: NameOrd) {
        let heads = self.0.records::<HEAD>(HEADS);
        self.0.prefetch(&heads[number.index()]);
        self.0.prefetch(self.pair_records(number).as_flattened());
    }

    /// The row of a name, without its pairs.
    pub fn head(&self, number: NameOrd) -> ReadRow {
        head_of(&self.0.records(HEADS)[number.index()])
    }

    /// The pairs of a name, by partner.
    pub fn pairs(&self, number: NameOrd) -> impl ExactSizeIterator<Item = ReadPair> + Clone + '_ {
        self.pair_records(number).iter().map(pair_of)
    }

    /// What is counted of a name and `partner`.
    pub fn pair(&self, number: NameOrd, partner: NameOrd) -> Option<ReadPair> {
        let pairs = self.pair_records(number);
        let place = pairs.binary_search_by_key(&partner, |bytes| pair_of(bytes).partner);
        place.ok().map(|place| pair_of(&pairs[place]))
    }

    fn pair_records(&self, number: NameOrd) -> &[[u8; PAIR]] {
        let start = |at| self.0.u64(STARTS, at) as usize;
        &self.0.records(PAIRS)[start(number.index())..start(number.index() + 1)]
    }

    /// The row of a name.
    pub fn row(&self, number: NameOrd) -> ReadRow {
        ReadRow {
            pairs: self.pairs(number).collect(),
            ..self.head(number)
        }
    }

    /// What later events may still be joined to, as it was given.
    pub fn open_state(&self) -> &[u8] {
        self.0.bytes(OPEN)
    }
}

fn head_bytes(row: &ReadRow) -> [u8; HEAD] {
    let mut bytes = [0; HEAD];
    let (totals, periods) = bytes.split_at_mut(8 * HALF_LIVES);
    for (place, total) in totals.as_chunks_mut().0.iter_mut().zip(row.totals) {
        *place = total.to_le_bytes();
    }
    for (place, period) in periods.as_chunks_mut().0.iter_mut().zip(row.periods) {
        *place = period.to_le_bytes();
    }
    bytes
}

fn head_of(bytes: &[u8; HEAD]) -> ReadRow {
    let (totals, periods) = bytes.split_at(8 * HALF_LIVES);
    let (totals, periods) = (totals.as_chunks().0, periods.as_chunks().0);
    ReadRow {
        totals: std::array::from_fn(|which| u64::from_le_bytes(totals[which])),
        periods: std::array::from_fn(|which| u16::from_le_bytes(periods[which])),
        pairs: Vec::new(),
    }
}

fn pair_bytes(pair: &ReadPair) -> [u8; PAIR] {
    let mut bytes = [0; PAIR];
    let [a, b, c] = pair.reads;
    let (numbers, visitors) = bytes.split_at_mut(PAIR - 6);
    let values = [pair.partner.0, a, b, c, pair.seen];
    for (place, value) in numbers.as_chunks_mut().0.iter_mut().zip(values) {
        *place = value.to_le_bytes();
    }
    for (place, mark) in visitors.as_chunks_mut().0.iter_mut().zip(pair.visitors) {
        *place = mark.to_le_bytes();
    }
    bytes
}

fn pair_of(bytes: &[u8; PAIR]) -> ReadPair {
    let (numbers, visitors) = bytes.split_at(PAIR - 6);
    let (numbers, visitors) = (numbers.as_chunks().0, visitors.as_chunks().0);
    let number = |at: usize| u32::from_le_bytes(numbers[at]);
    ReadPair {
        partner: NameOrd(number(0)),
        reads: [number(1), number(2), number(3)],
        seen: number(4),
        visitors: std::array::from_fn(|place| u16::from_le_bytes(visitors[place])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_is_read_and_a_flipped_byte_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        assert!(ReadFile::open(data).expect("no file").is_none());
        fs::create_dir(data.join("index")).expect("made");
        let pair = |partner, seen| ReadPair {
            partner: NameOrd(partner),
            reads: [1, 2, u32::MAX],
            seen,
            visitors: [3, 0, 0],
        };
        let row = |pairs| ReadRow {
            periods: [4, 5, 6],
            totals: [7, 8, u64::MAX],
            pairs,
        };
        let rows = [row(vec![pair(1, 0), pair(2, 5)]), row(vec![])];
        let draft = ReadDraft {
            place: ReadPlace {
                next: 9,
                newest: -1,
                rules: 2,
                erasures: 1,
                checkpoint: 3,
            },
            names: vec!["/b", "/a"],
            row: Box::new(|number| rows[number.index()].clone()),
            open: b"open".to_vec(),
        };
        for _ in 0..2 {
            draft.publish(data).expect("published");
        }
        let file = ReadFile::open(data).expect("whole").expect("there");
        assert_eq!(file.place(), draft.place);
        assert_eq!((file.len(), file.open_state()), (2, &b"open"[..]));
        assert_eq!(file.number("/a"), Some(NameOrd(1)));
        assert_eq!(file.number("/c"), None);
        for number in 0..2 {
            assert_eq!(file.name(NameOrd(number)), draft.names[number as usize]);
            assert_eq!(file.row(NameOrd(number)), rows[number as usize]);
        }
        let mut bytes = fs::read(path(data)).expect("read");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(path(data), bytes).expect("written");
        assert!(matches!(ReadFile::open(data), Err(Error::Damaged(_))));
    }
}
