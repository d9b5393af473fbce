//! `readnext suggest`: what a draft should link to.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::IgnoredAny;

use super::arguments::Common;
use super::output::{bold, print};
use super::related::one_line;
use crate::config::Sources;
use crate::corpus::Piece;
use crate::engine::Suggestions;
use crate::error::{Error, Result, say};
use crate::model::Problem;
use crate::serve::suggest_json;

/// Suggest what a draft should link to, and from which of its words.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext suggest drafts/new-article.md
  readnext suggest --limit 5 --json draft.json
")]
pub(super) struct Suggest {
    /// A Markdown or HTML file, an article record as JSON (.json; .jsonl with one line), or - for a record on standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Links and articles at most, 1 to 100 of each
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
    /// Print the body of POST /v1/suggest
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Suggest) -> Result<u8> {
    let snapshot = common.snapshot()?;
    let (draft, problems) = match read(common, &arguments.file)? {
        Draft::Record(record) => snapshot.draft(&record),
        Draft::File(piece) => {
            let read = piece.read(&common.config()?.rules);
            (read.article, read.problems)
        }
    };
    let told = problems
        .iter()
        .map(|problem| told(problem, &arguments.file));
    told.for_each(say);
    let draft = draft.ok_or_else(|| {
        Error::Failed(format!(
            "{} cannot be read as an article",
            arguments.file.display()
        ))
    })?;
    let suggestions = snapshot.suggest(&draft, usize::from(arguments.limit))?;
    print(&match arguments.json {
        true => format!("{}\n", suggest_json(&suggestions)),
        false => shown(&suggestions),
    })?;
    Ok(0)
}

/// What is wrong with the draft in `file`: nothing is dropped of it, and a field of a record is found by its name.
fn told(problem: &Problem, file: &Path) -> Problem {
    let place = |number: Option<u64>| number.filter(|_| problem.field.is_none());
    let message = problem.message.trim_start_matches("dropped: ").to_owned();
    Problem {
        path: file.display().to_string(),
        line: place(problem.line),
        column: place(problem.column),
        message,
        ..problem.clone()
    }
}

/// A draft as it lies on the disk.
enum Draft {
    Record(Vec<u8>),
    File(Piece),
}

fn read(common: &Common, file: &Path) -> Result<Draft> {
    if file.as_os_str() == "-" {
        let mut record = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut record);
        read.map_err(|error| Error::Failed(format!("cannot read standard input: {error}")))?;
        return Ok(Draft::Record(record));
    }
    let bytes = fs::read(file).map_err(|error| Error::io("read", file, &error))?;
    let ending = file.extension().and_then(OsStr::to_str).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "json" => return Ok(Draft::Record(bytes)),
        "jsonl" | "ndjson" => return the_record(file, bytes).map(Draft::Record),
        _ => {}
    }
    let name = below_a_root(common, file)?;
    Ok(Draft::File(Piece::file(&name.to_string_lossy(), &bytes)))
}

/// The one record of `bytes`, the JSON Lines in `file`.
fn the_record(file: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let lines = bytes.split(|&byte| byte == b'\n');
    let count = lines.filter(|line| !line.trim_ascii().is_empty()).count();
    // One may go over several lines, as in a .json file.
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if count > 1 && serde_json::from_slice::<IgnoredAny>(unmarked).is_err() {
        return Err(Error::Usage(format!(
            "{}: found {count} records, expected one: a draft; put it into a file of its own",
            file.display()
        )));
    }
    Ok(bytes)
}

/// The path of `file` below the corpus root that it lies in, so that a page of the site is known for itself; else as it is.
fn below_a_root(common: &Common, file: &Path) -> Result<PathBuf> {
    let roots = Sources::load(&common.data())?.roots;
    let whole = file.canonicalize();
    let whole = whole.map_err(|error| Error::io("read", file, &error))?;
    let below = roots.iter().find_map(|root| {
        let root = Path::new(root).canonicalize().ok()?;
        whole.strip_prefix(root).ok().map(Path::to_owned)
    });
    let below = below.filter(|below| !below.as_os_str().is_empty());
    Ok(below.unwrap_or_else(|| file.to_owned()))
}

fn shown(suggestions: &Suggestions<'_>) -> String {
    let mut text = format!("{}\n", bold("Link from these words"));
    for link in &suggestions.links {
        let phrase = one_line(&link.phrase);
        text.push_str(&format!("  {phrase:<32}  {}\n", one_line(link.entry.url)));
    }
    if suggestions.links.is_empty() {
        text.push_str("  none: the text names no article that it does not link already\n");
    }
    text.push_str(&format!("{}\n", bold("Related")));
    for found in &suggestions.related {
        text.push_str(&format!(
            "  {}\n      {}\n",
            one_line(found.entry.title),
            one_line(found.entry.url)
        ));
    }
    if suggestions.related.is_empty() {
        text.push_str("  none: no article of its language holds its words\n");
    }
    text
}
