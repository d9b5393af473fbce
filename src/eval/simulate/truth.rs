//! What readers like: how likely one of a page follows a card that it looks at.
//!
//! By default half of it is the likeness of the two texts, as the content signal tells it, and half is a taste that only the seed
//! knows. So what texts say is right in part, and what is missing can be learned from readers alone. Other sites have readers
//! who go by one of the two, or by nothing.

use super::relations::Relations;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::engine::{PanelQuery, Snapshot};
use crate::model::{DocOrd, SignalKind, order};
use crate::ranking::Weights;

/// How likely a reader follows the card of the best page, once it looks at it.
pub(super) const BEST: f64 = 0.1;
/// How much readers like every card who like all of them alike, 1 for the best page of others.
const INDIFFERENT: f64 = 0.4;
/// Pages whose texts are compared with that of a page.
const COMPARED: usize = 100;

/// What readers go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// Half by how alike the texts are, half by what only the seed knows.
    Mixed,
    /// How alike the texts are.
    Content,
    /// What only the seed knows.
    Own,
    /// Nothing: they like all cards alike.
    Any,
}

/// What readers of one page like.
#[derive(Clone, Debug)]
pub struct Truth {
    host: DocOrd,
    seed: u64,
    taste: Taste,
    /// The likeness of the texts, 1 for the most alike, or what relations tell, by article.
    content: Vec<(DocOrd, f64)>,
}

impl Truth {
    /// What readers of `host` like, at `now` (unix seconds).
    pub(super) fn of(snapshot: &Snapshot, host: DocOrd, now: i64, seed: u64, taste: Taste) -> Self {
        let query = PanelQuery {
            limit: COMPARED,
            weights: Weights::default()
                .only(&[SignalKind::Content])
                .expect("one is kept"),
            ..PanelQuery::at(now)
        };
        let ranking = snapshot.ranking(host, &query);
        let best = ranking.first().map_or(0.0, |(_, score)| score.get());
        let mut content: Vec<(DocOrd, f64)> = ranking
            .into_iter()
            .map(|(ord, score)| (ord, score.get() / best))
            .collect();
        order::sort_by_key(&mut content, |&(ord, _)| ord);
        Self {
            host,
            seed,
            taste,
            content,
        }
    }

    /// What readers of `host` like of `pages` as `relations` tell: one that has no topic they do not like.
    pub(super) fn told(
        snapshot: &Snapshot,
        host: DocOrd,
        pages: &[DocOrd],
        relations: &Relations,
    ) -> Self {
        let topic = |ord| snapshot.entry(ord).ok().and_then(|entry| entry.topic);
        let strength = |ord| match (topic(host), topic(ord)) {
            (Some(one), Some(other)) => relations.strength(one, other),
            _ => 0.0,
        };
        let mut content: Vec<(DocOrd, f64)> = pages
            .iter()
            .map(|&ord| (ord, strength(ord)))
            .filter(|&(ord, strength)| ord != host && strength > 0.0)
            .collect();
        order::sort_by_key(&mut content, |&(ord, _)| ord);
        Self {
            host,
            seed: 0,
            taste: Taste::Content,
            content,
        }
    }

    /// How likely a reader follows the card of `card`, once it looks at it.
    pub fn relevance(&self, snapshot: &Snapshot, card: DocOrd) -> f64 {
        let content = || {
            let place = self.content.binary_search_by_key(&card, |&(ord, _)| ord);
            place.map_or(0.0, |place| self.content[place].1)
        };
        let own = || taste(self.seed, snapshot.id(self.host), snapshot.id(card));
        BEST * match self.taste {
            Taste::Mixed => (content() + own()) / 2.0,
            Taste::Content => content(),
            Taste::Own => own(),
            Taste::Any => INDIFFERENT,
        }
    }

    /// The articles whose texts are like the host's, or of which relations tell something.
    pub(super) fn alike(&self) -> impl Iterator<Item = DocOrd> + '_ {
        self.content.iter().map(|&(ord, _)| ord)
    }
}

/// How much readers of `host` like `card` beside what the texts tell, 0 to 1: little for most.
fn taste(seed: u64, host: &str, card: &str) -> f64 {
    let hash = xxh3_64_with_seed(format!("{host}\n{card}").as_bytes(), seed);
    let share = (hash >> 11) as f64 / (1u64 << 53) as f64;
    share * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taste_is_of_the_seed_and_of_the_pair() {
        let tastes: Vec<f64> = (0..10_000)
            .map(|number| taste(number % 10, "/a", &format!("/{number}")))
            .collect();
        let mean = tastes.iter().sum::<f64>() / tastes.len() as f64;
        assert!((mean - 1.0 / 3.0).abs() < 0.01, "{mean}");
        assert_eq!(taste(1, "/a", "/b"), taste(1, "/a", "/b"));
        assert!(taste(1, "/a", "/b") != taste(2, "/a", "/b"));
        assert!(taste(1, "/a", "/b") != taste(1, "/b", "/a"));
    }
}
