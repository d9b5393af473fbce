//! Articles as sparse rows of weighted terms.
//!
//! The weight of term t in article d is `sqrt(sum over fields f of w_f * tf(t, d, f)) * ln(1 / p(t))^0.9`, and each row is
//! scaled to length 1. `p(t)` is the smoothed share of articles with the term ([`Background::smoothed_share`]); with a
//! large site it is the share itself, and the product is tf-idf with damped tf (Salton and Buckley 1988). The root damps
//! less than a logarithm and the exponent tempers rare terms; `docs/ranking.md` has the measurements.

use std::ops::Range;

use rayon::prelude::*;

use crate::index::Analyses;
use crate::model::DocOrd;
use crate::text::{Background, TermId};

/// What one occurrence counts, by field: title, headings, topic and tags, summary, body.
const FIELD_WEIGHTS: [f32; 5] = [6.0, 1.0, 4.0, 8.0, 1.0];
/// How much of the difference between rare and frequent terms counts.
const IDF_EXPONENT: f64 = 0.9;
/// A term that more than this share of articles holds (smoothed), or that is common in general prose, does not tell
/// articles apart.
const INFORMATIVE_SHARE: f64 = 0.1;

/// The rows of all articles, one after the other.
#[derive(Debug)]
pub struct Rows {
    starts: Vec<usize>,
    terms: Vec<TermId>,
    weights: Vec<f32>,
    informative: Vec<bool>,
}

impl Rows {
    /// The rows of settled `analyses`; row i is that of article i.
    pub fn of(analyses: &Analyses) -> Self {
        let articles = &analyses.articles;
        let mut frequency = vec![0u32; analyses.vocabulary.len()];
        for (term, _) in articles.iter().flat_map(|article| &article.terms) {
            frequency[term.index()] += 1;
        }
        let shares: Vec<f64> = analyses
            .vocabulary
            .iter()
            .zip(&frequency)
            .map(|(term, &df)| Background::smoothed_share(term, df, articles.len()))
            .collect();
        let idf: Vec<f32> = shares
            .iter()
            .map(|&share| libm::pow(-libm::log(share.min(1.0)), IDF_EXPONENT) as f32)
            .collect();
        let weighted: Vec<Vec<f32>> = articles
            .par_iter()
            .map(|article| {
                let weights = article.terms.iter().map(|(term, counts)| {
                    counts.weighted(&FIELD_WEIGHTS).sqrt() * idf[term.index()]
                });
                scaled_to_unit(weights.collect())
            })
            .collect();
        let mut rows = Self {
            starts: vec![0],
            terms: articles
                .iter()
                .flat_map(|article| &article.terms)
                .map(|&(term, _)| term)
                .collect(),
            weights: Vec::new(),
            informative: analyses
                .vocabulary
                .iter()
                .zip(&shares)
                .map(|(term, &share)| share <= INFORMATIVE_SHARE && !Background::is_common(term))
                .collect(),
        };
        rows.weights.reserve_exact(rows.terms.len());
        for row in weighted {
            rows.weights.extend(row);
            rows.starts.push(rows.weights.len());
        }
        rows
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many terms the vocabulary has.
    pub fn vocabulary_len(&self) -> usize {
        self.informative.len()
    }

    /// The terms and weights of an article, by ascending term.
    pub fn row(&self, ord: DocOrd) -> impl Iterator<Item = (TermId, f32)> + Clone + '_ {
        let range = self.range(ord);
        self.terms[range.clone()]
            .iter()
            .copied()
            .zip(self.weights[range].iter().copied())
    }

    /// Whether the term tells articles apart.
    pub fn is_informative(&self, term: TermId) -> bool {
        self.informative[term.index()]
    }

    /// How many informative terms an article has.
    pub fn informative_terms(&self, ord: DocOrd) -> u32 {
        self.terms[self.range(ord)]
            .iter()
            .filter(|&&term| self.is_informative(term))
            .count() as u32
    }

    /// The flat lists, for writing: where rows start, terms, weights, informative by term.
    pub fn parts(&self) -> (&[usize], &[TermId], &[f32], &[bool]) {
        (&self.starts, &self.terms, &self.weights, &self.informative)
    }

    fn range(&self, ord: DocOrd) -> Range<usize> {
        self.starts[ord.index()]..self.starts[ord.index() + 1]
    }
}

/// `weights` divided by their Euclidean length, summed in order.
fn scaled_to_unit(mut weights: Vec<f32>) -> Vec<f32> {
    let length = weights
        .iter()
        .map(|&w| f64::from(w) * f64::from(w))
        .sum::<f64>()
        .sqrt();
    if length > 0.0 {
        for weight in &mut weights {
            *weight = (f64::from(*weight) / length) as f32;
        }
    }
    weights
}
