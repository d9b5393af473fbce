//! The kind of an article: what a reader gets from it.

use serde::{Deserialize, Serialize};

/// What sort of page an article is. Any name a site uses is kept as given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kind(String);

impl Kind {
    /// The kinds that are recognised in the first segment of a URL without being declared.
    pub const KNOWN: [&str; 7] = [
        "tool",
        "howto",
        "compare",
        "integration",
        "troubleshoot",
        "news",
        "alternatives",
    ];

    /// Takes any non-empty name; `None` if it is blank.
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim();
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    /// The kind that the first segment of `url` names, if it is known or among `declared`; else `article`.
    pub fn from_url(url: &str, declared: &[String]) -> Self {
        let first = url
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or_default();
        let named = Self::KNOWN.contains(&first) || declared.iter().any(|kind| kind == first);
        Self(if named { first } else { "article" }.to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
