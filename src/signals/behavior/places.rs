//! How readers look at the places of a panel: the k-th is looked at with a chance of `1 / k^b`, and `b` is learned from the site.
//!
//! Cards that stood in different places tell it. How often such a card was followed in each, beside how often it was seen there,
//! depends on the places alone, whatever the card is worth (intervention harvesting: Agarwal, Zaitsev, Wang, Li, Najork and
//! Joachims 2019, Estimating position bias without intrusive interventions). The likelihood is conditional on the clicks of each
//! card (Hausman, Hall and Griliches 1984), so that what cards are worth need not be known.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decay::{SEEN, period};
use crate::model::{NameOrd, order};

/// The exponent `b` that is believed before anything is known (Joachims, Swaminathan and Schnabel 2017).
const EXPONENT: f64 = 1.0;
/// How far from it sites are believed to be: two thirds of them within this.
const SPREAD: f64 = 0.5;
/// The highest exponent; 0, all places alike, is the lowest.
const HIGHEST: f64 = 2.0;
/// The exponent is kept in steps of 1 over this.
const STEPS: f64 = 256.0;
/// Cards that are told apart: those that were seen the most.
const CARDS: usize = 4_096;
/// Places that are told apart; lower ones count as the last.
const PLACES: u32 = 100;
/// Steps of Newton's method, which is near enough after four from anywhere.
const ITERATIONS: usize = 8;

/// How likely readers look at each place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Examination {
    exponent: f64,
}

impl Default for Examination {
    fn default() -> Self {
        Self { exponent: EXPONENT }
    }
}

impl Examination {
    /// The exponent `b` of `1 / k^b`.
    pub fn exponent(self) -> f64 {
        self.exponent
    }

    /// How likely a reader looks at the card in a 1-based place, beside how likely at the first; 1 where no place is told.
    pub fn chance(self, place: Option<u32>) -> f64 {
        let place = f64::from(place.unwrap_or(1).max(1));
        libm::pow(place, -self.exponent)
    }
}

/// What cards tell of the places in which they stood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// The learned exponent less the one believed before, in steps.
    learned: i16,
    /// The period in which it was counted.
    period: u16,
    /// By host and card, the counts of its places in their order.
    cards: BTreeMap<(NameOrd, NameOrd), Vec<Tally>>,
}

/// What happened in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    place: u8,
    seen: u32,
    followed: u32,
}

impl Places {
    /// How readers look at places, as far as the site has told.
    pub fn examination(&self) -> Examination {
        Examination {
            exponent: EXPONENT + f64::from(self.learned) / STEPS,
        }
    }

    /// Counts that `card` was seen in a place of the panel of `host`.
    pub(super) fn seen(&mut self, host: NameOrd, card: NameOrd, place: Option<u32>) {
        if let Some(tally) = self.tally(host, card, place) {
            tally.seen = tally.seen.saturating_add(1);
        }
        if self.cards.len() >= 2 * CARDS {
            self.keep_most_seen();
        }
    }

    /// Counts that `card` was followed there. Nothing is learned of a card before it was seen.
    pub(super) fn followed(&mut self, host: NameOrd, card: NameOrd, place: Option<u32>) {
        if self.cards.contains_key(&(host, card))
            && let Some(tally) = self.tally(host, card, place)
        {
            tally.followed = tally.followed.saturating_add(1);
        }
    }

    /// Learns from what was counted until `at` (milliseconds since 1970), and halves it where a period ends, so that another
    /// look of the site is learned in time.
    pub(super) fn learn(&mut self, at: i64) {
        let current = period(at, SEEN);
        if current > self.period {
            if self.period > 0 {
                self.halve();
            }
            self.period = current;
        }
        self.learned = ((self.exponent() - EXPONENT) * STEPS).round() as i16;
    }

    fn tally(&mut self, host: NameOrd, card: NameOrd, place: Option<u32>) -> Option<&mut Tally> {
        let place = place?.clamp(1, PLACES) as u8;
        let tallies = self.cards.entry((host, card)).or_default();
        let at = tallies
            .binary_search_by_key(&place, |tally| tally.place)
            .unwrap_or_else(|at| {
                let tally = Tally {
                    place,
                    ..Tally::default()
                };
                tallies.insert(at, tally);
                at
            });
        tallies.get_mut(at)
    }

    fn keep_most_seen(&mut self) {
        let seen = |tallies: &[Tally]| tallies.iter().map(|tally| u64::from(tally.seen)).sum();
        let mut order: Vec<(u64, (NameOrd, NameOrd))> = self
            .cards
            .iter()
            .map(|(&card, tallies)| (seen(tallies), card))
            .collect();
        order::sort_by_key(&mut order, |&(seen, card)| (std::cmp::Reverse(seen), card));
        for (_, card) in order.split_off(CARDS) {
            self.cards.remove(&card);
        }
    }

    fn halve(&mut self) {
        self.cards.retain(|_, tallies| {
            for tally in tallies.iter_mut() {
                tally.seen /= 2;
                tally.followed /= 2;
            }
            tallies.retain(|tally| tally.seen + tally.followed > 0);
            !tallies.is_empty()
        });
    }

    /// The exponent that is the likeliest.
    ///
    /// The log-likelihood of `b` is, over the cards, `- b sum_k c_k ln k - C ln sum_k s_k k^-b` with `s_k` times seen and `c_k`
    /// times followed in place k and `C` the sum of `c_k`, less `(b - 1)^2 / (2 SPREAD^2)`. It is concave, so Newton's method
    /// finds its top.
    fn exponent(&self) -> f64 {
        let moved: Vec<&[Tally]> = self
            .cards
            .values()
            .map(Vec::as_slice)
            .filter(|tallies| tallies.len() > 1 && tallies.iter().any(|tally| tally.followed > 0))
            .collect();
        let mut exponent = self.examination().exponent;
        if moved.is_empty() {
            return exponent;
        }
        let logs: Vec<f64> = (0..=PLACES)
            .map(|place| libm::log(f64::from(place.max(1))))
            .collect();
        for _ in 0..ITERATIONS {
            let mut slope = -(exponent - EXPONENT) / (SPREAD * SPREAD);
            let mut bend = -1.0 / (SPREAD * SPREAD);
            let chances: Vec<f64> = logs.iter().map(|log| libm::exp(-exponent * log)).collect();
            for tallies in &moved {
                let (by_card, curve) = of_card(tallies, &logs, &chances);
                slope += by_card;
                bend += curve;
            }
            exponent = (exponent - slope / bend).clamp(0.0, HIGHEST);
        }
        exponent
    }
}

/// What one card adds to the first and the second derivative of the log-likelihood.
fn of_card(tallies: &[Tally], logs: &[f64], chances: &[f64]) -> (f64, f64) {
    let (mut looks, mut first, mut second) = (0.0, 0.0, 0.0);
    let (mut clicks, mut told) = (0.0, 0.0);
    for tally in tallies {
        let place = usize::from(tally.place);
        let look = f64::from(tally.seen) * chances[place];
        looks += look;
        first += look * logs[place];
        second += look * logs[place] * logs[place];
        // A click in a place where the card was never seen tells nothing.
        if tally.seen > 0 {
            clicks += f64::from(tally.followed);
            told += f64::from(tally.followed) * logs[place];
        }
    }
    if looks <= 0.0 {
        return (0.0, 0.0);
    }
    let mean = first / looks;
    let variance = (second / looks - mean * mean).max(0.0);
    (clicks * mean - told, -clicks * variance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DAY;

    /// Cards of which each was seen in the first and in the fourth place, and followed there as readers do who look at the
    /// k-th place with a chance of `1 / k^exponent`; `worth` of a thousand looks is the best card followed.
    fn told(exponent: f64, cards: u32, worth: f64) -> Places {
        let mut places = Places::default();
        for card in 0..cards {
            let (host, card) = (NameOrd(card % 7), NameOrd(100 + card));
            let worth = worth / f64::from(1 + card.0 % 3);
            for place in [1, 4] {
                let clicks = libm::round(worth * libm::pow(f64::from(place), -exponent)) as u32;
                for turn in 0..1000 {
                    places.seen(host, card, Some(place));
                    if turn < clicks {
                        places.followed(host, card, Some(place));
                    }
                }
            }
        }
        places.learn(20_000 * DAY);
        places
    }

    #[test]
    fn the_exponent_is_what_cards_that_moved_tell() {
        for exponent in [0.3, 1.0, 1.6] {
            let found = told(exponent, 30, 200.0).examination().exponent();
            assert!((found - exponent).abs() < 0.05, "{found} of {exponent}");
        }
    }

    #[test]
    fn little_that_was_seen_is_believed_little_and_cards_that_stay_tell_nothing() {
        let few = told(0.0, 1, 10.0).examination().exponent();
        assert!(few > 0.3 && few < 0.8, "{few}");
        let mut places = Places::default();
        for card in 0..50 {
            for turn in 0..1000 {
                places.seen(NameOrd(0), NameOrd(card), Some(1 + card));
                if turn < 100 {
                    places.followed(NameOrd(0), NameOrd(card), Some(1 + card));
                }
            }
        }
        places.learn(20_000 * DAY);
        assert_eq!(places.examination(), Examination::default());
        assert_eq!(Examination::default().chance(Some(4)), 0.25);
        assert_eq!(Examination::default().chance(None), 1.0);
    }

    #[test]
    fn what_a_site_was_once_like_fades_and_the_most_seen_cards_are_kept() {
        let mut places = told(0.3, 30, 200.0);
        let cards = places.cards.len();
        for season in 1..20 {
            places.learn((20_000 + 90 * season) * DAY);
        }
        assert_eq!((cards, places.cards.len()), (30, 0));
        for card in 0..2 * CARDS as u32 {
            for _ in 0..1 + card % 2 {
                places.seen(NameOrd(1), NameOrd(card), Some(1));
            }
        }
        assert!(places.cards.len() < 2 * CARDS);
        let kept = places.cards.keys().filter(|(_, card)| card.0 % 2 == 1);
        assert!(kept.count() >= CARDS - 1);
    }
}
