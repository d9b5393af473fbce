//! The one writer of a running server's journal: whatever waits, of events and of articles, is appended as one batch, and told
//! to be kept once it is.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::corpus::events::EventRecord;
use crate::error::{Error, Result, say};
use crate::journal::Journal;
use crate::model::Event;

/// Posts that may wait; more are turned away until some are kept.
const WAITING: usize = 4096;
/// Events of one batch, at most, unless one post has more.
const BATCH: usize = 8192;

/// After a failure the next one that tries waits this many times what the failure took, and this much at least and at most:
/// opening the journal reads its open segment, which may be done once for a batch but not for every one.
const REST: u32 = 10;
const LEAST_REST: Duration = Duration::from_millis(20);
const MOST_REST: Duration = Duration::from_secs(5);

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
    /// Article records.
    Write(Vec<Vec<u8>>, Done),
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
            rest: None,
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

    /// Hands article records over; `done` is told when they are on the disk, or why they are not.
    ///
    /// # Errors
    /// As [`Recorder::keep`].
    pub fn write(
        &self,
        records: Vec<Vec<u8>>,
        done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        self.send(Work::Write(records, Box::new(done)))
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
            TrySendError::Full(_) => Error::InUse("too much waits to be written".to_owned()),
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

/// How long nothing is tried after a failure that took so long.
fn rest_after(took: Duration) -> Duration {
    (took * REST).clamp(LEAST_REST, MOST_REST)
}

/// What the thread works with.
struct Writer {
    data: PathBuf,
    /// Not there while it is lent, and after a failure: what a failed write left is looked at by opening it anew.
    journal: Option<Journal>,
    /// After a failure: until when nothing is tried, and why.
    rest: Option<(Instant, String)>,
    stopped: Arc<Mutex<Option<String>>>,
}

impl Writer {
    fn run(&mut self, queue: &Receiver<Work>, kept: &dyn Fn()) {
        while let Ok(first) = queue.recv() {
            let (mut posts, mut count) = (Vec::new(), 0);
            let (mut records, mut writers) = (Vec::new(), Vec::new());
            let (mut lend, mut job) = (None, None);
            let mut next = Some(first);
            while let Some(work) = next.take() {
                match work {
                    Work::Keep(events, done) => {
                        count += events.len();
                        posts.push((events, done));
                    }
                    Work::Write(more, done) => {
                        count += more.len();
                        records.extend(more);
                        writers.push(done);
                    }
                    Work::Run(work) => job = Some(work),
                    Work::Lend(lent, returned) => lend = Some((lent, returned)),
                }
                if count < BATCH && lend.is_none() && job.is_none() {
                    next = queue.try_recv().ok();
                }
            }
            if !writers.is_empty() {
                let outcome = self.writing(|journal| journal.append(&records).map(drop));
                for done in writers {
                    done(outcome.clone().map_err(Error::Failed));
                }
            }
            let events = posts.iter().flat_map(|(events, _)| events);
            let events: Vec<Event<'_>> = events.map(EventRecord::event).collect();
            let outcome = self.append(&events);
            let came = !events.is_empty();
            for (_, done) in posts {
                done(outcome.clone().map_err(Error::Failed));
            }
            if outcome.is_ok() && came {
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
                // Whoever had it may have made room.
                self.rest = None;
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
        let began = Instant::now();
        if let Some((until, why)) = &self.rest
            && began < *until
        {
            return Err(why.clone());
        }
        self.rest = None;
        let written = self.journal().and_then(write);
        let failure = written.err().map(|error| error.to_string());
        if let Some(why) = &failure {
            self.journal = None;
            self.rest = Some((Instant::now() + rest_after(began.elapsed()), why.clone()));
        }
        let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        if *stopped != failure {
            match &failure {
                Some(why) => say(format_args!("articles and events are turned away: {why}")),
                None => say("articles and events are kept again"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_opened_once_for_many_batches_that_fail() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        std::fs::write(&path, "a file where the folder should be").expect("written");
        let mut writer = Writer {
            data: folder.path().to_owned(),
            journal: None,
            rest: None,
            stopped: Arc::new(Mutex::new(None)),
        };
        let why = writer.append(&[]).expect_err("no journal");
        let until = writer.rest.clone().expect("it rests").0;
        let mut refused = 0;
        while Instant::now() + LEAST_REST / 4 < until {
            assert_eq!(writer.append(&[]), Err(why.clone()));
            refused += 1;
        }
        // None of these has tried: it would rest for longer.
        assert!(refused > 10 && writer.rest.as_ref().is_some_and(|rest| rest.0 == until));
        std::fs::remove_file(&path).expect("removed");
        thread::sleep(until.saturating_duration_since(Instant::now()));
        assert_eq!(writer.append(&[]), Ok(()));
        assert_eq!(writer.rest, None);
    }

    #[test]
    fn a_rest_is_in_proportion_to_what_failing_takes() {
        let millis = Duration::from_millis;
        assert_eq!(rest_after(millis(0)), millis(20));
        assert_eq!(rest_after(millis(150)), millis(1500));
        assert_eq!(rest_after(millis(60_000)), millis(5000));
    }
}
