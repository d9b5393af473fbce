//! A line of an access log in JSON, by the names that web servers give to the parts of a request.
//!
//! Names are compared without case and punctuation (`remote_addr`, `RemoteAddr`). Of several the one that stands earlier in
//! the list counts, and an outer one before a nested one. Only objects that describe requests are looked into.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::findings::shown;
use super::access_log::Request;
use super::log_line::cut;
use super::record::no_json;
use super::report::{Reason, Refused};
use super::value::Value;
use super::when;

/// The parts of a request and what they are called, the best name first.
const PARTS: [&[&str]; 8] = [
    &[
        "start_time",
        "StartUTC",
        "EdgeStartTimestamp",
        "time",
        "ts",
        "timestamp",
        "time_iso8601",
        "time_local",
        "msec",
        "datetime",
    ],
    &[
        "client_ip",
        "ClientHost",
        "remote_addr",
        "remote_ip",
        "client_address",
        "client",
        "ip",
    ],
    &["request", "request_line"],
    &["method", "request_method", "ClientRequestMethod"],
    &[
        "request_uri",
        "ClientRequestURI",
        "uri",
        "RequestPath",
        "ClientRequestPath",
        "path",
        "url",
    ],
    &[
        "status",
        "DownstreamStatus",
        "EdgeResponseStatus",
        "status_code",
        "response_status",
        "OriginStatus",
    ],
    &[
        "referer",
        "referrer",
        "http_referer",
        "http_referrer",
        "request_Referer",
        "ClientRequestReferer",
    ],
    &[
        "user_agent",
        "http_user_agent",
        "request_User-Agent",
        "ClientRequestUserAgent",
        "agent",
    ],
];
/// Where a part stands in [`PARTS`].
const TIME: usize = 0;
const ADDRESS: usize = 1;
const LINE: usize = 2;
const METHOD: usize = 3;
const TARGET: usize = 4;
const STATUS: usize = 5;
const REFERER: usize = 6;
const AGENT: usize = 7;
/// Objects that are looked into, and how deep.
const OBJECTS: [&str; 5] = ["request", "req", "http", "headers", "response"];
const DEEPEST: usize = 3;

/// Reads `line`.
///
/// # Errors
/// Which part of a request is missing.
pub(super) fn read(line: &str) -> Result<Request<'_>, Refused> {
    let mut parts = Parts::default();
    let mut reader = serde_json::Deserializer::from_str(line);
    let object = Inside {
        parts: &mut parts,
        depth: 0,
        part: None,
        object: true,
    };
    object
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| {
            no_json(
                line,
                &error,
                "one entry of an access log (a JSON object) a line",
            )
        })?;
    parts.request()
}

/// What was found of each part, and how good its name is; 0 is the best.
#[derive(Default)]
struct Parts<'a> {
    found: [(usize, Value<'a>); PARTS.len()],
    /// How good the name of the last key of a status is, whatever its value; `None` where there is no such key.
    status: Option<usize>,
}

impl<'a> Parts<'a> {
    fn put(&mut self, (part, rank): (usize, usize), value: Value<'a>) {
        let (known, kept) = &mut self.found[part];
        if *kept == Value::None || rank < *known {
            (*known, *kept) = (rank, value);
        }
    }

    fn take(&mut self, part: usize) -> Value<'a> {
        std::mem::take(&mut self.found[part].1)
    }

    fn request(mut self) -> Result<Request<'a>, Refused> {
        let missing = |reason, what: &str, names: usize| {
            let known = PARTS[names].join(", ");
            Refused::new(
                reason,
                format!(
                    "found {what}, expected one of the keys {known}; a file of event records names an article in its first line"
                ),
            )
        };
        let at = match self.take(TIME) {
            Value::Number(number) => when::of_log(number),
            Value::Text(text) => when::rfc3339(&text)
                .or_else(|| when::of_log(text.trim().parse().ok()?))
                .or_else(|| when::bracketed(text.trim_matches(['[', ']']))),
            _ => None,
        };
        let at = at.ok_or_else(|| missing(Reason::Time, "no time that can be read", TIME))?;
        let address = self
            .take(ADDRESS)
            .into_text()
            .ok_or_else(|| missing(Reason::Visitor, "no address of a client", ADDRESS))?;
        let rank = self.found[STATUS].0;
        let status = match (self.take(STATUS), self.status) {
            (Value::Number(number), _) => number as u16,
            (Value::Text(text), _) => text.parse().map_err(|_| no_number(rank, &shown(&text)))?,
            (_, Some(rank)) => return Err(no_number(rank, "no number and no text")),
            _ => return Err(missing(Reason::Unreadable, "no status", STATUS)),
        };
        let (method, target) = match (self.take(METHOD), self.take(TARGET), self.take(LINE)) {
            (Value::Text(method), Value::Text(target), _) => (method, target),
            (_, _, Value::Text(line)) => cut(line),
            (Value::Text(_), _, _) => {
                return Err(missing(Reason::Unreadable, "no path", TARGET));
            }
            _ => return Err(missing(Reason::Unreadable, "no method", METHOD)),
        };
        // Where the log tells agents at all, a request without one has an empty one.
        let text = |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        Ok(Request {
            at,
            address,
            method,
            target,
            status,
            referer: text(self.take(REFERER)),
            agent: text(self.take(AGENT)),
        })
    }
}

/// A status that is there and tells no number.
fn no_number(rank: usize, found: &str) -> Refused {
    let names = PARTS[STATUS];
    let key = names[rank % names.len()];
    let message = format!("{key}: found {found}, expected a number");
    Refused::new(Reason::Unreadable, message)
}

/// Whether `key` is `name`, whatever their case and punctuation.
fn is_named(key: &str, name: &str) -> bool {
    letters(key).eq(letters(name))
}

/// What of a name is compared.
fn letters(text: &str) -> impl Iterator<Item = u8> {
    let bytes = text.bytes().filter(u8::is_ascii_alphanumeric);
    bytes.map(|byte| byte.to_ascii_lowercase())
}

/// Reads a value into the parts: the value of `part`, or an object whose keys are parts.
struct Inside<'p, 'a> {
    parts: &'p mut Parts<'a>,
    depth: usize,
    /// Which part the value is, and the rank of its name.
    part: Option<(usize, usize)>,
    /// Whether an object is looked into.
    object: bool,
}

impl<'de> Inside<'_, 'de> {
    fn put<E>(self, value: Value<'de>) -> Result<(), E> {
        if let Some(part) = self.part {
            self.parts.put(part, value);
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Inside<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.part.is_none() && !self.object {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inside<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(Value::Number(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        self.put(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(Value::Text(Cow::Owned(text.to_owned())))
    }

    /// Headers are lists of values in some logs; the first counts.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let first = Inside {
            object: false,
            ..self
        };
        if items.next_element_seed(first)?.is_some() {
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if !self.object || self.depth >= DEEPEST {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while let Some(key) = entries.next_key::<Cow<'de, str>>()? {
            let known = PARTS.iter().enumerate().find_map(|(part, names)| {
                let rank = names.iter().position(|name| is_named(&key, name))?;
                Some((part, self.depth * names.len() + rank))
            });
            if let Some((STATUS, rank)) = known {
                self.parts.status = Some(rank);
            }
            entries.next_value_seed(Inside {
                parts: &mut *self.parts,
                depth: self.depth + 1,
                part: known,
                object: OBJECTS.iter().any(|name| is_named(&key, name)),
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Time, address, method, target, status, referer and agent of `line`.
    fn shown(line: &str) -> String {
        let request = read(line).unwrap_or_else(|refused| panic!("{line}: {}", refused.message));
        format!(
            "{} {} {} {} {} {} {}",
            request.at,
            request.address,
            request.method,
            request.target,
            request.status,
            request.referer.as_deref().unwrap_or("none"),
            request.agent.as_deref().unwrap_or("none")
        )
    }

    #[test]
    fn the_names_of_common_servers_are_known() {
        // nginx, as its handbooks format logs.
        assert_eq!(
            shown(
                r#"{"time_iso8601": "2025-08-26T00:00:00+00:00", "remote_addr": "192.0.2.1", "request": "GET /a?b HTTP/1.1", "status": "200",
                "http_referer": "-", "http_user_agent": "Mozilla", "body_bytes_sent": 12}"#
            ),
            "1756166400000 192.0.2.1 GET /a?b 200 - Mozilla"
        );
        assert_eq!(
            shown(
                r#"{"msec": "1756166400.250", "remote_addr": "192.0.2.1", "request_method": "GET", "request_uri": "/a?b", "uri": "/index.php", "status": 200}"#
            ),
            "1756166400250 192.0.2.1 GET /a?b 200 none none"
        );
        // Caddy.
        assert_eq!(
            shown(
                r#"{"level": "info", "ts": 1756166400.25, "logger": "http.log.access", "msg": "handled request", "request": {"remote_ip": "198.51.100.1",
                "remote_port": "41342", "client_ip": "192.0.2.1", "proto": "HTTP/2.0", "method": "GET", "host": "example.org", "uri": "/a",
                "headers": {"User-Agent": ["Mozilla", "x"], "Referer": ["https://example.org/b"], "Accept": []}, "tls": {"resumed": false}},
                "bytes_read": 0, "user_id": "", "duration": 0.0009, "size": 2326, "status": 200, "resp_headers": {"Server": ["Caddy"]}}"#
            ),
            "1756166400250 192.0.2.1 GET /a 200 https://example.org/b Mozilla"
        );
        // Traefik.
        assert_eq!(
            shown(
                r#"{"ClientAddr": "192.0.2.1:5000", "ClientHost": "192.0.2.1", "DownstreamStatus": 200, "OriginStatus": 500, "RequestMethod": "GET",
                "RequestPath": "/a", "RequestProtocol": "HTTP/2.0", "StartUTC": "2025-08-26T00:00:00.25Z", "request_Referer": "", "request_User-Agent": "Mozilla",
                "time": "2025-08-26T00:00:09Z"}"#
            ),
            "1756166400250 192.0.2.1 GET /a 200  Mozilla"
        );
        // Cloudflare, with times in nanoseconds.
        assert_eq!(
            shown(
                r#"{"ClientIP": "2001:db8::1", "ClientRequestMethod": "GET", "ClientRequestURI": "/a?b", "ClientRequestPath": "/a", "EdgeResponseStatus": 200,
                "EdgeStartTimestamp": 1756166400250000000, "ClientRequestReferer": "", "ClientRequestUserAgent": "Mozilla"}"#
            ),
            "1756166400250 2001:db8::1 GET /a?b 200  Mozilla"
        );
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_else_is_quoted() {
        let whole = r#"{"time": "26/Aug/2025:00:00:00 +0000", "ip": "192.0.2.1", "method": "GET", "path": "/a", "status": 200, "agent": "Mozilla"}"#;
        assert_eq!(
            shown(whole),
            "1756166400000 192.0.2.1 GET /a 200 none Mozilla"
        );
        for (part, reason, words) in [
            (
                "time",
                Reason::Time,
                "no time that can be read, expected one of the keys start_time, StartUTC, ",
            ),
            ("ip", Reason::Visitor, "no address of a client"),
            ("method", Reason::Unreadable, "no method"),
            ("path", Reason::Unreadable, "no path"),
            ("status", Reason::Unreadable, "no status"),
        ] {
            let line = whole.replace(&format!("\"{part}\""), "\"x\"");
            let refused = read(&line).err().expect(part);
            assert!(
                refused.reason == reason && refused.message.contains(words),
                "{refused:?}"
            );
        }
        for broken in ["{\"ip\": \"192.0.2.1\"", "[]", "7", "{} \"192.0.2.1\""] {
            let refused = read(broken).err().expect(broken);
            assert!(!refused.message.contains("192."), "{refused:?}");
        }
    }

    #[test]
    fn a_status_that_is_there_and_no_number_is_told_by_its_key() {
        let line = |status: &str| {
            format!(
                r#"{{"time": "26/Aug/2025:00:00:00 +0000", "ip": "192.0.2.1", "method": "GET", "path": "/a", {status}}}"#
            )
        };
        for (status, words) in [
            (
                r#""status": "200 OK""#,
                "status: found \"200 OK\", expected a number",
            ),
            (
                r#""Status_Code": "ok""#,
                "status_code: found \"ok\", expected a number",
            ),
            (
                r#""status": null"#,
                "status: found no number and no text, expected a number",
            ),
        ] {
            let refused = read(&line(status)).err().expect(status);
            assert_eq!(refused.reason, Reason::Unreadable);
            assert_eq!(refused.message, words);
        }
        // One that says nothing stands for none of another name.
        assert!(read(&line(r#""status": null, "OriginStatus": 200"#)).is_ok());
        assert!(read(&line(r#""OriginStatus": 200, "status": null"#)).is_ok());
    }

    #[test]
    fn deep_nesting_ends_in_a_refusal() {
        let line = "{\"request\":".repeat(5_000);
        assert_eq!(
            read(&line).err().map(|r| r.reason),
            Some(Reason::Unreadable)
        );
    }

    #[test]
    fn every_name_is_documented() {
        let document = include_str!("../../../docs/events.md");
        let documented: Vec<&str> = document.split('`').collect();
        for name in PARTS.iter().copied().flatten().chain(&OBJECTS) {
            assert!(documented.contains(name), "{name}");
        }
    }
}
