//! Pieces become analysed articles: reused where the piece is known, read and analysed on all cores where it is not.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::reindex::Progress;
use crate::corpus::{Piece, Root, Rules, pieces};
use crate::error::Result;
use crate::index::{Analysed, Analyses, Analyst, SourceId};
use crate::model::{ArticleId, Problem, Severity};

/// Pieces that are read before they are analysed together.
const BATCH: usize = 2048;

/// The articles of a run, and what was wrong with the pieces.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) analyses: Analyses,
    pub(super) problems: Vec<Problem>,
    known: HashMap<u128, Analysed>,
    places: HashMap<ArticleId, (usize, String)>,
    unknown_keys: BTreeSet<String>,
    unknown_in: String,
}

impl Gathered {
    /// Starts from `known` analyses, which are reused for equal pieces.
    pub(super) fn reusing(known: Analyses) -> Self {
        let Analyses {
            vocabulary,
            articles,
        } = known;
        Self {
            analyses: Analyses {
                vocabulary,
                articles: Vec::new(),
            },
            problems: Vec::new(),
            known: articles
                .into_iter()
                .map(|article| (article.hash, article))
                .collect(),
            places: HashMap::new(),
            unknown_keys: BTreeSet::new(),
            unknown_in: String::new(),
        }
    }

    /// Takes over the known articles for which `from` gives a source, without looking at any file.
    pub(super) fn carry_over(&mut self, from: impl Fn(SourceId) -> Option<(SourceId, String)>) {
        let mut carried: Vec<Analysed> = self
            .known
            .values()
            .filter(|article| from(article.source).is_some())
            .cloned()
            .collect();
        carried.sort_by(|a, b| a.entry.id.cmp(&b.entry.id));
        for mut article in carried {
            if let Some((source, root)) = from(article.source) {
                article.source = source;
                self.place(article, root);
            }
        }
    }

    /// Reads all pieces under `root`.
    pub(super) fn read_root(
        &mut self,
        root: &Root,
        source: SourceId,
        rules: &Rules,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        pieces(root, |piece| {
            match piece {
                Ok(piece) => batch.push(piece),
                Err(problem) => self.problems.push(problem),
            }
            if batch.len() == BATCH {
                self.read_batch(&std::mem::take(&mut batch), source, rules, progress);
            }
            Ok(())
        })?;
        self.read_batch(&batch, source, rules, progress);
        Ok(())
    }

    /// Reads `pieces`, in order.
    pub(super) fn read_batch(
        &mut self,
        pieces: &[Piece],
        source: SourceId,
        rules: &Rules,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        let share = pieces.len().div_ceil(rayon::current_num_threads()).max(1);
        let known = &self.known;
        let read: Vec<(Analyses, Vec<Outcome>)> = pieces
            .par_chunks(share)
            .map(|share| read_share(share, known, source, rules))
            .collect();
        let mut pieces = pieces.iter();
        for (analyses, outcomes) in read {
            let before = self.analyses.articles.len();
            self.analyses.absorb(analyses);
            let mut fresh = self.analyses.articles.split_off(before).into_iter();
            for (outcome, piece) in outcomes.into_iter().zip(pieces.by_ref()) {
                self.problems.extend(outcome.problems);
                self.note_unknown(outcome.unknown_keys, &piece.path);
                let article = match outcome.article {
                    Found::Known(hash) => self.known.get(&hash).cloned().map(|mut article| {
                        article.source = source;
                        article
                    }),
                    Found::Fresh => fresh.next(),
                    Found::None => None,
                };
                if let Some(article) = article {
                    self.place(article, format!("{}:{}", piece.path, piece.line));
                }
            }
            progress(Progress::Read(self.analyses.articles.len() as u64));
        }
    }

    /// What was gathered, settled; the last problem names the keys that meant nothing.
    pub(super) fn finish(mut self) -> (Analyses, Vec<Problem>) {
        if !self.unknown_keys.is_empty() {
            let keys: Vec<&str> = self.unknown_keys.iter().map(String::as_str).collect();
            self.problems.push(Problem::new(
                Severity::Warning,
                &self.unknown_in,
                format!(
                    "keys that mean nothing here were left out: {} (first seen in this file)",
                    keys.join(", ")
                ),
            ));
        }
        self.analyses.settle();
        (self.analyses, self.problems)
    }

    fn note_unknown(&mut self, keys: Vec<String>, path: &str) {
        if !keys.is_empty() && self.unknown_keys.is_empty() {
            path.clone_into(&mut self.unknown_in);
        }
        self.unknown_keys.extend(keys);
    }

    /// Adds `article`; of two with one id the later place wins.
    fn place(&mut self, article: Analysed, place: String) {
        let id = article.entry.id.clone();
        if let Some((index, earlier)) = self.places.get(&id) {
            self.problems.push(Problem::new(
                Severity::Warning,
                &place,
                format!("found the id {id:?} of {earlier} again; this one is used, give one of them another id"),
            ));
            self.analyses.articles[*index] = article;
            let index = *index;
            self.places.insert(id, (index, place));
        } else {
            self.places
                .insert(id, (self.analyses.articles.len(), place));
            self.analyses.articles.push(article);
        }
    }
}

struct Outcome {
    article: Found,
    problems: Vec<Problem>,
    unknown_keys: Vec<String>,
}

enum Found {
    /// An equal piece was analysed before.
    Known(u128),
    /// The next of this share's analyses.
    Fresh,
    /// The piece was dropped.
    None,
}

fn read_share(
    pieces: &[Piece],
    known: &HashMap<u128, Analysed>,
    source: SourceId,
    rules: &Rules,
) -> (Analyses, Vec<Outcome>) {
    let mut analyst = Analyst::default();
    let outcomes = pieces
        .iter()
        .map(|piece| {
            let hash = piece.hash();
            if known.contains_key(&hash) {
                return Outcome {
                    article: Found::Known(hash),
                    problems: Vec::new(),
                    unknown_keys: Vec::new(),
                };
            }
            let read = piece.read(rules);
            let article = match read.article {
                Some(article) => {
                    analyst.analyse(article, source, hash);
                    Found::Fresh
                }
                None => Found::None,
            };
            Outcome {
                article,
                problems: read.problems,
                unknown_keys: read.unknown_keys,
            }
        })
        .collect();
    (analyst.finish(), outcomes)
}
