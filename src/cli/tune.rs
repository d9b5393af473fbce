//! `readnext tune`: learns what each signal should count here, and keeps it only where that is better beyond chance.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::SOME_REJECTED;
use super::arguments::{Common, Now};
use super::events::tell_trimmed;
use super::output::{bold, print};
use super::weights::weights_json;
use crate::config::{Learned, SiteWeights, WeightsFrom};
use crate::error::{Error, Result, say};
use crate::eval::Interval;
use crate::eval::tune::{Tuned, Verdict};
use crate::model::{Date, SignalKind};
use crate::ranking::Weights;

/// Learn the weights of the signals from clicks, and keep them if they rank better.
///
/// Exit code 0: new weights are kept, or would be with --dry-run. Exit code 3: nothing changed, because they are not better, or
/// because there are too few clicks to tell.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext tune
  readnext tune --dry-run --json
  readnext tune --rollback
")]
pub(super) struct Arguments {
    /// Show what would be learned; keep nothing
    #[arg(long)]
    dry_run: bool,
    /// Go back to the previous weights
    #[arg(long, conflicts_with_all = ["dry_run", "time"])]
    rollback: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    now: Now,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let learned = Learned::under(&common.data());
    if arguments.rollback {
        return roll_back(&learned, arguments.json);
    }
    let now = arguments.now.seconds()?;
    let (in_force, from) = SiteWeights::of(&common.data(), &common.config()?).now()?;
    if from == WeightsFrom::Hand && !arguments.dry_run {
        return Err(Error::Config(
            "found weights in readnext.toml or READNEXT_WEIGHTS, which override learned ones; remove them, or add --dry-run"
                .to_owned(),
        ));
    }
    let snapshot = common.generation()?;
    let until = now.saturating_mul(1000);
    tell_trimmed(&common.data())?;
    let tuned = Tuned::of(&common.data(), &snapshot, in_force, until)?;
    tuned.problems.iter().for_each(say);
    let better = tuned.verdict == Verdict::Better;
    if better && !arguments.dry_run {
        let date = Date::from_seconds(now);
        learned.keep(&tuned.learned, &comment(&tuned, date))?;
    }
    if arguments.json {
        print(&format!("{}\n", as_json(&tuned, from, arguments.dry_run)))?;
    } else {
        print(&as_text(&tuned, from, arguments.dry_run))?;
    }
    Ok(if better { 0 } else { SOME_REJECTED })
}

fn roll_back(learned: &Learned, json: bool) -> Result<u8> {
    let rolled_back = learned.roll_back()?;
    let weights = learned.load()?;
    let from = weights.map_or(WeightsFrom::Shipped, |_| WeightsFrom::Learned);
    let weights = weights.unwrap_or_default();
    if json {
        print(&format!(
            "{}\n",
            json!({"rolled_back": rolled_back, "from": name(from), "weights": weights_json(&weights)})
        ))?;
    } else {
        let told = match rolled_back {
            true => "went back to the previous weights; the latest ones are in weights.undone.toml",
            false => "found no learned weights to go back from",
        };
        print(&format!("{told}\n{}", one_line(&weights, name(from))))?;
    }
    Ok(if rolled_back { 0 } else { SOME_REJECTED })
}

fn one_line(weights: &Weights, from: &str) -> String {
    let parts = SignalKind::ALL
        .into_iter()
        .map(|signal| format!("{} {:.3}", signal.name(), weights.of(signal)));
    format!("{from}: {}\n", parts.collect::<Vec<_>>().join(", "))
}

fn name(from: WeightsFrom) -> &'static str {
    match from {
        WeightsFrom::Hand => "by hand",
        WeightsFrom::Learned => "learned",
        WeightsFrom::Shipped => "shipped",
    }
}

/// What stands above kept weights.
fn comment(tuned: &Tuned, date: Date) -> String {
    let mut out = format!(
        "What each signal counts, learned by `readnext tune` on {date}. [weights] in readnext.toml goes before it, and\n`readnext tune --rollback` back to the weights before.\n\n"
    );
    out.push_str(&data(tuned));
    if let Some(orders) = &tuned.orders {
        let _ = writeln!(
            out,
            "Held-out pairs of cards in the right order: {:.4} before, {:.4} with these; {}.",
            orders.in_force.mean,
            orders.learned.mean,
            difference(&orders.difference)
        );
    }
    out
}

/// What was learned from and what was held out.
fn data(tuned: &Tuned) -> String {
    let (first, last) = tuned.held_out_time;
    let date = |at: i64| Date::from_seconds(at.div_euclid(1000));
    let mut out = format!(
        "Learned from {} choices of readers, {} of them in panels that are known.\n",
        tuned.choices, tuned.in_panels
    );
    if tuned.held_out > 0 {
        let _ = writeln!(
            out,
            "Held out: {} choices of {} visitors, from {} to {}.",
            tuned.held_out,
            tuned.visitors,
            date(first),
            date(last)
        );
    }
    out
}

fn difference(interval: &Interval) -> String {
    format!(
        "difference {:+.4}, 95% between {:+.4} and {:+.4}",
        interval.mean, interval.low, interval.high
    )
}

fn as_text(tuned: &Tuned, from: WeightsFrom, dry_run: bool) -> String {
    let mut out = data(tuned);
    let head = format!("\n{:12}{:>12}{:>12}", "", name(from), "learned");
    let _ = writeln!(out, "{}", bold(&head));
    for signal in SignalKind::ALL {
        let (before, after) = (tuned.in_force.of(signal), tuned.learned.of(signal));
        let _ = writeln!(out, "{:12}{before:>12.3}{after:>12.3}", signal.name());
    }
    if let Some(orders) = &tuned.orders {
        let (before, after) = (orders.in_force.mean, orders.learned.mean);
        let told = difference(&orders.difference);
        let _ = writeln!(
            out,
            "{:12}{before:>12.4}{after:>12.4}   {told}",
            "right order"
        );
    }
    let told = match (tuned.verdict, dry_run) {
        (Verdict::Better, false) => "better: kept in weights.toml",
        (Verdict::Better, true) => "better: would be kept",
        (Verdict::NotBetter, _) => "not better beyond chance: nothing changed",
        (Verdict::TooFew, _) => "too few choices to tell: nothing changed",
    };
    let _ = writeln!(out, "\n{told}");
    out
}

fn as_json(tuned: &Tuned, from: WeightsFrom, dry_run: bool) -> Value {
    json!({
        "verdict": tuned.verdict,
        "kept": tuned.verdict == Verdict::Better && !dry_run,
        "from": name(from),
        "in_force": weights_json(&tuned.in_force),
        "learned": weights_json(&tuned.learned),
        "choices": tuned.choices,
        "in_panels": tuned.in_panels,
        "held_out": {
            "choices": tuned.held_out,
            "visitors": tuned.visitors,
            "from": tuned.held_out_time.0 as f64 / 1000.0,
            "to": tuned.held_out_time.1 as f64 / 1000.0,
        },
        "right_order": tuned.orders,
    })
}
