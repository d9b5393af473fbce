//! The editors' cards in a panel: each at its slot, with its own ratio to the best related card.

use super::card::Reason;
use super::compose::Fill;
use crate::model::{DocOrd, MatchPercent, PerSignal, Score};

/// A card that an editor wants at a slot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pin {
    /// Its place, from 1.
    pub slot: u16,
    /// The card.
    pub ord: DocOrd,
    /// How related it is.
    pub score: Score,
    /// What each signal gave.
    pub contributions: PerSignal<f64>,
}

/// Puts `pins`, by rising slot, into `places`; where a panel is shorter than a slot the pin stands last.
pub fn put_pins(places: &mut Vec<Fill>, pins: &[Pin]) {
    let related = places.iter().filter_map(|place| place.related);
    let best_of =
        |scores: &mut dyn Iterator<Item = Score>| scores.map(Score::get).fold(0.0, f64::max);
    let mut best = best_of(&mut related.map(|(_, score, _)| score));
    if best == 0.0 {
        best = best_of(&mut pins.iter().map(|pin| pin.score));
    }
    for pin in pins {
        let percent = match pin.score.get() {
            // Nothing is known of the pair: least, whatever the others are.
            0.0 => MatchPercent::of(pin.score, Score::new(1.0)),
            _ => MatchPercent::of(pin.score, Score::new(best)),
        };
        let at = usize::from(pin.slot.saturating_sub(1)).min(places.len());
        places.insert(
            at,
            Fill {
                ord: pin.ord,
                reason: Reason::EditorsPick,
                related: Some((percent, pin.score, pin.contributions)),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(slot: u16, ord: u32, score: f64) -> Pin {
        Pin {
            slot,
            ord: DocOrd(ord),
            score: Score::new(score),
            contributions: PerSignal::default(),
        }
    }

    fn place(ord: u32, score: f64) -> Fill {
        let percent = MatchPercent::of(Score::new(score), Score::new(0.8));
        Fill {
            ord: DocOrd(ord),
            reason: Reason::SimilarContent,
            related: Some((percent, Score::new(score), PerSignal::default())),
        }
    }

    #[test]
    fn pins_stand_in_their_slots_with_their_own_ratio_to_the_best_related_card() {
        let mut places = vec![place(1, 0.8), place(2, 0.4)];
        put_pins(
            &mut places,
            &[pin(1, 7, 0.2), pin(3, 8, 0.0), pin(9, 9, 0.9)],
        );
        let shown: Vec<(u32, u8)> = places
            .iter()
            .map(|place| {
                (
                    place.ord.0,
                    place.related.map_or(0, |(percent, ..)| percent.get()),
                )
            })
            .collect();
        assert_eq!(shown, [(7, 25), (1, 100), (8, 1), (2, 50), (9, 100)]);
    }

    #[test]
    fn without_a_related_card_the_best_pin_is_the_measure() {
        let mut places = Vec::new();
        put_pins(&mut places, &[pin(1, 7, 0.2), pin(2, 8, 0.4)]);
        let percents = places.iter().filter_map(|place| place.related);
        let percents: Vec<u8> = percents.map(|(percent, ..)| percent.get()).collect();
        assert_eq!(percents, [50, 100]);
    }
}
