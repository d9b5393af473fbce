//! The rules of a panel: the floor, the structural rules, the set, the order, the percentages, the fill.

use super::card::Reason;
use super::explore::Exploration;
use super::reserve::{self, Reserved};
use crate::model::{DocOrd, MatchPercent, PerSignal, Score};
use crate::ranking::{self, Theme, Weights, diversify};

/// A candidate with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The candidate.
    pub ord: DocOrd,
    /// The smallest ordinal among its near-duplicates and twins.
    pub cluster: DocOrd,
    /// Its topic and its kind.
    pub theme: Theme,
    /// Its score.
    pub score: Score,
    /// What the score comes from: the value of each signal, and how much it knows.
    pub values: PerSignal<f64>,
    /// See `values`.
    pub evidence: PerSignal<f64>,
    /// How often its card was looked at in this host's panel.
    pub looks: f32,
    /// Whether its raw evidence and its score pass the floor.
    pub related: bool,
}

impl Ranked {
    /// What each signal gave to the score. It is worked out for those that are shown.
    pub fn contributions(&self, weights: &Weights) -> PerSignal<f64> {
        ranking::contributions(weights, &self.values, &self.evidence)
    }

    fn place(&self, weights: &Weights, best: Score) -> Fill {
        let contributions = self.contributions(weights);
        let percent = MatchPercent::of(self.score, best);
        Fill {
            ord: self.ord,
            reason: Reason::of(&contributions),
            related: Some((percent, self.score, contributions)),
        }
    }
}

/// A place in a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The article.
    pub ord: DocOrd,
    /// Why it is there.
    pub reason: Reason,
    /// Percentage, score and contributions of a related card; `None` for fill.
    pub related: Option<(MatchPercent, Score, PerSignal<f64>)>,
}

/// Chooses and orders at most `limit` places: related candidates, of near-equals those of different topics and kinds, by
/// falling score, ties by id, one of each cluster and none of `host_cluster`, the last places as `reserved` and `exploration`
/// tell; then articles of `latest` that no rule forbids.
pub fn compose(
    host_cluster: DocOrd,
    candidates: &[Ranked],
    weights: &Weights,
    latest: impl Iterator<Item = (DocOrd, DocOrd)>,
    limit: usize,
    reserved: &Reserved,
    exploration: Option<&Exploration<'_>>,
) -> Vec<Fill> {
    let mut candidates = best_first(candidates);
    // Most hosts have no candidate that is like another one; what is alone in its cluster is called by its own name.
    let alone = |one: &&Ranked| one.cluster == one.ord && one.cluster != host_cluster;
    if !candidates.iter().all(alone) {
        let mut seen = Clusters::with(host_cluster, candidates.len());
        candidates.retain(|candidate| seen.insert(candidate.cluster));
    }
    let score = |candidate: &&Ranked| candidate.score.get();
    let chosen = candidates.len() > limit && (exploration.is_some() || !reserved.is_empty());
    let all = chosen.then(|| candidates.clone());
    diversify(&mut candidates, limit, score, |candidate| candidate.theme);
    if let Some(all) = all {
        let held = reserved.place(&mut candidates, &all);
        if let Some(exploration) = exploration {
            exploration.exchange(&mut candidates, &all, &held);
        }
    }
    let best = candidates.first().map(|first| first.score);
    let best = best.unwrap_or_default();
    let places = candidates.iter();
    let mut places: Vec<Fill> = places.map(|one| one.place(weights, best)).collect();
    let missing = limit - places.len();
    if missing > 0 {
        // A cluster beyond the limit is still unseen in the panel, so only what is shown forbids its twins.
        let mut shown = Clusters::with(host_cluster, limit);
        for candidate in &candidates {
            shown.insert(candidate.cluster);
        }
        let fill = latest.filter(|&(_, cluster)| shown.insert(cluster));
        places.extend(fill.take(missing).map(|(ord, _)| Fill {
            ord,
            reason: Reason::Latest,
            related: None,
        }));
    }
    places
}

/// The related ones of `candidates` by falling score, ties by id.
fn best_first(candidates: &[Ranked]) -> Vec<&Ranked> {
    // A score is not negative, so its bits are ordered as it is. The last ones, less than rounding makes of a score, give room to
    // the place of the candidate: one number for each is sorted without a branch.
    let room = candidates.len().next_power_of_two() as u64 - 1;
    let mut order = Vec::with_capacity(candidates.len());
    for (place, candidate) in (0..).zip(candidates) {
        if candidate.related {
            order.push(!candidate.score.get().to_bits() & !room | place);
        }
    }
    order.sort_unstable();
    let places = order.iter().map(|&number| (number & room) as usize);
    let mut ranked: Vec<&Ranked> = places.map(|place| &candidates[place]).collect();
    // What only these bits tell apart, if anything.
    for end in 1..ranked.len() {
        let mut at = end;
        while at > 0 && reserve::best_first(ranked[at], ranked[at - 1]).is_lt() {
            ranked.swap(at, at - 1);
            at -= 1;
        }
    }
    ranked
}

/// A set of clusters whose size is known beforehand: a table at most half full, in which a cluster stands at the first free
/// place from where its hash leads.
struct Clusters(Vec<Option<DocOrd>>);

impl Clusters {
    /// `first`, with room for `more`.
    fn with(first: DocOrd, more: usize) -> Self {
        let mut clusters = Self(vec![None; (2 * (more + 1)).next_power_of_two()]);
        clusters.insert(first);
        clusters
    }

    /// Adds a cluster; whether it is new.
    fn insert(&mut self, cluster: DocOrd) -> bool {
        // Fibonacci hashing (Knuth, volume 3, section 6.4): near ordinals go far apart.
        let mut place = (cluster.0.wrapping_mul(0x9e37_79b9) >> 16) as usize;
        loop {
            place &= self.0.len() - 1;
            match self.0[place] {
                None => {
                    self.0[place] = Some(cluster);
                    return true;
                }
                Some(other) if other == cluster => return false,
                Some(_) => place += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(ord: u32, cluster: u32, score: f64) -> Ranked {
        Ranked {
            ord: DocOrd(ord),
            cluster: DocOrd(cluster),
            theme: Theme {
                topic: None,
                kind: 0,
            },
            score: Score::new(score),
            values: PerSignal::of([score; 4]),
            evidence: PerSignal::of([1.0; 4]),
            looks: 0.0,
            related: score >= 0.1,
        }
    }

    #[test]
    fn related_cards_fall_from_100_and_fill_stands_last_without_a_percentage() {
        let candidates = vec![
            ranked(1, 1, 0.2),
            ranked(2, 2, 0.8),
            ranked(3, 2, 0.7),
            ranked(4, 0, 0.9),
            ranked(5, 5, 0.05),
        ];
        let latest = [(2, 2), (6, 6), (0, 0), (7, 6), (8, 8)]
            .map(|(ord, cluster)| (DocOrd(ord), DocOrd(cluster)));
        let places = compose(
            DocOrd(0),
            &candidates,
            &Weights::default(),
            latest.into_iter(),
            4,
            &Reserved::default(),
            None,
        );
        let shown: Vec<(u32, Option<u8>)> = places
            .iter()
            .map(|place| {
                (
                    place.ord.0,
                    place.related.map(|(percent, ..)| percent.get()),
                )
            })
            .collect();
        assert_eq!(shown, [(2, Some(100)), (1, Some(25)), (6, None), (8, None)]);
    }

    #[test]
    fn the_order_is_exact_where_scores_differ_by_less_than_a_place_takes() {
        let next = |score: f64| f64::from_bits(score.to_bits() + 1);
        let scores = [0.3, 0.5, next(0.5), next(next(0.5)), 0.5, 0.7, 0.0, 1.0];
        let candidates: Vec<Ranked> = (0..)
            .zip(scores)
            .map(|(ord, score)| Ranked {
                related: true,
                ..ranked(ord, ord, score)
            })
            .collect();
        let order = best_first(&candidates);
        let order: Vec<u32> = order.iter().map(|one| one.ord.0).collect();
        assert_eq!(order, [7, 5, 3, 2, 1, 4, 0, 6]);
    }
}
