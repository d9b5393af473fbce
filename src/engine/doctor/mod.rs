//! The doctor: looks at every file of a data folder and at the machine, says how each part stands, and mends what can be mended
//! without losing anything.
//!
//! Looking takes no lock and writes nothing, so it works beside a server and beside a reindex. Mending never touches a record of the
//! journal: what is torn at its end and was never counted is cut off, as whoever writes next would do; views are built again or removed.

mod ends;
mod index;
mod journal;
mod machine;
mod repair;
mod settings;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use repair::Repair;

use crate::config::Config;
use crate::error::Result;

/// A data folder to be looked at.
#[derive(Debug)]
pub struct Doctor<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The settings file, where it is not the one in the data folder.
    pub config: Option<&'a Path>,
}

/// How a part stands, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Fine,
    /// As it may be, and worth knowing.
    Note,
    /// Nothing is lost; something does not do what it should, or soon will not.
    Warning,
    /// Settings that no command can use.
    Unusable,
    /// It does not hold what was written.
    Damaged,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Health::Fine => "fine",
            Health::Note => "note",
            Health::Warning => "warning",
            Health::Unusable => "unusable",
            Health::Damaged => "damaged",
        })
    }
}

/// A part that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is: `settings`, `secrets`, `journal`, `index` or `machine`.
    pub part: &'static str,
    /// The file or folder.
    pub path: String,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What that means for panels, events and articles; empty where nothing is wrong.
    pub means: String,
    /// What to do or run; empty where there is nothing to do.
    pub run: String,
    #[serde(skip)]
    repair: Option<Repair>,
}

/// What was found, and what was mended before.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnosis {
    /// How the worst part stands.
    pub health: Health,
    /// What was mended, in words.
    pub mended: Vec<String>,
    /// All parts.
    pub parts: Vec<Part>,
}

impl Part {
    fn new(part: &'static str, path: &Path, health: Health, found: impl Into<String>) -> Self {
        Self {
            part,
            path: path.to_string_lossy().into_owned(),
            health,
            found: found.into(),
            means: String::new(),
            run: String::new(),
            repair: None,
        }
    }

    fn means(self, means: &str) -> Self {
        let means = means.to_owned();
        Self { means, ..self }
    }

    fn run(self, run: &str) -> Self {
        let run = run.to_owned();
        Self { run, ..self }
    }

    /// It can be mended by `repair`, which `readnext doctor --repair` does.
    fn mended_by(self, repair: Repair) -> Self {
        let repair = Some(repair);
        Self { repair, ..self }
    }
}

impl Doctor<'_> {
    /// Looks at everything.
    pub fn look(&self) -> Diagnosis {
        let mut parts = Vec::new();
        let config = self.settings(&mut parts);
        self.secrets(&mut parts);
        self.journal(&mut parts);
        self.left_behind(&mut parts);
        let next = self.index(&mut parts);
        self.machine(&config.unwrap_or_default(), next, &mut parts);
        let worst = parts.iter().map(|part| part.health).max();
        Diagnosis {
            health: worst.unwrap_or(Health::Fine),
            mended: Vec::new(),
            parts,
        }
    }

    /// Mends what can be mended without losing anything, then looks again.
    ///
    /// # Errors
    /// [`Error::InUse`](crate::error::Error::InUse) if another process holds what is to be mended and does not lend it; as a
    /// reindex, if the index has to be built again.
    pub fn repair(&self) -> Result<Diagnosis> {
        let parts = self.look().parts;
        let repairs: Vec<Repair> = parts.into_iter().filter_map(|part| part.repair).collect();
        let mended = self.mend(&self.harmless(repairs)?)?;
        let seen = self.look();
        Ok(Diagnosis { mended, ..seen })
    }

    /// The settings that are in force, as far as they can be used.
    fn config(&self) -> Result<Config> {
        Config::load(self.data, self.config)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }
}
