//! What readers did as event records, and what they like as a table.

use super::readers::{Act, Simulation};
use crate::corpus::events::write_record_as;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::model::{Event, KeyedHash};

/// Adds the record of `act` to `out`, as a line.
pub fn write_record(act: &Act, snapshot: &Snapshot, out: &mut Vec<u8>) {
    let event = Event {
        at: act.at,
        visitor: KeyedHash(act.visitor.into()),
        network: None,
        kind: act.kind,
        article: snapshot.id(act.article),
        from: act.from.map(|from| snapshot.id(from)),
        position: act.position,
        dwell: act.dwell,
        id: None,
    };
    write_record_as(&format!("v{}", act.visitor), &event, out);
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
        let mut cards = simulation.cards(host, simulation.settings().until * 1000)?;
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
