//! One article naming another's title in its text.
//!
//! A title that many articles name says little about any of them, so a name counts `ln((N + 1) / (n + 1/2)) / ln(N)` for n
//! articles that hold it, as idf does for a term.

use crate::index::Analyses;
use crate::model::{DocOrd, Graph, parallel};
use crate::text::{Phrases, Section};

/// A title that a larger share of the articles names is an everyday word.
const EVERYDAY_SHARE: f64 = 0.1;

/// Articles that are candidates because a name leads to them, either way, at most.
const AROUND: usize = 10;

/// Which articles name which.
#[derive(Debug)]
pub(super) struct Naming {
    names: Graph,
    by: NamedBy,
}

/// Which articles are named by which.
#[derive(Debug)]
pub(super) struct NamedBy {
    named: Graph,
    /// What being named counts, by article.
    values: Vec<f32>,
}

impl Naming {
    /// Looks every title of `analyses` up in every text.
    pub(super) fn of(analyses: &Analyses) -> Self {
        let articles = analyses.articles();
        let titles = articles
            .iter()
            .map(|article| article.sequence.section(Section::Title));
        let phrases = Phrases::of(titles);
        let mut lists: Vec<Vec<DocOrd>> = parallel::map(articles.len(), |at| {
            let mut named = Vec::new();
            let terms = articles[at].sequence.numbered(|term| term);
            phrases.each_in(&terms, |ord, section| {
                if section == Section::Body {
                    named.push(DocOrd(ord as u32));
                }
            });
            named.sort_unstable();
            named.dedup();
            named
        });
        let mut counts = vec![0u32; articles.len()];
        for ord in lists.iter().flatten() {
            counts[ord.index()] += 1;
        }
        let most = (EVERYDAY_SHARE * articles.len() as f64).max(2.0) as u32;
        for list in &mut lists {
            list.retain(|ord| counts[ord.index()] <= most);
        }
        let names = Graph::of(lists);
        let by = NamedBy::of(&names);
        Self { names, by }
    }

    /// Which article names which.
    pub(super) fn graph(&self) -> &Graph {
        &self.names
    }

    /// What it counts that `host` names `other`, 0 to 1.
    pub(super) fn names(&self, host: DocOrd, other: DocOrd) -> f32 {
        self.by.names(host, other)
    }

    /// The articles that `host` names, those first that fewest name, and those that name it, if these are few.
    pub(super) fn around(&self, host: DocOrd) -> impl Iterator<Item = DocOrd> + '_ {
        let names = self.names.targets(host).to_vec();
        self.by.around_naming(names, Some(host))
    }
}

impl NamedBy {
    /// Where the articles name those of `names`.
    pub(super) fn of(names: &Graph) -> Self {
        let named = names.reversed();
        let articles = names.len();
        let values = (0..articles as u32).map(DocOrd);
        let values = values.map(|ord| value(articles, named.targets(ord).len()));
        Self {
            values: values.collect(),
            named,
        }
    }

    /// What it counts that `host` names `other`, 0 to 1.
    #[inline]
    pub(super) fn names(&self, host: DocOrd, other: DocOrd) -> f32 {
        // Most articles are named by hardly any other.
        if self.named.leads(other, host) {
            self.values[other.index()]
        } else {
            0.0
        }
    }

    /// Whether a text names the article.
    pub(super) fn is_named(&self, ord: DocOrd) -> bool {
        !self.named.targets(ord).is_empty()
    }

    /// What it counts to name the article.
    pub(super) fn value_of(&self, ord: DocOrd) -> f32 {
        self.values[ord.index()]
    }

    /// The articles `names`, which a host names, those first that fewest name, and those that name it, if these are few; `host` where
    /// the texts are known that name it.
    pub(super) fn around_naming(
        &self,
        mut names: Vec<DocOrd>,
        host: Option<DocOrd>,
    ) -> impl Iterator<Item = DocOrd> + '_ {
        names.sort_by_key(|&ord| self.named.targets(ord).len());
        names.truncate(AROUND);
        let named = host.map_or(&[][..], |host| self.named.targets(host));
        let few = if named.len() > AROUND { &[] } else { named };
        names.into_iter().chain(few.iter().copied())
    }
}

/// `ln((articles + 1) / (named + 1/2)) / ln(articles)`, 0 to 1.
fn value(articles: usize, named: usize) -> f32 {
    let rarity = libm::log((articles as f64 + 1.0) / (named as f64 + 0.5));
    (rarity / libm::log((articles as f64).max(2.0))).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_name_counts_more() {
        assert!(value(1000, 1) > value(1000, 50));
        assert!((0.0..=1.0).contains(&value(1000, 1000)));
        assert_eq!(value(1000, 0), 1.0);
        assert!((0.0..=1.0).contains(&value(1, 1)));
    }
}
