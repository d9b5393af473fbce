//! Numbers and days as exports of every language write them.

use crate::model::Date;

/// A whole number, whatever stands between its digits in groups: `1.234`, `1,234`, `1 234`.
pub(super) fn count(text: &str) -> Option<u64> {
    let mut digits = String::new();
    for letter in text.trim().chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            '.' | ',' | '\'' | '\u{2019}' => {}
            blank if blank.is_whitespace() => {}
            _ => return None,
        }
    }
    digits.parse().ok()
}

/// A number with or without a fraction, `3.2` or `3,2`, and with a percent sign or without: the last separator begins the
/// fraction.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '%' && *letter != '\u{66a}')
        .collect();
    let (whole, fraction) = text.rsplit_once(['.', ',']).unwrap_or((&text, ""));
    let whole: String = whole
        .chars()
        .filter(|letter| !matches!(letter, '.' | ',' | '\''))
        .collect();
    let number = || format!("{whole}.{fraction}0").parse().ok();
    whole
        .starts_with(|letter: char| letter.is_ascii_digit())
        .then(number)
        .flatten()
}

/// A day such as `2025-08-26`.
pub(super) fn day(text: &str) -> Option<Date> {
    let is_day = text.len() == 10 && text.as_bytes()[4] == b'-';
    is_day.then(|| Date::parse(text)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_language_are_read() {
        for (text, number) in [
            ("1234", 1234),
            ("1,234", 1234),
            ("1.234", 1234),
            ("1\u{202f}234", 1234),
            ("0", 0),
        ] {
            assert_eq!(count(text), Some(number), "{text}");
        }
        assert_eq!(count("many"), None);
        for (text, number) in [
            ("3,2 %", 3.2),
            ("3.2%", 3.2),
            ("12", 12.0),
            ("1.234,5", 1234.5),
            ("%3,2", 3.2),
        ] {
            assert_eq!(decimal(text), Some(number), "{text}");
        }
        assert_eq!(decimal("-"), None);
        assert_eq!(day("2025-02-30"), None);
        assert!(day("2025-02-28").is_some());
    }
}
