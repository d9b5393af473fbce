//! The bytes of a segment: a header, then records. Whatever the bytes are, they are read without a panic: each valid
//! record is found, and everything between is told as a range.

use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::kind::Kind;

/// Magic, version, first sequence number, checksum.
pub(super) const HEADER: usize = 16 + 4 + 8 + 8;

/// Begins every record. These first bytes never stand in UTF-8 text, so text in a payload never looks like a record.
const MARKER: [u8; 4] = [0xff, 0xfe, b'r', b'n'];
/// Marker, length, sequence number, checksum.
const RECORD: usize = 4 + 4 + 8 + 8;

/// What the first bytes of a segment say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// Of this format.
    Own,
    /// Whole, and of another format.
    Other(u32),
    /// Not what was written.
    Damaged,
}

/// What stands next in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A record.
    Record { sequence: u64, payload: &'a [u8] },
    /// Bytes that are no record, up to the next one or to the end.
    Damage(Range<usize>),
}

/// The header of a segment of `kind` whose first record has the number `first`.
pub(super) fn header(kind: Kind, first: u64) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..16].copy_from_slice(kind.magic());
    bytes[16..20].copy_from_slice(&kind.version().to_le_bytes());
    bytes[20..28].copy_from_slice(&first.to_le_bytes());
    let sum = xxh3_64(&bytes[..28]);
    bytes[28..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Checks the header of the segment `bytes`, which is that of `kind` and of the first number `first`.
pub(super) fn check_header(kind: Kind, bytes: &[u8], first: u64) -> Header {
    let Some(found) = bytes.get(..HEADER) else {
        return Header::Damaged;
    };
    if found == header(kind, first) {
        return Header::Own;
    }
    let whole = found.starts_with(kind.magic()) && number(&found[28..]) == xxh3_64(&found[..28]);
    match u32::from_le_bytes([found[16], found[17], found[18], found[19]]) {
        version if whole && version != kind.version() => Header::Other(version),
        _ => Header::Damaged,
    }
}

/// Adds a record of `kind` to `bytes`.
pub(super) fn put(kind: Kind, bytes: &mut Vec<u8>, sequence: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a payload is far below 4 GiB");
    bytes.extend_from_slice(&MARKER);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&sequence.to_le_bytes());
    bytes.extend_from_slice(&checksum(kind, sequence, payload).to_le_bytes());
    bytes.extend_from_slice(payload);
}

/// Whether `bytes`, which stand behind a record, are room for more and nothing else.
pub(super) fn is_room(bytes: &[u8]) -> bool {
    // A whole word at a time, as that may be much.
    let (words, rest) = bytes.as_chunks::<16>();
    words.iter().all(|word| u128::from_ne_bytes(*word) == 0) && rest.iter().all(|&byte| byte == 0)
}

/// Reads the records of a segment, in order.
#[derive(Clone, Debug)]
pub(super) struct Scan<'a> {
    kind: Kind,
    bytes: &'a [u8],
    at: usize,
    /// The number of the last record.
    last: u64,
    /// Where the last record ends.
    whole: usize,
}

impl<'a> Scan<'a> {
    /// The records in the segment `bytes` of `kind`, whose numbers begin at `first`.
    pub(super) fn of(kind: Kind, bytes: &'a [u8], first: u64) -> Self {
        let at = HEADER.min(bytes.len());
        Self {
            at,
            whole: at,
            ..Self::behind(kind, bytes, first.saturating_sub(1))
        }
    }

    /// The records in `bytes`, which stand in a segment behind the record `last`.
    pub(super) fn behind(kind: Kind, bytes: &'a [u8], last: u64) -> Self {
        Self {
            kind,
            bytes,
            at: 0,
            last,
            whole: 0,
        }
    }

    /// The number of the last record so far.
    pub(super) fn last_sequence(&self) -> u64 {
        self.last
    }

    /// Where the last record so far ends.
    pub(super) fn whole(&self) -> usize {
        self.whole
    }

    /// The record at `at`, if there is a valid one with a number that may come next.
    fn record(&self, at: usize) -> Option<(u64, &'a [u8])> {
        let rest = self.bytes.get(at..)?;
        let head = rest.get(..RECORD)?;
        if head[..4] != MARKER {
            return None;
        }
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let payload = rest.get(RECORD..RECORD.checked_add(length)?)?;
        let sequence = number(&head[8..16]);
        let valid =
            sequence > self.last && checksum(self.kind, sequence, payload) == number(&head[16..]);
        valid.then_some((sequence, payload))
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        if self.at == self.bytes.len() {
            return None;
        }
        if let Some((sequence, payload)) = self.record(self.at) {
            self.last = sequence;
            self.at += RECORD + payload.len();
            self.whole = self.at;
            return Some(Found::Record { sequence, payload });
        }
        let begin = self.at;
        if self.whole == begin && is_room(&self.bytes[begin..]) {
            self.at = self.bytes.len();
            return None;
        }
        let later = (begin + 1..self.bytes.len())
            .find(|&at| self.bytes[at] == MARKER[0] && self.record(at).is_some());
        self.at = later.unwrap_or(self.bytes.len());
        Some(Found::Damage(begin..self.at))
    }
}

/// Of number, length and payload, seeded with the format version: a record of another format never matches.
fn checksum(kind: Kind, sequence: u64, payload: &[u8]) -> u64 {
    let mut state = Xxh3::with_seed(u64::from(kind.version()));
    state.update(&(payload.len() as u64).to_le_bytes());
    state.update(&sequence.to_le_bytes());
    state.update(payload);
    state.digest()
}

fn number(bytes: &[u8]) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: u64 = 7;
    const KIND: Kind = Kind::Articles;

    /// Where something begins and ends.
    type Place = (usize, usize);

    fn holds(place: &Place, at: usize) -> bool {
        (place.0..place.1).contains(&at)
    }

    /// A segment of a few records, and where each begins and ends.
    fn segment() -> (Vec<u8>, Vec<Place>) {
        let mut bytes = header(KIND, FIRST).to_vec();
        let mut places = Vec::new();
        // A payload that is empty, one that holds a marker, one that holds a whole record of an earlier number.
        let mut inner = Vec::new();
        put(KIND, &mut inner, FIRST, b"not me");
        for (sequence, payload) in (FIRST..).zip([&b"one"[..], b"", &MARKER, &inner, b"the last"]) {
            let begin = bytes.len();
            put(KIND, &mut bytes, sequence, payload);
            places.push((begin, bytes.len()));
        }
        (bytes, places)
    }

    /// The numbers of the records found, and the ranges of damage.
    fn found(bytes: &[u8]) -> (Vec<u64>, Vec<Place>) {
        let (mut numbers, mut damage) = (Vec::new(), Vec::new());
        for found in Scan::of(KIND, bytes, FIRST) {
            match found {
                Found::Record { sequence, .. } => numbers.push(sequence),
                Found::Damage(range) => damage.push((range.start, range.end)),
            }
        }
        (numbers, damage)
    }

    #[test]
    fn a_segment_cut_anywhere_keeps_every_record_before_the_cut() {
        let (bytes, places) = segment();
        for end in 0..=bytes.len() {
            let whole = places.iter().filter(|place| place.1 <= end).count() as u64;
            let (numbers, damage) = found(&bytes[..end]);
            assert_eq!(numbers, (FIRST..FIRST + whole).collect::<Vec<_>>());
            let torn = places.iter().filter(|place| place.0 < end && end < place.1);
            let torn: Vec<Place> = torn.map(|place| (place.0, end)).collect();
            assert_eq!(damage, torn);
        }
    }

    #[test]
    fn a_flipped_bit_costs_the_record_it_hits_and_no_other() {
        let (bytes, places) = segment();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let hit: Vec<Place> = places
                    .iter()
                    .filter(|place| holds(place, at))
                    .copied()
                    .collect();
                let whole: Vec<u64> = (FIRST..)
                    .zip(&places)
                    .filter(|(_, place)| !holds(place, at))
                    .map(|(sequence, _)| sequence)
                    .collect();
                let (numbers, damage) = found(&bad);
                assert_eq!(numbers, whole, "byte {at} bit {bit}");
                assert_eq!(damage, hit, "byte {at} bit {bit}");
                let header = check_header(KIND, &bad, FIRST);
                assert_eq!(header == Header::Own, at >= HEADER, "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn other_formats_are_told_from_damage() {
        let mut bytes = header(KIND, FIRST);
        bytes[16] = 2;
        assert_eq!(check_header(KIND, &bytes, FIRST), Header::Damaged);
        let sum = xxh3_64(&bytes[..28]);
        bytes[28..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(check_header(KIND, &bytes, FIRST), Header::Other(2));
        assert_eq!(
            check_header(KIND, &header(KIND, FIRST), FIRST + 1),
            Header::Damaged
        );
        let other = header(Kind::Events, FIRST);
        assert_eq!(check_header(KIND, &other, FIRST), Header::Damaged);
    }

    #[test]
    fn bytes_of_any_kind_are_read() {
        let (good, _) = segment();
        let mut state = 1u64;
        for round in 0..2000 {
            let bytes: Vec<u8> = (0..200 + round % 100)
                .map(|place| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    // Pieces of a good segment among noise.
                    match state >> 61 {
                        0 => (state >> 32) as u8,
                        1 => MARKER[place % 4],
                        _ => good[place % good.len()],
                    }
                })
                .collect();
            let covered: usize = found(&bytes).1.iter().map(|(begin, end)| end - begin).sum();
            assert!(covered <= bytes.len());
        }
    }
}
