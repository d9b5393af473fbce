//! How the HTTP service answers: the table `[serve]` of `readnext.toml`.

use std::net::SocketAddr;

use serde::Deserialize;

use super::variable;
use crate::error::{Error, Result};

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
    /// Where metrics are read, if not where panels are.
    pub metrics: Option<SocketAddr>,
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
        }
    }
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    cache_control: Option<String>,
    cache: Option<u32>,
    hosts: Vec<String>,
    origins: Vec<String>,
    connections: Option<u32>,
    patience: Option<u32>,
    idle: Option<u32>,
    rate: Option<u32>,
    metrics: Option<String>,
}

impl Service {
    /// What the environment says and, where that says nothing, `table`.
    pub(super) fn of(table: Table) -> Result<Self> {
        let default = Self::default();
        let cache_control = variable_of("cache_control").or(table.cache_control);
        if let Some(text) = &cache_control
            && !text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(Error::Config(format!(
                "cache_control: found {text:?}, expected the directives of a Cache-Control header such as \"public, max-age=60\""
            )));
        }
        Ok(Self {
            cache_control: cache_control.unwrap_or(default.cache_control),
            cache: number("cache", table.cache, 0, default.cache)?,
            hosts: list("hosts", table.hosts),
            origins: origins(list("origins", table.origins))?,
            connections: number("connections", table.connections, 1, default.connections)?,
            patience: number("patience", table.patience, 1, default.patience)?,
            idle: number("idle", table.idle, 1, default.idle)?,
            rate: number("rate", table.rate, 0, default.rate)?,
            metrics: address("metrics", table.metrics)?,
        })
    }
}

fn variable_of(key: &str) -> Option<String> {
    variable(&format!("READNEXT_SERVE_{}", key.to_uppercase()))
}

/// A number as the environment has it or, where that says nothing, the file, or else as it is by default; at least `least`.
fn number(key: &str, read: Option<u32>, least: u32, default: u32) -> Result<u32> {
    let found = variable_of(key).or(read.map(|number| number.to_string()));
    let Some(found) = found else {
        return Ok(default);
    };
    let number = found.trim().parse().ok();
    number.filter(|&number| number >= least).ok_or_else(|| {
        Error::Config(format!(
            "serve.{key}: found {found:?}, expected a whole number from {least} on"
        ))
    })
}

fn list(key: &str, read: Vec<String>) -> Vec<String> {
    let given = variable_of(key);
    given.map_or(read, |text| {
        text.split(',').map(|part| part.trim().to_owned()).collect()
    })
}

/// Checks that each is what a browser sends as `Origin`.
fn origins(listed: Vec<String>) -> Result<Vec<String>> {
    let is_origin = |text: &str| {
        let authority = text
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
            .map(|(_, authority)| authority);
        text == "*"
            || authority.is_some_and(|authority| {
                !authority.is_empty() && !authority.contains(['/', '*', '@', ' '])
            })
    };
    match listed.iter().find(|text| !is_origin(text)) {
        None => Ok(listed),
        Some(found) => Err(Error::Config(format!(
            "serve.origins: found {found:?}, expected an origin such as \"https://example.org\", or \"*\" for all"
        ))),
    }
}

fn address(key: &str, read: Option<String>) -> Result<Option<SocketAddr>> {
    let found = variable_of(key).or(read);
    let parsed = found.map(|found| {
        found.parse().map_err(|_| {
            Error::Config(format!(
                "serve.{key}: found {found:?}, expected an address and port such as \"127.0.0.1:9090\""
            ))
        })
    });
    parsed.transpose()
}
