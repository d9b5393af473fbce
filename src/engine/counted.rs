//! What the journal's events have added up to: the read file, and the events that came after it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::index::ReadFile;
use crate::journal::{erasures, events_end, read_events};
use crate::model::{Problem, Severity};
use crate::signals::behavior::Fold;

/// The counts of a data folder.
#[derive(Debug, Default)]
pub struct Counted {
    /// What the events add up to.
    pub fold: Fold,
    /// How often something had been erased from the journal before.
    pub erasures: u64,
    /// What was found damaged on the way, and what was done about it.
    pub problems: Vec<Problem>,
}

impl Counted {
    /// Counts the events of `data`'s journal that are not later than `until` (milliseconds since 1970). No lock is taken.
    ///
    /// # Errors
    /// [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
    pub fn load(data: &Path, until: i64) -> Result<Self> {
        let mut counted = Self::filed(data)?;
        if counted.fold.newest() > until || !counted.are_of(data)? {
            counted.fold = Fold::default();
        }
        let fold = &mut counted.fold;
        let problems = read_events(data, fold.next(), |sequence, event| {
            if event.at <= until {
                fold.apply(sequence, event, &mut |_| {});
            }
            Ok(())
        })?;
        counted.problems.extend(problems);
        Ok(counted)
    }

    /// The counts of the read file alone, if it is whole; none where it is not. Whether they are of this journal is to be
    /// asked with [`Counted::are_of`], which may take longer.
    ///
    /// # Errors
    /// As [`Counted::load`].
    pub fn filed(data: &Path) -> Result<Self> {
        let mut counted = Self {
            erasures: erasures(data)?,
            ..Self::default()
        };
        let file = match ReadFile::open(data) {
            Ok(file) => file,
            Err(Error::Damaged(found)) => {
                counted.problems.push(Problem::new(
                    Severity::Warning,
                    "index",
                    format!("{found}; the events of the journal are counted again"),
                ));
                None
            }
            Err(error) => return Err(error),
        };
        // A file from before an erasure counts what is gone.
        let file = file.filter(|file| file.place().erasures == counted.erasures);
        if let Some(fold) = file.and_then(|file| Fold::after(Arc::new(file))) {
            counted.fold = fold;
        }
        Ok(counted)
    }

    /// Whether the counts can be of `data`'s journal: not if it has fewer events.
    ///
    /// # Errors
    /// As [`Counted::load`].
    pub fn are_of(&self, data: &Path) -> Result<bool> {
        Ok(self.fold.next() <= 1 || self.fold.next() <= events_end(data)?)
    }

    /// Puts the counts into the read file, so that whoever comes next reads only the events that come after these.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written; the events of the journal say the same.
    pub fn publish(&self, data: &Path) -> Result<()> {
        let index = data.join("index");
        fs::create_dir_all(&index).map_err(|error| Error::io("create", &index, &error))?;
        self.fold.draft(self.erasures).publish(data)
    }
}
