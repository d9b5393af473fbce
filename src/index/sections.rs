//! The container of our own files: a versioned header, a table of named sections, a checksum for each.
//!
//! Layout, little-endian: magic (8 bytes), format version (u32), number of sections (u32), then for each section its tag
//! (u32), a zero (u32), offset (u64), length (u64) and xxh3-64 (u64); then the xxh3-64 of all of that; then the sections,
//! each at a multiple of 8 bytes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::damage::{damaged, other_format};
use super::manifest::unreadable;
use super::map::Mapping;
use crate::error::{Error, Result};

/// The layout that this build writes and reads.
pub const FORMAT: u32 = 2;
const MAGIC: &[u8; 8] = b"readnext";
const HEADER: usize = 16;
const ROW: usize = 32;

/// Sections on their way to disk.
#[derive(Debug, Default)]
pub(super) struct SectionsWriter(Vec<(u32, Vec<u8>)>);

impl SectionsWriter {
    /// Adds the section `tag`.
    pub(super) fn put(&mut self, tag: u32, bytes: Vec<u8>) {
        self.0.push((tag, bytes));
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_u32s(&mut self, tag: u32, values: impl IntoIterator<Item = u32>) {
        self.put(tag, values.into_iter().flat_map(u32::to_le_bytes).collect());
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_u64s(&mut self, tag: u32, values: impl IntoIterator<Item = u64>) {
        self.put(tag, values.into_iter().flat_map(u64::to_le_bytes).collect());
    }

    /// Adds the section `tag` of little-endian numbers.
    pub(super) fn put_f32s(&mut self, tag: u32, values: impl IntoIterator<Item = f32>) {
        self.put(tag, values.into_iter().flat_map(f32::to_le_bytes).collect());
    }

    /// Adds strings as two sections: `tag` holds where each ends, `tag + 1` their bytes.
    pub(super) fn put_strings<'a>(
        &mut self,
        tag: u32,
        strings: impl IntoIterator<Item = &'a [u8]>,
    ) {
        let mut bytes = Vec::new();
        let mut ends = vec![0u64];
        for string in strings {
            bytes.extend_from_slice(string);
            ends.push(bytes.len() as u64);
        }
        self.put_u64s(tag, ends);
        self.put(tag + 1, bytes);
    }

    /// Writes the file and makes it durable.
    pub(super) fn write(self, path: &Path) -> Result<()> {
        let failed = |error: std::io::Error| Error::io("write", path, &error);
        let mut header = Vec::new();
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_le_bytes());
        header.extend_from_slice(&(self.0.len() as u32).to_le_bytes());
        let mut offset = padded(HEADER + ROW * self.0.len() + 8);
        for (tag, bytes) in &self.0 {
            header.extend_from_slice(&tag.to_le_bytes());
            header.extend_from_slice(&0u32.to_le_bytes());
            header.extend_from_slice(&(offset as u64).to_le_bytes());
            header.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            header.extend_from_slice(&xxh3_64(bytes).to_le_bytes());
            offset = padded(offset + bytes.len());
        }
        header.extend_from_slice(&xxh3_64(&header).to_le_bytes());
        let mut file = BufWriter::with_capacity(1 << 20, File::create_new(path).map_err(failed)?);
        file.write_all(&header).map_err(failed)?;
        let mut at = header.len();
        for (_, bytes) in &self.0 {
            file.write_all(&[0; 8][..padded(at) - at]).map_err(failed)?;
            file.write_all(bytes).map_err(failed)?;
            at = padded(at) + bytes.len();
        }
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    }
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(8)
}

/// A finished file, mapped; every checksum has been compared.
#[derive(Debug)]
pub(super) struct Sections {
    map: Mapping,
    table: Vec<(u32, Range<usize>)>,
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
        let end = HEADER + ROW * u32_at(&map, 12) as usize;
        if map.len() < end + 8 || xxh3_64(&map[..end]) != u64_at(&map, end) {
            return Err(damaged(path, "the header does not match its checksum"));
        }
        // Only now: a flipped bit is no other format. Every format has kept the header's shape.
        let format = u32_at(&map, 8);
        if format != FORMAT {
            return Err(other_format(path, format, FORMAT));
        }
        let mut table = Vec::new();
        for row in (HEADER..end).step_by(ROW) {
            let start = u64_at(&map, row + 8) as usize;
            let range = start..start.saturating_add(u64_at(&map, row + 16) as usize);
            let bytes = map
                .get(range.clone())
                .ok_or_else(|| damaged(path, "the file is cut short"))?;
            if xxh3_64(bytes) != u64_at(&map, row + 24) {
                return Err(damaged(
                    path,
                    format!("section {} does not match its checksum", u32_at(&map, row)),
                ));
            }
            table.push((u32_at(&map, row), range));
        }
        Ok(Self { map, table })
    }

    /// The bytes of section `tag`; empty if there is none.
    pub(super) fn bytes(&self, tag: u32) -> &[u8] {
        self.range(tag).map_or(&[], |range| &self.map[range])
    }

    /// Number `index` of a section of u32.
    pub(super) fn u32(&self, tag: u32, index: usize) -> u32 {
        u32_at(self.bytes(tag), index * 4)
    }

    /// Number `index` of a section of u64.
    pub(super) fn u64(&self, tag: u32, index: usize) -> u64 {
        u64_at(self.bytes(tag), index * 8)
    }

    /// Number `index` of a section of f32.
    pub(super) fn f32(&self, tag: u32, index: usize) -> f32 {
        f32::from_bits(self.u32(tag, index))
    }

    /// String `index` of the pair of sections that begins at `tag`.
    pub(super) fn string(&self, tag: u32, index: usize) -> &[u8] {
        let (start, end) = (self.u64(tag, index), self.u64(tag, index + 1));
        &self.bytes(tag + 1)[start as usize..end as usize]
    }

    /// How many strings the pair of sections at `tag` holds.
    pub(super) fn strings(&self, tag: u32) -> usize {
        (self.bytes(tag).len() / 8).saturating_sub(1)
    }

    fn range(&self, tag: u32) -> Option<Range<usize>> {
        self.table
            .iter()
            .find(|(found, _)| *found == tag)
            .map(|(_, range)| range.clone())
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
        let mut sections = SectionsWriter::default();
        sections.put_strings(1, [&b"one"[..], b"", b"three"]);
        sections.put_f32s(3, [1.5, -2.0]);
        sections.write(&path).expect("written");
        let good = std::fs::read(&path).expect("read");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            let other = folder.path().join(format!("bad{at}"));
            std::fs::write(&other, bad).expect("written");
            if let Ok(file) = Sections::open(&other) {
                // Only the padding between sections may differ unnoticed.
                assert_eq!(
                    (file.string(1, 2), file.strings(1), file.f32(3, 1)),
                    (&b"three"[..], 3, -2.0),
                    "byte {at}"
                );
            }
        }
        for length in 0..good.len() {
            let other = folder.path().join(format!("cut{length}"));
            std::fs::write(&other, &good[..length]).expect("written");
            assert!(Sections::open(&other).is_err(), "cut to {length}");
        }
    }
}
