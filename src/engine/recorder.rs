//! The one writer of a running server's journal: whatever waits, of events and of articles, is appended as one batch, and told
//! to be kept once it is.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::inbox::{Inbox, Keeping, Left, Other, Taken, Write};
use crate::error::{Error, Result, say};
use crate::journal::Journal;
use crate::model::Event;

/// Posts of a batch from which on the next batch may take a moment longer to come together.
const MANY: usize = 8;

/// From a batch of few posts to the next at least, where more than one at a time comes. Each batch costs a wait for the disk and wakes
/// whoever answers, for few posts as for many. Where many come together, waiting would hold all of them up.
const BETWEEN: Duration = Duration::from_millis(1);

/// After a failure the next one that tries waits this many times what the failure took, and this much at least and at most:
/// opening the journal reads its open segment, which may be done once for a batch but not for every one.
const REST: u32 = 10;
const LEAST_REST: Duration = Duration::from_millis(20);
const MOST_REST: Duration = Duration::from_secs(5);

/// Hands events to the thread that writes them.
#[derive(Debug)]
pub struct Recorder {
    inbox: Arc<Inbox>,
    stopped: Arc<Mutex<Option<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts to write the journal of `data`; `kept` is called after each batch. Where the journal cannot be had, that is
    /// said, and each event tries again.
    ///
    /// # Errors
    /// [`Error::Failed`] if the system gives no thread.
    pub fn start(data: &Path, kept: impl Fn() + Send + 'static) -> Result<Self> {
        let inbox = Arc::new(Inbox::default());
        let stopped = Arc::new(Mutex::new(None));
        let mut writer = Writer {
            data: data.to_owned(),
            journal: None,
            rest: None,
            stopped: Arc::clone(&stopped),
        };
        let left = Left(Arc::clone(&inbox));
        let run = move || {
            // An empty batch opens the journal, or says why that cannot be. Reading the open segment takes a while, for which
            // panels need not wait.
            let _ = writer.append(&[]);
            writer.run(&left.0, &kept);
        };
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(run)
            .map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            inbox,
            stopped,
            thread: Some(thread),
        })
    }

    /// Hands the `events` of one post over, for the task of `waker`.
    ///
    /// # Errors
    /// [`Error::InUse`] if too many wait already.
    pub fn keep<'a>(
        &self,
        events: impl Iterator<Item = Event<'a>>,
        waker: &Waker,
    ) -> Result<Keeping> {
        let outcome = self
            .inbox
            .add(|waiting| Ok(waiting.events.add(events, waker.clone())))?;
        Ok(Keeping::new(&self.inbox, outcome, waker))
    }

    /// Hands article records over; `done` is told when they are on the disk, or why they are not.
    ///
    /// # Errors
    /// As [`Recorder::keep`]; `done` is then not called.
    pub fn write(
        &self,
        records: Vec<Vec<u8>>,
        done: impl FnOnce(Result<()>) + Send + 'static,
    ) -> Result<()> {
        self.inbox.add(|waiting| {
            waiting.writes.push((records, Box::new(done)));
            Ok(())
        })
    }

    /// Has `job` done with the journal, after all that waits. An error means that the disk refuses: it is treated like that of
    /// a write.
    ///
    /// # Errors
    /// [`Error::InUse`] if too much waits already.
    pub fn run(&self, job: impl FnOnce(&mut Journal) -> Result<()> + Send + 'static) -> Result<()> {
        self.inbox.add(|waiting| {
            waiting.others.push_back(Other::Run(Box::new(job)));
            Ok(())
        })
    }

    /// Lets another process write: `lent` is sent to once the journal is free, and it is taken again when `returned` has
    /// no sender any more.
    ///
    /// # Errors
    /// [`Error::InUse`] if too much waits already.
    pub fn lend(&self, lent: SyncSender<()>, returned: Receiver<()>) -> Result<()> {
        self.inbox.add(|waiting| {
            waiting.others.push_back(Other::Lend(lent, returned));
            Ok(())
        })
    }

    /// Why nothing is written at the moment, if that is so.
    pub fn stopped(&self) -> Option<String> {
        let stopped = self.stopped.lock();
        stopped.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Recorder {
    /// Writes what waits.
    fn drop(&mut self) {
        self.inbox.close();
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
    fn run(&mut self, inbox: &Inbox, kept: &dyn Fn()) {
        // Two take turns: one fills up while the other is written.
        let mut events = Batch::default();
        while let Some(Taken { writes, other }) = inbox.take(&mut events) {
            let begun = Instant::now();
            self.write(writes);
            let few = (2..MANY).contains(&events.posts());
            if events.posts() > 0 {
                let outcome = self.append(&events.events());
                let many = events.posts() >= MANY;
                inbox.end(&mut events, outcome.is_ok());
                if many {
                    // Where processors are short, those that bring more go first: a write costs the same for few and for many.
                    thread::yield_now();
                }
                if outcome.is_ok() {
                    kept();
                }
            }
            match other {
                Some(Other::Run(job)) => {
                    // What came of it is said where it is said of events.
                    let _ = self.writing(job);
                }
                Some(Other::Lend(lent, returned)) => {
                    self.journal = None;
                    // Whoever asked may be gone already.
                    let _ = lent.send(());
                    let _ = returned.recv();
                    // Whoever had it may have made room.
                    self.rest = None;
                }
                None => {}
            }
            if few {
                thread::sleep(BETWEEN.saturating_sub(begun.elapsed()));
            }
        }
    }

    /// Appends article records as one batch.
    fn write(&mut self, writes: Vec<Write>) {
        if writes.is_empty() {
            return;
        }
        let (records, told): (Vec<_>, Vec<_>) = writes.into_iter().unzip();
        let records: Vec<Vec<u8>> = records.into_iter().flatten().collect();
        let outcome = self.writing(|journal| journal.append(&records).map(drop));
        for done in told {
            done(outcome.clone().map_err(Error::Failed));
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
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::mpsc::sync_channel;
    use std::task::{Context, Poll, Wake};
    use std::thread::Thread;

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

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    /// What comes of `keeping`, for which this thread waits.
    fn outcome(mut keeping: Keeping) -> bool {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut keeping).poll(&mut context) {
                Poll::Ready(kept) => return kept,
                Poll::Pending => thread::park(),
            }
        }
    }

    #[test]
    fn a_task_that_takes_over_is_told_what_came_of_the_events() {
        let folder = tempfile::tempdir().expect("a folder");
        let recorder = Recorder::start(folder.path(), || {}).expect("started");
        let mut kept = 0;
        for at in 0..50 {
            let event = Event { at, ..Event::VIEW };
            let keeping = recorder.keep([event].into_iter(), Waker::noop());
            kept += i64::from(outcome(keeping.expect("room")));
        }
        drop(recorder);
        let (journal, problems) = Journal::open(folder.path()).expect("opened");
        assert_eq!((kept, problems), (50, vec![]));
        assert_eq!(journal.next_event(), 51);
    }

    #[test]
    fn a_writer_that_panics_leaves_nobody_waiting() {
        let folder = tempfile::tempdir().expect("a folder");
        let recorder = Recorder::start(folder.path(), || {}).expect("started");
        let (begun, is_begun) = sync_channel(0);
        let (go, goes) = sync_channel::<()>(0);
        let job = move |_: &mut Journal| {
            begun.send(()).expect("waited for");
            goes.recv().expect("told");
            panic!("a job of a test")
        };
        recorder.run(job).expect("room");
        is_begun.recv().expect("begun");
        let keep = || recorder.keep([Event::VIEW].into_iter(), Waker::noop());
        let keeping = keep().expect("room");
        go.send(()).expect("waited for");
        assert!(!outcome(keeping));
        let told = keep().expect_err("nobody writes").to_string();
        assert!(told.contains("writer is gone"), "{told}");
    }

    #[test]
    fn a_rest_is_in_proportion_to_what_failing_takes() {
        let millis = Duration::from_millis;
        assert_eq!(rest_after(millis(0)), millis(20));
        assert_eq!(rest_after(millis(150)), millis(1500));
        assert_eq!(rest_after(millis(60_000)), millis(5000));
    }
}
