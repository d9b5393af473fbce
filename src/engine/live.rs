//! The engine of a running server: the current snapshot, switched when a new generation is published.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};

use super::arrivals::{Arrivals, Earlier, Write};
use super::counted::Counted;
use super::laying::Laying;
use super::overlay::Overlay;
use super::rebuild::Rebuilding;
use super::sent;
use super::snapshot::Snapshot;
use crate::config::Config;
use crate::error::{Error, Result, say};
use crate::index::{Generations, ReadFile};
use crate::journal::{EventReader, checkpoint, erasures, events_end};
use crate::model::{ArticleId, Problem};

/// How often, and between which pauses, it is looked whether requests have let go of a snapshot.
const LOOKS: usize = 500;
const LOOK: Duration = Duration::from_millis(2);
/// Articles that are laid over the next generation before it is looked again what came.
const TOGETHER: usize = 16;

/// Holds the snapshot that requests read; readers never wait for a switch.
#[derive(Debug)]
pub struct Engine {
    generations: Generations,
    config: ArcSwap<Config>,
    data: PathBuf,
    /// What the snapshot counts was read up to here; whoever has it may change that.
    events: Mutex<Following>,
    /// The journal's articles; nobody holds them for longer than reading them takes.
    arrivals: Mutex<Arrivals>,
    /// Lays them over the generation; whoever has this may change what the snapshot differs by. Taken before them.
    laying: Mutex<Laying>,
    /// Lays them over the next generation before that serves; whoever has this may open one. Taken first.
    next: Mutex<Laying>,
    /// What `CURRENT` held when the snapshot was opened, and the snapshot.
    current: ArcSwap<(Option<String>, Snapshot)>,
    /// What `CURRENT` held when the generation that it names was refused; files do not heal, so it is not opened again.
    refused: ArcSwapOption<Option<String>>,
    /// Rebuilds that somebody asked for.
    pub(super) rebuilding: Mutex<Rebuilding>,
}

/// A reader of the journal's events as they come, and how often something had been erased from them before.
#[derive(Debug)]
struct Following {
    reader: EventReader,
    erasures: u64,
    /// The number of the first event that is not in the checkpoint that the counts go on from; 0 where there is none.
    checkpoint: u64,
    /// Whether what was counted at first is known to be of this journal.
    checked: bool,
    /// Events that were counted and are not in the read file.
    unpublished: u64,
}

impl Following {
    /// Goes on behind what `counted` counts.
    fn after(data: &Path, counted: &Counted) -> Self {
        Self {
            reader: EventReader::open(data, counted.fold.next()),
            erasures: counted.erasures,
            checkpoint: counted.checkpoint,
            checked: false,
            unpublished: 0,
        }
    }
}

/// What came of following the journal.
#[derive(Debug, Default)]
pub struct Followed {
    /// How many events are counted that are not in the read file.
    pub unpublished: u64,
    /// What of the journal is damaged.
    pub problems: Vec<Problem>,
}

/// How far the journal goes, and what is kept of its counts.
#[derive(Clone, Copy, Debug)]
pub struct KeptCounts {
    /// The number of the next event to come.
    pub journal: u64,
    /// The number of the first event that the read file does not count, and the digest of the file.
    pub file: Option<(u64, u64)>,
}

/// A switch to another generation.
#[derive(Debug)]
pub struct Switch {
    /// The number of the generation that serves now.
    pub generation: u64,
    /// Views of it that are damaged; panels do not need them.
    pub damaged: Vec<Error>,
}

/// There is no index of `data`: what to run to have one.
pub fn no_index(data: &Path) -> Error {
    let is_known = data.join("sources.toml").exists() || data.join("corpus").exists();
    Error::Failed(format!(
        "found no index under {}; run `readnext reindex{}` first",
        data.display(),
        if is_known { "" } else { " --corpus PATH" }
    ))
}

impl Engine {
    /// Opens the current generation under `data`, or the newest whole one where that is damaged.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is none, [`Error::Damaged`] if none is what was written.
    pub fn open(data: &Path, config: &Config) -> Result<Self> {
        let generations = Generations::under(data);
        let line = generations.current_line();
        let snapshot = Snapshot::open(&generations, config)?.ok_or_else(|| no_index(data))?;
        // The events after those of the read file are counted by `follow`, while panels are served already.
        let counted = Counted::filed(data)?;
        counted.problems.iter().for_each(say);
        let events = Following::after(data, &counted);
        snapshot.count(counted.fold);
        Ok(Self {
            generations,
            config: ArcSwap::from_pointee(config.clone()),
            data: data.to_owned(),
            events: Mutex::new(events),
            arrivals: Mutex::new(Arrivals::of(data)),
            laying: Mutex::default(),
            next: Mutex::default(),
            current: ArcSwap::from_pointee((line, snapshot)),
            refused: ArcSwapOption::empty(),
            rebuilding: Mutex::default(),
        })
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The snapshot to read for one request.
    pub fn snapshot(&self) -> Arc<(Option<String>, Snapshot)> {
        self.current.load_full()
    }

    /// Counts the events that came to the journal since the last call, whoever wrote them.
    ///
    /// # Errors
    /// [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
    pub fn follow(&self) -> Result<Followed> {
        let mut events = held(&self.events);
        let current = self.current.load_full();
        let mut followed = Followed::default();
        let trimmed = checkpoint(&self.data)?.map_or(0, |checkpoint| checkpoint.next);
        if trimmed != events.checkpoint {
            // Whoever reads beside this server need not count what it has counted.
            let counted = Counted::load(&self.data, i64::MAX)?;
            counted.publish(&self.data)?;
            self.count_anew(&mut events)?;
        } else if erasures(&self.data)? != events.erasures
            || !events.checked && events.reader.next_sequence() > events_end(&self.data)?.max(1)
        {
            self.count_anew(&mut events)?;
        }
        events.checked = true;
        let mut counting = current.1.counting();
        let problems = events.reader.poll(|sequence, event| {
            counting.add(sequence, event);
            followed.unpublished += 1;
            Ok(())
        });
        drop(counting);
        followed.problems = problems?;
        events.unpublished += followed.unpublished;
        followed.unpublished = events.unpublished;
        Ok(followed)
    }

    /// Shows the articles that came to the journal since the last call, whoever wrote them; what of it is damaged.
    ///
    /// # Errors
    /// As [`Engine::follow`].
    pub fn follow_articles(&self) -> Result<Vec<Problem>> {
        let mut laying = held(&self.laying);
        let current = self.current.load_full();
        let problems = self.arrivals().poll(current.1.manifest().pushed)?;
        let mut overlay = match laying.broke_off() {
            true => Overlay::default(),
            false => current.1.overlay().clone(),
        };
        let fresh = self.arrivals().after(laying.end(), usize::MAX);
        if fresh.is_empty() {
            return Ok(problems);
        }
        let times = laying.lay(&current.1, &mut overlay, fresh);
        self.arrivals().took(&times);
        // Nobody else stores another while laying is held.
        let snapshot = current.1.with(overlay);
        self.current.store(Arc::new((current.0.clone(), snapshot)));
        Ok(problems)
    }

    /// Checks `record`, an article that is to have the id `given` if that is some, on line `line` of what came, after the
    /// writes of `earlier`, among which it is from then on.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn put(
        &self,
        given: Option<&str>,
        line: u64,
        record: &[u8],
        earlier: &mut Earlier,
    ) -> std::result::Result<Write, Vec<Problem>> {
        let current = self.current.load_full();
        let (read, problems) = sent::read(&current.1, given, line, record);
        match read {
            Some(read) => Ok(self.arrivals().put(&current.1, read, problems, earlier)),
            None => Err(problems),
        }
    }

    /// What it is to delete the article whose id or own address is `name`; an alias deletes nothing.
    ///
    /// # Errors
    /// [`Error::UnknownArticle`].
    pub fn delete(&self, name: &str) -> Result<Write> {
        let arrivals = self.arrivals();
        arrivals.delete(&self.current.load().1, name)
    }

    /// Whether the article `id` came over HTTP or on standard input.
    pub fn is_pushed(&self, id: &str) -> bool {
        let arrivals = self.arrivals();
        let current = self.current.load();
        ArticleId::new(id).is_some_and(|id| arrivals.is_pushed(&current.1, &id))
    }

    /// How many articles changed since the generation was built.
    pub fn articles_waiting(&self) -> usize {
        self.arrivals().waiting().0
    }

    /// How long it took to analyse and compare each of the last articles that came, in microseconds, the shortest first.
    pub fn article_times(&self) -> Vec<u32> {
        self.arrivals().times()
    }

    /// Whether somebody asked for the next generation, or enough changed for it.
    pub fn is_rebuild_due(&self) -> bool {
        if self.is_rebuild_asked() {
            return true;
        }
        let (changed, since) = self.arrivals().waiting();
        let articles = self.current.load().1.manifest().articles;
        let due = &self.config.load().rebuild;
        since.is_some_and(|since| due.is(changed, articles, since.elapsed()))
    }

    /// The number behind the last article record that was read.
    pub(super) fn articles_end(&self) -> u64 {
        self.arrivals().end()
    }

    /// Says that article records before the number `end` need no rebuild.
    pub(super) fn settle(&self, end: u64) {
        self.arrivals().settle(end);
    }

    fn arrivals(&self) -> MutexGuard<'_, Arrivals> {
        held(&self.arrivals)
    }

    /// Puts what was counted since the last call into the read file, if there is anything, and goes on from it.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written; the events of the journal say the same.
    pub fn publish_counts(&self) -> Result<()> {
        let mut events = held(&self.events);
        if events.unpublished == 0 {
            return Ok(());
        }
        let current = self.current.load_full();
        let is_filed = (current.1).file_counts(&self.data, events.erasures, events.checkpoint)?;
        if is_filed {
            events.unpublished = 0;
            Ok(())
        } else {
            self.count_anew(&mut events)
        }
    }

    /// Counts what the read file and the events after it say, and nothing from before.
    fn count_anew(&self, events: &mut Following) -> Result<()> {
        let counted = Counted::load(&self.data, i64::MAX)?;
        *events = Following::after(&self.data, &counted);
        self.current.load().1.count(counted.fold);
        Ok(())
    }

    /// Goes by `config` from now on: the generation that serves is opened again.
    ///
    /// # Errors
    /// [`Error::Damaged`] if none is whole; the snapshot before goes on serving, by the settings before.
    pub fn reconfigure(&self, config: &Config) -> Result<()> {
        let mut next = held(&self.next);
        let line = self.generations.current_line();
        let snapshot = Snapshot::open(&self.generations, config)?
            .ok_or_else(|| Error::Damaged("the index is gone".to_owned()))?;
        self.config.store(Arc::new(config.clone()));
        self.switch(&mut next, (line, snapshot), &|| {});
        Ok(())
    }

    /// Lets `snapshot` serve, which was opened when `CURRENT` held `line`. All that came since it was built is laid over it before, by
    /// `next` and article by article, while those that come are laid over the one that serves; `between` is called after every few.
    fn switch(
        &self,
        next: &mut Laying,
        (line, snapshot): (Option<String>, Snapshot),
        between: &dyn Fn(),
    ) {
        let built = snapshot.manifest().pushed;
        next.begin_anew(built);
        let mut overlay = Overlay::default();
        loop {
            let some = self.arrivals().after(next.end(), TOGETHER);
            if some.is_empty() {
                break;
            }
            next.lay(&snapshot, &mut overlay, some);
            between();
        }
        let events = held(&self.events);
        snapshot.count(self.current.load().1.counts());
        let mut laying = held(&self.laying);
        let mut arrivals = self.arrivals();
        // Those that came since a moment ago.
        next.lay(
            &snapshot,
            &mut overlay,
            arrivals.after(next.end(), usize::MAX),
        );
        arrivals.switch(built);
        drop(arrivals);
        let snapshot = snapshot.with(overlay);
        let before = self.current.swap(Arc::new((line, snapshot)));
        std::mem::swap(&mut *laying, next);
        drop(laying);
        // What was known for the generation before.
        next.begin_anew(built);
        // What was counted is shared with it: the next event would be counted in a copy.
        let_go(before);
        drop(events);
    }

    /// The settings, as they were read last.
    pub fn config(&self) -> Arc<Config> {
        self.config.load_full()
    }

    /// What is kept of events and of what they add up to.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be read.
    pub fn kept_counts(&self) -> Result<KeptCounts> {
        let file = ReadFile::open(&self.data)?;
        Ok(KeptCounts {
            journal: events_end(&self.data)?.max(1),
            file: file.map(|file| (file.place().next, file.digest())),
        })
    }

    /// Switches to the current generation if it is another one.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written; the snapshot before goes on serving.
    pub fn refresh(&self) -> Result<Option<Switch>> {
        let mut next = held(&self.next);
        loop {
            let line = self.generations.current_line();
            let refused = self.refused.load();
            if line == self.current.load().0 || refused.as_deref() == Some(&line) {
                return Ok(None);
            }
            match Snapshot::open_current(&self.generations, &self.config.load()) {
                Ok(Some(snapshot)) => {
                    let switch = Switch {
                        generation: snapshot.generation(),
                        // Before the switch, so that no request waits for it and none finds files that a later build
                        // has removed.
                        damaged: snapshot.check(),
                    };
                    self.switch(&mut next, (line, snapshot), &|| {});
                    return Ok(Some(switch));
                }
                Ok(None) => {
                    self.refused.store(Some(Arc::new(line)));
                    return Err(Error::Damaged("the index is gone".to_owned()));
                }
                // A reindex may have removed meanwhile what was current a moment ago.
                Err(_) if self.generations.current_line() != line => {}
                Err(error) => {
                    if !matches!(error, Error::Failed(_)) {
                        self.refused.store(Some(Arc::new(line)));
                    }
                    return Err(error);
                }
            }
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Frees a snapshot and all that was counted in it, which takes a while, on this thread: whoever reads it still lets go first.
fn let_go<T>(snapshot: Arc<T>) {
    for _ in 0..LOOKS {
        if Arc::strong_count(&snapshot) == 1 {
            break;
        }
        thread::sleep(LOOK);
    }
    drop(snapshot);
}

#[cfg(test)]
#[path = "live_tests.rs"]
pub(super) mod tests;
