//! What builds of the index did, a line each in `index/runs.jsonl`: for people who ask when, how long, and what was wrong. Nothing
//! is made from it, and a run whose line cannot be written has run all the same.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::reindex::Report;
use crate::error::{Result, say};
use crate::model::Problem;

/// Runs that are kept; the file is cut to them when it has twice as many.
const KEPT: usize = 200;
/// Problems of a run that are kept.
const PROBLEMS: usize = 50;

/// A build of the index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it ended, in unix seconds.
    pub at: i64,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// The generation that it built.
    pub generation: u64,
    /// Articles that the generation before did not have.
    pub added: usize,
    /// Articles that differ.
    pub changed: usize,
    /// Articles that are gone.
    pub removed: usize,
    /// Articles in all.
    pub articles: usize,
    /// Pieces that were dropped or damaged.
    pub rejected: usize,
    /// The first things that were found wrong.
    pub problems: Vec<Found>,
    /// How many more there were.
    pub more: usize,
}

/// Something that was found wrong, as it was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// Where.
    pub place: String,
    /// What.
    pub message: String,
}

impl Found {
    fn of(problem: &Problem) -> Self {
        let parts = [problem.line, problem.column].into_iter().flatten();
        let place = parts.fold(problem.path.clone(), |place, part| {
            format!("{place}:{part}")
        });
        Self {
            severity: format!("{:?}", problem.severity).to_lowercase(),
            place,
            message: problem.message.clone(),
        }
    }
}

fn file(data: &Path) -> PathBuf {
    data.join("index").join("runs.jsonl")
}

/// The runs of `data`, the latest first; lines that say something else are left out.
///
/// # Errors
/// [`Error::Failed`](crate::error::Error::Failed) if the file cannot be read.
pub fn runs(data: &Path) -> Result<Vec<Run>> {
    let path = file(data);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(crate::error::Error::io("read", &path, &error)),
    };
    let lines = text.lines().rev().take(KEPT);
    Ok(lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

/// Keeps what the run that ended at `at` (unix seconds) did.
pub(super) fn keep(data: &Path, report: &Report, at: i64, took: Duration) {
    let run = Run {
        at,
        took: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        generation: report.generation,
        added: report.added.len(),
        changed: report.changed.len(),
        removed: report.removed.len(),
        articles: report.added.len() + report.changed.len() + report.unchanged,
        rejected: report.rejected,
        problems: report
            .problems
            .iter()
            .take(PROBLEMS)
            .map(Found::of)
            .collect(),
        more: report.problems.len().saturating_sub(PROBLEMS),
    };
    let line = serde_json::to_string(&run).expect("plain data serialises");
    if let Err(error) = append(&file(data), &line) {
        say(format_args!(
            "this run is not logged in runs.jsonl: {error}"
        ));
    }
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let before = fs::read_to_string(path).unwrap_or_default();
    if before.lines().count() < 2 * KEPT {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        return file.write_all(format!("{line}\n").as_bytes());
    }
    let lines: Vec<&str> = before.lines().rev().take(KEPT - 1).collect();
    let kept: String = lines.iter().rev().map(|line| format!("{line}\n")).collect();
    let beside = path.with_extension("jsonl.new");
    fs::write(&beside, format!("{kept}{line}\n"))?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    #[test]
    fn the_latest_runs_are_kept_with_what_was_wrong() {
        let data = tempfile::tempdir().expect("a folder");
        fs::create_dir(data.path().join("index")).expect("a folder");
        assert_eq!(runs(data.path()).expect("none"), []);
        let mut report = Report::default();
        let problem = Problem::new(Severity::Warning, "a.md", "found a slip").at(3, 7);
        report.problems = vec![problem; PROBLEMS + 2];
        for generation in 1..=(2 * KEPT as u64 + 5) {
            report.generation = generation;
            keep(data.path(), &report, 1000, Duration::from_millis(12));
        }
        let kept = runs(data.path()).expect("read");
        assert_eq!(kept.len(), KEPT);
        assert_eq!(
            (kept[0].generation, kept[0].took),
            (2 * KEPT as u64 + 5, 12)
        );
        assert_eq!((kept[0].problems.len(), kept[0].more), (PROBLEMS, 2));
        let first = &kept[0].problems[0];
        assert_eq!(
            (first.severity.as_str(), first.place.as_str()),
            ("warning", "a.md:3:7")
        );
    }
}
