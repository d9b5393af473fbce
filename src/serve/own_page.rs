//! Whether a request comes from a page of this very server: what keeps pages of other sites from pressing its buttons, and from doing
//! what needs no key here.

use axum::http::{HeaderMap, header};

use super::App;
use super::rejection::Rejection;

/// Lets through what a page of this server sent.
///
/// Browsers say so themselves (`Sec-Fetch-Site`, which no script can change) wherever a connection is thought safe; else the
/// page's origin must be the host that is asked. Where no key is asked for, the host must be a name that is this server's: a name
/// that somebody else lets lead here would be its own page's.
pub(super) fn check_own_page(app: &App, headers: &HeaderMap) -> Result<(), Rejection> {
    let settings = app.settings.load();
    check(headers, |host| {
        app.access.is_keyed() || settings.is_named(host)
    })
}

/// Lets through who needs no key where none is asked for: programs, which name no page, and pages of this server.
pub(super) fn check_keyless(app: &App, headers: &HeaderMap) -> Result<(), Rejection> {
    if app.access.is_keyed() || !headers.contains_key(header::HOST) {
        return Ok(());
    }
    let settings = app.settings.load();
    match headers.contains_key(header::ORIGIN) {
        true => check(headers, |host| settings.is_named(host)),
        false if settings.is_named(text(headers, &header::HOST)) => Ok(()),
        false => Err(Rejection::misdirected(text(headers, &header::HOST))),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn check(headers: &HeaderMap, is_ours: impl Fn(&str) -> bool) -> Result<(), Rejection> {
    let host = text(headers, &header::HOST);
    let origin = headers.get(header::ORIGIN);
    let origin = origin.map(|_| text(headers, &header::ORIGIN));
    let fetched = headers.get("sec-fetch-site");
    let own = match (fetched, origin) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        (None, None) => false,
    };
    match own && is_ours(host) {
        true => Ok(()),
        false => Err(Rejection::foreign_page(origin.unwrap_or("none"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::corpus::url::OwnHosts;
    use crate::serve::settings::Settings;

    #[test]
    fn only_pages_of_this_server_press_its_buttons() {
        let config = Config {
            own: OwnHosts(vec!["docs.example.org".to_owned()]),
            ..Config::default()
        };
        let settings = Settings::of(&config);
        for (host, origin, fetched, own) in [
            ("127.0.0.1:7878", "http://127.0.0.1:7878", "", true),
            (
                "127.0.0.1:7878",
                "http://127.0.0.1:7878",
                "same-origin",
                true,
            ),
            ("localhost:7878", "http://127.0.0.1:7878", "", false),
            // Behind a proxy that asks by a name of its own.
            (
                "127.0.0.1:7878",
                "https://docs.example.org",
                "same-origin",
                true,
            ),
            (
                "127.0.0.1:7878",
                "https://docs.example.org",
                "same-site",
                false,
            ),
            ("127.0.0.1:7878", "https://evil.test", "", false),
            ("127.0.0.1:7878", "https://evil.test", "cross-site", false),
            // A name that leads here and is nobody's of this server.
            (
                "evil.test:7878",
                "http://evil.test:7878",
                "same-origin",
                false,
            ),
            ("127.0.0.1:7878", "null", "", false),
            ("127.0.0.1:7878", "", "", false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("host", host),
                ("origin", origin),
                ("sec-fetch-site", fetched),
            ] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().expect("a value"));
                }
            }
            let found = check(&headers, |host| settings.is_named(host)).is_ok();
            assert_eq!(found, own, "{host} {origin} {fetched}");
        }
    }
}
