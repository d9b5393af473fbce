//! Why a card is there, in words a reader understands.
//!
//! This is a path of its own: it looks the pair up in the term file and in the links, not in the candidates that panels
//! are made from. Tests hold the two together.

use super::overlay::Overlay;
use crate::error::Result;
use crate::index::{Serving, TermFile, TopicTable};
use crate::model::{DocOrd, SignalKind};
use crate::panel::Evidence;
use crate::ranking::{SharedTerm, shared_terms};
use crate::signals::research::topics::TopicGraph;
use crate::signals::research::{Links, RELATED_TOPICS};
use crate::text::TermId;

/// Terms and pages that one piece of evidence names, at most.
const TERMS: usize = 5;
const PAGES: usize = 2;

/// What explanations are told from.
#[derive(Debug)]
pub(super) struct Explainer {
    terms: TermFile,
    links: Links,
    topics: TopicGraph,
}

impl Explainer {
    /// Reads the links of `terms`, and the `topics`.
    pub(super) fn of(terms: TermFile, topics: TopicTable) -> Result<Self> {
        let links = Links::of(terms.links()?);
        terms.release();
        Ok(Self {
            topics: TopicGraph::of(topics),
            links,
            terms,
        })
    }

    /// The links of the generation.
    pub(super) fn links(&self) -> &Links {
        &self.links
    }

    /// Its topics.
    pub(super) fn topics(&self) -> &TopicGraph {
        &self.topics
    }

    /// The term file.
    pub(super) fn terms(&self) -> &TermFile {
        &self.terms
    }

    /// What is known of `host` and `card`.
    pub(super) fn evidence(
        &self,
        host: DocOrd,
        card: DocOrd,
        serving: &Serving,
        overlay: &Overlay,
    ) -> Result<Vec<Evidence>> {
        let mut found = Vec::new();
        // What others say of a new article is told by the next generation.
        let is_new = host.max(card).index() >= serving.len();
        let mut tell = |signal, text: String| found.push(Evidence { signal, text });
        let shared = self.shared_terms(host, card, overlay);
        if !shared.is_empty() {
            tell(SignalKind::Content, format!("shares {}", listed(&shared)));
        }
        if self.names(host, card, overlay) {
            tell(SignalKind::Content, "named in this article".to_owned());
        }
        if self.names(card, host, overlay) {
            tell(SignalKind::Content, "names this article".to_owned());
        }
        if self.links_to(host, card, overlay) {
            tell(SignalKind::Research, "linked from this article".to_owned());
        }
        if self.links_to(card, host, overlay) {
            tell(SignalKind::Research, "links to this article".to_owned());
        }
        if is_new {
            return Ok(found);
        }
        let linking = self.links.linking_both(host, card);
        if !linking.is_empty() {
            let pages = titles(&linking, serving)?;
            let verb = if linking.len() == 1 { "links" } else { "link" };
            tell(SignalKind::Research, format!("{pages} {verb} to both"));
        }
        let linked = self.links.linked_by_both(host, card);
        if !linked.is_empty() {
            let pages = titles(&linked, serving)?;
            tell(SignalKind::Research, format!("both link to {pages}"));
        }
        if self.topics.relatedness(host, card) >= RELATED_TOPICS
            && let Some(why) = self.topics.why(host, card)
        {
            tell(SignalKind::Research, self.topics.words(&why));
        }
        Ok(found)
    }

    fn links_to(&self, from: DocOrd, to: DocOrd, overlay: &Overlay) -> bool {
        let links = self.links.graph();
        match overlay.seen(from) {
            Some(seen) => seen.links.binary_search(&to).is_ok(),
            None => from.max(to).index() < links.len() && links.leads(from, to),
        }
    }

    fn names(&self, from: DocOrd, to: DocOrd, overlay: &Overlay) -> bool {
        match overlay.seen(from) {
            Some(seen) => seen.names.binary_search(&to).is_ok(),
            None => self.terms.is_named(from, to),
        }
    }

    /// The terms of an article, by number.
    fn row(&self, ord: DocOrd, overlay: &Overlay) -> Vec<(TermId, f32)> {
        match overlay.seen(ord) {
            Some(seen) => seen.terms.clone(),
            None if ord.index() < self.links.graph().len() => self.terms.row(ord),
            None => Vec::new(),
        }
    }

    fn shared_terms(&self, host: DocOrd, card: DocOrd, overlay: &Overlay) -> Vec<&str> {
        let known = |shared: &SharedTerm| shared.term.index() < self.terms.len();
        shared_terms(&self.row(host, overlay), &self.row(card, overlay))
            .into_iter()
            .filter(known)
            .filter(|shared| self.terms.is_informative(shared.term))
            .take(TERMS)
            .map(|shared| self.terms.term(shared.term))
            .collect()
    }
}

/// The titles of the first of `pages`, in quotes, and how many others there are. Drafts are counted and not named.
fn titles(pages: &[DocOrd], serving: &Serving) -> Result<String> {
    let mut names = Vec::new();
    for &page in pages
        .iter()
        .filter(|&&page| serving.facts(page).host)
        .take(PAGES)
    {
        names.push(format!("\u{201c}{}\u{201d}", serving.entry(page)?.title));
    }
    match pages.len() - names.len() {
        0 => {}
        1 => names.push("1 other page".to_owned()),
        others => names.push(format!("{others} other pages")),
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(listed(&names))
}

/// `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus::embedded;
    use crate::engine::{Corpora, Reindex};
    use crate::index::{Analyses, Generations};
    use crate::signals::content::{Comparison, Content};
    use crate::signals::research::strength;

    #[test]
    fn what_explains_is_what_ranked() {
        let data = tempfile::tempdir().expect("a folder");
        let config = Config::default();
        let reindex = Reindex {
            data: data.path(),
            config: &config,
            corpora: Corpora::Pieces {
                name: "sample",
                pieces: embedded::sample().collect(),
                topics: embedded::topics(),
            },
            incoming: None,
            journal_only: false,
            full: false,
            allow_shrink: false,
            verify: false,
        };
        reindex.run(&|_| {}).expect("indexed");
        let current = Generations::under(data.path()).current();
        let generation = current.expect("whole").expect("there");
        let explainer = Explainer::of(
            generation.terms().expect("whole"),
            generation.topics().expect("whole"),
        )
        .expect("whole");
        let part = generation.analyses().expect("whole");
        let content = Content::of(&Analyses::of(vec![part]));
        let mut comparison = Comparison::of(&content);
        let mut connected = 0;
        let serving = &generation.serving;
        for host in (0..serving.len() as u32).map(DocOrd) {
            comparison.begin(host);
            for row in serving.candidates(host) {
                let linkage = explainer.links.between(host, row.ord);
                let by_topics = explainer.topics.relatedness(host, row.ord);
                let strength = strength(&linkage, by_topics);
                assert!((strength - f64::from(row.research)).abs() < 1e-6);
                assert_eq!(row.related_topics, by_topics >= RELATED_TOPICS);
                assert_eq!(linkage.direct(), row.direct_links());
                let (likeness, _) = comparison.with(row.ord);
                let rows = (explainer.terms.row(host), explainer.terms.row(row.ord));
                let parts = shared_terms(&rows.0, &rows.1).into_iter();
                let cosine: f32 = parts.map(|shared| shared.part).sum();
                assert!((cosine - likeness.text).abs() < 1e-5);
                assert_eq!(
                    explainer.terms.is_named(host, row.ord),
                    likeness.names > 0.0
                );
                assert_eq!(
                    explainer.terms.is_named(row.ord, host),
                    likeness.named > 0.0
                );
                assert!((content.value(&likeness) - row.content).abs() < 1e-6);
                connected += u32::from(row.research > 0.0);
            }
        }
        assert!(connected > 100, "{connected}");
    }
}
