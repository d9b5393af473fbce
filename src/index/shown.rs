//! What is shown of an article, as bytes: the members of its card in JSON, which a panel copies as they stand, and the texts
//! themselves for all other outputs.
//!
//! A record is: numbers (the lengths of the id, of three runs of JSON and of the language), the runs, the language, and a tail that only other outputs
//! read. A card has its reason behind the first run; between the others stands [`NOBODY`] where there is a third one, which is
//! so on most sites for all articles. A text is read out of the JSON, unless something in it is escaped there; then it
//! stands in the tail as it is. So most texts are kept once.

use crate::model::{Date, EntryView, push_json};

// What stands before each text; those of the second run follow the reason of a card.
const ID: &str = "\"id\":";
const URL: &str = ",\"url\":";
const KIND: &str = ",\"kind\":";
const TITLE: &str = ",\"title\":";
const SUMMARY: &str = ",\"summary\":";
const TOPIC: &str = ",\"topic\":";
const AUTHOR: &str = ",\"author\":";
const IMAGE: &str = ",\"image\":";
const PUBLISHED: &str = ",\"published\":";
const NULL: &str = "null";

/// Texts in the JSON, the id among them.
const TEXTS: usize = 8;

/// An article's members in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Its id and its language, as they are.
    pub id: &'a [u8],
    /// See `id`.
    pub lang: &'a [u8],
    /// Id, url and kind.
    pub before: &'a [u8],
    /// The others but for the language, with a comma before each.
    pub after: &'a [u8],
    /// The last of them where neither author nor picture is known: what says that stands before it.
    pub last: &'a [u8],
}

/// What is said of an article with no known author and no picture.
const NOBODY: &str = ",\"author\":null,\"image\":null";

impl Shown<'_> {
    /// Adds the members after the reason to `json`.
    #[inline]
    pub fn push_after(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(self.after);
        if !self.last.is_empty() {
            json.extend_from_slice(NOBODY.as_bytes());
            json.extend_from_slice(self.last);
        }
    }

    /// Bytes of all members.
    pub fn length(&self) -> usize {
        self.before.len() + self.after.len() + NOBODY.len() + self.last.len()
    }
}

/// What is shown of `entry`, as a record.
pub fn packed(entry: &EntryView<'_>) -> Vec<u8> {
    let mut packing = Packing::default();
    packing.text(ID, Some(entry.id));
    let id_apart = packing.apart.len();
    packing.text(URL, Some(entry.url));
    packing.text(KIND, Some(entry.kind));
    let before = packing.json.len();
    packing.text(TITLE, Some(entry.title));
    packing.text(SUMMARY, Some(entry.summary));
    packing.text(TOPIC, entry.topic);
    let nobody = entry.author.is_none() && entry.image.is_none();
    let mut after = packing.json.len();
    if nobody {
        packing.lengths.extend([0; 2]);
    } else {
        packing.text(AUTHOR, entry.author);
        packing.text(IMAGE, entry.image);
    }
    packing.date(entry.published);
    if !nobody {
        after = packing.json.len();
    }
    let Packing {
        json,
        lengths,
        apart,
    } = packing;
    let (id_apart, apart) = apart.split_at(id_apart);
    let mut bytes = Vec::with_capacity(json.len() + apart.len() + entry.lang.len() + 32);
    let last = json.len() - after;
    for number in [lengths[0], before, after - before, last, entry.lang.len()] {
        push_varint(number, &mut bytes);
    }
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(entry.lang.as_bytes());
    // First of the tail, so that a search among many finds it here.
    bytes.extend_from_slice(id_apart);
    for &length in &lengths[1..] {
        push_varint(length, &mut bytes);
    }
    let published = postcard::to_stdvec(&entry.published).expect("plain data serialises");
    bytes.extend_from_slice(&published);
    bytes.extend_from_slice(apart);
    bytes
}

/// A record on its way: the JSON so far, the length of each text with a bit for those that are escaped in it, and these as they are.
#[derive(Default)]
struct Packing {
    json: Vec<u8>,
    lengths: Vec<usize>,
    apart: Vec<u8>,
}

impl Packing {
    fn text(&mut self, key: &str, text: Option<&str>) {
        self.json.extend_from_slice(key.as_bytes());
        let start = self.json.len();
        match text {
            Some(text) => push_json(text, &mut self.json),
            None => self.json.extend_from_slice(NULL.as_bytes()),
        }
        let text = text.unwrap_or_default();
        let plain = text.len() + "\"\"".len();
        let is_apart = !text.is_empty() && self.json.len() - start > plain;
        self.lengths.push(text.len() << 1 | usize::from(is_apart));
        if is_apart {
            self.apart.extend_from_slice(text.as_bytes());
        }
    }

    fn date(&mut self, date: Option<Date>) {
        self.json.extend_from_slice(PUBLISHED.as_bytes());
        match date {
            Some(date) => {
                self.json.push(b'"');
                date.push_to(&mut self.json);
                self.json.push(b'"');
            }
            None => self.json.extend_from_slice(NULL.as_bytes()),
        }
    }
}

/// A record in its parts, without a look into the texts.
struct Record<'a> {
    shown: Shown<'a>,
    /// Whether the id is escaped in the JSON.
    id_apart: bool,
    tail: &'a [u8],
}

#[inline]
fn record(mut bytes: &[u8]) -> Option<Record<'_>> {
    let id = varint(&mut bytes)? as usize;
    let (before, after) = (varint(&mut bytes)? as usize, varint(&mut bytes)? as usize);
    let (last, lang) = (varint(&mut bytes)? as usize, varint(&mut bytes)? as usize);
    let (before, rest) = bytes.split_at_checked(before)?;
    let (after, rest) = rest.split_at_checked(after)?;
    let (last, rest) = rest.split_at_checked(last)?;
    let (lang, tail) = rest.split_at_checked(lang)?;
    let (id_apart, length) = (id & 1 == 1, id >> 1);
    let (id, tail) = match id_apart {
        true => tail.split_at_checked(length)?,
        false => (before.get(ID.len() + 1..)?.get(..length)?, tail),
    };
    let shown = Shown {
        id,
        lang,
        before,
        after,
        last,
    };
    Some(Record {
        shown,
        id_apart,
        tail,
    })
}

/// The JSON of what [`packed`] made; `None` if it is something else.
#[inline]
pub fn shown(bytes: &[u8]) -> Option<Shown<'_>> {
    record(bytes).map(|record| record.shown)
}

/// The id alone, in bytes: what a search among many looks at.
#[inline]
pub(super) fn packed_id(bytes: &[u8]) -> Option<&[u8]> {
    shown(bytes).map(|shown| shown.id)
}

/// The texts of what [`packed`] made; `None` if it is something else.
pub(super) fn unpacked(bytes: &[u8]) -> Option<EntryView<'_>> {
    let Record {
        shown,
        id_apart,
        mut tail,
    } = record(bytes)?;
    let mut lengths = [0; TEXTS];
    lengths[0] = shown.id.len() << 1 | usize::from(id_apart);
    for length in &mut lengths[1..] {
        *length = varint(&mut tail)? as usize;
    }
    let (published, apart) = postcard::take_from_bytes(tail).ok()?;
    let apart = str::from_utf8(apart).ok()?;
    let lang = str::from_utf8(shown.lang).ok()?;
    let mut reading = Reading {
        json: str::from_utf8(shown.before).ok()?,
        apart: str::from_utf8(shown.id).ok()?,
    };
    let [id, url, kind, title, summary, topic, author, image] = lengths;
    let id = reading.text(ID, id)??;
    reading.apart = apart;
    let (url, kind) = (reading.text(URL, url)??, reading.text(KIND, kind)??);
    reading.json = match reading.json {
        "" => str::from_utf8(shown.after).ok()?,
        _ => return None,
    };
    let (title, summary) = (
        reading.text(TITLE, title)??,
        reading.text(SUMMARY, summary)??,
    );
    let topic = reading.text(TOPIC, topic)?;
    let last = str::from_utf8(shown.last).ok()?;
    let (author, image) = match last.is_empty() {
        true => (reading.text(AUTHOR, author)?, reading.text(IMAGE, image)?),
        false => (None, None),
    };
    Some(EntryView {
        id,
        url,
        kind,
        title,
        summary,
        topic,
        author,
        image,
        lang,
        published,
    })
}

/// Texts that are still to be read.
struct Reading<'a> {
    json: &'a str,
    /// Those that are escaped in the JSON.
    apart: &'a str,
}

impl<'a> Reading<'a> {
    /// The next text, which stands behind `key`, by its length and whether it is apart; `Some(None)` where there is none.
    fn text(&mut self, key: &str, length: usize) -> Option<Option<&'a str>> {
        let rest = self.json.strip_prefix(key)?;
        if let Some(rest) = rest.strip_prefix(NULL) {
            self.json = rest;
            return Some(None);
        }
        let rest = rest.strip_prefix('"')?;
        let (text, rest) = match (length & 1, length >> 1) {
            (0, length) => rest.split_at_checked(length)?,
            (_, length) => {
                let (text, others) = self.apart.split_at_checked(length)?;
                self.apart = others;
                (text, &rest[end_of_text(rest)?..])
            }
        };
        self.json = rest.strip_prefix('"')?;
        Some(Some(text))
    }
}

/// Where the text ends that `json` begins with.
fn end_of_text(json: &str) -> Option<usize> {
    let mut escaped = false;
    json.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// Adds a number below 2^32, seven bits to a byte, the lowest first.
fn push_varint(mut number: usize, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The number at the beginning of `bytes`; what follows is left.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(id: &'a str, title: &'a str, summary: &'a str) -> EntryView<'a> {
        EntryView {
            id,
            url: "https://example.org/a",
            kind: "tool",
            title,
            summary,
            topic: Some("Ö"),
            lang: "de",
            published: Date::parse("2025-08-26"),
            author: None,
            image: Some(""),
        }
    }

    #[test]
    fn what_is_shown_is_read_as_it_was_and_never_from_anything_else() {
        let long = "ä\n".repeat(400);
        let nobody = EntryView {
            image: None,
            ..entry("/b", "t", "s")
        };
        for entry in [entry("/a", "", &long), entry("/a\"", "\\", "plain"), nobody] {
            let bytes = packed(&entry);
            assert_eq!(unpacked(&bytes), Some(entry));
            assert_eq!(packed_id(&bytes), Some(entry.id.as_bytes()));
            for length in 0..bytes.len() {
                assert_ne!(unpacked(&bytes[..length]), Some(entry));
            }
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert_ne!(unpacked(&other), Some(entry), "{at}");
            }
        }
    }

    #[test]
    fn the_members_are_those_that_a_serialiser_writes() {
        for long in [0, 1, 62, 63, 64, 127, 128, 8_191, 8_192, 70_000] {
            let plain = "t".repeat(long);
            let escaped = "\"".repeat(long / 2) + "\u{1}ß";
            for text in [plain.as_str(), &escaped] {
                let entry = EntryView {
                    topic: Some(text),
                    author: Some("null"),
                    published: Date::parse("1969-12-31T23:59:58Z"),
                    ..entry(text, text, "x")
                };
                let bytes = packed(&entry);
                assert_eq!(unpacked(&bytes), Some(entry));
                let shown = shown(&bytes).expect("a record");
                let mut object = [b"{", shown.before].concat();
                shown.push_after(&mut object);
                object.push(b'}');
                let read: serde_json::Value = serde_json::from_slice(&object).expect("an object");
                let expected = serde_json::json!({
                    "id": text, "url": entry.url, "kind": "tool", "title": text, "summary": "x", "topic": text,
                    "author": "null", "image": "", "published": "1969-12-31T23:59:58Z",
                });
                assert_eq!(read, expected);
            }
        }
        let endless = [0xff; 6];
        assert_eq!(varint(&mut &endless[..]), None);
    }
}
