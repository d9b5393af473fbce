//! A point in time as authors write it: a calendar date, or a date with time and offset.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const LOCAL: &[BorrowedFormatItem<'_>] = format_description!(
    "[year]-[month]-[day][optional [T]][optional [ ]][hour]:[minute][optional [:[second]]]"
);
/// The form that HTTP prefers (RFC 9110, section 5.6.7).
const HTTP: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
/// Days of 400 years, and from the first of March of year 0 to 1970-01-01.
const ERA: i64 = 146_097;
const DAYS_BEFORE: i64 = 719_468;

/// Seconds since 1970-01-01 UTC, and whether a time of day was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    seconds: i64,
    timed: bool,
}

impl Date {
    /// Reads `2025-08-26`, `2025-08-26T10:00:00Z` (RFC 3339) or `2025-08-26 10:00[:00]` (taken as UTC).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(day) = time::Date::parse(text, DAY) {
            return Some(Self {
                seconds: day.midnight().assume_utc().unix_timestamp(),
                timed: false,
            });
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| PrimitiveDateTime::parse(text, LOCAL).map(PrimitiveDateTime::assume_utc))
            .ok()?;
        Some(Self::from_seconds(moment.unix_timestamp()))
    }

    /// The point `seconds` after 1970-01-01 UTC.
    pub fn from_seconds(seconds: i64) -> Self {
        Self {
            seconds,
            timed: true,
        }
    }

    /// Seconds since 1970-01-01 UTC; midnight where no time of day was given.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Whether a time of day was given.
    pub fn is_timed(self) -> bool {
        self.timed
    }

    /// As a header of HTTP has it: `Tue, 26 Aug 2025 00:01:05 GMT`; `None` for a year that has not four digits.
    pub fn to_http(self) -> Option<String> {
        let moment = OffsetDateTime::from_unix_timestamp(self.seconds).ok()?;
        moment.format(HTTP).ok()
    }

    /// The date that [`Date::seconds`] and [`Date::is_timed`] describe.
    pub fn from_parts(seconds: i64, timed: bool) -> Self {
        Self { seconds, timed }
    }
}

impl Date {
    /// Adds the date to `text`, UTF-8, as it is displayed. Cards do that by the score, so years of four digits are written by
    /// hand.
    pub fn push_to(self, text: &mut Vec<u8>) {
        let (year, month, day) = civil(self.seconds.div_euclid(DAY_SECONDS));
        let Some(year) = u32::try_from(year).ok().filter(|&year| year <= 9999) else {
            text.extend_from_slice(self.to_string().as_bytes());
            return;
        };
        let [y0, y1] = two_digits(year / 100);
        let [y2, y3] = two_digits(year % 100);
        let [m0, m1] = two_digits(month as u32);
        let [d0, d1] = two_digits(day as u32);
        text.extend_from_slice(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1]);
        if self.timed {
            let second = self.seconds.rem_euclid(DAY_SECONDS) as u32;
            let [h0, h1] = two_digits(second / 3600);
            let [m0, m1] = two_digits(second / 60 % 60);
            let [s0, s1] = two_digits(second % 60);
            text.extend_from_slice(&[b'T', h0, h1, b':', m0, m1, b':', s0, s1, b'Z']);
        }
    }
}

/// A number below 100.
fn two_digits(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// Year, month and day of the day that is so many after 1970-01-01. Counted in eras of 400 years that begin with March, so that
/// the day that leap years have more is the last one (Richards, Mapping Time, chapter 25).
fn civil(day: i64) -> (i64, i64, i64) {
    let from_era = day + DAYS_BEFORE;
    let (era, day) = (from_era.div_euclid(ERA), from_era.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_month)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = OffsetDateTime::from_unix_timestamp(self.seconds).map_err(|_| fmt::Error)?;
        let text = if self.timed {
            moment.format(&Rfc3339)
        } else {
            moment.format(DAY)
        };
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_the_precision_they_came_with() {
        for (given, shown, seconds) in [
            ("2025-08-26", "2025-08-26", 1_756_166_400),
            (
                "2025-08-26T02:00:00+02:00",
                "2025-08-26T00:00:00Z",
                1_756_166_400,
            ),
            ("2025-08-26 00:01", "2025-08-26T00:01:00Z", 1_756_166_460),
            ("2025-08-26T00:01:05", "2025-08-26T00:01:05Z", 1_756_166_465),
        ] {
            let date = Date::parse(given).expect(given);
            assert_eq!(
                (date.to_string().as_str(), date.seconds()),
                (shown, seconds)
            );
        }
        for seconds in (-62_000_000_000..253_000_000_000_i64).step_by(86_399 * 71) {
            for date in [
                Date::from_seconds(seconds),
                Date::from_parts(seconds, false),
            ] {
                let mut text = Vec::new();
                date.push_to(&mut text);
                assert_eq!(text, date.to_string().as_bytes());
            }
        }
        let date = Date::from_seconds(1_756_166_465);
        let http = "Tue, 26 Aug 2025 00:01:05 GMT";
        assert_eq!(date.to_http().as_deref(), Some(http));
        for wrong in ["2024-02-30", "yesterday", "", "26.08.2025"] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }
}
