//! What is counted of readers: for every article, which others are read before and after it.

use serde::{Deserialize, Serialize};

/// How many half-lives are counted side by side.
pub const HALF_LIVES: usize = 3;

/// The number of an article's name, in the order in which events named it first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct NameOrd(pub u32);

impl NameOrd {
    /// The number as an index into per-name arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How an article is read together with another one. Counters are fixed-point numbers that count from the beginning of
/// their row's period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadPair {
    /// The other article.
    pub partner: NameOrd,
    /// Reads of the other one beside this one, by half-life.
    pub reads: [u32; HALF_LIVES],
    /// How often a card in this one's panel that leads to the other one was seen, by the middle half-life.
    pub seen: u32,
    /// Marks of the first three visitors; 0 for none.
    pub visitors: [u16; 3],
}

/// All that is counted of one article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadRow {
    /// The period of each half-life from which the counters count.
    pub periods: [u16; HALF_LIVES],
    /// The reads of all pairs, those that are no longer kept included, by half-life.
    pub totals: [u64; HALF_LIVES],
    /// The others, by number.
    pub pairs: Vec<ReadPair>,
}

/// What one visitor read last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The articles, the last one last.
    pub recent: Vec<NameOrd>,
}

/// What one visitor liked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liked {
    /// When last, in milliseconds since 1970.
    pub at: i64,
    /// The articles, the last one last.
    pub articles: Vec<NameOrd>,
}
