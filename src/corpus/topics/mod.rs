//! `topics.toml` in a corpus root: what editors state of topics. Nothing in it ever stops a run.
//!
//! All files are read first and then brought together, so that an alias of one root is understood in another.

mod sheet;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::editors_file::{EditorsFile, TOPICS};
use crate::model::{Problem, RelationKind, Severity, order};
use crate::text::name_key;
use sheet::{MOST_SLIPS, Says, Statement};
pub(super) use sheet::{Part, parts};

/// Topics that editors may name; a walk among more would cost more than all else.
const MOST_TOPICS: usize = 5000;

/// What editors state of topics; topics by their places in the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Editorial {
    /// Every topic that a file names, in byte order of the keys of their names.
    pub topics: Vec<EditorialTopic>,
    /// How they relate; of a mutual kind once.
    pub relations: Vec<EditorialRelation>,
    /// Pairs of which nothing mined counts, the smaller first.
    pub overruled: BTreeSet<(usize, usize)>,
}

/// A topic that an editor names.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorialTopic {
    /// As it is written where it is first named.
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
}

/// A relation that an editor states.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorialRelation {
    /// The topic it is said of.
    pub from: usize,
    /// The topic it leads to.
    pub to: usize,
    /// What it says.
    pub kind: RelationKind,
    /// Where the editor has it from.
    pub source: Option<String>,
}

impl Editorial {
    /// What `files` state, each adding to the ones before, and what is wrong with them.
    pub fn read(files: &[EditorsFile]) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut sheets = Vec::new();
        for file in files {
            let Some(text) = file.text(&mut problems) else {
                continue;
            };
            let said = sheet::read(&file.path, &text, &mut problems);
            sheets.push((file.path.as_str(), said));
        }
        let mut linker = Linker {
            problems,
            ..Linker::default()
        };
        linker.link(&sheets);
        linker.finish()
    }
}

/// Brings the statements of all files together.
#[derive(Default)]
struct Linker {
    topics: Vec<EditorialTopic>,
    /// Topics by the keys of their names.
    names: BTreeMap<String, usize>,
    /// Topics by the keys of their aliases.
    aliases: BTreeMap<String, usize>,
    relations: BTreeMap<(usize, usize, RelationKind), Option<String>>,
    overruled: BTreeSet<(usize, usize)>,
    problems: Vec<Problem>,
    /// Slips so far, told or not.
    slips: usize,
    /// Whether it was told that there are too many topics.
    full: bool,
}

impl Linker {
    fn link(&mut self, sheets: &[(&str, Vec<Statement>)]) {
        let each = || {
            sheets
                .iter()
                .flat_map(|(path, said)| said.iter().map(move |statement| (*path, statement)))
        };
        for (path, statement) in each() {
            if let Says::Topic(name) = &statement.says {
                self.named(path, statement, name);
            }
        }
        for (path, statement) in each() {
            if let Says::Alias { of, alias } = &statement.says {
                self.alias(path, statement, of, alias);
            }
        }
        for (path, statement) in each() {
            match &statement.says {
                Says::Relation {
                    of,
                    kind,
                    to,
                    source,
                } => {
                    if let Some((from, to)) = self.two(path, statement, of, to) {
                        self.relate(from, to, *kind, source.clone());
                    }
                }
                Says::Overruled { of, to } => {
                    if let Some((a, b)) = self.two(path, statement, of, to) {
                        self.overruled.insert((a.min(b), a.max(b)));
                    }
                }
                Says::Topic(_) | Says::Alias { .. } => {}
            }
        }
    }

    fn slip(&mut self, path: &str, at: &Statement, message: String) {
        self.slips += 1;
        if self.slips <= MOST_SLIPS {
            let problem = Problem::new(Severity::Warning, path, message);
            self.problems.push(problem.at(at.line, at.column));
        }
    }

    /// The topic called `name`, which is a new one if nothing is called so yet; none where there are too many.
    fn named(&mut self, path: &str, at: &Statement, name: &str) -> Option<usize> {
        let key = name_key(name);
        if let Some(&topic) = self.names.get(&key).or_else(|| self.aliases.get(&key)) {
            return Some(topic);
        }
        if self.topics.len() == MOST_TOPICS {
            if !self.full {
                self.full = true;
                let message = format!(
                    "found more than {MOST_TOPICS} topics; {name:?} and all that follow are left out, name fewer"
                );
                self.slip(path, at, message);
            }
            return None;
        }
        self.topics.push(EditorialTopic {
            name: name.to_owned(),
            aliases: Vec::new(),
        });
        self.names.insert(key, self.topics.len() - 1);
        Some(self.topics.len() - 1)
    }

    fn alias(&mut self, path: &str, at: &Statement, of: &str, alias: &str) {
        let Some(topic) = self.named(path, at, of) else {
            return;
        };
        let key = name_key(alias);
        let claimed = self.names.get(&key).or_else(|| self.aliases.get(&key));
        match claimed {
            Some(&other) if other != topic => {
                let other = self.topics[other].name.clone();
                self.slip(
                    path,
                    at,
                    format!("found the alias {alias:?} of {of:?}, which already names {other:?}; one name leads to one topic: remove it from one of them, until then it is {other:?}"),
                );
            }
            Some(_) => {}
            None => {
                self.aliases.insert(key, topic);
                self.topics[topic].aliases.push(alias.to_owned());
            }
        }
    }

    /// Both topics of a statement, if they are two.
    fn two(&mut self, path: &str, at: &Statement, of: &str, to: &str) -> Option<(usize, usize)> {
        let (from, to) = (self.named(path, at, of)?, self.named(path, at, to)?);
        if from != to {
            return Some((from, to));
        }
        self.slip(
            path,
            at,
            format!("found {of:?} related to itself; expected another topic, remove it"),
        );
        None
    }

    fn relate(&mut self, from: usize, to: usize, kind: RelationKind, source: Option<String>) {
        let (from, to) = if kind.is_mutual() {
            (from.min(to), from.max(to))
        } else {
            (from, to)
        };
        let known = self.relations.entry((from, to, kind)).or_default();
        if known.is_none() {
            *known = source;
        }
    }

    fn finish(mut self) -> (Editorial, Vec<Problem>) {
        if self.slips > MOST_SLIPS {
            let more = self.slips - MOST_SLIPS;
            let message =
                format!("found {more} more mistakes; correct the ones above and look again");
            self.problems
                .push(Problem::new(Severity::Warning, TOPICS, message));
        }
        // Places in the byte order of the keys, so that the order of the files never shows.
        let mut places = vec![0; self.topics.len()];
        for (place, &topic) in self.names.values().enumerate() {
            places[topic] = place;
        }
        let mut topics: Vec<(usize, EditorialTopic)> =
            places.iter().copied().zip(self.topics).collect();
        order::sort_by_key(&mut topics, |&(place, _)| place);
        let ordered = |kind: RelationKind, a: usize, b: usize| {
            if kind.is_mutual() {
                (a.min(b), a.max(b))
            } else {
                (a, b)
            }
        };
        let mut relations: Vec<EditorialRelation> = self
            .relations
            .into_iter()
            .map(|((from, to, kind), source)| {
                let (from, to) = ordered(kind, places[from], places[to]);
                EditorialRelation {
                    from,
                    to,
                    kind,
                    source,
                }
            })
            .collect();
        order::sort_by_key(&mut relations, |relation| {
            (relation.from, relation.to, relation.kind)
        });
        let overruled = self.overruled.into_iter().map(|(a, b)| {
            let (a, b) = (places[a], places[b]);
            (a.min(b), a.max(b))
        });
        let editorial = Editorial {
            overruled: overruled.collect(),
            topics: topics.into_iter().map(|(_, topic)| topic).collect(),
            relations,
        };
        (editorial, self.problems)
    }
}
