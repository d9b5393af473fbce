//! What readers did as event records, and what they like as a table.

use std::io::{self, Write};

use serde::Serialize;

use super::readers::{Act, Simulation};
use crate::engine::Snapshot;
use crate::error::Result;

/// The record, in the order of its keys.
#[derive(Serialize)]
struct Record<'a> {
    ts: f64,
    visitor: String,
    article: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dwell: Option<f64>,
}

/// Writes the record of `act` to `out`, as a line.
///
/// # Errors
/// What `out` says.
pub fn write_record(act: &Act, snapshot: &Snapshot, out: &mut impl Write) -> io::Result<()> {
    let record = Record {
        ts: act.at as f64 / 1000.0,
        visitor: format!("v{}", act.visitor),
        article: snapshot.id(act.article),
        kind: act.kind.name(),
        from: act.from.map(|from| snapshot.id(from)),
        position: act.position,
        dwell: act.dwell.map(|dwell| f64::from(dwell) / 1000.0),
    };
    serde_json::to_writer(&mut *out, &record)?;
    out.write_all(b"\n")
}

/// Hands a line `host`, `card`, `relevance` (separated by tabs) to `each` for every page and each card of its panel or
/// article with a text like its own.
///
/// # Errors
/// [`Error::Damaged`](crate::error::Error::Damaged) if a panel cannot be read, and what `each` returns.
pub fn write_truth(
    simulation: &Simulation<'_>,
    each: &mut impl FnMut(&str) -> Result<()>,
) -> Result<()> {
    let snapshot = simulation.snapshot();
    for &host in simulation.pages() {
        let truth = simulation.truth(host);
        let mut cards = simulation.cards(host)?;
        cards.extend(truth.alike());
        cards.sort_unstable();
        cards.dedup();
        for card in cards {
            let relevance = truth.relevance(snapshot, card);
            each(&format!(
                "{}\t{}\t{relevance:.6}\n",
                snapshot.id(host),
                snapshot.id(card)
            ))?;
        }
    }
    Ok(())
}
