//! What is kept beside the counts: what later events may still be joined to, which is of visitors and lasts a day, and what a
//! checkpoint holds of it, which is of nobody.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use serde::{Deserialize, Serialize};

use super::caps::Caps;
use super::places::Places;
use crate::index::ReadFile;
use crate::model::{DAY, KeyedHash, Liked, Visit};

/// Visitors whose visits are known at a time; they take some 90 bytes each.
const VISITS: usize = 500_000;
/// Visits among which the one is looked for that has to go.
const LOOKED_AT: usize = 16;
/// Visitors whose likes are kept.
const LIKING_VISITORS: usize = 100_000;

/// What later events may still be joined to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenState {
    /// The number in the journal of the next event.
    pub next: u64,
    /// The latest moment of all events, in milliseconds since 1970.
    pub newest: i64,
    /// Visits of the last day.
    pub visits: BTreeMap<KeyedHash, Visit>,
    /// The visitor behind whom a visit is looked for that has to go.
    pub(super) looked_to: u64,
    /// What visitors liked.
    pub liked: BTreeMap<KeyedHash, Liked>,
    /// What was added this day.
    pub caps: Caps,
    /// Names that are addresses with a host.
    pub addresses: u32,
    /// What tells how readers look at panels.
    pub places: Places,
}

/// What a checkpoint holds beside the counts: nothing that is of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointState {
    /// Until when the events that it counted were added, in unix seconds.
    pub until: u64,
    /// What tells how readers look at panels.
    pub places: Places,
}

impl OpenState {
    /// The visit of `visitor`, from now on if there was none.
    pub(super) fn visit(&mut self, visitor: KeyedHash) -> &mut Visit {
        self.visit_of(visitor, VISITS)
    }

    /// The same where visits of so many visitors are known at a time.
    fn visit_of(&mut self, visitor: KeyedHash, most: usize) -> &mut Visit {
        if self.visits.len() >= most && !self.visits.contains_key(&visitor) {
            self.forget_visit();
        }
        self.visits.entry(visitor).or_default()
    }

    /// Forgets one visit: of a few visitors in a row the one who has been away the longest; the next time it is the turn of those
    /// behind them. Nobody waits until all are looked at.
    fn forget_visit(&mut self) {
        let behind = self
            .visits
            .range((Excluded(KeyedHash(self.looked_to)), Unbounded));
        let few = behind.chain(self.visits.iter()).take(LOOKED_AT);
        let few: Vec<_> = few.map(|(who, visit)| (visit.at, *who)).collect();
        if let (Some(&(_, gone)), Some(&(_, last))) = (few.iter().min(), few.last()) {
            self.visits.remove(&gone);
            self.looked_to = last.0;
        }
    }

    /// What is kept for a day only is dropped when a day has passed.
    pub(super) fn go_on_to(&mut self, at: i64) {
        let before = self.newest.div_euclid(DAY);
        self.newest = self.newest.max(at);
        if self.newest.div_euclid(DAY) > before {
            self.caps.go_on_to(self.newest);
            self.places.learn(self.newest);
            let oldest = self.newest - DAY;
            self.visits.retain(|_, visit| visit.at >= oldest);
            if self.liked.len() > LIKING_VISITORS {
                let mut moments: Vec<i64> = self.liked.values().map(|liked| liked.at).collect();
                moments.sort_unstable();
                let oldest = moments[moments.len() - LIKING_VISITORS];
                self.liked.retain(|_, liked| liked.at > oldest);
            }
        }
    }
}

impl CheckpointState {
    /// What the checkpoint `file` holds; nothing where other rules wrote it.
    pub fn of(file: &ReadFile) -> Self {
        postcard::from_bytes(file.open_state()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_more_visitors_than_are_known_those_are_forgotten_that_are_long_gone() {
        let mut open = OpenState::default();
        // In no order of their names, as keyed hashes are.
        let who = |turn: u64| KeyedHash((turn + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let most = 5000;
        let all = 3 * most as u64;
        for turn in 0..all {
            open.visit_of(who(turn), most).at = turn as i64;
            assert!(open.visits.len() <= most);
        }
        let known = |turns: std::ops::Range<u64>| {
            let count = turns.end - turns.start;
            let known = turns.filter(|&turn| open.visits.contains_key(&who(turn)));
            known.count() as f64 / count as f64
        };
        assert_eq!(open.visits.len(), most);
        let tenth = most as u64 / 10;
        assert_eq!(known(all - tenth..all), 1.0);
        assert!(known(all - 5 * tenth..all) > 0.99);
        assert!(known(0..most as u64) < 0.01);
        // Whoever is known stays it, and nobody goes for that.
        let before = open.visits.len();
        open.visit_of(who(all - 1), most).at += 1;
        assert_eq!(open.visits.len(), before);
    }
}
