//! From the requests that a web server logged to the views of pages.
//!
//! Address and agent of a client end here, in the hash of a visitor that lasts a day: they are in no event and in no message.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

use super::keys::LONGEST_NAME;
use super::record::EventRecord;
use super::report::{Reason, Refused};
use super::robots::is_robot;
use crate::keys::SiteKey;
use crate::model::{DAY, EventKind};

/// What a log tells of one request.
pub(super) struct Request<'a> {
    /// Milliseconds since 1970-01-01 UTC.
    pub(super) at: i64,
    pub(super) address: Cow<'a, str>,
    /// Empty where the request was no HTTP.
    pub(super) method: Cow<'a, str>,
    pub(super) target: Cow<'a, str>,
    pub(super) status: u16,
    pub(super) referer: Option<Cow<'a, str>>,
    /// `None` where the log does not tell agents.
    pub(super) agent: Option<Cow<'a, str>>,
}

/// The view of a page.
pub(super) struct PageView<'a> {
    pub(super) event: EventRecord<'a>,
    /// Whether a robot asked; `None` where the log does not tell.
    pub(super) robot: Option<bool>,
}

impl PageView<'_> {
    /// The same with names of its own.
    pub(super) fn into_owned(self) -> PageView<'static> {
        PageView {
            event: self.event.into_owned(),
            robot: self.robot,
        }
    }
}

/// The view that `request` is.
///
/// # Errors
/// Why it is none.
pub(super) fn view<'a>(request: Request<'a>, key: &SiteKey) -> Result<PageView<'a>, Refused> {
    let is_method = |method: &str| {
        (3..=20).contains(&method.len())
            && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
    };
    if !is_method(&request.method) {
        return Err(Refused::new(
            Reason::Garbage,
            "found a request that is no HTTP, such as TLS on a port without it",
        ));
    }
    if request.method != "GET" {
        return Err(Refused::new(Reason::Method, ""));
    }
    if !matches!(request.status, 200..=205 | 207..=299 | 304) {
        return Err(Refused::new(Reason::Status, ""));
    }
    let article = without_query(request.target);
    if !(article.starts_with('/') || is_address(&article)) || article.contains(char::is_control) {
        return Err(Refused::new(
            Reason::Garbage,
            "found a request for neither a path nor an address",
        ));
    }
    if article.len() > LONGEST_NAME {
        let message = format!(
            "found a path of {} bytes, expected at most {LONGEST_NAME}",
            article.len()
        );
        return Err(Refused::new(Reason::Article, message));
    }
    if is_asset(&article) {
        return Err(Refused::new(Reason::Asset, ""));
    }
    if matches!(&*request.address, "" | "-") {
        return Err(Refused::new(
            Reason::Visitor,
            "found no address of a client, expected one; without it visitors cannot be told apart",
        ));
    }
    let agent = request.agent.as_deref().map(|agent| match agent {
        "-" => "",
        agent => agent,
    });
    let day = request.at.div_euclid(DAY);
    let address = one_form(request.address);
    Ok(PageView {
        robot: agent.map(is_robot),
        event: EventRecord {
            at: request.at,
            visitor: key.visitor_of_day(&address, agent.unwrap_or_default(), day),
            network: None,
            kind: EventKind::View,
            article,
            from: request.referer.and_then(page_before),
            position: None,
            dwell: None,
            id: None,
        },
    })
}

/// The page that a request came from; `None` where the header holds no address of a page. An address with a name and a
/// password in it is left out: they are nobody's business.
fn page_before(referer: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let page = without_query(referer);
    let (_, rest) = page.split_once("//")?;
    let host = rest.split('/').next().unwrap_or_default();
    let plain = is_address(&page)
        && !host.is_empty()
        && !host.contains('@')
        && page.len() <= LONGEST_NAME
        && !page.contains(char::is_control);
    plain.then_some(page)
}

fn is_address(text: &str) -> bool {
    let begins = |start: &str| {
        let front = text.get(..start.len());
        front.is_some_and(|front| front.eq_ignore_ascii_case(start))
    };
    begins("https://") || begins("http://")
}

fn without_query(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}

/// An address as every server would write it, so that one client is one visitor.
fn one_form(address: Cow<'_, str>) -> Cow<'_, str> {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(number)) => number.to_canonical().to_string().into(),
        _ => address,
    }
}

/// Whether `path` ends like a file that pages are made of, and none that is a page itself. Endings are listed, because names
/// of pages have dots too (`/tool/draw.io`, `/news/version-1.2`).
fn is_asset(path: &str) -> bool {
    static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let lines = include_str!("data/assets.txt").lines();
        lines
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_ascii_whitespace)
            .collect()
    });
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    ENDINGS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request<'static> {
        Request {
            at: 1_756_166_400_000,
            address: "192.0.2.1".into(),
            method: "GET".into(),
            target: "/a".into(),
            status: 200,
            referer: None,
            agent: Some(
                "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0".into(),
            ),
        }
    }

    fn viewed(request: Request<'static>) -> Result<PageView<'static>, Reason> {
        view(request, &SiteKey::from_bytes([7; 32])).map_err(|refused| refused.reason)
    }

    #[test]
    fn pages_that_were_answered_are_viewed_and_nothing_else_is() {
        for (method, target, status, outcome) in [
            ("GET", "/a", 200, Ok("/a")),
            ("GET", "/a/?b=1#c", 304, Ok("/a/")),
            ("GET", "/", 203, Ok("/")),
            ("GET", "/caf%C3%A9.HTML", 200, Ok("/caf%C3%A9.HTML")),
            ("GET", "/index.php", 200, Ok("/index.php")),
            ("GET", "/tool/draw.io", 200, Ok("/tool/draw.io")),
            ("GET", "/news/version-1.2", 200, Ok("/news/version-1.2")),
            ("GET", "/v1.2/start.md", 200, Ok("/v1.2/start.md")),
            (
                "GET",
                "http://example.org/a?b",
                200,
                Ok("http://example.org/a"),
            ),
            ("POST", "/a", 200, Err(Reason::Method)),
            ("HEAD", "/a", 200, Err(Reason::Method)),
            ("GET", "/a", 206, Err(Reason::Status)),
            ("GET", "/a", 301, Err(Reason::Status)),
            ("GET", "/a", 404, Err(Reason::Status)),
            ("GET", "/a/logo.PNG?v=2", 200, Err(Reason::Asset)),
            ("GET", "/sitemap.xml", 200, Err(Reason::Asset)),
            ("GET", "/app.min.js", 200, Err(Reason::Asset)),
            ("GET", "/a\u{7}", 200, Err(Reason::Garbage)),
            ("GET", "a", 200, Err(Reason::Garbage)),
            ("", "", 400, Err(Reason::Garbage)),
            ("\u{16}\u{3}\u{1}", "x", 400, Err(Reason::Garbage)),
            ("SSH-2.0-Go", "", 400, Err(Reason::Garbage)),
        ] {
            let found = viewed(Request {
                method: method.into(),
                target: target.into(),
                status,
                ..request()
            });
            let found = found.map(|view| view.event.article.into_owned());
            assert_eq!(
                found,
                outcome.map(str::to_owned),
                "{method} {target} {status}"
            );
        }
        let long = Request {
            target: format!("/{}", "a".repeat(2_000)).into(),
            ..request()
        };
        assert_eq!(viewed(long).err(), Some(Reason::Article));
        let nobody = Request {
            address: "-".into(),
            ..request()
        };
        assert_eq!(viewed(nobody).err(), Some(Reason::Visitor));
    }

    #[test]
    fn the_page_before_is_an_address_without_its_query() {
        for (referer, from) in [
            (
                "https://example.org/a?user=anna#x",
                Some("https://example.org/a"),
            ),
            ("HTTP://example.org", Some("HTTP://example.org")),
            ("-", None),
            ("", None),
            ("/a", None),
            ("https://", None),
            ("https://anna:secret@example.org/a", None),
            ("android-app://com.example/", None),
            ("javascript://example.org/%0a", None),
        ] {
            let view = viewed(Request {
                referer: Some(referer.into()),
                ..request()
            });
            let view = view.expect("a view");
            assert_eq!(view.event.from.as_deref(), from, "{referer}");
        }
    }

    #[test]
    fn a_visitor_is_an_address_and_an_agent_for_a_day() {
        let visitor = |request| viewed(request).expect("a view").event.visitor;
        let first = visitor(request());
        let later = |at| Request { at, ..request() };
        assert_eq!(visitor(later(request().at + DAY - 1)), first);
        assert_ne!(visitor(later(request().at + DAY)), first);
        let from = |address: &'static str| Request {
            address: address.into(),
            ..request()
        };
        assert_eq!(visitor(from("::ffff:192.0.2.1")), first);
        assert_eq!(visitor(from("2001:DB8:0::1")), visitor(from("2001:db8::1")));
        assert_ne!(visitor(from("192.0.2.2")), first);
        let agent = |agent: Option<&'static str>| Request {
            agent: agent.map(Into::into),
            ..request()
        };
        assert_ne!(visitor(agent(Some("Opera"))), first);
        for (given, robot) in [
            (None, None),
            (Some("-"), Some(true)),
            (Some(""), Some(true)),
        ] {
            let view = viewed(agent(given)).expect("a view");
            assert_eq!(view.robot, robot, "{given:?}");
        }
    }
}
