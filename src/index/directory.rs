//! All names of a file by their hashes: where a name stands, or that it stands nowhere, is told without a search among them, which
//! waits for memory at every step.
//!
//! It takes a look at every name to make, so commands that ask for one do without.

use xxhash_rust::xxh3::xxh3_64;

/// Places for each name, at least.
const ROOM: usize = 2;

/// The place of each name, one more than it is, below the upper half of its hash; 0 where there is none. A name stands where the
/// lower half of its hash leads, or at the next place that was free.
#[derive(Debug)]
pub(super) struct Directory(Box<[u64]>);

impl Directory {
    /// That of `names`, which differ, by their places.
    pub(super) fn of<'a>(names: impl ExactSizeIterator<Item = &'a [u8]>) -> Self {
        let room = (ROOM * names.len()).next_power_of_two();
        let mut places = vec![0; room].into_boxed_slice();
        for (place, name) in (1..).zip(names) {
            let hash = xxh3_64(name);
            let mut at = hash as usize & (room - 1);
            while places[at] != 0 {
                at = (at + 1) & (room - 1);
            }
            places[at] = hash >> 32 << 32 | place;
        }
        Self(places)
    }

    /// The place of `name`, where that is what stands there as `is_called` tells.
    pub(super) fn find(&self, name: &[u8], is_called: impl Fn(usize) -> bool) -> Option<usize> {
        let hash = xxh3_64(name);
        let mut at = hash as usize & (self.0.len() - 1);
        loop {
            let place = (self.0[at] as u32).checked_sub(1)? as usize;
            if self.0[at] >> 32 == hash >> 32 && is_called(place) {
                return Some(place);
            }
            at = (at + 1) & (self.0.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_where_it_stands_and_no_other_is() {
        for count in [0, 1, 2, 1000] {
            let names: Vec<String> = (0..count).map(|number| format!("/page/{number}")).collect();
            let directory = Directory::of(names.iter().map(String::as_bytes));
            let find = |name: &str| directory.find(name.as_bytes(), |place| names[place] == name);
            for (place, name) in names.iter().enumerate() {
                assert_eq!(find(name), Some(place));
            }
            assert!(
                (count..3 * count + 9).all(|number| find(&format!("/page/{number}")).is_none())
            );
        }
    }
}
