//! The words met last, in a table small enough for the processor's own cache.
//!
//! Nine tokens of ten are among a few thousand short words. Looking them up in the table of all words means waiting for
//! memory; here a word of up to 15 bytes is a pair of numbers, kept in the one place that they lead to, and the next word
//! that leads there takes the place over.

use super::analyzer::Meaning;

/// Places; a power of two.
const PLACES: usize = 1 << 13;
/// Longest word in bytes; the last byte of a key holds the length.
const LONGEST: usize = 15;

/// Maps words to their meanings, and forgets.
pub(super) struct Recent(Vec<(Key, Meaning)>);

/// The bytes of a word, padded, and its length.
type Key = [u64; 2];

/// By length, the bits that make the letters of a key small.
const CASES: [Key; LONGEST + 1] = {
    let mut cases = [[0; 2]; LONGEST + 1];
    let mut length = 1;
    while length <= LONGEST {
        cases[length] = cases[length - 1];
        cases[length][(length - 1) / 8] |= 0x20 << (8 * ((length - 1) % 8));
        length += 1;
    }
    cases
};

const NO_WORD: (Key, Meaning) = ([0; 2], Meaning::Stop);

impl Default for Recent {
    fn default() -> Self {
        Self(vec![NO_WORD; PLACES])
    }
}

impl Recent {
    /// The meaning of the folded `word`, if it is here.
    pub(super) fn get(&self, word: &str) -> Option<Meaning> {
        self.held(key_of(word)?)
    }

    /// The meaning of `word`, ASCII letters and digits in any case, if it is here.
    pub(super) fn get_unfolded(&self, word: &str) -> Option<Meaning> {
        let [low, high] = key_of(word)?;
        // The bit that makes a letter small is set in every digit.
        let [low_cases, high_cases] = CASES[word.len()];
        self.held([low | low_cases, high | high_cases])
    }

    fn held(&self, key: Key) -> Option<Meaning> {
        let (held, meaning) = self.0[place_of(key)];
        (held == key).then_some(meaning)
    }

    /// Remembers the meaning of `word`, if it is short enough.
    pub(super) fn put(&mut self, word: &str, meaning: Meaning) {
        if let Some(key) = key_of(word) {
            self.0[place_of(key)] = (key, meaning);
        }
    }

    /// Forgets every word.
    pub(super) fn clear(&mut self) {
        self.0.fill(NO_WORD);
    }
}

/// The key of `word`, different for different words and never zero; `None` if it is empty or too long.
fn key_of(word: &str) -> Option<Key> {
    let bytes = word.as_bytes();
    let length = bytes.len();
    if length > LONGEST {
        return None;
    }
    // Loads of fixed width that overlap; copying so few bytes by a loop costs more than the rest of a look-up.
    let (low, high) = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let last = u64::from_le_bytes(*last);
        let beyond = last.checked_shr(8 * (16 - length as u32)).unwrap_or(0);
        (u64::from_le_bytes(*first), beyond)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let last = u64::from(u32::from_le_bytes(*last));
        let first = u64::from(u32::from_le_bytes(*first));
        (first | last << (8 * (length - 4)), 0)
    } else {
        let at = |place: usize| u64::from(bytes[place]) << (8 * place);
        match length {
            0 => return None,
            _ => (at(0) | at(length / 2) | at(length - 1), 0),
        }
    };
    Some([low, high | (length as u64) << 56])
}

fn place_of([low, high]: Key) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mixed = (low ^ high.rotate_left(29)).wrapping_mul(ODD);
    (mixed >> 40) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TermId;

    fn term(meaning: Option<Meaning>) -> Option<u32> {
        match meaning {
            Some(Meaning::Term(TermId(id))) => Some(id),
            _ => None,
        }
    }

    #[test]
    fn a_word_is_found_until_another_takes_its_place() {
        let mut recent = Recent::default();
        let words: Vec<String> = (0..100_000).map(|number| format!("word{number}")).collect();
        for (id, word) in (0..).zip(&words) {
            recent.put(word, Meaning::Term(TermId(id)));
            assert_eq!(term(recent.get(word)), Some(id));
        }
        let mut left = 0;
        for (id, word) in (0..).zip(&words) {
            let found = term(recent.get(word));
            assert!(found.is_none_or(|found| found == id), "{word}");
            left += usize::from(found.is_some());
        }
        assert!((PLACES / 2..=PLACES).contains(&left), "{left}");
        recent.clear();
        assert_eq!(term(recent.get("word99999")), None);
    }

    #[test]
    fn case_is_no_matter_where_it_need_not_be() {
        let mut recent = Recent::default();
        for (id, word) in (0..).zip([
            "a",
            "http2",
            "0x7f",
            "abcdefgh",
            "abcdefghi",
            "abcdefghijklmno",
        ]) {
            recent.put(word, Meaning::Term(TermId(id)));
            for written in [word.to_owned(), word.to_uppercase()] {
                assert_eq!(term(recent.get_unfolded(&written)), Some(id), "{written}");
            }
            assert_eq!(term(recent.get_unfolded(&word[1..])), None, "{word}");
        }
    }

    #[test]
    fn words_that_differ_in_trailing_zeros_or_length_are_told_apart() {
        let mut recent = Recent::default();
        recent.put("a", Meaning::Term(TermId(1)));
        for other in ["a\0", "", "b", "a234567890123456"] {
            assert_eq!(term(recent.get(other)), None, "{other:?}");
        }
    }
}
