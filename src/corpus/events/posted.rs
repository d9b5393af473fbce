//! The records that a browser sends together. Who sent them, from which network and when is not theirs to say.

use std::borrow::Cow;
use std::mem;

use serde::Deserialize;
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_128;

use super::record::{EventRecord, Written, checked, no_json};
use super::report::Refused;
use super::value::Value;
use crate::keys::Sender;

/// A record as it was sent.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Posted<'a>(#[serde(borrow)] Written<'a>);

/// A body of which every record can be read.
#[derive(Deserialize)]
struct Whole<'a> {
    #[serde(borrow)]
    events: Vec<Posted<'a>>,
}

/// A body that may hold anything in place of records.
#[derive(Deserialize)]
#[serde(expecting = "an object with the key `events`")]
struct Body<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// What came in one body, in order: the records, and what is wrong with those that are none.
pub type PostedRecords<'a> = Vec<Result<Posted<'a>, Refused>>;

/// Reads the records of `body`, which is `{"events": [...]}`. One that cannot be read costs no other.
///
/// # Errors
/// What of the body is no such JSON.
pub fn posted(body: &[u8]) -> serde_json::Result<PostedRecords<'_>> {
    // Nearly all bodies are fine, and are read once.
    let whole = str::from_utf8(body).ok().map(serde_json::from_str);
    match whole {
        Some(Ok(Whole { events })) => Ok(events.into_iter().map(Ok).collect()),
        _ => by_parts(body),
    }
}

/// The same of a body in which something is wrong: each record is read by itself.
fn by_parts(body: &[u8]) -> serde_json::Result<PostedRecords<'_>> {
    let Body { events } = serde_json::from_slice(body)?;
    let records = events.into_iter().map(RawValue::get);
    Ok(records.map(alone).collect())
}

fn alone(record: &str) -> Result<Posted<'_>, Refused> {
    serde_json::from_str(record)
        .map_err(|error| no_json(record, &error, "an event record (a JSON object)"))
}

impl<'a> Posted<'a> {
    /// The event that `sender` sent at `at` (milliseconds since 1970), with the token of the panel it names, if it names one.
    ///
    /// # Errors
    /// What is wrong with the first key that cannot be used.
    pub fn event(
        self,
        at: i64,
        sender: Sender,
    ) -> Result<(EventRecord<'a>, Option<Cow<'a, str>>), Refused> {
        let Self(mut written) = self;
        let token = match mem::take(&mut written.panel) {
            Value::Text(token) => Some(token),
            _ => None,
        };
        let network = Some(sender.network);
        let mut event =
            checked(written, at, sender.visitor, network).map_err(|(_, refused)| refused)?;
        // An id is the visitor's own: nobody can use up those of others.
        event.id = event.id.map(|id| {
            xxh3_128(&[id.to_le_bytes(), u128::from(sender.visitor.0).to_le_bytes()].concat())
        });
        Ok((event, token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::KeyedHash;

    /// What is made of each record of `body`, or what is wrong with it.
    fn told(records: serde_json::Result<PostedRecords<'_>>) -> Result<Vec<String>, String> {
        let sender = Sender {
            visitor: KeyedHash(1),
            network: KeyedHash(2),
        };
        let event = |record: Result<Posted<'_>, Refused>| match record
            .and_then(|record| record.event(7, sender))
        {
            Ok(event) => format!("{event:?}"),
            Err(refused) => refused.message.into_owned(),
        };
        let records = records.map_err(|error| error.to_string())?;
        Ok(records.into_iter().map(event).collect())
    }

    #[test]
    fn a_body_that_is_read_at_once_says_what_its_records_say_one_by_one() {
        let view = r#"{"type": "view", "article": "/a\u00e9", "id": "7", "panel": "t"}"#;
        for (events, fine) in [
            (String::new(), 0),
            (view.to_owned(), 1),
            (format!("{view}, {view}"), 2),
            (format!("{view}, 1, [], null, \"x\", {view}"), 2),
            (
                format!("{view}, {{\"type\": \"view\", \"type\": \"view\"}}"),
                1,
            ),
            (
                format!("{{\"type\": \"view\", \"article\": \"/a\", \"dwell\": 1e999}}, {view}"),
                1,
            ),
            (
                format!(
                    "{{\"more\": {}1{}}}, {view}",
                    "[".repeat(126),
                    "]".repeat(126)
                ),
                1,
            ),
            (
                format!(
                    "{{\"more\": {}1{}}}, {view}",
                    "[".repeat(125),
                    "]".repeat(125)
                ),
                1,
            ),
            (
                r#"{"article": 1}, {"article": "\ud800"}, {"article": ""}"#.to_owned(),
                0,
            ),
        ] {
            for body in [
                format!("{{\"events\": [{events}]}}"),
                format!("{{\"more\": 1, \"events\": [{events}], \"sent\": {{}}}}"),
            ] {
                let body = body.as_bytes();
                let all = told(posted(body)).expect("a body");
                assert_eq!(told(by_parts(body)), Ok(all.clone()));
                let events = all.iter().filter(|told| told.contains("EventRecord"));
                assert_eq!(events.count(), fine, "{all:?}");
            }
        }
    }

    #[test]
    fn what_is_no_body_is_refused_with_its_place() {
        for (body, words) in [
            (&b"[]"[..], "expected an object with the key `events`"),
            (b"{\"events\": [{\"type\"]}", "line 1 column 20"),
            (b"{\"events\": 1}", "expected a sequence"),
            (b"{\"events\": [], \"events\": []}", "duplicate field"),
            (b"{\"events\": [\"\xff\"]}", "unicode"),
        ] {
            let told = told(posted(body)).expect_err("no body");
            assert!(told.contains(words), "{told}");
        }
    }
}
