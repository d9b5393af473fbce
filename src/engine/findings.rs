//! What a check found, by what it is about.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{ArticleId, Problem};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// A file or record that could not be read as it was meant.
    Reading,
    /// Something that panels are told and that cannot be, or no longer is.
    Editorial,
    /// A panel that does not keep the rules.
    Panel,
    /// A link to a page of the site that is not there.
    DeadLink,
    /// A canonical address of the site that leads to no article.
    DeadCanonical,
    /// Several articles with one title.
    DuplicateTitle,
    /// Two articles with nearly the same text.
    NearDuplicate,
    /// Most articles are in another language than those that do not tell theirs are taken for.
    SiteLanguage,
    /// An article without a summary of its own.
    MissingSummary,
    /// An article that was given on standard input and stands before the file of the same id.
    Override,
}

impl Concern {
    /// What is counted: `1 dead internal link`, `3 dead internal links`.
    pub fn counted(self, count: usize) -> String {
        let (one, many) = match self {
            Concern::Reading => ("problem in reading", "problems in reading"),
            Concern::Editorial => ("editorial slip", "editorial slips"),
            Concern::Panel => ("panel violation", "panel violations"),
            Concern::DeadLink => ("dead internal link", "dead internal links"),
            Concern::DeadCanonical => ("dead canonical address", "dead canonical addresses"),
            Concern::DuplicateTitle => ("duplicate title", "duplicate titles"),
            Concern::NearDuplicate => ("near-duplicate pair", "near-duplicate pairs"),
            Concern::SiteLanguage => ("unfitting site language", "unfitting site languages"),
            Concern::MissingSummary => ("missing summary", "missing summaries"),
            Concern::Override => ("override", "overrides"),
        };
        format!("{count} {}", if count == 1 { one } else { many })
    }
}

/// One thing to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What it is about.
    pub concern: Concern,
    /// Where, and what to do.
    #[serde(flatten)]
    pub problem: Problem,
    /// The id of the article that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

impl Finding {
    /// The finding `problem`, about no article that is known.
    pub(super) fn new(concern: Concern, problem: Problem) -> Self {
        Self {
            concern,
            problem,
            article: None,
        }
    }

    /// The same finding, about the article `id`.
    pub(super) fn about(mut self, id: &ArticleId) -> Self {
        self.article = Some(id.to_string());
        self
    }
}

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// How many articles were read.
    pub articles: usize,
    /// How many panels were looked at, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panels: Option<usize>,
    /// By concern, then by place.
    pub findings: Vec<Finding>,
}

/// How many findings each concern has, for a summary; concerns without one are left out.
pub fn counts(findings: &[Finding]) -> Vec<(Concern, usize)> {
    let mut counted: BTreeMap<Concern, usize> = BTreeMap::new();
    for finding in findings {
        *counted.entry(finding.concern).or_default() += 1;
    }
    counted.into_iter().collect()
}
