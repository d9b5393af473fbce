//! `readnext seo import`: what search engines tell of the site's pages comes in.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SOME_REJECTED;
use super::arguments::Common;
use super::output::{counted, print};
use crate::engine::{SearchImported, Snapshot, import_search};
use crate::error::{Error, Result, say};
use crate::index::Generations;
use crate::model::Date;

/// Addresses without an article that are named, at most.
const NAMED: usize = 10;

/// Import search data: what search engines report about the site.
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:
  readnext seo import performance.zip
")]
pub(super) enum Seo {
    Import(Import),
}

/// Import exports of Search Console.
///
/// The zip archive, a CSV table of pages, or answers of the API as JSON.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext seo import performance.zip
  readnext seo import rows.json --from 2026-06-01 --to 2026-06-30
  readnext seo import performance.zip --json
")]
pub(super) struct Import {
    /// Exports, each in any of these formats
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// First day of an export that does not contain its days
    #[arg(long, value_name = "DATE", requires = "to", value_parser = day)]
    from: Option<Date>,
    /// Last day of that export
    #[arg(long, value_name = "DATE", requires = "from", value_parser = day)]
    to: Option<Date>,
    /// Print what came in as JSON, a line for each file
    #[arg(long)]
    json: bool,
}

impl Import {
    /// The days that the flags give to exports without their own.
    fn period(&self) -> Result<Option<(Date, Date)>> {
        match self.from.zip(self.to) {
            Some((from, to)) if from > to => Err(Error::Usage(format!(
                "found --from {from} after --to {to}, expected the first day before the last"
            ))),
            period => Ok(period),
        }
    }
}

fn day(text: &str) -> std::result::Result<Date, String> {
    Date::parse(text).ok_or_else(|| "expected a date such as 2026-06-30".to_owned())
}

pub(super) fn import(common: &Common, arguments: &Import) -> Result<u8> {
    let period = arguments.period()?;
    let (data, config) = (common.data(), common.config()?);
    let snapshot = Snapshot::open(&Generations::under(&data), &config)?;
    let (mut is_new, mut is_whole) = (false, true);
    for path in &arguments.files {
        let bytes = fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let found = import_search(&data, &config, snapshot.as_ref(), &bytes, period);
        let found = found.map_err(|error| match error {
            Error::Usage(what) => Error::Usage(format!("{}: {what}", path.display())),
            other => other,
        })?;
        is_new |= found.new;
        is_whole &= found.notes.is_empty();
        for note in &found.notes {
            say(format_args!("{}: {note}", path.display()));
        }
        print(&if arguments.json {
            let line = serde_json::to_string(&found).expect("plain data serialises");
            format!("{line}\n")
        } else {
            text(&path.display().to_string(), &found)
        })?;
    }
    if is_new {
        say(format_args!(
            "panels use it after the next `readnext reindex`"
        ));
    }
    Ok(if is_whole { 0 } else { SOME_REJECTED })
}

fn text(file: &str, found: &SearchImported) -> String {
    let mut out = match (found.new, found.figures) {
        (_, 0) => format!("{file}: nothing to import\n"),
        (true, figures) => format!("{file}: {}\n", counted(figures, "figure")),
        (false, _) => format!("{file}: was imported before\n"),
    };
    if let Some(matched) = found.matched.filter(|_| found.figures > 0) {
        let all = matched + found.unmatched.len();
        let _ = writeln!(out, "  {matched} of {all} addresses are articles");
    }
    for page in found.unmatched.iter().take(NAMED) {
        let _ = writeln!(out, "  no article: {page}");
    }
    if let Some(more @ 1..) = found.unmatched.len().checked_sub(NAMED) {
        let _ = writeln!(out, "  and {more} more");
    }
    out
}
