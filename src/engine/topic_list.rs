//! The topics of a generation as a reader of the command asks for them: all of them, or one with its relations.

use serde::Serialize;

use super::snapshot::Snapshot;
use crate::error::{Error, Result};
use crate::index::TopicTable;
use crate::model::{Relation, RelationKind, TopicOrd, order};
use crate::text::{likely, name_key};

/// A topic.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicSummary {
    /// What it is called.
    pub topic: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// Whether `topics.toml` names it.
    pub editorial: bool,
    /// How many articles name it.
    pub articles: u32,
    /// How many relations it has.
    pub relations: usize,
}

/// All topics, by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicList {
    /// The topics.
    pub topics: Vec<TopicSummary>,
    /// The generation they are of.
    pub generation: u64,
}

/// One topic and how it relates to others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicDetail {
    /// What it is called.
    pub topic: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// Whether `topics.toml` names it.
    pub editorial: bool,
    /// How many articles name it.
    pub articles: u32,
    /// The strongest first.
    pub relations: Vec<TopicRelation>,
    /// The generation it is of.
    pub generation: u64,
}

/// A relation, and who says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TopicRelation {
    /// The topic that it is said of.
    pub from: String,
    /// What it says.
    pub kind: RelationKind,
    /// The topic that it leads to.
    pub to: String,
    /// The same in words.
    pub text: String,
    /// Above 0, at most 1.
    pub strength: f32,
    /// Who says so: `topics.toml`, `compare pages`, `integration pages`, `mentions` or `links`.
    pub by: &'static str,
    /// Where the editors have it from.
    pub source: Option<String>,
    /// The ids of the first articles that say so.
    pub articles: Vec<String>,
}

impl TopicList {
    /// The topics of `snapshot`.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they cannot be read.
    pub fn of(snapshot: &Snapshot) -> Result<Self> {
        let table = snapshot.topics()?;
        let mut relations = vec![0; table.topics.len()];
        for relation in &table.relations {
            relations[relation.from.index()] += 1;
            relations[relation.to.index()] += 1;
        }
        let topics = table.topics.into_iter().zip(relations);
        Ok(Self {
            topics: topics
                .map(|(topic, relations)| TopicSummary {
                    topic: topic.name,
                    aliases: topic.aliases,
                    editorial: topic.editorial,
                    articles: topic.articles,
                    relations,
                })
                .collect(),
            generation: snapshot.generation(),
        })
    }
}

impl TopicDetail {
    /// The topic that is called `name` in `snapshot`.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is none, [`Error::Damaged`] if the topics cannot be read.
    pub fn of(snapshot: &Snapshot, name: &str) -> Result<Self> {
        let table = snapshot.topics()?;
        let ord = find(&table, name)?;
        let mut relations: Vec<&Relation> = table
            .relations
            .iter()
            .filter(|relation| relation.from == ord || relation.to == ord)
            .collect();
        // Equal ones stay by topic and kind.
        order::sort_by(&mut relations, |a, b| b.strength.total_cmp(&a.strength));
        let topic = &table.topics[ord.index()];
        Ok(Self {
            topic: topic.name.clone(),
            aliases: topic.aliases.clone(),
            editorial: topic.editorial,
            articles: topic.articles,
            relations: relations
                .into_iter()
                .map(|relation| TopicRelation::of(relation, ord, &table, snapshot))
                .collect(),
            generation: snapshot.generation(),
        })
    }
}

impl TopicRelation {
    fn of(
        relation: &Relation,
        seen_from: TopicOrd,
        table: &TopicTable,
        snapshot: &Snapshot,
    ) -> Self {
        let name = |topic: TopicOrd| table.topics[topic.index()].name.clone();
        let (from, to) = relation.seen_from(seen_from);
        let (from, to) = (name(from), name(to));
        let articles = relation.articles.iter();
        Self {
            text: relation.kind.words(&from, &to),
            from,
            kind: relation.kind,
            to,
            strength: relation.strength,
            by: relation.origin.name(),
            source: relation.source.clone(),
            articles: articles
                .map(|&article| snapshot.id(article).to_owned())
                .collect(),
        }
    }
}

fn find(table: &TopicTable, name: &str) -> Result<TopicOrd> {
    let names = || {
        (0..)
            .map(TopicOrd)
            .zip(&table.topics)
            .flat_map(|(ord, topic)| {
                let aliases = topic.aliases.iter();
                [&topic.name]
                    .into_iter()
                    .chain(aliases)
                    .map(move |name| (ord, name.as_str()))
            })
    };
    let key = name_key(name);
    let found = names().find(|(_, name)| name_key(name) == key);
    if let Some((ord, _)) = found {
        return Ok(ord);
    }
    if table.topics.is_empty() {
        return Err(Error::Failed(format!(
            "unknown topic {name:?}: the site has none; give articles a topic or tags, or write topics.toml into the corpus, and run `readnext reindex`"
        )));
    }
    let meant = likely(name, names().map(|(_, name)| name));
    let meant = meant.map_or(";".to_owned(), |meant| format!(": did you mean {meant:?}?"));
    Err(Error::Failed(format!(
        "unknown topic {name:?}{meant} `readnext topics` lists all; a topic is one that two articles have, or that topics.toml names"
    )))
}
