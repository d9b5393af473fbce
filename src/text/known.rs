//! What the runs met so far mean, by their letters as they stand in the text.
//!
//! Nine runs of ten are among a few thousand, so what they mean is kept twice: all in a table that is as large as it must
//! be, and those met last in one that fits the processor's own cache, where a run is kept in the one place that its key
//! leads to and the next that leads there takes the place over. A run of up to 16 bytes is a pair of numbers, and comparing
//! it is comparing these; for a longer one, such as an identifier, its digest stands.

use xxhash_rust::xxh3::xxh3_128;

use super::analyzer::Meaning;

/// Places for the runs met last; a power of two.
const RECENT: usize = 1 << 14;
/// Places at first for all runs; a power of two.
const FIRST: usize = 1 << 10;

/// The bytes of a short run, zeros behind them, or the digest of a longer one. No run holds a NUL, so different runs have different keys,
/// and none is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key([u64; 2]);

impl Key {
    /// Most bytes of a run that is its own key.
    pub(super) const LONGEST: usize = 16;
    const NONE: Self = Self([0; 2]);

    /// The key of `run`; `None` if it is empty or too long.
    pub(super) fn of(run: &str) -> Option<Self> {
        if run.is_empty() || run.len() > Self::LONGEST {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes[..run.len()].copy_from_slice(run.as_bytes());
        Some(Self::of_first(u128::from_le_bytes(bytes), run.len()))
    }

    /// The key of a run that has more bytes.
    pub(super) fn of_long(run: &str) -> Self {
        let digest = xxh3_128(run.as_bytes());
        Self([digest as u64, (digest >> 64) as u64])
    }

    /// The key of the first `length` bytes of `window`, its lowest; 1 to [`Key::LONGEST`].
    #[inline]
    pub(super) fn of_first(window: u128, length: usize) -> Self {
        let [low, high] = KEPT[length];
        Self([window as u64 & low, (window >> 64) as u64 & high])
    }

    /// The bytes, where they are ASCII letters and digits, with small letters for capitals; of those behind the run nothing is said.
    #[inline]
    pub(super) fn in_small_letters(self) -> [u8; Self::LONGEST] {
        /// The bit that capitals lack; digits have it.
        const SMALL: u128 = u128::from_le_bytes([0x20; Key::LONGEST]);
        let [low, high] = self.0;
        (u128::from(low) | u128::from(high) << 64 | SMALL).to_le_bytes()
    }

    /// Mixes the letters (Steele and Vigna 2021, a multiplier for 64 bits).
    #[inline]
    fn mixed(self) -> u64 {
        let [low, high] = self.0;
        let mixed = (low ^ high.rotate_left(29)).wrapping_mul(0xd134_2543_de82_ef95);
        mixed ^ mixed >> 32
    }
}

/// By length, the bits of a window that belong to the key.
const KEPT: [[u64; 2]; Key::LONGEST + 1] = {
    let mut kept = [[0; 2]; Key::LONGEST + 1];
    let mut length = 1;
    while length <= Key::LONGEST {
        kept[length] = kept[length - 1];
        kept[length][(length - 1) / 8] |= 0xff << (8 * ((length - 1) % 8));
        length += 1;
    }
    kept
};

type Place = (Key, Meaning);

const EMPTY: Place = (Key::NONE, Meaning::Stop);

/// Maps runs to their meanings.
pub(super) struct Known {
    recent: Vec<Place>,
    /// Open addressing, a power of two of places, at most three quarters taken.
    all: Vec<Place>,
    len: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            recent: vec![EMPTY; RECENT],
            all: vec![EMPTY; FIRST],
            len: 0,
        }
    }
}

impl Known {
    /// How many runs are known.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What the run with `key` means, if it is known.
    #[inline]
    pub(super) fn get(&mut self, key: Key) -> Option<Meaning> {
        let recent = &self.recent[recent_place(key)];
        if recent.0 == key {
            return Some(recent.1);
        }
        self.get_from_all(key)
    }

    #[inline(never)]
    fn get_from_all(&mut self, key: Key) -> Option<Meaning> {
        let place = self.all[place_of(&self.all, key)];
        let known = place.0 == key;
        if known {
            self.recent[recent_place(key)] = place;
        }
        known.then_some(place.1)
    }

    /// Remembers what the run with `key`, which is not known, means.
    pub(super) fn put(&mut self, key: Key, meaning: Meaning) {
        if 4 * (self.len + 1) > 3 * self.all.len() {
            self.grow();
        }
        let place = place_of(&self.all, key);
        self.all[place] = (key, meaning);
        self.recent[recent_place(key)] = (key, meaning);
        self.len += 1;
    }

    fn grow(&mut self) {
        let mut grown = vec![EMPTY; 2 * self.all.len()];
        for &place in self.all.iter().filter(|place| place.0 != Key::NONE) {
            let free = place_of(&grown, place.0);
            grown[free] = place;
        }
        self.all = grown;
    }

    /// Forgets every run and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.recent.fill(EMPTY);
        self.all.fill(EMPTY);
        self.len = 0;
    }
}

#[inline]
fn recent_place(key: Key) -> usize {
    key.mixed() as usize % RECENT
}

/// Where `key` stands in `places`, or the free place that it would take.
#[inline]
fn place_of(places: &[Place], key: Key) -> usize {
    let mask = places.len() - 1;
    let mut place = key.mixed() as usize & mask;
    while places[place].0 != key && places[place].0 != Key::NONE {
        place = (place + 1) & mask;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TermId;
    use crate::text::analyzer::Sense;

    fn meaning(id: u32) -> Meaning {
        Meaning::Term(Sense::of_term(TermId(id), 1))
    }

    fn key(run: &str) -> Key {
        Key::of(run).expect("short")
    }

    #[test]
    fn every_run_is_found_until_all_are_forgotten() {
        let mut known = Known::default();
        let runs: Vec<String> = (0..50_000).map(|number| format!("run{number}")).collect();
        for (id, run) in (0..).zip(&runs) {
            assert_eq!(known.get(key(run)), None);
            known.put(key(run), meaning(id));
        }
        for _ in 0..2 {
            for (id, run) in (0..).zip(&runs) {
                assert_eq!(known.get(key(run)), Some(meaning(id)), "{run}");
            }
        }
        assert_eq!(known.len(), runs.len());
        known.clear();
        assert_eq!((known.get(key("run49999")), known.len()), (None, 0));
    }

    #[test]
    fn runs_that_differ_in_a_letter_or_in_length_have_different_keys() {
        let runs = [
            "a",
            "A",
            "aa",
            "b",
            "abcdefgh",
            "abcdefghi",
            "abcdefghijklmnop",
        ];
        for (at, run) in runs.iter().enumerate() {
            for other in &runs[at + 1..] {
                assert_ne!(key(run), key(other));
            }
            let mut window = [b'!'; Key::LONGEST];
            window[..run.len()].copy_from_slice(run.as_bytes());
            assert_eq!(
                Key::of_first(u128::from_le_bytes(window), run.len()),
                key(run)
            );
        }
        assert_eq!((Key::of(""), Key::of("abcdefghijklmnopq")), (None, None));
    }
}
