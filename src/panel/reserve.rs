//! Reserved places: articles that few panels show have a place in those that were chosen for them, wherever they are related.
//!
//! In come the set that ranking chose and all candidates; out comes the set with what is reserved in it, in exchange for the
//! last ones. The upper half is never touched, and nothing changes its score.

use super::compose::Ranked;
use crate::model::DocOrd;

/// Cards of the panels that places are assigned in; a smaller panel keeps its part of them.
pub const WHOLE_PANEL: usize = 20;

/// The places that are reserved in a panel.
#[derive(Clone, Debug, Default)]
pub struct Reserved {
    /// For whom: the names of clusters, of which the best member is shown.
    clusters: Vec<DocOrd>,
    /// How many of them.
    most: usize,
}

impl Reserved {
    /// For `clusters`, in a panel of `limit` cards.
    pub fn of(clusters: Vec<DocOrd>, limit: usize) -> Self {
        let part = limit.min(WHOLE_PANEL) * clusters.len();
        // Rounded to the next whole number, a half upwards.
        let most = (2 * part + WHOLE_PANEL) / (2 * WHOLE_PANEL);
        Self { clusters, most }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.most == 0
    }

    /// Gives those of `all` that have a place here the last of `set`, as far as they are not in it. Both stand by falling
    /// score, ties by id, and so does what is left. Who has a place, whether it needed one or not.
    pub(super) fn place<'r>(&self, set: &mut Vec<&'r Ranked>, all: &[&'r Ranked]) -> Vec<DocOrd> {
        let reserved = all.iter().copied();
        let reserved = reserved.filter(|one| self.clusters.contains(&one.cluster));
        let placed: Vec<&Ranked> = reserved.take(self.most).collect();
        let held: Vec<DocOrd> = placed.iter().map(|one| one.ord).collect();
        let missing = placed
            .into_iter()
            .filter(|one| set.iter().all(|other| other.ord != one.ord));
        let missing: Vec<&Ranked> = missing.collect();
        let gone = last_ones(set, missing.len(), &held);
        let room = gone.len();
        set.retain(|one| !gone.contains(&one.ord));
        set.extend(missing.into_iter().take(room));
        if room > 0 {
            set.sort_by(|a, b| best_first(a, b));
        }
        held
    }
}

/// The last `count` of the lower half of `set` that are not `held`.
pub(super) fn last_ones(set: &[&Ranked], count: usize, held: &[DocOrd]) -> Vec<DocOrd> {
    let lower = set[set.len().div_ceil(2)..].iter().rev();
    let free = lower.filter(|one| !held.contains(&one.ord));
    free.take(count).map(|one| one.ord).collect()
}

/// By falling score, ties by id.
pub(super) fn best_first(a: &Ranked, b: &Ranked) -> std::cmp::Ordering {
    let scores = b.blended.score.get().total_cmp(&a.blended.score.get());
    scores.then(a.ord.cmp(&b.ord))
}
