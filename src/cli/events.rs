//! `readnext events`: what readers did, into the journal and out of it.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::SOME_REJECTED;
use super::arguments::{Common, EventsErase, EventsExport, EventsImport};
use super::output::{bold, counted, print};
use super::related::one_line;
use crate::corpus::events::{Options, Report, write_record};
use crate::engine::{Borrowed, Counted, Import, Imported, Snapshot, trimmed_until};
use crate::error::{Error, Result, say};
use crate::index::Generations;
use crate::journal::read_events;
use crate::keys::SiteKey;
use crate::model::{Date, Severity};

#[derive(Serialize)]
struct Body<'a> {
    files: Vec<FileBody<'a>>,
    new: u64,
    known: u64,
    matched: Option<u64>,
    unmatched: Vec<UnmatchedBody<'a>>,
}

#[derive(Serialize)]
struct FileBody<'a> {
    file: String,
    #[serde(flatten)]
    report: &'a Report,
}

#[derive(Serialize)]
struct UnmatchedBody<'a> {
    name: &'a str,
    events: u64,
}

pub(super) fn import(common: &Common, arguments: &EventsImport) -> Result<u8> {
    let data = common.existing_data()?;
    let config = common.config()?;
    let snapshot = Snapshot::open(&Generations::under(&data), &config)?;
    let import = Import {
        data: &data,
        config: &config,
        snapshot: snapshot.as_ref(),
        options: Options {
            drop_robots: arguments.drop_robots,
            ..Options::default()
        },
        dry_run: arguments.dry_run,
    };
    let imported = import.run(&arguments.files)?;
    for problem in &imported.problems {
        say(problem);
    }
    if imported.unsure > 0 {
        say(format_args!(
            "{} of the new events may have been counted before: .ids files of removed segments are damaged",
            imported.unsure
        ));
    }
    let names = || {
        arguments
            .files
            .iter()
            .map(|file| file.display().to_string())
    };
    if arguments.json {
        let body = Body {
            files: names()
                .zip(&imported.files)
                .map(|(file, report)| FileBody { file, report })
                .collect(),
            new: imported.new,
            known: imported.known,
            matched: imported.matched,
            unmatched: imported
                .unmatched
                .iter()
                .map(|(name, events)| UnmatchedBody {
                    name,
                    events: *events,
                })
                .collect(),
        };
        let text = serde_json::to_string(&body).expect("plain data serialises");
        print(&format!("{text}\n"))?;
    } else {
        let mut text = String::new();
        for (name, report) in names().zip(&imported.files) {
            report.problems.iter().for_each(say);
            text.push_str(&file_line(&name, report));
        }
        text.push_str(&summary(&imported, arguments.dry_run));
        print(&text)?;
    }
    let lost = imported.files.iter().any(|report| report.refused() > 0)
        || imported
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
    Ok(if lost { SOME_REJECTED } else { 0 })
}

/// What came of one file, in a line or two.
fn file_line(name: &str, report: &Report) -> String {
    let mut text = format!(
        "{}: {}, {}",
        one_line(name),
        counted(report.lines, "line"),
        counted(report.events, "event")
    );
    if let Some((first, last)) = report.span {
        let day = |at: i64| Date::from_parts(at.div_euclid(1000), false);
        text.push_str(&format!(" from {} to {}", day(first), day(last)));
    }
    text.push('\n');
    if !report.left_out.is_empty() {
        let counts = report.left_out.iter();
        let counts: Vec<String> = counts
            .map(|(reason, count)| format!("{}: {count}", reason.name()))
            .collect();
        text.push_str(&format!("  left out: {}\n", counts.join(", ")));
    }
    if let Some(share) = report.robot_share() {
        text.push_str(&format!(
            "  robots: {:.1}% of the page views\n",
            100.0 * share
        ));
    }
    text
}

fn summary(imported: &Imported, dry_run: bool) -> String {
    let events: u64 = imported.files.iter().map(|report| report.events).sum();
    let mut text = String::new();
    match imported.matched {
        Some(matched) if events > 0 => {
            let share = 100.0 * matched as f64 / events as f64;
            text.push_str(&format!(
                "{share:.1}% of the events are about articles of this site\n"
            ));
            for (name, count) in &imported.unmatched {
                text.push_str(&format!("  unknown: {} ({count})\n", one_line(name)));
            }
        }
        Some(_) => {}
        None => {
            text.push_str(
                "there is no index yet, so the articles of the events cannot be checked\n",
            );
        }
    }
    let outcome = if dry_run {
        format!(
            "nothing written: {events} events would be imported, except those that the journal already has"
        )
    } else {
        format!(
            "{} kept, {} were there already",
            counted(imported.new, "event"),
            imported.known
        )
    };
    text.push_str(&bold(&outcome));
    text.push('\n');
    text
}

pub(super) fn export(common: &Common, arguments: &EventsExport) -> Result<u8> {
    let data = common.existing_data()?;
    let out = arguments.out.as_path();
    let failed = |error: io::Error| Error::io("write", out, &error);
    let mut file: Box<dyn Write> = if out == Path::new("-") {
        Box::new(io::stdout().lock())
    } else {
        Box::new(std::fs::File::create(out).map_err(failed)?)
    };
    let mut writer = BufWriter::new(&mut file);
    let mut line = Vec::new();
    let mut count = 0u64;
    let problems = read_events(&data, 0, |_, event| {
        line.clear();
        write_record(event, &mut line);
        count += 1;
        writer.write_all(&line).map_err(failed)
    })?;
    match writer.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(failed(error)),
        _ => {}
    }
    problems.iter().for_each(say);
    if let Some(until) = trimmed_until(&data)? {
        say(format_args!(
            "what was added until {} is in a checkpoint and cannot be exported",
            Date::from_parts(until, false)
        ));
    }
    say(format_args!("exported {}", counted(count, "event")));
    let lost = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    Ok(if lost { SOME_REJECTED } else { 0 })
}

/// Says on stderr what figures that are made of single events do not hold: those of a checkpoint.
pub(super) fn tell_trimmed(data: &Path) -> Result<()> {
    if let Some(until) = trimmed_until(data)? {
        say(format_args!(
            "what was added until {} is in a checkpoint and is not in these figures",
            Date::from_parts(until, false)
        ));
    }
    Ok(())
}

pub(super) fn erase(common: &Common, arguments: &EventsErase) -> Result<u8> {
    let data = common.existing_data()?;
    // Without a secret no name was ever hashed; a hash may still be one of another folder's export.
    let key = SiteKey::load_or_create(&data)?;
    let mut borrowed = Borrowed::open(&data)?;
    borrowed.problems.iter().for_each(say);
    let erased = borrowed.journal.erase(key.visitor(&arguments.visitor))?;
    let counted = Counted::load(&data, i64::MAX)?;
    counted.problems.iter().for_each(say);
    counted.publish(&data)?;
    let text = match erased {
        0 => "this visitor has no events here; nothing was changed".to_owned(),
        1 => "1 event erased; panels are as if it had never been".to_owned(),
        _ => format!("{erased} events erased; panels are as if they had never been"),
    };
    print(&format!("{}\n", bold(&text)))?;
    if let Some(until) = trimmed_until(&data)? {
        print(&format!(
            "only events added since {} were erased: earlier ones are in a checkpoint, which holds no visitors\n",
            Date::from_parts(until, false)
        ))?;
    }
    Ok(0)
}
