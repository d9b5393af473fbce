//! Word 3-grams as a set of hashes, for telling near-duplicates.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// The set of word 3-grams of a text, as ascending 32-bit hashes.
///
/// Two sets of 1,000 different 3-grams share one by chance once in 4,000 pairs, so the similarity is exact to about 1e-6.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shingles(Vec<u32>);

impl Shingles {
    /// The 3-grams of the lower-cased words of `text`; a shorter text is one shingle, an empty text none.
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        if words.is_empty() {
            return Self::default();
        }
        let mut joined = String::new();
        let width = words.len().min(3);
        let mut hashes: Vec<u32> = words
            .windows(width)
            .map(|gram| {
                joined.clear();
                for word in gram {
                    joined.push_str(word);
                    joined.push(' ');
                }
                (xxh3_64(joined.as_bytes()) >> 32) as u32
            })
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
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

    /// Whether the text had no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaccard_counts_shared_three_word_sequences() {
        let text = Shingles::of("one two three four five");
        assert_eq!(text.jaccard(&text), 1.0);
        assert_eq!(
            text.jaccard(&Shingles::of("One two, three four: six!")),
            0.5
        );
        assert_eq!(text.jaccard(&Shingles::of("")), 0.0);
        assert_eq!(Shingles::of("").jaccard(&Shingles::of("")), 0.0);
        assert_eq!(
            Shingles::of("two words").jaccard(&Shingles::of("Two words")),
            1.0
        );
    }
}
