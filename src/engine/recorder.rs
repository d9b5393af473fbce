//! The one writer of a running server's journal: whatever waits is appended as one batch, and told to be kept once it is.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::corpus::events::EventRecord;
use crate::error::{Error, Result, say};
use crate::journal::Journal;
use crate::model::Event;

/// Posts that may wait; more are turned away until some are kept.
const WAITING: usize = 4096;
/// Events of one batch, at most, unless one post has more.
const BATCH: usize = 8192;

/// Told whether the events of a post are kept.
type Done = Box<dyn FnOnce(Result<()>) + Send>;
/// Something to do with the journal.
type Job = Box<dyn FnOnce(&mut Journal) -> Result<()> + Send>;

/// Hands events to the thread that writes them.
#[derive(Debug)]
pub struct Recorder {
    queue: Option<SyncSender<Work>>,
    stopped: Arc<Mutex<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

enum Work {
    Keep(Vec<EventRecord<'static>>, Done),
    /// Does something with the journal beside adding events.
    Run(Job),
    /// Lets go of the journal, says so, and takes it again when the other end is gone.
    Lend(SyncSender<()>, Receiver<()>),
}

impl Recorder {
    /// Starts to write the journal of `data`; `kept` is called after each batch. Where the journal cannot be had, that is
    /// said, and each event tries again.
    ///
    /// # Errors
    /// [`Error::Failed`] if the system gives no thread.
    pub fn start(data: &Path, kept: impl Fn() + Send + 'static) -> Result<Self> {
        let (queue, work) = sync_channel(WAITING);
        let stopped = Arc::new(Mutex::new(None));
        let mut writer = Writer {
            data: data.to_owned(),
            journal: None,
            stopped: Arc::clone(&stopped),
        };
        let run = move || {
            // An empty batch opens the journal, or says why that cannot be. Reading the open segment takes a while, for which
            // panels need not wait.
            let _ = writer.append(&[]);
            writer.run(&work, &kept);
        };
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(run)
            .map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            queue: Some(queue),
            stopped,
            thread: Some(thread),
        })
    }

    /// Hands `events` over; `done` is told when they are on the disk, or why they are not.
    ///
    /// # Errors
    /// [`Error::InUse`] if too many wait already; `done` is then not called.
    pub fn keep(
        &self,
        events: Vec<EventRecord<'static>>,
        done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        self.send(Work::Keep(events, Box::new(done)))
    }

    /// Has `job` done with the journal, after all that waits. An error means that the disk refuses: it is treated like that of
    /// a write.
    ///
    /// # Errors
    /// [`Error::InUse`] if too much waits already.
    pub fn run(&self, job: impl FnOnce(&mut Journal) -> Result<()> + Send + 'static) -> Result<()> {
        self.send(Work::Run(Box::new(job)))
    }

    /// Lets another process write: `lent` is sent to once the journal is free, and it is taken again when `returned` has
    /// no sender any more.
    ///
    /// # Errors
    /// [`Error::InUse`] if too much waits already.
    pub fn lend(&self, lent: SyncSender<()>, returned: Receiver<()>) -> Result<()> {
        self.send(Work::Lend(lent, returned))
    }

    /// Why nothing is written at the moment, if that is so.
    pub fn stopped(&self) -> Option<String> {
        let stopped = self.stopped.lock();
        stopped.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn send(&self, work: Work) -> Result<()> {
        let queue = self.queue.as_ref().expect("there until it is dropped");
        queue.try_send(work).map_err(|error| match error {
            TrySendError::Full(_) => Error::InUse("too many events wait to be written".to_owned()),
            TrySendError::Disconnected(_) => {
                Error::Failed("the journal's writer is gone".to_owned())
            }
        })
    }
}

impl Drop for Recorder {
    /// Writes what waits.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Writer {
    data: PathBuf,
    /// Not there while it is lent, and after a failure: what a failed write left is looked at by opening it anew.
    journal: Option<Journal>,
    stopped: Arc<Mutex<Option<String>>>,
}

impl Writer {
    fn run(&mut self, queue: &Receiver<Work>, kept: &dyn Fn()) {
        while let Ok(first) = queue.recv() {
            let (mut posts, mut count) = (Vec::new(), 0);
            let (mut lend, mut job) = (None, None);
            let mut next = Some(first);
            while let Some(work) = next.take() {
                match work {
                    Work::Keep(events, done) => {
                        count += events.len();
                        posts.push((events, done));
                    }
                    Work::Run(work) => job = Some(work),
                    Work::Lend(lent, returned) => lend = Some((lent, returned)),
                }
                if count < BATCH && lend.is_none() && job.is_none() {
                    next = queue.try_recv().ok();
                }
            }
            let records = posts.iter().flat_map(|(events, _)| events);
            let events: Vec<Event<'_>> = records.map(EventRecord::event).collect();
            let outcome = self.append(&events);
            for (_, done) in posts {
                done(outcome.clone().map_err(Error::Failed));
            }
            if outcome.is_ok() && count > 0 {
                kept();
            }
            if let Some(job) = job {
                // What came of it is said where it is said of events.
                let _ = self.writing(job);
            }
            if let Some((lent, returned)) = lend {
                self.journal = None;
                // Whoever asked may be gone already.
                let _ = lent.send(());
                let _ = returned.recv();
            }
        }
    }

    /// Appends what is new of `events`; why that failed, if it did.
    fn append(&mut self, events: &[Event<'_>]) -> std::result::Result<(), String> {
        self.writing(|journal| journal.append_new(events).map(drop))
    }

    /// Has the journal written; why that failed, if it did.
    fn writing(
        &mut self,
        write: impl FnOnce(&mut Journal) -> Result<()>,
    ) -> std::result::Result<(), String> {
        let written = self.journal().and_then(write);
        let failure = written.err().map(|error| error.to_string());
        if failure.is_some() {
            self.journal = None;
        }
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if *stopped != failure {
            match &failure {
                Some(why) => say(format_args!("events are turned away: {why}")),
                None => say("events are kept again"),
            }
        }
        stopped.clone_from(&failure);
        failure.map_or(Ok(()), Err)
    }

    /// The journal, opened if it is not.
    fn journal(&mut self) -> Result<&mut Journal> {
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => {
                let (journal, problems) = Journal::open(&self.data)?;
                problems.iter().for_each(say);
                journal
            }
        };
        Ok(self.journal.insert(journal))
    }
}
