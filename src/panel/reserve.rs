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
        if self.is_empty() {
            return Vec::new();
        }
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
    let scores = b.score.get().total_cmp(&a.score.get());
    scores.then(a.ord.cmp(&b.ord))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PerSignal, Score};
    use crate::panel::Exploration;
    use crate::ranking::Theme;

    /// Candidates 0 to 29 by falling score, each its own cluster.
    fn thirty() -> Vec<Ranked> {
        let ranked = (0..30).map(|ord| Ranked {
            ord: DocOrd(ord),
            cluster: DocOrd(ord),
            theme: Theme {
                topic: None,
                kind: 0,
            },
            score: Score::new(0.9 - f64::from(ord) * 0.02),
            values: PerSignal::default(),
            evidence: PerSignal::default(),
            looks: 0.0,
            related: true,
        });
        ranked.collect()
    }

    /// The set of the first `cards` with places for `clusters`, and who has one.
    fn with(clusters: &[u32], cards: usize) -> (Vec<u32>, Vec<u32>) {
        let candidates = thirty();
        let all: Vec<&Ranked> = candidates.iter().collect();
        let mut set = all[..cards].to_vec();
        let clusters = clusters.iter().map(|&ord| DocOrd(ord)).collect();
        let held = Reserved::of(clusters, cards).place(&mut set, &all);
        let set = set.iter().map(|one| one.ord.0).collect();
        (set, held.iter().map(|ord| ord.0).collect())
    }

    #[test]
    fn a_reserved_place_costs_the_last_card_that_has_none() {
        let (set, held) = with(&[25, 19, 3], 20);
        assert_eq!(held, [3, 19, 25]);
        let wanted: Vec<u32> = (0..18).chain([19, 25]).collect();
        assert_eq!(set, wanted);
    }

    #[test]
    fn the_upper_half_stays_whatever_is_reserved() {
        let behind: Vec<u32> = (20..30).rev().collect();
        let (set, _) = with(&behind, 20);
        let wanted: Vec<u32> = (0..10).chain(20..30).collect();
        assert_eq!(set, wanted);
        let (set, _) = with(&(15..30).collect::<Vec<_>>(), 20);
        assert_eq!(set[..10], (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn a_smaller_panel_keeps_its_part_and_a_larger_one_no_more() {
        assert_eq!(with(&[29], 9).1, Vec::<u32>::new());
        assert_eq!(with(&[29], 10).1, [29]);
        assert_eq!(with(&[25, 29], 5).1, [25]);
        assert_eq!(with(&[25, 29], 19).1, [25, 29]);
        assert_eq!(with(&[25, 29], 25).1, [25, 29]);
    }

    #[test]
    fn exploration_takes_no_place_that_is_reserved() {
        let candidates = thirty();
        let all: Vec<&Ranked> = candidates.iter().collect();
        let explored = |cards| Exploration {
            cards,
            seed: 7,
            novelty: Box::new(|one: &Ranked| if one.ord.0 >= 20 { 1.0 } else { 0.0 }),
        };
        for cards in 1..=5 {
            let mut set = all[..20].to_vec();
            let reserved = Reserved::of(vec![DocOrd(19), DocOrd(29)], 20);
            let held = reserved.place(&mut set, &all);
            explored(cards).exchange(&mut set, &all, &held);
            let ords: Vec<u32> = set.iter().map(|one| one.ord.0).collect();
            assert_eq!(ords.len(), 20);
            assert!(ords.is_sorted() && ords[..10] == (0..10).collect::<Vec<_>>()[..]);
            assert!(ords.contains(&19) && ords.contains(&29), "{ords:?}");
            let new = ords.iter().filter(|&&ord| ord >= 20 && ord != 29).count();
            assert_eq!(new, cards, "{ords:?}");
        }
    }
}
