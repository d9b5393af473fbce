//! Where names were found before: a search among all ids waits for memory at every step, and most requests are for pages that
//! were asked for already.
//!
//! A table of ordinals by a hash of the name, of a fixed size and filled as names are found. What it says is always compared, so
//! it changes how long a search takes and nothing else. Half of the hash stands beside each ordinal, so that hardly any other name
//! is compared: that would wait for its record twice.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use crate::model::DocOrd;

/// Places for each article, at least.
const ROOM: usize = 2;
/// Places at which a name may stand, from where its hash leads: what a processor fetches at once.
const WAYS: usize = 4;

/// Ordinals of names, each one more than it is, below the upper half of its hash; 0 where there is none.
#[derive(Debug)]
pub(super) struct Found(Box<[AtomicU64]>);

impl Found {
    /// Room for the names of `articles`.
    pub(super) fn with_room(articles: usize) -> Self {
        let places = (ROOM * articles).next_power_of_two().max(WAYS);
        Self((0..places).map(|_| AtomicU64::new(0)).collect())
    }

    /// The article called `name`, as `is_called` tells; found by `search` where it was not found before.
    pub(super) fn or_search(
        &self,
        name: &[u8],
        is_called: impl Fn(DocOrd) -> bool,
        search: impl FnOnce() -> Option<DocOrd>,
    ) -> Option<DocOrd> {
        let hash = xxh3_64(name);
        let first = hash as usize & (self.0.len() - WAYS);
        let ways = &self.0[first..first + WAYS];
        let kept = |place: &AtomicU64| {
            let kept = place.load(Ordering::Relaxed);
            let is_alike = kept >> 32 == hash >> 32;
            (kept as u32)
                .checked_sub(1)
                .map(DocOrd)
                .filter(|_| is_alike)
        };
        if let Some(ord) = ways.iter().filter_map(kept).find(|&ord| is_called(ord)) {
            return Some(ord);
        }
        let ord = search()?;
        let free = ways.iter().find(|place| place.load(Ordering::Relaxed) == 0);
        // Where none is free another one makes room, whichever; it is searched for when it is asked for again.
        let place = free.unwrap_or(&ways[(hash >> 60) as usize % WAYS]);
        let upper = hash >> 32 << 32;
        place.store(upper | u64::from(ord.0 + 1), Ordering::Relaxed);
        Some(ord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_searched_for_once_and_never_taken_for_another() {
        let names: Vec<String> = (0..100).map(|number| format!("/page/{number}")).collect();
        let found = Found::with_room(names.len());
        let ask = |name: &str| {
            let mut searched = false;
            let ord = found.or_search(
                name.as_bytes(),
                |ord| names[ord.index()] == name,
                || {
                    searched = true;
                    let place = names.iter().position(|other| other == name);
                    place.map(|place| DocOrd(place as u32))
                },
            );
            (ord, searched)
        };
        for _ in 0..3 {
            for (place, name) in names.iter().enumerate() {
                assert_eq!(ask(name).0, Some(DocOrd(place as u32)));
            }
            assert_eq!(ask("/page/100"), (None, true));
        }
        let again = names.iter().filter(|name| ask(name).1).count();
        assert!(again < names.len() / 4, "{again} were searched for again");
    }
}
