//! Who a request comes from: the address of the connection or, where that is a proxy of the site, what the proxy says.

use std::net::IpAddr;
use std::sync::Once;

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};

use crate::config::Networks;
use crate::error::say;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client whose request came from `peer` with `headers`.
///
/// Proxies add the address they were asked from at the end; whatever stands before the last one that is no trusted proxy
/// was written by whoever asked, and is not believed.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> IpAddr {
    let peer = peer.to_canonical();
    let mut client = peer;
    if !trusted.hold(peer) {
        return client;
    }
    for address in forwarded(headers).into_iter().rev() {
        let Some(address) = address else { break };
        client = address;
        if !trusted.hold(client) {
            break;
        }
    }
    client
}

/// Says once that `peer` speaks for others and is not known to.
pub(super) fn warn_of_unknown_proxy(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) {
    static TOLD: Once = Once::new();
    let forwards = || {
        [FORWARDED, X_FORWARDED_FOR]
            .iter()
            .any(|name| headers.contains_key(name))
    };
    if !TOLD.is_completed() && forwards() && !trusted.hold(peer) {
        TOLD.call_once(|| {
            say(format_args!(
                "a request from {peer} has a forwarding header, and {peer} is not in trusted_proxies: the header is not believed"
            ));
        });
    }
}

/// The addresses that `Forwarded` (RFC 7239) or else `X-Forwarded-For` lists, in order; `None` for what is no address.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let listed = |name: &HeaderName| {
        let values = headers.get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
    };
    let of_element = |element: &str| {
        let mut pairs = element
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
        ip(value)
    };
    let standard: Vec<Option<IpAddr>> = listed(&FORWARDED).map(of_element).collect();
    match standard.is_empty() {
        true => listed(&X_FORWARDED_FOR).map(ip).collect(),
        false => standard,
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `"[2001:db8::1]:80"`.
fn ip(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let bracketed = text
        .strip_prefix('[')
        .and_then(|rest| rest.split(']').next());
    let without_port = || text.rsplit_once(':').map(|(address, _)| address);
    let parsed = match bracketed {
        Some(address) => address.parse(),
        None => text
            .parse()
            .or_else(|error| without_port().map_or(Err(error), str::parse)),
    };
    parsed.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, header: (&'static str, &str), trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header.0, header.1.parse().expect("a header"));
        let trusted: Vec<String> = trusted.iter().map(|&text| text.to_owned()).collect();
        let trusted = Networks::parse(&trusted).expect("networks");
        address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_proxies_of_the_site_are_believed() {
        let header = ("x-forwarded-for", "6.6.6.6, 192.0.2.9, 10.0.0.2");
        assert_eq!(
            client("203.0.113.5", header, &["10.0.0.0/8"]),
            "203.0.113.5"
        );
        assert_eq!(client("10.0.0.1", header, &["10.0.0.0/8"]), "192.0.2.9");
        assert_eq!(client("10.0.0.1", header, &["10.0.0.1"]), "10.0.0.2");
        assert_eq!(
            client("10.0.0.1", ("x-forwarded-for", "unknown"), &["10.0.0.0/8"]),
            "10.0.0.1"
        );
        let header = (
            "forwarded",
            "for=6.6.6.6, for=\"[2001:db8::9]:4711\";proto=https",
        );
        assert_eq!(client("::1", header, &["::1"]), "2001:db8::9");
        assert_eq!(
            client("::ffff:10.0.0.1", header, &["10.0.0.1"]),
            "2001:db8::9"
        );
    }
}
