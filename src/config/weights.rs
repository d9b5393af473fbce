//! What each signal counts on this site: by hand, as learned, or as shipped.
//!
//! `weights.toml` in the data folder holds what `readnext tune` learned. It is no view: it lies beside `sources.toml`, and the
//! files before it are kept with numbers, so that there is a way back.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Config;
use crate::error::{Error, Result};
use crate::model::{PerSignal, SignalKind};
use crate::ranking::Weights;

/// The signals' names, for messages.
const NAMES: &str = "behavior, content, research, seo";

/// Weights as a table of TOML names them. A signal that it does not name is off.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Table {
    behavior: f64,
    content: f64,
    research: f64,
    seo: f64,
}

impl Table {
    /// The weights, scaled to sum 1; or what is wrong with them.
    pub(super) fn weights(self) -> std::result::Result<Weights, String> {
        Weights::scaled(PerSignal::from_fn(|signal| match signal {
            SignalKind::Behavior => self.behavior,
            SignalKind::Content => self.content,
            SignalKind::Research => self.research,
            SignalKind::Seo => self.seo,
        }))
    }
}

/// Reads `behavior=0.5,content=0.5`: a signal that is not named is off, and all are scaled to sum 1.
///
/// # Errors
/// What was found, and what was expected.
pub fn parse_weights(text: &str) -> std::result::Result<Weights, String> {
    let mut given = PerSignal::default();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (name, number) = part.split_once('=').unwrap_or((part, ""));
        let signal = SignalKind::named(name.trim());
        match (signal, number.trim().parse::<f64>()) {
            (Some(signal), Ok(number)) => given[signal] = number,
            _ => {
                return Err(format!(
                    "found {part:?}, expected a signal of {NAMES} and its weight, such as content=0.5"
                ));
            }
        }
    }
    Weights::scaled(given)
}

/// The weights that a setting names, as a table or as [`parse_weights`] reads them; `None` for an empty table.
pub(super) fn by_hand(given: &toml::Value) -> std::result::Result<Option<Weights>, String> {
    match given {
        toml::Value::Table(table) if table.is_empty() => Ok(None),
        toml::Value::Table(table) => {
            let table: std::result::Result<Table, _> = table.clone().try_into();
            let table = table.map_err(|error| error.to_string().trim().to_owned())?;
            table.weights().map(Some)
        }
        toml::Value::String(text) => parse_weights(text).map(Some),
        other => Err(format!("found {other}, expected a table of {NAMES}")),
    }
}

/// `weights.toml` and those before it.
#[derive(Clone, Debug)]
pub struct Learned {
    data: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LearnedFile {
    weights: Table,
}

impl Learned {
    /// What `data` holds of learned weights.
    pub fn under(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
        }
    }

    /// The file of the weights in force.
    pub fn path(&self) -> PathBuf {
        self.data.join("weights.toml")
    }

    /// The file of those that were in force before, by number: 1 is the oldest.
    fn earlier(&self, number: u32) -> PathBuf {
        self.data.join(format!("weights.{number}.toml"))
    }

    /// The number of the last file with weights from before; 0 where there is none.
    fn last(&self) -> u32 {
        let numbers = 1..;
        let last = numbers.take_while(|&number| self.earlier(number).exists());
        last.last().unwrap_or(0)
    }

    /// The learned weights; `None` where nothing was learned.
    ///
    /// # Errors
    /// [`Error::Config`] if the file is there and cannot be used.
    pub fn load(&self) -> Result<Option<Weights>> {
        let path = self.path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Error::Config(format!(
                    "cannot read {}: {error}",
                    path.display()
                )));
            }
        };
        let wrong = |wrong: String| {
            Error::Config(format!(
                "{}: {wrong}; `readnext tune --rollback` goes back to the previous weights",
                path.display()
            ))
        };
        let file: LearnedFile = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        file.weights.weights().map(Some).map_err(wrong)
    }

    /// Puts `weights` into force, with `comment` above them; those before are kept.
    ///
    /// # Errors
    /// [`Error::Failed`] if a file cannot be written; the weights before stay in force.
    pub fn keep(&self, weights: &Weights, comment: &str) -> Result<()> {
        let mut text = String::new();
        for line in comment.lines() {
            text.push_str(format!("# {line}").trim_end());
            text.push('\n');
        }
        text.push_str("[weights]\n");
        for signal in SignalKind::ALL {
            text.push_str(&format!("{} = {:?}\n", signal.name(), weights.of(signal)));
        }
        if self.path().exists() {
            copy(&self.path(), &self.earlier(self.last() + 1))?;
        }
        replace(&self.path(), text.as_bytes())
    }

    /// Takes the weights in force back: those before are in force again, or the shipped ones where there are none. What was
    /// taken back is kept beside. Whether there was anything to take back.
    ///
    /// # Errors
    /// [`Error::Failed`] if a file cannot be written.
    pub fn roll_back(&self) -> Result<bool> {
        let (path, last) = (self.path(), self.last());
        if !path.exists() {
            return Ok(false);
        }
        copy(&path, &self.data.join("weights.undone.toml"))?;
        if last > 0 {
            let before = self.earlier(last);
            fs::rename(&before, &path).map_err(|error| Error::io("rename", &before, &error))?;
        } else {
            fs::remove_file(&path).map_err(|error| Error::io("remove", &path, &error))?;
        }
        Ok(true)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).map_err(|error| Error::io("read", from, &error))?;
    replace(to, &bytes)
}

/// Writes a file beside first, so that a run which dies leaves what was there.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("toml.new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| {
            let _ = fs::remove_file(&beside);
            Error::io("write", path, &error)
        })
}

/// Where the weights of a site come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsFrom {
    /// A flag, the environment or `readnext.toml`.
    Hand,
    /// `weights.toml`.
    Learned,
    /// The shipped defaults.
    Shipped,
}

/// The weights of a site, which may be learned anew while a server runs.
#[derive(Clone, Debug)]
pub struct SiteWeights {
    by_hand: Option<Weights>,
    learned: Learned,
    /// The signals that are kept; `None` for all.
    kept: Option<Vec<SignalKind>>,
}

impl SiteWeights {
    /// Those of the site in `data` with the settings `config`.
    pub fn of(data: &Path, config: &Config) -> Self {
        Self {
            by_hand: config.weights,
            learned: Learned::under(data),
            kept: None,
        }
    }

    /// The same with `weights` in place of the site's, if some are given, and with only the signals `kept`, if some are.
    #[must_use]
    pub fn with(self, weights: Option<Weights>, kept: Option<Vec<SignalKind>>) -> Self {
        Self {
            by_hand: weights.or(self.by_hand),
            kept: kept.or(self.kept),
            ..self
        }
    }

    /// What they are now, and where they come from.
    ///
    /// # Errors
    /// [`Error::Config`] if the learned ones cannot be used, [`Error::Usage`] if none of the kept signals has any weight.
    pub fn now(&self) -> Result<(Weights, WeightsFrom)> {
        let (weights, from) = match self.by_hand {
            Some(weights) => (weights, WeightsFrom::Hand),
            None => match self.learned.load()? {
                Some(weights) => (weights, WeightsFrom::Learned),
                None => (Weights::default(), WeightsFrom::Shipped),
            },
        };
        let weights = match &self.kept {
            Some(kept) => weights.only(kept)?,
            None => weights,
        };
        Ok((weights, from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(text: &str) -> Weights {
        parse_weights(text).expect("weights")
    }

    #[test]
    fn weights_are_read_from_text_and_wrong_ones_are_named() {
        let read = weights(" content=3, behavior = 1");
        assert_eq!(read.of(SignalKind::Content), 0.75);
        assert_eq!(read.of(SignalKind::Research), 0.0);
        for wrong in [
            "text=1",
            "content",
            "content=x",
            "content=-1",
            "content=0",
            "",
        ] {
            assert!(parse_weights(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_step_forward_can_be_taken_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let learned = Learned::under(folder.path());
        assert_eq!(learned.load().expect("read"), None);
        assert!(!learned.roll_back().expect("nothing to do"));
        let steps = ["content=1", "content=1,seo=1", "behavior=1"].map(weights);
        for step in &steps {
            learned.keep(step, "told\n\nwhy").expect("written");
            assert_eq!(learned.load().expect("read"), Some(*step));
        }
        for before in [Some(steps[1]), Some(steps[0]), None] {
            assert!(learned.roll_back().expect("written"));
            assert_eq!(learned.load().expect("read"), before);
        }
    }

    #[test]
    fn a_hand_goes_before_what_was_learned_and_that_before_what_is_shipped() {
        let folder = tempfile::tempdir().expect("a folder");
        let site = |config: &Config| SiteWeights::of(folder.path(), config).now().expect("some");
        let mut config = Config::default();
        assert_eq!(site(&config), (Weights::default(), WeightsFrom::Shipped));
        let learned = weights("content=1,research=1");
        Learned::under(folder.path())
            .keep(&learned, "")
            .expect("written");
        assert_eq!(site(&config), (learned, WeightsFrom::Learned));
        config.weights = Some(weights("behavior=1"));
        assert_eq!(site(&config), (weights("behavior=1"), WeightsFrom::Hand));
        let kept = SiteWeights::of(folder.path(), &config).with(None, Some(vec![SignalKind::Seo]));
        assert!(kept.now().is_err());
    }
}
