//! What a line of the log looks like, for people or for programs.
//!
//! Of a request it says when it was answered, what was asked for, with which status, in what time and how many bytes. It says
//! nothing of who asked: there is no address, no agent, no body, and of the query the article alone, without its own query.
//! Whatever came from outside is escaped, so that no line looks like two and no terminal is told anything.

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{Method, StatusCode, Uri};

use super::request_id::{RequestId, Traceparent};
use super::route::Route;
use crate::model::Date;

/// Bytes of what was asked for that a line holds, at most.
const LONGEST: usize = 256;

/// A request that was answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) id: RequestId,
    /// Where the head of the request was read.
    pub(super) method: Option<Method>,
    pub(super) route: Route,
    pub(super) uri: Uri,
    pub(super) status: StatusCode,
    /// From the head of the request to the answer.
    pub(super) took: Duration,
    /// Of the body, where it is known beforehand.
    pub(super) bytes: Option<u64>,
    pub(super) trace: Option<Traceparent>,
}

impl Answered {
    /// The article that a request is about; of what is no resource the path. As it was sent, up to a query of its own.
    fn about(&self) -> Option<&str> {
        let whole = match self.route {
            Route::Other => self.uri.path(),
            _ => self.uri.query()?.split('&').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                matches!(name, "url" | "id").then_some(value)
            })?,
        };
        let encoded = |mark| whole.to_ascii_lowercase().find(mark);
        let ends = [whole.find(['?', '#', ';']), encoded("%3f"), encoded("%23")];
        let end = ends.into_iter().flatten().min().unwrap_or(whole.len());
        let mut ends = (0..=end.min(LONGEST)).rev();
        let end = ends.find(|&end| whole.is_char_boundary(end))?;
        Some(&whole[..end])
    }
}

/// Adds what the server says.
pub(super) fn append_said(text: &mut String, json: bool, at: SystemTime, said: &str) {
    let at = moment(at);
    match json {
        true => {
            let _ = write!(text, "{{\"time\":\"{at}\",\"message\":");
            quoted(text, said);
            text.push('}');
        }
        false => {
            let _ = write!(text, "{at} ");
            escaped(text, said);
        }
    }
    text.push('\n');
}

/// Adds a request.
pub(super) fn append_answered(text: &mut String, json: bool, at: SystemTime, answered: &Answered) {
    match json {
        true => append_object(text, at, answered),
        false => append_words(text, at, answered),
    }
    text.push('\n');
}

fn append_words(text: &mut String, at: SystemTime, answered: &Answered) {
    let method = answered.method.as_ref().map_or("-", Method::as_str);
    let route = answered.route.path();
    let (status, milliseconds) = (answered.status.as_u16(), milliseconds(answered.took));
    let _ = write!(text, "{} ", moment(at));
    escaped(text, method);
    let _ = write!(text, " {route} {status} {milliseconds:.3} ms");
    if let Some(bytes) = answered.bytes {
        let _ = write!(text, " {bytes} B");
    }
    let _ = write!(text, " id={}", answered.id);
    if let Some(trace) = &answered.trace {
        let _ = write!(text, " trace={trace}");
    }
    if let Some(about) = answered.about() {
        text.push(' ');
        escaped(text, about);
    }
}

fn append_object(text: &mut String, at: SystemTime, answered: &Answered) {
    let _ = write!(
        text,
        "{{\"time\":\"{}\",\"request\":\"{}\"",
        moment(at),
        answered.id
    );
    if let Some(method) = &answered.method {
        text.push_str(",\"method\":");
        quoted(text, method.as_str());
    }
    let _ = write!(
        text,
        ",\"route\":\"{}\",\"status\":{},\"seconds\":{:.6}",
        answered.route.path(),
        answered.status.as_u16(),
        answered.took.as_secs_f64()
    );
    if let Some(bytes) = answered.bytes {
        let _ = write!(text, ",\"bytes\":{bytes}");
    }
    if let Some(trace) = &answered.trace {
        let _ = write!(text, ",\"traceparent\":\"{trace}\"");
    }
    if let Some(about) = answered.about() {
        text.push_str(",\"about\":");
        quoted(text, about);
    }
    text.push('}');
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

/// RFC 3339, to the millisecond.
fn moment(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = Date::from_seconds(since.as_secs().cast_signed()).to_string();
    format!(
        "{}.{:03}Z",
        second.trim_end_matches('Z'),
        since.subsec_millis()
    )
}

/// Adds `raw`; in place of what moves a cursor or turns the direction of a text stands how Rust writes it.
fn escaped(text: &mut String, raw: &str) {
    for c in raw.chars() {
        match is_active(c) {
            true => text.extend(c.escape_default()),
            false => text.push(c),
        }
    }
}

/// Adds `raw` as a JSON string that shows what [`escaped`] hides as numbers.
fn quoted(text: &mut String, raw: &str) {
    text.push('"');
    for c in raw.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            // Whatever is active is below U+10000, one unit of UTF-16.
            c if is_active(c) => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// Whether `c` is a control character, ends a line, or turns the direction of a text.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(route: Route, target: &str) -> Answered {
        Answered {
            id: RequestId::Own(0xab),
            method: Some(Method::GET),
            route,
            uri: target.parse().expect("a target"),
            status: StatusCode::OK,
            took: Duration::from_micros(840),
            bytes: Some(5312),
            trace: None,
        }
    }

    fn at() -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(1_756_202_400_007)
    }

    #[test]
    fn a_request_is_a_line_for_people_and_an_object_for_programs() {
        let one = answered(Route::Related, "/v1/related?limit=3&url=/tool/pandas");
        let mut text = String::new();
        append_answered(&mut text, false, at(), &one);
        assert_eq!(
            text,
            "2025-08-26T10:00:00.007Z GET /v1/related 200 0.840 ms 5312 B id=00000000000000ab /tool/pandas\n"
        );
        text.clear();
        append_answered(&mut text, true, at(), &one);
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "time": "2025-08-26T10:00:00.007Z", "request": "00000000000000ab", "method": "GET", "route": "/v1/related",
                "status": 200, "seconds": 0.00084, "bytes": 5312, "about": "/tool/pandas"
            })
        );
    }

    #[test]
    fn of_a_query_the_article_alone_is_told_and_nothing_of_its_own_query() {
        for (route, target, about) in [
            (
                Route::Related,
                "/v1/related?url=https://a.test/p%3Fmail=x@y.test",
                Some("https://a.test/p"),
            ),
            (Route::Related, "/v1/related?url=/p?token=1", Some("/p")),
            (
                Route::Related,
                "/v1/related?seen=/a,/b&id=/p%23me",
                Some("/p"),
            ),
            (Route::Search, "/v1/search?q=my+secret", None),
            (Route::Events, "/v1/events", None),
            (Route::Other, "/made/up?session=1", Some("/made/up")),
        ] {
            assert_eq!(answered(route, target).about(), about, "{target}");
        }
        let long = format!(
            "/v1/related?url=/{}",
            "é".repeat(400).replace('é', "%C3%A9")
        );
        assert_eq!(
            answered(Route::Related, &long).about().map(str::len),
            Some(LONGEST)
        );
    }

    #[test]
    fn no_line_looks_like_two_and_no_terminal_is_told_anything() {
        let hostile = "a\nb\r\u{1b}[2Jc\u{85}d\u{202e}e\"\\f\u{7f}";
        for json in [false, true] {
            let mut text = String::new();
            append_said(&mut text, json, at(), hostile);
            assert_eq!(text.matches('\n').count(), 1, "{text}");
            assert!(!text.trim_end().chars().any(is_active), "{text:?}");
            if json {
                let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(read["message"], hostile);
            }
        }
    }
}
