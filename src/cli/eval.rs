//! `readnext eval`: how good rankings are by judgments or by held-out clicks, several settings side by side.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::{Map, Value, json};

use super::arguments::{Common, Now, seconds};
use super::events::tell_trimmed;
use super::output::{bold, counted, print};
use super::weights::{kept, named, weights_json};
use crate::config::SiteWeights;
use crate::engine::{Counted, PanelQuery, Snapshot};
use crate::error::{Error, Result, say};
use crate::eval::{
    Comparison, HeldOut, Interval, Judgments, Measured, PerMeasure, Row, Run, Setting, read_queries,
};
use crate::model::Date;
use crate::panel::WHOLE_PANEL;

/// Articles of a ranking that are looked at.
const DEPTH: usize = 50;

/// Measure how good the rankings are, by judgments or by held-out clicks.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext eval --qrels qrels.tsv
  readnext eval --qrels qrels.tsv --signals behavior,content,research,seo --signals content
  readnext eval --qrels qrels.tsv --queries queries.txt --baseline other-system.tsv --json
  readnext eval --clicks --weights shipped --weights learned
  readnext eval --qrels qrels.tsv --panels
", group = ArgGroup::new("judged_by").args(["qrels", "clicks"]).required(true))]
pub(super) struct Arguments {
    /// Judgments: lines of query, article and grade, separated by tabs
    #[arg(long, value_name = "FILE")]
    qrels: Option<PathBuf>,
    /// Judge by what readers clicked and read after T, and count only events up to T [default T: holds out the last
    /// fifth]
    #[arg(long, value_name = "T", num_args = 0..=1, default_missing_value = "")]
    clicks: Option<String>,
    /// Only the queries (ids of articles) in this file, one a line
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,
    /// The ranking of another system, in the format of `export --format run`, to compare all settings with [default: the
    /// first setting]
    #[arg(long, value_name = "RUN")]
    baseline: Option<PathBuf>,
    /// Add a setting with only these signals of the site's weights; repeatable
    #[arg(long, value_name = "LIST")]
    signals: Vec<String>,
    /// Add a setting with these weights, such as behavior=0.5,content=0.5, `shipped` or `learned`; repeatable
    #[arg(long, value_name = "LIST")]
    weights: Vec<String>,
    /// Measure whole panels of each setting, without and with the places reserved for articles in few panels
    #[arg(long)]
    panels: bool,
    /// Depth of a ranking; with --panels the cards of a panel [default: 50, with --panels 20]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    limit: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    now: Now,
}

/// What the queries are judged by.
struct Judged {
    judgments: Judgments,
    /// Unix seconds; rankings are as of this time.
    now: i64,
    /// What it is, for the reader.
    told: String,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let settings = settings(common, arguments)?;
    let now = arguments.now.seconds()?;
    let snapshot = common.snapshot()?;
    let judged = judged(common, arguments, &snapshot, now)?;
    let counted = Counted::load(&common.data(), judged.now.saturating_mul(1000))?;
    counted.problems.iter().for_each(say);
    snapshot.count(counted.fold);
    let queries = match &arguments.queries {
        Some(path) => read_queries(path)?,
        None => judged.judgments.queries().map(str::to_owned).collect(),
    };
    let baseline = match &arguments.baseline {
        Some(path) => Some((path.display().to_string(), Run::read(path)?)),
        None => None,
    };
    let depth = match arguments.panels {
        true => WHOLE_PANEL,
        false => DEPTH,
    };
    let query = PanelQuery {
        limit: arguments.limit.map_or(depth, usize::from),
        ..PanelQuery::at(judged.now)
    };
    let compared = Comparison::of(
        &snapshot,
        &query,
        &judged.judgments,
        &queries,
        &settings,
        baseline.as_ref().map(|(name, run)| (name.as_str(), run)),
    );
    if compared.queries == 0 {
        return Err(Error::Failed(
            "found no query with a judgment; expected ids of articles, as the judgments have them"
                .to_owned(),
        ));
    }
    if arguments.json {
        print(&format!("{}\n", as_json(&compared, &judged.told)))?;
    } else {
        print(&as_text(&compared, &judged.told))?;
    }
    Ok(0)
}

/// The settings that are asked for, or the site's own.
fn settings(common: &Common, arguments: &Arguments) -> Result<Vec<Setting>> {
    let site = SiteWeights::of(&common.data(), &common.config()?);
    let mut named_weights = Vec::new();
    for list in &arguments.signals {
        let only = site.clone().with(None, Some(kept(list)?)).now()?.0;
        named_weights.push((list.clone(), only));
    }
    for list in &arguments.weights {
        named_weights.push((list.clone(), named(list, common)?));
    }
    if named_weights.is_empty() {
        named_weights.push(("as served".to_owned(), site.now()?.0));
    }
    let measured: &[(Measured, &str)] = match arguments.panels {
        false => &[(Measured::Rankings, "")],
        true => &[
            (Measured::Panels { reserving: false }, ", nothing reserved"),
            (Measured::Panels { reserving: true }, ", places reserved"),
        ],
    };
    let settings = named_weights.iter().flat_map(|(name, weights)| {
        measured.iter().map(move |&(measured, what)| Setting {
            name: format!("{name}{what}"),
            weights: *weights,
            measured,
        })
    });
    Ok(settings.collect())
}

fn judged(common: &Common, arguments: &Arguments, snapshot: &Snapshot, now: i64) -> Result<Judged> {
    if let Some(path) = &arguments.qrels {
        return Ok(Judged {
            judgments: Judgments::read(path)?,
            now,
            told: path.display().to_string(),
        });
    }
    let since = match arguments.clicks.as_deref() {
        None | Some("") => None,
        given => Some(seconds("--clicks", given)?),
    };
    let millis = |seconds: i64| seconds.saturating_mul(1000);
    tell_trimmed(&common.data())?;
    let held = HeldOut::of(&common.data(), snapshot, since.map(millis), millis(now))?;
    held.problems.iter().for_each(say);
    let since = held.since.div_euclid(1000);
    Ok(Judged {
        told: format!(
            "{} clicks and reads after {}",
            held.steps,
            Date::from_seconds(since)
        ),
        judgments: held.judgments,
        now: since,
    })
}

fn as_text(compared: &Comparison, told: &str) -> String {
    let queries = match compared.queries {
        1 => "1 query".to_owned(),
        many => format!("{many} queries"),
    };
    let judgments = counted(compared.judgments, "judgment");
    let mut out = format!("{told}: {queries}, {judgments}\n");
    if compared.unknown > 0 {
        let _ = writeln!(
            out,
            "queries that are no article of the site, counted as 0: {}",
            compared.unknown
        );
    }
    let width = compared.rows.iter().map(|row| row.name.chars().count());
    let width = width.max().unwrap_or(0).max(20);
    out.push('\n');
    let mut head = format!("{:width$}", "");
    for (measure, _) in PerMeasure::<Interval>::default().each() {
        let _ = write!(head, "  {:>26}", measure.name());
    }
    let _ = writeln!(out, "{}", bold(&head));
    for row in &compared.rows {
        let _ = write!(out, "{:width$}", row.name);
        for (_, value) in row.measures.each() {
            let half = (value.high - value.low) / 2.0;
            let _ = write!(out, "  {:>26}", format!("{:.4} ±{half:.4}", value.mean));
        }
        out.push('\n');
        if let Some(difference) = &row.difference {
            let _ = write!(out, "{:width$}", "  difference");
            for (_, value) in difference.each() {
                let told = format!("{:+.4} [{:+.4}, {:+.4}]", value.mean, value.low, value.high);
                let _ = write!(out, "  {told:>26}");
            }
            out.push('\n');
        }
    }
    out.push_str("\nIntervals hold 95% of 2,000 samples of the queries.");
    if let [first, _, ..] = compared.rows.as_slice() {
        let _ = write!(
            out,
            " Differences are to {}, the first row, paired by query.",
            first.name
        );
    }
    out.push('\n');
    out
}

fn as_json(compared: &Comparison, told: &str) -> Value {
    let rows: Vec<Value> = compared.rows.iter().map(row_json).collect();
    json!({
        "judgments": told,
        "queries": compared.queries,
        "judged": compared.judgments,
        "unknown_queries": compared.unknown,
        "settings": rows,
    })
}

fn row_json(row: &Row) -> Value {
    json!({
        "name": row.name,
        "weights": row.weights.as_ref().map(weights_json),
        "measures": intervals_json(&row.measures),
        "difference": row.difference.as_ref().map(intervals_json),
    })
}

fn intervals_json(intervals: &PerMeasure<Interval>) -> Value {
    let named = intervals
        .each()
        .map(|(measure, value)| (measure.name().to_owned(), json!(value)));
    Value::Object(named.collect::<Map<_, _>>())
}
