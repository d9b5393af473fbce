//! URLs as the contract reads them: an id, a path or an absolute address all name one article.

use percent_encoding::percent_decode_str;

/// The hosts a site answers to, without scheme and port: `docs.example.org`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnHosts(pub Vec<String>);

/// The normal form of `address`: origin, query and fragment dropped, percent-encoding decoded once, `index.html` and the
/// trailing slash stripped. `None` for a foreign host or another scheme.
pub fn normalise(address: &str, own: &OwnHosts) -> Option<String> {
    let path = match split_origin(address) {
        Origin::None => address,
        Origin::Host { host, path } => own
            .0
            .iter()
            .any(|ours| ours.eq_ignore_ascii_case(host))
            .then_some(path)?,
        Origin::Foreign => return None,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let decoded = decoded
        .strip_suffix("index.html")
        .filter(|rest| rest.ends_with('/'))
        .unwrap_or(&decoded);
    let trimmed = decoded.trim_end_matches('/');
    Some(if trimmed.starts_with('/') {
        trimmed.to_owned()
    } else {
        format!("/{trimmed}")
    })
}

enum Origin<'a> {
    None,
    Host { host: &'a str, path: &'a str },
    Foreign,
}

fn split_origin(address: &str) -> Origin<'_> {
    let after_scheme = match address.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => {
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Origin::Foreign;
            }
            rest
        }
        _ => address,
    };
    let Some(rest) = after_scheme.strip_prefix("//") else {
        return if after_scheme.len() == address.len() {
            Origin::None
        } else {
            Origin::Foreign
        };
    };
    let (authority, path) = rest
        .find(['/', '?', '#'])
        .map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    Origin::Host { host, path }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_normal_form() {
        let own = OwnHosts(vec!["example.org".into()]);
        for (given, wanted) in [
            ("/tool/x", Some("/tool/x")),
            ("/tool/x/", Some("/tool/x")),
            ("/tool/x/index.html?q=1#top", Some("/tool/x")),
            ("https://Example.org:8080/tool/x", Some("/tool/x")),
            ("//example.org/tool/x", Some("/tool/x")),
            ("https://other.org/tool/x", None),
            ("javascript:alert(1)", None),
            ("mailto:a@example.org", None),
            ("tool/x", Some("/tool/x")),
            ("/caf%C3%A9", Some("/café")),
            ("/a%2520b", Some("/a%20b")),
            ("https://example.org", Some("/")),
            ("/", Some("/")),
            ("/myindex.html", Some("/myindex.html")),
        ] {
            let found = normalise(given, &own);
            assert_eq!(found.as_deref(), wanted, "{given}");
        }
    }
}
