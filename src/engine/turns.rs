//! Whose turn it is in the last places of a panel: drawn anew every hour, from the host and the hour, among candidates that
//! readers had little chance to see.

use std::sync::RwLockReadGuard;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::readers::Readers;
use crate::panel::{Exploration, Ranked};
use crate::signals::behavior::{Moment, novelty};

/// Seconds for which the same ones have their turn.
const HOUR: i64 = 3600;

/// The turns of at most `cards` cards in the panel of the article with the id `host` at `now` (unix seconds); `None` where
/// there are no readers to learn from.
pub(super) fn turns<'a>(
    readers: RwLockReadGuard<'a, Readers>,
    cards: usize,
    host: &str,
    now: i64,
) -> Option<Exploration<'a>> {
    if cards == 0 || readers.fold().is_empty() {
        return None;
    }
    // A server's `now` is the end of its hour, and a command's lies within the same one.
    let hour = now.saturating_add(HOUR - 1).div_euclid(HOUR);
    let moment = Moment::new(now.saturating_mul(1000));
    Some(Exploration {
        cards,
        seed: xxh3_64_with_seed(host.as_bytes(), hour.cast_unsigned()),
        novelty: Box::new(move |one: &Ranked| {
            novelty(readers.total(one.ord, &moment), f64::from(one.looks))
        }),
    })
}
