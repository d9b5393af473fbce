//! What stands behind the keys of an event record: each value as what it means, or what was found, what was expected and
//! what to do.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_128;

use super::super::findings::shown;
use super::report::{Reason, Refused};
use super::value::Value;
use super::when;
use crate::model::{DAY, EventKind};

/// Bytes that a name (an article, a visitor, an id) may have.
pub(super) const LONGEST_NAME: usize = 2_000;
/// Milliseconds that a reader may have stayed; more is taken for this much.
const LONGEST_DWELL: f64 = DAY as f64;
/// A place in a panel that no panel has.
const LAST_POSITION: f64 = 1_000_000.0;
/// What stands before the digest of an id, in place of an id.
pub(super) const DIGEST: &str = "x:";

/// The key that cannot be used, and why.
pub(super) type Fault = (&'static str, Refused);

fn fault<T>(key: &'static str, reason: Reason, message: &str) -> Result<T, Fault> {
    Err((key, Refused::new(reason, format!("{key}: {message}"))))
}

/// Milliseconds since 1970.
pub(super) fn time(value: &Value<'_>) -> Result<i64, Fault> {
    let (at, found) = match value {
        Value::Number(number) => (when::seconds(*number), number.to_string()),
        Value::Text(text) => (when::rfc3339(text), shown(text)),
        other => (None, other.kind().to_owned()),
    };
    let Some(at) = at else {
        let advice = match value {
            Value::Number(number) if *number > when::LAST_SECOND as f64 => {
                "; divide milliseconds by 1,000"
            }
            Value::Number(_) => "; leave out events whose time is not known",
            _ => ", or RFC 3339 such as \"2024-11-23T00:00:00Z\"",
        };
        let message = format!(
            "found {found}, expected seconds since 1970 up to the year 9999, such as 1732320000.5{advice}"
        );
        return fault("ts", Reason::Time, &message);
    };
    Ok(at)
}

/// A text that can name something. It is not quoted in messages: visitors are among the names.
pub(super) fn name<'a>(
    key: &'static str,
    reason: Reason,
    value: Value<'a>,
) -> Result<Cow<'a, str>, Fault> {
    let text = match value {
        Value::Text(text) => text,
        Value::Number(_) => {
            return fault(
                key,
                reason,
                "found a number, expected a text; put it in quotes",
            );
        }
        other => {
            let message = format!("found {}, expected a text", other.kind());
            return fault(key, reason, &message);
        }
    };
    if text.trim().is_empty() {
        let message = match reason {
            Reason::Value => "found an empty text; leave the key out where there is none",
            _ => "found an empty text, expected a name; leave the record out where there is none",
        };
        return fault(key, reason, message);
    }
    if text.len() > LONGEST_NAME {
        let message = format!(
            "found {} bytes, expected at most {LONGEST_NAME}; shorten it",
            text.len()
        );
        return fault(key, reason, &message);
    }
    if text.contains(char::is_control) {
        return fault(
            key,
            reason,
            "found a control character, expected none; remove it",
        );
    }
    Ok(text)
}

/// What was done.
pub(super) fn kind(value: &Value<'_>) -> Result<EventKind, Fault> {
    let found = match value {
        Value::Text(text) => match EventKind::named(text) {
            Some(kind) => return Ok(kind),
            None => shown(text),
        },
        other => other.kind().to_owned(),
    };
    let known = EventKind::ALL.map(EventKind::name).join(", ");
    let message = format!("found {found}, expected one of {known}");
    fault("type", Reason::Type, &message)
}

/// The place of a card.
pub(super) fn position(value: &Value<'_>) -> Result<Option<u32>, Fault> {
    let found = match value {
        Value::None => return Ok(None),
        Value::Number(number) => {
            if (1.0..=LAST_POSITION).contains(number) && number.fract() == 0.0 {
                return Ok(Some(*number as u32));
            }
            number.to_string()
        }
        other => other.kind().to_owned(),
    };
    let message = format!(
        "found {found}, expected a whole number from 1, the first place of a panel; leave the key out where it is not known"
    );
    fault("position", Reason::Value, &message)
}

/// Milliseconds that the reader stayed.
pub(super) fn dwell(value: &Value<'_>) -> Result<Option<u32>, Fault> {
    let found = match value {
        Value::None => return Ok(None),
        Value::Number(number) if *number >= 0.0 => {
            return Ok(Some((number * 1000.0).round().min(LONGEST_DWELL) as u32));
        }
        Value::Number(number) => number.to_string(),
        other => other.kind().to_owned(),
    };
    let message = format!(
        "found {found}, expected seconds from 0, such as 34.2; leave the key out where they are not known"
    );
    fault("dwell", Reason::Value, &message)
}

/// What stands for the id `text`: its digest, or the digest that it is.
pub(super) fn digest(text: &str) -> u128 {
    let digits = text.strip_prefix(DIGEST).filter(|digits| {
        digits.len() == 32 && digits.bytes().all(|b| b"0123456789abcdef".contains(&b))
    });
    let given = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok());
    given.unwrap_or_else(|| xxh3_128(text.as_bytes()))
}
