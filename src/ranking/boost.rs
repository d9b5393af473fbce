//! An editor's boost: so much more or less of a score, within what a score can be.

use crate::model::{LARGEST_BOOST, PerSignal, Score};

/// Differences of scores below this come from rounding.
const ROUNDING: f64 = 1e-9;

/// `score` with all boosts of a card, which add up to `by`.
pub fn boosted(score: Score, by: f64) -> Score {
    Score::new(score.get() + by.clamp(-LARGEST_BOOST, LARGEST_BOOST))
}

/// What of `score` the signals did not give; 0 where that is rounding.
pub fn editors_part(score: Score, contributions: &PerSignal<f64>) -> f64 {
    let part = score.get() - contributions.sum();
    if part.abs() < ROUNDING { 0.0 } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boost_is_bounded_and_its_part_makes_the_sum_whole() {
        for (score, by, boosted_to) in [
            (0.5, 0.2, 0.7),
            (0.5, 9.0, 0.8),
            (0.9, 0.3, 1.0),
            (0.1, -0.3, 0.0),
            (0.4, 0.0, 0.4),
        ] {
            let contributions = PerSignal::from_fn(|_| score / 4.0);
            let after = boosted(Score::new(score), by);
            assert!((after.get() - boosted_to).abs() < 1e-12, "{score} {by}");
            let part = editors_part(after, &contributions);
            assert!((contributions.sum() + part - after.get()).abs() < 1e-9);
        }
    }
}
