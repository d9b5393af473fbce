//! The payload of an event: what the record of one event says, with numbers for names. Its layout is that of the
//! segment's format version.

use serde::{Deserialize, Serialize};

use super::names::{Given, Known};
use crate::model::{Event, EventKind, KeyedHash};

/// Bytes that most payloads have at most.
const USUAL: usize = 64;

/// A name in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Name<'a> {
    /// The name that has this number in this segment.
    Number(u32),
    /// A name, and the number that it has in this segment.
    Full(u32, &'a str),
}

/// An event as it is written. Hashes are fixed bytes, as they would be longer as numbers of varying length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record<'a> {
    at: i64,
    visitor: [u8; 8],
    network: Option<[u8; 8]>,
    kind: EventKind,
    #[serde(borrow)]
    pub(super) article: Name<'a>,
    #[serde(borrow)]
    pub(super) from: Option<Name<'a>>,
    position: Option<u32>,
    dwell: Option<u32>,
    id: Option<[u8; 16]>,
}

impl<'a> Record<'a> {
    /// The record of `event` with the number `sequence`.
    pub(super) fn of(event: &Event<'a>, sequence: u64, names: &mut Given) -> Self {
        Self {
            at: event.at,
            visitor: event.visitor.0.to_le_bytes(),
            network: event.network.map(|network| network.0.to_le_bytes()),
            kind: event.kind,
            article: names.give(event.article, sequence),
            from: event.from.map(|from| names.give(from, sequence)),
            position: event.position,
            dwell: event.dwell,
            id: event.id.map(u128::to_le_bytes),
        }
    }

    /// The payload that says so.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        postcard::to_extend(&self, Vec::with_capacity(USUAL)).expect("plain data serialises")
    }

    /// Reads a payload; `None` if it says nothing that is known here.
    pub(super) fn from_bytes(payload: &'a [u8]) -> Option<Self> {
        match postcard::take_from_bytes(payload) {
            Ok((record, [])) => Some(record),
            _ => None,
        }
    }

    /// The event, if all its names are known. Names that it writes out become known.
    pub(super) fn event<'n>(&self, names: &'n mut Known) -> Option<Event<'n>> {
        names.learn(self.article);
        if let Some(from) = self.from {
            names.learn(from);
        }
        let names: &'n Known = names;
        Some(Event {
            at: self.at,
            visitor: KeyedHash(u64::from_le_bytes(self.visitor)),
            network: self
                .network
                .map(|network| KeyedHash(u64::from_le_bytes(network))),
            kind: self.kind,
            article: names.name(self.article)?,
            from: match self.from {
                Some(from) => Some(names.name(from)?),
                None => None,
            },
            position: self.position,
            dwell: self.dwell,
            id: self.id.map(u128::from_le_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written_and_nothing_else_is() {
        let least = Event {
            at: 0,
            visitor: KeyedHash(0),
            article: "",
            ..Event::VIEW
        };
        let most = Event {
            at: i64::MIN,
            visitor: KeyedHash(u64::MAX),
            network: Some(KeyedHash(0)),
            kind: EventKind::Comment,
            article: "/ä",
            from: Some("/ä"),
            position: Some(0),
            dwell: Some(u32::MAX),
            id: Some(u128::MAX),
        };
        let (mut given, mut known) = (Given::default(), Known::default());
        for (sequence, event) in (1..).zip([least, most, most, least, most]) {
            let record = Record::of(&event, sequence, &mut given);
            let bytes = record.to_bytes();
            assert_eq!(Record::from_bytes(&bytes), Some(record));
            assert_eq!(record.event(&mut known), Some(event));
            for end in 0..bytes.len() {
                assert_eq!(Record::from_bytes(&bytes[..end]), None);
            }
            assert_eq!(Record::from_bytes(&[&bytes[..], &[0]].concat()), None);
        }
    }
}
