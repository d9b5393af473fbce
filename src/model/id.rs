//! Names as types: what an article, its place in a generation, its language and its topic are called.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of an article: by default its URL path; any non-empty UTF-8 without control characters, kept byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArticleId(String);

impl ArticleId {
    /// Checks `text`; `None` if it is empty or holds a control character.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let fits = !text.is_empty() && !text.chars().any(char::is_control);
        fits.then_some(Self(text))
    }

    /// The id, byte for byte as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The place of an article inside one generation: dense, 0-based, in the byte order of the ids.
///
/// Because ordinals follow ids, breaking a tie by ordinal is breaking it by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocOrd(pub u32);

impl DocOrd {
    /// The ordinal as an index into per-article arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A language by its primary subtag, lower case: `en`, `de`, `ja`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lang(String);

impl Lang {
    /// Takes `en`, `en-US` or `EN_us`; `None` unless two or three ASCII letters come first.
    pub fn new(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        let fits =
            matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        fits.then(|| Self(primary.to_ascii_lowercase()))
    }

    /// English, the language of a site whose configuration names none.
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// The subtag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the site calls a tool or subject: `pandas`, `Docker Desktop`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Topic(String);

impl Topic {
    /// Trims `name`; `None` if nothing is left.
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim();
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    /// The name as the site writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
