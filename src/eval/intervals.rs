//! How sure a mean is: intervals by the bootstrap (Efron 1979), on a fixed seed.

use serde::Serialize;

use super::random::Random;

/// Samples that an interval is taken from.
const SAMPLES: usize = 2_000;
/// What all chance of a sample comes from.
const SEED: u64 = 1;

/// A mean and the bounds between which 95% of the means of samples lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// The mean of `values`, of pairs as much as of single ones, and its interval; `None` where there are none.
pub fn paired_interval(values: &[f64]) -> Option<Interval> {
    let units: Vec<(f64, f64)> = values.iter().map(|&value| (value, 1.0)).collect();
    ratio_interval(&units)
}

/// The sum of the first over the sum of the second numbers of `units`, and its interval when units are drawn anew; `None`
/// where the second add up to nothing.
pub(super) fn ratio_interval(units: &[(f64, f64)]) -> Option<Interval> {
    let ratio = |sums: (f64, f64)| sums.0 / sums.1;
    let add = |sums: (f64, f64), unit: &(f64, f64)| (sums.0 + unit.0, sums.1 + unit.1);
    let all = units.iter().fold((0.0, 0.0), add);
    if all.1 <= 0.0 {
        return None;
    }
    let mut random = Random::seeded(SEED, 0);
    let mut means: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let drawn = (0..units.len()).map(|_| &units[random.below(units.len())]);
            let sums = drawn.fold((0.0, 0.0), add);
            if sums.1 > 0.0 { ratio(sums) } else { 0.0 }
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        mean: ratio(all),
        low: quantile(&means, 0.025),
        high: quantile(&means, 0.975),
    })
}

/// The share of `hits` among `all` and the bounds between which the true chance lies with 95% (the score interval: Wilson 1927,
/// Probable inference); `None` where there are none, or fewer than hits.
pub fn wilson(hits: u64, all: u64) -> Option<Interval> {
    /// The quantile of the normal distribution that leaves out 2.5%.
    const Z: f64 = 1.959_963_984_540_054;
    if all == 0 || hits > all {
        return None;
    }
    let n = all as f64;
    let share = hits as f64 / n;
    let center = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let spread = (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let half = Z * spread / (1.0 + Z * Z / n);
    Some(Interval {
        mean: share,
        low: (center - half).max(0.0),
        high: (center + half).min(1.0),
    })
}

/// The value below which a share of `sorted` lies, between neighbours in proportion.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (place as usize, place.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_ones_of_a_hundred_lie_within_a_tenth_of_a_half() {
        let values: Vec<f64> = (0..100).map(|number| f64::from(number % 2)).collect();
        let found = paired_interval(&values).expect("some");
        assert_eq!(found.mean, 0.5);
        // By the normal approximation half is told to 1.96 * sqrt(0.25 / 100) = 0.098.
        assert!((found.low - 0.402).abs() < 0.015, "{found:?}");
        assert!((found.high - 0.598).abs() < 0.015, "{found:?}");
        assert_eq!(paired_interval(&values), Some(found));
    }

    #[test]
    fn equal_values_leave_no_doubt_and_none_say_nothing() {
        let sure = paired_interval(&[0.25; 7]).expect("some");
        assert_eq!((sure.low, sure.mean, sure.high), (0.25, 0.25, 0.25));
        assert_eq!(paired_interval(&[]), None);
    }

    #[test]
    fn a_ratio_weighs_its_units() {
        let found = ratio_interval(&[(1.0, 1.0), (0.0, 3.0)]).expect("some");
        assert_eq!(found.mean, 0.25);
        assert!(found.low == 0.0 && found.high == 1.0, "{found:?}");
        assert_eq!(ratio_interval(&[(0.0, 0.0)]), None);
    }

    #[test]
    fn shares_are_as_sure_as_wilson_says() {
        // 1 of 10, as in tables: 0.0179 to 0.4042.
        let found = wilson(1, 10).expect("some");
        assert!((found.low - 0.0179).abs() < 5e-5 && (found.high - 0.4042).abs() < 5e-5);
        let none = wilson(0, 10).expect("some");
        assert!(none.low == 0.0 && (none.high - 0.2775).abs() < 5e-5);
        assert_eq!((wilson(0, 0), wilson(2, 1)), (None, None));
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(quantile(&[0.0, 1.0, 2.0], 0.75), 1.5);
        assert_eq!(quantile(&[4.0], 0.3), 4.0);
    }
}
