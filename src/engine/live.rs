//! The engine of a running server: the current snapshot, switched when a new generation is published.

use std::path::Path;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};

use super::snapshot::Snapshot;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::index::Generations;

/// Holds the snapshot that requests read; readers never wait for a switch.
#[derive(Debug)]
pub struct Engine {
    generations: Generations,
    config: Config,
    /// What `CURRENT` held when the snapshot was opened, and the snapshot.
    current: ArcSwap<(Option<String>, Snapshot)>,
    /// What `CURRENT` held when the generation that it names was refused; files do not heal, so it is not opened again.
    refused: ArcSwapOption<Option<String>>,
}

/// A switch to another generation.
#[derive(Debug)]
pub struct Switch {
    /// The number of the generation that serves now.
    pub generation: u64,
    /// Views of it that are damaged; panels do not need them.
    pub damaged: Vec<Error>,
}

impl Engine {
    /// Opens the current generation under `data`, or the newest whole one where that is damaged.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is none, [`Error::Damaged`] if none is what was written.
    pub fn open(data: &Path, config: &Config) -> Result<Self> {
        let generations = Generations::under(data);
        let line = generations.current_line();
        let snapshot = Snapshot::open(&generations, config)?.ok_or_else(|| {
            Error::Failed(format!(
                "found no index under {}; run `readnext reindex --corpus PATH` first",
                data.display()
            ))
        })?;
        Ok(Self {
            generations,
            config: config.clone(),
            current: ArcSwap::from_pointee((line, snapshot)),
            refused: ArcSwapOption::empty(),
        })
    }

    /// The snapshot to read for one request.
    pub fn snapshot(&self) -> Arc<(Option<String>, Snapshot)> {
        self.current.load_full()
    }

    /// Switches to the current generation if it is another one.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written; the snapshot before goes on serving.
    pub fn refresh(&self) -> Result<Option<Switch>> {
        loop {
            let line = self.generations.current_line();
            let refused = self.refused.load();
            if line == self.current.load().0 || refused.as_deref() == Some(&line) {
                return Ok(None);
            }
            match Snapshot::open_current(&self.generations, &self.config) {
                Ok(Some(snapshot)) => {
                    let switch = Switch {
                        generation: snapshot.generation(),
                        // Before the switch, so that no request waits for it and none finds files that a later build
                        // has removed.
                        damaged: snapshot.check(),
                    };
                    self.current.store(Arc::new((line, snapshot)));
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
