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
    /// The rows of `analyses`; row i is that of article i.
    pub fn of(analyses: &Analyses) -> Self {
        let articles = analyses.articles();
        let shares = smoothed_shares(analyses);
        let idf = inverse_frequencies(analyses, &shares);
        let mut starts = vec![0];
        starts.par_extend(articles.par_iter().map(|article| row_length(article, &idf)));
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let length = starts.last().copied().unwrap_or_default();
        let mut slots = vec![Slot(0); length];
        let mut weights = vec![0f32; length];
        let words = idf.len() as u32;
        rows_mut(&starts, &mut slots, &mut weights)
            .into_par_iter()
            .zip(articles)
            .for_each(|((slots, weights), article)| fill(article, &idf, words, slots, weights));
        let terms = analyses.vocabulary().iter().zip(&shares);
        Self {
            starts,
            slots,
            weights,
            informative: terms
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

    /// The slots of an article, those of its text before those of its subject, and their weights.
    pub fn row(&self, ord: DocOrd) -> (&[Slot], &[f32]) {
        let range = self.range(ord);
        (&self.slots[range.clone()], &self.weights[range])
    }

    /// How many terms there are; the slots of the text are below.
    pub(super) fn terms(&self) -> usize {
        self.informative.len()
    }

    /// The slots of the text of an article, and their weights.
    pub(super) fn text(&self, ord: DocOrd) -> (&[Slot], &[f32]) {
        let (slots, weights) = self.row(ord);
        let end = slots.partition_point(|slot| slot.index() < self.terms());
        (&slots[..end], &weights[..end])
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
    let articles = analyses.articles().len();
    let terms = analyses.vocabulary().iter().zip(analyses.frequencies());
    terms
        .map(|(term, &df)| Background::smoothed_share(term, df, articles))
        .collect()
}

/// `ln(1 / p(t))^0.9 * specificity(t)^trust` of every term; many rare terms have equal frequencies, so powers are kept.
fn inverse_frequencies(analyses: &Analyses, shares: &[f64]) -> Vec<f32> {
    let trust = background_trust(analyses.articles().len());
    let mut last = (f64::NAN, 0.0);
    let terms = analyses.vocabulary().iter().zip(shares);
    terms
        .map(|(term, &share)| {
            if share != last.0 {
                last = (share, libm::pow(-libm::log(share.min(1.0)), IDF_EXPONENT));
            }
            let specificity = Background::specificity(term);
            let specific = if specificity == 1.0 {
                1.0
            } else {
                libm::pow(specificity, trust)
            };
            (last.1 * specific) as f32
        })
        .collect()
}

/// How many slots the row of `article` has.
fn row_length(article: &Analysed, idf: &[f32]) -> usize {
    let terms = article.terms.iter();
    terms
        .filter(|(term, _)| idf[term.index()] > 0.0)
        .map(|(_, counts)| 1 + usize::from(counts.weighted(&SUBJECT_WEIGHTS) > 0.0))
        .sum()
}

/// The slots and the weights of each row, for filling.
fn rows_mut<'a>(
    starts: &[usize],
    mut slots: &'a mut [Slot],
    mut weights: &'a mut [f32],
) -> Vec<(&'a mut [Slot], &'a mut [f32])> {
    let lengths = starts.windows(2).map(|pair| pair[1] - pair[0]);
    lengths
        .map(|length| {
            (
                slots.split_off_mut(..length).expect("starts fit the slots"),
                weights
                    .split_off_mut(..length)
                    .expect("starts fit the weights"),
            )
        })
        .collect()
}

/// Writes the row of `article`: the text part in the slots of the terms, the subject part in those from `words` on.
fn fill(article: &Analysed, idf: &[f32], words: u32, slots: &mut [Slot], weights: &mut [f32]) {
    let terms = || {
        let terms = article.terms.iter();
        terms
            .map(|(term, counts)| (term, counts, idf[term.index()]))
            .filter(|&(_, _, idf)| idf > 0.0)
    };
    let text = terms().map(|(term, counts, idf)| {
        let weight = counts.weighted(&TEXT_WEIGHTS).sqrt() * idf;
        (Slot(term.0), weight)
    });
    let subject = terms().filter_map(|(term, counts, idf)| {
        let count = counts.weighted(&SUBJECT_WEIGHTS);
        (count > 0.0).then(|| (Slot(words + term.0), count.sqrt() * idf))
    });
    for (at, (slot, weight)) in text.chain(subject).enumerate() {
        slots[at] = slot;
        weights[at] = weight;
    }
    let of_text = terms().count();
    let (text, subject) = weights.split_at_mut(of_text);
    scale(text, 1.0 - SUBJECT);
    scale(subject, SUBJECT);
}

/// Scales `weights` to the squared length `squared_length`. Summed in row order, so that equal articles give equal bits.
fn scale(weights: &mut [f32], squared_length: f32) {
    let squares: f64 = weights
        .iter()
        .map(|&weight| f64::from(weight) * f64::from(weight))
        .sum();
    if squares > 0.0 {
        let scale = (f64::from(squared_length) / squares).sqrt();
        for weight in weights {
            *weight = (f64::from(*weight) * scale) as f32;
        }
    }
}
