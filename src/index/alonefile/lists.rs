//! Lists of articles and what they weigh, as they lie in the file of lone articles.
//!
//! An entry is the LEB128 of the distance from the ordinal before, and the weight: a float of 16 bits, of which 4 are the exponent.

use crate::model::DocOrd;

/// Bytes of a weight, and of the longest distance, in lists of articles.
const WEIGHT_BYTES: usize = 2;
const LONGEST_DISTANCE: usize = 5;
/// The bits of the least weight in lists, 2 to the power of -15, and how many of a weight's last bits they leave out.
const LEAST_WEIGHT: u32 = (127 - 15) << 23;
const DROPPED_BITS: u32 = 11;

/// Lists one after the other.
#[derive(Debug)]
pub struct Lists<T> {
    pub(super) starts: Vec<u32>,
    pub(super) items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            starts: vec![0],
            items: Vec::new(),
        }
    }
}

impl<T> Lists<T> {
    /// Adds a list.
    pub fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.starts.push(self.items.len() as u32);
    }
}

impl Lists<u8> {
    /// Adds a list of articles by ascending ordinal, and their weights.
    pub fn push_weighted(&mut self, list: &[(DocOrd, f32)]) {
        self.push_entries(list.iter().map(|&(ord, weight)| (ord, rounded(weight))));
    }

    /// The same with a mark, which takes the last bit of the weight.
    pub fn push_marked(&mut self, list: impl Iterator<Item = (DocOrd, f32, bool)>) {
        let entries = list.map(|(ord, weight, mark)| (ord, rounded(weight) & !1 | u16::from(mark)));
        self.push_entries(entries);
    }

    fn push_entries(&mut self, list: impl Iterator<Item = (DocOrd, u16)>) {
        let mut before = 0;
        for (ord, weight) in list {
            let mut distance = ord.0 - before;
            before = ord.0;
            while distance > 0x7f {
                self.items.push(distance as u8 | 0x80);
                distance >>= 7;
            }
            self.items.push(distance as u8);
            self.items.extend(weight.to_le_bytes());
        }
        self.starts.push(self.items.len() as u32);
    }
}

/// A weight, which lies between the least and 2, in 16 bits: rows are one long, so what weighs less tells nothing.
fn rounded(weight: f32) -> u16 {
    let above = weight.to_bits().saturating_sub(LEAST_WEIGHT);
    let rounded = above.saturating_add(1 << (DROPPED_BITS - 1)) >> DROPPED_BITS;
    rounded.min(u32::from(u16::MAX)) as u16
}

/// Whether a weight was pushed with a mark, in a list where some were.
pub(super) fn is_marked(weight: f32) -> bool {
    weight.to_bits() >> DROPPED_BITS & 1 == 1
}

/// The weight that was rounded.
fn widened(weight: u16) -> f32 {
    f32::from_bits((u32::from(weight) << DROPPED_BITS) + LEAST_WEIGHT)
}

/// Articles by ascending ordinal and their weights, as [`Lists::push_weighted`] wrote them.
pub(super) struct Weighted<'a> {
    rest: &'a [u8],
    ord: u32,
}

impl<'a> Weighted<'a> {
    pub(super) fn of(list: &'a [u8]) -> Self {
        Self { rest: list, ord: 0 }
    }
}

impl Iterator for Weighted<'_> {
    type Item = (DocOrd, f32);

    #[inline]
    fn next(&mut self) -> Option<(DocOrd, f32)> {
        // An entry is eight bytes at most: as one number it is taken apart without a look at each byte.
        let (entry, length) = match self.rest.first_chunk() {
            Some(bytes) => {
                let entry = u64::from_le_bytes(*bytes);
                (entry, distance_bytes(entry))
            }
            None => {
                let mut bytes = [0; 8];
                bytes[..self.rest.len()].copy_from_slice(self.rest);
                let entry = u64::from_le_bytes(bytes);
                (entry, distance_bytes(entry))
            }
        };
        self.rest = self.rest.get(length + WEIGHT_BYTES..)?;
        let bits = entry & !(u64::MAX << (8 * length));
        let parts = [0, 1, 2, 3, 4].map(|part| (bits >> part) & (0x7f << (7 * part)));
        self.ord += parts.into_iter().fold(0, |all, part| all | part) as u32;
        let weight = (entry >> (8 * length)) as u16;
        Some((DocOrd(self.ord), widened(weight)))
    }
}

/// How many bytes of an entry are its distance: the last is the first without its highest bit.
#[inline]
fn distance_bytes(entry: u64) -> usize {
    let last = (!entry & 0x0080_8080_8080).trailing_zeros() / 8;
    (last as usize + 1).min(LONGEST_DISTANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_articles_are_read_as_they_were_written() {
        let distances = [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            2_097_151,
            2_097_152,
            300_000_000,
        ];
        let mut ord = 0;
        let all = distances.iter().cycle().take(14).enumerate();
        let list: Vec<(DocOrd, f32)> = all
            .map(|(place, distance)| {
                ord += distance;
                (DocOrd(ord), 1.0 / (1 << (place % 5)) as f32)
            })
            .collect();
        for length in 0..=list.len() {
            let mut lists = Lists::default();
            lists.push_weighted(&list[..length]);
            let read = Weighted::of(&lists.items);
            assert_eq!(read.collect::<Vec<_>>(), list[..length]);
        }
    }

    #[test]
    fn weights_keep_four_digits_and_their_marks() {
        let weights: Vec<f32> = (1..2000).map(|step| step as f32 / 1999.0).collect();
        let entries = || (0..).map(DocOrd).zip(weights.iter().copied());
        let mut plain = Lists::default();
        plain.push_weighted(&entries().collect::<Vec<_>>());
        for ((_, weight), (_, read)) in entries().zip(Weighted::of(&plain.items)) {
            assert!((read / weight - 1.0).abs() < 2e-4, "{weight} and {read}");
        }
        let mut marked = Lists::default();
        marked.push_marked(entries().map(|(ord, weight)| (ord, weight, ord.0 % 3 == 0)));
        for ((ord, weight), (_, read)) in entries().zip(Weighted::of(&marked.items)) {
            assert_eq!(is_marked(read), ord.0 % 3 == 0);
            assert!((read / weight - 1.0).abs() < 4e-4, "{weight} and {read}");
        }
    }
}
