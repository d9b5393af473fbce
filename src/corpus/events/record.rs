//! The event record: one JSON object that tells one thing a reader did.
//!
//! A visitor's name goes in and a keyed hash comes out; the name itself is in no message and stays nowhere. What the record
//! does not need is left out, what cannot be meant costs the record.

use std::borrow::Cow;

use serde::Deserialize;

use super::keys::{Fault, digest, dwell, kind, name, position, time};
use super::report::{Reason, Refused};
use super::value::Value;
use crate::keys::SiteKey;
use crate::model::{Event, EventKind, KeyedHash};

/// An event with names of its own or of the line that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord<'a> {
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who.
    pub visitor: KeyedHash,
    /// From where in the network.
    pub network: Option<KeyedHash>,
    /// What.
    pub kind: EventKind,
    /// The article, by the name that the record gave.
    pub article: Cow<'a, str>,
    /// The page whose panel or link led there.
    pub from: Option<Cow<'a, str>>,
    /// The 1-based place of the card in that panel.
    pub position: Option<u32>,
    /// How long the reader stayed, in milliseconds.
    pub dwell: Option<u32>,
    /// The digest of the id that the record gave itself.
    pub id: Option<u128>,
}

impl EventRecord<'_> {
    /// The event, with names that are lent.
    pub fn event(&self) -> Event<'_> {
        Event {
            at: self.at,
            visitor: self.visitor,
            network: self.network,
            kind: self.kind,
            article: &self.article,
            from: self.from.as_deref(),
            position: self.position,
            dwell: self.dwell,
            id: self.id,
        }
    }

    /// The same with names of its own.
    pub fn into_owned(self) -> EventRecord<'static> {
        EventRecord {
            at: self.at,
            visitor: self.visitor,
            network: self.network,
            kind: self.kind,
            article: Cow::Owned(self.article.into_owned()),
            from: self.from.map(|from| Cow::Owned(from.into_owned())),
            position: self.position,
            dwell: self.dwell,
            id: self.id,
        }
    }
}

/// The record as it is written; other keys mean nothing here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Written<'a> {
    #[serde(borrow)]
    ts: Value<'a>,
    #[serde(borrow)]
    visitor: Value<'a>,
    #[serde(borrow)]
    network: Value<'a>,
    #[serde(rename = "type")]
    #[serde(borrow)]
    kind: Value<'a>,
    #[serde(borrow)]
    article: Value<'a>,
    #[serde(borrow)]
    from: Value<'a>,
    #[serde(borrow)]
    position: Value<'a>,
    #[serde(borrow)]
    dwell: Value<'a>,
    #[serde(borrow)]
    id: Value<'a>,
    #[serde(borrow)]
    pub(super) panel: Value<'a>,
}

/// Reads the record `line`; its visitor is hashed with `key`.
///
/// # Errors
/// What is wrong with the first key that cannot be used.
pub fn read<'a>(line: &'a str, key: &SiteKey) -> Result<EventRecord<'a>, Refused> {
    if !line.trim_start().starts_with('{') {
        return Err(Refused::new(
            Reason::Unreadable,
            "found no JSON object, expected one event record a line",
        ));
    }
    let written: Written<'a> = serde_json::from_str(line)
        .map_err(|error| no_json(line, &error, "one event record (a JSON object) a line"))?;
    check(written, key).map_err(|(name, refused)| refused.at_key(line, name))
}

/// What is said of a line that is no JSON object; the parser's own text quotes nothing of the line.
pub(super) fn no_json(line: &str, error: &serde_json::Error, expected: &str) -> Refused {
    // serde_json ends its text with the place, which stands in front of the message already.
    let reason = error.to_string();
    let reason = reason.split(" at line ").next().unwrap_or_default();
    let reason = reason.trim_end_matches(", expected an object");
    let message = format!("{reason}; expected {expected}");
    Refused::new(Reason::Unreadable, message).at(line, error.column().saturating_sub(1))
}

fn check<'a>(mut written: Written<'a>, key: &SiteKey) -> Result<EventRecord<'a>, Fault> {
    let at = time(&written.ts)?;
    let visitor = std::mem::take(&mut written.visitor);
    let visitor = key.visitor(&name("visitor", Reason::Visitor, visitor)?);
    let network = match &written.network {
        Value::Text(text) => KeyedHash::parse(text),
        _ => None,
    };
    checked(written, at, visitor, network)
}

/// What of a record does not depend on who sent it and when.
pub(super) fn checked<'a>(
    written: Written<'a>,
    at: i64,
    visitor: KeyedHash,
    network: Option<KeyedHash>,
) -> Result<EventRecord<'a>, Fault> {
    let kind = kind(&written.kind)?;
    let article = name("article", Reason::Article, written.article)?;
    let from = match written.from {
        Value::None => None,
        // What browsers tell of a visit that came from nowhere.
        Value::Text(text) if text.is_empty() => None,
        given => Some(name("from", Reason::Value, given)?),
    };
    let id = match written.id {
        Value::None => None,
        given => Some(digest(&name("id", Reason::Value, given)?)),
    };
    Ok(EventRecord {
        at,
        visitor,
        network,
        kind,
        article,
        from,
        position: position(&written.position)?,
        dwell: dwell(&written.dwell)?,
        id,
    })
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_128;

    use super::*;

    fn key() -> SiteKey {
        SiteKey::from_bytes([7; 32])
    }

    /// The record with `more` added, and column and message of what is wrong with it.
    fn told(more: &str) -> (u64, String) {
        let line = format!(
            r#"{{"ts": 1, "visitor": "anna@example.org", "article": "/a", "type": "view", {more}}}"#
        );
        // The parser refuses a key that stands twice, so a changed one replaces the first.
        let name = more.split('"').nth(1).unwrap_or_default();
        let line = [
            "\"ts\": 1, ",
            "\"visitor\": \"anna@example.org\", ",
            "\"article\": \"/a\", ",
            "\"type\": \"view\", ",
        ]
        .iter()
        .filter(|part| part.starts_with(&format!("\"{name}\"")))
        .fold(line, |line, part| line.replacen(part, "", 1));
        let refused = read(&line, &key()).expect_err(&line);
        assert!(!refused.message.contains("anna"), "{}", refused.message);
        (refused.column, refused.message.into_owned())
    }

    #[test]
    fn a_whole_record_is_an_event() {
        let line = r#"{"ts": 1732320000.5, "visitor": "anna", "article": "/a\u00e9", "type": "click", "from": "/host",
            "position": 3, "panel": "token", "dwell": 34.2, "id": "7", "network": "203.0.113.7", "more": {"x": [1]}}"#;
        let record = read(line, &key()).expect("an event");
        assert_eq!(
            record.event(),
            Event {
                at: 1_732_320_000_500,
                visitor: key().visitor("anna"),
                network: None,
                kind: EventKind::Click,
                article: "/aé",
                from: Some("/host"),
                position: Some(3),
                dwell: Some(34_200),
                id: Some(xxh3_128(b"7")),
            }
        );
        assert_eq!(record.clone().into_owned(), record);
    }

    #[test]
    fn what_an_export_wrote_stands_for_itself() {
        let line = r#"{"ts": "2025-08-26T00:00:00.25Z", "visitor": "h:00000000000000ff", "article": "/a", "type": "view", "from": "",
            "position": null, "network": "h:000000000000000f", "id": "x:000000000000000000000000000000ab", "dwell": 1e9}"#;
        let record = read(line, &key()).expect("an event");
        assert_eq!(record.at, 1_756_166_400_250);
        assert_eq!(record.visitor, KeyedHash(255));
        assert_eq!(record.network, Some(KeyedHash(15)));
        assert_eq!((record.from, record.position), (None, None));
        assert_eq!(record.dwell, Some(86_400_000));
        assert_eq!(record.id, Some(0xab));
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        for (more, words) in [
            (
                "\"ts\": null",
                "ts: found nothing, expected seconds since 1970",
            ),
            (
                "\"ts\": 1732320000500",
                "ts: found 1732320000500, expected seconds since 1970 up to the year 9999, such as 1732320000.5; divide milliseconds by 1,000",
            ),
            ("\"ts\": -1", "ts: found -1, expected seconds"),
            (
                "\"ts\": \"yesterday\"",
                "ts: found \"yesterday\", expected seconds since 1970 up to the year 9999, such as 1732320000.5, or RFC 3339",
            ),
            ("\"ts\": [1]", "ts: found a list, expected seconds"),
            (
                "\"visitor\": 12",
                "visitor: found a number, expected a text; put it in quotes",
            ),
            (
                "\"visitor\": \" \"",
                "visitor: found an empty text, expected a name",
            ),
            (
                "\"visitor\": {\"name\": \"anna\"}",
                "visitor: found an object, expected a text",
            ),
            (
                "\"visitor\": \"anna\\n\"",
                "visitor: found a control character, expected none; remove it",
            ),
            (
                "\"article\": null",
                "article: found nothing, expected a text",
            ),
            ("\"article\": \"\"", "article: found an empty text"),
            (
                "\"article\": true",
                "article: found true or false, expected a text",
            ),
            (
                "\"type\": \"pageview\"",
                "type: found \"pageview\", expected one of view, impression, click, read, like, bookmark, share, comment",
            ),
            (
                "\"type\": null",
                "type: found nothing, expected one of view",
            ),
            ("\"from\": 7", "from: found a number"),
            ("\"from\": \"/a\\u0000\"", "from: found a control character"),
            (
                "\"position\": 0",
                "position: found 0, expected a whole number from 1",
            ),
            (
                "\"position\": 1.5",
                "position: found 1.5, expected a whole number",
            ),
            (
                "\"position\": 1e9",
                "position: found 1000000000, expected a whole number",
            ),
            (
                "\"position\": \"1\"",
                "position: found a text, expected a whole number",
            ),
            ("\"dwell\": -2", "dwell: found -2, expected seconds from 0"),
            (
                "\"dwell\": \"long\"",
                "dwell: found a text, expected seconds",
            ),
            ("\"id\": \"\"", "id: found an empty text; leave the key out"),
            (
                "\"id\": 7",
                "id: found a number, expected a text; put it in quotes",
            ),
            (
                "\"dwell\": 1, \"dwell\": 2",
                "duplicate field `dwell`; expected one event record (a JSON object) a line",
            ),
            ("\"dwell\": }", "expected value; expected one event record"),
        ] {
            let (column, message) = told(more);
            assert!(message.contains(words), "{more}: {message}");
            assert!(column > 1, "{more}");
        }
        let long = format!("\"article\": \"{}\"", "a".repeat(2_001));
        assert!(
            told(&long)
                .1
                .contains("found 2001 bytes, expected at most 2000")
        );
        assert_eq!(told("\"position\": 0").0, 75);
    }

    #[test]
    fn what_is_no_object_is_told_without_a_word_of_it() {
        for (line, words) in [
            ("\"anna\"", "found no JSON object"),
            ("anna,/a,view", "found no JSON object"),
            ("[1, \"anna\", \"/a\"]", "found no JSON object"),
            (
                "{\"ts\": 1, \"visitor\": \"anna",
                "EOF while parsing a string; expected one event record",
            ),
            ("{\"ts\": 1} anna", "trailing characters"),
            ("{}", "ts: found nothing"),
        ] {
            let refused = read(line, &key()).expect_err(line);
            assert!(refused.message.contains(words), "{}", refused.message);
            assert!(!refused.message.contains("anna"), "{}", refused.message);
        }
    }
}
