//! By which a request is named: in its answer, in the log, and in the report of whatever went wrong with it. A proxy of the
//! site may have named it already; nobody else's word is taken.

use std::fmt;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header that names a request.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of a name that a proxy gives, at most.
const LONGEST: usize = 64;

/// The name of a request.
#[derive(Clone, Debug)]
pub(super) enum RequestId {
    /// Given here.
    Own(u64),
    /// Given by a proxy of the site.
    Given(HeaderValue),
}

impl RequestId {
    /// The name that a proxy of the site gave to the request with `headers`: letters, digits, `-`, `_`, `.`.
    pub(super) fn given(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get(X_REQUEST_ID)?;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let bytes = given.as_bytes();
        let fine = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(is_name);
        fine.then(|| Self::Given(given.clone()))
    }

    /// As a header says it.
    pub(super) fn header(&self) -> HeaderValue {
        match self {
            Self::Given(given) => given.clone(),
            Self::Own(number) => {
                let mut digits = [0; 16];
                for (place, digit) in digits.iter_mut().rev().enumerate() {
                    *digit = b"0123456789abcdef"[(number >> (4 * place) & 15) as usize];
                }
                HeaderValue::from_bytes(&digits).expect("digits are fine in a header")
            }
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(number) => write!(f, "{number:016x}"),
            Self::Given(given) => f.write_str(given.to_str().unwrap_or_default()),
        }
    }
}

/// The `traceparent` of a request (W3C Trace Context), in its form and nothing else.
#[derive(Clone, Debug)]
pub(super) struct Traceparent(HeaderValue);

impl Traceparent {
    /// That of the request with `headers`: a version, the trace, the caller's span and flags, as lowercase hexadecimal digits.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        const LENGTHS: [usize; 4] = [2, 32, 16, 2];
        let given = headers.get("traceparent")?;
        let text = given.to_str().ok()?;
        let mut parts = text.split('-');
        let is_part = |length: usize, part: &str| {
            let hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
            part.len() == length && part.as_bytes().iter().all(hex)
        };
        let fine = LENGTHS.iter().all(|&length| {
            let part = parts.next().unwrap_or_default();
            // No trace and no span is all zeros.
            is_part(length, part) && (length == 2 || part.bytes().any(|byte| byte != b'0'))
        });
        (fine && parts.next().is_none() && !text.starts_with("ff")).then(|| Self(given.clone()))
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &[u8]) -> HeaderMap {
        let value = HeaderValue::from_bytes(value).expect("a value");
        HeaderMap::from_iter([(HeaderName::from_static(name), value)])
    }

    #[test]
    fn a_name_is_letters_and_digits() {
        let own = RequestId::Own(0x0123_4567_89ab_cdef);
        assert_eq!(own.header(), own.to_string());
        let long = [b'a'; LONGEST + 1];
        for (value, fine) in [
            (&b"7f3a-1.b_C"[..], true),
            (&long[1..], true),
            (&long, false),
            (b"", false),
            (b"a b", false),
            (b"a\"b", false),
            (b"\xff", false),
        ] {
            let given = RequestId::given(&headers("x-request-id", value));
            assert_eq!(given.is_some(), fine, "{value:?}");
            assert!(given.is_none_or(|given| given.header() == value));
        }
    }

    #[test]
    fn a_trace_is_of_its_form_or_is_none() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        for (text, fine) in [
            (format!("00-{trace}-{span}-01"), true),
            (format!("00-{trace}-{span}-01-x"), false),
            (format!("ff-{trace}-{span}-01"), false),
            (format!("00-{}-{span}-01", "0".repeat(32)), false),
            (format!("00-{trace}-{}-01", "0".repeat(16)), false),
            (format!("00-{}-{span}-01", trace.to_uppercase()), false),
            (format!("00-{trace}-{span}"), false),
            ("a visitor's name".to_owned(), false),
        ] {
            let found = Traceparent::of(&headers("traceparent", text.as_bytes()));
            assert_eq!(found.is_some(), fine, "{text}");
        }
    }
}
