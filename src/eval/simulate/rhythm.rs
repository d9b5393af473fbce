//! When readers come: by day more than by night, on working days more than at the weekend. Times are UTC.

use crate::eval::random::{Choices, Random};

const HOUR: i64 = 3_600_000;
/// Readers of each hour of a day, as parts of the busiest.
const OF_DAY: [f64; 24] = [
    0.20, 0.14, 0.10, 0.08, 0.08, 0.12, 0.24, 0.42, 0.66, 0.84, 0.94, 0.96, 0.88, 0.94, 1.00, 0.98,
    0.92, 0.80, 0.70, 0.68, 0.70, 0.64, 0.48, 0.32,
];
/// The same of each day of a week, which begins with the Thursday of 1970-01-01.
const OF_WEEK: [f64; 7] = [1.0, 0.88, 0.52, 0.56, 0.94, 1.0, 1.0];

/// Times between two moments.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    /// Milliseconds since 1970.
    from: i64,
    hours: Choices,
}

impl Rhythm {
    /// The `days` days before `until` (milliseconds since 1970).
    pub(super) fn before(until: i64, days: u32) -> Self {
        let from = until - i64::from(days) * 24 * HOUR;
        let hours = (0..i64::from(days) * 24).map(|number| {
            let hour = (from + number * HOUR).div_euclid(HOUR);
            let (day, week) = (hour.rem_euclid(24), hour.div_euclid(24).rem_euclid(7));
            OF_DAY[day as usize] * OF_WEEK[week as usize]
        });
        Self {
            from,
            hours: Choices::of(hours),
        }
    }

    /// A time, in milliseconds since 1970.
    pub(super) fn draw(&self, random: &mut Random) -> i64 {
        let hour = self.hours.draw(random).unwrap_or(0);
        self.from + hour as i64 * HOUR + random.below(HOUR as usize) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_busier_than_nights_and_weekends() {
        // A Monday.
        let until = 20_003 * 24 * HOUR;
        let rhythm = Rhythm::before(until, 14);
        let mut random = Random::seeded(1, 1);
        let (mut by_day, mut at_weekend) = (0, 0);
        for _ in 0..10_000 {
            let at = rhythm.draw(&mut random);
            assert!((until - 14 * 24 * HOUR..until).contains(&at));
            by_day += u32::from((8..20).contains(&at.div_euclid(HOUR).rem_euclid(24)));
            at_weekend += u32::from(at >= until - 48 * HOUR);
        }
        assert!((7000..8000).contains(&by_day), "{by_day}");
        // Two of the 14 days, at the pace of a weekend: 1.08 of 11.8.
        assert!((815..1015).contains(&at_weekend), "{at_weekend}");
    }
}
