//! The journal between processes: a server that holds it lends it to a command that has something to write.
//!
//! The command connects to `readnext.sock` in the data folder and asks; the server finishes what it is writing, lets go of the
//! journal and says so; when the command closes the connection, the server takes the journal again.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::recorder::Recorder;
use crate::error::{Error, Result, say};
use crate::journal::Journal;
use crate::model::Problem;

/// What a command sends; whoever only looks whether somebody lends sends nothing.
const ASKED: &[u8] = b"lend\n";
/// What the server sends once the journal is free.
const LENT: &[u8] = b"lent\n";
/// How long a command waits for a server to let go of its journal.
const PATIENCE: Duration = Duration::from_secs(10);

/// A journal that may be written, of a server's or nobody's.
#[derive(Debug)]
pub struct Borrowed {
    /// The journal.
    pub journal: Journal,
    /// What was cut off it when it was opened.
    pub problems: Vec<Problem>,
    /// Closed after the journal: fields are dropped in order.
    lender: Option<UnixStream>,
}

impl Borrowed {
    /// Opens the journal of `data`; if a server has it, borrows it.
    ///
    /// # Errors
    /// As [`Journal::open`]; [`Error::InUse`] if whoever has it does not lend it.
    pub fn open(data: &Path) -> Result<Self> {
        let (lender, (journal, problems)) = match Journal::open(data) {
            Err(Error::InUse(held)) => {
                let lender = borrow(data).map_err(|_| Error::InUse(held))?;
                (Some(lender), Journal::open(data)?)
            }
            other => (None, other?),
        };
        Ok(Self {
            journal,
            problems,
            lender,
        })
    }

    /// Whether a server waits for it.
    pub fn is_lent(&self) -> bool {
        self.lender.is_some()
    }
}

/// Whether a server lends the journal of `data`, and so writes it.
pub(super) fn is_lent(data: &Path) -> bool {
    UnixStream::connect(socket(data)).is_ok()
}

/// Asks the server of `data` for its journal.
fn borrow(data: &Path) -> io::Result<UnixStream> {
    let mut lender = UnixStream::connect(socket(data))?;
    lender.set_read_timeout(Some(PATIENCE))?;
    lender.write_all(ASKED)?;
    let mut answer = [0; LENT.len()];
    lender.read_exact(&mut answer)?;
    if answer == LENT {
        Ok(lender)
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn socket(data: &Path) -> PathBuf {
    data.join("readnext.sock")
}

/// A server's offer to lend its journal; withdrawn when dropped.
#[derive(Debug)]
pub struct Lender(PathBuf);

impl Lender {
    /// Lends the journal that `recorder` writes to whoever asks at the socket of `data`.
    ///
    /// # Errors
    /// [`Error::InUse`] if another server lends it there, [`Error::Failed`] if the socket cannot be made.
    pub fn start(data: &Path, recorder: &Arc<Recorder>) -> Result<Self> {
        let path = socket(data);
        let failed = |error: &io::Error| Error::io("listen at", &path, error);
        if UnixStream::connect(&path).is_ok() {
            return Err(Error::InUse(format!(
                "another server lends the journal at {}",
                path.display()
            )));
        }
        // Nobody answers: whoever had it is gone.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(|error| failed(&error))?;
        let recorder = Arc::downgrade(recorder);
        let serve = move || {
            for borrower in listener.incoming() {
                let (Ok(borrower), Some(recorder)) = (borrower, recorder.upgrade()) else {
                    return;
                };
                if let Err(error) = lend(borrower, &recorder) {
                    say(format_args!("the journal could not be lent: {error}"));
                }
            }
        };
        thread::Builder::new()
            .name("lender".to_owned())
            .spawn(serve)
            .map_err(|error| failed(&error))?;
        Ok(Self(path))
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        // The thread ends at its next borrower; there is none any more once the socket is gone.
        let _ = UnixStream::connect(&self.0);
        let _ = fs::remove_file(&self.0);
    }
}

/// Lends the journal until `borrower` closes the connection.
fn lend(mut borrower: UnixStream, recorder: &Recorder) -> Result<()> {
    let gone = |error: io::Error| Error::Failed(error.to_string());
    borrower.set_read_timeout(Some(PATIENCE)).map_err(gone)?;
    let mut asked = [0; ASKED.len()];
    if borrower.read_exact(&mut asked).is_err() || asked != ASKED {
        return Ok(());
    }
    borrower.set_read_timeout(None).map_err(gone)?;
    let (lent, is_lent) = sync_channel(1);
    let (keep, returned) = sync_channel(0);
    recorder.lend(lent, returned)?;
    is_lent
        .recv()
        .map_err(|_| Error::Failed("the journal's writer is gone".to_owned()))?;
    borrower.write_all(LENT).map_err(gone)?;
    // Nothing more is sent: this ends when the other end is closed, by the process or by its death.
    let mut rest = Vec::new();
    let ended = borrower.read_to_end(&mut rest);
    drop(keep);
    ended.map(drop).map_err(gone)
}
