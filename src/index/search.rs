//! The search box: a tantivy index over the terms that our own analyzer found.
//!
//! Texts are analysed once. What tantivy gets is the packed terms of an article, and an analyzer that unpacks them; its
//! stemmer stays off. A query brings terms of the same kind.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use tantivy::indexer::{NoMergePolicy, UserOperation};
use tantivy::schema::{FAST, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyDocument, TantivyError};

use super::analyses::Analyses;
use super::damage::damaged;
use super::folder::Folder;
use super::matching::{Match, matches};
use super::packed::{PackedTerms, pack};
use super::words::{Words, matches_beside};
use crate::error::{Error, Result, contain};
use crate::model::DocOrd;
use crate::text::Field;

const ANALYZER: &str = "readnext";
pub(super) const ORD: &str = "ord";
/// How much more a match in a field counts than one in the body.
pub(super) const FIELD_BOOSTS: [(Field, &str, f32); 5] = [
    (Field::Title, "title", 4.0),
    (Field::Headings, "headings", 1.5),
    (Field::Topic, "topic", 3.0),
    (Field::Summary, "summary", 2.0),
    (Field::Body, "body", 1.0),
];
const WRITER_BYTES: usize = 64 << 20;
/// Documents that are handed to the writer together.
const BATCH: usize = 64;

/// An article found, best first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The article.
    pub ord: DocOrd,
    /// BM25 over the fields, boosted; comparable within one answer.
    pub score: f32,
}

/// Writes the index of settled `analyses` to the folder `path`; `ord` of a document is the place of its article.
///
/// # Errors
/// [`Error::Failed`] if tantivy cannot write.
pub fn write_search_index(analyses: &Analyses, path: &Path) -> Result<()> {
    std::fs::create_dir(path).map_err(|error| Error::io("create", path, &error))?;
    let folder = Folder::open(path)
        .map_err(|error| Error::Failed(format!("cannot open {}: {error}", path.display())))?;
    let failed = |error: TantivyError| {
        // Of a thread that failed, tantivy says no more than that.
        let cause = folder
            .failure()
            .unwrap_or_else(|| format!("{}: {error}", path.display()));
        Error::Failed(format!("cannot write the search index {cause}"))
    };
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(ANALYZER)
        .set_index_option(IndexRecordOption::WithFreqs);
    let mut schema = Schema::builder();
    let ord = schema.add_u64_field(ORD, FAST);
    let fields = FIELD_BOOSTS.map(|(_, name, _)| {
        schema.add_text_field(
            name,
            TextOptions::default().set_indexing_options(indexing.clone()),
        )
    });
    let index =
        Index::create(folder.clone(), schema.build(), IndexSettings::default()).map_err(failed)?;
    let terms = PackedTerms::new(analyses.vocabulary());
    index
        .tokenizers()
        .register(ANALYZER, TextAnalyzer::from(terms));
    let mut writer = index
        .writer_with_num_threads(1, WRITER_BYTES)
        .map_err(failed)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let mut added = analyses
        .articles()
        .iter()
        .enumerate()
        .map(|(place, article)| {
            let mut document = TantivyDocument::new();
            document.add_u64(ord, place as u64);
            let mut texts = FIELD_BOOSTS.map(|_| String::new());
            for (term, counts) in article.terms.iter() {
                for (&(field, _, _), text) in FIELD_BOOSTS.iter().zip(&mut texts) {
                    pack(term, counts.get(field), text);
                }
            }
            for (text, &field) in texts.into_iter().zip(&fields) {
                if !text.is_empty() {
                    document.add_text(field, text);
                }
            }
            document
        });
    loop {
        let batch: Vec<TantivyDocument> = added.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let batch = batch.into_iter().map(UserOperation::Add);
        writer.run(batch).map_err(failed)?;
    }
    writer.commit().map_err(failed)?;
    writer.wait_merging_threads().map_err(failed)
}

/// An open search index.
pub struct SearchIndex {
    path: PathBuf,
    index: Index,
    reader: IndexReader,
}

impl std::fmt::Debug for SearchIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchIndex").finish_non_exhaustive()
    }
}

impl SearchIndex {
    /// Opens the index in the folder `path`. Tantivy checks little here: compare its files first.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let opened = contain(AssertUnwindSafe(|| {
            let index = Index::open(Folder::open(path)?)?;
            let reader = index
                .reader_builder()
                .reload_policy(ReloadPolicy::Manual)
                .try_into()?;
            Ok::<_, TantivyError>(Self {
                path: path.to_owned(),
                index,
                reader,
            })
        }));
        match opened {
            Some(Ok(index)) => Ok(index),
            Some(Err(error)) => Err(damaged(path, error)),
            None => Err(damaged(path, "tantivy panicked while opening it")),
        }
    }

    /// Compares the checksum that tantivy made of every file while writing it.
    ///
    /// # Errors
    /// [`Error::Damaged`] if one does not match.
    pub fn verify(&self) -> Result<()> {
        match self.index.validate_checksum() {
            Ok(bad) if bad.is_empty() => Ok(()),
            Ok(bad) => Err(damaged(
                &self.path,
                format!("{} of its files do not match their checksums", bad.len()),
            )),
            Err(error) => Err(damaged(&self.path, error)),
        }
    }

    /// The articles that hold some of `words`: those in the index of which `counts` says so, and those of `beside`, which are
    /// in it in other words or not at all. All are weighed by the statistics of the index.
    ///
    /// A word is given as its terms in the languages of the site; any of them will do.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the index fails under the search.
    pub fn found<'a>(
        &self,
        words: &[Vec<String>],
        counts: impl Fn(DocOrd) -> bool,
        beside: impl Iterator<Item = (DocOrd, &'a Words)>,
    ) -> Result<Found> {
        let found = contain(AssertUnwindSafe(|| {
            let searcher = self.reader.searcher();
            let mut found = matches(&searcher, words)?;
            found.retain(|found| counts(found.ord));
            found.extend(matches_beside(&searcher, words, beside)?);
            Ok::<_, TantivyError>(found)
        }));
        match found {
            Some(Ok(matches)) => Ok(Found {
                matches,
                words: words.len(),
            }),
            Some(Err(error)) => Err(damaged(&self.path, error)),
            None => Err(damaged(&self.path, "tantivy panicked in a search")),
        }
    }
}

/// The articles that hold some of the words of a search.
#[derive(Clone, Debug)]
pub struct Found {
    matches: Vec<Match>,
    words: usize,
}

impl Found {
    /// Those alone that hold every word, if there are any.
    #[must_use]
    pub fn with_all_words_if_some(mut self) -> Self {
        let all = self.words;
        if self.matches.iter().any(|found| found.words == all) {
            self.matches.retain(|found| found.words == all);
        }
        self
    }

    /// The best `limit` of them; those that are as good as each other by ordinal.
    pub fn best(self, limit: usize) -> Vec<Hit> {
        let mut found = self.matches;
        let best_first = |a: &Match, b: &Match| b.score.total_cmp(&a.score).then(a.ord.cmp(&b.ord));
        if found.len() > limit {
            found.select_nth_unstable_by(limit, best_first);
            found.truncate(limit);
        }
        found.sort_unstable_by(best_first);
        let hits = found.into_iter().map(|found| Hit {
            ord: found.ord,
            score: found.score,
        });
        hits.collect()
    }
}
