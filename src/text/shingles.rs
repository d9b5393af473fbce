//! Word 3-grams as a set of hashes, for telling near-duplicates.

use xxhash_rust::xxh3::xxh3_64;

use super::known::Key;
use super::runs::plain_run;

/// Bytes of a text for each word that there is room for at first.
const BYTES_A_WORD: usize = 6;

/// The set of word 3-grams of a text, as ascending 32-bit hashes.
///
/// Two sets of 1,000 different 3-grams share one by chance once in 4,000 pairs, so the similarity is exact to about 1e-6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shingles(Box<[u32]>);

impl Shingles {
    /// The 3-grams of the lower-cased words of `texts`, taken as one text; a shorter text is one shingle, an empty text
    /// none.
    pub fn of(texts: &[&str]) -> Self {
        let length: usize = texts.iter().map(|text| text.len()).sum();
        let mut grams = Vec::with_capacity(length / BYTES_A_WORD);
        let mut before = [0u64; 2];
        let mut count = 0usize;
        let mut lower = String::new();
        for text in texts {
            each_word(text, &mut lower, |word| {
                if count >= 2 {
                    grams.push(gram_hash(before[0], before[1], word));
                }
                before = [before[1], word];
                count += 1;
            });
        }
        if count == 1 || count == 2 {
            grams.push(gram_hash(before[0], before[1], 0));
        }
        let mut grams = sorted(&grams);
        grams.dedup();
        Self(grams.into_boxed_slice())
    }

    /// Shared 3-grams over all 3-grams (Jaccard), 0 to 1; 0 if both are empty.
    #[inline]
    pub fn jaccard(&self, other: &Self) -> f64 {
        let (mut i, mut j, mut shared) = (0, 0, 0usize);
        while let (Some(a), Some(b)) = (self.0.get(i), other.0.get(j)) {
            i += usize::from(a <= b);
            j += usize::from(b <= a);
            shared += usize::from(a == b);
        }
        let all = self.0.len() + other.0.len() - shared;
        if all == 0 {
            0.0
        } else {
            shared as f64 / all as f64
        }
    }

    /// How many different 3-grams there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the text had no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The hashes, little-endian, for writing.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|gram| gram.to_le_bytes()).collect()
    }

    /// What [`Shingles::to_bytes`] gave, read again.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (grams, _) = bytes.as_chunks::<4>();
        Self(grams.iter().map(|gram| u32::from_le_bytes(*gram)).collect())
    }
}

/// Calls `each` with the hash of every word of `text` in small letters.
fn each_word(text: &str, lower: &mut String, mut each: impl FnMut(u64)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii_alphanumeric() {
            let (key, length) = plain_run(bytes, at);
            let end = at + length;
            // Nearly every word of English: short, and no other letter follows.
            if let Some(key) = key
                && bytes.get(end).is_none_or(u8::is_ascii)
            {
                each(hash_of(key, length));
                at = end + 1;
                continue;
            }
        } else if byte.is_ascii() {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        let length = rest.find(|c: char| !c.is_alphanumeric());
        let word = &rest[..length.unwrap_or(rest.len())];
        if word.is_empty() {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        each(word_hash(word, lower));
        at += word.len();
    }
}

/// As [`word_hash`] of the ASCII letters and digits of `key`.
fn hash_of(key: Key, length: usize) -> u64 {
    xxh3_64(&key.in_small_letters()[..length])
}

fn word_hash(word: &str, lower: &mut String) -> u64 {
    lower.clear();
    if word.is_ascii() {
        lower.push_str(word);
        lower.make_ascii_lowercase();
    } else {
        lower.extend(word.chars().flat_map(char::to_lowercase));
    }
    xxh3_64(lower.as_bytes())
}

/// Most hashes that are sorted as they are; more are first put near their places.
const FEW: usize = 64;
/// Hashes that fall together on the average, as a power of two.
const TOGETHER_BITS: u32 = 2;

/// `hashes` in ascending order. They are spread evenly, so the upper bits of each tell nearly where it belongs.
fn sorted(hashes: &[u32]) -> Vec<u32> {
    if hashes.len() <= FEW {
        let mut few = hashes.to_vec();
        few.sort_unstable();
        return few;
    }
    let bits = hashes.len().ilog2() - TOGETHER_BITS;
    let slot = |hash: u32| (hash >> (u32::BITS - bits)) as usize;
    let mut ends = vec![0u32; 1 << bits];
    for &hash in hashes {
        ends[slot(hash)] += 1;
    }
    let mut before = 0;
    for end in &mut ends {
        let count = std::mem::replace(end, before);
        before += count;
    }
    let mut all = vec![0; hashes.len()];
    for &hash in hashes {
        let end = &mut ends[slot(hash)];
        all[*end as usize] = hash;
        *end += 1;
    }
    let mut start = 0;
    for end in ends {
        let end = end as usize;
        if end > start + 1 {
            all[start..end].sort_unstable();
        }
        start = end;
    }
    all
}

/// Mixes the hashes of three words; odd multipliers keep their order apart.
fn gram_hash(a: u64, b: u64, c: u64) -> u32 {
    const MIX: [u64; 3] = [
        0x9e37_79b9_7f4a_7c15,
        0xbf58_476d_1ce4_e5b9,
        0x94d0_49bb_1331_11eb,
    ];
    let mixed = a.wrapping_mul(MIX[0]) ^ b.wrapping_mul(MIX[1]).rotate_left(23) ^ c;
    (mixed.wrapping_mul(MIX[2]) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaccard_counts_shared_three_word_sequences() {
        let of = |text: &str| Shingles::of(&[text]);
        let text = of("one two three four five");
        assert_eq!(text.jaccard(&text), 1.0);
        assert_eq!(text.jaccard(&of("One two, three four: six!")), 0.5);
        assert_eq!(text.jaccard(&of("")), 0.0);
        assert_eq!(of("").jaccard(&of("")), 0.0);
        assert_eq!(of("two words").jaccard(&of("Two words")), 1.0);
        assert_eq!(of("two words").jaccard(&of("words two")), 0.0);
        assert_eq!(of("Über den Wolken").jaccard(&of("über DEN wolken")), 1.0);
    }

    #[test]
    fn words_are_told_alike_whatever_is_around_them() {
        let words = [
            "a",
            "Word",
            "sixteenlettersab",
            "SEVENTEENLETTERSA",
            "größe",
            "Wort\u{301}",
            "ΣΑΣ",
            "7",
            "x86",
        ];
        let gaps = [" ", ".", "\u{a0}", "—", "_", "\n\n", "🦀"];
        let hash = |word: &str| word_hash(word, &mut String::new());
        for (word, gap) in words.iter().flat_map(|word| gaps.map(|gap| (word, gap))) {
            let text = format!("{gap}{word}{gap}other{gap}{word}");
            let mut found = Vec::new();
            each_word(&text, &mut String::new(), |word| found.push(word));
            let parts = text.split(|c: char| !c.is_alphanumeric());
            let expected = parts.filter(|part| !part.is_empty()).map(hash);
            assert_eq!(found, expected.collect::<Vec<_>>(), "{text:?}");
        }
    }

    #[test]
    fn hashes_are_sorted_however_they_are_spread() {
        let spread = (0..5000u32).map(|number| number.wrapping_mul(2_654_435_761));
        let together = (0..5000).map(|number| number % 7);
        for all in [spread.collect::<Vec<_>>(), together.collect()] {
            for length in [0, 1, FEW, FEW + 1, 1000, all.len()] {
                let mut expected = all[..length].to_vec();
                expected.sort_unstable();
                assert_eq!(sorted(&all[..length]), expected);
            }
        }
    }

    #[test]
    fn texts_are_taken_as_one_and_bytes_come_back() {
        let whole = Shingles::of(&["one two three four"]);
        assert_eq!(Shingles::of(&["one two", "three four"]), whole);
        assert_eq!(Shingles::from_bytes(&whole.to_bytes()), whole);
        assert_eq!((whole.len(), Shingles::of(&["..."]).is_empty()), (2, true));
    }
}
