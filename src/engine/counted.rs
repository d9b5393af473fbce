//! What the journal's events have added up to: the checkpoint, if one was cut, the read file, which goes on from it, and
//! the events that came after it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::index::ReadFile;
use crate::journal::{Checkpoint, checkpoint, erasures, events_end, read_events};
use crate::model::{Problem, Severity};
use crate::signals::behavior::Fold;

/// How often it is begun again where the journal was trimmed meanwhile.
const TRIMS: usize = 3;

/// The counts of a data folder.
#[derive(Debug, Default)]
pub struct Counted {
    /// What the events add up to.
    pub fold: Fold,
    /// How often something had been erased from the journal before.
    pub erasures: u64,
    /// The number of the first event that is not in the checkpoint that these go on from; 0 where there is none.
    pub checkpoint: u64,
    /// What was found damaged on the way, and what was done about it.
    pub problems: Vec<Problem>,
}

impl Counted {
    /// Counts the events of `data`'s journal that are not later than `until` (milliseconds since 1970). No lock is taken.
    ///
    /// # Errors
    /// [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
    pub fn load(data: &Path, until: i64) -> Result<Self> {
        for _ in 0..TRIMS {
            let before = checkpoint(data)?;
            let counted = Self::load_after(data, until, before.as_ref());
            // Else segments may have gone while they were read.
            if checkpoint(data)? == before {
                return counted;
            }
        }
        Self::load_after(data, until, checkpoint(data)?.as_ref())
    }

    fn load_after(data: &Path, until: i64, from: Option<&Checkpoint>) -> Result<Self> {
        let mut counted = Self::filed_after(data, from)?;
        let are_of = counted.are_of(data)?;
        if !are_of {
            counted.problems.push(counted.ahead(data)?);
        }
        if counted.fold.newest() > until || !are_of {
            counted.begin(from)?;
        }
        if counted.fold.newest() > until {
            counted.problems.push(Problem::new(
                Severity::Warning,
                "journal",
                "the checkpoint holds events after the requested time; it counts as a whole",
            ));
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

    /// The counts of the read file alone, if it is whole, or of the checkpoint; none where there is neither. Whether they are
    /// of this journal is to be asked with [`Counted::are_of`], which may take longer.
    ///
    /// # Errors
    /// As [`Counted::load`].
    pub fn filed(data: &Path) -> Result<Self> {
        Self::filed_after(data, checkpoint(data)?.as_ref())
    }

    fn filed_after(data: &Path, from: Option<&Checkpoint>) -> Result<Self> {
        let mut counted = Self {
            erasures: erasures(data)?,
            checkpoint: from.map_or(0, |checkpoint| checkpoint.next),
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
        // A file from before an erasure counts what is gone, one from before a trim knows visitors that nobody else knows.
        let file = file.filter(|file| {
            let place = file.place();
            (place.erasures, place.checkpoint) == (counted.erasures, counted.checkpoint)
        });
        match file.and_then(|file| Fold::after(Arc::new(file))) {
            Some(fold) => counted.fold = fold,
            None => counted.begin(from)?,
        }
        Ok(counted)
    }

    /// Counts nothing but what is in the checkpoint.
    fn begin(&mut self, from: Option<&Checkpoint>) -> Result<()> {
        self.fold = match from.map(|checkpoint| ReadFile::open_at(&checkpoint.path)) {
            None => Fold::default(),
            Some(Ok(file)) => Fold::after_checkpoint(Arc::new(file)),
            Some(Err(Error::Damaged(found))) => {
                self.problems.push(Problem::new(
                    Severity::Error,
                    "journal",
                    format!(
                        "{found}; the counts of the events before {} are lost, and later events count: restore the file from a backup",
                        self.checkpoint
                    ),
                ));
                Fold::default()
            }
            Some(Err(error)) => return Err(error),
        };
        Ok(())
    }

    /// Whether the counts can be of `data`'s journal: not if it has fewer events.
    ///
    /// # Errors
    /// As [`Counted::load`].
    pub fn are_of(&self, data: &Path) -> Result<bool> {
        Ok(self.fold.next() <= 1 || self.fold.next() <= events_end(data)?)
    }

    /// Says that the journal has fewer events than were counted.
    pub(super) fn ahead(&self, data: &Path) -> Result<Problem> {
        let (counted, end) = (self.fold.next(), events_end(data)?);
        let told = format!(
            "{}; the events in it are counted again",
            ahead(counted, end)
        );
        Ok(Problem::new(Severity::Warning, "journal", told))
    }

    /// Puts the counts into the read file, so that whoever comes next reads only the events that come after these.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written; the events of the journal say the same.
    pub fn publish(&self, data: &Path) -> Result<()> {
        publish(&self.fold, self.erasures, self.checkpoint, data)
    }
}

/// Says that the events before the number `counted` were counted, and the journal has only those before `end`.
pub(super) fn ahead(counted: u64, end: u64) -> String {
    format!(
        "events up to {} were counted, but the journal ends at {}: its end was lost, or it is another journal",
        counted - 1,
        end - 1
    )
}

/// Puts `fold` into the read file of `data`; the others are as in [`Counted`].
pub(super) fn publish(fold: &Fold, erasures: u64, checkpoint: u64, data: &Path) -> Result<()> {
    let index = data.join("index");
    fs::create_dir_all(&index).map_err(|error| Error::io("create", &index, &error))?;
    fold.draft(erasures, checkpoint).publish(data)
}
