//! The text of an `editorial.toml`, changed table by table: one is added at its end, one is taken out. All else in it, comments
//! and slips too, stays byte for byte.

use xxhash_rust::xxh3::xxh3_64;

use super::{Sheet, parts};
use crate::corpus::editors_file::EditorsFile;
use crate::model::{Instruction, Told};

/// A table of a file, and what it tells panels.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldTable {
    /// The file as messages name it.
    pub path: String,
    /// The line of its header, from 1.
    pub line: u64,
    /// Tells its text from that of other tables.
    pub mark: u64,
    /// One for each host and card that it names; none where it cannot be read.
    pub instructions: Vec<Instruction>,
}

/// The tables of `file`, in their order; none of a file that is no text.
pub fn told_tables(file: &EditorsFile) -> Vec<ToldTable> {
    let Some(text) = file.text(&mut Vec::new()) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    for part in parts(&text).iter().filter(|part| part.header.is_some()) {
        let mut sheet = Sheet::of(&file.path);
        sheet.part(part);
        tables.push(ToldTable {
            path: file.path.clone(),
            line: part.before,
            mark: mark(&lines_of(&text, part.before)),
            instructions: sheet.instructions,
        });
    }
    tables
}

/// `text` with a table that tells `said` at its end, and `note` in it.
pub fn with_table(text: &str, said: &Instruction, note: &str) -> String {
    let mut out = text.to_owned();
    if !out.is_empty() {
        out.push_str(if out.ends_with('\n') { "\n" } else { "\n\n" });
    }
    out.push_str(&format!("[[{}]]\n", said.told.name()));
    for (key, name) in [("host", &said.host), ("card", &said.card)] {
        if let Some(name) = name {
            out.push_str(&format!("{key} = {}\n", quoted(name)));
        }
    }
    match said.told {
        Told::Pin(slot) => out.push_str(&format!("slot = {slot}\n")),
        Told::Boost(by) => out.push_str(&format!("by = {by:?}\n")),
        Told::Block | Told::PanelOff | Told::NeverRecommend => {}
    }
    out.push_str(&format!("note = {}\n", quoted(note)));
    out
}

/// `text` without its first table that has `mark`; `None` if there is none.
pub fn without_table(text: &str, mark_of_it: u64) -> Option<String> {
    let all = parts(text);
    let headers = all.iter().filter(|part| part.header.is_some());
    let table = headers
        .map(|part| lines_of(text, part.before))
        .find(|lines| mark(lines) == mark_of_it)?;
    let (before, after) = (&text[..table.start], &text[table.end..]);
    // The empty line that stood between it and what came before goes with it.
    let before = match before.strip_suffix("\n\n") {
        Some(rest) => format!("{rest}\n"),
        None => before.to_owned(),
    };
    Some(format!("{before}{after}"))
}

/// A table in a text: from its header to the last of its keys.
struct Lines<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

/// The table whose header is on `line`, from 1. Comments behind its last key belong to what follows.
fn lines_of(text: &str, line: u64) -> Lines<'_> {
    let mut at = 0;
    let (mut start, mut end) = (0, 0);
    for (number, one) in (1..).zip(text.split_inclusive('\n')) {
        let trimmed = one.trim();
        let is_header = trimmed.starts_with('[');
        if number > line && is_header {
            break;
        }
        if number == line {
            start = at;
        }
        at += one.len();
        if number >= line && !trimmed.is_empty() && !trimmed.starts_with('#') {
            end = at;
        }
    }
    Lines {
        start,
        end,
        text: &text[start..end],
    }
}

fn mark(lines: &Lines<'_>) -> u64 {
    xxh3_64(lines.text.trim_end().as_bytes())
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Period;

    const FILE: &str = "# What we show in spring.\n\n[[pin]]  # the campaign\nhost = \"/a\"\ncard = [\"/b\", \"/c\"]\n\n# Old news.\n[[block]]\ncard = '/d' # no more\nexpires = 2027-01-01";

    fn said(told: Told, host: &str, card: &str) -> Instruction {
        Instruction {
            told,
            host: Some(host.to_owned()),
            card: Some(card.to_owned()),
            period: Period::ALWAYS,
            place: (1, 1),
        }
    }

    fn file(text: &str) -> EditorsFile {
        EditorsFile {
            path: "editorial.toml".to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_table_that_is_added_and_taken_out_leaves_the_text_as_it_was() {
        for text in ["", "# A comment.\n", FILE, &format!("{FILE}\n")] {
            let with = with_table(text, &said(Told::Pin(2), "/a", "/b"), "studio");
            assert!(with.starts_with(text));
            let added = told_tables(&file(&with)).pop().expect("a table");
            let without = without_table(&with, added.mark).expect("it is there");
            assert_eq!(without.trim_end(), text.trim_end());
            assert_eq!(without_table(&without, added.mark), None);
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was_meant_whatever_names_hold() {
        for (host, card) in [
            ("/a", "/b"),
            ("/\"quoted\" \\u0041", "/[[block]] # no"),
            ("/ü/\u{2028}日本", "/'''"),
        ] {
            for told in [Told::Pin(100), Told::Block] {
                let text = with_table(FILE, &said(told, host, card), "a \"note\"\n[[pin]]");
                let tables = told_tables(&file(&text));
                assert_eq!(tables.len(), 3, "{text}");
                let [one] = &tables[2].instructions[..] else {
                    panic!("one instruction: {text}");
                };
                let names = (one.host.as_deref(), one.card.as_deref());
                assert_eq!((one.told, names), (told, (Some(host), Some(card))));
            }
        }
    }

    #[test]
    fn a_table_is_taken_out_with_its_keys_and_without_the_comments_around_it() {
        let tables = told_tables(&file(FILE));
        let lines: Vec<_> = tables
            .iter()
            .map(|table| (table.line, table.instructions.len()))
            .collect();
        assert_eq!(lines, [(3, 2), (8, 1)]);
        let without = without_table(FILE, tables[0].mark).expect("it is there");
        assert_eq!(
            without,
            "# What we show in spring.\n\n# Old news.\n[[block]]\ncard = '/d' # no more\nexpires = 2027-01-01"
        );
        let without = without_table(FILE, tables[1].mark).expect("it is there");
        assert!(without.ends_with("card = [\"/b\", \"/c\"]\n\n# Old news.\n"));
    }
}
