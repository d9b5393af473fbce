//! Counts events while panels are made from what was counted before: an event is counted apart, and what came of a few is shown at
//! once, which is all that a panel ever waits for.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

use super::give_way::give_way;
use super::readers::Readers;
use crate::model::{DocOrd, Event, NameOrd};
use crate::signals::behavior::Fold;

/// Events that are shown together: some two hundred rows.
const TOGETHER: usize = 32;
/// Names that are looked at together.
const NAMES: usize = 256;

/// What readers did: as it is counted, and as it is shown. Whoever has the first may change the second.
#[derive(Debug, Default)]
pub(super) struct Told {
    counted: Mutex<Fold>,
    shown: RwLock<Readers>,
}

impl Told {
    /// What is shown.
    pub(super) fn shown(&self) -> std::sync::RwLockReadGuard<'_, Readers> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown_mut(&self) -> RwLockWriteGuard<'_, Readers> {
        self.shown.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn counted(&self) -> MutexGuard<'_, Fold> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was counted.
    pub(super) fn fold(&self) -> Fold {
        self.counted().clone()
    }

    /// Shows what `fold` counted from now on, which `readers` are of.
    pub(super) fn replace(&self, fold: Fold, readers: Readers) {
        let mut counted = self.counted();
        // Freed once nobody waits for a lock any more: that takes a while where much was counted.
        let before = (
            std::mem::replace(&mut *self.shown_mut(), readers),
            std::mem::replace(&mut *counted, fold),
        );
        drop(counted);
        drop(before);
    }

    /// Counts events from now on, with names as `find` leads them.
    pub(super) fn counting<F: Fn(&str) -> Option<DocOrd>>(&self, find: F) -> Counting<'_, F> {
        Counting {
            told: self,
            fold: self.counted(),
            find,
            changed: HashMap::new(),
            events: 0,
        }
    }

    /// Looks names up again that led to no article.
    pub(super) fn look_again(&self, find: impl Fn(&str) -> Option<DocOrd>) {
        let mut from = 0;
        loop {
            let Some(unknown) = self.shown().unknown(from, NAMES) else {
                return;
            };
            from += NAMES;
            let found = unknown
                .into_iter()
                .filter_map(|(name, text)| Some((name, find(&text)?)));
            for (name, ord) in found.collect::<Vec<_>>() {
                self.shown_mut().leads(name, ord);
            }
        }
    }
}

/// Counts events; shows what came of them at the latest when it is dropped.
#[derive(Debug)]
pub(super) struct Counting<'a, F: Fn(&str) -> Option<DocOrd>> {
    told: &'a Told,
    fold: MutexGuard<'a, Fold>,
    find: F,
    /// Names whose rows are others than are shown, with the last event that changed them.
    changed: HashMap<NameOrd, u64>,
    events: usize,
}

impl<F: Fn(&str) -> Option<DocOrd>> Counting<'_, F> {
    /// Counts an event, which has the number `sequence` in the journal.
    pub(super) fn add(&mut self, sequence: u64, event: &Event<'_>) {
        let changed = &mut self.changed;
        self.fold.apply(sequence, event, &mut |name| {
            changed.insert(name, sequence);
        });
        self.events += 1;
        if self.events == TOGETHER {
            self.show();
        }
    }

    fn show(&mut self) {
        self.events = 0;
        let mut changed: Vec<(NameOrd, u64)> = self.changed.drain().collect();
        // In the order of the names: what they add up to is the same in any.
        changed.sort_unstable();
        let counts = self.fold.counts();
        let known = self.told.shown().counts().len();
        let new = (known as u32..counts.len() as u32).map(NameOrd);
        let found = new.map(|name| (self.find)(counts.name(name))).collect();
        let mut before = Vec::with_capacity(changed.len());
        self.told
            .shown_mut()
            .go_on_to(counts, &changed, found, &mut before);
        // Nobody waits for a lock any more.
        drop(before);
        give_way();
    }
}

impl<F: Fn(&str) -> Option<DocOrd>> Drop for Counting<'_, F> {
    fn drop(&mut self) {
        if self.events > 0 {
            self.show();
        }
    }
}
