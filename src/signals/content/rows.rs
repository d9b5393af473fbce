//! Articles as sparse rows of weighted terms.
//!
//! The weight of term t in article d is `sqrt(sum over fields f of w_f * tf(t, d, f)) * ln(1 / p(t))^0.9 *
//! specificity(t)^(300 / (300 + N))`, and a row is scaled to length 1, so the product of two rows is a cosine. Which fields
//! count, and how much, makes the difference between rows of the whole text, of topics and of summaries.
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

/// What one occurrence of a term counts, by field: title, headings, topic and tags, summary, body.
pub(super) type FieldWeights = [f32; 5];

/// Rows of the whole text.
pub(super) const WHOLE_TEXT: FieldWeights = [6.0, 1.0, 4.0, 8.0, 1.0];
/// Rows of what an article says it is about.
pub(super) const SUBJECT: FieldWeights = [2.0, 0.0, 2.0, 1.0, 0.0];
/// Rows of topic and tags alone.
pub(super) const TOPIC_AND_TAGS: FieldWeights = [0.0, 0.0, 1.0, 0.0, 0.0];
/// Rows of the author's summary alone.
pub(super) const SUMMARY: FieldWeights = [0.0, 0.0, 0.0, 1.0, 0.0];

/// How much of the difference between rare and frequent terms counts.
const IDF_EXPONENT: f64 = 0.9;
/// How many articles a site must have to trust its own frequencies as much as those of general prose.
const TRUSTED_ARTICLES: f64 = 300.0;
/// A term that more than this share of articles holds (smoothed), or that is common in general prose, does not tell
/// articles apart.
const INFORMATIVE_SHARE: f64 = 0.1;

/// A column of the rows: a term, or a piece of a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub u32);

impl Slot {
    /// The slot as an index into per-slot arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What each term of a site weighs, by number.
#[derive(Debug)]
pub(super) struct TermWeights {
    idf: Vec<f32>,
    informative: Vec<bool>,
}

/// What a term that no article of `articles` has counts in one more, and whether it tells articles apart.
pub(super) fn weight_of_new(term: &str, articles: usize) -> (f32, bool) {
    let share = Background::smoothed_share(term, 1, articles);
    let idf = inverse_frequency(term, share, background_trust(articles), None);
    (
        idf.0 as f32,
        share <= INFORMATIVE_SHARE && names_something(term),
    )
}

impl TermWeights {
    /// What each term counts.
    pub(super) fn into_idf(self) -> Vec<f32> {
        self.idf
    }

    /// The weights of the terms of `analyses`.
    pub(super) fn of(analyses: &Analyses) -> Self {
        let shares = smoothed_shares(analyses);
        let terms = analyses.vocabulary().iter().zip(&shares);
        Self {
            idf: inverse_frequencies(analyses, &shares),
            informative: terms
                .map(|(term, &share)| share <= INFORMATIVE_SHARE && names_something(term))
                .collect(),
        }
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
    /// The rows of the whole texts of `analyses`; row i is that of article i.
    pub fn of_texts(analyses: &Analyses) -> Self {
        Self::of(analyses, &TermWeights::of(analyses), &WHOLE_TEXT)
    }

    /// The rows of `analyses` in which fields count what `fields` says; row i is that of article i.
    pub(super) fn of(analyses: &Analyses, terms: &TermWeights, fields: &FieldWeights) -> Self {
        let articles = analyses.articles();
        let mut starts = vec![0];
        let lengths = articles.par_iter();
        starts.par_extend(lengths.map(|article| weighted(article, terms, fields).count()));
        let mut rows = Self::with_lengths(starts, terms.informative.clone());
        rows.each_mut()
            .into_par_iter()
            .zip(articles)
            .for_each(|((slots, weights), article)| {
                fill(weighted(article, terms, fields), slots, weights);
            });
        rows
    }

    /// The rows with the given slots and weights, which need not be scaled, among `slots` slots that tell nothing apart.
    pub(super) fn of_lists(lists: &[Vec<(Slot, f32)>], slots: usize) -> Self {
        let mut starts = vec![0];
        starts.extend(lists.iter().map(Vec::len));
        let mut rows = Self::with_lengths(starts, vec![false; slots]);
        for ((slots, weights), list) in rows.each_mut().into_iter().zip(lists) {
            fill(list.iter().copied(), slots, weights);
        }
        rows
    }

    /// Empty rows; `starts` holds a 0 and then their lengths.
    fn with_lengths(mut starts: Vec<usize>, informative: Vec<bool>) -> Self {
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let length = starts.last().copied().unwrap_or_default();
        Self {
            starts,
            slots: vec![Slot(0); length],
            weights: vec![0.0; length],
            informative,
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

    /// How many slots there are.
    pub fn slots(&self) -> usize {
        self.informative.len()
    }

    /// The slots of an article and their weights.
    #[inline]
    pub fn row(&self, ord: DocOrd) -> (&[Slot], &[f32]) {
        let range = self.range(ord);
        (&self.slots[range.clone()], &self.weights[range])
    }

    /// Reads the beginnings of the rows of `ords`. None of these reads waits for another, so memory serves them side by side,
    /// and products, each of which waits for its row, find it near.
    pub(super) fn bring_near(&self, ords: &[DocOrd]) {
        let beginnings = ords.iter().map(|&ord| {
            let (slots, weights) = self.row(ord);
            let slot = slots.first().map_or(0, |slot| slot.0);
            slot ^ weights.first().map_or(0, |weight| weight.to_bits())
        });
        std::hint::black_box(beginnings.fold(0, |all, one| all ^ one));
    }

    /// Whether the slot is a term that tells articles apart.
    pub fn is_informative(&self, slot: Slot) -> bool {
        self.informative[slot.index()]
    }

    /// How many informative terms an article has.
    pub fn informative_terms(&self, ord: DocOrd) -> u32 {
        self.slots[self.range(ord)]
            .iter()
            .filter(|&&slot| self.is_informative(slot))
            .count() as u32
    }

    /// The flat lists, for writing: where rows start, slots, weights, informative by slot.
    pub fn parts(&self) -> (&[usize], &[Slot], &[f32], &[bool]) {
        (&self.starts, &self.slots, &self.weights, &self.informative)
    }

    fn range(&self, ord: DocOrd) -> Range<usize> {
        self.starts[ord.index()]..self.starts[ord.index() + 1]
    }

    /// The slots and the weights of each row, for filling.
    fn each_mut(&mut self) -> Vec<(&mut [Slot], &mut [f32])> {
        let (mut slots, mut weights) = (&mut *self.slots, &mut *self.weights);
        let lengths = self.starts.windows(2).map(|pair| pair[1] - pair[0]);
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
    let mut last = None;
    let terms = analyses.vocabulary().iter().zip(shares);
    terms
        .map(|(term, &share)| {
            let (idf, rarity) = inverse_frequency(term, share, trust, last);
            last = Some((share, rarity));
            idf as f32
        })
        .collect()
}

/// That of one term, and the part of it that follows from its share; `last` is the share and the part of another.
fn inverse_frequency(term: &str, share: f64, trust: f64, last: Option<(f64, f64)>) -> (f64, f64) {
    let rarity = match last {
        Some((other, rarity)) if other == share => rarity,
        _ => libm::pow(-libm::log(share.min(1.0)), IDF_EXPONENT),
    };
    let specificity = Background::specificity(term);
    let specific = if specificity == 1.0 {
        1.0
    } else {
        libm::pow(specificity, trust)
    };
    (rarity * specific, rarity)
}

/// The terms of `article` that weigh something, with their weights before scaling.
fn weighted<'a>(
    article: &'a Analysed,
    terms: &'a TermWeights,
    fields: &'a FieldWeights,
) -> impl Iterator<Item = (Slot, f32)> + 'a {
    let weighted = article.terms.iter().map(|(term, counts)| {
        let count = counts.weighted(fields);
        (Slot(term.0), count.sqrt() * terms.idf[term.index()])
    });
    weighted.filter(|&(_, weight)| weight > 0.0)
}

/// Writes a row, scaled to length 1.
fn fill(row: impl Iterator<Item = (Slot, f32)>, slots: &mut [Slot], weights: &mut [f32]) {
    for (at, (slot, weight)) in row.enumerate() {
        slots[at] = slot;
        weights[at] = weight;
    }
    scale(weights);
}

/// Scales `weights` to length 1. Summed in row order, so that equal articles give equal bits.
fn scale(weights: &mut [f32]) {
    let scale = scale_of(weights.iter().copied());
    for weight in weights {
        *weight = (f64::from(*weight) * scale) as f32;
    }
}

/// What makes a row of `weights` one long; 1 for one of zeros.
pub(super) fn scale_of(weights: impl Iterator<Item = f32>) -> f64 {
    let squares: f64 = weights
        .map(|weight| f64::from(weight) * f64::from(weight))
        .sum();
    match squares > 0.0 {
        true => (1.0 / squares).sqrt(),
        false => 1.0,
    }
}
