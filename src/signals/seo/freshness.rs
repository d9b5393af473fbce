//! Freshness by kind: news is old in days, a reference in years.

use crate::model::{Kind, Standing};

/// Days after which a page of a kind is half as fresh.
const HALF_LIVES: &[(&str, u16)] = &[
    ("news", 14),
    ("compare", 365),
    ("alternatives", 365),
    ("troubleshoot", 730),
    ("howto", 730),
    ("integration", 730),
    ("tool", 1095),
];
/// The same of any other kind.
const HALF_LIFE: u16 = 730;

/// Days after which a page of `kind` is half as fresh.
pub fn half_life(kind: &Kind) -> u16 {
    let known = HALF_LIVES.iter().find(|(name, _)| *name == kind.as_str());
    known.map_or(HALF_LIFE, |&(_, days)| days)
}

/// How fresh a page is on day `today`, 1 when it has just changed, one half after its half-life; `None` where its date is
/// not known or still to come. It falls as `1 / (1 + age / half-life)`: slower than by halves in the end, as an old page
/// that is still there is seldom wrong.
#[inline]
pub(super) fn freshness(standing: Standing, today: f32) -> Option<f64> {
    let age = today - f32::from(standing.changed?);
    let half_life = f32::from(standing.half_life);
    (age >= 0.0).then(|| f64::from(half_life / (half_life + age)))
}
