//! What is known of two topics: how they relate, how strongly, and who says so.

use serde::{Deserialize, Serialize};

use super::DocOrd;

/// The place of a topic inside one generation: dense, 0-based, in the byte order of the folded names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicOrd(pub u32);

impl TopicOrd {
    /// The ordinal as an index into per-topic arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How one topic relates to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// The two are used together.
    IntegratesWith,
    /// One can take the other's place.
    AlternativeTo,
    /// The other is what the one is made with.
    BuiltWith,
    /// The one belongs to the other.
    PartOf,
    /// The other comes before the one.
    Prerequisite,
    /// The other comes after the one and takes its place.
    Successor,
    /// More articles name both than chance explains. Only mined.
    MentionedWith,
    /// Articles on the one link to articles on the other more often than chance explains. Only mined.
    LinkedWith,
}

impl RelationKind {
    /// The kinds that an editor can state.
    pub const STATED: [RelationKind; 6] = [
        RelationKind::IntegratesWith,
        RelationKind::AlternativeTo,
        RelationKind::BuiltWith,
        RelationKind::PartOf,
        RelationKind::Prerequisite,
        RelationKind::Successor,
    ];

    /// The name in files and answers.
    pub fn name(self) -> &'static str {
        match self {
            RelationKind::IntegratesWith => "integrates-with",
            RelationKind::AlternativeTo => "alternative-to",
            RelationKind::BuiltWith => "built-with",
            RelationKind::PartOf => "part-of",
            RelationKind::Prerequisite => "prerequisite",
            RelationKind::Successor => "successor",
            RelationKind::MentionedWith => "mentioned-with",
            RelationKind::LinkedWith => "linked-with",
        }
    }

    /// Whether it says the same read from either side.
    pub fn is_mutual(self) -> bool {
        matches!(
            self,
            RelationKind::IntegratesWith
                | RelationKind::AlternativeTo
                | RelationKind::MentionedWith
                | RelationKind::LinkedWith
        )
    }

    /// The relation of `from` to `to` in words: `pandas integrates with Dask`.
    pub fn words(self, from: &str, to: &str) -> String {
        match self {
            RelationKind::IntegratesWith => format!("{from} integrates with {to}"),
            RelationKind::AlternativeTo => format!("{from} is an alternative to {to}"),
            RelationKind::BuiltWith => format!("{from} is built with {to}"),
            RelationKind::PartOf => format!("{from} is part of {to}"),
            RelationKind::Prerequisite => format!("{from} builds on {to}"),
            RelationKind::Successor => format!("{from} is followed by {to}"),
            RelationKind::MentionedWith => format!("{from} is often named with {to}"),
            RelationKind::LinkedWith => format!("{from} is often linked with {to}"),
        }
    }
}

impl Relation {
    /// Its topics as they are read by someone who looks at `topic`: of a mutual kind that one comes first.
    pub fn seen_from(&self, topic: TopicOrd) -> (TopicOrd, TopicOrd) {
        if self.kind.is_mutual() && self.to == topic {
            (self.to, self.from)
        } else {
            (self.from, self.to)
        }
    }
}

/// Who says that two topics relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The editors' `topics.toml`.
    Editors,
    /// Pages that compare topics or name alternatives.
    ComparePages,
    /// Pages on using topics together.
    IntegrationPages,
    /// Articles that name both.
    Mentions,
    /// Links between their articles.
    Links,
}

impl Origin {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Editors => "topics.toml",
            Origin::ComparePages => "compare pages",
            Origin::IntegrationPages => "integration pages",
            Origin::Mentions => "mentions",
            Origin::Links => "links",
        }
    }
}

/// One relation of two topics. Of a mutual kind, `from` is the smaller ordinal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    /// The topic that it is said of.
    pub from: TopicOrd,
    /// The topic that it leads to.
    pub to: TopicOrd,
    /// What it says.
    pub kind: RelationKind,
    /// Above 0, at most 1.
    pub strength: f32,
    /// Who says so.
    pub origin: Origin,
    /// Where the editors have it from, if they say.
    pub source: Option<String>,
    /// The first articles that say so, ascending.
    pub articles: Vec<DocOrd>,
}
