//! Maps of which a copy costs next to nothing: it shares with the one it was taken of all that neither has changed since.
//!
//! What lies over a generation is copied for every article that comes, while requests read the copy before. A change copies the
//! values of the 64 numbers around it and the two nodes above them, whatever else there is, and whoever lets go of a copy frees no
//! more than that.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Bits of a number that tell its place in a leaf, and the leaf's place in a branch.
const BITS: u32 = 6;
const WIDTH: usize = 1 << BITS;

/// A map by numbers that lie close together.
#[derive(Clone, Debug)]
pub(super) struct Shared<T> {
    branches: Vec<Option<Arc<Branch<T>>>>,
    len: usize,
}

type Branch<T> = [Option<Arc<Leaf<T>>>; WIDTH];

/// The values of some of 64 numbers, by number.
#[derive(Clone, Debug)]
struct Leaf<T> {
    /// A bit for each number that has one.
    has: u64,
    values: Vec<T>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            branches: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Leaf<T> {
    /// The place of the value of `number`, or where it would be.
    fn place(&self, number: u32) -> (usize, bool) {
        let bit = 1u64 << (number as usize % WIDTH);
        let before = (self.has & (bit - 1)).count_ones() as usize;
        (before, self.has & bit != 0)
    }
}

/// Where the leaf of a number is: the branch, and the place in it.
fn leaf(number: u32) -> (usize, usize) {
    let leaf = (number >> BITS) as usize;
    (leaf / WIDTH, leaf % WIDTH)
}

impl<T: Clone> Shared<T> {
    /// The value of `number`.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&T> {
        let (branch, at) = leaf(number);
        let leaf = self.branches.get(branch)?.as_ref()?[at].as_ref()?;
        let (place, there) = leaf.place(number);
        there.then(|| &leaf.values[place])
    }

    /// Whether `number` has a value.
    #[inline]
    pub(super) fn has(&self, number: u32) -> bool {
        self.get(number).is_some()
    }

    /// How many numbers have one.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Gives `number` a value in the place of the one it had.
    pub(super) fn insert(&mut self, number: u32, value: T) {
        let leaf = self.leaf_mut(number);
        match leaf.place(number) {
            (place, true) => leaf.values[place] = value,
            (place, false) => {
                leaf.values.insert(place, value);
                leaf.has |= 1 << (number as usize % WIDTH);
                self.len += 1;
            }
        }
    }

    /// Takes the value of `number` away.
    pub(super) fn remove(&mut self, number: u32) -> Option<T> {
        if !self.has(number) {
            return None;
        }
        let leaf = self.leaf_mut(number);
        let (place, _) = leaf.place(number);
        leaf.has &= !(1 << (number as usize % WIDTH));
        let value = leaf.values.remove(place);
        self.len -= 1;
        Some(value)
    }

    /// The leaf of `number`, which nobody else has.
    fn leaf_mut(&mut self, number: u32) -> &mut Leaf<T> {
        let (branch, at) = leaf(number);
        if self.branches.len() <= branch {
            self.branches.resize(branch + 1, None);
        }
        let branch = self.branches[branch].get_or_insert_with(|| Arc::new([const { None }; WIDTH]));
        let leaf = Arc::make_mut(branch)[at].get_or_insert_with(|| {
            Arc::new(Leaf {
                has: 0,
                values: Vec::new(),
            })
        });
        Arc::make_mut(leaf)
    }

    /// All numbers that have a value, in their order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let branches = (0..).zip(&self.branches);
        let leaves = branches.flat_map(|(high, branch)| {
            let leaves = branch.iter().flat_map(|branch| (0..).zip(branch.iter()));
            leaves.map(move |(low, leaf)| ((high << BITS | low) << BITS, leaf))
        });
        leaves.flat_map(|(first, leaf)| {
            let has = leaf.as_ref().map_or(0, |leaf| leaf.has);
            let bits = (0..WIDTH as u32).filter(move |bit| has >> bit & 1 == 1);
            bits.map(move |bit| first | bit)
        })
    }
}

/// Bits of what names are told apart by before they are compared.
const NAME_BITS: u32 = 16;

/// The same by name.
#[derive(Clone, Debug)]
pub(super) struct Named<T>(Shared<Vec<(Arc<str>, T)>>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<T: Clone> Named<T> {
    /// The value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&T> {
        let all = self.0.get(slot(name))?;
        all.iter()
            .find(|(other, _)| **other == *name)
            .map(|(_, value)| value)
    }

    /// Gives `name` a value, if it has none; whether it had none.
    pub(super) fn insert_new(&mut self, name: &Arc<str>, value: T) -> bool {
        let is_new = self.get(name).is_none();
        if is_new {
            let slot = slot(name);
            let mut all = self.0.get(slot).cloned().unwrap_or_default();
            all.push((Arc::clone(name), value));
            self.0.insert(slot, all);
        }
        is_new
    }

    /// Takes the value of `name` away.
    pub(super) fn remove(&mut self, name: &str) {
        let slot = slot(name);
        let Some(all) = self.0.get(slot) else {
            return;
        };
        let left: Vec<_> = all
            .iter()
            .filter(|(other, _)| **other != *name)
            .cloned()
            .collect();
        self.0.insert(slot, left);
    }
}

fn slot(name: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() >> (u64::BITS - NAME_BITS)) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_copy_goes_on_as_it_was_and_both_hold_what_a_plain_map_would() {
        let (mut shared, mut plain) = (Shared::default(), BTreeMap::new());
        let numbers = (0..4000u32).map(|turn| turn.wrapping_mul(2_654_435_761) % 20_000);
        for (turn, number) in numbers.enumerate() {
            let (before, known) = (shared.clone(), plain.get(&number).copied());
            match turn % 3 {
                0 => assert_eq!(shared.remove(number), plain.remove(&number)),
                _ => {
                    shared.insert(number, turn);
                    plain.insert(number, turn);
                }
            }
            assert_eq!(before.get(number).copied(), known);
            assert_eq!(shared.get(number), plain.get(&number));
            assert_eq!(shared.len(), plain.len());
        }
        assert!(shared.numbers().eq(plain.keys().copied()));
        assert!(
            plain
                .iter()
                .all(|(&number, value)| shared.get(number) == Some(value))
        );
        assert!(!shared.has(20_000) && !shared.has(u32::MAX));
    }

    #[test]
    fn a_change_shares_all_but_what_is_around_it_with_the_copy_before() {
        let mut all: Shared<Arc<u32>> = Shared::default();
        (0..100_000).for_each(|number| all.insert(number, Arc::new(number)));
        let before = all.clone();
        all.insert(50_000, Arc::new(0));
        let copied = (0..100_000).filter(|&number| {
            all.get(number)
                .is_some_and(|value| Arc::strong_count(value) > 1)
        });
        assert!(copied.count() < WIDTH);
        assert_eq!(before.get(50_000).map(|value| **value), Some(50_000));
    }

    #[test]
    fn names_that_fall_together_are_told_apart() {
        let names: Vec<Arc<str>> = (0..200_000)
            .map(|number| format!("/{number}").into())
            .collect();
        let mut named = Named::default();
        for (number, name) in names.iter().enumerate() {
            assert!(named.insert_new(name, number));
        }
        assert!(!named.insert_new(&names[7], 0));
        names.iter().step_by(2).for_each(|name| named.remove(name));
        for (number, name) in names.iter().enumerate() {
            let expected = (number % 2 == 1).then_some(number);
            assert_eq!(named.get(name).copied(), expected);
        }
    }
}
