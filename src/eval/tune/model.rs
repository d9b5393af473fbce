//! How likely readers choose as they did, if weights are what they are.
//!
//! A conditional logit (McFadden 1974, Conditional logit analysis of qualitative choice behavior): of the cards i that it could
//! choose from, a reader follows one with a chance in proportion to `p_i * exp(b * s_i)`. `s` is the score that the blend gives,
//! `p` the chance that the place is looked at, so a low place is no fault of a card. The steepness `b` is fitted along.

use super::choices::Choice;
use crate::model::{SignalKind, parallel};
use crate::ranking::{self, Weights};

/// How far the shipped weights are believed, in choices: that of a Dirichlet distribution around them.
const PRIOR: f64 = 100.0;
/// The steepest choice: a difference in score of 0.1 is then a factor of e^10.
const STEEPEST: f64 = 100.0;
/// Where the search for the steepness begins.
const STEEPNESS: f64 = 5.0;
/// Newton steps at most, and the step at which there is no need for another.
const STEPS: usize = 25;
const NEAR: f64 = 1e-6;
/// Choices that are added up together: sums are the same whatever the number of threads.
const TOGETHER: usize = 64;

/// Choices to be explained.
#[derive(Debug)]
pub(super) struct Model<'a> {
    choices: &'a [Choice],
}

/// The score and the logarithm of the chance to be looked at, of each card of a choice.
type Scored = Vec<(f64, f64)>;

impl<'a> Model<'a> {
    pub(super) fn of(choices: &'a [Choice]) -> Self {
        Self { choices }
    }

    /// How likely the choices are with `weights`, at the steepness that makes them most likely, and how likely the weights
    /// themselves are: a logarithm, the higher the better.
    pub(super) fn likelihood(&self, weights: &Weights) -> f64 {
        let choices = &self.choices;
        let scored: Vec<Scored> = parallel::map(choices.len(), |at| scored(&choices[at], weights));
        let mut steepness = STEEPNESS;
        for _ in 0..STEPS {
            let [_, slope, curvature] = sums(&scored, steepness);
            // Where all cards of a choice are equal any steepness is as good as another.
            let step = if curvature > 0.0 {
                slope / curvature
            } else {
                0.0
            };
            let next = (steepness + step).clamp(0.0, STEEPEST);
            let moved = (next - steepness).abs();
            steepness = next;
            if moved < NEAR {
                break;
            }
        }
        let [likelihood, ..] = sums(&scored, steepness);
        likelihood + prior(weights)
    }
}

/// The logarithm of the density of a Dirichlet distribution whose mode is the shipped weights, up to a constant.
fn prior(weights: &Weights) -> f64 {
    let shipped = Weights::default();
    let parts = SignalKind::ALL
        .into_iter()
        .filter(|&signal| shipped.of(signal) > 0.0);
    let logs = parts.map(|signal| shipped.of(signal) * libm::log(weights.of(signal)));
    PRIOR * logs.sum::<f64>()
}

fn scored(choice: &Choice, weights: &Weights) -> Scored {
    let cards = choice.cards.iter();
    cards
        .map(|(opinion, chance)| {
            let score = ranking::scored(weights, &opinion.values, &opinion.evidence);
            (score.get(), libm::log(*chance))
        })
        .collect()
}

/// The logarithm of the likelihood at `steepness`, its slope, and how fast that falls.
fn sums(scored: &[Scored], steepness: f64) -> [f64; 3] {
    let add = |mut sum: [f64; 3], more: [f64; 3]| {
        sum.iter_mut()
            .zip(more)
            .for_each(|(sum, more)| *sum += more);
        sum
    };
    let chunks: Vec<&[Scored]> = scored.chunks(TOGETHER).collect();
    let parts: Vec<[f64; 3]> = parallel::map(chunks.len(), |at| {
        let each = chunks[at].iter().map(|cards| one(cards, steepness));
        each.fold([0.0; 3], add)
    });
    parts.into_iter().fold([0.0; 3], add)
}

/// The same of one choice: slope and fall are those of the mean and the variance of the scores.
fn one(cards: &Scored, steepness: f64) -> [f64; 3] {
    let power = |&(score, chance): &(f64, f64)| steepness * score + chance;
    let most = cards.iter().map(power).fold(f64::NEG_INFINITY, f64::max);
    let (mut all, mut mean, mut square) = (0.0, 0.0, 0.0);
    for card in cards {
        let part = libm::exp(power(card) - most);
        all += part;
        mean += part * card.0;
        square += part * card.0 * card.0;
    }
    let (mean, square) = (mean / all, square / all);
    [
        power(&cards[0]) - most - libm::log(all),
        cards[0].0 - mean,
        (square - mean * mean).max(0.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_slope_and_fall_are_what_a_hand_computes() {
        // Equal scores: half as likely looked at is half as likely chosen, 1/3 and 2/3.
        let found = one(&vec![(0.5, 0.5f64.ln()), (0.5, 0.0)], 7.0);
        assert!((found[0] - (1.0f64 / 3.0).ln()).abs() < 1e-12);
        assert_eq!((found[1], found[2]), (0.0, 0.0));
        // Scores 1 and 0 at steepness ln 3: 3/4 and 1/4, mean 3/4, variance 3/16.
        let found = one(&vec![(1.0, 0.0), (0.0, 0.0)], 3.0f64.ln());
        assert!((found[0] - 0.75f64.ln()).abs() < 1e-12);
        assert!((found[1] - 0.25).abs() < 1e-12 && (found[2] - 3.0 / 16.0).abs() < 1e-12);
    }

    #[test]
    fn without_choices_the_shipped_weights_are_the_likeliest() {
        let model = Model::of(&[]);
        let best = model.likelihood(&Weights::default());
        for signal in SignalKind::ALL {
            for factor in [0.9, 1.1] {
                let other = crate::model::PerSignal::from_fn(|other| {
                    let scale = if other == signal { factor } else { 1.0 };
                    scale * Weights::default().of(other)
                });
                let other = Weights::scaled(other).expect("weights");
                assert!(model.likelihood(&other) < best, "{signal:?}");
            }
        }
    }
}
