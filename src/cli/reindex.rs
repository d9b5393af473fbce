//! `readnext reindex`: builds the index and says what changed.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde::Serialize;

use super::SOME_REJECTED;
use super::arguments::{Common, Reindex as Arguments};
use super::output::{Bars, bold, print};
use crate::engine::{Corpora, Incoming, Rebuilt, Reindex, Report};
use crate::error::{Result, say};
use crate::model::Problem;

/// How often `--watch` looks at the files.
const LOOK: Duration = Duration::from_secs(1);
/// Ids listed for each of added, changed and removed; `--json` lists all.
const LISTED: usize = 10;

#[derive(Serialize)]
struct Body<'a> {
    added: &'a [String],
    changed: &'a [String],
    removed: &'a [String],
    unchanged: usize,
    rejected: usize,
    generation: u64,
    problems: &'a [Problem],
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    if arguments.for_server {
        let rebuilt = Rebuilt::for_server(&common.data(), &common.config()?)?;
        let line = serde_json::to_string(&rebuilt).expect("plain data serialises");
        print(&format!("{line}\n"))?;
        return Ok(0);
    }
    let report = reindex(common, arguments, true)?;
    show(&report, arguments)?;
    if arguments.watch {
        say(format_args!("watching for changes; stop with Ctrl-C"));
        loop {
            thread::sleep(LOOK);
            match reindex(common, arguments, false) {
                Ok(report) if report.built => show(&report, arguments)?,
                Ok(_) => {}
                // A folder that is just being replaced is there again in a moment.
                Err(error) => say(format_args!("readnext: {error}; looking again")),
            }
        }
    }
    Ok(if report.rejected > 0 {
        SOME_REJECTED
    } else {
        0
    })
}

/// Reindexes; only the first run of a command reads standard input and compares every file.
fn reindex(common: &Common, arguments: &Arguments, first: bool) -> Result<Report> {
    let data = common.data();
    let config = common.config()?;
    let bars = Bars::default();
    let (streams, roots): (Vec<PathBuf>, Vec<PathBuf>) = arguments
        .corpus
        .iter()
        .cloned()
        .partition(|path| path.as_os_str() == "-");
    let streams = first && !streams.is_empty();
    let mut input = io::stdin().lock();
    if streams && input.is_terminal() {
        say(format_args!(
            "reading articles from the terminal, a JSON record a line; end with Ctrl-D"
        ));
    }
    let report = Reindex {
        data: &data,
        config: &config,
        corpora: Corpora::Roots(roots),
        incoming: streams.then_some(Incoming(&mut input)),
        journal_only: false,
        full: first && arguments.full,
        allow_shrink: arguments.allow_shrink,
        verify: first,
    }
    .run(&|progress| bars.show(progress));
    bars.clear();
    report
}

fn show(report: &Report, arguments: &Arguments) -> Result<()> {
    if arguments.json {
        let body = Body {
            added: &report.added,
            changed: &report.changed,
            removed: &report.removed,
            unchanged: report.unchanged,
            rejected: report.rejected,
            generation: report.generation,
            problems: &report.problems,
        };
        let text = serde_json::to_string(&body).expect("plain data serialises");
        return print(&format!("{text}\n"));
    }
    for problem in &report.problems {
        say(format_args!("{problem}"));
    }
    let mut text = String::new();
    for (what, ids) in [
        ("added", &report.added),
        ("changed", &report.changed),
        ("removed", &report.removed),
    ] {
        for id in ids.iter().take(LISTED) {
            text.push_str(&format!("{what:>9}  {id}\n"));
        }
        if ids.len() > LISTED {
            text.push_str(&format!("{what:>9}  and {} more\n", ids.len() - LISTED));
        }
    }
    text.push_str(&summary(report));
    print(&text)
}

/// One line on the whole run, and one on words that could not be stemmed.
fn summary(report: &Report) -> String {
    let (added, changed, removed) = (
        report.added.len(),
        report.changed.len(),
        report.removed.len(),
    );
    let counts = format!(
        "{added} added, {changed} changed, {removed} removed, {} unchanged, {} rejected",
        report.unchanged, report.rejected
    );
    let generation = report.generation;
    let mut text = if report.built {
        format!(
            "{}; {counts}\n",
            bold(&format!("generation {generation} serves now"))
        )
    } else {
        format!(
            "{}; {counts}\n",
            bold(&format!(
                "nothing changed, nothing written; generation {generation} still serves"
            ))
        )
    };
    if report.unstemmed > 0 {
        text.push_str(&format!(
            "{} words could not be stemmed and are indexed as they are\n",
            report.unstemmed
        ));
    }
    text
}
