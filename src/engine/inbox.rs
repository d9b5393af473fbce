//! Where work waits for the one writer of a server's journal. Whoever has some adds it in no time, and the writer takes all of it
//! at once.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::batch::{Batch, Outcome};
use crate::error::{Error, Result};
use crate::journal::Journal;

/// Posts that may wait; more are turned away until some are kept.
const WAITING: usize = 4096;
/// Events that may wait, unless one post has more.
const EVENTS_WAITING: usize = 1 << 18;

/// Told whether article records are kept.
pub(super) type Done = Box<dyn FnOnce(Result<()>) + Send>;
/// Article records, and who is told of them.
pub(super) type Write = (Vec<Vec<u8>>, Done);
/// Something to do with the journal.
pub(super) type Job = Box<dyn FnOnce(&mut Journal) -> Result<()> + Send>;

/// Where work waits for the writer.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    /// Told when there is work for a writer that sleeps.
    work: Condvar,
}

#[derive(Default)]
pub(super) struct Waiting {
    pub(super) events: Batch,
    /// Article records.
    pub(super) writes: Vec<Write>,
    pub(super) others: VecDeque<Other>,
    /// Tasks that took over from those that handed events in; woken after each batch.
    late: Vec<Waker>,
    /// Whether the writer waits for work.
    sleeps: bool,
    /// Whether there will be no more work.
    closed: bool,
    /// Whether there is no writer any more.
    gone: bool,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} posts", self.events.posts())
    }
}

/// What is done with the journal beside adding to it.
pub(super) enum Other {
    Run(Job),
    /// Lets go of the journal, says so, and takes it again when the other end is gone.
    Lend(SyncSender<()>, Receiver<()>),
}

/// Resolves when events are kept, or are not: whether they are on the disk.
#[derive(Debug)]
pub struct Keeping {
    inbox: Arc<Inbox>,
    outcome: Arc<Outcome>,
    /// Woken with all of the batch.
    waker: Waker,
}

impl Keeping {
    /// Waits for `outcome`, of a batch in `inbox` that wakes `waker`.
    pub(super) fn new(inbox: &Arc<Inbox>, outcome: Arc<Outcome>, waker: &Waker) -> Self {
        Self {
            inbox: Arc::clone(inbox),
            outcome,
            waker: waker.clone(),
        }
    }
}

impl Future for Keeping {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        let open = || self.outcome.is_kept().map_or(Poll::Pending, Poll::Ready);
        if open().is_ready() || self.waker.will_wake(context.waker()) {
            return open();
        }
        // The writer sets the outcome before it takes these.
        self.inbox.waiting().late.push(context.waker().clone());
        open()
    }
}

impl Inbox {
    /// Adds to what waits, and wakes the writer if it sleeps.
    pub(super) fn add<T>(&self, add: impl FnOnce(&mut Waiting) -> Result<T>) -> Result<T> {
        let mut waiting = self.waiting();
        if waiting.gone {
            return Err(Error::Failed("the journal's writer is gone".to_owned()));
        }
        if waiting.is_full() {
            return Err(Error::InUse("too much waits to be written".to_owned()));
        }
        let added = add(&mut waiting)?;
        let slept = mem::take(&mut waiting.sleeps);
        drop(waiting);
        if slept {
            self.work.notify_one();
        }
        Ok(added)
    }

    /// Says that there will be no more work.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.work.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all that waits up to the first job, with `events` in the place of its events; `None` once there is nothing more
    /// to come.
    pub(super) fn take(&self, events: &mut Batch) -> Option<Taken> {
        let mut waiting = self.waiting();
        while waiting.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting.sleeps = true;
            let woken = self.work.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        waiting.sleeps = false;
        mem::swap(&mut waiting.events, events);
        Some(Taken {
            writes: mem::take(&mut waiting.writes),
            other: waiting.others.pop_front(),
        })
    }

    /// Ends the batch `events`, and tells whoever waits for it.
    pub(super) fn end(&self, events: &mut Batch, is_kept: bool) {
        if events.posts() > 0 {
            events.end(is_kept);
            let late = mem::take(&mut self.waiting().late);
            late.into_iter().for_each(Waker::wake);
        }
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.events.posts() == 0 && self.writes.is_empty() && self.others.is_empty()
    }

    fn is_full(&self) -> bool {
        let posts = self.events.posts() + self.writes.len() + self.others.len();
        posts >= WAITING || self.events.len() >= EVENTS_WAITING
    }
}

/// What the writer has taken beside events.
pub(super) struct Taken {
    pub(super) writes: Vec<Write>,
    pub(super) other: Option<Other>,
}

/// Tells whoever waits that the writer is gone, if it ended by a panic or for want of work.
pub(super) struct Left(pub(super) Arc<Inbox>);

impl Drop for Left {
    fn drop(&mut self) {
        let gone = Waiting {
            gone: true,
            ..Waiting::default()
        };
        let mut left = mem::replace(&mut *self.0.waiting(), gone);
        left.events.end(false);
        left.late.into_iter().for_each(Waker::wake);
    }
}
