//! Room for what a panel is ranked in, kept from one panel to the next: a few kilobytes that would be asked for and given back
//! with each panel cost as much as a tenth of the ranking. Each thread has its own.

use std::cell::Cell;
use std::thread::LocalKey;

use super::readers::ReadBeside;
use crate::model::DocOrd;
use crate::panel::Ranked;

thread_local! {
    /// For candidates.
    pub(super) static RANKED: Room<Ranked> = const { Cell::new(Vec::new()) };
    /// For what is read beside a host.
    pub(super) static BESIDE: Room<(DocOrd, ReadBeside)> = const { Cell::new(Vec::new()) };
}

/// A list that is empty or lent.
type Room<T> = Cell<Vec<T>>;

/// Elements of a list that is kept, at most: what the usual panel needs, and not what the largest one did.
const KEPT: usize = 1024;

/// An empty list with the room of the last one.
pub(super) fn borrowed<T>(room: &'static LocalKey<Room<T>>) -> Vec<T> {
    room.take()
}

/// Keeps the room of `list` for the next one.
pub(super) fn give_back<T>(room: &'static LocalKey<Room<T>>, mut list: Vec<T>) {
    list.clear();
    if list.capacity() <= KEPT {
        room.set(list);
    }
}
