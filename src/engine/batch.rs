//! Events that wait to be written together. They lie in a few pieces of memory for all, so that an event costs no allocation
//! and nothing of it has to be given back by another thread than had it made.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Waker;

use crate::model::Event;

/// Bytes of names, and events, for which room is kept from one batch to the next.
const KEPT_NAMES: usize = 1 << 20;
const KEPT_EVENTS: usize = 1 << 14;

/// Events, and whoever waits for them.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The names of all events, one behind the other.
    names: String,
    events: Vec<Held>,
    posts: Vec<Waker>,
    outcome: Arc<Outcome>,
}

/// An event without its names.
#[derive(Debug)]
struct Held {
    event: Event<'static>,
    article: usize,
    from: Option<usize>,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome(AtomicU8);

const KEPT: u8 = 1;
const LOST: u8 = 2;

impl Outcome {
    /// Whether the batch is on the disk; `None` as long as that is open.
    pub(super) fn is_kept(&self) -> Option<bool> {
        match self.0.load(Ordering::Acquire) {
            KEPT => Some(true),
            LOST => Some(false),
            _ => None,
        }
    }

    fn set(&self, is_kept: bool) {
        let outcome = if is_kept { KEPT } else { LOST };
        self.0.store(outcome, Ordering::Release);
    }
}

impl Batch {
    /// Adds the events of one post, for which `waker` waits.
    pub(super) fn add<'a>(
        &mut self,
        events: impl Iterator<Item = Event<'a>>,
        waker: Waker,
    ) -> Arc<Outcome> {
        for event in events {
            self.names.push_str(event.article);
            self.names.push_str(event.from.unwrap_or_default());
            self.events.push(Held {
                article: event.article.len(),
                from: event.from.map(str::len),
                event: nameless(&event),
            });
        }
        self.posts.push(waker);
        Arc::clone(&self.outcome)
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }

    /// How many wait for them.
    pub(super) fn posts(&self) -> usize {
        self.posts.len()
    }

    /// The events, in the order in which they came.
    pub(super) fn events(&self) -> Vec<Event<'_>> {
        let mut names = self.names.as_str();
        let mut next = |length| {
            let (name, rest) = names.split_at(length);
            names = rest;
            name
        };
        let events = self.events.iter().map(|held| Event {
            article: next(held.article),
            from: held.from.map(&mut next),
            ..held.event
        });
        events.collect()
    }

    /// Tells whoever waits what became of the events, and begins another batch in the same place.
    pub(super) fn end(&mut self, is_kept: bool) {
        mem::take(&mut self.outcome).set(is_kept);
        self.posts.drain(..).for_each(Waker::wake);
        self.names.clear();
        self.names.shrink_to(KEPT_NAMES);
        self.events.clear();
        self.events.shrink_to(KEPT_EVENTS);
    }
}

impl Drop for Batch {
    /// What a writer leaves behind that panics is not kept.
    fn drop(&mut self) {
        self.end(false);
    }
}

fn nameless(event: &Event<'_>) -> Event<'static> {
    Event {
        at: event.at,
        visitor: event.visitor,
        network: event.network,
        kind: event.kind,
        article: "",
        from: None,
        position: event.position,
        dwell: event.dwell,
        id: event.id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventKind, KeyedHash};

    #[test]
    fn what_goes_in_comes_out_and_whoever_waits_is_told_of_its_own_batch() {
        let event = |article, from| Event {
            at: 1,
            visitor: KeyedHash(2),
            network: Some(KeyedHash(3)),
            kind: EventKind::Click,
            article,
            from,
            position: Some(4),
            dwell: Some(5),
            id: Some(6),
        };
        let first = [
            event("/ä", Some("/b")),
            event("", Some("")),
            event("/c", None),
        ];
        let second = [event("/d", Some("/ä"))];
        let mut batch = Batch::default();
        let one = batch.add(first[..1].iter().copied(), Waker::noop().clone());
        let two = batch.add(first[1..].iter().copied(), Waker::noop().clone());
        assert_eq!(batch.events(), first);
        assert_eq!((batch.len(), batch.posts()), (3, 2));
        assert_eq!((one.is_kept(), two.is_kept()), (None, None));
        batch.end(true);
        let three = batch.add(second.iter().copied(), Waker::noop().clone());
        assert_eq!(batch.events(), second);
        assert_eq!((one.is_kept(), two.is_kept()), (Some(true), Some(true)));
        assert_eq!(three.is_kept(), None);
        batch.end(false);
        assert_eq!(three.is_kept(), Some(false));
        assert_eq!((batch.len(), batch.posts()), (0, 0));
    }
}
