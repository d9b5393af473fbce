//! The rebuild behind a server: the next generation once enough articles changed, or one did long enough ago. The server
//! finds it as it finds any other.
//!
//! A server of a site has a process of its own do it, which takes gigabytes where there are many articles and gives all of
//! them back. It ends with the server.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::live::Engine;
use super::reindex::{Corpora, Reindex, Report};
use crate::config::{Config, Due};
use crate::corpus::EDITORIAL;
use crate::error::{Error, Result, say};
use crate::model::Severity;

/// How often it is looked whether a rebuild is due.
const LOOK: Duration = Duration::from_millis(250);
/// How long after one that failed the next is tried.
const AGAIN: Duration = Duration::from_secs(5);
/// How much less of the processor it gets than those that answer (`nice`).
const NICE: i32 = 10;
/// This program, whatever stands at its path by now.
#[cfg(target_os = "linux")]
const PROGRAM: &str = "/proc/self/exe";

/// Rebuilds to be run while a server serves.
#[derive(Debug)]
pub struct Rebuild {
    /// The data folder.
    pub data: PathBuf,
    /// Where the articles of the corpus come from.
    pub corpora: Corpora,
    /// What this program is started with to do it; it is done in this process where there is nothing.
    pub apart: Option<Vec<OsString>>,
}

/// What came of a rebuild.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rebuilt {
    /// The generation that it left.
    generation: u64,
    /// Whether it built that.
    built: bool,
    /// How many articles are new, others, and gone.
    added: usize,
    changed: usize,
    removed: usize,
    /// What is wrong with what editors tell.
    problems: Vec<String>,
}

/// What is known of the rebuilds that somebody asked for.
#[derive(Clone, Debug, Default)]
pub struct Rebuilding {
    /// How often one was asked for.
    asked: u64,
    /// How many of these a rebuild has answered.
    answered: u64,
    /// The generation that it left, and the one that serves.
    generation: u64,
    serving: u64,
    /// Why the last one did not come about, if it did not.
    pub failed: Option<String>,
    /// What the last one found wrong with what editors tell.
    pub problems: Vec<String>,
}

impl Rebuilding {
    /// Whether what was asked for does not serve yet.
    pub fn is_waiting(&self) -> bool {
        self.asked > self.answered || self.serving < self.generation
    }
}

impl Engine {
    /// Asks for a rebuild as soon as may be: what editors tell has changed.
    pub fn ask_rebuild(&self) {
        self.rebuilds().asked += 1;
    }

    /// What is known of the rebuilds that were asked for.
    pub fn rebuilding(&self) -> Rebuilding {
        Rebuilding {
            serving: self.snapshot().1.generation(),
            ..self.rebuilds().clone()
        }
    }

    pub(super) fn is_rebuild_asked(&self) -> bool {
        let rebuilds = self.rebuilds();
        rebuilds.asked > rebuilds.answered
    }

    fn rebuilds(&self) -> MutexGuard<'_, Rebuilding> {
        self.rebuilding
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note that a rebuild, which began when so many were `asked` for, ended with `outcome`.
    fn rebuilt(&self, asked: u64, outcome: &Result<Rebuilt>) {
        let mut rebuilds = self.rebuilds();
        match outcome {
            Ok(rebuilt) => {
                rebuilds.answered = asked;
                rebuilds.generation = rebuilt.generation;
                rebuilds.failed = None;
                rebuilds.problems.clone_from(&rebuilt.problems);
            }
            Err(error) => rebuilds.failed = Some(error.to_string()),
        }
    }
}

impl Rebuild {
    /// Looks from now on whether one is due, on a thread of low priority.
    ///
    /// # Errors
    /// [`Error::Failed`] if the system gives no thread.
    pub fn start(self, engine: std::sync::Weak<Engine>) -> Result<()> {
        let run = move || {
            lower_priority();
            let pool = rayon::ThreadPoolBuilder::new().build();
            let Ok(pool) = pool else {
                return say("no threads for rebuilds: run `readnext reindex` by hand");
            };
            let mut told = String::new();
            loop {
                thread::sleep(LOOK);
                let Some(engine) = engine.upgrade() else {
                    return;
                };
                if !engine.is_rebuild_due() {
                    continue;
                }
                match pool.install(|| self.run(&engine)) {
                    Ok(()) => told.clear(),
                    Err(error) => {
                        let error = error.to_string();
                        if told != error {
                            say(format_args!(
                                "the index is not rebuilt: {error}; trying again"
                            ));
                        }
                        told = error;
                        thread::sleep(AGAIN);
                    }
                }
            }
        };
        let started = thread::Builder::new().name("rebuild".to_owned()).spawn(run);
        started
            .map(drop)
            .map_err(|error| Error::Failed(format!("cannot start a thread: {error}")))
    }

    fn run(&self, engine: &Engine) -> Result<()> {
        let end = engine.articles_end();
        let asked = engine.rebuilds().asked;
        let here = || Rebuilt::by(&self.data, &engine.config(), self.corpora.clone());
        let outcome = match self.apart.as_deref().map(start) {
            Some(Ok(process)) => outcome_of(process),
            Some(Err(error)) => {
                say(format_args!(
                    "no process can be started for a rebuild ({error}); the server rebuilds itself"
                ));
                here()
            }
            None => here(),
        };
        engine.rebuilt(asked, &outcome);
        let rebuilt = outcome?;
        if rebuilt.built {
            say(format_args!(
                "rebuilt: {} added, {} changed, {} removed",
                rebuilt.added, rebuilt.changed, rebuilt.removed
            ));
        }
        engine.settle(end);
        Ok(())
    }
}

impl Rebuilt {
    /// Rebuilds the index of `data` from `corpora` as they were and from the journal.
    ///
    /// # Errors
    /// As [`Reindex::run`].
    pub fn by(data: &Path, config: &Config, corpora: Corpora) -> Result<Self> {
        let report = Reindex {
            data,
            config,
            corpora,
            incoming: None,
            journal_only: true,
            full: false,
            allow_shrink: false,
            verify: false,
        }
        .run(&|_| {});
        report.map(Self::from)
    }

    /// The same for a server that started this process and holds its standard input: ends where the server does.
    ///
    /// # Errors
    /// As [`Reindex::run`].
    pub fn for_server(data: &Path, config: &Config) -> Result<Self> {
        lower_priority();
        // Nothing comes but the end. What was not finished is no generation, and the next run clears it away.
        thread::spawn(|| {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            std::process::exit(1);
        });
        Self::by(data, config, Corpora::Roots(Vec::new()))
    }
}

impl From<Report> for Rebuilt {
    fn from(report: Report) -> Self {
        let told = report.problems.iter().filter(|problem| {
            problem.severity > Severity::Info && problem.path.ends_with(EDITORIAL)
        });
        Self {
            generation: report.generation,
            built: report.built,
            added: report.added.len(),
            changed: report.changed.len(),
            removed: report.removed.len(),
            problems: told.map(ToString::to_string).collect(),
        }
    }
}

/// Has a process of this program, started with `arguments`, rebuild.
fn start(arguments: &[OsString]) -> io::Result<Child> {
    Command::new(program()?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// What comes of the rebuild that `process` does.
fn outcome_of(mut process: Child) -> Result<Rebuilt> {
    // Closed when this process ends, however it does.
    let held = process.stdin.take();
    let ended = process
        .wait_with_output()
        .map_err(|error| Error::Failed(format!("its process was lost: {error}")))?;
    drop(held);
    let said = String::from_utf8_lossy(&ended.stderr);
    if let (true, Ok(rebuilt)) = (
        ended.status.success(),
        serde_json::from_slice(&ended.stdout),
    ) {
        said.lines().for_each(say);
        return Ok(rebuilt);
    }
    let last = said.lines().last().unwrap_or_default();
    let why = last.strip_prefix("readnext: ").unwrap_or(last);
    Err(Error::Failed(match why {
        "" => format!("its process ended with {}", ended.status),
        why => why.to_owned(),
    }))
}

#[cfg(target_os = "linux")]
fn program() -> io::Result<PathBuf> {
    Ok(PathBuf::from(PROGRAM))
}

#[cfg(not(target_os = "linux"))]
fn program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Lets whoever answers go first; threads that this one starts are as it is.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        say(format_args!("rebuilds run at normal priority: {error}"));
    }
}

impl Due {
    /// Whether a rebuild is due where `changed` of `articles` changed, the first of them `ago`.
    pub(super) fn is(&self, changed: usize, articles: usize, ago: Duration) -> bool {
        let share = 100.0 * changed as f64 / (articles as f64).max(1.0);
        changed > 0 && (share >= self.percent || ago >= self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::super::live::tests::{has, indexed, put};
    use super::*;
    use crate::journal::Journal;

    #[test]
    fn where_no_process_can_be_started_the_server_builds_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = indexed(folder.path());
        let (mut journal, _) = Journal::open(folder.path()).expect("opened");
        put(&engine, &mut journal, "/came");
        let rebuild = Rebuild {
            data: folder.path().to_owned(),
            corpora: Corpora::Roots(Vec::new()),
            // No system starts anything with such an argument.
            apart: Some(vec!["\0".into()]),
        };
        assert!(start(rebuild.apart.as_deref().unwrap_or_default()).is_err());
        engine.ask_rebuild();
        rebuild.run(&engine).expect("built");
        let switch = engine.refresh().expect("whole").expect("another one");
        assert_eq!((switch.generation, switch.damaged.len()), (2, 0));
        assert_eq!(engine.articles_waiting(), 0);
        assert!(!engine.rebuilding().is_waiting());
        assert!(has(&engine, "/came") && has(&engine, "kettle"));
    }
}
