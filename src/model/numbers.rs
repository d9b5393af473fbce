//! Tables by numbers that are given out here, one after the other: nobody can choose them to collide, so a product spreads them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by numbers.
pub type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// The hash of one number.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing (Knuth, volume 3, section 6.4), its upper half folded into the lower.
        let product = u128::from(number) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only whole numbers are hashed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocOrd;

    #[test]
    fn a_table_by_numbers_holds_what_was_put_into_it() {
        let mut map = NumberMap::default();
        for number in (0..1000).chain(0..1000) {
            *map.entry(DocOrd(number)).or_insert(0) += 1;
        }
        assert!(map.len() == 1000 && map.values().all(|&count| count == 2));
        assert!(!map.contains_key(&DocOrd(1000)));
    }
}
