//! What readers chose, and from what: the cards of the panel that they saw, else all candidates of the page.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::engine::{Counted, Opinion, Snapshot};
use crate::error::Result;
use crate::eval::random::Random;
use crate::eval::steps::{Names, SESSION_GAP, Step};
use crate::journal::read_events;
use crate::model::{DocOrd, EventKind, KeyedHash, order, parallel};
use crate::ranking::{Weights, scored};
use crate::signals::behavior::Examination;

/// Candidates beside the chosen one that a choice without a panel is learned from: some of all, drawn by chance, which does
/// not change what is learned (McFadden 1978, Modelling the choice of residential location).
pub(super) const OTHERS: usize = 40;

/// A reader followed one of several cards.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) visitor: KeyedHash,
    /// What it could choose from, and how likely it looked there; the first one was followed.
    pub(super) cards: Vec<(Opinion, f64)>,
    /// Whether what it could choose from is known.
    pub(super) in_panel: bool,
}

impl Choice {
    /// How the followed card stands to the others, in pairs with each: how many of them `weights` bring into the right order,
    /// and how many there are.
    ///
    /// A pair counts as likely as its other card is looked at, so that all pairs count as likely as both are: a click on a low
    /// place is rarer, and is compared with high places as often as clicks there with it (inverse propensity by pairs, after
    /// Joachims, Swaminathan and Schnabel 2017). Equal scores are half in order.
    pub(super) fn in_order(&self, weights: &Weights) -> (f64, f64) {
        let score = |(opinion, _): &(Opinion, f64)| {
            scored(weights, &opinion.values, &opinion.evidence).get()
        };
        let own = score(&self.cards[0]);
        let (mut right, mut all) = (0.0, 0.0);
        for card in &self.cards[1..] {
            let other = score(card);
            let share = f64::from(u8::from(own > other)) + f64::from(u8::from(own == other)) / 2.0;
            right += card.1 * share;
            all += card.1;
        }
        (right, all)
    }
}

/// The choices of the steps of `part`, as signals rate the cards that know what came before it; of those that are known to be
/// made in no panel at most `others` candidates are kept beside the chosen one.
pub(super) fn of(
    data: &Path,
    snapshot: &Snapshot,
    shown: &Shown,
    part: &[Step],
    others: Option<usize>,
) -> Result<Vec<Choice>> {
    let Some(first) = part.first() else {
        return Ok(Vec::new());
    };
    let before = first.at - 1;
    let fold = Counted::load(data, before)?.fold;
    let looked = fold.examination();
    snapshot.count(fold);
    let mut of_host: BTreeMap<DocOrd, Vec<usize>> = BTreeMap::new();
    for (place, step) in part.iter().enumerate() {
        of_host.entry(step.host).or_default().push(place);
    }
    let of_host: Vec<(DocOrd, Vec<usize>)> = of_host.into_iter().collect();
    let choices: Vec<Vec<Choice>> = parallel::map(of_host.len(), |at| {
        let (host, places) = &of_host[at];
        let opinions = snapshot.opinions(*host, before.div_euclid(1000));
        let steps = places.iter();
        steps
            .filter_map(|&place| choice(&part[place], &opinions, (shown, looked), others))
            .collect()
    });
    Ok(choices.into_iter().flatten().collect())
}

/// What `step` chose from; `None` where no signal knows what it chose, there was nothing else, or a card was followed in a panel
/// of which nothing is known.
fn choice(
    step: &Step,
    opinions: &[Opinion],
    (shown, looked): (&Shown, Examination),
    others: Option<usize>,
) -> Option<Choice> {
    let opinion = |card: DocOrd| {
        let place = opinions.binary_search_by_key(&card, |opinion| opinion.ord);
        place.ok().map(|place| opinions[place])
    };
    let chosen = opinion(step.card)?;
    let panel = shown.panel(step);
    let in_panel = panel.is_some();
    let mut cards = vec![(chosen, 1.0)];
    match panel {
        Some(panel) => {
            cards[0].1 = looked.chance(step.position);
            let rest = panel.iter().filter(|(card, _)| *card != step.card);
            cards.extend(rest.filter_map(|&(card, position)| {
                opinion(card).map(|opinion| (opinion, looked.chance(Some(position))))
            }));
        }
        None if step.position.is_some() => return None,
        None => {
            let mut rest: Vec<Opinion> = opinions.to_vec();
            rest.retain(|opinion| opinion.ord != step.card);
            if let Some(others) = others.filter(|&others| others < rest.len()) {
                Random::seeded(step.at.cast_unsigned(), step.visitor.0).shuffle(&mut rest);
                rest.truncate(others);
            }
            cards.extend(rest.into_iter().map(|opinion| (opinion, 1.0)));
        }
    }
    (cards.len() > 1).then_some(Choice {
        visitor: step.visitor,
        cards,
        in_panel,
    })
}

/// A card that came into view, and its place.
type Seen = (DocOrd, u32);

/// What panels showed to those who followed a card.
pub(super) struct Shown(HashMap<(KeyedHash, DocOrd), Vec<(i64, Seen)>>);

impl Shown {
    /// Reads what was seen by the visitors of `steps` who followed cards.
    pub(super) fn read<'a>(
        data: &Path,
        snapshot: &Snapshot,
        steps: impl Iterator<Item = &'a Step>,
    ) -> Result<Self> {
        let clicks = steps.filter(|step| step.position.is_some());
        let mut shown: HashMap<_, Vec<(i64, Seen)>> = clicks
            .map(|step| ((step.visitor, step.host), Vec::new()))
            .collect();
        if shown.is_empty() {
            return Ok(Self(shown));
        }
        let mut names = Names::of(snapshot);
        // What is damaged was told when the steps were read.
        read_events(data, 0, |_, event| {
            let (Some(from), Some(position)) = (event.from, event.position) else {
                return Ok(());
            };
            if event.kind == EventKind::Impression {
                let host = names.find(from);
                let seen = host.and_then(|host| shown.get_mut(&(event.visitor, host)));
                if let (Some(seen), Some(card)) = (seen, names.find(event.article)) {
                    seen.push((event.at, (card, position)));
                }
            }
            Ok(())
        })?;
        Ok(Self(shown))
    }

    /// The cards that were seen around `step`, each once, in the order of their places; `None` where none is known.
    fn panel(&self, step: &Step) -> Option<Vec<Seen>> {
        step.position?;
        let seen = self.0.get(&(step.visitor, step.host))?;
        let near = seen
            .iter()
            .filter(|(at, _)| (at - step.at).abs() <= SESSION_GAP);
        let mut cards: Vec<Seen> = near.map(|&(_, seen)| seen).collect();
        order::sort_by_key(&mut cards, |&(card, position)| (card, position));
        cards.dedup_by_key(|&mut (card, _)| card);
        order::sort_by_key(&mut cards, |&(card, position)| (position, card));
        (!cards.is_empty()).then_some(cards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PerSignal, SignalKind};

    fn card(ord: u32, content: f64, behavior: f64) -> (Opinion, f64) {
        let mut values = PerSignal::default();
        values[SignalKind::Content] = content;
        values[SignalKind::Behavior] = behavior;
        let opinion = Opinion {
            ord: DocOrd(ord),
            values,
            evidence: PerSignal::from_fn(|_| 1.0),
        };
        (opinion, 1.0)
    }

    #[test]
    fn pairs_count_as_likely_as_the_other_card_is_looked_at() {
        let mut cards = vec![card(5, 0.5, 0.9), card(2, 0.8, 0.1), card(3, 0.5, 0.2)];
        cards[1].1 = 0.25;
        let choice = Choice {
            visitor: KeyedHash(1),
            cards,
            in_panel: true,
        };
        let only = |signal| Weights::default().only(&[signal]).expect("one is kept");
        assert_eq!(choice.in_order(&only(SignalKind::Behavior)), (1.25, 1.25));
        // One is better, and looked at by a quarter; the other is equal.
        assert_eq!(choice.in_order(&only(SignalKind::Content)), (0.5, 1.25));
    }

    /// Readers who look at the k-th place with chance 1/k and follow what they look at with a chance of its own: orders by that
    /// chance are found better than the opposite ones, whatever places the cards had.
    #[test]
    fn places_do_not_decide_which_order_is_right() {
        let liked = [0.01, 0.02, 0.04];
        for places in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
            let chances = places.map(|place| Examination::default().chance(Some(place)));
            let mut sums = [0.0; 2];
            for chosen in 0..3 {
                // Content is the order by what is liked, behavior the opposite.
                let of = |at: usize| (card(at as u32, liked[at], 1.0 - liked[at]).0, chances[at]);
                let mut cards = vec![of(chosen)];
                cards.extend((0..3).filter(|&at| at != chosen).map(of));
                let choice = Choice {
                    visitor: KeyedHash(1),
                    cards,
                    in_panel: true,
                };
                for (sum, signal) in sums
                    .iter_mut()
                    .zip([SignalKind::Content, SignalKind::Behavior])
                {
                    let weights = Weights::default().only(&[signal]).expect("one is kept");
                    *sum += chances[chosen] * liked[chosen] * choice.in_order(&weights).0;
                }
            }
            // Of a pair both of whose cards are looked at, the one liked more is followed that much more often.
            let pairs = [(0, 1), (0, 2), (1, 2)];
            let both = |low: usize, high: usize| chances[low] * chances[high];
            let right: f64 = pairs
                .map(|(low, high)| both(low, high) * liked[high])
                .iter()
                .sum();
            let wrong: f64 = pairs
                .map(|(low, high)| both(low, high) * liked[low])
                .iter()
                .sum();
            assert!((sums[0] - right).abs() < 1e-12 && (sums[1] - wrong).abs() < 1e-12);
        }
    }
}
