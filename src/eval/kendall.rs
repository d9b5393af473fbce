//! How far two ways to rate the same things put them into the same order.

use std::cmp::Ordering;

/// Kendall's tau-b of the pairs of ratings `(x, y)`, from -1 (opposite orders) to 1 (the same order); `None` where all `x` or
/// all `y` are equal, so that there is no order to agree with.
///
/// `(C - D) / sqrt((n0 - n1) (n0 - n2))`: C pairs in the same order, D in the opposite one, n0 all pairs, n1 and n2 those with
/// equal `x` and with equal `y` (Kendall 1945, The treatment of ties in ranking problems). Takes time in the square of the
/// number of ratings. A rating that is no number is equal to every other.
pub fn kendall_tau(ratings: &[(f64, f64)]) -> Option<f64> {
    let order = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Equal) as i64;
    let (mut agreement, mut told_by_x, mut told_by_y) = (0i64, 0i64, 0i64);
    for (at, first) in ratings.iter().enumerate() {
        for second in &ratings[..at] {
            let (x, y) = (order(first.0, second.0), order(first.1, second.1));
            agreement += x * y;
            told_by_x += x.abs();
            told_by_y += y.abs();
        }
    }
    let told = (told_by_x as f64 * told_by_y as f64).sqrt();
    (told > 0.0).then(|| agreement as f64 / told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_order_is_one_and_the_opposite_minus_one() {
        let up = [(1.0, 10.0), (2.0, 20.0), (3.0, 25.0)];
        assert_eq!(kendall_tau(&up), Some(1.0));
        let down = up.map(|(x, y)| (x, -y));
        assert_eq!(kendall_tau(&down), Some(-1.0));
    }

    #[test]
    fn ties_count_as_kendall_counts_them() {
        // Of ten pairs one is tied in x and one in y; of the eight others six agree: (6 - 2) / sqrt(9 * 9).
        let ratings = [(1.0, 2.0), (2.0, 1.0), (3.0, 3.0), (3.0, 5.0), (5.0, 3.0)];
        let tau = kendall_tau(&ratings).expect("an order");
        assert!((tau - 4.0 / 9.0).abs() < 1e-12, "{tau}");
    }

    #[test]
    fn without_an_order_there_is_nothing_to_agree_with() {
        assert_eq!(kendall_tau(&[]), None);
        assert_eq!(kendall_tau(&[(1.0, 1.0)]), None);
        assert_eq!(kendall_tau(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(kendall_tau(&[(1.0, 1.0), (f64::NAN, 2.0)]), None);
    }
}
