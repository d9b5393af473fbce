//! The one writer of a journal, of all kinds of records: what it adds is on the disk when it says so.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::SystemTime;

use super::compact::compact;
use super::events::{EventLog, Verdicts, erase};
use super::folder::{folder, sync};
use super::kind::Kind;
use super::log::Log;
use super::trim;
use crate::error::{Error, Result, say};
use crate::model::{Event, KeyedHash, Problem};

const README: &str = include_str!("README.md");

/// The journal of a data folder, held for writing; let go when dropped.
#[derive(Debug)]
pub struct Journal {
    data: PathBuf,
    articles: Log,
    events: EventLog,
    /// Why nothing is written any more: after a failed write or sync nobody knows what the file holds.
    stopped: Option<String>,
    _lock: File,
}

impl Journal {
    /// Opens the journal of `data` for writing, and makes it if there is none. A part of a record at the end of articles or
    /// events, left by a write that did not end, is cut off; the problems say how much that was.
    ///
    /// # Errors
    /// [`Error::InUse`] while another process writes it, [`Error::Newer`] if a later readnext wrote it, [`Error::Failed`]
    /// if the disk refuses.
    pub fn open(data: &Path) -> Result<(Self, Vec<Problem>)> {
        Self::open_rolling(data, Kind::roll_over)
    }

    /// The same, with segments that are not added to once they have as many bytes as `roll_over` says.
    pub(super) fn open_rolling(
        data: &Path,
        roll_over: impl Fn(Kind) -> u64,
    ) -> Result<(Self, Vec<Problem>)> {
        let folder = folder(data);
        if !folder.exists() {
            fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, &error))?;
            sync(data)?;
        }
        let lock = lock(&folder)?;
        let readme = folder.join("README.md");
        // One of another version tells of other files.
        if fs::read(&readme).ok().as_deref() != Some(README.as_bytes()) {
            fs::write(&readme, README).map_err(|error| Error::io("write", &readme, &error))?;
        }
        let kind = Kind::Articles;
        let (articles, cut_articles) = Log::open(kind, &folder, roll_over(kind), |_, _| ())?;
        let (mut events, told) = EventLog::open(&folder, roll_over(Kind::Events))?;
        trim::finish(data, &mut events)?;
        let journal = Self {
            data: data.to_owned(),
            articles,
            events,
            stopped: None,
            _lock: lock,
        };
        Ok((journal, cut_articles.into_iter().chain(told).collect()))
    }

    /// The number that the next article record gets.
    pub fn next_sequence(&self) -> u64 {
        self.articles.next_sequence()
    }

    /// The number that the next event gets.
    pub fn next_event(&self) -> u64 {
        self.events.next_sequence()
    }

    /// Adds article records as one batch; when this returns, they are on the disk. The number of the first.
    ///
    /// # Errors
    /// [`Error::Failed`] if the disk refuses. Some of the records may be there nevertheless; this writer then refuses all
    /// that come later, as a second `fdatasync` after a failed one says nothing about what the first one lost.
    pub fn append(&mut self, payloads: &[Vec<u8>]) -> Result<u64> {
        self.check()?;
        if payloads.is_empty() {
            return Ok(self.next_sequence());
        }
        if self.articles.begins_anew()
            && let Err(error) = compact(&folder(&self.data))
        {
            // What is out of date takes room and nothing else.
            say(format_args!(
                "the journal's articles are not compacted: {error}"
            ));
        }
        self.stopping(|journal| journal.articles.append(payloads.iter()))
    }

    /// Adds events as one batch, known or not; when this returns, they are on the disk. The number of the first.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_events(&mut self, events: &[Event<'_>]) -> Result<u64> {
        self.check()?;
        if events.is_empty() {
            return Ok(self.next_event());
        }
        self.stopping(|journal| journal.events.append(events))
    }

    /// Adds those of `events` whose [`identity`](super::identity) is neither in the journal nor earlier in `events`, as one
    /// batch; when this returns, they are on the disk.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn append_new(&mut self, events: &[Event<'_>]) -> Result<Verdicts> {
        self.check()?;
        let judged = self.events.judge(events)?;
        self.stopping(|journal| journal.events.append_judged(events, &judged))
    }

    /// Erases all events of `visitor`; how many there were. Their numbers are not given again.
    ///
    /// # Errors
    /// As [`Journal::append`]. Some of them may be erased then; a second run erases the others.
    pub fn erase(&mut self, visitor: KeyedHash) -> Result<u64> {
        self.check()?;
        self.stopping(|journal| {
            let erased = erase(&journal.data, visitor)?;
            let folder = folder(&journal.data);
            (journal.events, _) = EventLog::open(&folder, Kind::roll_over(Kind::Events))?;
            Ok(erased)
        })
    }

    /// Begins another segment of events if the open one was begun before `before`, so that it can be trimmed in time.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn roll_events(&mut self, before: SystemTime) -> Result<()> {
        self.check()?;
        if trim::begun(&self.data)?.is_some_and(|begun| begun < before) {
            self.stopping(|journal| journal.events.roll())?;
        }
        Ok(())
    }

    /// Puts the [`checkpoint_draft`](super::checkpoint_draft), which holds what the events before `next` have added up to,
    /// in the place of these, and removes their segments. Not if something was erased since: `erasures` is how often that had
    /// happened before the draft was made. Whether it was done.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn trim(&mut self, next: u64, erasures: u64) -> Result<bool> {
        self.check()?;
        if super::erasures(&self.data)? != erasures || next > self.next_event() {
            return Ok(false);
        }
        self.stopping(|journal| trim::put_in_force(&journal.data, next, &mut journal.events))?;
        Ok(true)
    }

    /// The events, to look at them from tests.
    #[cfg(test)]
    pub(super) fn events_for_test(&mut self) -> &mut EventLog {
        &mut self.events
    }

    fn check(&self) -> Result<()> {
        match &self.stopped {
            Some(why) => Err(Error::Failed(why.clone())),
            None => Ok(()),
        }
    }

    /// Runs `write`; after a failure it was the last one.
    fn stopping<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        write(self).map_err(|error| {
            let why = format!(
                "{error}; nothing more is written to the journal, and what was written before is kept: mend the disk, then run the command again"
            );
            self.stopped = Some(why.clone());
            Error::Failed(why)
        })
    }
}

/// Keeps writers away from a journal until it is dropped.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

/// Keeps writers away from the journal of `data` without looking at what is in it; `None` where there is none.
///
/// # Errors
/// [`Error::InUse`] while another process writes it, [`Error::Failed`] if it cannot be locked.
pub fn hold(data: &Path) -> Result<Option<Hold>> {
    let folder = folder(data);
    let lock = folder.exists().then(|| lock(&folder)).transpose()?;
    Ok(lock.map(|lock| Hold { _lock: lock }))
}

/// Keeps other writers away.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("LOCK");
    let failed = |action: &str, error: &io::Error| Error::io(action, &path, error);
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| failed("write", &error))?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)
                .and_then(|()| writeln!(file, "process {}", process::id()))
                .map_err(|error| failed("write", &error))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Whoever has just locked it may not have said who it is.
            let _ = file.read_to_string(&mut holder);
            let holder = match holder.trim() {
                "" => "another process",
                holder => holder,
            };
            Err(Error::InUse(format!(
                "{} is being written by {holder}; wait until it is done",
                folder.display()
            )))
        }
        Err(TryLockError::Error(error)) => Err(failed("lock", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read, read_events};
    use super::*;

    #[test]
    fn after_a_failed_write_nothing_more_is_written() {
        for broken in [Kind::Articles, Kind::Events] {
            let folder = tempfile::tempdir().expect("a folder");
            let data = folder.path();
            let (mut journal, _) = Journal::open(data).expect("made");
            journal.append(&[b"one".to_vec()]).expect("kept");
            journal.append_events(&[Event::VIEW]).expect("kept");
            let two = Event {
                at: 2,
                ..Event::VIEW
            };
            match broken {
                Kind::Articles => {
                    journal.articles.break_for_test();
                    journal.append(&[b"two".to_vec()]).expect_err("refused");
                }
                Kind::Events => {
                    journal.events.break_for_test();
                    journal.append_new(&[two]).expect_err("refused");
                }
            }
            for error in [
                journal.append(&[b"two".to_vec()]).expect_err("refused"),
                journal.append_events(&[two]).expect_err("refused"),
                journal.append_new(&[two]).expect_err("refused"),
            ] {
                let told = error.to_string();
                assert!(told.contains("nothing more is written"), "{told}");
                assert_eq!(told.matches("nothing more").count(), 1, "{told}");
            }
            drop(journal);
            let mut numbers = Vec::new();
            let problems = read(data, 0, |number, _| {
                numbers.push(number);
                Ok(())
            });
            assert_eq!(problems.expect("read"), []);
            let problems = read_events(data, 0, |number, _| {
                numbers.push(number);
                Ok(())
            });
            assert_eq!((numbers, problems.expect("read")), (vec![1, 1], vec![]));
        }
    }
}
