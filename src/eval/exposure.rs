//! How evenly something is spread.

/// The Gini coefficient of `values`, which are not negative: 0 where all are equal, towards 1 where one has everything; `None`
/// where there is nothing to spread.
///
/// `sum over i of (2i - n - 1) x_i / (n * sum of x)`, with the n values from the smallest to the largest (Gini 1912).
pub fn gini(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let sum: f64 = sorted.iter().sum();
    let ranked = sorted.iter().zip(1..);
    let weighed: f64 = ranked
        .map(|(value, rank)| (2.0 * f64::from(rank) - n - 1.0) * value)
        .sum();
    (sum > 0.0).then(|| weighed / (n * sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_is_nothing_and_all_for_one_is_nearly_everything() {
        assert_eq!(gini(&[2.0; 5]), Some(0.0));
        assert_eq!(gini(&[0.0, 0.0, 0.0, 1.0]), Some(0.75));
        // (-3 * 1 - 1 * 2 + 1 * 3 + 3 * 4) / (4 * 10).
        assert_eq!(gini(&[4.0, 1.0, 3.0, 2.0]), Some(0.25));
        assert_eq!(gini(&[0.0; 3]), None);
        assert_eq!(gini(&[]), None);
    }
}
