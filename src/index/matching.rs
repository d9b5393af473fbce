//! Which articles of a search index hold given words, and how well they do: BM25 (Robertson and Zaragoza 2009, 3.1), by field.
//!
//! It reads tantivy's postings as they are. Tantivy's own queries would bring ranges and regular expressions into the program.

use tantivy::postings::Postings;
use tantivy::query::Bm25Weight;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Result, Searcher, SegmentReader, TERMINATED, Term};

use super::search::{FIELD_BOOSTS, ORD};
use crate::model::DocOrd;

/// What a word counts in fields beside the one where it counts most.
const OTHER_FIELDS: f32 = 0.3;

/// An article that holds at least one word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) ord: DocOrd,
    /// The sum of its words' scores.
    pub(super) score: f32,
    /// How many words it holds.
    pub(super) words: usize,
}

/// What a document has of a word: what it scores where that counts most, and in all fields.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields {
    best: f32,
    all: f32,
}

impl Fields {
    /// It also stands in a field where it scores `score`.
    #[inline]
    pub(super) fn add(&mut self, score: f32) {
        self.best = self.best.max(score);
        self.all += score;
    }

    /// What the word gives to the document; `None` if that does not hold it.
    #[inline]
    pub(super) fn score(&self) -> Option<f32> {
        (self.all > 0.0).then_some(self.best + OTHER_FIELDS * (self.all - self.best))
    }
}

/// The articles of `searcher` that hold some of `words`, each of which is given as terms; any of these will do.
pub(super) fn matches(searcher: &Searcher, words: &[Vec<String>]) -> Result<Vec<Match>> {
    let mut found = Vec::new();
    for segment in searcher.segment_readers() {
        let ords = segment.fast_fields().u64(ORD)?;
        let documents = of_segment(searcher, segment, words)?;
        let held = (0..).zip(documents).filter(|(_, (words, _))| *words > 0);
        found.extend(held.map(|(document, (words, score))| Match {
            ord: DocOrd(ords.first(document).unwrap_or_default() as u32),
            score,
            words,
        }));
    }
    Ok(found)
}

/// How many of `words` each document of `segment` holds, and its score.
fn of_segment(
    searcher: &Searcher,
    segment: &SegmentReader,
    words: &[Vec<String>],
) -> Result<Vec<(usize, f32)>> {
    let count = segment.max_doc() as usize;
    let mut documents = vec![(0, 0.0); count];
    for terms in words {
        let mut fields = vec![Fields::default(); count];
        for (_, name, boost) in FIELD_BOOSTS {
            for term in terms {
                add(searcher, segment, (name, boost), term, &mut fields)?;
            }
        }
        for ((words, score), fields) in documents.iter_mut().zip(fields) {
            if let Some(of_word) = fields.score() {
                *words += 1;
                *score += of_word;
            }
        }
    }
    Ok(documents)
}

/// Adds to `sums` what the documents of `segment` that hold `term` in the field `name` score with it.
fn add(
    searcher: &Searcher,
    segment: &SegmentReader,
    (name, boost): (&str, f32),
    term: &str,
    sums: &mut [Fields],
) -> Result<()> {
    let field = segment.schema().get_field(name)?;
    let term = Term::from_field_text(field, term);
    let inverted = segment.inverted_index(field)?;
    let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::WithFreqs)? else {
        return Ok(());
    };
    let lengths = segment.get_fieldnorms_reader(field)?;
    let weight = Bm25Weight::for_terms(searcher, &[term])?.boost_by(boost);
    let mut document = postings.doc();
    while document != TERMINATED {
        let score = weight.score(lengths.fieldnorm_id(document), postings.term_freq());
        sums[document as usize].add(score);
        document = postings.advance();
    }
    Ok(())
}
