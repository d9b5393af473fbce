//! The rebuild behind a server: the next generation once enough articles changed, or one did long enough ago. The server
//! finds it as it finds any other.

use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::live::Engine;
use super::reindex::{Corpora, Reindex, Report};
use crate::config::Due;
use crate::corpus::EDITORIAL;
use crate::error::{Error, Result, say};
use crate::model::Severity;

/// How often it is looked whether a rebuild is due.
const LOOK: Duration = Duration::from_millis(250);
/// How long after one that failed the next is tried.
const AGAIN: Duration = Duration::from_secs(5);
/// How much less of the processor its threads get than those that answer (`nice`).
const NICE: i32 = 10;

/// Rebuilds to be run while a server serves.
#[derive(Debug)]
pub struct Rebuild {
    /// The data folder.
    pub data: PathBuf,
    /// Where the articles of the corpus come from.
    pub corpora: Corpora,
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
    fn rebuilt(&self, asked: u64, outcome: &Result<Report>) {
        let mut rebuilds = self.rebuilds();
        match outcome {
            Ok(report) => {
                rebuilds.answered = asked;
                rebuilds.generation = report.generation;
                rebuilds.failed = None;
                let told = report.problems.iter().filter(|problem| {
                    problem.severity > Severity::Info && problem.path.ends_with(EDITORIAL)
                });
                rebuilds.problems = told.map(ToString::to_string).collect();
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
        let outcome = Reindex {
            data: &self.data,
            config: &engine.config(),
            corpora: self.corpora.clone(),
            incoming: None,
            journal_only: true,
            full: false,
            allow_shrink: false,
            verify: false,
        }
        .run(&|_| {});
        engine.rebuilt(asked, &outcome);
        let report = outcome?;
        if report.built {
            say(format_args!(
                "rebuilt: {} added, {} changed, {} removed",
                report.added.len(),
                report.changed.len(),
                report.removed.len()
            ));
        }
        engine.settle(end);
        Ok(())
    }
}

/// Lets whoever answers go first; threads that this one starts are as it is.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        say(format_args!("rebuilds run as fast as they can: {error}"));
    }
}

impl Due {
    /// Whether a rebuild is due where `changed` of `articles` changed, the first of them `ago`.
    pub(super) fn is(&self, changed: usize, articles: usize, ago: Duration) -> bool {
        let share = 100.0 * changed as f64 / (articles as f64).max(1.0);
        changed > 0 && (share >= self.percent || ago >= self.after)
    }
}
