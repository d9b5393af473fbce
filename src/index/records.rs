//! The records of the serving file: what a panel reads of an article and of a candidate each stands together, so that each
//! costs one look into memory. What is shown of an article is another one (`shown.rs`).

use crate::model::{DocOrd, STANDING, Standing};

const CARD: u32 = 1;
const HOST: u32 = 2;
const NOINDEX: u32 = 4;
const RULED: u32 = 8;
const HIDDEN: u32 = 16;
const OLDER: u32 = 32;
const RESERVES: u32 = 64;
/// Bits that these may take; the number of the language stands above them.
const FLAG_BITS: u32 = 8;

// The shared terms stand below these.
const LINKED: u8 = 32;
const LINKING: u8 = 64;
const RELATED_TOPICS: u8 = 128;
const MOST_SHARED: u8 = LINKED - 1;

/// What rules and signals need to know of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The smallest ordinal among its near-duplicates, translations and canonical twins, itself included.
    pub cluster: DocOrd,
    /// How many informative terms it has.
    pub informative_terms: u32,
    /// How many links of the site lead to it and from it.
    pub links: u32,
    /// A number that is equal for articles of one kind.
    pub kind: u32,
    /// A number that is equal for articles of one topic; `None` for no topic.
    pub topic: Option<u32>,
    /// A number that is equal for articles of one language.
    pub lang: u32,
    /// Whether it may stand on a card: published, indexable, and no other page stands for it.
    pub card: bool,
    /// Whether it has a panel: not a draft.
    pub host: bool,
    /// Whether it is kept out of lists and search engines.
    pub noindex: bool,
    /// Whether there are rules for its panel.
    pub ruled: bool,
    /// Whether it is hidden at times, or for good.
    pub hidden: bool,
    /// Whether a newer version of the page is there.
    pub older: bool,
    /// Whether its panel keeps places for articles that few others show.
    pub reserves: bool,
    /// Where it stands in its site and in search engines.
    pub standing: Standing,
}

/// Bytes of the facts of an article.
///
/// Two stand side by side in what a processor fetches at once: a panel reads those of a hundred articles.
pub(super) const FACTS: usize = 32;

impl Facts {
    pub(super) fn to_bytes(self) -> [u8; FACTS] {
        let flag = |holds, bit| if holds { bit } else { 0 };
        let flags = flag(self.card, CARD)
            | flag(self.host, HOST)
            | flag(self.noindex, NOINDEX)
            | flag(self.ruled, RULED)
            | flag(self.hidden, HIDDEN)
            | flag(self.older, OLDER)
            | flag(self.reserves, RESERVES);
        let topic = self.topic.map_or(0, |topic| topic + 1);
        let numbers = [
            self.cluster.0,
            self.informative_terms,
            self.links,
            self.kind,
            topic,
            self.lang << FLAG_BITS | flags,
        ];
        let mut bytes = [0; FACTS];
        let (head, standing) = bytes.split_at_mut(FACTS - STANDING);
        head.as_chunks_mut()
            .0
            .copy_from_slice(&numbers.map(u32::to_le_bytes));
        standing.copy_from_slice(&self.standing.to_bytes());
        bytes
    }

    #[inline]
    pub(super) fn from_bytes(bytes: &[u8; FACTS]) -> Self {
        let (numbers, _) = bytes.as_chunks();
        let number = |at: usize| u32::from_le_bytes(numbers[at]);
        let flags = number(5);
        let standing = bytes.last_chunk().expect("longer than a standing");
        Self {
            cluster: DocOrd(number(0)),
            informative_terms: number(1),
            links: number(2),
            kind: number(3),
            topic: number(4).checked_sub(1),
            lang: flags >> FLAG_BITS,
            card: flags & CARD != 0,
            host: flags & HOST != 0,
            noindex: flags & NOINDEX != 0,
            ruled: flags & RULED != 0,
            hidden: flags & HIDDEN != 0,
            older: flags & OLDER != 0,
            reserves: flags & RESERVES != 0,
            standing: Standing::from_bytes(*standing),
        }
    }
}

/// One candidate of an article, with the raw value of every signal that has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateRow {
    /// The candidate.
    pub ord: DocOrd,
    /// Value of the content signal, 0 to 1.
    pub content: f32,
    /// Raw value of the research signal: the strength of the connection, from 0.
    pub research: f32,
    /// Informative terms that both texts hold; stops at 255, and at 31 in a file.
    pub shared_terms: u8,
    /// Whether the article links the candidate.
    pub linked: bool,
    /// Whether the candidate links the article.
    pub linking: bool,
    /// Whether their topics relate them.
    pub related_topics: bool,
}

/// Bytes of a candidate.
pub(super) const ROW: usize = 13;

impl CandidateRow {
    /// A candidate of which none of this is known.
    pub fn unknown(ord: DocOrd) -> Self {
        Self {
            ord,
            content: 0.0,
            research: 0.0,
            shared_terms: 0,
            linked: false,
            linking: false,
            related_topics: false,
        }
    }

    /// Links between the two, 0 to 2.
    pub fn direct_links(&self) -> u32 {
        u32::from(self.linked) + u32::from(self.linking)
    }

    pub(super) fn to_bytes(self) -> [u8; ROW] {
        let flag = |holds, bit| if holds { bit } else { 0 };
        let known = self.shared_terms.min(MOST_SHARED)
            | flag(self.linked, LINKED)
            | flag(self.linking, LINKING)
            | flag(self.related_topics, RELATED_TOPICS);
        let mut bytes = [0; ROW];
        bytes[..4].copy_from_slice(&self.ord.0.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.content.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.research.to_le_bytes());
        bytes[12] = known;
        bytes
    }

    #[inline]
    pub(super) fn from_bytes(bytes: &[u8; ROW]) -> Self {
        let &[o0, o1, o2, o3, c0, c1, c2, c3, r0, r1, r2, r3, known] = bytes;
        Self {
            ord: DocOrd(u32::from_le_bytes([o0, o1, o2, o3])),
            content: f32::from_le_bytes([c0, c1, c2, c3]),
            research: f32::from_le_bytes([r0, r1, r2, r3]),
            shared_terms: known & MOST_SHARED,
            linked: known & LINKED != 0,
            linking: known & LINKING != 0,
            related_topics: known & RELATED_TOPICS != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        for bits in 0..128 {
            let facts = Facts {
                cluster: DocOrd(1 << 24),
                informative_terms: 2,
                links: 3,
                kind: 4,
                topic: [None, Some(0), Some(5)][bits % 3],
                lang: [6, (1 << 24) - 1][bits % 2],
                card: bits & 1 != 0,
                host: bits & 2 != 0,
                noindex: bits & 4 != 0,
                ruled: bits & 8 != 0,
                hidden: bits & 16 != 0,
                older: bits & 32 != 0,
                reserves: bits & 64 != 0,
                standing: Standing {
                    inbound: 7,
                    ..Standing::default()
                },
            };
            assert_eq!(Facts::from_bytes(&facts.to_bytes()), facts);
            let row = CandidateRow {
                ord: DocOrd(70_000),
                content: 0.25,
                research: 1.5,
                shared_terms: MOST_SHARED,
                linked: bits & 1 != 0,
                linking: bits & 2 != 0,
                related_topics: bits & 4 != 0,
            };
            assert_eq!(CandidateRow::from_bytes(&row.to_bytes()), row);
            let more = CandidateRow {
                shared_terms: MOST_SHARED + 1,
                ..row
            };
            assert_eq!(more.to_bytes(), row.to_bytes());
        }
    }
}
