//! `readnext report abuse`: what was sent and did not count, by day and pair of articles. It names no reader.

use clap::Args;
use serde_json::json;

use super::{Form, csv_field};
use crate::cli::SOME_REJECTED;
use crate::cli::arguments::Common;
use crate::cli::output::{bold, counted, dim};
use crate::cli::related::one_line;
use crate::engine::{Abuse, Why, Withheld};
use crate::error::{Result, say};
use crate::model::Severity;

/// Rows of a day that are shown as text.
const SHOWN: usize = 20;

/// List events that did not count, by day and pair of articles.
///
/// Events beyond what one visitor or one network may add in a day, and events that came too fast. No reader is named.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext report abuse
  readnext report abuse --csv > held-back.csv
")]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    form: Form,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let abuse = Abuse::load(&common.existing_data()?)?;
    abuse.problems.iter().for_each(say);
    let form = &arguments.form;
    form.print(
        || json!({ "withheld": abuse.withheld }),
        || csv(&abuse.withheld),
        || listed(&abuse.withheld),
    )?;
    let lost = (abuse.problems.iter()).any(|problem| problem.severity == Severity::Error);
    Ok(if lost { SOME_REJECTED } else { 0 })
}

fn csv(rows: &[Withheld]) -> String {
    let mut out = "day,from,article,why,events,reads\n".to_owned();
    for row in rows {
        let text = |text: &Option<String>| text.as_deref().map_or_else(String::new, csv_field);
        let reads = row
            .reads
            .map_or_else(String::new, |reads| format!("{reads:.2}"));
        out.push_str(&format!(
            "{},{},{},{},{},{reads}\n",
            row.day,
            text(&row.from),
            text(&row.article),
            row.why.map_or("", Why::name),
            row.events,
        ));
    }
    out
}

fn listed(rows: &[Withheld]) -> String {
    if rows.is_empty() {
        return "nothing was held back in the last 30 days\n".to_owned();
    }
    let mut out = String::new();
    for day in rows.chunk_by(|a, b| a.day == b.day) {
        let events: u64 = day.iter().map(|row| row.events).sum();
        out.push_str(&bold(&format!(
            "{}: {}",
            day[0].day,
            counted(events, "event")
        )));
        out.push('\n');
        day.iter()
            .take(SHOWN)
            .for_each(|row| out.push_str(&line(row)));
        if let Some(more) = day.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            out.push_str(&dim(&format!("  {more} more: see --json or --csv\n")));
        }
    }
    out
}

fn line(row: &Withheld) -> String {
    let reads = row
        .reads
        .map_or_else(String::new, |reads| format!(", {reads:.1} reads"));
    let events = counted(row.events, "event");
    let pair = match (&row.from, &row.article) {
        (Some(from), Some(article)) => format!("{} beside {}", one_line(article), one_line(from)),
        (None, Some(article)) => one_line(article),
        _ => "all other pairs".to_owned(),
    };
    let why = row
        .why
        .map_or_else(String::new, |why| format!(": {}", in_words(why)));
    format!("  {pair}  {}\n", dim(&format!("{events}{reads}{why}")))
}

fn in_words(why: Why) -> &'static str {
    match why {
        Why::Visitor => "more than a visitor adds to a pair in a day",
        Why::Network => "more than a network adds to a pair in a day",
        Why::Pairs => "more pairs than a visitor adds to in a day",
        Why::Rate => "more events than a reader sends in a minute",
        Why::Repeated => "clicks on a card that the visitor had clicked that day",
    }
}
