//! Names of hosts as settings give them: a name, or an address of which the name is taken.

use std::net::Ipv6Addr;

/// The host that `text` names: `https://docs.example.org:8080/` is `docs.example.org`, `::1` is `[::1]`.
///
/// # Errors
/// What was found and expected, if no request can name such a host.
pub(super) fn host_of(text: &str) -> Result<String, String> {
    let not = |expected: &str| Err(format!("found {text:?}, expected {expected}"));
    let rest = text.trim();
    if let Ok(address) = rest.parse::<Ipv6Addr>() {
        return Ok(format!("[{address}]"));
    }
    let rest = rest.split_once("//").map_or(rest, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.find(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    if !host.is_ascii() {
        return not("the name in ASCII letters, which begins with \"xn--\"");
    }
    if !is_host(host) || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return not("the name of a host such as \"docs.example.org\"");
    }
    Ok(host.to_owned())
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.trim_end_matches(']').parse::<Ipv6Addr>().is_ok();
    }
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    host.split('.')
        .all(|label| !label.is_empty() && label.bytes().all(is_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_from_addresses() {
        for (text, host) in [
            ("https://docs.example.org:8080/", "docs.example.org"),
            ("related.example.org:8443", "related.example.org"),
            ("example.org", "example.org"),
            ("//x.org/path", "x.org"),
            (" x.org?a ", "x.org"),
            ("xn--mller-kva.de", "xn--mller-kva.de"),
            ("my_app", "my_app"),
            ("192.0.2.1:80", "192.0.2.1"),
            ("http://[::1]:80/", "[::1]"),
            ("::1", "[::1]"),
        ] {
            assert_eq!(host_of(text).as_deref(), Ok(host), "{text}");
        }
    }

    #[test]
    fn what_no_request_can_name_is_refused() {
        for text in [
            "",
            " ",
            "https://",
            ":80",
            "*.x.org",
            "a b",
            "not a host/",
            "a..b",
            ".x.org",
            "x.org:y",
            "me@x.org",
            "[::1",
            "::1]",
            "[x.org]",
            "a,b",
        ] {
            let told = host_of(text).expect_err(text);
            let expected = format!("found {text:?}, expected the name of a host");
            assert!(told.starts_with(&expected), "{told}");
        }
        let told = host_of("https://müller.de").expect_err("other letters");
        assert!(told.contains("\"xn--\""), "{told}");
    }
}
