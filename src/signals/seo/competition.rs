//! Pages that compete: shown for the same queries, so that readers who have one seldom want the other.

use std::collections::BTreeMap;

use super::demand::Demand;
use crate::model::DocOrd;

/// A query that more pages are shown for is a word of the site, and says nothing of two of them.
const MOST_PAGES: usize = 50;
/// The overlap from which two pages compete.
const LEAST: f64 = 0.2;

/// The pages that each page competes with and their overlap, 0 to 1, by ordinal: the sum over queries of the smaller of the
/// shares that the query has of either page's impressions.
pub fn competitors(demands: &[Demand]) -> Vec<Vec<(DocOrd, f64)>> {
    let mut pages: BTreeMap<u32, Vec<(usize, f64)>> = BTreeMap::new();
    for (ord, demand) in demands.iter().enumerate() {
        let total: f64 = demand.queries.values().sum();
        for (&query, &shown) in &demand.queries {
            if total > 0.0 {
                pages.entry(query).or_default().push((ord, shown / total));
            }
        }
    }
    let mut overlaps: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); demands.len()];
    for shares in pages.values().filter(|shares| shares.len() <= MOST_PAGES) {
        for (place, &(one, share)) in shares.iter().enumerate() {
            for &(other, of_other) in &shares[place + 1..] {
                *overlaps[one].entry(other).or_default() += share.min(of_other);
                *overlaps[other].entry(one).or_default() += share.min(of_other);
            }
        }
    }
    let kept = overlaps.into_iter().map(|found| {
        let found = found.into_iter().filter(|&(_, overlap)| overlap >= LEAST);
        found
            .map(|(ord, overlap)| (DocOrd(ord as u32), overlap.min(1.0)))
            .collect()
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_the_same_queries_compete_by_what_they_share() {
        let of = |queries: &[(u32, f64)]| Demand {
            queries: queries.iter().copied().collect(),
            ..Demand::default()
        };
        let found = competitors(&[
            of(&[(1, 60.0), (2, 40.0)]),
            of(&[(1, 5.0), (3, 5.0)]),
            of(&[(4, 9.0)]),
            of(&[]),
        ]);
        assert_eq!(found[0], [(DocOrd(1), 0.5)]);
        assert_eq!(found[1], [(DocOrd(0), 0.5)]);
        assert!(found[2].is_empty() && found[3].is_empty());
    }
}
