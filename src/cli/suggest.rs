//! `readnext suggest`: what a draft should link to.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::Common;
use super::output::{bold, print};
use crate::corpus::Piece;
use crate::engine::Suggestions;
use crate::error::{Error, Result, say};
use crate::serve::suggest_json;

/// Suggest what a draft should link to, and from which of its words.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext suggest drafts/new-article.md
  readnext suggest --limit 5 --json draft.json
")]
pub(super) struct Suggest {
    /// A Markdown or HTML file, an article record as JSON (.json), or - for a record on standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Articles of each kind at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print the body of POST /v1/suggest
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Suggest) -> Result<u8> {
    let snapshot = common.snapshot()?;
    let piece = read(&arguments.file)?;
    let draft = match piece {
        Draft::Record(record) => snapshot.draft(&record),
        Draft::File(piece) => {
            let read = piece.read(&common.config()?.rules);
            read.article.ok_or(read.problems)
        }
    };
    let draft = draft.map_err(|problems| {
        problems.iter().for_each(say);
        Error::Failed(format!(
            "{} cannot be read as an article",
            arguments.file.display()
        ))
    })?;
    let suggestions = snapshot.suggest(&draft, arguments.limit)?;
    print(&match arguments.json {
        true => format!("{}\n", suggest_json(&suggestions)),
        false => shown(&suggestions),
    })?;
    Ok(0)
}

/// A draft as it lies on the disk.
enum Draft {
    Record(Vec<u8>),
    File(Piece),
}

fn read(file: &Path) -> Result<Draft> {
    if file.as_os_str() == "-" {
        let mut record = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut record);
        read.map_err(|error| Error::Failed(format!("cannot read standard input: {error}")))?;
        return Ok(Draft::Record(record));
    }
    let bytes = fs::read(file).map_err(|error| Error::io("read", file, &error))?;
    if file
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return Ok(Draft::Record(bytes));
    }
    Ok(Draft::File(Piece::file(&file.to_string_lossy(), &bytes)))
}

fn shown(suggestions: &Suggestions<'_>) -> String {
    let mut text = format!("{}\n", bold("Link from these words"));
    for link in &suggestions.links {
        text.push_str(&format!("  {:<32}  {}\n", link.phrase, link.entry.url));
    }
    text.push_str(&format!("{}\n", bold("Related")));
    for found in &suggestions.related {
        text.push_str(&format!(
            "  {}\n      {}\n",
            found.entry.title, found.entry.url
        ));
    }
    text
}
