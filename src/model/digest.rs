//! Tables by digests. These are spread evenly already and nobody can choose them, so a table takes their bits as they are.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A table by digests.
pub type DigestMap<K, V> = HashMap<K, V, BuildHasherDefault<Plain>>;
/// Digests.
pub type DigestSet<K> = HashSet<K, BuildHasherDefault<Plain>>;

/// Takes the numbers of a key for its hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(5) ^ number;
    }

    fn write_u128(&mut self, number: u128) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_128;

    use super::*;
    use crate::model::KeyedHash;

    #[test]
    fn a_table_by_digests_holds_what_was_put_into_it() {
        let digests = || (0..1000u32).map(|number| xxh3_128(&number.to_le_bytes()));
        let set: DigestSet<u128> = digests().collect();
        assert!(digests().all(|digest| set.contains(&digest)) && set.len() == 1000);
        assert!(!set.contains(&xxh3_128(b"another")));
        let mut map = DigestMap::<KeyedHash, u32>::default();
        for digest in digests().chain(digests()) {
            *map.entry(KeyedHash(digest as u64)).or_default() += 1;
        }
        assert!(map.len() == 1000 && map.values().all(|&count| count == 2));
    }
}
