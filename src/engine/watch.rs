//! What a panel depends on, so that one that was made can be shown until an event changes what it was made of.
//!
//! Each article has the number of the last event that changed what is counted of it, and a watch is on some articles from
//! an event on: on the host, whose counts bring candidates and weigh them, and on every candidate, whose counts say how much
//! is known of it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::DocOrd;

/// What a panel was made of.
#[derive(Debug)]
pub struct Watch {
    /// Of the snapshot, and of its counts.
    pub(super) editions: [u64; 2],
    /// The number of the first event that was not counted.
    pub(super) next: u64,
    /// How much is read on the whole site.
    pub(super) site: (u64, u16),
    /// The articles whose counts matter.
    pub(super) on: Box<[DocOrd]>,
}

impl Watch {
    /// The bytes that it takes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.on)
    }
}

/// A number that no other snapshot, and no other counts, of this process have.
#[derive(Debug)]
pub(super) struct Edition(u64);

impl Edition {
    pub(super) fn number(&self) -> u64 {
        self.0
    }
}

impl Default for Edition {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
