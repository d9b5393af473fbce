//! Numbers for names, in one segment: a name is written out a few times and then stands as its number.
//!
//! It is written out more than once because a damaged record should cost only itself: in the first two records that use
//! it, and once more in the first that uses it far behind these, because a disk loses neighbours together.

use xxhash_rust::xxh3::xxh3_128;

use super::record::Name;
use crate::model::{DigestMap, NumberMap};

/// How many records behind the second one that writes a name out it is written out the third and last time. That many
/// fill more than a few blocks of any disk.
const FAR: u64 = 1024;

/// The numbers that a writer gave to names, each by its digest: a site has as many names as articles, and writing them needs no more.
#[derive(Debug, Default)]
pub(super) struct Given {
    names: DigestMap<u128, Use>,
    next: u32,
}

/// What stands for a name among those of a segment.
fn digest(name: &str) -> u128 {
    xxh3_128(name.as_bytes())
}

/// How a name was used.
#[derive(Debug)]
struct Use {
    number: u32,
    /// How many records write it out.
    written: u8,
    /// The last of these.
    last: u64,
}

impl Use {
    fn is_due(&self, sequence: u64) -> bool {
        match self.written {
            0 => true,
            1 => sequence > self.last,
            2 => sequence >= self.last + FAR,
            _ => false,
        }
    }
}

impl Given {
    /// What the record `sequence` says for `name`.
    pub(super) fn give<'a>(&mut self, name: &'a str, sequence: u64) -> Name<'a> {
        let digest = digest(name);
        let Some(used) = self.names.get_mut(&digest) else {
            let number = self.next;
            self.write(number, digest, sequence);
            return Name::Full(number, name);
        };
        if used.is_due(sequence) {
            used.written += 1;
            used.last = sequence;
            Name::Full(used.number, name)
        } else {
            Name::Number(used.number)
        }
    }

    /// Takes note of what the record `sequence`, which is there already, says for a name.
    pub(super) fn restore(&mut self, name: Name<'_>, sequence: u64) {
        match name {
            // A number whose name is lost is never given to another one.
            Name::Number(number) => self.next = self.next.max(number.saturating_add(1)),
            Name::Full(number, name) => {
                let digest = digest(name);
                match self.names.get_mut(&digest) {
                    Some(used) if used.number == number => {
                        used.written = used.written.saturating_add(1);
                        used.last = sequence;
                    }
                    _ => self.write(number, digest, sequence),
                }
            }
        }
    }

    fn write(&mut self, number: u32, digest: u128, sequence: u64) {
        let used = Use {
            number,
            written: 1,
            last: sequence,
        };
        self.names.insert(digest, used);
        self.next = self.next.max(number.saturating_add(1));
    }

    /// Forgets everything: another segment begins.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// The names that a reader knows, one after the other.
#[derive(Debug, Default)]
pub(super) struct Known {
    text: String,
    /// By number: where the name begins in the text, and where it ends.
    places: NumberMap<u32, [u32; 2]>,
}

impl Known {
    /// Takes note of a name that is written out.
    pub(super) fn learn(&mut self, name: Name<'_>) {
        if let Name::Full(number, text) = name
            && self.name(name) != Some(text)
        {
            let start = self.text.len();
            self.text.push_str(text);
            // A segment has less than 4 GiB of names; what is beyond stays unknown.
            let place = [start, self.text.len()].map(|at| at.min(u32::MAX as usize) as u32);
            self.places.insert(number, place);
        }
    }

    /// The name, if it is known.
    pub(super) fn name(&self, name: Name<'_>) -> Option<&str> {
        let (Name::Number(number) | Name::Full(number, _)) = name;
        let &[start, end] = self.places.get(&number)?;
        self.text.get(start as usize..end as usize)
    }

    /// Forgets everything: another segment begins.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of 1 to `end` that write out a name which all of them use.
    fn written(given: &mut Given, range: std::ops::Range<u64>) -> Vec<u64> {
        range
            .filter(|&sequence| matches!(given.give("/a", sequence), Name::Full(0, "/a")))
            .collect()
    }

    #[test]
    fn a_name_is_written_out_in_two_records_and_once_more_far_behind() {
        let mut given = Given::default();
        assert_eq!(written(&mut given, 1..5000), [1, 2, 2 + FAR]);
        assert_eq!(given.give("/b", 5000), Name::Full(1, "/b"));
        // Twice in one record is one use: they would be lost together.
        assert_eq!(given.give("/b", 5000), Name::Number(1));
        assert_eq!(given.give("/b", 5001), Name::Full(1, "/b"));
        assert_eq!(given.give("/b", 5001), Name::Number(1));
    }

    #[test]
    fn what_is_restored_goes_on_as_before() {
        for end in [1, 2, 3, FAR, FAR + 2, FAR + 3] {
            let (mut given, mut restored) = (Given::default(), Given::default());
            for sequence in 1..end {
                restored.restore(given.give("/a", sequence), sequence);
            }
            let rest = written(&mut given, end..5000);
            assert_eq!(written(&mut restored, end..5000), rest, "{end}");
        }
    }

    #[test]
    fn a_number_whose_name_is_lost_is_not_given_again() {
        let mut given = Given::default();
        given.restore(Name::Number(6), 3);
        assert_eq!(given.give("/a", 4), Name::Full(7, "/a"));
        given.restore(Name::Full(9, "/b"), 5);
        assert_eq!(given.give("/c", 6), Name::Full(10, "/c"));
    }

    #[test]
    fn a_later_name_of_a_number_stands() {
        let mut known = Known::default();
        assert_eq!(known.name(Name::Number(0)), None);
        known.learn(Name::Full(0, "/a"));
        known.learn(Name::Full(0, "/b"));
        assert_eq!(known.name(Name::Number(0)), Some("/b"));
        known.clear();
        assert_eq!(known.name(Name::Number(0)), None);
    }
}
