//! The rules of a panel: the floor, the structural rules, the set, the order, the percentages, the fill.

use std::collections::HashSet;

use super::card::Reason;
use crate::model::{DocOrd, MatchPercent, PerSignal, Score};
use crate::ranking::{Blended, Theme, diversify};

/// A candidate with its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The candidate.
    pub ord: DocOrd,
    /// The smallest ordinal among its near-duplicates and twins.
    pub cluster: DocOrd,
    /// Its topic and its kind.
    pub theme: Theme,
    /// Its score and what each signal gave.
    pub blended: Blended,
    /// Whether its raw evidence and its score pass the floor.
    pub related: bool,
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
/// falling score, ties by id, one of each cluster and none of `host_cluster`; then articles of `latest` that no rule forbids.
pub fn compose(
    host_cluster: DocOrd,
    mut candidates: Vec<Ranked>,
    latest: impl Iterator<Item = (DocOrd, DocOrd)>,
    limit: usize,
) -> Vec<Fill> {
    candidates.retain(|candidate| candidate.related);
    candidates.sort_by(|a, b| {
        let (a_score, b_score) = (a.blended.score.get(), b.blended.score.get());
        b_score.total_cmp(&a_score).then(a.ord.cmp(&b.ord))
    });
    let mut seen = HashSet::from([host_cluster]);
    candidates.retain(|candidate| seen.insert(candidate.cluster));
    let score = |candidate: &Ranked| candidate.blended.score.get();
    diversify(&mut candidates, limit, score, |candidate| candidate.theme);
    candidates.truncate(limit);
    let best = candidates
        .first()
        .map_or(Score::default(), |first| first.blended.score);
    let mut places: Vec<Fill> = candidates
        .iter()
        .map(|candidate| Fill {
            ord: candidate.ord,
            reason: Reason::of(&candidate.blended.contributions),
            related: Some((
                MatchPercent::of(candidate.blended.score, best),
                candidate.blended.score,
                candidate.blended.contributions,
            )),
        })
        .collect();
    let missing = limit - places.len();
    // A cluster beyond the limit is still unseen in the panel, so only what is shown forbids its twins.
    let mut shown: HashSet<DocOrd> = candidates
        .iter()
        .map(|candidate| candidate.cluster)
        .collect();
    shown.insert(host_cluster);
    places.extend(
        latest
            .filter(|&(_, cluster)| shown.insert(cluster))
            .take(missing)
            .map(|(ord, _)| Fill {
                ord,
                reason: Reason::Latest,
                related: None,
            }),
    );
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SignalKind;

    fn ranked(ord: u32, cluster: u32, score: f64) -> Ranked {
        let contributions = PerSignal::from_fn(|signal| {
            if signal == SignalKind::Content {
                score
            } else {
                0.0
            }
        });
        Ranked {
            ord: DocOrd(ord),
            cluster: DocOrd(cluster),
            theme: Theme {
                topic: None,
                kind: 0,
            },
            blended: Blended {
                score: Score::new(score),
                contributions,
            },
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
        let places = compose(DocOrd(0), candidates, latest.into_iter(), 4);
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
}
