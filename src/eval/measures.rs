//! How good one ranking is by what is known to be relevant.

use crate::model::order;
use std::collections::{BTreeMap, HashSet};
use std::ops::{Index, IndexMut};

/// A measure, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002): gain `log2(1 + grade)`, discount
    /// `1 / log2(1 + rank)`, over that of the best order.
    Ndcg10,
    /// The same of the first twenty.
    Ndcg20,
    /// The share of the relevant articles among the first twenty.
    Recall20,
    /// 1 / rank of the first relevant article, 0 beyond twenty.
    Mrr20,
}

impl Measure {
    /// All measures, in the order in which they are shown.
    pub const ALL: [Measure; 4] = [
        Measure::Ndcg10,
        Measure::Ndcg20,
        Measure::Recall20,
        Measure::Mrr20,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Ndcg10 => "nDCG@10",
            Measure::Ndcg20 => "nDCG@20",
            Measure::Recall20 => "Recall@20",
            Measure::Mrr20 => "MRR@20",
        }
    }
}

/// One value for each measure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerMeasure<T>([T; 4]);

impl<T> PerMeasure<T> {
    /// The values that `value` gives, measure by measure.
    pub fn from_fn(mut value: impl FnMut(Measure) -> T) -> Self {
        Self(Measure::ALL.map(&mut value))
    }
}

impl<T> Index<Measure> for PerMeasure<T> {
    type Output = T;
    fn index(&self, measure: Measure) -> &T {
        &self.0[measure as usize]
    }
}

impl<T> IndexMut<Measure> for PerMeasure<T> {
    fn index_mut(&mut self, measure: Measure) -> &mut T {
        &mut self.0[measure as usize]
    }
}

/// The measures of `ranked` (best first, none twice) by the grades of the articles that are `relevant`, all above 0.
pub fn measures(relevant: &BTreeMap<String, f64>, ranked: &[&str]) -> PerMeasure<f64> {
    let grades: Vec<f64> = ranked
        .iter()
        .take(20)
        .map(|&id| relevant.get(id).copied().unwrap_or(0.0))
        .collect();
    let mut ideal: Vec<f64> = relevant.values().copied().collect();
    order::sort_by(&mut ideal, |a, b| b.total_cmp(a));
    let ndcg = |depth| {
        let best = gain(&ideal, depth);
        if best > 0.0 {
            gain(&grades, depth) / best
        } else {
            0.0
        }
    };
    let hits = grades.iter().filter(|&&grade| grade > 0.0).count();
    let first = grades.iter().position(|&grade| grade > 0.0);
    PerMeasure::from_fn(|measure| match measure {
        Measure::Ndcg10 => ndcg(10),
        Measure::Ndcg20 => ndcg(20),
        Measure::Recall20 => hits as f64 / relevant.len().max(1) as f64,
        Measure::Mrr20 => first.map_or(0.0, |place| 1.0 / (place + 1) as f64),
    })
}

/// The discounted gain of the first `depth` of `grades`, in their order.
fn gain(grades: &[f64], depth: usize) -> f64 {
    let places = grades.iter().take(depth).zip(2..);
    places
        .map(|(&grade, place)| libm::log2(1.0 + grade) / discount(place))
        .sum()
}

/// `log2(1 + rank)`, where `place` is the rank and one.
fn discount(place: u32) -> f64 {
    libm::log2(f64::from(place))
}

/// `ids` without `host` and without what stood there before, at most `depth`.
pub(super) fn distinct<'a>(
    host: &str,
    ids: impl Iterator<Item = &'a str>,
    depth: usize,
) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    ids.filter(|&id| id != host && seen.insert(id))
        .take(depth)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relevant(grades: &[(&str, f64)]) -> BTreeMap<String, f64> {
        let grades = grades.iter();
        grades.map(|&(id, grade)| (id.to_owned(), grade)).collect()
    }

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 1e-12, "{found}, not {wanted}");
    }

    #[test]
    fn the_measures_are_what_a_hand_computes() {
        // Gains: log2(1 + 1) = 1 for a, log2(1 + 3) = 2 for b. b at rank 2, a at rank 3.
        let known = relevant(&[("a", 1.0), ("b", 3.0)]);
        let found = measures(&known, &["x", "b", "a"]);
        let log2_3 = 1.584_962_500_721_156;
        close(
            found[Measure::Ndcg10],
            (2.0 / log2_3 + 0.5) / (2.0 + 1.0 / log2_3),
        );
        close(found[Measure::Ndcg20], found[Measure::Ndcg10]);
        close(found[Measure::Recall20], 1.0);
        close(found[Measure::Mrr20], 0.5);
        assert_eq!(measures(&known, &[]), PerMeasure::default());
        close(measures(&known, &["b", "a"])[Measure::Ndcg10], 1.0);
    }

    #[test]
    fn what_lies_deeper_does_not_count() {
        let known = relevant(&[("a", 1.0), ("b", 1.0)]);
        let filler: Vec<String> = (0..30).map(|number| format!("x{number}")).collect();
        let mut ranked: Vec<&str> = filler.iter().map(String::as_str).collect();
        ranked[10] = "a";
        ranked[20] = "b";
        let found = measures(&known, &ranked);
        close(found[Measure::Ndcg10], 0.0);
        // a at rank 11: 1 / log2(12), over 1 + 1 / log2(3).
        close(
            found[Measure::Ndcg20],
            (1.0 / 3.584_962_500_721_156) / (1.0 + 1.0 / 1.584_962_500_721_156),
        );
        close(found[Measure::Recall20], 0.5);
        close(found[Measure::Mrr20], 1.0 / 11.0);
    }

    #[test]
    fn the_host_and_what_stands_twice_take_no_place() {
        let ids = ["q", "a", "b", "a", "c"];
        assert_eq!(distinct("q", ids.into_iter(), 2), ["a", "b"]);
    }
}
