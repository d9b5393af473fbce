//! The log of a server, on stderr. A thread of its own writes it, so that no request waits for whoever reads it: what that
//! thread cannot get rid of in time is left out and counted.
//!
//! How a line looks, and what is never in one, is said in `log_line.rs`.

use std::io::{self, Write};
use std::iter::once;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, SystemTime};

use super::log_line::{Answered, append_answered, append_said};
use crate::config::LogForm;
use crate::error::{Error, Result, hear};

/// Lines that wait to be written, at most.
const WAITING: usize = 8192;
/// Lines that are written together, at most.
const TOGETHER: usize = 256;
/// How long the first and the last lines of a server may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// The log. Its copies write to the same.
#[derive(Clone, Debug)]
pub struct Log {
    lines: SyncSender<Line>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    json: AtomicBool,
    left_out: AtomicU64,
    closed: AtomicBool,
}

#[derive(Debug)]
enum Line {
    Said(SystemTime, String),
    Answered(SystemTime, Answered),
    /// Told when all before is written.
    Written(SyncSender<()>),
}

impl Log {
    /// Begins the log of this process: whatever is said goes to it from now on.
    ///
    /// # Errors
    /// [`Error::Failed`] if its thread cannot be started.
    pub fn begin(form: LogForm) -> Result<Self> {
        let (lines, waiting) = sync_channel(WAITING);
        let log = Self {
            lines,
            shared: Arc::default(),
        };
        log.write_as(form);
        let shared = Arc::clone(&log.shared);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&waiting, &shared, &mut io::stderr()))
            .map_err(|error| Error::Failed(format!("cannot start the log's thread: {error}")))?;
        let listening = log.clone();
        hear(move |text| listening.say(text));
        Ok(log)
    }

    /// How lines look from now on.
    pub(super) fn write_as(&self, form: LogForm) {
        let json = form == LogForm::Json;
        self.shared.json.store(json, Ordering::Relaxed);
    }

    /// Has an answer written.
    pub(super) fn answered(&self, answered: Answered) {
        self.add(Line::Answered(SystemTime::now(), answered));
    }

    /// Has `text` written; gives it back where the log has ended.
    fn say(&self, text: String) -> Option<String> {
        if self.shared.closed.load(Ordering::Relaxed) {
            return Some(text);
        }
        self.add(Line::Said(SystemTime::now(), text));
        None
    }

    fn add(&self, line: Line) {
        if self.lines.try_send(line).is_err() {
            self.shared.left_out.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all lines so far are written; whether they were in time.
    pub(super) fn flush(&self) -> bool {
        let (written, all_written) = sync_channel(1);
        self.add(Line::Written(written));
        all_written.recv_timeout(FAREWELL).is_ok()
    }

    /// Ends the log: what is said later goes to stderr itself. Returns once all lines are written, or take too long.
    pub fn end(&self) {
        // Whoever does not read stderr now will not read what is said there later either.
        let in_time = self.flush();
        self.shared.closed.store(in_time, Ordering::Relaxed);
    }
}

/// Writes what waits to `out` until nobody can add to it.
fn write(waiting: &Receiver<Line>, shared: &Shared, out: &mut impl Write) {
    let mut text = String::new();
    let mut asking = Vec::new();
    while let Ok(first) = waiting.recv() {
        let json = shared.json.load(Ordering::Relaxed);
        for line in once(first).chain(waiting.try_iter()).take(TOGETHER) {
            match line {
                Line::Said(at, said) => append_said(&mut text, json, at, &said),
                Line::Answered(at, answered) => append_answered(&mut text, json, at, &answered),
                Line::Written(written) => asking.push(written),
            }
        }
        let left_out = shared.left_out.swap(0, Ordering::Relaxed);
        if left_out > 0 {
            let said =
                format!("{left_out} lines are left out here: they came faster than they were read");
            append_said(&mut text, json, SystemTime::now(), &said);
        }
        // A log that cannot be written is no reason to stop.
        let _ = out.write_all(text.as_bytes());
        text.clear();
        for asked in mem::take(&mut asking) {
            let _ = asked.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log that nobody writes, and what waits in it.
    fn unread() -> (Log, Receiver<Line>) {
        let (lines, waiting) = sync_channel(WAITING);
        let shared = Arc::default();
        (Log { lines, shared }, waiting)
    }

    #[test]
    fn whoever_speaks_never_waits_and_what_is_left_out_is_counted() {
        let (log, waiting) = unread();
        for number in 0..WAITING + 7 {
            assert_eq!(log.say(format!("line {number}")), None);
        }
        let shared = Arc::clone(&log.shared);
        drop(log);
        let mut out = Vec::new();
        write(&waiting, &shared, &mut out);
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text.lines().count(), WAITING + 1);
        assert!(text.contains(" 7 lines are left out here"), "{text}");
        assert!(text.contains(" line 0\n"));
    }
}
