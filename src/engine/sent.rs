//! An article record as a client sends it: one JSON object, over as many lines as it likes. What enters is bytes, what leaves
//! is the article and the record on one line, as the journal keeps it, or what is wrong with it.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::snapshot::Snapshot;
use crate::corpus::{Piece, RECORD_KEYS};
use crate::model::{Article, Problem, Severity};
use crate::text::likely;

/// Reads `record` as an article that is not published yet, and may have neither id nor address.
pub(super) fn read_draft(snapshot: &Snapshot, record: &[u8]) -> (Option<Article>, Vec<Problem>) {
    #[derive(Deserialize)]
    struct Names {
        id: Option<String>,
        url: Option<String>,
    }
    let record = unmarked(record);
    let nameless = serde_json::from_slice(record)
        .is_ok_and(|names: Names| names.id.is_none() && names.url.is_none());
    let (read, problems) = read(snapshot, nameless.then_some("/"), 1, record);
    (read.map(|(article, _)| article), problems)
}

/// Reads `record`, which is to be the article `given` if that is some, as line `line` of what came: the article, and the
/// record as the journal keeps it; beside them what is wrong, and with an error no article.
pub(super) fn read(
    snapshot: &Snapshot,
    given: Option<&str>,
    line: u64,
    record: &[u8],
) -> (Option<(Article, String)>, Vec<Problem>) {
    let record = unmarked(record);
    let came = String::from_utf8_lossy(record.trim_ascii());
    let came = came.replace(['\r', '\n'], " ");
    let text = match given {
        Some(given) => named(came, given),
        None => came,
    };
    let piece = Piece::record("", line, text.clone().into_bytes());
    let read = piece.read(&snapshot.config().rules);
    let mut problems = read.problems;
    let Some(article) = read.article else {
        at_its_place(&mut problems, line, record);
        return (None, problems);
    };
    let id = article.id.as_str();
    if let Some(given) = given.filter(|&given| given != id) {
        let message = format!("found {id:?}, expected {given:?} as in the address, or no id");
        let other = Problem::new(Severity::Error, "", message);
        return (None, vec![other.at(line, 1).about("id")]);
    }
    problems.extend(not_utf8(line, record));
    problems.extend(read.unknown_keys.iter().map(|key| {
        let meant = likely(key, RECORD_KEYS);
        let meant = meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        let message = format!("{key} means nothing here and is left out{meant}");
        Problem::new(Severity::Warning, "", message)
            .at(line, 1)
            .about(key)
    }));
    (Some((article, text)), problems)
}

/// `record` without the byte order mark that some editors begin it with.
fn unmarked(record: &[u8]) -> &[u8] {
    record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record)
}

/// The record `text` with the id `given`, where it has none or says that it has none. What else is wrong with it is told by
/// whoever reads all of it.
fn named(text: String, given: &str) -> String {
    /// The one key that is looked at first: not there, null, or an id.
    #[derive(Deserialize)]
    struct Named {
        #[serde(default, deserialize_with = "present")]
        id: Option<Option<IgnoredAny>>,
    }
    fn present<'de, D: Deserializer<'de>>(id: D) -> Result<Option<Option<IgnoredAny>>, D::Error> {
        Option::deserialize(id).map(Some)
    }
    match serde_json::from_str(&text) {
        Ok(Named { id: None }) if text.starts_with('{') => {
            let id = Value::from(given);
            let members = text.trim_start_matches(['{', ' ', '\t']);
            let comma = if members.starts_with('}') { "" } else { ", " };
            format!("{{\"id\": {id}{comma}{members}")
        }
        Ok(Named { id: Some(None) }) => match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(mut members) => {
                members.insert("id".to_owned(), given.into());
                Value::from(members).to_string()
            }
            Err(_) => text,
        },
        _ => text,
    }
}

/// What is said of a record that is not UTF-8, which JSON is (RFC 8259, section 8.1), but could be read.
fn not_utf8(line: u64, record: &[u8]) -> Option<Problem> {
    let fine = str::from_utf8(record).err()?.valid_up_to();
    let before = &record[..fine];
    let lines = before.iter().filter(|&&byte| byte == b'\n').count();
    let begun = before.iter().rposition(|&byte| byte == b'\n');
    let column = fine - begun.map_or(0, |end| end + 1) + 1;
    let message = "found bytes that are not UTF-8 and replaced them with U+FFFD; send UTF-8";
    let problem = Problem::new(Severity::Warning, "", message);
    Some(problem.at(line + lines as u64, column as u64))
}

/// Says where in what came, from line `line` on, `record` is no JSON: it was read in one line.
fn at_its_place(problems: &mut [Problem], line: u64, record: &[u8]) {
    let Err(error) = serde_json::from_slice::<IgnoredAny>(record) else {
        return;
    };
    for problem in problems
        .iter_mut()
        .filter(|problem| problem.field.is_none())
    {
        problem.line = Some(line + (error.line().max(1) - 1) as u64);
        problem.column = Some(error.column().max(1) as u64);
    }
}
