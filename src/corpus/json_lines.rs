//! JSON Lines: one article record a line, by the names of the contract.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::editing;
use super::findings::Findings;
use super::record::{Draft, Read, Rules};
use super::shallow::{TOO_DEEP, shallow};
use super::tree::{Notation, Tree};
use crate::model::{Appearance, Format, Instruction};

/// The record as it is written.
#[derive(Debug, Default)]
struct JsonArticle {
    id: Option<String>,
    url: Option<String>,
    kind: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    body: Option<String>,
    format: Option<String>,
    topic: Option<String>,
    tags: Option<Vec<String>>,
    lang: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    author: Option<String>,
    image: Option<String>,
    links: Option<Vec<String>>,
    canonical: Option<String>,
    aliases: Option<Vec<String>>,
    noindex: Option<bool>,
    draft: Option<bool>,
    translation_key: Option<String>,
    series: Option<String>,
    series_order: Option<f64>,
    starts: Option<String>,
    expires: Option<String>,
    version: Option<String>,
    version_of: Option<String>,
    related: Option<Box<RawValue>>,
    /// Keys that mean nothing here.
    unknown: Vec<String>,
    /// Keys that stand more than once; the last value counts.
    repeated: Vec<String>,
}

/// By hand, because a derived reader that keeps unknown keys copies every value twice, and bodies are most of a record.
impl<'de> Deserialize<'de> for JsonArticle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct RecordVisitor;

/// Keys of most records.
const MOST: usize = 16;

/// The keys of a record.
pub const RECORD_KEYS: [&str; 27] = [
    "id",
    "url",
    "kind",
    "title",
    "summary",
    "body",
    "format",
    "topic",
    "tags",
    "lang",
    "published",
    "updated",
    "author",
    "image",
    "links",
    "canonical",
    "aliases",
    "noindex",
    "draft",
    "translation_key",
    "series",
    "series_order",
    "starts",
    "expires",
    "version",
    "version_of",
    "related",
];

/// A key where it stands, unless it has escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = JsonArticle;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<JsonArticle, A::Error> {
        let mut record = JsonArticle::default();
        let mut met: Vec<Cow<'de, str>> = Vec::with_capacity(MOST);
        while let Some(Key(key)) = entries.next_key()? {
            match &*key {
                "id" => record.id = entries.next_value()?,
                "url" => record.url = entries.next_value()?,
                "kind" => record.kind = entries.next_value()?,
                "title" => record.title = entries.next_value()?,
                "summary" => record.summary = entries.next_value()?,
                "body" => record.body = entries.next_value()?,
                "format" => record.format = entries.next_value()?,
                "topic" => record.topic = entries.next_value()?,
                "tags" => record.tags = entries.next_value()?,
                "lang" => record.lang = entries.next_value()?,
                "published" => record.published = entries.next_value()?,
                "updated" => record.updated = entries.next_value()?,
                "author" => record.author = entries.next_value()?,
                "image" => record.image = entries.next_value()?,
                "links" => record.links = entries.next_value()?,
                "canonical" => record.canonical = entries.next_value()?,
                "aliases" => record.aliases = entries.next_value()?,
                "noindex" => record.noindex = entries.next_value()?,
                "draft" => record.draft = entries.next_value()?,
                "translation_key" => record.translation_key = entries.next_value()?,
                "series" => record.series = entries.next_value()?,
                "series_order" => record.series_order = entries.next_value()?,
                "starts" => record.starts = entries.next_value()?,
                "expires" => record.expires = entries.next_value()?,
                "version" => record.version = entries.next_value()?,
                "version_of" => record.version_of = entries.next_value()?,
                "related" => record.related = entries.next_value()?,
                _ => {
                    record.unknown.push(key.into_owned());
                    entries.next_value::<IgnoredAny>()?;
                    continue;
                }
            }
            if met.contains(&key) {
                record.repeated.push(key.into_owned());
            } else {
                met.push(key);
            }
        }
        Ok(record)
    }
}

/// Reads the record on line `line` of the file `path`.
pub(super) fn read(path: &str, line: u64, text: &str, rules: &Rules) -> Read {
    let mut findings = Findings::new(path, |_| (line, 1));
    let record: JsonArticle = match serde_json::from_str(text.trim_end()) {
        Ok(record) => record,
        Err(error) => {
            let column = error.column().max(1) as u64;
            findings.look_at(|_| (line, column));
            let key = key_at_fault(text);
            let reason = reason(&error, key.as_deref());
            findings.drop(&key.unwrap_or_default(), reason);
            return findings.into_read(None);
        }
    };
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let draft = Draft {
        id: record.id.filter(|id| !id.is_empty()),
        url: filled(record.url),
        served: None,
        kind: record.kind,
        title: filled(record.title),
        summary: filled(record.summary),
        body: record.body.unwrap_or_default(),
        format: findings
            .format(
                "format",
                record.format.as_deref(),
                "the body is read as markdown",
            )
            .unwrap_or_default(),
        topic: record.topic,
        tags: record.tags.unwrap_or_default(),
        lang: findings.lang("lang", record.lang.as_deref()),
        published: findings.date("published", record.published.as_deref()),
        updated: findings.date("updated", record.updated.as_deref()),
        author: filled(record.author),
        image: filled(record.image),
        links: record.links,
        canonical: filled(record.canonical),
        aliases: record.aliases.unwrap_or_default(),
        noindex: record.noindex.unwrap_or_default(),
        draft: record.draft.unwrap_or_default(),
        translation_key: filled(record.translation_key),
        appearance: Appearance {
            starts: findings.date("starts", record.starts.as_deref()),
            expires: findings.date("expires", record.expires.as_deref()),
            series: filled(record.series),
            series_order: record.series_order,
            version_of: filled(record.version_of),
            version: filled(record.version),
            instructions: record
                .related
                .and_then(|raw| told(&raw, &mut findings))
                .unwrap_or_default(),
        },
    };
    for key in &record.unknown {
        findings.unknown(key);
    }
    for key in &record.repeated {
        findings.warn(
            key,
            format!("{key} stands more than once; the last one is used, remove the others"),
        );
    }
    if draft.format == Format::Markdown && shallow(&draft.body).1.is_some() {
        findings.warn("body", TOO_DEEP);
    }
    let article = draft.finish(rules, &mut findings);
    findings.into_read(article)
}

/// What `error` says of a record, or of the value of its `key`, in words of people who write records.
fn reason(error: &serde_json::Error, key: Option<&str>) -> String {
    // serde_json ends its text with the place, which stands in front of the message already.
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    if !error.is_data() {
        return format!("found no JSON ({text}); expected an article record: one JSON object");
    }
    let invalid = ["invalid type: ", "invalid value: "];
    let rest = invalid.iter().find_map(|start| text.strip_prefix(start));
    let Some((found, expected)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return text.to_owned();
    };
    let found = match found {
        "sequence" => "a list",
        "map" => "an object",
        other => other,
    };
    let expected = match expected {
        "an object" => "an article record: one JSON object",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "f64" => "a number",
        other => other,
    };
    let key = key.map_or_else(String::new, |key| format!("{key}: "));
    format!("{key}found {found}, expected {expected}")
}

/// The key whose value is not of the type that it must be, in an object that is whole otherwise.
fn key_at_fault(text: &str) -> Option<String> {
    let values: BTreeMap<String, &RawValue> = serde_json::from_str(text.trim_end()).ok()?;
    let fits = |key: &str, value: &RawValue| {
        let alone = BTreeMap::from([(key, value)]);
        let alone = serde_json::to_string(&alone).expect("plain data serialises");
        serde_json::from_str::<JsonArticle>(&alone).is_ok()
    };
    let mut values = values.into_iter();
    values
        .find(|(key, value)| !fits(key, value))
        .map(|(key, _)| key)
}

/// What `related` of a record tells panels.
fn told(raw: &RawValue, findings: &mut Findings<'_>) -> Option<Vec<Instruction>> {
    let value = match raw.get() {
        object if object.starts_with('{') => Notation::Json.parse(object).tree,
        other => Tree::Text(other.to_owned()),
    };
    let read = editing::of_front_matter("related", &value, findings);
    if read.is_none() {
        findings.warn(
            "related",
            "related: expected an object with pin, block, boost, panel or never_recommend; it is left out",
        );
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    fn read_line(text: &str) -> Read {
        read("a.jsonl", 7, text, &Rules::default())
    }

    #[test]
    fn two_keys_make_an_article() {
        let article = read_line(r#"{"id": "/tool/x", "title": "X"}"#)
            .article
            .expect("an article");
        assert_eq!(
            (article.url.as_str(), article.kind.as_str()),
            ("/tool/x", "tool")
        );
        let article = read_line(r#"{"url": "https://example.org/news/y/", "body": "Text."}"#)
            .article
            .expect("an article");
        assert_eq!(
            (article.id.as_str(), article.title.as_str()),
            ("/news/y", "Y")
        );
    }

    #[test]
    fn a_broken_line_is_dropped_with_its_place() {
        let read = read_line(r#"{"id": "/x", "title": }"#);
        let problem = &read.problems[0];
        assert_eq!((problem.line, problem.column), (Some(7), Some(23)));
        assert_eq!(problem.severity, Severity::Error);
        assert!(read.article.is_none());
    }

    #[test]
    fn a_value_of_another_type_is_named_by_its_key() {
        let read = read_line(r#"{"id": "/x", "body": "text", "tags": "a, b"}"#);
        assert_eq!(read.problems[0].field.as_deref(), Some("tags"));
        assert_eq!(read_line("[]").problems[0].field, None);
    }

    #[test]
    fn what_cannot_be_read_is_told_in_words_of_the_record() {
        for (record, told) in [
            (
                r#"{"tags": "a, b"}"#,
                "tags: found string \"a, b\", expected a list",
            ),
            (
                r#"{"draft": "yes"}"#,
                "draft: found string \"yes\", expected true or false",
            ),
            (
                r#"{"title": ["a sequence"]}"#,
                "title: found a list, expected a string",
            ),
            (
                r#"{"title": {}}"#,
                "title: found an object, expected a string",
            ),
            (
                r#"{"series_order": "2"}"#,
                "series_order: found string \"2\", expected a number",
            ),
            (
                "[]",
                "found a list, expected an article record: one JSON object",
            ),
            (
                "nothing",
                "found no JSON (expected ident); expected an article record: one JSON object",
            ),
        ] {
            let read = read_line(record);
            assert_eq!(read.problems[0].message, format!("dropped: {told}"));
        }
    }

    #[test]
    fn unknown_keys_are_reported_and_missing_ones_explained() {
        let read = read_line(r#"{"id": "/x", "titel": "X"}"#);
        assert_eq!(read.unknown_keys, ["titel"]);
        assert!(read.problems[0].message.contains("neither title nor body"));
    }

    #[test]
    fn every_key_is_known_once() {
        for key in RECORD_KEYS {
            let twice = format!(r#"{{"{key}": null, "{key}": null}}"#);
            let record: JsonArticle = serde_json::from_str(&twice).expect("a record");
            assert_eq!(
                (record.unknown.len(), record.repeated),
                (0, vec![key.to_owned()])
            );
        }
    }

    #[test]
    fn values_that_cannot_be_meant_cost_themselves_alone() {
        let read = read_line(
            r#"{"id": "/x", "title": "X", "format": "docx", "lang": "english", "published": "2024-02-30"}"#,
        );
        assert!(read.article.is_some());
        assert_eq!(read.problems.len(), 3, "{:?}", read.problems);
        assert!(
            read.problems
                .iter()
                .all(|problem| problem.severity == Severity::Warning)
        );
    }

    #[test]
    fn brackets_without_end_are_an_error() {
        let read = read_line(&format!("{{\"id\": \"/x\", \"a\": {}", "[".repeat(200_000)));
        assert!(read.article.is_none() && read.problems.len() == 1);
    }
}
