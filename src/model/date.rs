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

    /// The date that [`Date::seconds`] and [`Date::is_timed`] describe.
    pub fn from_parts(seconds: i64, timed: bool) -> Self {
        Self { seconds, timed }
    }
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
        for wrong in ["2024-02-30", "yesterday", "", "26.08.2025"] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }
}
