//! Articles analysed: each text read once, its terms and shingles kept for everything that is built from them.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::damage::damaged;
use super::map::Mapping;
use crate::corpus::Prose;
use crate::error::{Error, Result};
use crate::model::{Article, Entry, Lang};
use crate::text::{Analyzer, Field, FieldCounts, Shingles, TermBag, TermId, Vocabulary};

/// The corpus root an article came from, by its place in the manifest's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceId(pub u16);

/// One article, analysed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysed {
    /// What a card needs.
    pub entry: Entry,
    /// Where it came from.
    pub source: SourceId,
    /// The digest of the piece it was read from.
    pub hash: u128,
    /// Its terms by field.
    pub terms: TermBag,
    /// Terms with the shortest word that stood for them here, for those that a reader may be shown: `databas database `.
    pub forms: String,
    /// The word 3-grams of title and text.
    pub shingles: Shingles,
    /// Words that the stemmer failed on.
    pub unstemmed: u64,
}

/// Analysed articles and the vocabulary that numbers their terms.
#[derive(Debug, Default)]
pub struct Analyses {
    /// Numbers the terms.
    pub vocabulary: Vocabulary,
    /// The articles; in the byte order of their ids once [`Analyses::settle`] has run.
    pub articles: Vec<Analysed>,
}

/// Analyses articles one after the other, keeping an analyzer for each language it meets.
#[derive(Debug, Default)]
pub struct Analyst {
    analyzers: HashMap<Lang, Analyzer>,
    found: Analyses,
}

impl Analyst {
    /// Analyses `article`, read from the piece with digest `hash` in `source`.
    pub fn analyse(&mut self, article: Article, source: SourceId, hash: u128) {
        let prose = Prose::of(&article.body, article.format);
        let analyzer = self
            .analyzers
            .entry(article.lang.clone())
            .or_insert_with(|| Analyzer::new(&article.lang));
        let unstemmed_before = analyzer.unstemmed();
        let mut tally = Tally::default();
        let vocabulary = &mut self.found.vocabulary;
        let mut count = |field: Field, text: &str| {
            analyzer.terms_and_forms(text, |term, form| {
                tally.add(vocabulary.intern(term), field, form);
            });
        };
        count(Field::Title, &article.title);
        count(Field::Headings, &prose.headings);
        if let Some(topic) = &article.topic {
            count(Field::Topic, topic.as_str());
        }
        for tag in &article.tags {
            count(Field::Topic, tag);
        }
        if let Some(summary) = &article.summary {
            count(Field::Summary, summary);
        }
        count(Field::Body, &prose.text);
        let (terms, forms) = tally.finish(vocabulary);
        let shingles = Shingles::of(&format!(
            "{}\n{}{}",
            article.title, prose.headings, prose.text
        ));
        let summary = prose.summary_of(&article);
        self.found.articles.push(Analysed {
            entry: Entry::of(article, summary),
            source,
            hash,
            terms,
            forms,
            shingles,
            unstemmed: analyzer.unstemmed() - unstemmed_before,
        });
    }

    /// What was analysed.
    pub fn finish(self) -> Analyses {
        self.found
    }
}

/// The counts of one article's terms, and the shortest word of each.
#[derive(Default)]
struct Tally {
    counts: HashMap<TermId, (FieldCounts, Range<usize>)>,
    words: String,
}

impl Tally {
    fn add(&mut self, term: TermId, field: Field, form: &str) {
        let (counts, shortest) = self.counts.entry(term).or_default();
        counts.add(field);
        if shortest.start == shortest.end
            || (form.len(), form) < (shortest.len(), &self.words[shortest.clone()])
        {
            *shortest = self.words.len()..self.words.len() + form.len();
            self.words.push_str(form);
        }
    }

    /// The terms in ascending order, and the forms of those that stand outside the body or repeatedly in it.
    fn finish(self, vocabulary: &Vocabulary) -> (TermBag, String) {
        let mut counted: Vec<_> = self.counts.into_iter().collect();
        counted.sort_unstable_by_key(|&(term, _)| term);
        let mut shown: Vec<(&str, &str)> = counted
            .iter()
            .filter(|(_, (counts, _))| counts.is_prominent())
            .map(|(term, (_, form))| (vocabulary.term(*term), &self.words[form.clone()]))
            .filter(|(term, form)| term != form)
            .collect();
        // By term and not by number: numbers depend on what else this vocabulary has met.
        shown.sort_unstable();
        let forms = shown
            .iter()
            .flat_map(|(term, form)| [term, " ", form, " "])
            .collect();
        (
            counted
                .into_iter()
                .map(|(term, (counts, _))| (term, counts))
                .collect(),
            forms,
        )
    }
}

impl Analyses {
    /// The word to show a reader for each term, by number: the shortest that any article has for it, else the term.
    pub fn shown_words(&self) -> Vec<&str> {
        let mut shown: Vec<Option<&str>> = vec![None; self.vocabulary.len()];
        for article in &self.articles {
            let mut words = article.forms.split_ascii_whitespace();
            while let (Some(term), Some(form)) = (words.next(), words.next()) {
                if let Some(id) = self.vocabulary.get(term) {
                    let best = shown[id.index()].get_or_insert(form);
                    if (form.len(), form) < (best.len(), *best) {
                        *best = form;
                    }
                }
            }
        }
        shown
            .iter()
            .zip(self.vocabulary.iter())
            .map(|(form, term)| form.unwrap_or(term))
            .collect()
    }

    /// Takes over the articles of `other`, renumbering their terms.
    pub fn absorb(&mut self, other: Analyses) {
        let renumbered: Vec<TermId> = other
            .vocabulary
            .iter()
            .map(|term| self.vocabulary.intern(term))
            .collect();
        self.articles
            .extend(other.articles.into_iter().map(|mut article| {
                renumber(&mut article.terms, &renumbered);
                article
            }));
    }

    /// Sorts the articles by id, forgets terms that none of them has, and numbers the rest in byte order, so that equal
    /// sets of articles are equal whatever way they came together.
    pub fn settle(&mut self) {
        self.articles.sort_by(|a, b| a.entry.id.cmp(&b.entry.id));
        let mut used = vec![false; self.vocabulary.len()];
        for (term, _) in self.articles.iter().flat_map(|article| &article.terms) {
            used[term.index()] = true;
        }
        let mut kept: Vec<&str> = self
            .vocabulary
            .iter()
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|(term, _)| term)
            .collect();
        kept.sort_unstable();
        let mut settled = Vocabulary::default();
        for term in kept {
            settled.intern(term);
        }
        let nowhere = TermId(u32::MAX);
        let renumbered: Vec<TermId> = self
            .vocabulary
            .iter()
            .map(|term| settled.get(term).unwrap_or(nowhere))
            .collect();
        for article in &mut self.articles {
            renumber(&mut article.terms, &renumbered);
        }
        self.vocabulary = settled;
    }

    /// Writes the file that the next incremental run starts from.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let terms: Vec<&str> = self.vocabulary.iter().collect();
        let mut bytes =
            postcard::to_stdvec(&(terms, &self.articles)).expect("plain data serialises");
        bytes.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        fs::write(path, bytes).map_err(|error| Error::io("write", path, &error))
    }

    /// Compares the file at `path` with its checksum, without reading it into memory.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it does not match.
    pub fn verify(path: &Path) -> Result<()> {
        let map = Mapping::open(path).map_err(|error| Error::io("read", path, &error))?;
        match map.split_last_chunk::<8>() {
            Some((body, sum)) if xxh3_64(body) == u64::from_le_bytes(*sum) => Ok(()),
            _ => Err(damaged(path, "does not match its checksum")),
        }
    }

    /// Reads what [`Analyses::write`] wrote.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it does not match its checksum.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let damaged = || damaged(path, "does not match its checksum");
        let (body, sum) = bytes.split_last_chunk::<8>().ok_or_else(damaged)?;
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err(damaged());
        }
        let (terms, articles): (Vec<&str>, Vec<Analysed>) =
            postcard::from_bytes(body).map_err(|_| damaged())?;
        let mut vocabulary = Vocabulary::default();
        for term in terms {
            vocabulary.intern(term);
        }
        Ok(Self {
            vocabulary,
            articles,
        })
    }
}

fn renumber(terms: &mut TermBag, numbers: &[TermId]) {
    for (term, _) in terms.iter_mut() {
        *term = numbers[term.index()];
    }
    terms.sort_unstable_by_key(|&(term, _)| term);
}
