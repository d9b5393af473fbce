//! One document of YAML as a tree of texts. Scalars stay as they are spelled, aliases are replaced by what they stand for, and
//! `<<` gives a map what it has not. How much a text may hold is limited, so that an alias bomb is an error.

use std::collections::HashMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError};

use crate::corpus::tree::Tree;

/// Values that front matter may hold, aliases expanded; an alias bomb holds more.
pub(super) const MOST_NODES: usize = 10_000;
/// The key of a map under which maps stand that give it what it has not.
const MERGE: &str = "<<";

/// Why a text was not read, and where.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: u64,
    /// From 1.
    pub(super) column: u64,
    /// What there is more of than front matter ever needs, if that is why.
    pub(super) too_much: Option<TooMuch>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TooMuch {
    Depth,
    Values,
}

impl Fault {
    fn at(place: &Marker, why: Wrong) -> Self {
        Self {
            line: place.line().max(1) as u64,
            column: place.col() as u64 + 1,
            too_much: match why {
                Wrong::Shape => None,
                Wrong::TooMuch(what) => Some(what),
            },
        }
    }
}

impl From<ScanError> for Fault {
    fn from(error: ScanError) -> Self {
        let why = match error.kind() {
            ErrorKind::RecursionLimitExceeded => Wrong::TooMuch(TooMuch::Depth),
            _ => Wrong::Shape,
        };
        Self::at(error.marker(), why)
    }
}

/// Reads YAML text of one document.
pub(super) fn from_yaml(text: &str) -> Result<Tree, Fault> {
    let mut growing = Growing::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        let taken = growing.take(event);
        taken.map_err(|why| Fault::at(&span.start, why))?;
    }
    Ok(growing.whole.unwrap_or_default())
}

/// Why the next part of a text is none of a tree.
#[derive(Clone, Copy)]
enum Wrong {
    /// It is nothing that front matter holds.
    Shape,
    TooMuch(TooMuch),
}

/// A tree, as far as it was read.
#[derive(Default)]
struct Growing {
    whole: Option<Tree>,
    open: Vec<Open>,
    /// Values so far, those of aliases included.
    values: usize,
    /// What aliases may stand for, by the number of its anchor, and how many values that is.
    anchored: HashMap<usize, (Tree, usize)>,
}

/// A list or a map that was not read to its end.
struct Open {
    branch: Branch,
    anchor: usize,
    /// Values before it.
    before: usize,
}

enum Branch {
    List(Vec<Tree>),
    Map(Map),
}

#[derive(Default)]
struct Map {
    entries: Vec<(String, Tree)>,
    /// What the map gets where it has not.
    merged: Vec<(String, Tree)>,
    /// The key whose value comes next.
    key: Option<String>,
}

impl Growing {
    fn take(&mut self, event: Event<'_>) -> Result<(), Wrong> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                let is_nothing = matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let tree = match is_plain && is_nothing && !self.wants_key() {
                    true => Tree::Nothing,
                    false => Tree::Text(text.into_owned()),
                };
                self.put(tree, 1, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Branch::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => self.open(Branch::Map(Map::default()), anchor),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.repeat(anchor),
            _ => Ok(()),
        }
    }

    fn wants_key(&self) -> bool {
        let branch = self.open.last().map(|open| &open.branch);
        matches!(branch, Some(Branch::Map(map)) if map.key.is_none())
    }

    fn open(&mut self, branch: Branch, anchor: usize) -> Result<(), Wrong> {
        let before = self.values;
        self.open.push(Open {
            branch,
            anchor,
            before,
        });
        self.count(1)
    }

    fn close(&mut self) -> Result<(), Wrong> {
        let closed = self.open.pop().ok_or(Wrong::Shape)?;
        let tree = match closed.branch {
            Branch::List(items) => Tree::List(items),
            Branch::Map(map) => Tree::Map(map.whole()),
        };
        let values = self.values - closed.before;
        self.values = closed.before;
        self.put(tree, values, closed.anchor)
    }

    /// Puts in what stands at `anchor`. It is counted before it is copied: that is what a bomb is about.
    fn repeat(&mut self, anchor: usize) -> Result<(), Wrong> {
        let &(ref tree, values) = self.anchored.get(&anchor).ok_or(Wrong::Shape)?;
        if self.values + values > MOST_NODES {
            return Err(Wrong::TooMuch(TooMuch::Values));
        }
        let tree = tree.clone();
        self.put(tree, values, 0)
    }

    /// Puts a tree of so many values to where it belongs.
    fn put(&mut self, tree: Tree, values: usize, anchor: usize) -> Result<(), Wrong> {
        self.count(values)?;
        if anchor > 0 {
            self.anchored.insert(anchor, (tree.clone(), values));
        }
        match self.open.last_mut().map(|open| &mut open.branch) {
            None => match self.whole.replace(tree) {
                None => Ok(()),
                Some(_) => Err(Wrong::Shape),
            },
            Some(Branch::List(items)) => {
                items.push(tree);
                Ok(())
            }
            Some(Branch::Map(map)) => map.put(tree),
        }
    }

    fn count(&mut self, values: usize) -> Result<(), Wrong> {
        self.values += values;
        match self.values > MOST_NODES {
            true => Err(Wrong::TooMuch(TooMuch::Values)),
            false => Ok(()),
        }
    }
}

impl Map {
    /// Puts in the next key or the next value.
    fn put(&mut self, tree: Tree) -> Result<(), Wrong> {
        match (self.key.take(), tree) {
            (Some(key), value) if key == MERGE => {
                let given = entries_of(value).ok_or(Wrong::Shape)?;
                self.merged.extend(given);
            }
            (Some(key), value) => self.entries.push((key, value)),
            (None, Tree::Text(key)) => self.key = Some(key),
            (None, _) => return Err(Wrong::Shape),
        }
        Ok(())
    }

    fn whole(self) -> Vec<(String, Tree)> {
        let mut entries = self.entries;
        for (key, value) in self.merged {
            if entries.iter().all(|(known, _)| *known != key) {
                entries.push((key, value));
            }
        }
        entries
    }
}

/// The entries of a map, or of a list of maps.
fn entries_of(tree: Tree) -> Option<Vec<(String, Tree)>> {
    match tree {
        Tree::Map(entries) => Some(entries),
        Tree::List(maps) => {
            let maps: Option<Vec<_>> = maps.into_iter().map(entries_of).collect();
            maps.map(|maps| maps.concat())
        }
        _ => None,
    }
}
