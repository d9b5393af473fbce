//! `readnext backup` and `readnext restore`: all that nothing else can make again, in one file and back.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::SOME_REJECTED;
use super::arguments::{Common, clock};
use super::output::{counted, print};
use crate::engine::{Backup as Work, Corpora, Reindex, Report, Restore as Return};
use crate::error::{Error, Result, say};
use crate::model::Date;

/// Back up all that cannot be rebuilt to one file, also beside a server.
///
/// The journal, the secret, keys, settings, sources, learned weights and editorial.toml. The file is a plain tar that only its
/// owner can read, because it holds the secret.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext backup --out /var/backups/readnext/
  readnext backup --out site.tar --corpus --data /srv/related
")]
pub(super) struct Backup {
    /// File to write, or folder for a file that is named after the time
    #[arg(long, value_name = "FILE|DIR")]
    out: PathBuf,
    /// Include the files of all corpus roots
    #[arg(long)]
    corpus: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Restore a data folder from a backup.
///
/// Nothing is changed before every byte of the backup is verified.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext restore site.tar --data /srv/related --reindex
  readnext restore site.tar --force
")]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace a data folder that is in use: what is there is moved to a folder replaced-TIME
    #[arg(long)]
    force: bool,
    /// Build the index at once
    #[arg(long)]
    reindex: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BackupBody {
    file: String,
    bytes: u64,
    files: usize,
    articles: u64,
    events: u64,
    corpus: usize,
}

#[derive(Serialize)]
struct RestoreBody {
    made: String,
    files: usize,
    articles: u64,
    events: u64,
    roots: usize,
    aside: Option<String>,
    generation: Option<u64>,
}

pub(super) fn backup(common: &Common, arguments: &Backup) -> Result<u8> {
    if arguments.out.as_os_str() == "-" {
        return Err(Error::Usage(
            "--out: found -, expected a file or a folder; a backup does not go to standard output, because it holds the secret"
                .to_owned(),
        ));
    }
    let data = common.data();
    let work = Work {
        data: &data,
        config: common.config.as_deref(),
        corpus: arguments.corpus,
        now: clock(),
    };
    let done = work.write(&arguments.out)?;
    tell_cleared(&done.cleared);
    let file = done.path.display().to_string();
    if arguments.json {
        let body = BackupBody {
            file,
            bytes: done.bytes,
            files: done.files,
            articles: done.articles,
            events: done.events,
            corpus: done.corpus,
        };
        let text = serde_json::to_string(&body).expect("plain data serialises");
        print(&format!("{text}\n"))?;
    } else {
        print(&format!(
            "{file}: {}, {}, {}\n",
            counted(done.files, "file"),
            counted(done.bytes, "byte"),
            reach(done.articles, done.events)
        ))?;
    }
    Ok(0)
}

fn tell_cleared(cleared: &[PathBuf]) {
    for path in cleared {
        say(format_args!(
            "removed {}: a run that was stopped had left it",
            path.display()
        ));
    }
}

/// How much of the journal a backup holds.
fn reach(articles: u64, events: u64) -> String {
    match (articles, events) {
        (0, 0) => "no journal".to_owned(),
        _ => format!("the journal up to article record {articles} and event {events}"),
    }
}

pub(super) fn restore(common: &Common, arguments: &Restore) -> Result<u8> {
    let data = common.data();
    let restored = Return {
        file: &arguments.file,
        data: &data,
        force: arguments.force,
        now: clock(),
    }
    .run()?;
    tell_cleared(&restored.cleared);
    if let Some(aside) = &restored.aside {
        say(format_args!("what was there is in {}", aside.display()));
    }
    for name in &restored.stayed {
        say(format_args!(
            "{name} is not in the backup: the one in the folder stays in force"
        ));
    }
    let (report, failure) = match arguments.reindex.then(|| index(common)).transpose() {
        Ok(report) => (report, None),
        Err(error) => (None, Some(error)),
    };
    for problem in report.iter().flat_map(|report| &report.problems) {
        say(problem);
    }
    let made = Date::from_parts(restored.made, true).to_string();
    if arguments.json {
        let body = RestoreBody {
            made,
            files: restored.files,
            articles: restored.articles,
            events: restored.events,
            roots: restored.roots,
            aside: restored.aside.map(|aside| aside.display().to_string()),
            generation: report.as_ref().map(|report| report.generation),
        };
        let text = serde_json::to_string(&body).expect("plain data serialises");
        print(&format!("{text}\n"))?;
    } else {
        let next = match &report {
            Some(report) => format!("generation {} serves now", report.generation),
            None if failure.is_some() => "without an index".to_owned(),
            None => format!(
                "run `readnext reindex --data {}` to build the index",
                data.display()
            ),
        };
        print(&format!(
            "{}, made at {made}, {}: now in {}; {next}\n",
            counted(restored.files, "file"),
            reach(restored.articles, restored.events),
            data.display()
        ))?;
    }
    if let Some(error) = failure {
        return Err(error.after("the folder is restored; only the index is not built"));
    }
    let rejected = report.is_some_and(|report| report.rejected > 0);
    Ok(if rejected { SOME_REJECTED } else { 0 })
}

/// Builds the index of what was restored.
fn index(common: &Common) -> Result<Report> {
    let config = common.config()?;
    Reindex {
        data: &common.data(),
        config: &config,
        corpora: Corpora::Roots(Vec::new()),
        incoming: None,
        full: true,
        allow_shrink: true,
        journal_only: false,
        verify: true,
    }
    .run(&|_| ())
}
