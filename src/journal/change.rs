//! What a record says: the payload of an article segment. Its layout is that of the segment's format version.

use serde::{Deserialize, Serialize};

/// A change to the articles that were pushed; the last one of an id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change<'a> {
    /// The article is this one from now on.
    Put {
        /// The article's id.
        id: &'a str,
        /// The article record, a line of JSON as it was given.
        record: &'a str,
        /// The digest of the corpus piece that this record stands in for, if there was one: once the piece has another
        /// digest, the piece was written later.
        over: Option<u128>,
    },
    /// There is no article of this id from now on.
    Delete {
        /// The article's id.
        id: &'a str,
        /// The digest of the corpus piece that is out of sight, if there was one: once the piece has another digest, it was
        /// written later.
        over: Option<u128>,
    },
}

impl<'a> Change<'a> {
    /// The id of the article that is changed.
    pub fn id(&self) -> &'a str {
        match self {
            Change::Put { id, .. } | Change::Delete { id, .. } => id,
        }
    }

    /// The payload that says so.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("plain data serialises")
    }

    /// Reads a payload; `None` if it says nothing that is known here.
    pub fn from_bytes(payload: &'a [u8]) -> Option<Self> {
        match postcard::take_from_bytes(payload) {
            Ok((change, [])) => Some(change),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_read_as_it_was_written_and_nothing_else_is() {
        for over in [None, Some(0), Some(u128::MAX)] {
            let change = Change::Put {
                id: "/a",
                record: "{\"id\": \"/a\", \"title\": \"Ä\"}",
                over,
            };
            let bytes = change.to_bytes();
            let delete = Change::Delete { id: "/a", over };
            assert_eq!(Change::from_bytes(&delete.to_bytes()), Some(delete));
            assert_eq!(Change::from_bytes(&bytes), Some(change));
            for end in 0..bytes.len() {
                assert_eq!(Change::from_bytes(&bytes[..end]), None);
            }
            assert_eq!(Change::from_bytes(&[&bytes[..], &[0]].concat()), None);
        }
    }
}
