//! TOML front matter. A line with a slip is left out and the rest read again, so that it costs only its own field.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Parsed, Slip, Tree};
use crate::corpus::place::line_and_column;

/// Slips after which a text is given up.
const REPORTED: usize = 5;

pub(super) fn parse(text: &str) -> Parsed {
    let (left, slips) = mend(text, "front matter");
    let table = left
        .as_deref()
        .map(|left| (left, DeTable::parse_recoverable(left).0));
    let tree = table.map_or(Tree::Nothing, |(left, table)| {
        tree_of_table(left, table.get_ref())
    });
    Parsed { tree, slips }
}

/// `text`, which is `what`, with the lines that are not TOML blanked, and what was wrong with each; no text where too much is.
pub(super) fn mend(text: &str, what: &str) -> (Option<String>, Vec<Slip>) {
    let mut left = text.to_owned();
    let mut slips = Vec::new();
    loop {
        let (table, errors) = DeTable::parse_recoverable(&left);
        let mut dates = HashSet::new();
        note_dates(table.get_ref(), &mut dates);
        // Of a date that is none, whoever asks for a date says more than the parser can.
        let first = errors
            .iter()
            .filter_map(|error| Some((error.span()?, error.message())))
            .filter(|(span, _)| !dates.contains(span))
            .min_by_key(|(span, _)| span.start);
        let Some((span, message)) = first else {
            return (Some(left), slips);
        };
        let broken = line_around(&left, span.start);
        let (line, column) = line_and_column(&left, span.start);
        slips.push(Slip {
            line,
            column,
            message: format!(
                "{what} is not TOML here: {}; until then this line is left out",
                advice(&left[broken.clone()], message)
            ),
        });
        if slips.len() == REPORTED || left[broken.clone()].trim().is_empty() {
            return (None, slips);
        }
        // Blanked and not cut, so that places stay what they are.
        let blank = " ".repeat(broken.len());
        left.replace_range(broken, &blank);
    }
}

/// The bytes of the line that holds `offset`.
fn line_around(text: &str, offset: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = bytes[..offset].iter().rposition(|&byte| byte == b'\n');
    let end = bytes[offset..].iter().position(|&byte| byte == b'\n');
    start.map_or(0, |at| at + 1)..end.map_or(bytes.len(), |at| offset + at)
}

/// The spans of all dates.
fn note_dates(table: &DeTable<'_>, dates: &mut HashSet<Range<usize>>) {
    for value in table.values() {
        note_dates_of(value, dates);
    }
}

fn note_dates_of(value: &Spanned<DeValue<'_>>, dates: &mut HashSet<Range<usize>>) {
    match value.get_ref() {
        DeValue::Datetime(_) => {
            dates.insert(value.span());
        }
        DeValue::Array(items) => {
            for item in items {
                note_dates_of(item, dates);
            }
        }
        DeValue::Table(table) => note_dates(table, dates),
        _ => {}
    }
}

fn tree_of_table(text: &str, table: &DeTable<'_>) -> Tree {
    let entries = table
        .iter()
        .map(|(key, value)| (key.get_ref().clone().into_owned(), tree_of(text, value)));
    Tree::Map(entries.collect())
}

fn tree_of(text: &str, value: &Spanned<DeValue<'_>>) -> Tree {
    match value.get_ref() {
        DeValue::String(string) => Tree::Text(string.clone().into_owned()),
        DeValue::Array(items) => Tree::List(items.iter().map(|item| tree_of(text, item)).collect()),
        DeValue::Table(table) => tree_of_table(text, table),
        // As it stands in the file: 1.10 is a version, not 1.1.
        _ => text
            .get(value.span())
            .map_or(Tree::Nothing, |raw| Tree::Text(raw.to_owned())),
    }
}

fn advice(line: &str, message: &str) -> String {
    let advice = if message.contains("duplicate") {
        "the key stands twice; remove one"
    } else if !line.contains('=') && line.contains(':') {
        "found `key: value`, expected `key = \"value\"`; write it that way"
    } else if message.contains("recursion") {
        "it is nested too deeply; flatten it"
    } else if line
        .split_once('=')
        .is_some_and(|(_, value)| value.trim().starts_with(char::is_alphabetic))
    {
        "a text must be in quotes; quote it"
    } else {
        return format!("{message}; correct it");
    };
    advice.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Entries = Vec<(String, String)>;
    type Places = Vec<(u64, u64)>;

    fn read(text: &str) -> (Entries, Places) {
        let Parsed { tree, slips } = parse(text);
        let Tree::Map(entries) = tree else {
            panic!("a document is a table");
        };
        let entries = entries
            .into_iter()
            .map(|(key, value)| (key, value.text().unwrap_or("-").to_owned()));
        let places = slips.iter().map(|slip| (slip.line, slip.column));
        (entries.collect(), places.collect())
    }

    #[test]
    fn a_slip_costs_its_own_field() {
        for (text, kept, place) in [
            (
                "draft = true\ntitle = Foo bar\nkind = 'x'",
                vec!["draft", "kind"],
                2,
            ),
            (
                "draft = true\ntitle: Foo\nkind = 'x'",
                vec!["draft", "kind"],
                2,
            ),
            (
                "draft = true\ntitle = \"open\nkind = 'x'",
                vec!["draft", "kind"],
                2,
            ),
        ] {
            let (entries, places) = read(text);
            let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(keys, kept, "{text}");
            assert_eq!(places[0].0, place, "{text}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_told() {
        let (entries, places) = read("title = 'a'\ntitle = 'b'");
        assert_eq!(places[0].0, 2);
        assert_eq!(entries.first().map(|entry| entry.1.as_str()), Some("a"));
    }

    #[test]
    fn a_date_that_is_none_is_left_to_whoever_asks_for_a_date() {
        let (entries, places) = read("date = 2024-02-30\ntitle = 'x'");
        assert_eq!(places, []);
        assert_eq!(entries[0].1, "2024-02-30");
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let text = format!("a = {}", "[".repeat(200_000));
        assert!(!parse(&text).slips.is_empty());
    }
}
