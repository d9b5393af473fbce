//! Points in time as records and logs write them, in milliseconds since 1970-01-01 UTC.

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// The last second of the year 9999; what lies past it is no time of an event.
pub(super) const LAST_SECOND: i64 = 253_402_300_799;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A number of seconds, from 0 to [`LAST_SECOND`].
pub(super) fn seconds(number: f64) -> Option<i64> {
    let fits = (0.0..=LAST_SECOND as f64).contains(&number);
    fits.then(|| (number * 1000.0).round() as i64)
}

/// A number as logs write it: seconds, or what is a million times too late for them, in milliseconds, microseconds or
/// nanoseconds. Seconds of today have ten digits, and each of these units has three digits more.
pub(super) fn of_log(number: f64) -> Option<i64> {
    let unit = match number {
        n if n < 1e11 => 1.0,
        n if n < 1e14 => 1e3,
        n if n < 1e17 => 1e6,
        _ => 1e9,
    };
    seconds(number / unit)
}

/// An RFC 3339 text such as `2025-08-26T10:00:00.5+02:00`.
pub(super) fn rfc3339(text: &str) -> Option<i64> {
    let moment = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    let nanoseconds = moment.unix_timestamp_nanos() + 500_000;
    let at = i64::try_from(nanoseconds.div_euclid(1_000_000)).ok()?;
    (at >= 0 && at / 1000 <= LAST_SECOND).then_some(at)
}

/// The time of a log line without its brackets: `10/Oct/2000:13:55:36 -0700`.
pub(super) fn bracketed(text: &str) -> Option<i64> {
    let (moment, offset) = text.trim().split_once(' ')?;
    let (day, clock) = moment.split_once(':')?;
    let mut parts = day.split('/');
    let day: u8 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let year: i32 = parts.next()?.parse().ok()?;
    let mut parts = clock.split(':').map(str::parse::<u8>);
    let hour = parts.next()?.ok()?;
    let minute = parts.next()?.ok()?;
    // A leap second counts with the one before it.
    let second = parts.next()?.ok().filter(|second| *second <= 60)?.min(59);
    let date = Date::from_calendar_date(year, Month::try_from(month as u8).ok()?, day).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    let moment = date.with_time(time).assume_offset(offset_of(offset)?);
    let seconds = moment.unix_timestamp();
    (0..=LAST_SECOND)
        .contains(&seconds)
        .then_some(seconds * 1000)
}

/// `-0700` or `+02:00`.
fn offset_of(text: &str) -> Option<UtcOffset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seconds_kept_as_milliseconds() {
        assert_eq!(seconds(1_732_320_000.5), Some(1_732_320_000_500));
        assert_eq!(seconds(0.0004), Some(0));
        assert_eq!(seconds(0.0006), Some(1));
        assert_eq!(seconds(LAST_SECOND as f64), Some(LAST_SECOND * 1000));
        for wrong in [-0.5, 1_732_320_000_500.0, f64::NAN, f64::INFINITY] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        for unit in [1e0, 1e3, 1e6, 1e9] {
            assert_eq!(of_log(1_732_320_000.0 * unit), Some(1_732_320_000_000));
        }
        assert_eq!(of_log(-1.0), None);
    }

    #[test]
    fn texts_name_a_point_in_time_with_its_offset() {
        for (text, at) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T01:00:00.0005+01:00", Some(1)),
            ("2025-08-26T02:00:00.25+02:00", Some(1_756_166_400_250)),
            ("1969-12-31T23:59:59Z", None),
            ("2025-08-26", None),
            ("2025-02-30T00:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(text), at, "{text}");
        }
        for (text, at) in [
            ("10/Oct/2000:13:55:36 -0700", Some(971_211_336_000)),
            ("26/Aug/2025:02:00:00 +02:00", Some(1_756_166_400_000)),
            ("31/Dec/2016:23:59:60 +0000", Some(1_483_228_799_000)),
            ("30/Feb/2025:00:00:00 +0000", None),
            ("10/Oct/2000:13:55 -0700", None),
            ("10/Okt/2000:13:55:36 -0700", None),
            ("10/Oct/2000:13:55:36", None),
            ("10/Oct/2000:13:55:36 é", None),
            ("", None),
        ] {
            assert_eq!(bracketed(text), at, "{text}");
        }
    }
}
