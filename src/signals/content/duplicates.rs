//! Near-duplicates: articles whose word 3-grams are the same to nine tenths.
//!
//! The nearest neighbours are the sketch: texts that share nine tenths of their 3-grams share nearly all of their terms, so
//! each is among the other's nearest. Only such pairs, and only those of like length, are compared exactly; equal texts are found by their hashes.

use std::collections::HashMap;

use rayon::prelude::*;

use super::neighbours::Neighbour;
use crate::model::DocOrd;
use crate::text::Shingles;

/// Jaccard similarity of 3-gram sets from which two articles are near-duplicates.
const NEAR_DUPLICATE: f64 = 0.9;
/// Cosine below which a pair is not worth an exact comparison.
const WORTH_COMPARING: f32 = 0.5;

/// Two articles whose texts are the same, or nearly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearDuplicate {
    /// The article with the smaller ordinal.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// Jaccard similarity of their 3-gram sets, 0.9 to 1.
    pub jaccard: f64,
}

/// The pairs of near-duplicates, in ascending order; `shingles[i]` and `neighbours[i]` belong to article i.
///
/// Equal texts are found whatever their neighbours, each beside the first with its text.
pub fn near_duplicates(
    shingles: &[&Shingles],
    neighbours: &[Vec<Neighbour>],
) -> Vec<NearDuplicate> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut first_with: HashMap<&Shingles, usize> = HashMap::new();
    for (ord, text) in shingles.iter().enumerate() {
        let first = *first_with.entry(text).or_insert(ord);
        if first < ord && !text.is_empty() {
            pairs.push((first, ord));
        }
    }
    for (host, near) in neighbours.iter().enumerate() {
        let close = near
            .iter()
            .take_while(|near| near.cosine >= WORTH_COMPARING);
        for other in close.map(|near| near.ord.index()) {
            if may_be_alike(shingles[host].len(), shingles[other].len()) {
                pairs.push((host.min(other), host.max(other)));
            }
        }
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    let compared = pairs.into_par_iter().map(|(first, second)| NearDuplicate {
        first,
        second,
        jaccard: shingles[first].jaccard(shingles[second]),
    });
    compared
        .filter(|pair| pair.jaccard >= NEAR_DUPLICATE)
        .collect()
}

/// Whether `one` and another text, which has `length` 3-grams and is the row of this `cosine`, are the same, or nearly.
pub fn are_near_duplicates(
    cosine: f32,
    one: &Shingles,
    length: usize,
    other: impl FnOnce() -> Shingles,
) -> bool {
    cosine >= WORTH_COMPARING
        && may_be_alike(one.len(), length)
        && one.jaccard(&other()) >= NEAR_DUPLICATE
}

/// The smaller of two sets over the larger is the most that they can be alike.
fn may_be_alike(a: usize, b: usize) -> bool {
    a.min(b) as f64 >= NEAR_DUPLICATE * a.max(b) as f64
}

/// Disjoint sets of articles, each named by its smallest ordinal.
#[derive(Debug)]
pub struct Clusters(Vec<usize>);

impl Clusters {
    /// Every one of `articles` alone.
    pub fn singletons(articles: usize) -> Self {
        Self((0..articles).collect())
    }

    /// Puts the clusters of two articles together.
    pub fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// The smallest ordinal of each article's cluster.
    pub fn names(mut self) -> Vec<DocOrd> {
        (0..self.0.len())
            .map(|article| DocOrd(self.root(article) as u32))
            .collect()
    }

    fn root(&mut self, mut article: usize) -> usize {
        while self.0[article] != article {
            self.0[article] = self.0[self.0[article]];
            article = self.0[article];
        }
        article
    }
}
