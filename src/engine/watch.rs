//! What a panel depends on, so that one that was made can be shown until an event or an article changes what it was made of.
//!
//! Each article has the number of the last event that changed what is counted of it, and a watch is on some articles from
//! an event on: on the host, whose counts bring candidates and weigh them, and on every candidate, whose counts say how much
//! is known of it. So it is with an article that comes anew in other words: it changes panels that it is the host or a candidate
//! of. One that is new, gone, or somewhere else may change any panel.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::DocOrd;
use crate::panel::Reason;

/// What a panel was made of.
#[derive(Debug)]
pub struct Watch {
    /// Of the generation as it was opened, and of its counts.
    pub(super) editions: [u64; 2],
    /// How many changes lay over the generation.
    pub(super) changes: u64,
    /// Whether each further one matters.
    pub(super) on_all: bool,
    /// The number of the first event that was not counted.
    pub(super) next: u64,
    /// How much is read on the whole site.
    pub(super) site: (u64, u16),
    /// The articles that matter, and their counts.
    pub(super) on: Box<[DocOrd]>,
}

impl Watch {
    /// The watch of a panel, which was made since and whose cards have these `reasons`: any article may take the place of fill.
    pub fn over(self, reasons: impl IntoIterator<Item = Reason>) -> Self {
        let on_all = reasons.into_iter().any(|reason| reason == Reason::Latest);
        Self { on_all, ..self }
    }

    /// The bytes that it takes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.on)
    }
}

/// A number that no other opened generation, and no other counts, of this process have.
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
