//! The container of our own files: a versioned header, a table of named sections, a checksum for each.
//!
//! Layout, little-endian: magic (8 bytes), format version (u32), number of sections (u32), offset of the table (u64), the
//! xxh3-64 of these and the table; then the sections, each at a multiple of 64 bytes, with zeros between them; then the
//! table: for each section its tag (u32), a zero (u32), offset (u64), length (u64) and xxh3-64 (u64).

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::damage::{damaged, other_format};
use super::manifest::unreadable;
use super::map::Mapping;
use crate::error::{Error, Result};

/// The layout that this build writes, and of a generation reads.
pub const FORMAT: u32 = 12;
/// The first one since which this container is the same. The manifest tells which a generation is of; what was counted of readers
/// is read of any since, as a checkpoint cannot be made again.
const SAME_SINCE: u32 = 10;
const MAGIC: &[u8; 8] = b"readnext";
/// Bytes before the header's checksum.
const HEADED: usize = 24;
const HEADER: usize = HEADED + 8;
const ROW: usize = 32;
/// Sections begin at multiples of this, which a processor fetches at once: a record whose length divides it costs one fetch.
const ALIGNMENT: usize = 64;
/// Sections have tags below this.
const TAGS: u32 = 64;
/// Bytes that are hashed and written together.
const BUFFER: usize = 1 << 16;

/// Sections on their way to disk: each goes out as it comes, and the table of them at the end.
#[derive(Debug)]
pub(super) struct SectionsWriter {
    path: PathBuf,
    file: File,
    table: Vec<Row>,
    at: usize,
}

#[derive(Debug)]
struct Row {
    tag: u32,
    start: usize,
    length: usize,
    sum: u64,
}

impl SectionsWriter {
    /// Starts the file at `path`, which must not exist.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let mut file = File::create_new(path).map_err(|error| Error::io("create", path, &error))?;
        file.write_all(&[0; HEADER])
            .map_err(|error| Error::io("write", path, &error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            table: Vec::new(),
            at: HEADER,
        })
    }

    /// Adds the section `tag`, whose bytes come in `chunks`.
    pub(super) fn put_chunks<C: AsRef<[u8]>>(
        &mut self,
        tag: u32,
        chunks: impl IntoIterator<Item = C>,
    ) -> Result<()> {
        let start = padded(self.at);
        let mut sum = Xxh3Default::new();
        let mut length = 0;
        let mut buffer = vec![0; start - self.at];
        let mut skipped = buffer.len();
        let mut out = |buffer: &mut Vec<u8>| {
            sum.update(&buffer[skipped..]);
            length += buffer.len() - skipped;
            skipped = 0;
            self.file.write_all(buffer)?;
            buffer.clear();
            Ok(())
        };
        let write = || {
            for chunk in chunks {
                buffer.extend_from_slice(chunk.as_ref());
                if buffer.len() >= BUFFER {
                    out(&mut buffer)?;
                }
            }
            out(&mut buffer)
        };
        write().map_err(|error| Error::io("write", &self.path, &error))?;
        self.at = start + length;
        self.table.push(Row {
            tag,
            start,
            length,
            sum: sum.digest(),
        });
        Ok(())
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_u32s(
        &mut self,
        tag: u32,
        values: impl IntoIterator<Item = u32>,
    ) -> Result<()> {
        self.put_chunks(tag, values.into_iter().map(u32::to_le_bytes))
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_u64s(
        &mut self,
        tag: u32,
        values: impl IntoIterator<Item = u64>,
    ) -> Result<()> {
        self.put_chunks(tag, values.into_iter().map(u64::to_le_bytes))
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_f32s(
        &mut self,
        tag: u32,
        values: impl IntoIterator<Item = f32>,
    ) -> Result<()> {
        self.put_chunks(tag, values.into_iter().map(f32::to_le_bytes))
    }

    /// Adds strings as two sections: `tag + 1` holds their bytes, `tag` where each ends.
    pub(super) fn put_strings<S: AsRef<[u8]>>(
        &mut self,
        tag: u32,
        strings: impl IntoIterator<Item = S>,
    ) -> Result<()> {
        let mut ends = vec![0u64];
        let mut end = 0;
        let counted = strings.into_iter().inspect(|string| {
            end += string.as_ref().len() as u64;
            ends.push(end);
        });
        self.put_chunks(tag + 1, counted)?;
        self.put_u64s(tag, ends)
    }

    /// Writes the table and makes the file durable.
    pub(super) fn finish(mut self) -> Result<()> {
        let mut header = Vec::new();
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_le_bytes());
        header.extend_from_slice(&(self.table.len() as u32).to_le_bytes());
        header.extend_from_slice(&(self.at as u64).to_le_bytes());
        let mut table = Vec::new();
        for row in &self.table {
            table.extend_from_slice(&row.tag.to_le_bytes());
            table.extend_from_slice(&0u32.to_le_bytes());
            table.extend_from_slice(&(row.start as u64).to_le_bytes());
            table.extend_from_slice(&(row.length as u64).to_le_bytes());
            table.extend_from_slice(&row.sum.to_le_bytes());
        }
        header.extend_from_slice(&sum_of(&header, &table).to_le_bytes());
        let mut write = || {
            self.file.write_all(&table)?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header)?;
            self.file.sync_all()
        };
        write().map_err(|error| Error::io("write", &self.path, &error))
    }
}

fn sum_of(header: &[u8], table: &[u8]) -> u64 {
    let mut sum = Xxh3Default::new();
    sum.update(header);
    sum.update(table);
    sum.digest()
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}

/// A finished file, mapped; every checksum has been compared.
#[derive(Debug)]
pub(super) struct Sections {
    map: Mapping,
    /// Where each section lies, by its tag.
    places: [Range<usize>; TAGS as usize],
}

impl Sections {
    /// Maps `path` and compares all checksums.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a byte is not what was written or an older readnext wrote the file, [`Error::Newer`] if a
    /// newer one did.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let map = Mapping::open(path).map_err(|error| unreadable(path, &error))?;
        if map.len() < HEADER || &map[..8] != MAGIC {
            return Err(damaged(path, "found no readnext header"));
        }
        let rows = u64_at(&map, 16) as usize;
        let end = rows.saturating_add(ROW * u32_at(&map, 12) as usize);
        let listed = map.get(rows..end);
        if listed.is_none_or(|listed| sum_of(&map[..HEADED], listed) != u64_at(&map, HEADED)) {
            return Err(damaged(path, "the header does not match its checksum"));
        }
        // Only now: a flipped bit is no other format, and the manifest, which is read first, tells other formats apart.
        let format = u32_at(&map, 8);
        if !(SAME_SINCE..=FORMAT).contains(&format) {
            return Err(other_format(path, format, FORMAT));
        }
        let mut places = std::array::from_fn(|_| 0..0);
        let mut before = HEADER;
        for row in (rows..end).step_by(ROW) {
            let tag = u32_at(&map, row);
            let start = u64_at(&map, row + 8) as usize;
            let range = start..start.saturating_add(u64_at(&map, row + 16) as usize);
            let bytes = map
                .get(range.clone())
                .ok_or_else(|| damaged(path, "the file is cut short"))?;
            if xxh3_64(bytes) != u64_at(&map, row + 24) {
                return Err(damaged(
                    path,
                    format!("section {tag} does not match its checksum"),
                ));
            }
            let between = map.get(before..start);
            if between.is_none_or(|bytes| bytes.iter().any(|&byte| byte != 0)) {
                return Err(damaged(
                    path,
                    format!("found something else than zeros in front of section {tag}"),
                ));
            }
            before = range.end;
            let place = places.get_mut(tag as usize);
            *place.ok_or_else(|| damaged(path, format!("found the unknown section {tag}")))? =
                range;
        }
        Ok(Self { map, places })
    }

    /// The bytes of section `tag`; empty if there is none.
    pub(super) fn bytes(&self, tag: u32) -> &[u8] {
        &self.map[self.places[tag as usize].clone()]
    }

    /// Lets go of the memory behind the file, for one that is read in few places after it was compared.
    pub(super) fn release(&self) {
        self.map.release();
    }

    /// Has `bytes` of this file brought near the processor, without waiting for them.
    #[inline]
    pub(super) fn prefetch(&self, bytes: &[u8]) {
        self.map.prefetch(bytes);
    }

    /// The same of a record that lies in what a processor fetches at once.
    #[inline]
    pub(super) fn prefetch_line<const N: usize>(&self, record: &[u8; N]) {
        self.map.prefetch_line(record);
    }

    /// The records of `N` bytes that section `tag` holds.
    pub(super) fn records<const N: usize>(&self, tag: u32) -> &[[u8; N]] {
        self.bytes(tag).as_chunks().0
    }

    /// Number `index` of a section of u32.
    pub(super) fn u32(&self, tag: u32, index: usize) -> u32 {
        u32::from_le_bytes(self.records(tag)[index])
    }

    /// Number `index` of a section of u64.
    pub(super) fn u64(&self, tag: u32, index: usize) -> u64 {
        u64::from_le_bytes(self.records(tag)[index])
    }

    /// Number `index` of a section of f32.
    pub(super) fn f32(&self, tag: u32, index: usize) -> f32 {
        f32::from_bits(self.u32(tag, index))
    }

    /// String `index` of the pair of sections that begins at `tag`.
    #[inline]
    pub(super) fn string(&self, tag: u32, index: usize) -> &[u8] {
        let (start, end) = (self.u64(tag, index), self.u64(tag, index + 1));
        &self.bytes(tag + 1)[start as usize..end as usize]
    }

    /// How many strings the pair of sections at `tag` holds.
    pub(super) fn strings(&self, tag: u32) -> usize {
        (self.bytes(tag).len() / 8).saturating_sub(1)
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_byte_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let mut sections = SectionsWriter::create(&path).expect("created");
        sections
            .put_strings(1, [&b"one"[..], b"", b"three"])
            .and_then(|()| sections.put_f32s(3, [1.5, -2.0]))
            .and_then(|()| sections.finish())
            .expect("written");
        let good = std::fs::read(&path).expect("read");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            let other = folder.path().join(format!("bad{at}"));
            std::fs::write(&other, bad).expect("written");
            assert!(Sections::open(&other).is_err(), "byte {at}");
        }
        let file = Sections::open(&path).expect("whole");
        assert_eq!(
            (file.string(1, 2), file.strings(1), file.f32(3, 1)),
            (&b"three"[..], 3, -2.0)
        );
        for length in 0..good.len() {
            let other = folder.path().join(format!("cut{length}"));
            std::fs::write(&other, &good[..length]).expect("written");
            assert!(Sections::open(&other).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn files_of_formats_with_this_container_are_read_and_no_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let mut sections = SectionsWriter::create(&path).expect("created");
        let put = sections.put_u32s(1, [7]);
        put.and_then(|()| sections.finish()).expect("written");
        let good = std::fs::read(&path).expect("read");
        let of_format = |format: u32| {
            let mut bytes = good.clone();
            bytes[8..12].copy_from_slice(&format.to_le_bytes());
            let rows = u64_at(&bytes, 16) as usize;
            let sum = sum_of(&bytes[..HEADED], &bytes[rows..]);
            bytes[HEADED..HEADER].copy_from_slice(&sum.to_le_bytes());
            let path = folder.path().join(format!("format-{format}"));
            std::fs::write(&path, bytes).expect("written");
            Sections::open(&path)
        };
        for format in SAME_SINCE..=FORMAT {
            assert_eq!(of_format(format).expect("whole").u32(1, 0), 7);
        }
        assert!(matches!(of_format(SAME_SINCE - 1), Err(Error::Damaged(_))));
        assert!(matches!(of_format(FORMAT + 1), Err(Error::Newer(_))));
    }
}
