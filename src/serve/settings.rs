//! The settings of the service in the form in which requests need them; another set replaces them while it runs.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Request, header};

use super::guest::Patience;
use crate::config::{Config, LoggedRequests, Networks};
use crate::engine::Retention;

/// What requests are answered by.
#[derive(Debug)]
pub(super) struct Settings {
    /// The `Cache-Control` of panels.
    pub(super) cache_control: HeaderValue,
    /// Proxies that are believed who a request comes from.
    pub(super) trusted_proxies: Networks,
    /// Whether events with `DNT: 1` are left out.
    pub(super) do_not_track: bool,
    /// How long events are kept, if there is a limit.
    pub(super) retention: Option<Retention>,
    /// Connections at most.
    pub(super) connections: usize,
    pub(super) patience: Patience,
    /// Requests a second of one client, if there is a limit.
    pub(super) rate: Option<NonZeroU32>,
    /// Which requests are in the log.
    pub(super) log_requests: LoggedRequests,
    /// The names that the server answers to; empty: to any.
    hosts: Vec<String>,
    origins: Origins,
}

/// Pages of which origins may read panels and send events.
#[derive(Debug)]
enum Origins {
    Any,
    /// Of these hosts, by http or https and at any port.
    Hosts(Vec<String>),
    /// These, byte for byte.
    Listed(Vec<String>),
}

impl Settings {
    pub(super) fn of(config: &Config) -> Self {
        let service = &config.service;
        let own: Vec<String> = config
            .own
            .0
            .iter()
            .map(|host| host.to_lowercase())
            .collect();
        let origins = match &service.origins[..] {
            [] if own.is_empty() => Origins::Any,
            [] => Origins::Hosts(own.clone()),
            listed if listed.iter().any(|origin| origin == "*") => Origins::Any,
            listed => Origins::Listed(listed.to_vec()),
        };
        let mut hosts = own;
        hosts.extend(service.hosts.iter().map(|host| host.to_lowercase()));
        let cache_control = HeaderValue::try_from(&service.cache_control);
        Self {
            cache_control: cache_control.expect("checked when the settings were read"),
            trusted_proxies: config.trusted_proxies.clone(),
            do_not_track: config.do_not_track,
            retention: config.retention_days.map(Retention::days),
            connections: service.connections as usize,
            patience: Patience {
                busy: Duration::from_secs(service.patience.into()),
                idle: Duration::from_secs(service.idle.into()),
            },
            rate: NonZeroU32::new(service.rate),
            log_requests: service.log_requests,
            hosts,
            origins,
        }
    }

    /// The name by which `request` asks for another server, if it does. Addresses and the names of this machine are fine: no
    /// page of another site reaches the server by them under a name of its own.
    pub(super) fn misdirected<T>(&self, request: &Request<T>) -> Option<String> {
        if self.hosts.is_empty() {
            return None;
        }
        let named = request.headers().get(header::HOST);
        let named = named.map(|value| value.to_str().unwrap_or_default());
        let asked = request.uri().authority().map(Authority::as_str);
        let authority = asked.or(named).unwrap_or_default();
        let host = host_of(authority);
        let known = self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
        (!known && !is_local(host)).then(|| authority.to_owned())
    }

    /// Whether `authority` is a name of this server, an address, or a name of this machine.
    pub(super) fn is_named(&self, authority: &str) -> bool {
        let host = host_of(authority);
        is_local(host) || self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }

    /// Whether a page of `origin` may read panels and send events.
    pub(super) fn allows(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        match &self.origins {
            Origins::Any => true,
            Origins::Listed(listed) => listed.iter().any(|one| one.eq_ignore_ascii_case(origin)),
            Origins::Hosts(own) => {
                let web = ["https://", "http://"];
                let authority = web.iter().find_map(|scheme| origin.strip_prefix(scheme));
                authority.is_some_and(|authority| {
                    let host = host_of(authority);
                    own.iter().any(|own| own.eq_ignore_ascii_case(host)) || is_local(host)
                })
            }
        }
    }

    /// Lets a page of `origin` read an answer, if it may. Never with credentials: there are none to share.
    pub(super) fn share(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if matches!(self.origins, Origins::Any) {
            let any = HeaderValue::from_static("*");
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
            return;
        }
        let by_origin = HeaderValue::from_static(match headers.contains_key(header::VARY) {
            true => "Accept-Encoding, Origin",
            false => "Origin",
        });
        headers.insert(header::VARY, by_origin);
        if let Some(origin) = origin.filter(|origin| self.allows(origin)) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }
}

/// `example.org:8080` is `example.org`, `[::1]:80` is `[::1]`.
fn host_of(authority: &str) -> &str {
    match authority.find(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether `host` is an address, or a name of this machine.
fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::url::OwnHosts;

    fn settings(change: impl FnOnce(&mut Config)) -> Settings {
        let mut config = Config {
            own: OwnHosts(vec!["docs.example.org".to_owned()]),
            ..Config::default()
        };
        change(&mut config);
        Settings::of(&config)
    }

    fn allowed(settings: &Settings, origin: &'static str) -> bool {
        settings.allows(&HeaderValue::from_static(origin))
    }

    #[test]
    fn pages_of_own_hosts_may_ask_and_others_may_not() {
        let own = settings(|_| {});
        assert!(allowed(&own, "https://docs.example.org"));
        assert!(allowed(&own, "http://docs.example.org:8080"));
        assert!(allowed(&own, "http://localhost:3000"));
        for other in [
            "https://example.org",
            "https://docs.example.org.evil.test",
            "https://evil.test",
            "null",
            "docs.example.org",
        ] {
            assert!(!allowed(&own, other), "{other}");
        }
        let listed = settings(|config| {
            config.service.origins = vec!["https://www.example.org".to_owned()];
        });
        assert!(allowed(&listed, "https://www.example.org"));
        assert!(!allowed(&listed, "http://www.example.org"));
        assert!(!allowed(&listed, "https://docs.example.org"));
        let any = settings(|config| config.service.origins = vec!["*".to_owned()]);
        assert!(allowed(&any, "https://evil.test"));
    }

    #[test]
    fn the_server_answers_to_its_own_names_and_to_addresses() {
        let own = settings(|config| config.service.hosts = vec!["related.example.org".to_owned()]);
        for (host, known) in [
            ("docs.example.org", true),
            ("Related.Example.org:443", true),
            ("localhost:7878", true),
            ("127.0.0.1:7878", true),
            ("[::1]:7878", true),
            ("10.1.2.3", true),
            ("evil.test", false),
            ("docs.example.org.evil.test", false),
            ("localhost.evil.test", false),
            ("", false),
        ] {
            let request = Request::builder().header("host", host).body(());
            let request = request.expect("a request");
            assert_eq!(own.misdirected(&request).is_none(), known, "{host}");
        }
    }
}
