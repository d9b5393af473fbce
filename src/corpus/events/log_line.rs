//! A line in Common or Combined Log Format, cut into the parts of a request.
//!
//! `192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 200 2326 "https://example.org/" "Mozilla/5.0"`: what stands
//! after the size is in Combined lines only. Servers escape quotes and bytes that are no text with backslashes.

use std::borrow::Cow;
use std::net::IpAddr;

use super::access_log::Request;
use super::report::{Reason, Refused};
use super::when;

/// Reads `line`.
///
/// # Errors
/// Where it ends, or stops being a line of such a log.
pub(super) fn read(line: &str) -> Result<Request<'_>, Refused> {
    let refused = |rest: &str, found: &str| {
        let message = format!(
            "{found}, expected Common or Combined Log Format: address, two names, [time], \"request\", status, size"
        );
        Refused::new(Reason::Unreadable, message).at(line, line.len() - rest.len())
    };
    let (front, rest) = line
        .split_once(" [")
        .ok_or_else(|| refused(line, "found no [time]"))?;
    let (time, rest) = rest
        .split_once(']')
        .ok_or_else(|| refused(rest, "found a line that ends in its time"))?;
    let (request, rest) =
        quoted(rest).ok_or_else(|| refused(rest, "found no whole \"request\" after the time"))?;
    let rest = rest.trim_start();
    let status = rest.split(' ').next().unwrap_or_default();
    let status = status
        .parse()
        .map_err(|_| refused(rest, "found no status after the request"))?;
    let (referer, agent) = match rest.find('"') {
        None => (None, None),
        Some(at) => {
            let rest = &rest[at..];
            let (referer, rest) = quoted(rest)
                .ok_or_else(|| refused(rest, "found a line that ends in its referer"))?;
            let (agent, _) = quoted(rest)
                .ok_or_else(|| refused(rest, "found a line that ends before its agent does"))?;
            (Some(referer), Some(agent))
        }
    };
    let Some(at) = when::bracketed(time) else {
        let message =
            "found a time that cannot be read, expected one such as [10/Oct/2000:13:55:36 -0700]";
        return Err(Refused::new(Reason::Time, message).at(line, front.len() + 1));
    };
    let (method, target) = cut(request);
    Ok(Request {
        at,
        address: address(front).into(),
        method,
        target,
        status,
        referer,
        agent,
    })
}

/// Method and target of a request line such as `GET /a HTTP/1.1`; both empty where there are none.
pub(super) fn cut(request: Cow<'_, str>) -> (Cow<'_, str>, Cow<'_, str>) {
    let parts = |text: &str| {
        let (method, rest) = text.split_once(' ')?;
        let target = match rest.rsplit_once(' ') {
            Some((target, protocol)) if protocol.starts_with("HTTP/") => target,
            _ => rest,
        };
        let begin = method.len() + 1;
        Some((begin, begin + target.len()))
    };
    let Some((begin, end)) = parts(&request) else {
        return (Cow::Borrowed(""), Cow::Borrowed(""));
    };
    match request {
        Cow::Borrowed(text) => (text[..begin - 1].into(), text[begin..end].into()),
        Cow::Owned(text) => (
            text[..begin - 1].to_owned().into(),
            text[begin..end].to_owned().into(),
        ),
    }
}

/// The client's address in what stands before the time. Some servers put the host that was asked in front of it.
fn address(front: &str) -> &str {
    let mut words = front.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let is_address = |word: &str| word.parse::<IpAddr>().is_ok();
    match words.next() {
        Some(second) if is_address(second) && !is_address(first) => second,
        _ => first,
    }
}

/// The text between the quotes that `rest` begins with, and what stands after them.
fn quoted(rest: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = rest.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return Some((unescaped(&inner[..at]), &inner[at + 1..])),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// `text` with what was escaped by backslashes as it came in.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, length) = match (first, after) {
            (b'\\', [b'x', digits @ ..]) => match hexadecimal(digits) {
                Some(byte) => (byte, 4),
                None => (b'\\', 1),
            },
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b'r', ..]) => (b'\r', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [other, ..]) => (*other, 2),
            (byte, _) => (*byte, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The byte that two hexadecimal digits at the beginning of `digits` give.
fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMBINED: &str = r#"192.0.2.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=1 HTTP/1.0" 200 2326 "https://example.org/x" "Mozilla/5.0 (\"odd\")""#;

    #[test]
    fn a_combined_line_has_all_parts() {
        let request = read(COMBINED).expect("a request");
        assert_eq!(request.at, 971_211_336_000);
        assert_eq!(request.address, "192.0.2.1");
        assert_eq!((&*request.method, &*request.target), ("GET", "/a?b=1"));
        assert_eq!(request.status, 200);
        assert_eq!(request.referer.as_deref(), Some("https://example.org/x"));
        assert_eq!(request.agent.as_deref(), Some("Mozilla/5.0 (\"odd\")"));
    }

    #[test]
    fn a_common_line_knows_no_referer_and_no_agent() {
        let request =
            read(r#"2001:db8::1 - - [26/Aug/2025:00:00:00 +0000] "GET /a HTTP/2.0" 304 -"#);
        let request = request.expect("a request");
        assert_eq!(request.address, "2001:db8::1");
        assert_eq!(
            (request.status, request.referer, request.agent),
            (304, None, None)
        );
    }

    #[test]
    fn hosts_in_front_names_with_spaces_and_more_fields_are_understood() {
        for (front, address) in [
            ("example.org:443 192.0.2.1 - -", "192.0.2.1"),
            ("192.0.2.1 192.0.2.2 -", "192.0.2.1"),
            ("host.example.net - John Doe", "host.example.net"),
        ] {
            let line = format!(
                "{front} [26/Aug/2025:00:00:00 +0000] \"GET /a b\" 200 5 0.004 \"-\" \"x\" \"more\" 7"
            );
            let request = read(&line).expect("a request");
            assert_eq!((&*request.address, &*request.target), (address, "/a b"));
            assert_eq!(request.agent.as_deref(), Some("x"));
        }
    }

    #[test]
    fn escapes_are_undone() {
        for (given, wanted) in [
            (r"plain", "plain"),
            (r#"a\"b\\c"#, "a\"b\\c"),
            (r"\xc3\xa9\t", "é\t"),
            (r"\xff\xg1\x1", "\u{fffd}\\xg1\\x1"),
            ("é\\", "é\\"),
        ] {
            assert_eq!(unescaped(given), wanted, "{given}");
        }
    }

    #[test]
    fn a_line_that_ends_anywhere_is_refused_and_never_guessed_at() {
        for (end, _) in COMBINED.char_indices() {
            let part = &COMBINED[..end];
            // Up to the referer it is a line in Common Log Format.
            let status = COMBINED.find(" 200").expect("there") + 2;
            let referer = COMBINED.find("\"https").expect("there");
            if (status..=referer).contains(&end) {
                assert!(read(part).is_ok(), "{part}");
                continue;
            }
            let refused = read(part).err().expect(part);
            assert_eq!(refused.reason, Reason::Unreadable);
            assert!(refused.column <= end as u64 + 1, "{part}");
            assert!(!refused.message.contains("192."), "{}", refused.message);
        }
        let refused = read(&COMBINED.replace("Oct", "Okt"))
            .err()
            .expect("no month");
        assert_eq!((refused.reason, refused.column), (Reason::Time, 19));
    }

    #[test]
    fn a_request_without_words_has_no_method() {
        for (request, method, target) in [
            ("GET / HTTP/1.1", "GET", "/"),
            ("GET /", "GET", "/"),
            ("-", "", ""),
            ("\u{16}\u{3}\u{1}", "", ""),
        ] {
            let (found, aimed) = cut(request.into());
            assert_eq!((&*found, &*aimed), (method, target));
        }
    }
}
