//! Whose turn it is in the last places of a panel: drawn anew every hour, from the host and the hour, among candidates that
//! readers had little chance to see.

use std::sync::RwLockReadGuard;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::readers::Readers;
use crate::model::DocOrd;
use crate::panel::{Exploration, Ranked};
use crate::signals::behavior::{Moment, novelty};

/// Seconds for which the same ones have their turn.
const HOUR: i64 = 3600;

/// The turns of at most `cards` cards in the panel of `host`, which has the id `id`, at `now` (unix seconds); `None` where
/// the host has no readers to learn from.
pub(super) fn turns<'a>(
    readers: RwLockReadGuard<'a, Readers>,
    cards: usize,
    host: DocOrd,
    id: &str,
    now: i64,
) -> Option<Exploration<'a>> {
    // A server's `now` is the end of its hour, and a command's lies within the same one.
    let hour = now.saturating_add(HOUR - 1).div_euclid(HOUR);
    let moment = Moment::new(now.saturating_mul(1000));
    let wanted = cards > 0 && readers.total(host, &moment) > 0.0;
    wanted.then(|| Exploration {
        cards,
        seed: xxh3_64_with_seed(id.as_bytes(), hour.cast_unsigned()),
        novelty: Box::new(move |one: &Ranked| {
            novelty(readers.total(one.ord, &moment), f64::from(one.looks))
        }),
    })
}
