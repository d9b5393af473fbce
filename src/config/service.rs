//! How the HTTP service answers: the settings of the table `[serve]`.

use std::net::SocketAddr;

use super::settings::{Given, Setting};

/// What the answers with panels say to caches.
const CACHE_CONTROL: &str =
    "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400";
/// MiB of rendered panels that are kept in memory.
const CACHE: u32 = 64;
/// Connections at most.
const CONNECTIONS: u32 = 4096;
/// Seconds that a client may take for the head of a request, each part of a body, each part of an answer.
const PATIENCE: u32 = 10;
/// Seconds that a connection is kept for another request.
const IDLE: u32 = 60;
/// Requests a second of one client.
const RATE: u32 = 100;

/// How the HTTP service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The `Cache-Control` of panels.
    pub cache_control: String,
    /// MiB of rendered panels that are kept in memory.
    pub cache: u32,
    /// Names that the server answers to, beside the hosts of the site.
    pub hosts: Vec<String>,
    /// Origins whose pages may read panels and send events; empty: the hosts of the site.
    pub origins: Vec<String>,
    /// Connections at most.
    pub connections: u32,
    /// Seconds that a client may take for the head of a request, each part of a body, each part of an answer.
    pub patience: u32,
    /// Seconds that a connection is kept for another request.
    pub idle: u32,
    /// Requests a second of one client; 0: as many as it likes.
    pub rate: u32,
    /// Where metrics are read without a key.
    pub metrics: Option<SocketAddr>,
    /// Where everything that needs a key is, if not where panels are.
    pub admin: Option<SocketAddr>,
    /// How a server writes its log.
    pub log: LogForm,
    /// Which requests are in it.
    pub log_requests: LoggedRequests,
}

/// How a server writes its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogForm {
    /// A line of words.
    #[default]
    Human,
    /// An object a line.
    Json,
}

/// Which requests are in the log of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoggedRequests {
    /// None of them; of what fails the cause is said all the same.
    None,
    /// Those that the server failed.
    #[default]
    Failed,
    /// All of them.
    All,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            cache_control: CACHE_CONTROL.to_owned(),
            cache: CACHE,
            hosts: Vec::new(),
            origins: Vec::new(),
            connections: CONNECTIONS,
            patience: PATIENCE,
            idle: IDLE,
            rate: RATE,
            metrics: None,
            admin: None,
            log: LogForm::default(),
            log_requests: LoggedRequests::default(),
        }
    }
}

/// The settings of the service.
pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        key: "serve.cache_control",
        unit: "directives",
        default: "\"public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400\"",
        about: "what the answers with panels say to caches",
        take: |config, given| {
            const EXPECTED: &str =
                "the directives of a Cache-Control header such as \"public, max-age=60\"";
            let text = given.text(EXPECTED)?;
            if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(given.not(EXPECTED));
            }
            text.clone_into(&mut config.service.cache_control);
            Ok(())
        },
    },
    Setting {
        key: "serve.cache",
        unit: "MiB",
        default: "64",
        about: "rendered panels that are kept in memory",
        take: |config, given| {
            config.service.cache = given.number(0, u32::MAX)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.hosts",
        unit: "hosts",
        default: "[]",
        about: "names that the server answers to, beside the hosts of the site",
        take: |config, given| {
            config.service.hosts = given.hosts()?;
            Ok(())
        },
    },
    Setting {
        key: "serve.origins",
        unit: "origins",
        default: "[]",
        about: "origins whose pages may read panels and send events; none: the hosts of the site",
        take: |config, given| {
            let listed = given.list()?;
            if let Some(found) = listed.iter().find(|text| !is_origin(text)) {
                return Err(format!(
                    "found {found:?}, expected an origin such as \"https://example.org\", or \"*\" for all"
                ));
            }
            config.service.origins = listed;
            Ok(())
        },
    },
    Setting {
        key: "serve.rate",
        unit: "requests a second",
        default: "100",
        about: "requests of one client; 0: as many as it likes",
        take: |config, given| {
            config.service.rate = given.number(0, u32::MAX)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.connections",
        unit: "connections",
        default: "4096",
        about: "connections at most",
        take: |config, given| {
            config.service.connections = given.number(1, u32::MAX)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.patience",
        unit: "seconds",
        default: "10",
        about: "how long a client may take for the head of a request, each part of a body, each part of an answer",
        take: |config, given| {
            config.service.patience = given.number(1, u32::MAX)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.idle",
        unit: "seconds",
        default: "60",
        about: "how long a connection is kept for another request",
        take: |config, given| {
            config.service.idle = given.number(1, u32::MAX)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.metrics",
        unit: "address",
        default: "\"\"",
        about: "a listener of its own for /metrics, which asks for no key; none: it is where panels are, with a key",
        take: |config, given| {
            config.service.metrics = address(given)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.admin",
        unit: "address",
        default: "\"\"",
        about: "a listener of its own for everything that needs a key; none: it is where panels are",
        take: |config, given| {
            config.service.admin = address(given)?;
            Ok(())
        },
    },
    Setting {
        key: "serve.log",
        unit: "form",
        default: "\"human\"",
        about: "how the log on stderr is written: \"human\" or \"json\"",
        take: |config, given| {
            const EXPECTED: &str = "\"human\" or \"json\"";
            config.service.log = match given.text(EXPECTED)? {
                "human" => LogForm::Human,
                "json" => LogForm::Json,
                _ => return Err(given.not(EXPECTED)),
            };
            Ok(())
        },
    },
    Setting {
        key: "serve.log_requests",
        unit: "requests",
        default: "\"failed\"",
        about: "which requests are in the log: \"none\", \"failed\" (a status of 500 or more) or \"all\"",
        take: |config, given| {
            const EXPECTED: &str = "\"none\", \"failed\" or \"all\"";
            config.service.log_requests = match given.text(EXPECTED)? {
                "none" => LoggedRequests::None,
                "failed" => LoggedRequests::Failed,
                "all" => LoggedRequests::All,
                _ => return Err(given.not(EXPECTED)),
            };
            Ok(())
        },
    },
];

/// Where something is listened to; an empty text: nowhere.
fn address(given: &Given) -> Result<Option<SocketAddr>, String> {
    const EXPECTED: &str = "an address and port such as \"127.0.0.1:9090\"";
    match given.text(EXPECTED)? {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| given.not(EXPECTED)),
    }
}

/// Whether `text` is what a browser sends as `Origin`, or stands for all of them.
fn is_origin(text: &str) -> bool {
    let authority = text
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .map(|(_, authority)| authority);
    text == "*"
        || authority.is_some_and(|authority| {
            !authority.is_empty() && !authority.contains(['/', '*', '@', ' '])
        })
}
