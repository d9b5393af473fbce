//! How the HTTP service answers: the table `[serve]` of `readnext.toml`.

use serde::Deserialize;

use super::variable;
use crate::error::{Error, Result};

/// What the answers with panels say to caches.
const CACHE_CONTROL: &str =
    "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400";
/// MiB of rendered panels that are kept in memory.
const CACHE: u32 = 64;

/// How the HTTP service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The `Cache-Control` of panels.
    pub cache_control: String,
    /// MiB of rendered panels that are kept in memory.
    pub cache: u32,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            cache_control: CACHE_CONTROL.to_owned(),
            cache: CACHE,
        }
    }
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    cache_control: Option<String>,
    cache: Option<u32>,
}

impl Service {
    /// What the environment says and, where that says nothing, `table`.
    pub(super) fn of(table: Table) -> Result<Self> {
        let default = Self::default();
        let cache_control = variable("READNEXT_SERVE_CACHE_CONTROL").or(table.cache_control);
        if let Some(text) = &cache_control
            && !text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(Error::Config(format!(
                "cache_control: found {text:?}, expected the directives of a Cache-Control header such as \"public, max-age=60\""
            )));
        }
        Ok(Self {
            cache_control: cache_control.unwrap_or(default.cache_control),
            cache: number("cache", table.cache, default.cache)?,
        })
    }
}

/// A number as the environment has it or, where that says nothing, the file, or else as it is by default.
fn number(key: &str, read: Option<u32>, default: u32) -> Result<u32> {
    let name = format!("READNEXT_SERVE_{}", key.to_uppercase());
    match variable(&name) {
        None => Ok(read.unwrap_or(default)),
        Some(value) => value
            .parse()
            .map_err(|_| Error::Config(format!("{name}: found {value:?}, expected a number"))),
    }
}
