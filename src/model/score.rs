//! Scores as types: a score is between 0 and 1 and never NaN, a percentage is a whole number from 1 to 100.

use std::num::NonZeroU8;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// The four signals of the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalKind {
    /// What readers did.
    Behavior,
    /// What the two texts share.
    Content,
    /// What is known about how topics and pages relate.
    Research,
    /// What the site needs found.
    Seo,
}

impl SignalKind {
    /// All signals, in the order in which they are printed.
    pub const ALL: [SignalKind; 4] = [
        SignalKind::Behavior,
        SignalKind::Content,
        SignalKind::Research,
        SignalKind::Seo,
    ];

    /// The name used in flags, configuration and answers.
    pub fn name(self) -> &'static str {
        match self {
            SignalKind::Behavior => "behavior",
            SignalKind::Content => "content",
            SignalKind::Research => "research",
            SignalKind::Seo => "seo",
        }
    }

    /// The signal called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.name() == name)
    }
}

/// One value for each signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PerSignal<T>([T; 4]);

impl<T> PerSignal<T> {
    /// The `values`, in the order of [`SignalKind::ALL`].
    #[inline(always)]
    pub const fn of(values: [T; 4]) -> Self {
        Self(values)
    }

    /// The values that `value` gives, signal by signal.
    #[inline(always)]
    pub fn from_fn(mut value: impl FnMut(SignalKind) -> T) -> Self {
        // One by one: a map of an array is a call, and panels make thousands of these.
        let [a, b, c, d] = SignalKind::ALL;
        Self([value(a), value(b), value(c), value(d)])
    }
}

impl PerSignal<f64> {
    /// The values, in the order of [`SignalKind::ALL`].
    #[inline(always)]
    pub fn all(&self) -> [f64; 4] {
        self.0
    }

    /// The sum in the fixed order of [`SignalKind::ALL`], so that equal inputs give equal bits.
    #[inline]
    pub fn sum(&self) -> f64 {
        self.0[0] + self.0[1] + self.0[2] + self.0[3]
    }
}

impl<T> Index<SignalKind> for PerSignal<T> {
    type Output = T;
    #[inline]
    fn index(&self, signal: SignalKind) -> &T {
        &self.0[signal as usize]
    }
}

impl<T> IndexMut<SignalKind> for PerSignal<T> {
    #[inline]
    fn index_mut(&mut self, signal: SignalKind) -> &mut T {
        &mut self.0[signal as usize]
    }
}

/// How related two articles are: 0 (nothing known) to 1, comparable across panels.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Score(f64);

impl Score {
    /// Clamps `value` into 0..=1; NaN becomes 0.
    pub fn new(value: f64) -> Self {
        Self(if value.is_nan() {
            0.0
        } else {
            value.clamp(0.0, 1.0)
        })
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// How well a card matches beside the best card of its panel: a whole number from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MatchPercent(NonZeroU8);

impl MatchPercent {
    /// `round(100 * score / best)`, at least 1, at most 100.
    pub fn of(score: Score, best: Score) -> Self {
        let ratio = if best.get() > 0.0 {
            score.get() / best.get()
        } else {
            1.0
        };
        // The clamp makes the cast exact.
        let percent = (100.0 * ratio).round().clamp(1.0, 100.0) as u8;
        Self(NonZeroU8::new(percent).unwrap_or(NonZeroU8::MIN))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0.get()
    }
}
