//! Pieces become analysed articles: reused where the piece is known, read and analysed on all cores where it is not.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use super::reindex::Progress;
use crate::corpus::{Piece, Prose, RECORD_KEYS, Root, Rules, pieces};
use crate::error::Result;
use crate::index::{Analysed, Analyses, Analyst, Part, SourceId};
use crate::model::{ArticleId, Problem, Severity, order};
use crate::text::{Shingles, Vocabulary, likely};

/// A shorter key is near to many, so it is not taken for a slip of one.
const SHORTEST_SLIP: usize = 4;

/// Pieces that are read before they are analysed together.
pub(super) const BATCH: usize = 2048;
/// Bytes of text after which a batch is full, so that large articles do not fill the memory.
pub(super) const BATCH_BYTES: usize = 32 << 20;

/// The articles of a run, and what was wrong with the pieces.
#[derive(Debug)]
pub(super) struct Gathered {
    /// One for each thread; they keep what they have learnt from batch to batch.
    analysts: Vec<Analyst>,
    known_vocabulary: Vocabulary,
    known: HashMap<u128, Arc<Analysed>>,
    placed: Vec<Placed>,
    places: HashMap<ArticleId, (usize, Place)>,
    /// What of `placed` was taken out again.
    removed: HashSet<usize>,
    problems: Vec<Problem>,
    unknown_keys: BTreeSet<String>,
    unknown_in: String,
    /// Bytes of text so far, and in all.
    read: u64,
    to_read: u64,
}

/// The file and the line that an article was read from; the root and line 1 of one that was carried over.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) line: u64,
}

impl Place {
    fn of(piece: &Piece) -> Self {
        Self {
            path: piece.path.clone(),
            line: piece.line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 | 1 => f.write_str(&self.path),
            line => write!(f, "{}:{line}", self.path),
        }
    }
}

/// An article of this run, where it came from now, and which vocabulary numbers its terms.
#[derive(Debug)]
struct Placed {
    article: Arc<Analysed>,
    source: SourceId,
    vocabulary: VocabularyOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum VocabularyOf {
    Known,
    /// An analyst and the number of its vocabulary.
    Analyst(usize, usize),
}

impl Gathered {
    /// Starts from `known` analyses, which are reused for equal pieces.
    pub(super) fn reusing(known: Part) -> Self {
        let articles = known.articles.into_iter();
        Self {
            analysts: (0..rayon::current_num_threads())
                .map(|_| Analyst::default())
                .collect(),
            known_vocabulary: known.vocabulary,
            known: articles
                .map(|article| (article.hash, Arc::new(article)))
                .collect(),
            placed: Vec::new(),
            places: HashMap::new(),
            removed: HashSet::new(),
            problems: Vec::new(),
            unknown_keys: BTreeSet::new(),
            unknown_in: String::new(),
            read: 0,
            to_read: 0,
        }
    }

    /// Says that `bytes` more are going to be read, for the progress.
    pub(super) fn expect(&mut self, bytes: u64) {
        self.to_read += bytes;
    }

    /// Takes over the known articles for which `from` gives a source, without looking at any file.
    pub(super) fn carry_over(&mut self, from: impl Fn(SourceId) -> Option<(SourceId, String)>) {
        let mut carried: Vec<Placed> = Vec::new();
        let mut roots = HashMap::new();
        for article in self.known.values() {
            if let Some((source, root)) = from(article.source) {
                carried.push(Placed::known(article, source));
                roots.insert(source, root);
            }
        }
        order::sort_by(&mut carried, |a, b| {
            a.article.entry.id.cmp(&b.article.entry.id)
        });
        for placed in carried {
            let path = roots.get(&placed.source).cloned().unwrap_or_default();
            self.place(placed, Place { path, line: 1 });
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
        let mut bytes = 0;
        pieces(root, |piece| {
            match piece {
                Ok(piece) => {
                    bytes += piece.size();
                    batch.push(piece);
                }
                Err(problem) => self.problems.push(problem),
            }
            if batch.len() == BATCH || bytes >= BATCH_BYTES {
                bytes = 0;
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
        let read = self.read_all(pieces, source, rules);
        for (outcome, piece) in read.into_iter().zip(pieces) {
            self.problems.extend(outcome.problems);
            self.note_unknown(outcome.unknown_keys, &piece.path);
            if let Some(placed) = outcome.placed {
                self.place(placed, Place::of(piece));
            }
        }
        self.tell(pieces, progress);
    }

    /// Reads `pieces` of pushed articles, which take the places of corpus articles of the same ids. Their warnings were
    /// given when they came in.
    pub(super) fn read_pushed(
        &mut self,
        pieces: &[Piece],
        source: SourceId,
        rules: &Rules,
        progress: &(dyn Fn(Progress) + Sync),
    ) {
        self.expect(pieces.iter().map(|piece| piece.size() as u64).sum());
        let read = self.read_all(pieces, source, rules);
        for (outcome, piece) in read.into_iter().zip(pieces) {
            let problems = outcome.problems.into_iter();
            self.problems
                .extend(problems.filter(|problem| problem.severity == Severity::Error));
            if let Some(placed) = outcome.placed {
                self.put(placed, Place::of(piece));
            }
        }
        self.tell(pieces, progress);
    }

    /// The id of an article that comes in as `piece`, and its record as text, unless something is wrong with it.
    pub(super) fn checked(
        &mut self,
        piece: std::result::Result<Piece, Problem>,
        rules: &Rules,
    ) -> Option<(ArticleId, String)> {
        let piece = match piece {
            Ok(piece) => piece,
            Err(problem) => {
                self.problems.push(problem);
                return None;
            }
        };
        let read = piece.read(rules);
        self.problems.extend(read.problems);
        self.note_unknown(read.unknown_keys, &piece.path);
        let record = String::from_utf8_lossy(piece.bytes().trim_ascii()).into_owned();
        Some((read.article?.id, record))
    }

    /// The digest of the piece that the article `id` was read from, if there is one.
    pub(super) fn digest(&self, id: &ArticleId) -> Option<u128> {
        let (index, _) = self.places.get(id)?;
        Some(self.placed[*index].article.hash)
    }

    /// Takes the article `id` out; whether it was there.
    pub(super) fn remove(&mut self, id: &ArticleId) -> bool {
        let removed = self.places.remove(id);
        self.removed
            .extend(removed.as_ref().map(|(index, _)| *index));
        removed.is_some()
    }

    fn tell(&mut self, pieces: &[Piece], progress: &(dyn Fn(Progress) + Sync)) {
        self.read += pieces.iter().map(|piece| piece.size() as u64).sum::<u64>();
        progress(Progress::Read {
            articles: self.placed.len() as u64,
            bytes: self.read,
            total: self.to_read,
        });
    }

    /// Reads `pieces` on all cores.
    fn read_all(&mut self, pieces: &[Piece], source: SourceId, rules: &Rules) -> Vec<Outcome> {
        let share = pieces.len().div_ceil(self.analysts.len()).max(1);
        let known = &self.known;
        let read: Vec<Vec<Outcome>> = pieces
            .par_chunks(share)
            .zip(&mut self.analysts)
            .enumerate()
            .map(|(number, (share, analyst))| {
                share
                    .iter()
                    .map(|piece| read_piece(piece, known, (number, analyst), source, rules))
                    .collect()
            })
            .collect();
        read.into_iter().flatten().collect()
    }

    /// What was gathered under one vocabulary; the last problem names the keys that meant nothing.
    pub(super) fn finish(mut self) -> (Analyses, Vec<Problem>) {
        if !self.unknown_keys.is_empty() {
            let keys: Vec<String> = self.unknown_keys.iter().map(|key| told(key)).collect();
            self.problems.push(Problem::new(
                Severity::Warning,
                &self.unknown_in,
                format!(
                    "keys that mean nothing here were left out: {} (first seen in this file)",
                    keys.join(", ")
                ),
            ));
        }
        let part = |vocabulary| Part {
            vocabulary,
            articles: Vec::new(),
        };
        let mut parts = BTreeMap::from([(VocabularyOf::Known, part(self.known_vocabulary))]);
        for (analyst, found) in self.analysts.into_iter().enumerate() {
            for (number, vocabulary) in found.into_vocabularies().into_iter().enumerate() {
                parts.insert(VocabularyOf::Analyst(analyst, number), part(vocabulary));
            }
        }
        drop(self.known);
        let placed = self.placed.into_iter().enumerate();
        for (_, placed) in placed.filter(|(index, _)| !self.removed.contains(index)) {
            let mut article = Arc::unwrap_or_clone(placed.article);
            article.source = placed.source;
            let part = parts.entry(placed.vocabulary).or_default();
            part.articles.push(article);
        }
        (Analyses::of(parts.into_values().collect()), self.problems)
    }

    /// Where the articles were read that tell panels something.
    pub(super) fn instructed_places(&self) -> HashMap<ArticleId, Place> {
        let articles = self.placed.iter().map(|placed| &placed.article.entry);
        let telling = articles.filter(|entry| !entry.instructions().is_empty());
        telling
            .map(|entry| (entry.id.clone(), self.places[&entry.id].1.clone()))
            .collect()
    }

    /// Where every article was read.
    pub(super) fn article_places(&self) -> HashMap<ArticleId, Place> {
        let places = self.places.iter();
        places
            .map(|(id, (_, place))| (id.clone(), place.clone()))
            .collect()
    }

    fn note_unknown(&mut self, keys: Vec<String>, path: &str) {
        if !keys.is_empty() && self.unknown_keys.is_empty() {
            path.clone_into(&mut self.unknown_in);
        }
        self.unknown_keys.extend(keys);
    }

    /// Adds an article of the corpus; of two with one id the later place wins.
    fn place(&mut self, placed: Placed, place: Place) {
        let id = placed.article.entry.id.clone();
        if let Some(earlier) = self.put(placed, place.clone()) {
            let message = format!(
                "found the id {id} of {earlier} again; this one is used, give one of them another id"
            );
            let problem = Problem::new(Severity::Warning, place.path, message);
            self.problems.push(problem.at(place.line, 1));
        }
    }

    /// Adds an article, instead of the one with its id if there is one; the place of that.
    fn put(&mut self, placed: Placed, place: Place) -> Option<Place> {
        let id = placed.article.entry.id.clone();
        match self.places.get_mut(&id) {
            Some((index, earlier)) => {
                self.placed[*index] = placed;
                Some(std::mem::replace(earlier, place))
            }
            None => {
                self.places.insert(id, (self.placed.len(), place));
                self.placed.push(placed);
                None
            }
        }
    }
}

impl Placed {
    fn known(article: &Arc<Analysed>, source: SourceId) -> Self {
        Self {
            article: Arc::clone(article),
            source,
            vocabulary: VocabularyOf::Known,
        }
    }
}

/// An unknown key, with the one that was probably meant.
fn told(key: &str) -> String {
    let is_long = key.chars().count() >= SHORTEST_SLIP;
    let meant = likely(key, RECORD_KEYS).filter(|_| is_long);
    meant.map_or_else(
        || key.to_owned(),
        |meant| format!("{key} (did you mean {meant}?)"),
    )
}

/// What came of one piece; nothing was placed if it was dropped.
#[derive(Default)]
struct Outcome {
    placed: Option<Placed>,
    problems: Vec<Problem>,
    unknown_keys: Vec<String>,
}

fn read_piece(
    piece: &Piece,
    known: &HashMap<u128, Arc<Analysed>>,
    (number, analyst): (usize, &mut Analyst),
    source: SourceId,
    rules: &Rules,
) -> Outcome {
    let hash = piece.hash();
    if let Some(article) = known.get(&hash) {
        return Outcome {
            placed: Some(Placed::known(article, source)),
            ..Outcome::default()
        };
    }
    let read = piece.read(rules);
    let placed = read.article.map(|article| {
        let prose = Prose::of(&article.body, article.format);
        let shingles = Shingles::of(&[&article.title, &prose.headings, &prose.text]);
        let (vocabulary, article) = analyst.analyse(article, &prose, shingles, source, hash);
        Placed {
            article: Arc::new(article),
            source,
            vocabulary: VocabularyOf::Analyst(number, vocabulary),
        }
    });
    Outcome {
        placed,
        problems: read.problems,
        unknown_keys: read.unknown_keys,
    }
}
