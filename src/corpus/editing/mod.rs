//! What editors tell panels: `editorial.toml` in a corpus root, and `related` in front matter. Nothing in it ever stops a
//! run: a slip costs the instruction that it stands in.

mod clause;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::editors_file::EditorsFile;
use super::findings::Findings;
use super::topics::{Part, parts};
use super::tree::{Notation, Tree, mend_toml};
use crate::model::{Instruction, Problem, Severity};
use crate::text::nearest;
use clause::{Clause, Verb, plain};

pub use tables::{ToldTable, told_tables, with_table, without_table};

/// Slips that are told of one file.
const MOST_SLIPS: usize = 100;
/// Instructions of one file that are read; a list of hosts and a list of cards count each pair.
const MOST_INSTRUCTIONS: usize = 10_000;

/// What one file tells panels.
#[derive(Clone, Debug, PartialEq)]
pub struct Instructed {
    /// The file as messages name it.
    pub path: String,
    /// What it says, in its order.
    pub instructions: Vec<Instruction>,
}

/// What `files` tell panels, and what is wrong with them.
pub fn instructed(files: &[EditorsFile]) -> (Vec<Instructed>, Vec<Problem>) {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        let Some(text) = file.text(&mut problems) else {
            continue;
        };
        let mut sheet = Sheet::of(&file.path);
        for part in parts(&text) {
            sheet.part(&part);
        }
        let (path, instructions) = (file.path.clone(), sheet.finish(&mut problems));
        read.push(Instructed { path, instructions });
    }
    (read, problems)
}

/// One `editorial.toml`, cut at its headers; each table is read alone, so that what is broken in one changes no other.
struct Sheet<'a> {
    path: &'a str,
    slips: Vec<Problem>,
    /// Names of tables that mean nothing, each told once.
    unknown: BTreeSet<String>,
    instructions: Vec<Instruction>,
}

impl<'a> Sheet<'a> {
    fn of(path: &'a str) -> Self {
        Self {
            path,
            slips: Vec::new(),
            unknown: BTreeSet::new(),
            instructions: Vec::new(),
        }
    }
}

impl Sheet<'_> {
    fn slip(&mut self, (line, column): (u64, u64), message: impl Into<String>) {
        let problem = Problem::new(Severity::Warning, self.path, message);
        self.slips.push(problem.at(line, column));
    }

    fn part(&mut self, part: &Part<'_>) {
        let Some(header) = part.header else {
            return self.before_the_first(part);
        };
        let indented = header.chars().take_while(|c| c.is_whitespace()).count();
        let place = (part.before, indented as u64 + 1);
        let inside = header.trim().trim_start_matches('[');
        let name = inside.split(']').next().unwrap_or_default();
        let name = name.trim().trim_matches(['"', '\'']);
        let Some(verb) = Verb::named(name) else {
            return self.unknown_table(place, name);
        };
        let (mended, slips) = mend_toml(part.body, "the file");
        for slip in slips {
            self.slip((part.before + slip.line, slip.column), slip.message);
        }
        let Some(body) = mended else {
            return self.slip(
                place,
                "found too many mistakes in this table, which is left out; correct them",
            );
        };
        let Tree::Map(entries) = Notation::Toml.parse(&body).tree else {
            return;
        };
        let place_of = |key: &str| {
            let found = Notation::Toml.place_of(&body, key, 0);
            found.map_or(place, |(line, column)| (part.before + line, column))
        };
        let mut slips = Vec::new();
        let read = Clause {
            verb,
            own: false,
            slot: 1,
            entries: &entries,
            place: &place_of,
            slips: &mut slips,
        }
        .read();
        for (place, message) in slips {
            self.slip(place, message);
        }
        if self.instructions.len() + read.len() > MOST_INSTRUCTIONS {
            return self.slip(
                place,
                format!("found more than {MOST_INSTRUCTIONS} instructions in this file; this table is left out, tell fewer"),
            );
        }
        self.instructions.extend(read);
    }

    /// Keys above the first header belong to nothing.
    fn before_the_first(&mut self, part: &Part<'_>) {
        let Tree::Map(entries) = Notation::Toml.parse(part.body).tree else {
            return;
        };
        if let Some((key, _)) = entries.first() {
            let place = Notation::Toml.place_of(part.body, key, 0);
            self.slip(
                place.unwrap_or((1, 1)),
                format!("found {key:?} before the first table; expected a line such as [[pin]] above it; it is left out"),
            );
        }
    }

    fn unknown_table(&mut self, place: (u64, u64), name: &str) {
        if self.unknown.insert(plain(name)) {
            let meant = nearest(name, Verb::NAMES).unwrap_or_default();
            let names = Verb::NAMES.map(|name| format!("[[{name}]]")).join(", ");
            self.slip(
                place,
                format!("found [[{name}]], expected one of {names}; did you mean [[{meant}]]? it is left out"),
            );
        }
    }

    fn finish(mut self, problems: &mut Vec<Problem>) -> Vec<Instruction> {
        self.slips.sort();
        let more = self.slips.len().saturating_sub(MOST_SLIPS);
        self.slips.truncate(MOST_SLIPS);
        problems.append(&mut self.slips);
        if more > 0 {
            let message =
                format!("found {more} more mistakes; correct the ones above and look again");
            problems.push(Problem::new(Severity::Warning, self.path, message));
        }
        self.instructions
    }
}

/// What the value of `related` in front matter says of the article it stands in, whose name is not known yet: host or card
/// are left open for it. `None` if it is something else of the generator's.
pub(super) fn of_front_matter(
    key: &str,
    value: &Tree,
    findings: &mut Findings<'_>,
) -> Option<Vec<Instruction>> {
    let off = [("panel".to_owned(), value.clone())];
    let entries = match value {
        Tree::Map(entries) => entries.as_slice(),
        // Some themes know `related: false` for a page without related posts.
        _ if value.truth().is_some() => &off,
        _ => return None,
    };
    let place = findings.place_of(key);
    let (mut read, mut slips) = (Vec::new(), Vec::new());
    for (name, value) in entries {
        let verb = match plain(name).as_str() {
            "panel" if value.truth() == Some(true) => continue,
            "panel" => Some(Verb::PanelOff),
            _ => Verb::named(name),
        };
        let Some(verb) = verb else {
            let known = ["pin", "block", "boost", "panel", "never_recommend"];
            let meant = nearest(name, known).unwrap_or_default();
            slips.push((
                place,
                format!(
                    "found {name:?}, expected {}; did you mean {meant:?}? it is left out",
                    known.join(", ")
                ),
            ));
            continue;
        };
        let single = std::slice::from_ref(value);
        let items = match value {
            Tree::List(items) => items.as_slice(),
            _ => single,
        };
        for (slot, item) in (1..).zip(items) {
            let Some(entries) = spelled_out(verb, item) else {
                slips.push((
                    place,
                    format!("{name}: expected {}; it is left out", verb.expects()),
                ));
                continue;
            };
            let clause = Clause {
                verb,
                own: true,
                slot,
                entries: &entries,
                place: &|_| place,
                slips: &mut slips,
            };
            read.extend(clause.read());
        }
    }
    for ((line, column), message) in slips {
        findings.warn_at(line, column, format!("{key}: {message}"));
    }
    read.truncate(MOST_INSTRUCTIONS);
    Some(read)
}

/// An item of front matter as the keys of a table; none if it is told not to be.
fn spelled_out(verb: Verb, item: &Tree) -> Option<Vec<(String, Tree)>> {
    let one = |key: &str| vec![(key.to_owned(), item.clone())];
    match (verb, item) {
        (_, Tree::Map(entries)) => Some(entries.clone()),
        (Verb::Pin | Verb::Block, Tree::Text(_)) => Some(one("card")),
        (Verb::Boost, Tree::Text(_)) => Some(one("by")),
        (Verb::PanelOff, _) if item.truth().is_some() => Some(Vec::new()),
        (Verb::NeverRecommend, _) if item.truth() == Some(true) => Some(Vec::new()),
        _ => None,
    }
}
