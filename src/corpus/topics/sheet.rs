//! One `topics.toml` as statements with their places. A slip costs what it stands in: a line, an entry of a list, or a table.
//!
//! The text is cut at its table headers and every table is read alone, so that what is broken in one topic never
//! changes what another says.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::corpus::place::Places;
use crate::corpus::tree::mend_toml;
use crate::model::{Problem, RelationKind, Severity, order};
use crate::text::{name_key, nearest};

/// Longest name of a topic, and longest source, in characters.
const LONGEST_NAME: usize = 200;
const LONGEST_SOURCE: usize = 2000;
/// Slips that are told of one file.
pub(super) const MOST_SLIPS: usize = 100;

const ALIASES: &str = "aliases";
const NONE: &str = "none";

/// What a file says, in the order of the file.
#[derive(Debug, PartialEq)]
pub(super) struct Statement {
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) says: Says,
}

#[derive(Debug, PartialEq)]
pub(super) enum Says {
    /// There is this topic.
    Topic(String),
    /// The topic is also called so.
    Alias { of: String, alias: String },
    /// The topic relates to another.
    Relation {
        of: String,
        kind: RelationKind,
        to: String,
        source: Option<String>,
    },
    /// Whatever articles seem to say, the two do not relate.
    Overruled { of: String, to: String },
}

/// Reads the text of the file that messages call `path`.
pub(super) fn read(path: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Statement> {
    let mut sheet = Sheet {
        path,
        slips: Vec::new(),
        found: 0,
        unknown: BTreeSet::new(),
        said: Vec::new(),
    };
    for part in parts(text) {
        sheet.part(&part);
    }
    order::sort_by_key(&mut sheet.said, |said| (said.line, said.column));
    sheet.slips.sort();
    let more = sheet.found - sheet.slips.len();
    problems.append(&mut sheet.slips);
    if more > 0 {
        let message =
            format!("found {more} more mistakes; correct the ones above and run it again");
        problems.push(Problem::new(Severity::Warning, path, message));
    }
    sheet.said
}

/// A table: its header, if it has one, and the lines below it.
pub(in crate::corpus) struct Part<'a> {
    pub(in crate::corpus) header: Option<&'a str>,
    pub(in crate::corpus) body: &'a str,
    /// Lines before the body.
    pub(in crate::corpus) before: u64,
}

/// The tables of `text`, each to be read alone.
pub(in crate::corpus) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut header, mut start, mut before) = (None, 0, 0);
    let (mut at, mut number) = (0, 0);
    for line in text.split_inclusive('\n') {
        number += 1;
        if line.trim_start().starts_with('[') {
            parts.push(Part {
                header,
                body: &text[start..at],
                before,
            });
            header = Some(line.trim_end_matches('\n'));
            start = at + line.len();
            before = number;
        }
        at += line.len();
    }
    parts.push(Part {
        header,
        body: &text[start..],
        before,
    });
    parts
}

struct Sheet<'a> {
    path: &'a str,
    slips: Vec<Problem>,
    /// How many there are, told or not.
    found: usize,
    /// Keys that mean nothing, each told once.
    unknown: BTreeSet<String>,
    said: Vec<Statement>,
}

/// Where the values of a part stand.
struct Text<'a> {
    text: &'a str,
    places: Places,
    /// Lines before it.
    before: u64,
}

impl Text<'_> {
    fn place(&self, span: &Range<usize>) -> (u64, u64) {
        let (line, column) = self.places.of(self.text, span.start);
        (self.before + line, column)
    }
}

impl Sheet<'_> {
    fn slip(&mut self, (line, column): (u64, u64), message: impl Into<String>) {
        self.found += 1;
        if self.slips.len() < MOST_SLIPS {
            let problem = Problem::new(Severity::Warning, self.path, message);
            self.slips.push(problem.at(line, column));
        }
    }

    fn say(&mut self, (line, column): (u64, u64), says: Says) {
        self.said.push(Statement { line, column, says });
    }

    fn part(&mut self, part: &Part<'_>) {
        let of = match part.header {
            Some(header) => match self.header(header, part.before) {
                Some(name) => Some(name),
                None => return,
            },
            None => None,
        };
        let (mended, slips) = mend_toml(part.body, "the file");
        for slip in slips {
            self.slip((part.before + slip.line, slip.column), slip.message);
        }
        let Some(body) = mended else {
            let left_out = of.map_or_else(
                || "what stands here".to_owned(),
                |of| format!("what the file says of {of:?}"),
            );
            let message = format!("found too many mistakes; {left_out} is left out, correct them");
            return self.slip((part.before + 1, 1), message);
        };
        let (table, _) = DeTable::parse_recoverable(&body);
        let text = Text {
            text: &body,
            places: Places::in_text(&body),
            before: part.before,
        };
        match of {
            Some(of) => self.topic(&of, table.get_ref(), &text),
            None => self.top(table.get_ref(), &text),
        }
    }

    /// The name in a table header, which is often written as it would be in a sentence.
    fn header(&mut self, line: &str, number: u64) -> Option<String> {
        let column = line.chars().take_while(|c| c.is_whitespace()).count() as u64 + 1;
        let place = (number, column);
        let parsed = DeTable::parse(line).ok();
        let name = parsed.as_ref().and_then(|table| path_of(table.get_ref()));
        let (name, exact) = match name {
            Some(parts) if parts.len() == 1 && !line.trim_start().starts_with("[[") => {
                (parts.concat(), true)
            }
            Some(parts) => (parts.join("."), false),
            None => {
                let inside = line.trim().trim_start_matches('[');
                // Without a bracket that closes it, the line may have a comment.
                let end = inside.find(']').or_else(|| inside.find(" #"));
                let inside = &inside[..end.unwrap_or(inside.len())];
                (inside.trim().trim_matches(['"', '\'']).to_owned(), false)
            }
        };
        let name = self.name(place, &name)?;
        if !exact {
            let (found, mend) = (shown(line.trim()), mend(line.trim()));
            self.slip(
                place,
                format!("found {found}, expected [{name:?}]; it is read that way, {mend}"),
            );
        }
        self.say(place, Says::Topic(name.clone()));
        Some(name)
    }

    /// What stands before the first header: topics as inline tables, or keys whose topic is missing.
    fn top(&mut self, table: &DeTable<'_>, text: &Text<'_>) {
        for (key, value) in table {
            let place = text.place(&key.span());
            let name = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(inner) => {
                    if let Some(name) = self.name(place, name) {
                        self.say(place, Says::Topic(name.clone()));
                        self.topic(&name, inner, text);
                    }
                }
                _ => self.slip(
                    place,
                    format!("found {name:?} before the first topic; expected a line such as [\"Node.js\"] above it; it is left out"),
                ),
            }
        }
    }

    fn topic(&mut self, of: &str, table: &DeTable<'_>, text: &Text<'_>) {
        for (key, value) in table {
            let written = key.get_ref().as_ref();
            let place = text.place(&key.span());
            let plain = written.to_lowercase().replace(['_', ' '], "-");
            let kind = RelationKind::STATED
                .into_iter()
                .find(|kind| kind.name() == plain);
            match (kind, plain.as_str()) {
                (Some(kind), _) => {
                    for (place, to, source) in self.targets(written, value, text) {
                        let of = of.to_owned();
                        self.say(
                            place,
                            Says::Relation {
                                of,
                                kind,
                                to,
                                source,
                            },
                        );
                    }
                }
                (None, NONE) => {
                    for (place, to, _) in self.targets(written, value, text) {
                        let of = of.to_owned();
                        self.say(place, Says::Overruled { of, to });
                    }
                }
                (None, ALIASES | "alias") => {
                    for (place, alias, _) in self.targets(written, value, text) {
                        let of = of.to_owned();
                        self.say(place, Says::Alias { of, alias });
                    }
                }
                (None, _) => self.unknown(place, written),
            }
        }
    }

    fn unknown(&mut self, place: (u64, u64), key: &str) {
        if !self.unknown.insert(key.to_owned()) {
            return;
        }
        let known: Vec<&str> = RelationKind::STATED
            .iter()
            .map(|kind| kind.name())
            .collect();
        let keys = || known.iter().copied().chain([ALIASES, NONE]);
        let meant = nearest(key, keys()).unwrap_or_default();
        self.slip(
            place,
            format!(
                "found {:?}, expected aliases, none or a relation ({}); did you mean {meant:?}? it is left out",
                shown(key),
                known.join(", ")
            ),
        );
    }

    /// The names in `value`: a name, `{ topic, source }`, or a list of these.
    fn targets(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        text: &Text<'_>,
    ) -> Vec<((u64, u64), String, Option<String>)> {
        match value.get_ref() {
            DeValue::Array(items) => {
                let targets = items.iter().filter_map(|item| self.target(key, item, text));
                targets.collect()
            }
            _ => self.target(key, value, text).into_iter().collect(),
        }
    }

    fn target(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        text: &Text<'_>,
    ) -> Option<((u64, u64), String, Option<String>)> {
        let place = text.place(&value.span());
        match value.get_ref() {
            DeValue::String(name) => {
                let name = self.name(place, name)?;
                Some((place, name, None))
            }
            DeValue::Table(table) if key != ALIASES => self.described(key, place, table, text),
            _ => {
                let found = text.text.get(value.span()).unwrap_or_default();
                self.slip(
                    place,
                    format!(
                        "{key}: found {}, expected a name in quotes; it is left out",
                        shown(found)
                    ),
                );
                None
            }
        }
    }

    /// A target as `{ topic = "...", source = "..." }`.
    fn described(
        &mut self,
        key: &str,
        place: (u64, u64),
        table: &DeTable<'_>,
        text: &Text<'_>,
    ) -> Option<((u64, u64), String, Option<String>)> {
        let (mut name, mut source) = (None, None);
        for (inner, value) in table {
            let there = text.place(&inner.span());
            match (inner.get_ref().as_ref(), value.get_ref()) {
                ("topic", DeValue::String(written)) => name = Some(written.to_string()),
                ("source", DeValue::String(written)) => {
                    source = self.source(there, written);
                }
                (known @ ("topic" | "source"), _) => self.slip(
                    there,
                    format!("{key}: expected the {known} in quotes; it is left out"),
                ),
                (other, _) => {
                    if self.unknown.insert(format!("{{{other}}}")) {
                        self.slip(
                            there,
                            format!(
                                "{key}: found {:?}, expected topic and source; it is left out",
                                shown(other)
                            ),
                        );
                    }
                }
            }
        }
        let Some(name) = name else {
            self.slip(
                place,
                format!("{key}: found no topic, expected {{ topic = \"...\", source = \"...\" }}; it is left out"),
            );
            return None;
        };
        Some((place, self.name(place, &name)?, source))
    }

    fn source(&mut self, place: (u64, u64), written: &str) -> Option<String> {
        let fits = written.chars().count() <= LONGEST_SOURCE
            && !written.chars().any(char::is_control)
            && !written.trim().is_empty();
        if !fits {
            self.slip(
                place,
                format!(
                    "source: expected one line of 1 to {LONGEST_SOURCE} characters; it is left out"
                ),
            );
        }
        fits.then(|| written.trim().to_owned())
    }

    /// `name` without the blanks around it, if it can name a topic.
    fn name(&mut self, place: (u64, u64), name: &str) -> Option<String> {
        let what = if name_key(name).is_empty() {
            "which has neither letter nor digit"
        } else if name.chars().any(char::is_control) {
            "which has a control character in it"
        } else if name.chars().count() > LONGEST_NAME {
            "which is longer than 200 characters"
        } else {
            return Some(name.trim().to_owned());
        };
        let found = shown(name);
        self.slip(
            place,
            format!("found {found:?}, {what}; expected the name of a topic; it is left out"),
        );
        None
    }
}

/// The names that lead to the one empty table of a header line.
fn path_of(table: &DeTable<'_>) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut at = table;
    loop {
        let Some((key, value)) = at.iter().next() else {
            return (!parts.is_empty()).then_some(parts);
        };
        parts.push(key.get_ref().to_string());
        at = match value.get_ref() {
            DeValue::Table(inner) => inner,
            DeValue::Array(items) => match items.first().map(Spanned::get_ref) {
                Some(DeValue::Table(inner)) => inner,
                _ => return None,
            },
            _ => return None,
        };
    }
}

/// What to do about a table header that is not written as it should be.
fn mend(header: &str) -> &'static str {
    if !header.contains(']') {
        "add the closing bracket, which is missing"
    } else if header.starts_with("[[") {
        "write it in single brackets, with the quotes"
    } else {
        "write it with the quotes"
    }
}

/// `text` as it is quoted in a message.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
