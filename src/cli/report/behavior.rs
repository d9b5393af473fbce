//! `readnext report behavior`: what readers do with panels, what panels show, and which names lead nowhere.

use std::fmt::Write as _;

use clap::Args;
use serde_json::json;

use super::{Form, csv_field};
use crate::cli::SOME_REJECTED;
use crate::cli::arguments::{Common, Now};
use crate::cli::events::tell_trimmed;
use crate::cli::output::{bold, dim};
use crate::cli::related::one_line;
use crate::config::SiteWeights;
use crate::engine::PanelQuery;
use crate::error::Result;
use crate::eval::{Habits, Rate};
use crate::model::Severity;

/// Unknown names that are shown as text.
const SHOWN: usize = 20;

/// Show how readers use panels: what is clicked, what is shown, what is unknown.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext report behavior
  readnext report behavior --json | jq '.by_position[0].rate'
  readnext report behavior --csv > behavior.csv
")]
pub(in crate::cli) struct Arguments {
    /// Cards of a panel, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    now: Now,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let now = arguments.now.seconds()?;
    let snapshot = common.snapshot_at(now)?;
    let (weights, _) = SiteWeights::of(&common.data(), &common.config()?).now()?;
    let query = PanelQuery {
        limit: usize::from(arguments.limit),
        weights,
        ..PanelQuery::at(now)
    };
    let habits = Habits::of(&common.data(), &snapshot, &query)?;
    tell_trimmed(&common.data())?;
    let form = &arguments.form;
    form.print(|| json!(habits), || csv(&habits), || listed(&habits))?;
    // What is damaged was told when the events were counted.
    let lost = habits.problems.iter();
    let lost = lost.filter(|problem| problem.severity == Severity::Error);
    Ok(if lost.count() > 0 { SOME_REJECTED } else { 0 })
}

/// The tables of rates, and what they are about.
fn tables(habits: &Habits) -> [(&'static str, &[Rate]); 3] {
    [
        ("position", &habits.by_position),
        ("kind", &habits.by_kind),
        ("reason", &habits.by_reason),
    ]
}

/// What panels show, by name.
fn coverage(habits: &Habits) -> [(&'static str, String); 7] {
    let coverage = &habits.coverage;
    let gini = coverage
        .gini
        .map_or_else(String::new, |gini| format!("{gini:.4}"));
    [
        ("pages", coverage.pages.to_string()),
        ("full", coverage.full.to_string()),
        ("limit", coverage.limit.to_string()),
        ("articles", coverage.articles.to_string()),
        ("shown", coverage.shown.to_string()),
        ("gini", gini),
        ("examination", format!("{:.4}", habits.examination)),
    ]
}

fn csv(habits: &Habits) -> String {
    let mut out = "about,name,seen,clicks,rate,low,high\n".to_owned();
    for (about, rows) in tables(habits) {
        for row in rows {
            let rate = row.rate.map_or_else(
                || ",,".to_owned(),
                |rate| format!("{:.6},{:.6},{:.6}", rate.mean, rate.low, rate.high),
            );
            let name = csv_field(&row.name);
            let _ = writeln!(out, "{about},{name},{},{},{rate}", row.seen, row.clicks);
        }
    }
    for (name, value) in coverage(habits) {
        let _ = writeln!(out, "coverage,{name},{value},,,,");
    }
    for unknown in &habits.unknown {
        let _ = writeln!(
            out,
            "unknown,{},{},,,,",
            csv_field(&unknown.name),
            unknown.events
        );
    }
    out
}

fn listed(habits: &Habits) -> String {
    let mut out = format!("{} events\n", habits.events);
    for (about, rows) in tables(habits) {
        if rows.is_empty() {
            continue;
        }
        let head = format!("{:24}{:>10}{:>10}{:>10}", about, "seen", "clicks", "rate");
        let _ = writeln!(out, "\n{}", bold(&head));
        for row in rows {
            let rate = row.rate.map_or_else(String::new, |rate| {
                let percent = |share: f64| format!("{:.2}%", 100.0 * share);
                format!(
                    "{:>10}  {}",
                    percent(rate.mean),
                    dim(&format!("{} to {}", percent(rate.low), percent(rate.high)))
                )
            });
            let name = one_line(&row.name);
            let _ = writeln!(out, "{name:24}{:>10}{:>10}{rate}", row.seen, row.clicks);
        }
    }
    if habits.lacks_impressions() {
        out.push_str("more clicks than cards seen: impressions are missing\n");
    }
    if habits.by_position.is_empty() {
        out.push_str("no card was seen or clicked in a panel\n");
    } else {
        let _ = writeln!(
            out,
            "chance that readers look at the card in place k: 1/k^{:.2}",
            habits.examination
        );
    }
    let coverage = &habits.coverage;
    let _ = write!(
        out,
        "\n{}\n{} of {} pages have {} related cards\n{} of {} articles are a related card somewhere\n",
        bold("panels now"),
        coverage.full,
        coverage.pages,
        coverage.limit,
        coverage.shown,
        coverage.articles
    );
    if let Some(gini) = coverage.gini {
        let _ = writeln!(out, "Gini coefficient of exposure {gini:.3}");
    }
    unknown(habits, &mut out);
    out
}

fn unknown(habits: &Habits, out: &mut String) {
    if habits.unknown.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{}",
        bold("names in events that match no published article, and their events")
    );
    for unknown in habits.unknown.iter().take(SHOWN) {
        let _ = writeln!(out, "{:>10}  {}", unknown.events, one_line(&unknown.name));
    }
    let more = habits.unknown.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "{}", dim(&format!("{more} more: see --json or --csv")));
    }
}
