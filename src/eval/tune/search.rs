//! The weights under which a model is most likely: a compass search (Kolda, Lewis and Torczon 2003, Optimization by direct
//! search), which needs no derivatives and no chance.

use super::model::Model;
use crate::model::{PerSignal, SignalKind};
use crate::ranking::Weights;

/// The first step, by which the logarithm of a weight changes; it is halved where no step helps.
const FIRST_STEP: f64 = 0.4;
/// The last one: weights are found to about one part in fifty.
const LAST_STEP: f64 = 0.025;
/// Rounds at most.
const ROUNDS: usize = 60;

/// The most likely weights, from the shipped ones on. Every weight stays above 0.
pub(super) fn best(model: &Model<'_>) -> Weights {
    climb(|weights| model.likelihood(weights))
}

fn climb(likelihood: impl Fn(&Weights) -> f64) -> Weights {
    let mut best = Weights::default();
    let mut reached = likelihood(&best);
    let mut step = FIRST_STEP;
    for _ in 0..ROUNDS {
        let before = reached;
        for signal in SignalKind::ALL {
            for factor in [libm::exp(step), libm::exp(-step)] {
                let next = changed(&best, signal, factor);
                let found = likelihood(&next);
                if found > reached {
                    (best, reached) = (next, found);
                    break;
                }
            }
        }
        if reached <= before {
            step /= 2.0;
            if step < LAST_STEP {
                break;
            }
        }
    }
    best
}

/// `weights` with that of `signal` multiplied by `factor`, scaled to sum 1.
fn changed(weights: &Weights, signal: SignalKind, factor: f64) -> Weights {
    let next = PerSignal::from_fn(|other| {
        let scale = if other == signal { factor } else { 1.0 };
        scale * weights.of(other)
    });
    Weights::scaled(next).expect("positive weights times positive factors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_hill_is_found() {
        let top = [0.1, 0.6, 0.25, 0.05];
        let found = climb(|weights| {
            let parts = SignalKind::ALL.into_iter().zip(top);
            parts
                .map(|(signal, top)| top * weights.of(signal).ln())
                .sum()
        });
        for (signal, top) in SignalKind::ALL.into_iter().zip(top) {
            let ratio = found.of(signal) / top;
            assert!((ratio - 1.0).abs() < 0.03, "{signal:?}: {ratio}");
        }
    }
}
