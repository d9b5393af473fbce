//! What a reader did, as the journal keeps it: who and where only as keyed hashes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// What was done with an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// The page was opened.
    View,
    /// A card that leads to it came into view.
    Impression,
    /// A card or link that leads to it was followed.
    Click,
    /// It was read for a while.
    Read,
    /// It was liked.
    Like,
    /// It was kept for later.
    Bookmark,
    /// It was passed on.
    Share,
    /// It was commented on.
    Comment,
}

impl EventKind {
    /// All kinds, in the order of their numbers in files.
    pub const ALL: [EventKind; 8] = [
        EventKind::View,
        EventKind::Impression,
        EventKind::Click,
        EventKind::Read,
        EventKind::Like,
        EventKind::Bookmark,
        EventKind::Share,
        EventKind::Comment,
    ];

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::View => "view",
            EventKind::Impression => "impression",
            EventKind::Click => "click",
            EventKind::Read => "read",
            EventKind::Like => "like",
            EventKind::Bookmark => "bookmark",
            EventKind::Share => "share",
            EventKind::Comment => "comment",
        }
    }

    /// The kind called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A hash that stands for a visitor or for a network; made with a key, so nobody can name what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyedHash(pub u64);

impl KeyedHash {
    /// The hash that [`fmt::Display`] wrote: `h:` and sixteen hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("h:")?;
        let plain = digits.len() == 16 && digits.bytes().all(|b| b"0123456789abcdef".contains(&b));
        let number = plain.then(|| u64::from_str_radix(digits, 16))?;
        number.ok().map(Self)
    }
}

impl fmt::Display for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h:{:016x}", self.0)
    }
}

/// One thing that one reader did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who.
    pub visitor: KeyedHash,
    /// From where in the network; `None` for what was imported.
    pub network: Option<KeyedHash>,
    /// What.
    pub kind: EventKind,
    /// The article, by the name that the record gave: an id, a path or an address.
    pub article: &'a str,
    /// The page whose panel or link led there, named the same way.
    pub from: Option<&'a str>,
    /// The 1-based place of the card in that panel.
    pub position: Option<u32>,
    /// How long the reader stayed, in milliseconds.
    pub dwell: Option<u32>,
    /// The digest of the id that the record gave itself.
    pub id: Option<u128>,
}

#[cfg(test)]
impl Event<'static> {
    /// A view of one page, of which tests make what they need.
    pub(crate) const VIEW: Self = Self {
        at: 1,
        visitor: KeyedHash(2),
        network: None,
        kind: EventKind::View,
        article: "/a",
        from: None,
        position: None,
        dwell: None,
        id: None,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hashes_are_read_as_they_are_written() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::named(kind.name()), Some(kind));
            assert_eq!(EventKind::ALL[kind as usize], kind);
        }
        for number in [0, 255, u64::MAX] {
            let text = KeyedHash(number).to_string();
            assert_eq!(KeyedHash::parse(&text), Some(KeyedHash(number)), "{text}");
        }
        for wrong in [
            "",
            "h:",
            "h:00",
            "0123456789abcdef",
            "h:0123456789ABCDEF",
            "h:+123456789abcdef",
        ] {
            assert_eq!(KeyedHash::parse(wrong), None, "{wrong}");
        }
    }
}
