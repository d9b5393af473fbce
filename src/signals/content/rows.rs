//! Articles as sparse rows of weighted terms.
//!
//! A row has two parts, each scaled to a fixed length so that neither drowns the other: the text (all fields) and the
//! subject (title, topic and tags, summary). In a part, the weight of term t in article d is
//! `sqrt(sum over fields f of w_f * tf(t, d, f)) * ln(1 / p(t))^0.9 * specificity(t)^(300 / (300 + N))`. The squared lengths of the parts are `1 - SUBJECT`
//! and `SUBJECT`, so the product of two rows is the weighted mean of the cosines of their texts and of their subjects.
//!
//! `p(t)` is the smoothed share of articles with the term ([`Background::smoothed_share`]); with a large site it is the
//! share itself, and the product is tf-idf with damped tf (Salton and Buckley 1988). The root damps less than a logarithm
//! and the exponent tempers rare terms; `docs/ranking.md` has the measurements. [`Background::specificity`] matters where
//! the site has few articles (N) and fades as it grows.

use std::ops::Range;

use rayon::prelude::*;

use crate::index::{Analysed, Analyses};
use crate::model::DocOrd;
use crate::text::Background;

/// What one occurrence counts in the text, by field: title, headings, topic and tags, summary, body.
const TEXT_WEIGHTS: [f32; 5] = [6.0, 1.0, 4.0, 8.0, 1.0];
/// The same for the subject.
const SUBJECT_WEIGHTS: [f32; 5] = [2.0, 0.0, 2.0, 1.0, 0.0];
/// What the subject counts beside the text, 0 to 1.
const SUBJECT: f32 = 0.2;
/// How much of the difference between rare and frequent terms counts.
const IDF_EXPONENT: f64 = 0.9;
/// How many articles a site must have to trust its own frequencies as much as those of general prose.
const TRUSTED_ARTICLES: f64 = 300.0;
/// A term that more than this share of articles holds (smoothed), or that is common in general prose, does not tell
/// articles apart.
const INFORMATIVE_SHARE: f64 = 0.1;

/// A term in one part of a row: below the vocabulary's length the text's, from there on the subject's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub u32);

impl Slot {
    /// The slot as an index into per-slot arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The rows of all articles, one after the other.
#[derive(Debug)]
pub struct Rows {
    starts: Vec<usize>,
    slots: Vec<Slot>,
    weights: Vec<f32>,
    informative: Vec<bool>,
}

impl Rows {
    /// The rows of settled `analyses`; row i is that of article i.
    pub fn of(analyses: &Analyses) -> Self {
        let shares = smoothed_shares(analyses);
        let trust = background_trust(analyses.articles.len());
        let idf: Vec<f32> = analyses
            .vocabulary
            .iter()
            .zip(&shares)
            .map(|(term, &share)| {
                let idf = libm::pow(-libm::log(share.min(1.0)), IDF_EXPONENT);
                (idf * libm::pow(Background::specificity(term), trust)) as f32
            })
            .collect();
        let words = analyses.vocabulary.len() as u32;
        let rows: Vec<Vec<(Slot, f32)>> = analyses
            .articles
            .par_iter()
            .map(|article| {
                let mut row = part(article, &TEXT_WEIGHTS, &idf, 0, 1.0 - SUBJECT);
                row.extend(part(article, &SUBJECT_WEIGHTS, &idf, words, SUBJECT));
                row
            })
            .collect();
        let mut starts = vec![0];
        starts.extend(rows.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        Self {
            starts,
            slots: rows.iter().flatten().map(|&(slot, _)| slot).collect(),
            weights: rows.iter().flatten().map(|&(_, weight)| weight).collect(),
            informative: analyses
                .vocabulary
                .iter()
                .zip(&shares)
                .map(|(term, &share)| share <= INFORMATIVE_SHARE && names_something(term))
                .collect(),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many slots there are: two for each term.
    pub fn slots(&self) -> usize {
        2 * self.informative.len()
    }

    /// The slots and weights of an article, by ascending slot.
    pub fn row(&self, ord: DocOrd) -> impl Iterator<Item = (Slot, f32)> + Clone + '_ {
        let range = self.range(ord);
        self.slots[range.clone()]
            .iter()
            .copied()
            .zip(self.weights[range].iter().copied())
    }

    /// Whether the slot is a term of the text that tells articles apart.
    pub fn is_informative(&self, slot: Slot) -> bool {
        self.informative
            .get(slot.index())
            .is_some_and(|&informative| informative)
    }

    /// How many informative terms an article has.
    pub fn informative_terms(&self, ord: DocOrd) -> u32 {
        self.slots[self.range(ord)]
            .iter()
            .filter(|&&slot| self.is_informative(slot))
            .count() as u32
    }

    /// The flat lists, for writing: where rows start, slots, weights, informative by term.
    pub fn parts(&self) -> (&[usize], &[Slot], &[f32], &[bool]) {
        (&self.starts, &self.slots, &self.weights, &self.informative)
    }

    fn range(&self, ord: DocOrd) -> Range<usize> {
        self.starts[ord.index()]..self.starts[ord.index() + 1]
    }
}

/// How much the specificity of a term in general prose counts on a site of `articles` articles: near 1 on a small site,
/// where a chatty word in two articles looks like a subject, and near 0 on a large one, which knows better.
fn background_trust(articles: usize) -> f64 {
    TRUSTED_ARTICLES / (TRUSTED_ARTICLES + articles as f64)
}

/// Whether a term can be a subject: no bare number (`2025`; a version such as `3.13` can), not common in general prose.
fn names_something(term: &str) -> bool {
    term.bytes().any(|b| !b.is_ascii_digit()) && !Background::is_common(term)
}

fn smoothed_shares(analyses: &Analyses) -> Vec<f64> {
    let mut frequency = vec![0u32; analyses.vocabulary.len()];
    for (term, _) in analyses.articles.iter().flat_map(|article| &article.terms) {
        frequency[term.index()] += 1;
    }
    let terms = analyses.vocabulary.iter().zip(&frequency);
    terms
        .map(|(term, &df)| Background::smoothed_share(term, df, analyses.articles.len()))
        .collect()
}

/// One part of a row, in the slots from `first` on, with the squared length `squared_length`.
fn part(
    article: &Analysed,
    field_weights: &[f32; 5],
    idf: &[f32],
    first: u32,
    squared_length: f32,
) -> Vec<(Slot, f32)> {
    let mut row: Vec<(Slot, f32)> = article
        .terms
        .iter()
        .map(|(term, counts)| {
            (
                Slot(first + term.0),
                counts.weighted(field_weights).sqrt() * idf[term.index()],
            )
        })
        .filter(|&(_, weight)| weight > 0.0)
        .collect();
    // Summed in row order, so that equal articles give equal bits.
    let squares = row
        .iter()
        .map(|&(_, weight)| f64::from(weight) * f64::from(weight))
        .sum::<f64>();
    if squares > 0.0 {
        let scale = (f64::from(squared_length) / squares).sqrt();
        for (_, weight) in &mut row {
            *weight = (f64::from(*weight) * scale) as f32;
        }
    }
    row
}
