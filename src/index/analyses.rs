//! All analysed articles under one vocabulary, and the file that the next incremental run starts from.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::analysis::{Analysed, SourceId};
use super::damage::damaged;
use super::sections::{Sections, SectionsWriter};
use crate::error::Result;
use crate::model::{DocOrd, Entry, parallel};
use crate::text::{Sequence, Shingles, TermBag, TermId, Vocabulary};

// Section tags; a pair of string sections takes two.
const TERMS: u32 = 1;
const RECORDS: u32 = 3;
const BAGS: u32 = 5;
const SHINGLES: u32 = 7;
const SEQUENCES: u32 = 9;

/// One article in so many with another word for a term are few. An article tells its word only where that stands out, so
/// of a stem that is no word about a third tell.
const FEW: u32 = 10;

/// Articles whose terms are numbered by one vocabulary: what one analyzer found, or what a file held.
#[derive(Debug, Default)]
pub struct Part {
    /// Numbers the terms.
    pub vocabulary: Vocabulary,
    /// The articles, in any order.
    pub articles: Vec<Analysed>,
}

/// Analysed articles under one vocabulary. Equal sets of articles are equal, whatever parts they came in.
#[derive(Debug, Default)]
pub struct Analyses {
    vocabulary: Arc<Vocabulary>,
    frequencies: Vec<u32>,
    articles: Vec<Analysed>,
}

/// What an article's record in the file holds beside its terms and shingles.
#[derive(Serialize, Deserialize)]
struct Record<'a, E> {
    entry: E,
    source: SourceId,
    hash: u128,
    forms: &'a str,
    tags: &'a str,
    links: &'a str,
    summarised: bool,
    unstemmed: u64,
}

impl Analyses {
    /// Brings `parts` together: articles in the byte order of their ids; terms that no article has forgotten, the rest
    /// numbered by falling document frequency, ties in byte order, so that the common ones lie close together.
    pub fn of(mut parts: Vec<Part>) -> Self {
        let counts: Vec<Vec<u32>> = parallel::map(parts.len(), |at| parts[at].frequencies());
        let (met, frequencies, places) = bring_together(&mut parts, counts);
        let order = by_frequency(&met, &frequencies);
        let terms = order.iter().map(|&id| met.term(id));
        let vocabulary = Vocabulary::of_distinct(terms, met.text_len());
        let mut renumbered = vec![TermId(u32::MAX); met.len()];
        for (number, id) in (0..).zip(&order) {
            renumbered[id.index()] = TermId(number);
        }
        let frequencies = order.iter().map(|id| frequencies[id.index()]).collect();
        let mut articles: Vec<Analysed> = Vec::new();
        for (part, mut places) in parts.into_iter().zip(places) {
            for place in places.iter_mut().filter(|place| **place != FORGOTTEN) {
                *place = renumbered[place.index()];
            }
            let number = |term: TermId| places[term.index()];
            let mut moved = part.articles;
            moved.par_iter_mut().for_each(|article| {
                article.terms = article.terms.renumbered(number);
                article.sequence = article.sequence.renumbered(number);
            });
            articles.append(&mut moved);
        }
        articles.sort_unstable_by(|a, b| a.entry.id.cmp(&b.entry.id));
        Self {
            vocabulary: Arc::new(vocabulary),
            frequencies,
            articles,
        }
    }

    /// Numbers the terms.
    pub fn vocabulary(&self) -> &Arc<Vocabulary> {
        &self.vocabulary
    }

    /// How many articles hold each term, by number.
    pub fn frequencies(&self) -> &[u32] {
        &self.frequencies
    }

    /// The articles, in the byte order of their ids, each with its terms in the order in which they first stand.
    pub fn articles(&self) -> &[Analysed] {
        &self.articles
    }

    /// The word to show a reader for each term, by number: the one that most articles have for it, ties to the shorter
    /// and then the first in byte order; the term itself where few articles have another word.
    pub fn shown_words(&self) -> Vec<&str> {
        let mut forms: Vec<Vec<(&str, u32)>> = vec![Vec::new(); self.vocabulary.len()];
        for article in &self.articles {
            let mut words = article.forms.split_ascii_whitespace();
            while let (Some(term), Some(form)) = (words.next(), words.next()) {
                let Some(id) = self.vocabulary.get(term) else {
                    continue;
                };
                let known = &mut forms[id.index()];
                match known.iter_mut().find(|(other, _)| *other == form) {
                    Some((_, articles)) => *articles += 1,
                    None => known.push((form, 1)),
                }
            }
        }
        let terms = self.vocabulary.iter().zip(&self.frequencies).zip(forms);
        terms
            .map(|((term, &articles), forms)| {
                let others: u32 = forms.iter().map(|(_, articles)| articles).sum();
                let most = forms
                    .into_iter()
                    .max_by_key(|&(form, articles)| (articles, Reverse((form.len(), form))));
                match most {
                    Some((form, _)) if others >= articles.div_ceil(FEW) => form,
                    _ => term,
                }
            })
            .collect()
    }

    /// Writes the file that the next incremental run starts from.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        let articles = || self.articles.iter();
        file.put_strings(TERMS, self.vocabulary.iter().map(str::as_bytes))?;
        file.put_strings(RECORDS, articles().map(record))?;
        file.put_strings(BAGS, articles().map(|article| article.terms.as_bytes()))?;
        file.put_strings(
            SEQUENCES,
            articles().map(|article| article.sequence.as_bytes()),
        )?;
        file.put_strings(
            SHINGLES,
            articles().map(|article| article.shingles.to_bytes()),
        )?;
        file.finish()
    }
}

/// The texts of a generation's articles, as they were analysed, mapped.
#[derive(Debug)]
pub struct KeptTexts(Sections);

impl KeptTexts {
    /// Opens what [`Analyses::write`] wrote.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if it does not match its checksums.
    pub fn open(path: &Path) -> Result<Self> {
        let sections = Sections::open(path)?;
        sections.release();
        Ok(Self(sections))
    }

    /// The terms of an article as they follow each other.
    pub fn sequence(&self, ord: DocOrd) -> Sequence {
        Sequence::from_bytes(self.0.string(SEQUENCES, ord.index()))
    }

    /// How many 3-grams an article has.
    pub fn shingle_count(&self, ord: DocOrd) -> usize {
        self.0.string(SHINGLES, ord.index()).len() / size_of::<u32>()
    }

    /// The 3-grams of an article.
    pub fn shingles(&self, ord: DocOrd) -> Shingles {
        Shingles::from_bytes(self.0.string(SHINGLES, ord.index()))
    }
}

impl Part {
    /// Reads what [`Analyses::write`] wrote.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if it does not match its checksums.
    pub fn read(path: &Path) -> Result<Self> {
        let file = Sections::open(path)?;
        let damaged = || damaged(path, "cannot be read");
        let mut vocabulary = Vocabulary::default();
        for index in 0..file.strings(TERMS) {
            let term = std::str::from_utf8(file.string(TERMS, index)).map_err(|_| damaged())?;
            vocabulary.intern(term);
        }
        let articles = (0..file.strings(RECORDS)).map(|index| {
            let record: Record<'_, Entry> =
                postcard::from_bytes(file.string(RECORDS, index)).map_err(|_| damaged())?;
            Ok(Analysed {
                entry: record.entry,
                source: record.source,
                hash: record.hash,
                terms: TermBag::from_bytes(file.string(BAGS, index)),
                sequence: Sequence::from_bytes(file.string(SEQUENCES, index)),
                forms: record.forms.into(),
                tags: record.tags.into(),
                links: record.links.into(),
                summarised: record.summarised,
                shingles: Shingles::from_bytes(file.string(SHINGLES, index)),
                unstemmed: record.unstemmed,
            })
        });
        Ok(Self {
            vocabulary,
            articles: articles.collect::<Result<_>>()?,
        })
    }

    fn frequencies(&self) -> Vec<u32> {
        let mut counts = vec![0u32; self.vocabulary.len()];
        for (term, _) in self
            .articles
            .iter()
            .flat_map(|article| article.terms.iter())
        {
            counts[term.index()] += 1;
        }
        counts
    }
}

/// A term that no article holds any more.
const FORGOTTEN: TermId = TermId(u32::MAX);

/// The terms of all parts under one vocabulary, how many articles hold each, and the number there of each term of each part.
/// The largest vocabulary is taken as it is, and the others come to it.
fn bring_together(
    parts: &mut [Part],
    counts: Vec<Vec<u32>>,
) -> (Vocabulary, Vec<u32>, Vec<Vec<TermId>>) {
    let largest = (0..parts.len()).max_by_key(|&at| parts[at].vocabulary.len());
    let Some(largest) = largest else {
        return <_>::default();
    };
    let mut met = std::mem::take(&mut parts[largest].vocabulary);
    let mut frequencies = counts[largest].clone();
    let mut places = Vec::with_capacity(parts.len());
    for (at, (part, counts)) in parts.iter().zip(counts).enumerate() {
        if at == largest {
            places.push((0..counts.len() as u32).map(TermId).collect());
            continue;
        }
        let terms = part.vocabulary.iter().zip(counts);
        let places_of_part = terms.map(|(term, count)| {
            if count == 0 {
                return FORGOTTEN;
            }
            let id = met.intern(term);
            frequencies.resize(met.len(), 0);
            frequencies[id.index()] += count;
            id
        });
        places.push(places_of_part.collect());
    }
    (met, frequencies, places)
}

/// The terms that articles hold by falling frequency, ties in byte order. Most comparisons are decided by the first bytes, so these are kept
/// beside the numbers.
fn by_frequency(vocabulary: &Vocabulary, frequencies: &[u32]) -> Vec<TermId> {
    let terms = (0..).map(TermId).zip(vocabulary.iter()).zip(frequencies);
    let mut order: Vec<(Reverse<u32>, u64, TermId)> = terms
        .filter(|&(_, &frequency)| frequency > 0)
        .map(|((id, term), &frequency)| {
            let mut head = [0; 8];
            let length = term.len().min(8);
            head[..length].copy_from_slice(&term.as_bytes()[..length]);
            (Reverse(frequency), u64::from_be_bytes(head), id)
        })
        .collect();
    order.par_sort_unstable_by(|a, b| {
        let heads = (a.0, a.1).cmp(&(b.0, b.1));
        heads.then_with(|| vocabulary.term(a.2).cmp(vocabulary.term(b.2)))
    });
    order.into_iter().map(|(_, _, id)| id).collect()
}

fn record(article: &Analysed) -> Vec<u8> {
    let record = Record {
        entry: &article.entry,
        source: article.source,
        hash: article.hash,
        forms: &article.forms,
        tags: &article.tags,
        links: &article.links,
        summarised: article.summarised,
        unstemmed: article.unstemmed,
    };
    postcard::to_stdvec(&record).expect("plain data serialises")
}
