//! An event as a line of JSON that is read back as the same event: hashes stand for themselves, and so do digests of ids.

use serde::Serialize;

use super::keys::DIGEST;
use crate::model::Event;

/// The record, in the order of its keys.
#[derive(Serialize)]
struct Written<'a> {
    ts: f64,
    visitor: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    article: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dwell: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// Adds the record of `event` to `out`, as a line.
pub fn write(event: &Event<'_>, out: &mut Vec<u8>) {
    write_as(&event.visitor.to_string(), event, out);
}

/// Adds the record of `event` to `out`, as a line, with the name `visitor` in the place of the hash.
pub fn write_as(visitor: &str, event: &Event<'_>, out: &mut Vec<u8>) {
    let written = Written {
        // Exact to the millisecond up to the year 9999: a double has 53 bits for 48.
        ts: event.at as f64 / 1000.0,
        visitor,
        network: event.network.map(|network| network.to_string()),
        article: event.article,
        kind: event.kind.name(),
        from: event.from,
        position: event.position,
        dwell: event.dwell.map(|dwell| f64::from(dwell) / 1000.0),
        id: event.id.map(|id| format!("{DIGEST}{id:032x}")),
    };
    serde_json::to_writer(&mut *out, &written).expect("memory takes every text and number");
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::super::record::read;
    use super::super::when::LAST_SECOND;
    use super::*;
    use crate::keys::SiteKey;
    use crate::model::{EventKind, KeyedHash};

    /// The line of `event`, after it was read back as the same event.
    fn there_and_back(event: &Event<'_>) -> String {
        let mut line = Vec::new();
        write(event, &mut line);
        let line = String::from_utf8(line).expect("JSON is UTF-8");
        let read = read(&line, &SiteKey::from_bytes([7; 32]));
        assert_eq!(read.as_ref().map(|r| r.event()), Ok(*event), "{line}");
        line
    }

    #[test]
    fn an_event_is_one_line() {
        let event = Event {
            at: 1_732_320_000_500,
            visitor: KeyedHash(255),
            ..Event::VIEW
        };
        assert_eq!(
            there_and_back(&event),
            "{\"ts\":1732320000.5,\"visitor\":\"h:00000000000000ff\",\"article\":\"/a\",\"type\":\"view\"}\n"
        );
        let event = Event {
            network: Some(KeyedHash(15)),
            from: Some("/\"host\""),
            position: Some(2),
            dwell: Some(34_200),
            id: Some(171),
            ..event
        };
        assert_eq!(
            there_and_back(&event),
            "{\"ts\":1732320000.5,\"visitor\":\"h:00000000000000ff\",\"network\":\"h:000000000000000f\",\"article\":\"/a\",\"type\":\"view\",\
             \"from\":\"/\\\"host\\\"\",\"position\":2,\"dwell\":34.2,\"id\":\"x:000000000000000000000000000000ab\"}\n"
        );
    }

    #[test]
    fn every_event_is_read_back_as_it_was_written() {
        // A generator of fixed numbers (splitmix64): the same events in every run.
        let mut state = 1_u64;
        let mut bits = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ (mixed >> 31)
        };
        let letters = [
            "/", "a", "é", "\"", "\\", "語", "😀", "h:", "x:", "%20", "'",
        ];
        for round in 0..5_000 {
            let mut text = || {
                let count = bits() % 12 + 1;
                let letters: Vec<&str> = (0..count)
                    .map(|_| letters[bits() as usize % letters.len()])
                    .collect();
                letters.concat()
            };
            let (article, from) = (text(), text());
            // Of what may be missing each is there in half of the rounds.
            let there = bits();
            let if_there = |bit: u32| there >> bit & 1 == 1;
            let event = Event {
                at: (bits() % (LAST_SECOND as u64 * 1000 + 1000)) as i64,
                visitor: KeyedHash(bits()),
                network: if_there(0).then(|| KeyedHash(bits())),
                kind: EventKind::ALL[bits() as usize % EventKind::ALL.len()],
                article: &article,
                from: if_there(1).then_some(from.as_str()),
                position: if_there(2).then(|| bits() as u32 % 1_000_000 + 1),
                dwell: if_there(3).then(|| bits() as u32 % 86_400_001),
                id: if_there(4).then(|| u128::from(bits()) << 64 | u128::from(bits())),
            };
            if round == 0 {
                there_and_back(&Event { at: 0, ..event });
                there_and_back(&Event {
                    dwell: Some(0),
                    ..event
                });
            }
            there_and_back(&event);
        }
    }
}
