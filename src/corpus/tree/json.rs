//! JSON front matter: an object at the beginning of the file.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Parsed, Slip, Tree};

/// Maps and lists inside one another; no field of front matter lies deeper, and what does is not looked at.
const DEEPEST: usize = 8;

pub(super) fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut entries = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    if let Err(error) = EntriesSeed(&mut entries).deserialize(&mut reader) {
        parsed.slips.push(Slip {
            line: error.line().max(1) as u64,
            column: error.column().max(1) as u64,
            message: format!(
                "front matter is not JSON from here on: {}; correct it, until then what follows is left out",
                reason(&error)
            ),
        });
    }
    parsed.tree = Tree::Map(entries_of(entries, 0));
    parsed
}

/// Where the object that `text` begins with ends; for a broken one, where its brackets say so.
pub(super) fn end(text: &str) -> Option<usize> {
    let mut reader = serde_json::Deserializer::from_str(text);
    if let Ok(raw) = <&RawValue>::deserialize(&mut reader) {
        let start = text.len() - text.trim_start().len();
        return Some(start + raw.get().len());
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            // A text does not go on after its line: somebody forgot the quote.
            b'\n' => quoted = false,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// serde_json ends its text with the place, which stands in front of the message already.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn entries_of(entries: Vec<(String, &RawValue)>, depth: usize) -> Vec<(String, Tree)> {
    entries
        .into_iter()
        .map(|(key, raw)| (key, tree_of(raw.get(), depth + 1)))
        .collect()
}

fn tree_of(raw: &str, depth: usize) -> Tree {
    match raw.as_bytes().first() {
        Some(b'{' | b'[') if depth > DEEPEST => Tree::Nothing,
        Some(b'{') => {
            let mut entries = Vec::new();
            let mut reader = serde_json::Deserializer::from_str(raw);
            match EntriesSeed(&mut entries).deserialize(&mut reader) {
                Ok(()) => Tree::Map(entries_of(entries, depth)),
                Err(_) => Tree::Nothing,
            }
        }
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(raw).map_or(Tree::Nothing, |items| {
            Tree::List(
                items
                    .iter()
                    .map(|item| tree_of(item.get(), depth + 1))
                    .collect(),
            )
        }),
        Some(b'"') => serde_json::from_str(raw).map_or(Tree::Nothing, Tree::Text),
        Some(b'n') | None => Tree::Nothing,
        Some(_) => Tree::Text(raw.to_owned()),
    }
}

/// Collects entries in their order, and keeps those before an error.
struct EntriesSeed<'s, 'de>(&'s mut Vec<(String, &'de RawValue)>);

impl<'de> DeserializeSeed<'de> for EntriesSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for EntriesSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(entry) = map.next_entry()? {
            self.0.push(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_ends_where_its_brackets_do() {
        for (text, matter) in [
            ("{\"a\": \"}\"}\nBody }", "{\"a\": \"}\"}"),
            ("{\"a\": {\"b\": [1]}} rest", "{\"a\": {\"b\": [1]}}"),
            ("{\"a\": 1,}\nBody", "{\"a\": 1,}"),
            (
                "{\"a\": \"open,\n\"b\": 1}\nBody",
                "{\"a\": \"open,\n\"b\": 1}",
            ),
        ] {
            assert_eq!(end(text).map(|at| &text[..at]), Some(matter));
        }
        assert_eq!(end("{\"a\": "), None);
        assert_eq!(end(&"[".repeat(200_000)), None);
    }

    #[test]
    fn what_stands_before_a_slip_is_kept() {
        let parsed = parse("{\"draft\": true,\n\"title\": Foo}");
        assert_eq!(parsed.tree.get("draft").and_then(Tree::truth), Some(true));
        let slip = &parsed.slips[0];
        assert_eq!((slip.line, slip.column), (2, 10));
    }

    #[test]
    fn deep_nesting_is_not_looked_at() {
        let deep = format!(
            "{{\"title\": \"x\", \"a\": {}{}}}",
            "[".repeat(200_000),
            "]".repeat(200_000)
        );
        let parsed = parse(&deep);
        assert_eq!(parsed.slips, []);
        assert_eq!(parsed.tree.get("title").and_then(Tree::text), Some("x"));
    }
}
