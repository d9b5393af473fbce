//! The blend: a weighted sum in which a signal without evidence has no opinion instead of a zero.
//!
//! For signal s with weight w, calibrated pair value x and evidence e: `r` is the mean of the other signals' values,
//! weighted by `w * e`; `x' = max(x, (1 - e) * r)`; the score is the sum of `w * x'`. What `(1 - e) * r` adds beyond `x`
//! is booked to the signals that gave `r`, so contributions name the evidence and add up to the score.

use crate::error::{Error, Result};
use crate::model::{PerSignal, Score, SignalKind};

/// What each signal counts; never negative, sum 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights(PerSignal<f64>);

impl Default for Weights {
    fn default() -> Self {
        Self(PerSignal::from_fn(|signal| match signal {
            SignalKind::Behavior => 0.35,
            SignalKind::Content => 0.40,
            SignalKind::Research => 0.20,
            SignalKind::Seo => 0.05,
        }))
    }
}

impl Weights {
    /// The weights of the listed signals, scaled to sum 1; the others are off.
    ///
    /// # Errors
    /// [`Error::Usage`] if none is listed.
    pub fn only(self, kept: &[SignalKind]) -> Result<Self> {
        let kept = PerSignal::from_fn(|signal| {
            if kept.contains(&signal) {
                self.0[signal]
            } else {
                0.0
            }
        });
        let sum = kept.sum();
        if sum <= 0.0 {
            return Err(Error::Usage(
                "expected at least one signal of behavior, content, research, seo".to_owned(),
            ));
        }
        Ok(Self(PerSignal::from_fn(|signal| kept[signal] / sum)))
    }

    /// `given`, scaled to sum 1.
    ///
    /// # Errors
    /// What is wrong with them: one is negative or no number, or all are 0.
    pub fn scaled(given: PerSignal<f64>) -> std::result::Result<Self, String> {
        for signal in SignalKind::ALL {
            if !given[signal].is_finite() || given[signal] < 0.0 {
                return Err(format!(
                    "found {} for {}, expected a number that is not negative",
                    given[signal],
                    signal.name()
                ));
            }
        }
        let sum = given.sum();
        if !sum.is_finite() || sum <= 0.0 {
            return Err("expected a weight above 0 for at least one signal".to_owned());
        }
        // Weights that were written out and are read again stay what they were.
        let divisor = if (sum - 1.0).abs() < 1e-12 { 1.0 } else { sum };
        Ok(Self(PerSignal::from_fn(|signal| given[signal] / divisor)))
    }

    /// The weight of a signal.
    pub fn of(&self, signal: SignalKind) -> f64 {
        self.0[signal]
    }
}

/// The score of calibrated pair `values` (0 to 1) of signals with `evidence` (0 to 1).
#[inline(always)]
pub fn scored(weights: &Weights, values: &PerSignal<f64>, evidence: &PerSignal<f64>) -> Score {
    let means = opinions(weights, values, evidence).means();
    let each = PerSignal::from_fn(|signal| {
        let others = (1.0 - evidence[signal]) * means[signal];
        weights.0[signal] * larger(values[signal], others)
    });
    Score::new(each.sum())
}

/// What each signal gives to the score that [`scored`] tells of the same; sums to it.
pub fn contributions(
    weights: &Weights,
    values: &PerSignal<f64>,
    evidence: &PerSignal<f64>,
) -> PerSignal<f64> {
    let opinions = opinions(weights, values, evidence);
    let means = opinions.means();
    let mut given = PerSignal::from_fn(|signal| weights.0[signal] * values[signal]);
    for signal in SignalKind::ALL {
        let others = (1.0 - evidence[signal]) * means[signal];
        let added = others - values[signal];
        let (of_each, sum) = opinions.parts(signal);
        if added > 0.0 && sum > 0.0 {
            let share = weights.0[signal] * added / sum;
            for other in SignalKind::ALL {
                given[other] += share * of_each[other];
            }
        }
    }
    given
}

/// What the signals other than `signal` say of a pair: the mean of their values by weight and evidence, 0 to 1.
#[inline(always)]
pub fn opinion(
    weights: &Weights,
    values: &PerSignal<f64>,
    evidence: &PerSignal<f64>,
    signal: SignalKind,
) -> f64 {
    let shares = PerSignal::from_fn(|other| weights.0[other] * evidence[other]);
    let given = PerSignal::from_fn(|other| shares[other] * values[other]);
    let (total, given) = (others(&shares)[signal], others(&given)[signal]);
    if total > 0.0 { given / total } else { 0.0 }
}

/// What signals say of a pair, as others ask for it: by weight and evidence, and by weight alone.
struct Opinions {
    known: Counted,
    plain: Counted,
}

/// Values by what each counts.
struct Counted {
    /// Each value times what it counts.
    given: PerSignal<f64>,
    /// For each signal what all others count together.
    totals: PerSignal<f64>,
    /// For each signal what all others give together.
    sums: PerSignal<f64>,
}

impl Counted {
    #[inline(always)]
    fn of(shares: &PerSignal<f64>, values: &PerSignal<f64>) -> Self {
        let given = PerSignal::from_fn(|signal| shares[signal] * values[signal]);
        Self {
            given,
            totals: others(shares),
            sums: others(&given),
        }
    }
}

#[inline(always)]
fn opinions(weights: &Weights, values: &PerSignal<f64>, evidence: &PerSignal<f64>) -> Opinions {
    let shares = PerSignal::from_fn(|signal| weights.0[signal] * evidence[signal]);
    Opinions {
        known: Counted::of(&shares, values),
        plain: Counted::of(&weights.0, values),
    }
}

impl Opinions {
    /// For each signal the mean of the values of all others; 0 where no other is on. With no evidence anywhere the plain weights
    /// say what little there is to say.
    #[inline(always)]
    fn means(&self) -> PerSignal<f64> {
        let (known, plain) = (&self.known, &self.plain);
        let choose = |is_known: bool, known: f64, plain: f64| if is_known { known } else { plain };
        let is_known = |signal| known.totals[signal] > 0.0;
        let sums = PerSignal::from_fn(|signal| {
            choose(is_known(signal), known.sums[signal], plain.sums[signal])
        });
        let totals = PerSignal::from_fn(|signal| {
            choose(is_known(signal), known.totals[signal], plain.totals[signal])
        });
        // Divided together, whatever it is by: two at once take as long as one.
        let means = PerSignal::from_fn(|signal| sums[signal] / totals[signal]);
        PerSignal::from_fn(|signal| choose(totals[signal] > 0.0, means[signal], 0.0))
    }

    /// What each of the others of `signal` gives to that, and all together.
    fn parts(&self, signal: SignalKind) -> (PerSignal<f64>, f64) {
        let counted = match self.known.totals[signal] > 0.0 {
            true => &self.known,
            false => &self.plain,
        };
        let mut given = counted.given;
        given[signal] = 0.0;
        (given, counted.sums[signal])
    }
}

/// For each signal the sum of `values` of the others, in one order.
#[inline(always)]
fn others(values: &PerSignal<f64>) -> PerSignal<f64> {
    let [a, b, c, d] = values.all();
    PerSignal::of([(b + c) + d, (a + c) + d, (a + b) + d, (a + b) + c])
}

/// The larger of two numbers, neither of which is NaN.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: [f64; 4]) -> PerSignal<f64> {
        PerSignal::of(values)
    }

    struct Blended {
        score: Score,
        contributions: PerSignal<f64>,
    }

    fn blend(weights: &Weights, values: &PerSignal<f64>, evidence: &PerSignal<f64>) -> Blended {
        Blended {
            score: scored(weights, values, evidence),
            contributions: contributions(weights, values, evidence),
        }
    }

    /// A fixed sequence of numbers in 0..1 (xorshift), for properties over many cases.
    fn noise(seed: u64) -> impl Iterator<Item = f64> {
        std::iter::successors(Some(seed), |&x| {
            let x = x ^ (x << 13);
            let x = x ^ (x >> 7);
            Some(x ^ (x << 17))
        })
        .map(|x| (x >> 11) as f64 / (1u64 << 53) as f64)
    }

    #[test]
    fn alone_content_is_the_whole_score() {
        let blended = blend(
            &Weights::default(),
            &of([0.0, 0.6, 0.0, 0.0]),
            &of([0.0, 1.0, 0.0, 0.0]),
        );
        assert!((blended.score.get() - 0.6).abs() < 1e-12);
        assert!((blended.contributions[SignalKind::Content] - 0.6).abs() < 1e-12);
    }

    #[test]
    fn contributions_add_up_and_more_evidence_never_hurts() {
        let mut numbers = noise(7);
        let mut next = || numbers.next().expect("endless");
        for _ in 0..20_000 {
            // A third of the values and evidences are nothing at all, as on real sites.
            let mut draw = || {
                let (value, chance) = (next(), next());
                if chance < 0.33 { 0.0 } else { value }
            };
            let values = of([draw(), draw(), draw(), draw()]);
            let evidence = of([draw(), draw(), draw(), draw()]);
            let blended = blend(&Weights::default(), &values, &evidence);
            assert!((blended.contributions.sum() - blended.score.get()).abs() < 1e-9);
            for signal in SignalKind::ALL {
                let mut more = values;
                more[signal] += (1.0 - more[signal]) * 0.3;
                let raised = blend(&Weights::default(), &more, &evidence);
                assert!(
                    raised.score.get() >= blended.score.get() - 1e-12,
                    "{signal:?} {values:?} {evidence:?}"
                );
                assert!(blended.contributions[signal] >= 0.0);
            }
        }
    }

    #[test]
    fn kept_signals_share_the_whole_weight() {
        let weights = Weights::default()
            .only(&[SignalKind::Content])
            .expect("one is kept");
        assert_eq!(weights.of(SignalKind::Content), 1.0);
        assert!(Weights::default().only(&[]).is_err());
    }

    #[test]
    fn given_weights_are_scaled_and_checked() {
        let weights = Weights::scaled(of([2.0, 1.0, 1.0, 0.0])).expect("weights");
        assert_eq!(weights.of(SignalKind::Behavior), 0.5);
        assert_eq!(weights.of(SignalKind::Seo), 0.0);
        assert!(Weights::scaled(of([0.0; 4])).is_err());
        assert!(
            Weights::scaled(of([1.0, -0.1, 0.0, 0.0])).is_err_and(|told| told.contains("content"))
        );
        assert!(Weights::scaled(of([f64::INFINITY, 0.0, 0.0, 0.0])).is_err());
    }
}
