//! All that the content signal knows of a site, and the comparison of one article with others.

use super::addresses::Addresses;
use super::names::Naming;
use super::neighbours::{Neighbour, Search, neighbours};
use super::product::Scattered;
use super::rows::{Rows, SUBJECT, SUMMARY, TOPIC_AND_TAGS, TermWeights, WHOLE_TEXT};
use super::semantic::Semantic;
use super::similarity::Likeness;
use super::titles::Titles;
use crate::index::Analyses;
use crate::model::{DocOrd, Graph};

/// How far the search by titles goes.
pub(super) const TITLE_SEARCH: Search = Search {
    champions: 100,
    query_terms: 12,
    opening_terms: 8,
    rescored: 25,
    both_ways: false,
};
/// Articles with like titles that are compared.
pub(super) const NEAR_TITLES: usize = 15;

/// The content signal of a site.
#[derive(Debug)]
pub struct Content {
    pub(super) text: Rows,
    subjects: Rows,
    summaries: Rows,
    topics: Rows,
    pub(super) titles: Titles,
    pub(super) addresses: Addresses,
    naming: Naming,
    pub(super) semantic: Option<Semantic>,
    /// What each term counts.
    pub(super) idf: Vec<f32>,
}

impl Content {
    /// Reads all that is to be known of `analyses`.
    pub fn of(analyses: &Analyses) -> Self {
        let terms = TermWeights::of(analyses);
        let entries = || analyses.articles().iter().map(|article| &article.entry);
        let text = Rows::of(analyses, &terms, &WHOLE_TEXT);
        Self {
            semantic: Semantic::of(&text),
            text,
            subjects: Rows::of(analyses, &terms, &SUBJECT),
            summaries: Rows::of(analyses, &terms, &SUMMARY),
            topics: Rows::of(analyses, &terms, &TOPIC_AND_TAGS),
            titles: Titles::of(entries().map(|entry| entry.title.as_str())),
            addresses: Addresses::of(entries()),
            naming: Naming::of(analyses),
            idf: terms.into_idf(),
        }
    }

    /// The value of the content signal, 0 to 1.
    pub fn value(&self, likeness: &Likeness<f32>) -> f32 {
        likeness.of_site(self.semantic.is_some())
    }

    /// The rows of the whole texts.
    pub fn text(&self) -> &Rows {
        &self.text
    }

    /// The articles whose titles are most like that of each article.
    pub fn near_titles(
        &self,
        may_meet: impl Fn(DocOrd, DocOrd) -> bool + Sync,
    ) -> Vec<Vec<Neighbour>> {
        neighbours(
            &self.titles.rows,
            &TITLE_SEARCH,
            NEAR_TITLES,
            may_meet,
            |_| {},
        )
    }

    /// Which article names the title of which in its text.
    pub fn names(&self) -> &Graph {
        self.naming.graph()
    }

    /// The articles that `host` names in its text, and those that name it.
    pub fn named_around(&self, host: DocOrd) -> impl Iterator<Item = DocOrd> + '_ {
        self.naming.around(host)
    }
}

/// Compares one article with others. One thread makes it once and uses it for all of its articles.
#[derive(Debug)]
pub struct Comparison<'a> {
    content: &'a Content,
    host: DocOrd,
    text: Scattered,
    subject: Scattered,
    summary: Scattered,
    topics: Scattered,
    title: Scattered,
}

impl<'a> Comparison<'a> {
    /// For the articles of `content`; the first is article 0, until [`Comparison::begin`] says otherwise.
    pub fn of(content: &'a Content) -> Self {
        Self {
            content,
            host: DocOrd(0),
            text: Scattered::new(&content.text),
            subject: Scattered::new(&content.subjects),
            summary: Scattered::new(&content.summaries),
            topics: Scattered::new(&content.topics),
            title: Scattered::new(&content.titles.rows),
        }
    }

    /// What follows is about `host`.
    pub fn begin(&mut self, host: DocOrd) {
        let content = self.content;
        self.host = host;
        self.text.lay_out(&content.text, host);
        self.subject.lay_out(&content.subjects, host);
        self.summary.lay_out(&content.summaries, host);
        self.topics.lay_out(&content.topics, host);
        self.title.lay_out(&content.titles.rows, host);
    }

    /// Has memory ready what [`Comparison::with`] reads of `others`.
    pub fn bring_near(&self, others: &[DocOrd]) {
        let content = self.content;
        for rows in [
            &content.subjects,
            &content.summaries,
            &content.topics,
            &content.titles.rows,
        ] {
            rows.bring_near(others);
        }
    }

    /// The likeness of `other`, and the informative terms that both hold (stops at 255).
    pub fn with(&self, other: DocOrd) -> (Likeness<f32>, u8) {
        let (cosine, shared) = self.text.product(&self.content.text, other);
        let near = Neighbour {
            ord: other,
            cosine,
            shared_terms: shared.min(255) as u8,
        };
        (self.with_near(near), near.shared_terms)
    }

    /// The likeness of an article whose text was compared already.
    pub fn with_near(&self, near: Neighbour) -> Likeness<f32> {
        let (content, other) = (self.content, near.ord);
        Likeness {
            text: near.cosine,
            subject: self.subject.product(&content.subjects, other).0,
            summary: self.summary.product(&content.summaries, other).0,
            topics: self.topics.product(&content.topics, other).0,
            title: self.title.product(&content.titles.rows, other).0,
            semantic: content
                .semantic
                .as_ref()
                .map_or(0.0, |semantic| semantic.cosine(self.host, other)),
            address: content.addresses.shared(self.host, other),
            names: content.naming.names(self.host, other),
            named: content.naming.names(other, self.host),
        }
    }
}
