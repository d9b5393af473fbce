//! Front matter as a tree of texts: whatever the notation, `1.10` stays `1.10` and `2025-08-26` stays what was typed.
//!
//! A slip costs the field it stands in: each notation reads what it can of the rest, so that a colon in a title never
//! turns a draft into a published page.

mod json;
mod toml;
mod yaml;

use super::place::line_and_column;

/// A value of front matter; numbers, booleans and dates are the text that stands in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Tree {
    #[default]
    Nothing,
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// What was read of front matter, and what was wrong with it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) tree: Tree,
    pub(super) slips: Vec<Slip>,
}

/// Something wrong, at a 1-based line and column of the front matter.
#[derive(Debug, PartialEq)]
pub(super) struct Slip {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) message: String,
}

/// How front matter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Yaml,
    Toml,
    Json,
}

impl Notation {
    /// Reads `text`, all of it.
    pub(super) fn parse(self, text: &str) -> Parsed {
        match self {
            Self::Yaml => yaml::parse(text),
            Self::Toml => toml::parse(text),
            Self::Json => json::parse(text),
        }
    }

    /// Where the value of the top-level `key` stands in `text`, as line and column of the key, the `nth` time it does.
    pub(super) fn place_of(self, text: &str, key: &str, nth: usize) -> Option<(u64, u64)> {
        if self == Self::Json {
            let name = format!("\"{key}\"");
            let keys = text
                .match_indices(&name)
                .filter(|(at, _)| text[at + name.len()..].trim_start().starts_with(':'));
            return keys.map(|(at, _)| line_and_column(text, at)).nth(nth);
        }
        let sign = if self == Self::Toml { '=' } else { ':' };
        let mut places = text.lines().enumerate().filter_map(|(number, line)| {
            let start = line.trim_start();
            let rest = start.trim_start_matches(['"', '\'']).strip_prefix(key)?;
            let rest = rest.trim_start_matches(['"', '\'']).trim_start();
            let column = line[..line.len() - start.len()].chars().count();
            let nested = self == Self::Yaml && column > 0;
            (rest.starts_with(sign) && !nested).then_some((number as u64 + 1, column as u64 + 1))
        });
        places.nth(nth)
    }
}

/// `text`, which is `what`, with the lines that are not TOML blanked, and what was wrong with each; no text where too much is.
pub(super) fn mend_toml(text: &str, what: &str) -> (Option<String>, Vec<Slip>) {
    toml::mend(text, what)
}

/// Where the JSON object that `text` begins with ends.
pub(super) fn json_end(text: &str) -> Option<usize> {
    json::end(text)
}

impl Tree {
    /// The text of a scalar that is not blank.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Tree::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }

    /// The texts of a list, or of a scalar with commas.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Tree::Text(text) => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            Tree::List(items) => items
                .iter()
                .filter_map(Tree::text)
                .map(str::to_owned)
                .collect(),
            Tree::Nothing | Tree::Map(_) => Vec::new(),
        }
    }

    /// The text of a scalar, of the first of a list, or of what a map calls `name`: authors are written in all three ways.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Tree::List(items) => items.first()?.name(),
            Tree::Map(_) => self.get("name")?.text(),
            _ => self.text(),
        }
    }

    /// The value of `key` in a map.
    pub(super) fn get(&self, key: &str) -> Option<&Tree> {
        match self {
            Tree::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Whether a scalar is a spelling of true or false.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_spelling_in_every_notation() {
        for (notation, text) in [
            (
                Notation::Yaml,
                "version: 1.10\ntags: [1.20, yes, c#]\ndate: 2025-08-26\nnested: {a: 0.70}",
            ),
            (
                Notation::Toml,
                "version = 1.10\ntags = [1.20, \"yes\", 'c#']\ndate = 2025-08-26\n[nested]\na = 0.70",
            ),
            (
                Notation::Json,
                r#"{"version": 1.10, "tags": [1.20, "yes", "c#"], "date": "2025-08-26", "nested": {"a": 0.70}}"#,
            ),
        ] {
            let Parsed { tree, slips } = notation.parse(text);
            assert_eq!(slips, [], "{notation:?}");
            assert_eq!(tree.get("version").and_then(Tree::text), Some("1.10"));
            assert_eq!(
                tree.get("tags").map(Tree::texts).unwrap_or_default(),
                ["1.20", "yes", "c#"]
            );
            assert_eq!(tree.get("date").and_then(Tree::text), Some("2025-08-26"));
            let nested = tree.get("nested").and_then(|nested| nested.get("a"));
            assert_eq!(nested.and_then(Tree::text), Some("0.70"));
        }
    }

    #[test]
    fn keys_are_found_again_for_messages() {
        for (notation, text, place) in [
            (Notation::Yaml, "a: 1\n  date: 0\n\"date\" : 2", (3, 1)),
            (Notation::Toml, "a = 1\n  date= 2", (2, 3)),
            (Notation::Json, "{\n  \"dates\": 1,\n  \"date\": 2}", (3, 3)),
            (Notation::Json, "{\"date\": 2}", (1, 2)),
            (Notation::Json, "{\"a\": \"date\", \"date\": 2}", (1, 15)),
        ] {
            assert_eq!(notation.place_of(text, "date", 0), Some(place));
        }
    }
}
