//! What is counted of readers: for every article, which others are read before and after it.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    pub recent: Recent,
}

/// Articles that are remembered of a visit.
pub const RECENT: usize = 5;

/// The last few articles of a visit, the last one last. They stand in place: of half a million visits each would else have a piece of
/// memory of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recent {
    articles: [NameOrd; RECENT],
    len: u8,
}

impl Recent {
    /// Adds one; of more than are remembered the first goes.
    pub fn push(&mut self, article: NameOrd) {
        let len = usize::from(self.len);
        if len == RECENT {
            self.articles.rotate_left(1);
            self.articles[RECENT - 1] = article;
        } else {
            self.articles[len] = article;
            self.len += 1;
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

impl Deref for Recent {
    type Target = [NameOrd];

    fn deref(&self) -> &[NameOrd] {
        &self.articles[..usize::from(self.len)]
    }
}

impl PartialEq for Recent {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Recent {}

impl Serialize for Recent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Recent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut recent = Self::default();
        let all = Vec::deserialize(deserializer)?;
        all.into_iter().for_each(|article| recent.push(article));
        Ok(recent)
    }
}

/// What one visitor liked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liked {
    /// When last, in milliseconds since 1970.
    pub at: i64,
    /// The articles, the last one last.
    pub articles: Vec<NameOrd>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_few_are_remembered_and_stand_in_a_file_as_a_list_does() {
        let mut recent = Recent::default();
        for count in 0..12 {
            let all: Vec<NameOrd> = (0..count).map(NameOrd).collect();
            let last = &all[all.len().saturating_sub(RECENT)..];
            assert_eq!(&*recent, last);
            let bytes = postcard::to_stdvec(&recent).expect("plain data serialises");
            assert_eq!(bytes, postcard::to_stdvec(last).expect("it does"));
            assert_eq!(postcard::from_bytes(&bytes), Ok(recent));
            assert_eq!(
                postcard::from_bytes(&postcard::to_stdvec(&all).expect("it does")),
                Ok(recent)
            );
            recent.push(NameOrd(count));
        }
        recent.clear();
        assert_eq!(recent, Recent::default());
    }
}
