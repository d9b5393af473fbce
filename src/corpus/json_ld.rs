//! JSON-LD: what a page says of its article in the vocabulary of schema.org.

use serde_json::{Map, Value};

use crate::model::order;

/// What pages say about themselves that an article has a field for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct LinkedData {
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) author: Option<String>,
    pub(super) image: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) keywords: Vec<String>,
}

/// Things that stand beside an article in a graph and are not it.
const OTHERS: [&str; 9] = [
    "Organization",
    "Person",
    "WebSite",
    "BreadcrumbList",
    "ImageObject",
    "ListItem",
    "Comment",
    "SiteNavigationElement",
    "SearchAction",
];

/// Reads the content of one script; the error is what is not JSON about it.
pub(super) fn read(text: &str) -> Result<LinkedData, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let text = error.to_string();
        text.split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned()
    })?;
    let mut things = Vec::new();
    collect(&value, &mut things);
    // Stable: of things of one rank the first counts.
    order::sort_by_key(&mut things, |thing| rank(thing));
    let text = |key: &str| things.iter().find_map(|thing| name_of(thing.get(key)?));
    Ok(LinkedData {
        headline: text("headline"),
        description: text("description"),
        published: text("datePublished"),
        modified: text("dateModified"),
        author: text("author"),
        image: text("image"),
        lang: text("inLanguage"),
        keywords: things
            .iter()
            .find_map(|thing| thing.get("keywords"))
            .map(words_of)
            .unwrap_or_default(),
    })
}

fn collect<'a>(value: &'a Value, things: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, things);
            }
        }
        Value::Object(thing) => {
            if let Some(graph) = thing.get("@graph") {
                collect(graph, things);
            }
            if !is_a(thing, |kind| OTHERS.contains(&kind)) {
                things.push(thing);
            }
        }
        _ => {}
    }
}

/// Articles first.
fn rank(thing: &Map<String, Value>) -> u8 {
    let article = is_a(thing, |kind| {
        kind.ends_with("Article") || kind.ends_with("Posting")
    });
    u8::from(!article)
}

fn is_a(thing: &Map<String, Value>, wanted: impl Fn(&str) -> bool) -> bool {
    match thing.get("@type") {
        Some(Value::String(kind)) => wanted(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).any(wanted),
        _ => false,
    }
}

/// A text, or the name or address of a thing, or that of the first of a list.
fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(items) => name_of(items.first()?),
        Value::Object(thing) => name_of(thing.get("name").or_else(|| thing.get("url"))?),
        _ => None,
    }
}

fn words_of(value: &Value) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split(',').collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let texts = texts.into_iter().map(str::trim);
    texts
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_of_a_graph_is_found() {
        let found = read(
            r#"{"@context": "https://schema.org", "@graph": [
                {"@type": "Organization", "name": "Us", "description": "no"},
                {"@type": "WebPage", "datePublished": "2020-01-01", "dateModified": "2021-01-01"},
                {"@type": ["BlogPosting"], "headline": "H", "datePublished": "2025-01-02",
                 "author": [{"@type": "Person", "name": "A B"}], "image": {"url": "/i.png"}, "keywords": "a, b"}]}"#,
        )
        .expect("JSON");
        assert_eq!(found.published.as_deref(), Some("2025-01-02"));
        assert_eq!(found.modified.as_deref(), Some("2021-01-01"));
        assert_eq!(found.author.as_deref(), Some("A B"));
        assert_eq!(found.image.as_deref(), Some("/i.png"));
        assert_eq!(found.keywords, ["a", "b"]);
        assert_eq!(found.description, None);
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", &"[".repeat(200_000)] {
            assert!(read(text).is_err());
        }
        assert_eq!(read("7"), Ok(LinkedData::default()));
    }
}
