//! Events from files into the journal: each once, counted, and told whether the site knows their articles.

use std::collections::HashMap;
use std::path::Path;
use std::time::SystemTime;

use super::counted::Counted;
use super::loan::Borrowed;
use super::retention::Retention;
use super::snapshot::Snapshot;
use crate::config::Config;
use crate::corpus::events::{EventRecord, Options, Report, read};
use crate::corpus::url::is_foreign;
use crate::error::Result;
use crate::journal::Verdicts;
use crate::keys::SiteKey;
use crate::model::{Event, Problem, order};

/// Names of no article that are listed.
const LISTED: usize = 10;
/// Names of no article that are told apart.
const TOLD_APART: usize = 100_000;

/// What came of an import.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// What came of each file.
    pub files: Vec<Report>,
    /// Events that the journal did not have.
    pub new: u64,
    /// Events that it had.
    pub known: u64,
    /// Events whose article the site has; `None` where there is no index yet.
    pub matched: Option<u64>,
    /// The commonest names of no article, and how many events have each.
    pub unmatched: Vec<(String, u64)>,
    /// Events that were taken as new though they may have been counted: of what was trimmed not all is known.
    pub unsure: u64,
    /// What was found damaged in the journal.
    pub problems: Vec<Problem>,
}

/// An import to run.
#[derive(Debug)]
pub struct Import<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The settings; a page before that is of another site is left out.
    pub config: &'a Config,
    /// The index that tells which articles there are, if there is one.
    pub snapshot: Option<&'a Snapshot>,
    /// How files are read.
    pub options: Options,
    /// Only tell what would be done.
    pub dry_run: bool,
}

impl Import<'_> {
    /// Imports `files`, of which `-` is standard input.
    ///
    /// # Errors
    /// [`Error::InUse`](crate::error::Error::InUse) while another process holds the journal and does not lend it;
    /// [`Error::Failed`](crate::error::Error::Failed) if a file cannot be read or the disk refuses. What was taken before
    /// is kept, and a second run leaves it out.
    pub fn run(&self, files: &[impl AsRef<Path>]) -> Result<Imported> {
        let key = match (self.dry_run, SiteKey::load(self.data)?) {
            (_, Some(key)) => key,
            (true, None) => SiteKey::from_bytes([0; 32]),
            (false, None) => SiteKey::load_or_create(self.data)?,
        };
        let mut imported = Imported::default();
        let mut held = None;
        let mut names = Names::of(self.snapshot);
        for file in files {
            let report = read(file.as_ref(), &key, self.options, &mut |mut batch| {
                for record in &mut batch {
                    let from = record.from.as_deref();
                    if from.is_some_and(|from| is_foreign(from, &self.config.own)) {
                        record.from = None;
                    }
                }
                let events: Vec<Event<'_>> = batch.iter().map(EventRecord::event).collect();
                events.iter().for_each(|event| names.count(event.article));
                if self.dry_run {
                    return Ok(());
                }
                let mut borrowed = match held.take() {
                    Some(borrowed) => borrowed,
                    None => Borrowed::open(self.data)?,
                };
                imported.problems.append(&mut borrowed.problems);
                let verdicts = borrowed.journal.append_new(&events)?;
                let Verdicts {
                    new, known, unsure, ..
                } = verdicts;
                imported.unsure += unsure as u64;
                imported.new += new as u64;
                imported.known += known as u64;
                // A server has its journal back while the next events are read.
                held = Some(borrowed).filter(|borrowed| !borrowed.is_lent());
                Ok(())
            })?;
            imported.files.push(report);
        }
        if !self.dry_run {
            drop(held);
            if let Some(days) = self.config.retention_days {
                Retention::days(days).keep(self.data, SystemTime::now())?;
            }
            let mut counted = Counted::load(self.data, i64::MAX)?;
            imported.problems.append(&mut counted.problems);
            counted.publish(self.data)?;
        }
        (imported.matched, imported.unmatched) = names.told();
        Ok(imported)
    }
}

/// Which names lead to an article.
struct Names<'a> {
    snapshot: Option<&'a Snapshot>,
    events: HashMap<String, u64>,
    matched: u64,
}

impl<'a> Names<'a> {
    fn of(snapshot: Option<&'a Snapshot>) -> Self {
        Self {
            snapshot,
            events: HashMap::new(),
            matched: 0,
        }
    }

    fn count(&mut self, name: &str) {
        let Some(snapshot) = self.snapshot else {
            return;
        };
        if let Some(events) = self.events.get_mut(name) {
            *events += 1;
        } else if snapshot.find(name).is_ok() {
            self.matched += 1;
        } else if self.events.len() < TOLD_APART {
            self.events.insert(name.to_owned(), 1);
        }
    }

    /// How many events have an article, and the commonest names that lead to none.
    fn told(self) -> (Option<u64>, Vec<(String, u64)>) {
        let mut unmatched: Vec<(String, u64)> = self.events.into_iter().collect();
        order::sort_by(&mut unmatched, |a, b| {
            b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0))
        });
        unmatched.truncate(LISTED);
        (self.snapshot.map(|_| self.matched), unmatched)
    }
}
