//! Articles by words: the search of a snapshot, and what else is asked by the words of a text.

use std::collections::BTreeSet;

use super::sent;
use super::snapshot::{Snapshot, again};
use super::suggest::Titles;
use crate::error::Result;
use crate::index::{Found, Hit, SearchIndex};
use crate::model::{Article, DocOrd, EntryView, Problem};
use crate::text::Analyzer;

/// An article that a search found.
#[derive(Clone, Debug)]
pub struct SearchResult<'a> {
    /// The article.
    pub entry: EntryView<'a>,
    /// Comparable within one answer.
    pub score: f32,
}

impl Snapshot {
    /// The best `limit` published articles for the words of `text`.
    ///
    /// # Errors
    /// [`crate::error::Error::Damaged`] if the search index cannot be used.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<SearchResult<'_>>> {
        let found = self.found(text)?.with_all_words_if_some();
        let hits = found.best(limit).into_iter();
        hits.map(|hit| {
            Ok(SearchResult {
                entry: self.entry(hit.ord)?,
                score: hit.score,
            })
        })
        .collect()
    }

    /// The best `limit` published articles that hold some words of `text`.
    pub(super) fn search_any(&self, text: &str, limit: usize) -> Result<Vec<Hit>> {
        Ok(self.found(text)?.best(limit))
    }

    /// The published articles that hold some words of `text`: those that differ from the generation by what they say now.
    fn found(&self, text: &str) -> Result<Found> {
        let words = self.query_words(text);
        let is_card = |ord: &DocOrd| self.facts(*ord).card;
        let as_indexed = |ord: DocOrd| !self.overlay.differs(ord) && is_card(&ord);
        let beside = self.overlay.words().filter(|(ord, _)| is_card(ord));
        self.search_index()?.found(&words, as_indexed, beside)
    }

    /// What the articles are called.
    pub(super) fn titles(&self) -> &Titles {
        self.titles.get_or_init(|| {
            let hosts = self.hosts().filter(|&ord| self.facts(ord).card);
            let named = hosts.filter_map(|ord| Some((ord, self.entry(ord).ok()?.title)));
            Titles::of(named)
        })
    }

    /// Reads `record` as a draft, which needs neither an id nor an address; beside it what is wrong, and with an error no
    /// article.
    pub fn draft(&self, record: &[u8]) -> (Option<Article>, Vec<Problem>) {
        sent::read_draft(self, record)
    }

    /// Each word of `text` as its terms in every language of the site; without the stop words of its main language.
    fn query_words(&self, text: &str) -> Vec<Vec<String>> {
        let main = &self.config.rules.lang;
        let langs = self.generation.serving.langs().chain(self.overlay.langs());
        let others = langs.filter(|lang| lang != main);
        let mut own = Analyzer::new(main);
        let mut others: Vec<Analyzer> = others.map(|lang| Analyzer::new(&lang)).collect();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let mut terms = BTreeSet::new();
            own.terms(word, |term| {
                terms.insert(term.to_owned());
            });
            if terms.is_empty() {
                continue;
            }
            for analyzer in &mut others {
                analyzer.terms(word, |term| {
                    terms.insert(term.to_owned());
                });
            }
            words.push(terms.into_iter().collect());
        }
        words
    }

    pub(super) fn search_index(&self) -> Result<&SearchIndex> {
        self.search
            .get_or_init(|| self.generation.search())
            .as_ref()
            .map_err(again)
    }
}
