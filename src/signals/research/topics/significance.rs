//! Whether two things come together more often than chance explains.

/// Dunning's log-likelihood ratio of a two by two table (Dunning 1993), above 0 only if the two come together more often than
/// chance explains: `2 * sum over cells of n * ln(n / expected)`.
///
/// `both` of `total` have the one and the other, `one` have the one, `other` the other.
pub(super) fn signed_ratio(both: u64, one: u64, other: u64, total: u64) -> f64 {
    let expected = expected(one, other, total);
    if both as f64 <= expected {
        return 0.0;
    }
    let (one_only, other_only) = (one - both, other - both);
    let neither = (total + both).saturating_sub(one + other);
    let rest = |of: u64| total.saturating_sub(of);
    let cells = [
        (both, one, other),
        (one_only, one, rest(other)),
        (other_only, rest(one), other),
        (neither, rest(one), rest(other)),
    ];
    let sum: f64 = cells
        .into_iter()
        .filter(|&(count, ..)| count > 0)
        .map(|(count, row, column)| {
            let count = count as f64;
            count * libm::log(count * total as f64 / (row as f64 * column as f64))
        })
        .sum();
    2.0 * sum
}

/// How often both would come together by chance.
pub(super) fn expected(one: u64, other: u64, total: u64) -> f64 {
    if total == 0 {
        return 0.0;
    }
    one as f64 * other as f64 / total as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_what_a_hand_gets() {
        // 10 of 100 have both, 20 the one, 30 the other: cells 10, 10, 20, 60 against 6, 14, 24, 56.
        // 2 * (10 ln(10/6) + 10 ln(10/14) + 20 ln(20/24) + 60 ln(60/56)) = 2 * (5.1083 - 3.3647 - 3.6464 + 4.1396)
        assert!((signed_ratio(10, 20, 30, 100) - 4.4734).abs() < 1e-3);
        // Always together: 2 * (5 ln(5/0.25) + 95 ln(95/90.25)) = 2 * (14.9787 + 4.8729)
        assert!((signed_ratio(5, 5, 5, 100) - 39.7030).abs() < 1e-3);
        // Dunning's table of "the swiss": 110, 2442, 111, 29114 gives 270.72.
        assert!((signed_ratio(110, 2552, 221, 31777) - 270.72).abs() < 1e-2);
    }

    #[test]
    fn what_chance_explains_counts_nothing() {
        for (both, one, other, total) in [
            (6, 20, 30, 100),
            (0, 20, 30, 100),
            (2, 20, 30, 100),
            (0, 0, 0, 0),
            (7, 7, 7, 7),
        ] {
            assert_eq!(signed_ratio(both, one, other, total), 0.0, "{both}");
        }
    }
}
