//! What makes two records the same event. The digests lie in files, so what they are made of never changes.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::Event;

/// Bytes of what is digested beside names, at most.
const BESIDE_NAMES: usize = 64;

/// The digest by which an event is counted once: of the id that its record gave, or of everything it says.
///
/// Neither is ever taken for the other: the first byte of what is digested tells them apart.
pub fn identity(event: &Event<'_>) -> u128 {
    let names = event.article.len() + event.from.map_or(0, str::len);
    let room = Vec::with_capacity(names + BESIDE_NAMES);
    let bytes = match event.id {
        Some(id) => postcard::to_extend(&(1u8, id.to_le_bytes()), room),
        None => postcard::to_extend(
            &(
                0u8,
                event.at,
                event.visitor.0.to_le_bytes(),
                event.network.map(|network| network.0.to_le_bytes()),
                event.kind as u8,
                event.article,
                event.from,
                event.position,
                event.dwell,
            ),
            room,
        ),
    };
    xxh3_128(&bytes.expect("plain data serialises"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::{EventKind, KeyedHash};

    #[test]
    fn every_field_counts_unless_there_is_an_id() {
        let plain = Event {
            at: 1_732_320_000_500,
            visitor: KeyedHash(1),
            kind: EventKind::Click,
            ..Event::VIEW
        };
        let others = [
            Event { at: -1, ..plain },
            Event {
                visitor: KeyedHash(2),
                ..plain
            },
            Event {
                network: Some(KeyedHash(1)),
                ..plain
            },
            Event {
                kind: EventKind::View,
                ..plain
            },
            Event {
                article: "/b",
                ..plain
            },
            Event {
                from: Some(""),
                ..plain
            },
            Event {
                from: Some("/a"),
                ..plain
            },
            Event {
                position: Some(1),
                ..plain
            },
            Event {
                dwell: Some(1),
                ..plain
            },
            Event {
                id: Some(0),
                ..plain
            },
            Event {
                id: Some(1),
                ..plain
            },
        ];
        let mut all: BTreeSet<u128> = others.iter().map(identity).collect();
        all.insert(identity(&plain));
        assert_eq!(all.len(), others.len() + 1);
        let id = Some(7);
        let same = others.map(|other| identity(&Event { id, ..other }));
        assert!(same.iter().all(|identity| *identity == same[0]));
    }

    #[test]
    fn an_identity_stays_what_it_was() {
        let mut event = Event {
            at: 1_732_320_000_500,
            visitor: KeyedHash(0x0123_4567_89ab_cdef),
            network: Some(KeyedHash(1)),
            kind: EventKind::Click,
            article: "/tool/pandas/overview",
            from: Some("/ä"),
            position: Some(3),
            dwell: Some(34_200),
            id: None,
        };
        assert_eq!(
            identity(&event),
            285_267_558_588_016_949_723_402_843_632_252_939_963
        );
        event.id = Some(u128::MAX / 3);
        assert_eq!(
            identity(&event),
            79_211_829_307_718_881_602_838_671_059_082_873_503
        );
    }
}
