//! Word 3-grams as a set of hashes, for telling near-duplicates.

use xxhash_rust::xxh3::xxh3_64;

/// The set of word 3-grams of a text, as ascending 32-bit hashes.
///
/// Two sets of 1,000 different 3-grams share one by chance once in 4,000 pairs, so the similarity is exact to about 1e-6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shingles(Box<[u32]>);

impl Shingles {
    /// The 3-grams of the lower-cased words of `texts`, taken as one text; a shorter text is one shingle, an empty text
    /// none.
    pub fn of(texts: &[&str]) -> Self {
        let mut grams = Vec::new();
        let mut before = [0u64; 2];
        let mut count = 0usize;
        let mut lower = String::new();
        for text in texts {
            for_each_word(text, |word| {
                let word = word_hash(word, &mut lower);
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
        grams.sort_unstable();
        grams.dedup();
        Self(grams.into_boxed_slice())
    }

    /// Shared 3-grams over all 3-grams (Jaccard), 0 to 1; 0 if both are empty.
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

fn for_each_word<'a>(text: &'a str, mut each: impl FnMut(&'a str)) {
    let bytes = text.as_bytes();
    let mut start = None;
    let mut at = 0;
    while at < bytes.len() {
        let (inside, width) = if bytes[at].is_ascii() {
            (bytes[at].is_ascii_alphanumeric(), 1)
        } else {
            let c = text[at..].chars().next().expect("not at the end");
            (c.is_alphanumeric(), c.len_utf8())
        };
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                each(&text[from..at]);
                start = None;
            }
            _ => {}
        }
        at += width;
    }
    if let Some(from) = start {
        each(&text[from..]);
    }
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
    fn texts_are_taken_as_one_and_bytes_come_back() {
        let whole = Shingles::of(&["one two three four"]);
        assert_eq!(Shingles::of(&["one two", "three four"]), whole);
        assert_eq!(Shingles::from_bytes(&whole.to_bytes()), whole);
        assert_eq!((whole.len(), Shingles::of(&["..."]).is_empty()), (2, true));
    }
}
