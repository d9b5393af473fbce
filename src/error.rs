//! The one error type of the crate, written for the reader of the message.
//!
//! A message is lowercase, has no final dot, and says what was found, what was expected and what to do. Only `main`
//! prints an error; only `serve` maps it to HTTP. The kind of an error decides the exit code, its text the rest.
//! Panics of third-party code are contained here too, quietly, because nothing above may die of one.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::panic::{self, UnwindSafe};
use std::path::Path;
use std::sync::{Once, OnceLock};

/// What went wrong, by what the caller can do about it.
#[derive(Debug)]
pub enum Error {
    /// A flag, an argument or a request parameter cannot be used (exit 2, HTTP 400).
    Usage(String),
    /// The article asked for does not exist or is a draft (exit 1, HTTP 404).
    UnknownArticle(String),
    /// `readnext.toml`, `sources.toml` or an environment variable cannot be used (exit 4).
    Config(String),
    /// Another process holds what this one needs (exit 5).
    InUse(String),
    /// A view does not hold what was written; the message adds the command that builds it again (exit 6).
    Damaged(String),
    /// What is no view does not hold what was written: the journal, a backup (exit 6).
    Broken(String),
    /// A file of ours is of a format that a later readnext made (exit 6).
    Newer(String),
    /// There is no index yet, or the operating system refused something (exit 1).
    Failed(String),
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The process exit code that the commands' contract gives to this kind of error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::UnknownArticle(_) | Error::Failed(_) => 1,
            Error::Usage(_) => 2,
            Error::Config(_) => 4,
            Error::InUse(_) => 5,
            Error::Damaged(_) | Error::Broken(_) | Error::Newer(_) => 6,
        }
    }

    /// An operating-system failure while doing `action` ("read", "create") to `path`.
    pub fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        Error::Failed(format!("cannot {action} {}: {error}", path.display()))
    }

    /// The same error, with what holds nevertheless said before it.
    #[must_use]
    pub fn after(self, told: &str) -> Self {
        let joined = |text: String| format!("{told}: {text}");
        match self {
            Error::Usage(text) => Error::Usage(joined(text)),
            Error::UnknownArticle(_) => self,
            Error::Config(text) => Error::Config(joined(text)),
            Error::InUse(text) => Error::InUse(joined(text)),
            Error::Damaged(text) => Error::Damaged(joined(text)),
            Error::Broken(text) => Error::Broken(joined(text)),
            Error::Newer(text) => Error::Newer(joined(text)),
            Error::Failed(text) => Error::Failed(joined(text)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UnknownArticle(id) => write!(
                f,
                "unknown article {id:?}: expected the id, path or address of an indexed article"
            ),
            Error::Damaged(text) => {
                write!(f, "{text}; run `readnext reindex` to build it again")
            }
            Error::Usage(text)
            | Error::Config(text)
            | Error::InUse(text)
            | Error::Broken(text)
            | Error::Newer(text)
            | Error::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

/// Who takes what is said in place of stderr.
type Listener = Box<dyn Fn(String) -> Option<String> + Send + Sync>;
static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Writes a line to stderr, for whoever runs this. One that cannot be written (a log on a full disk) is no reason to stop,
/// as it is for `eprintln!`.
pub fn say(text: impl fmt::Display) {
    let unheard = match LISTENER.get() {
        Some(listener) => listener(text.to_string()),
        None => Some(text.to_string()),
    };
    if let Some(text) = unheard {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Has `listener` take what is said from now on, panics included; what it gives back goes to stderr. The first listener of
/// a process stays.
pub fn hear(listener: impl Fn(String) -> Option<String> + Send + Sync + 'static) {
    watch_panics();
    let _ = LISTENER.set(Box::new(listener));
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Says what panicked, once for the process; of panics that are contained nothing.
fn watch_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| match LISTENER.get() {
            _ if QUIET.get() => {}
            Some(_) => say(info),
            None => loud(info),
        }));
    });
}

/// Runs `work` and turns a panic inside it into `None`, without a word on stderr.
///
/// Other panics of the process keep their message: the hook that is installed on first use asks the panicking thread.
pub fn contain<T>(work: impl FnOnce() -> T + UnwindSafe) -> Option<T> {
    watch_panics();
    let before = QUIET.replace(true);
    let outcome = panic::catch_unwind(work);
    QUIET.set(before);
    outcome.ok()
}
