//! What did not count, and why: per day and pair of articles, and of nobody.
//!
//! What is kept has a bound: so many days, and of each the pairs of which the most was held back.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::caps::Pair;
use super::decay::READ;
use crate::model::order;

/// Days that are kept.
const DAYS: i64 = 30;
/// Entries kept of a day: pairs, each by reason.
const ENTRIES: usize = 1024;

/// Why reads did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HeldReason {
    /// The visitor had added its share to the pair that day.
    Visitor,
    /// The network had added its share to the pair that day.
    Network,
    /// The visitor had added to as many pairs as one may in a day.
    Pairs,
}

/// How much did not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldBack {
    /// Reads that would have counted, in fixed point.
    units: u64,
    /// Events.
    pub events: u64,
}

impl HeldBack {
    /// Reads that would have counted.
    pub fn reads(&self) -> f64 {
        self.units as f64 / f64::from(READ)
    }

    fn add(&mut self, other: Self) {
        self.units += other.units;
        self.events += other.events;
    }
}

/// What was held back, by day (days since 1970).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine(BTreeMap<i64, Day>);

/// What was held back on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// By article, the one read beside it, and why.
    pub pairs: BTreeMap<(Pair, HeldReason), HeldBack>,
    /// Of pairs that are no longer told apart.
    pub others: HeldBack,
}

impl Quarantine {
    /// Takes note that an event of `day` should have added `units` more to `pair`.
    pub(super) fn hold(&mut self, day: i64, pair: Pair, reason: HeldReason, units: u32) {
        let held = HeldBack {
            units: u64::from(units),
            events: 1,
        };
        let day = self.0.entry(day).or_default();
        day.pairs.entry((pair, reason)).or_default().add(held);
        if day.pairs.len() >= 2 * ENTRIES {
            day.prune();
        }
    }

    /// Drops the days that are too old on `today`.
    pub(super) fn go_on_to(&mut self, today: i64) {
        self.0.retain(|day, _| *day > today - DAYS);
    }

    /// The days, the first one first.
    pub fn days(&self) -> impl Iterator<Item = (i64, &Day)> {
        self.0.iter().map(|(day, held)| (*day, held))
    }
}

impl Day {
    /// Leaves the pairs of which the most was held back.
    fn prune(&mut self) {
        let mut all: Vec<_> = std::mem::take(&mut self.pairs).into_iter().collect();
        order::sort_by_key(&mut all, |&(key, held)| (Reverse(held), key));
        for (_, held) in all.drain(ENTRIES..) {
            self.others.add(held);
        }
        self.pairs = all.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NameOrd;

    #[test]
    fn the_most_of_a_day_is_kept_and_the_rest_is_added_up() {
        let mut held = Quarantine::default();
        let count = 5000;
        for pair in 0..count {
            let units = if pair % 100 == 0 { 9 } else { 1 };
            held.hold(7, (NameOrd(0), NameOrd(pair)), HeldReason::Network, units);
        }
        let (day, kept) = held.days().next().expect("a day");
        assert_eq!(day, 7);
        assert!(kept.pairs.len() < 2 * ENTRIES);
        let most = kept.pairs.values().filter(|held| held.units == 9);
        assert_eq!(most.count(), 50);
        let all = kept.pairs.values().copied().chain([kept.others]);
        let (units, events) = all.fold((0, 0), |sum, held| {
            (sum.0 + held.units, sum.1 + held.events)
        });
        assert_eq!((units, events), (5000 + 50 * 8, 5000));
        held.go_on_to(7 + DAYS - 1);
        assert_eq!(held.days().count(), 1);
        held.go_on_to(7 + DAYS);
        assert_eq!(held.days().count(), 0);
    }
}
