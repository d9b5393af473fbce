//! How counts fade: each counter has a half-life, and counts in fixed point from the beginning of a period as long as it.
//!
//! Forward decay (Cormode, Shkapenyuk, Srivastava and Xu 2009): an event weighs `2^((t - start) / half-life)` when it comes,
//! so nothing has to be touched as time goes by. When a period ends, its counters are halved, which integers do the same
//! way on every machine and whenever it is done.

use crate::model::{DAY, HALF_LIVES};

/// Days after which an event counts half: for what is read now, for this season, and for what a quiet site has at all.
pub(super) const DAYS: [i64; HALF_LIVES] = [14, 90, 720];
/// One read, in fixed point: divisible by the distances of a session, with room for halving fifteen times.
pub(super) const READ: u32 = 600 * 64;
/// The half-life that counts what was seen.
pub(super) const SEEN: usize = 1;

/// The period of half-life `which` that holds the moment `at` (milliseconds since 1970).
pub(super) fn period(at: i64, which: usize) -> u16 {
    u16::try_from(at.div_euclid(DAYS[which] * DAY)).unwrap_or(if at < 0 { 0 } else { u16::MAX })
}

/// What `units` that come at `at` weigh in a counter of the period `current`, which is not before that of `at`.
pub(super) fn weight(units: u32, at: i64, which: usize, current: u16) -> u32 {
    let own = period(at, which);
    let share = share_of_period(at, which, own);
    let weighed = libm::round(f64::from(units) * libm::exp2(share)) as u32;
    halved(weighed, current.saturating_sub(own))
}

/// `count` after `periods` more have ended.
pub(super) fn halved(count: u32, periods: u16) -> u32 {
    count.checked_shr(u32::from(periods)).unwrap_or(0)
}

/// A moment at which counters are read.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    periods: [u16; HALF_LIVES],
    /// What one unit of a counter of each of these periods is worth, in reads.
    factors: [f64; HALF_LIVES],
}

impl Moment {
    /// The moment `at`, in milliseconds since 1970.
    pub fn new(at: i64) -> Self {
        let periods = std::array::from_fn(|which| period(at, which));
        let unit =
            |which: usize| f64::from(READ) * libm::exp2(share_of_period(at, which, periods[which]));
        Self {
            periods,
            factors: std::array::from_fn(|which| 1.0 / unit(which)),
        }
    }

    /// What one unit of a counter of half-life `which` from the period `of` is worth now, in reads.
    pub(super) fn worth(&self, which: usize, of: u16) -> f64 {
        let periods = i64::from(of) - i64::from(self.periods[which]);
        self.factors[which] * power_of_two(periods)
    }
}

/// `2^exponent`, from its bits; 0 where that is too small a number, and the largest power where it is too large a one.
fn power_of_two(exponent: i64) -> f64 {
    match exponent {
        ..-1022 => 0.0,
        _ => f64::from_bits(((exponent.min(1023) + 1023) as u64) << 52),
    }
}

/// How much of `period` has passed at `at`, from 0 to 1.
fn share_of_period(at: i64, which: usize, period: u16) -> f64 {
    let length = DAYS[which] * DAY;
    let passed = (at - i64::from(period) * length) as f64 / length as f64;
    passed.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_one_when_it_comes_and_half_after_its_half_life() {
        for (which, &days) in DAYS.iter().enumerate() {
            for day in [0, 3, 13, 700, 20_000] {
                let at = day * DAY + 12_345;
                let of = period(at, which);
                let count = f64::from(weight(READ, at, which, of));
                for (later, worth) in [(0, 1.0), (1, 0.5), (3, 0.125)] {
                    let now = at + later * days * DAY;
                    assert!((count * Moment::new(now).worth(which, of) - worth).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn a_power_of_two_is_what_it_is() {
        for exponent in [-2000, -1023, -1022, -3, 0, 1, 1023] {
            let wanted = if exponent < -1022 {
                0.0
            } else {
                libm::ldexp(1.0, exponent)
            };
            assert_eq!(power_of_two(i64::from(exponent)), wanted, "{exponent}");
        }
    }

    #[test]
    fn it_does_not_matter_when_a_counter_is_halved() {
        for count in [0, 1, 2, 3, 38_400, u32::MAX] {
            let stepwise = (0..40).fold(count, |count, _| halved(count, 1));
            assert_eq!(stepwise, halved(count, 40));
            assert_eq!(halved(halved(count, 2), 3), halved(count, 5));
        }
    }

    #[test]
    fn a_late_event_weighs_what_it_would_weigh_by_now() {
        let at = 100 * DAY;
        let of = period(at, 0);
        let on_time = halved(weight(READ, at, 0, of), 3);
        assert_eq!(weight(READ, at, 0, of + 3), on_time);
    }
}
