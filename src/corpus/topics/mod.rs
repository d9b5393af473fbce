//! `topics.toml` in a corpus root: what editors state of topics. Nothing in it ever stops a run.
//!
//! All files are read first and then brought together, so that an alias of one root is understood in another.

mod sheet;

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::Xxh3;

use super::decode::decode;
use super::files::Root;
use super::pieces::{LARGEST_PIECE, read_capped, too_large, unreadable};
use crate::model::{Problem, RelationKind, Severity};
use crate::text::name_key;
use sheet::{MOST_SLIPS, Says, Statement};

/// The name of the file, at the top of a root.
pub(super) const TOPICS_FILE: &str = "topics.toml";

/// Topics that editors may name; a walk among more would cost more than all else.
const MOST_TOPICS: usize = 5000;

/// A `topics.toml` as it was found.
#[derive(Clone, Debug)]
pub struct TopicsFile {
    /// As it is named in messages.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

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

impl TopicsFile {
    /// The file of `root`, if it has one, or why it cannot be used.
    pub fn of(root: &Root) -> Option<Result<Self, Problem>> {
        let file = match root.topics_file()? {
            Ok(file) => file,
            Err(problem) => return Some(Err(problem)),
        };
        let path = file.display().to_string();
        let bytes = match read_capped(&file) {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(unreadable(&path, &error))),
        };
        if bytes.len() as u64 > LARGEST_PIECE {
            let size = file.metadata().map_or(0, |meta| meta.len());
            return Some(Err(too_large(&path, size.max(LARGEST_PIECE + 1))));
        }
        Some(Ok(Self { path, bytes }))
    }

    /// A digest of what all `files` hold.
    pub fn digest(files: &[Self]) -> u64 {
        let mut hasher = Xxh3::new();
        for file in files {
            hasher.update(&(file.bytes.len() as u64).to_le_bytes());
            hasher.update(&file.bytes);
        }
        hasher.digest()
    }
}

impl Editorial {
    /// What `files` state, each adding to the ones before, and what is wrong with them.
    pub fn read(files: &[TopicsFile]) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut sheets = Vec::new();
        for file in files {
            let decoded = match decode(&file.bytes) {
                Ok(decoded) => decoded,
                Err(message) => {
                    let message = format!("dropped: {message}");
                    problems.push(Problem::new(Severity::Error, &file.path, message).at(1, 1));
                    continue;
                }
            };
            for (line, column, message) in decoded.warnings {
                let problem = Problem::new(Severity::Warning, &file.path, message);
                problems.push(problem.at(line, column));
            }
            let said = sheet::read(&file.path, &decoded.text, &mut problems);
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
            let message = format!("found {more} more slips; correct the ones above and look again");
            self.problems
                .push(Problem::new(Severity::Warning, TOPICS_FILE, message));
        }
        // Places in the byte order of the keys, so that the order of the files never shows.
        let mut places = vec![0; self.topics.len()];
        for (place, &topic) in self.names.values().enumerate() {
            places[topic] = place;
        }
        let mut topics: Vec<(usize, EditorialTopic)> =
            places.iter().copied().zip(self.topics).collect();
        topics.sort_by_key(|&(place, _)| place);
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
        relations.sort_by_key(|relation| (relation.from, relation.to, relation.kind));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> (Editorial, Vec<String>) {
        let files: Vec<TopicsFile> = texts
            .iter()
            .map(|text| TopicsFile {
                path: "topics.toml".to_owned(),
                bytes: text.as_bytes().to_vec(),
            })
            .collect();
        let (editorial, problems) = Editorial::read(&files);
        let problems = problems.iter().map(ToString::to_string);
        (editorial, problems.collect())
    }

    fn told(editorial: &Editorial) -> Vec<String> {
        let name = |topic: usize| editorial.topics[topic].name.as_str();
        let relations = editorial.relations.iter().map(|relation| {
            let source = relation.source.as_deref().unwrap_or("-");
            format!(
                "{} {} {} {source}",
                name(relation.from),
                relation.kind.name(),
                name(relation.to)
            )
        });
        let overruled = editorial.overruled.iter();
        relations
            .chain(overruled.map(|&(a, b)| format!("{} none {}", name(a), name(b))))
            .collect()
    }

    #[test]
    fn every_form_of_a_statement_is_understood() {
        let (editorial, problems) = read(&["
[pandas]
aliases = [\"Python Data Analysis Library\", \"pandas.py\"]
integrates-with = [\"Dask\", { topic = \"Jupyter\", source = \"https://example.org/a\" }]
built_with = \"Python\"
none = [\"DuckDB\"]

[Jupyter] # notebooks
aliases = [\"Jupyter Notebook\"]
part-of = { topic = \"Project Jupyter\" }

[DuckDB]
alternative-to = [\"PANDAS\"]
"]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            told(&editorial),
            [
                "Dask integrates-with pandas -",
                "DuckDB alternative-to pandas -",
                "Jupyter integrates-with pandas https://example.org/a",
                "Jupyter part-of Project Jupyter -",
                "pandas built-with Python -",
                "DuckDB none pandas",
            ]
        );
        let pandas = editorial.topics.iter().find(|topic| topic.name == "pandas");
        assert_eq!(
            pandas.expect("named").aliases,
            ["Python Data Analysis Library", "pandas.py"]
        );
    }

    #[test]
    fn a_slip_has_its_place_and_costs_itself_alone() {
        let (editorial, problems) = read(&["\
loose = \"x\"
[Node.js]
integrate-with = [\"Redis\"]
alternative-to = [\"Deno\", 3, \"?\"]
[Visual Studio Code]
integrate-with = [\"Git\"]
part-of = [{ source = \"x\" }, { topic = \"Microsoft\", since = 2015 }]
[Deno]
aliases = [\"node\", \"Deno runtime\", \"Node.js\"]
successor = [\"deno runtime\"]
built-with = Rust
prerequisite = [\"JavaScript\"]
[Bun]
aliases = [\"Deno-Runtime\"]
[\"--\"]
built-with = [\"x\"]
"]);
        let expected = [
            ("1:1", "before the first topic"),
            ("2:1", "expected [\"Node.js\"]"),
            ("3:1", "did you mean \"integrates-with\"?"),
            ("4:27", "found 3, expected a name in quotes"),
            ("4:30", "neither letter nor digit"),
            ("5:1", "expected [\"Visual Studio Code\"]"),
            ("7:12", "found no topic"),
            ("7:53", "found \"since\", expected topic and source"),
            ("11:14", "a text must be in quotes"),
            ("15:1", "neither letter nor digit"),
            ("9:36", "already names \"Node.js\""),
            ("14:12", "already names \"Deno\""),
            ("10:14", "related to itself"),
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
        for (found, (place, words)) in problems.iter().zip(expected) {
            assert!(
                found.starts_with(&format!("topics.toml:{place}: warning: "))
                    && found.contains(words),
                "{found} / {place} {words}"
            );
        }
        assert_eq!(
            told(&editorial),
            [
                "Deno prerequisite JavaScript -",
                "Deno alternative-to Node.js -",
                "Visual Studio Code part-of Microsoft -",
            ]
        );
    }

    #[test]
    fn what_is_broken_in_one_topic_leaves_the_others_alone() {
        let (editorial, problems) = read(&[
            "[a]\nbuilt-with = [\"x\",\npart-of = \"y\"\n[[b]]\nbuilt-with = [\"z\"]\n[a]\npart-of = [\"c\"]\n",
        ]);
        assert!(!problems.is_empty());
        let told = told(&editorial);
        assert!(
            told.contains(&"b built-with z -".to_owned())
                && told.contains(&"a part-of c -".to_owned()),
            "{told:?} {problems:#?}"
        );
    }

    #[test]
    fn a_later_file_adds() {
        let (editorial, problems) = read(&[
            "[a]\npart-of = [\"short b\"]\naliases = [\"x\"]\n",
            "[b]\naliases = [\"short-b\"]\n[A]\naliases = [\"y\"]\npart-of = [{ topic = \"b\", source = \"s\" }]\n",
        ]);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(told(&editorial), ["a part-of b s"]);
        assert_eq!(editorial.topics[0].aliases, ["x", "y"]);
    }

    #[test]
    fn a_file_of_any_size_and_shape_is_read_in_bounded_time_and_told_in_bounded_length() {
        let names = |count: usize| -> String { (0..count).map(|n| format!("'n{n}', ")).collect() };
        let inline: String = (0..100_000).map(|n| format!("k{n} = 1, ")).collect();
        let texts = [
            format!("[a]\nbuilt-with = [{}]", names(100_000)),
            format!("[a]\nbuilt-with = {{{inline}topic = 'b'}}"),
            "[a]\nbuilt-with = 'a'\n".repeat(20_000),
            "[a]\nx = 'a'\n= \n".repeat(5_000),
            format!("[{}]", "a.".repeat(100_000)),
            "[".repeat(100_000),
        ];
        let started = std::time::Instant::now();
        for text in &texts {
            let (editorial, problems) = read(&[text]);
            assert!(editorial.topics.len() <= MOST_TOPICS);
            assert!(
                (1..=2 * MOST_SLIPS + 2).contains(&problems.len()),
                "{}",
                problems.len()
            );
        }
        assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    }

    #[test]
    fn a_file_that_is_no_text_is_dropped_and_nothing_else() {
        let files = [
            TopicsFile {
                path: "bad".to_owned(),
                bytes: vec![0xff, 0x00, 0x81, 0x00, 0x00, 0x01],
            },
            TopicsFile {
                path: "good".to_owned(),
                bytes: b"[a]\npart-of = 'b'".to_vec(),
            },
        ];
        let (editorial, problems) = Editorial::read(&files);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].severity, Severity::Error);
        assert_eq!(told(&editorial), ["a part-of b -"]);
    }
}
