//! How much one visitor, and one network, may add to a pair of articles in a day. Imported events have no network and no cap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decay::READ;
use crate::model::{DAY, Event, KeyedHash, NameOrd};

/// Reads of one pair that a visitor adds in a day, at most.
const OF_VISITOR: u32 = READ;
/// Reads of one pair that a network adds in a day, at most.
const OF_NETWORK: u32 = 5 * READ;
/// Pairs that a visitor adds to in a day, at most.
const PAIRS: usize = 256;

/// An article and one read beside it.
type Pair = (NameOrd, NameOrd);

/// What was added this day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Days since 1970.
    day: i64,
    visitors: BTreeMap<KeyedHash, BTreeMap<Pair, u32>>,
    networks: BTreeMap<(KeyedHash, Pair), u32>,
}

impl Caps {
    /// How much of `units` of reads of `pair` by the reader of `event` counts.
    pub(super) fn grant(&mut self, event: &Event<'_>, pair: Pair, units: u32) -> u32 {
        let Some(network) = event.network else {
            return units;
        };
        let day = event.at.div_euclid(DAY);
        if day > self.day {
            self.day = day;
            self.visitors.clear();
            self.networks.clear();
        }
        let own = self.visitors.entry(event.visitor).or_default();
        let known = own.len();
        let used = own.get(&pair).copied();
        let left = match used {
            Some(used) => OF_VISITOR - used,
            None if known < PAIRS => OF_VISITOR,
            None => 0,
        };
        let of_network = self.networks.entry((network, pair)).or_default();
        let granted = units.min(left).min(OF_NETWORK - *of_network);
        *of_network += granted;
        if granted > 0 {
            *own.entry(pair).or_default() += granted;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventKind;

    fn event(visitor: u64, network: Option<u64>, at: i64) -> Event<'static> {
        Event {
            at,
            visitor: KeyedHash(visitor),
            network: network.map(KeyedHash),
            kind: EventKind::Click,
            article: "/b",
            from: None,
            position: None,
            dwell: None,
            id: None,
        }
    }

    #[test]
    fn a_visitor_adds_one_read_a_pair_and_day_and_a_network_five() {
        let pair = (NameOrd(1), NameOrd(2));
        let mut caps = Caps::default();
        let day = 20_000 * DAY;
        let mut granted = 0;
        for turn in 0..10_000 {
            granted += caps.grant(&event(1, Some(1), day + turn), pair, READ / 4);
        }
        assert_eq!(granted, READ);
        granted = 0;
        for visitor in 0..1000 {
            granted += caps.grant(&event(visitor, Some(2), day), pair, READ);
        }
        // Visitor 1 has had its read.
        assert_eq!(granted, 5 * READ);
        assert_eq!(caps.grant(&event(1, Some(1), day + DAY), pair, READ), READ);
        assert_eq!(
            caps.grant(&event(1, None, day + DAY), pair, 9 * READ),
            9 * READ
        );
    }

    #[test]
    fn a_visitor_adds_to_so_many_pairs_in_a_day() {
        let mut caps = Caps::default();
        let event = event(1, Some(1), DAY);
        let granted =
            (0..1000).filter(|&other| caps.grant(&event, (NameOrd(0), NameOrd(other)), READ) > 0);
        assert_eq!(granted.count(), PAIRS);
    }
}
