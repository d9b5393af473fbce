//! What is kept beside the counts: what later events may still be joined to, which is of visitors and lasts a day, and what a
//! checkpoint holds of it, which is of nobody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::caps::Caps;
use super::places::Places;
use crate::index::ReadFile;
use crate::model::{DAY, KeyedHash, Liked, Visit};

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
