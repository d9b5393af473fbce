//! How much one visitor, and one network, may add to a pair of articles in a day. Imported events have no network and no cap.
//!
//! What is known of a day ends with it, and has a bound within it. On a day of more than that, visitors are forgotten that
//! have been away the longest, and of networks the pairs to which they added the least: a network that has added all it may
//! stays known.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use super::decay::READ;
use super::held::{HeldReason, Quarantine};
use crate::model::{DAY, Event, KeyedHash, NameOrd};

/// Reads of one pair that a visitor adds in a day, at most.
const OF_VISITOR: u32 = READ;
/// Reads of one pair that a network adds in a day, at most.
const OF_NETWORK: u32 = 5 * READ;
/// Pairs that a visitor adds to in a day, at most.
const PAIRS: usize = 256;
/// Pairs of visitors, and pairs of networks, that are known at a time.
const KNOWN: usize = 1_000_000;

/// An article and one read beside it.
pub(super) type Pair = (NameOrd, NameOrd);

/// What was added this day, and what was held back lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Days since 1970.
    day: i64,
    visitors: BTreeMap<KeyedHash, Today>,
    /// Pairs of all visitors.
    pairs: usize,
    networks: BTreeMap<(KeyedHash, Pair), u32>,
    /// What did not count.
    pub held: Quarantine,
}

/// What a visitor added this day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Today {
    /// When last, in milliseconds since 1970.
    at: i64,
    /// By pair: most visitors add to a few.
    pairs: Vec<(Pair, u32)>,
}

impl Caps {
    /// How much of `units` of reads of `pair` by the reader of `event` counts.
    pub(super) fn grant(&mut self, event: &Event<'_>, pair: Pair, units: u32) -> u32 {
        let Some(network) = event.network else {
            return units;
        };
        let own = self.visitors.entry(event.visitor);
        let pairs = match &own {
            Entry::Occupied(own) => own.get().pairs.as_slice(),
            Entry::Vacant(_) => &[],
        };
        let place = pairs.binary_search_by_key(&pair, |&(pair, _)| pair);
        let (left, why) = match place {
            Ok(at) => (OF_VISITOR - pairs[at].1, HeldReason::Visitor),
            Err(_) if pairs.len() < PAIRS => (OF_VISITOR, HeldReason::Visitor),
            Err(_) => (0, HeldReason::Pairs),
        };
        let of_network = self.networks.entry((network, pair));
        let left_network = match &of_network {
            Entry::Occupied(used) => OF_NETWORK - used.get(),
            Entry::Vacant(_) => OF_NETWORK,
        };
        let granted = units.min(left).min(left_network);
        if granted < units {
            let day = event.at.div_euclid(DAY);
            let why = if left_network < left {
                HeldReason::Network
            } else {
                why
            };
            self.held.hold(day, pair, why, units - granted);
        }
        if granted > 0 {
            *of_network.or_default() += granted;
            let own = own.or_default();
            own.at = own.at.max(event.at);
            match place {
                Ok(at) => own.pairs[at].1 += granted,
                Err(at) => {
                    // Most visitors add to two: a read counts both ways.
                    if own.pairs.len() == own.pairs.capacity() {
                        own.pairs.reserve_exact(own.pairs.len().max(2));
                    }
                    own.pairs.insert(at, (pair, granted));
                    self.pairs += 1;
                }
            }
            self.bound(KNOWN);
        }
        granted
    }

    /// Drops what is of another day than that of `at`, which is the latest moment of all events.
    pub(super) fn go_on_to(&mut self, at: i64) {
        let day = at.div_euclid(DAY);
        if day > self.day {
            self.day = day;
            self.forget_visitors();
            self.held.go_on_to(day);
        }
    }

    /// Drops all that is known of visitors and networks.
    pub(super) fn forget_visitors(&mut self) {
        self.visitors.clear();
        self.pairs = 0;
        self.networks.clear();
    }

    /// Leaves half of what is known where it is more than `most`.
    fn bound(&mut self, most: usize) {
        if self.pairs > most {
            let mut by_time: Vec<_> = self
                .visitors
                .iter()
                .map(|(who, own)| (own.at, *who))
                .collect();
            by_time.sort_unstable();
            for (_, who) in by_time {
                if self.pairs <= most / 2 {
                    break;
                }
                let gone = self.visitors.remove(&who);
                self.pairs -= gone.map_or(0, |own| own.pairs.len());
            }
        }
        if self.networks.len() > most {
            let mut by_use: Vec<_> = self
                .networks
                .iter()
                .map(|(key, used)| (*used, *key))
                .collect();
            by_use.sort_unstable();
            for (_, key) in by_use.drain(..by_use.len() - most / 2) {
                self.networks.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventKind;

    const NOON: i64 = 20_000 * DAY + DAY / 2;

    fn event(visitor: u64, network: Option<u64>, at: i64) -> Event<'static> {
        Event {
            at,
            visitor: KeyedHash(visitor),
            network: network.map(KeyedHash),
            kind: EventKind::Click,
            article: "/b",
            ..Event::VIEW
        }
    }

    fn pair(other: u32) -> Pair {
        (NameOrd(1), NameOrd(other))
    }

    /// What was held back: reads and events, by reason.
    fn held(caps: &Caps) -> Vec<(HeldReason, f64, u64)> {
        let days = caps.held.days();
        let all = days.flat_map(|(_, day)| day.pairs.iter());
        all.map(|((_, why), held)| (*why, held.reads(), held.events))
            .collect()
    }

    #[test]
    fn a_visitor_adds_one_read_a_pair_and_day_and_a_network_five() {
        let mut caps = Caps::default();
        caps.go_on_to(NOON);
        let mut granted = 0;
        for turn in 0..10_000 {
            granted += caps.grant(&event(1, Some(1), NOON + turn), pair(2), READ / 4);
        }
        assert_eq!(granted, READ);
        assert_eq!(held(&caps), [(HeldReason::Visitor, 2499.0, 9996)]);
        granted = 0;
        for visitor in 0..1000 {
            granted += caps.grant(&event(visitor, Some(2), NOON), pair(2), READ);
        }
        assert_eq!(granted, 5 * READ);
        // Visitor 1 has had its read already.
        let expected = [
            (HeldReason::Visitor, 2500.0, 9997),
            (HeldReason::Network, 994.0, 994),
        ];
        assert_eq!(held(&caps), expected);
        caps.go_on_to(NOON + DAY);
        let tomorrow = event(1, Some(1), NOON + DAY);
        assert_eq!(caps.grant(&tomorrow, pair(2), READ), READ);
        assert_eq!(
            caps.grant(&event(1, None, NOON), pair(2), 9 * READ),
            9 * READ
        );
    }

    #[test]
    fn a_visitor_adds_to_so_many_pairs_in_a_day() {
        let mut caps = Caps::default();
        let event = event(1, Some(1), NOON);
        let granted = (0..1000).filter(|&other| caps.grant(&event, pair(other), READ) > 0);
        assert_eq!(granted.count(), PAIRS);
        let reasons = held(&caps);
        assert!(reasons.iter().all(|(why, ..)| *why == HeldReason::Pairs));
        assert_eq!(reasons.len(), 1000 - PAIRS);
        // What is refused is not known either.
        assert_eq!((caps.pairs, caps.networks.len()), (PAIRS, PAIRS));
        assert_eq!(caps.visitors.len(), 1);
    }

    #[test]
    fn what_is_known_of_a_day_has_a_bound_and_ends_with_it() {
        let most = 1000;
        let mut caps = Caps::default();
        caps.go_on_to(NOON);
        for visitor in 0..5 {
            assert_eq!(
                caps.grant(&event(visitor, Some(1), NOON), pair(0), READ),
                READ
            );
        }
        for visitor in 10..20_000 {
            let at = NOON + visitor as i64;
            let event = event(visitor, Some(visitor), at);
            assert!(caps.grant(&event, pair(visitor as u32 % 7), READ / 2) > 0);
            caps.bound(most);
            assert!(caps.pairs <= most && caps.networks.len() <= most);
        }
        let counted: usize = caps.visitors.values().map(|own| own.pairs.len()).sum();
        assert_eq!(counted, caps.pairs);
        // The network that had added all it may is known for the whole day.
        assert_eq!(caps.grant(&event(9, Some(1), NOON + 1), pair(0), READ), 0);
        caps.go_on_to(NOON + DAY);
        assert_eq!(
            (caps.pairs, caps.visitors.len(), caps.networks.len()),
            (0, 0, 0)
        );
    }
}
