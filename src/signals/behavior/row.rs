//! The counts of one article: added to, brought to a later period, kept to the strongest.

use super::decay::{READ, SEEN, halved, period, weight};
use crate::model::{HALF_LIVES, NameOrd, ReadPair, ReadRow};

/// Others kept of an article.
const PARTNERS: usize = 128;

/// Adds to a row what happened at `at` (milliseconds since 1970): `units` of reads of `partner` by the visitor `mark`.
pub(super) fn add_read(row: &mut ReadRow, partner: NameOrd, units: u32, at: i64, mark: u16) {
    advance(row, at);
    let periods = row.periods;
    let weights: [u32; HALF_LIVES] =
        std::array::from_fn(|which| weight(units, at, which, periods[which]));
    for (total, weight) in row.totals.iter_mut().zip(weights) {
        *total = total.saturating_add(u64::from(weight));
    }
    let pair = pair_of(row, partner);
    for (count, weight) in pair.reads.iter_mut().zip(weights) {
        *count = count.saturating_add(weight);
    }
    mark_visitor(pair, mark);
    prune(row);
}

/// Adds to a row that a card which leads to `partner` was seen at `at`; `chance` is how likely a reader looks at its place.
pub(super) fn add_seen(row: &mut ReadRow, partner: NameOrd, chance: f64, at: i64) {
    advance(row, at);
    let units = libm::round(f64::from(READ) * chance) as u32;
    let weight = weight(units, at, SEEN, row.periods[SEEN]);
    let pair = pair_of(row, partner);
    pair.seen = pair.seen.saturating_add(weight);
    prune(row);
}

/// Brings a row to the periods of `at`, if they are later.
pub(super) fn advance(row: &mut ReadRow, at: i64) {
    for which in 0..HALF_LIVES {
        let current = period(at, which);
        let passed = current.saturating_sub(row.periods[which]);
        if passed == 0 {
            continue;
        }
        row.periods[which] = current;
        let total = &mut row.totals[which];
        *total = total.checked_shr(u32::from(passed)).unwrap_or(0);
        for pair in &mut row.pairs {
            bring(pair, which, passed);
        }
    }
}

/// A pair whose row has been brought on by so many periods.
pub(super) fn brought(mut pair: ReadPair, passed: [u16; HALF_LIVES]) -> ReadPair {
    for (which, passed) in passed.into_iter().enumerate() {
        bring(&mut pair, which, passed);
    }
    pair
}

fn bring(pair: &mut ReadPair, which: usize, passed: u16) {
    pair.reads[which] = halved(pair.reads[which], passed);
    if which == SEEN {
        pair.seen = halved(pair.seen, passed);
    }
}

fn pair_of(row: &mut ReadRow, partner: NameOrd) -> &mut ReadPair {
    let place = row
        .pairs
        .binary_search_by_key(&partner, |pair| pair.partner);
    let at = place.unwrap_or_else(|at| {
        let pair = ReadPair {
            partner,
            ..ReadPair::default()
        };
        row.pairs.insert(at, pair);
        at
    });
    &mut row.pairs[at]
}

/// Notes a visitor where it is among the first three.
fn mark_visitor(pair: &mut ReadPair, mark: u16) {
    if let Some(place) = pair
        .visitors
        .iter_mut()
        .find(|place| **place == 0 || **place == mark)
    {
        *place = mark;
    }
}

/// Whether so many pairs are twice as many as are kept.
pub(super) fn is_full(pairs: usize) -> bool {
    pairs >= 2 * PARTNERS
}

/// Leaves the strongest once there are twice as many as are kept.
pub(super) fn prune(row: &mut ReadRow) {
    if !is_full(row.pairs.len()) {
        return;
    }
    let strength = |pair: &ReadPair| {
        let [_, season, long] = pair.reads;
        std::cmp::Reverse((u64::from(long) + u64::from(season), pair.seen))
    };
    row.pairs.sort_by_key(|pair| (strength(pair), pair.partner));
    row.pairs.truncate(PARTNERS);
    row.pairs.sort_unstable_by_key(|pair| pair.partner);
}

#[cfg(test)]
mod tests {
    use super::super::decay::Moment;
    use super::*;
    use crate::model::DAY;

    #[test]
    fn only_the_strongest_are_kept_and_the_total_is_of_all() {
        let mut row = ReadRow::default();
        for partner in 0..1000 {
            let units = if partner % 10 == 0 { READ } else { READ / 10 };
            add_read(&mut row, NameOrd(partner), units, 20_000 * DAY, 1);
        }
        assert!(row.pairs.len() < 2 * PARTNERS);
        let strong = row.pairs.iter().filter(|pair| pair.partner.0 % 10 == 0);
        assert_eq!(strong.count(), 100);
        assert!(row.pairs.is_sorted_by_key(|pair| pair.partner));
        let worth = Moment::new(20_000 * DAY).worth(2, row.periods[2]);
        let total = row.totals[2] as f64 * worth;
        assert!((total - 190.0).abs() < 0.1, "{total}");
    }

    #[test]
    fn three_visitors_are_told_apart_and_one_is_one() {
        let mut row = ReadRow::default();
        for mark in [7, 7, 9, 7, 9, 11, 13] {
            add_read(&mut row, NameOrd(1), READ, DAY, mark);
        }
        assert_eq!(row.pairs[0].visitors, [7, 9, 11]);
    }

    #[test]
    fn a_row_that_rests_is_as_one_that_is_brought_along() {
        let (mut resting, mut moving) = (ReadRow::default(), ReadRow::default());
        for row in [&mut resting, &mut moving] {
            add_read(row, NameOrd(1), READ, 0, 1);
            add_seen(row, NameOrd(2), 0.5, 5 * DAY);
        }
        for day in 0..900 {
            advance(&mut moving, day * DAY);
        }
        add_read(&mut moving, NameOrd(1), READ / 3, 899 * DAY, 2);
        add_read(&mut resting, NameOrd(1), READ / 3, 899 * DAY, 2);
        assert_eq!(resting, moving);
    }
}
