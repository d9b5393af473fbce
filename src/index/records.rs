//! The records of the serving file: what a panel reads of an article, of a candidate and of a card each stands together, so
//! that each costs one look into memory.

use serde::{Deserialize, Serialize};

use crate::model::{Date, DocOrd, EntryView, STANDING, Standing};

const CARD: u32 = 1;
const HOST: u32 = 2;
const NOINDEX: u32 = 4;
const RULED: u32 = 8;
const HIDDEN: u32 = 16;
const OLDER: u32 = 32;
const RESERVES: u32 = 64;
/// Bits that these may take; the number of the language stands above them.
const FLAG_BITS: u32 = 8;

const LINKED: u8 = 1;
const LINKING: u8 = 2;
const RELATED_TOPICS: u8 = 4;

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
    /// Informative terms that both texts hold; stops at 255.
    pub shared_terms: u8,
    /// Whether the article links the candidate.
    pub linked: bool,
    /// Whether the candidate links the article.
    pub linking: bool,
    /// Whether their topics relate them.
    pub related_topics: bool,
}

/// Bytes of a candidate.
pub(super) const ROW: usize = 14;

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
        let relations = flag(self.linked, LINKED)
            | flag(self.linking, LINKING)
            | flag(self.related_topics, RELATED_TOPICS);
        let mut bytes = [0; ROW];
        bytes[..4].copy_from_slice(&self.ord.0.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.content.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.research.to_le_bytes());
        bytes[12..].copy_from_slice(&[self.shared_terms, relations]);
        bytes
    }

    #[inline]
    pub(super) fn from_bytes(bytes: &[u8; ROW]) -> Self {
        let &[
            o0,
            o1,
            o2,
            o3,
            c0,
            c1,
            c2,
            c3,
            r0,
            r1,
            r2,
            r3,
            shared_terms,
            relations,
        ] = bytes;
        Self {
            ord: DocOrd(u32::from_le_bytes([o0, o1, o2, o3])),
            content: f32::from_le_bytes([c0, c1, c2, c3]),
            research: f32::from_le_bytes([r0, r1, r2, r3]),
            shared_terms,
            linked: relations & LINKED != 0,
            linking: relations & LINKING != 0,
            related_topics: relations & RELATED_TOPICS != 0,
        }
    }
}

/// Texts of a card.
const TEXTS: usize = 9;

/// What stands before the texts of a card: their lengths, and what is no text.
#[derive(Serialize, Deserialize)]
struct Head {
    id: u32,
    url: u32,
    kind: u32,
    title: u32,
    summary: u32,
    lang: u32,
    /// One more than its length; 0 for none; so are those below.
    topic: u32,
    author: u32,
    image: u32,
    published: Option<Date>,
}

/// What is shown of an article as bytes: the texts one after the other, so that one look tells whether they are text.
pub(super) fn packed(entry: &EntryView<'_>) -> Vec<u8> {
    let length = |text: &str| text.len() as u32;
    let further = |text: Option<&str>| text.map_or(0, |text| length(text) + 1);
    let head = Head {
        id: length(entry.id),
        url: length(entry.url),
        kind: length(entry.kind),
        title: length(entry.title),
        summary: length(entry.summary),
        lang: length(entry.lang),
        topic: further(entry.topic),
        author: further(entry.author),
        image: further(entry.image),
        published: entry.published,
    };
    let mut bytes = postcard::to_stdvec(&head).expect("plain data serialises");
    for text in [
        entry.id,
        entry.url,
        entry.kind,
        entry.title,
        entry.summary,
        entry.lang,
    ] {
        bytes.extend_from_slice(text.as_bytes());
    }
    for text in [entry.topic, entry.author, entry.image]
        .into_iter()
        .flatten()
    {
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// What [`packed`] made, read again; `None` if it is something else.
///
/// A panel does this for each of its cards, so the head is read number by number and not through a deserialiser; the test
/// compares the two.
#[inline]
pub(super) fn unpacked(bytes: &[u8]) -> Option<EntryView<'_>> {
    let mut head = bytes;
    let mut lengths = [0; TEXTS];
    for length in &mut lengths {
        *length = varint(&mut head)?;
    }
    let (published, texts) = postcard::take_from_bytes(head).ok()?;
    let mut rest = str::from_utf8(texts).ok()?;
    let mut next = |length: u32| {
        let (text, after) = rest.split_at_checked(length as usize)?;
        rest = after;
        Some(text)
    };
    let [id, url, kind, title, summary, lang, further @ ..] = lengths;
    let [id, url, kind] = [next(id)?, next(url)?, next(kind)?];
    let [title, summary, lang] = [next(title)?, next(summary)?, next(lang)?];
    let mut further_text = |length: u32| match length.checked_sub(1) {
        Some(length) => next(length).map(Some),
        None => Some(None),
    };
    let [topic, author, image] = further;
    Some(EntryView {
        id,
        url,
        kind,
        title,
        summary,
        lang,
        topic: further_text(topic)?,
        author: further_text(author)?,
        image: further_text(image)?,
        published,
    })
}

/// The number at the beginning of `bytes`, seven bits to a byte, the lowest first, as postcard writes it; what follows is left.
#[inline]
fn varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..u32::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// The id alone, in bytes: what a search among many looks at.
#[inline]
pub(super) fn packed_id(mut bytes: &[u8]) -> Option<&[u8]> {
    let length = varint(&mut bytes)?;
    for _ in 1..TEXTS {
        varint(&mut bytes)?;
    }
    // Of a date its seconds, and whether it has a time of day.
    let (&dated, mut texts) = bytes.split_first()?;
    if dated != 0 {
        while texts.split_off_first()? & 0x80 != 0 {}
        texts.split_off_first()?;
    }
    texts.get(..length as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_as_it_was_and_never_from_anything_else() {
        let long = "ä".repeat(400);
        let entry = EntryView {
            id: "/a",
            url: "https://example.org/a",
            kind: "tool",
            title: "",
            summary: &long,
            topic: Some("Ö"),
            lang: "de",
            published: Date::parse("2025-08-26"),
            author: None,
            image: Some(""),
        };
        let bytes = packed(&entry);
        assert_eq!(unpacked(&bytes), Some(entry));
        for length in 0..bytes.len() {
            assert_ne!(unpacked(&bytes[..length]), Some(entry));
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 0x80;
            assert_ne!(unpacked(&other), Some(entry));
        }
    }

    #[test]
    fn the_head_is_read_by_hand_as_by_the_deserialiser() {
        for long in [1, 126, 127, 128, 16_383, 16_384, 70_000] {
            let title = "t".repeat(long);
            let entry = EntryView {
                id: &title,
                url: "",
                kind: &title,
                title: "x",
                summary: &title,
                topic: Some(&title),
                lang: "en",
                published: Date::parse("1969-12-31T23:59:58Z"),
                author: Some(""),
                image: None,
            };
            let bytes = packed(&entry);
            let (head, texts) = postcard::take_from_bytes::<Head>(&bytes).expect("a head");
            let mut by_hand = bytes.as_slice();
            let lengths: Vec<u32> = (0..TEXTS)
                .map(|_| varint(&mut by_hand).expect("a number"))
                .collect();
            let wanted = [
                head.id,
                head.url,
                head.kind,
                head.title,
                head.summary,
                head.lang,
                head.topic,
                head.author,
                head.image,
            ];
            assert_eq!(lengths, wanted);
            let (published, rest) = postcard::take_from_bytes(by_hand).expect("a date");
            assert_eq!((head.published, texts), (published, rest));
            assert_eq!(unpacked(&bytes), Some(entry));
            let undated = packed(&EntryView {
                published: None,
                ..entry
            });
            for bytes in [&bytes, &undated] {
                assert_eq!(packed_id(bytes), Some(title.as_bytes()));
                assert_eq!(packed_id(&bytes[..9]), None);
            }
        }
        let endless = [0xff; 6];
        assert_eq!(varint(&mut &endless[..]), None);
    }

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
                shared_terms: 255,
                linked: bits & 1 != 0,
                linking: bits & 2 != 0,
                related_topics: bits & 4 != 0,
            };
            assert_eq!(CandidateRow::from_bytes(&row.to_bytes()), row);
        }
    }
}
