//! The engine of a running server: the current snapshot, switched when a new generation is published.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::snapshot::Snapshot;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::index::Generations;

/// Holds the snapshot that requests read; readers never wait for a switch.
#[derive(Debug)]
pub struct Engine {
    generations: Generations,
    data: PathBuf,
    config: Config,
    current: ArcSwap<(String, Snapshot)>,
}

impl Engine {
    /// Opens the current generation under `data`.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is none, [`Error::Damaged`] if it is not what was written.
    pub fn open(data: &Path, config: &Config) -> Result<Self> {
        let generations = Generations::under(data);
        let current = load(&generations, data, config)?;
        Ok(Self {
            generations,
            data: data.to_owned(),
            config: config.clone(),
            current: ArcSwap::from_pointee(current),
        })
    }

    /// The snapshot to read for one request.
    pub fn snapshot(&self) -> Arc<(String, Snapshot)> {
        self.current.load_full()
    }

    /// Switches to the current generation if it is another one; returns its number if so.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written; the snapshot before goes on serving.
    pub fn refresh(&self) -> Result<Option<u64>> {
        match self.generations.current_name() {
            Some(name) if name != self.current.load().0 => {
                let next = load(&self.generations, &self.data, &self.config)?;
                let number = next.1.generation();
                self.current.store(Arc::new(next));
                Ok(Some(number))
            }
            _ => Ok(None),
        }
    }
}

/// The current snapshot with its name. A reindex may remove what was current a moment ago, so a failure is looked at again
/// as long as the name moves on.
fn load(generations: &Generations, data: &Path, config: &Config) -> Result<(String, Snapshot)> {
    loop {
        let name = generations.current_name().unwrap_or_default();
        match Snapshot::open(generations, config) {
            Ok(Some(snapshot)) => return Ok((name, snapshot)),
            Ok(None) => {
                return Err(Error::Failed(format!(
                    "found no index under {}; run `readnext reindex --corpus PATH` first",
                    data.display()
                )));
            }
            Err(error) if generations.current_name().as_deref() == Some(name.as_str()) => {
                return Err(error);
            }
            Err(_) => {}
        }
    }
}
