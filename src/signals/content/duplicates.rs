//! Near-duplicates: articles whose word 3-grams are the same to nine tenths.
//!
//! The nearest neighbours are the sketch: texts that share nine tenths of their 3-grams share nearly all of their terms, so
//! each is among the other's nearest. Only such pairs are compared exactly.

use std::collections::HashMap;

use super::neighbours::Neighbour;
use crate::model::DocOrd;
use crate::text::Shingles;

/// Jaccard similarity of 3-gram sets from which two articles are near-duplicates.
const NEAR_DUPLICATE: f64 = 0.9;
/// Cosine below which a pair is not worth an exact comparison.
const WORTH_COMPARING: f32 = 0.5;

/// For each article the smallest ordinal of its cluster of near-duplicates, itself included.
///
/// `shingles[i]` and `neighbours[i]` belong to article i. Equal texts are found whatever their neighbours.
pub fn duplicate_clusters(
    shingles: &[&Shingles],
    neighbours: &[Vec<Neighbour>],
    clusters: &mut Clusters,
) {
    let mut first_with: HashMap<&Shingles, usize> = HashMap::new();
    for (ord, text) in shingles
        .iter()
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
    {
        let first = *first_with.entry(text).or_insert(ord);
        clusters.join(first, ord);
    }
    for (host, near) in neighbours.iter().enumerate() {
        for neighbour in near
            .iter()
            .take_while(|near| near.cosine >= WORTH_COMPARING)
        {
            let other = neighbour.ord.index();
            if host < other && shingles[host].jaccard(shingles[other]) >= NEAR_DUPLICATE {
                clusters.join(host, other);
            }
        }
    }
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
