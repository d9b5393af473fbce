//! `readnext config show`: every setting with its value and where that is from.

use std::fmt::Write as _;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Subcommand};
use serde::Serialize;

use super::arguments::Common;
use super::output::print;
use crate::config::{Loaded, Origin};
use crate::error::Result;

/// Show the settings.
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:
  readnext config show
  readnext config show --origin
")]
pub(super) enum Config {
    Show(Show),
}

/// Print every setting with its value, in the form of readnext.toml.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext config show
  readnext config show --origin
  readnext config show --json | jq '.settings[] | select(.origin.kind != \"default\")'
")]
pub(super) struct Show {
    /// Show where each value comes from: a flag, an environment variable, a line of a file, the default
    #[arg(long)]
    origin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Longest line, in characters, behind which the comments of all are aligned.
const ALIGNED: usize = 44;

#[derive(Serialize)]
struct Body {
    settings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: &'static str,
    value: serde_json::Value,
    unit: &'static str,
    about: &'static str,
    origin: From,
    /// The value as TOML.
    #[serde(skip)]
    text: String,
    /// Whether `readnext.toml` may say it.
    #[serde(skip)]
    in_file: bool,
}

/// Where a value is from.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum From {
    Flag { name: &'static str },
    Environment { variable: String },
    File { path: String, line: usize },
    Default,
}

impl From {
    fn text(&self) -> String {
        match self {
            From::Flag { name } => (*name).to_owned(),
            From::Environment { variable } => variable.clone(),
            From::File { path, line } => format!("{path}:{line}"),
            From::Default => "default".to_owned(),
        }
    }
}

pub(super) fn show(common: &Common, arguments: &Show, matches: &ArgMatches) -> Result<u8> {
    let loaded = Loaded::read(&common.data(), common.config.as_deref())?;
    let mut settings = of_flags(common, matches);
    settings.extend(loaded.values.into_iter().map(|set| Row {
        key: set.setting.key,
        text: set.value.to_string(),
        value: serde_json::to_value(&set.value).expect("plain data serialises"),
        unit: set.setting.unit,
        about: set.setting.about,
        origin: match set.origin {
            Origin::Default => From::Default,
            Origin::File { path, line } => From::File {
                path: path.display().to_string(),
                line,
            },
            Origin::Variable(variable) => From::Environment { variable },
        },
        in_file: true,
    }));
    let text = if arguments.json {
        let body = serde_json::to_string(&Body { settings }).expect("plain data serialises");
        format!("{body}\n")
    } else {
        lines(&settings, arguments.origin)
    };
    print(&text)?;
    Ok(0)
}

/// What flags of every command set, and no file can.
fn of_flags(common: &Common, matches: &ArgMatches) -> Vec<Row> {
    let data = common.data();
    let config = common.config.clone();
    let config = config.unwrap_or_else(|| data.join("readnext.toml"));
    let threads = common
        .threads
        .map_or_else(|| "all".to_owned(), |threads| threads.to_string());
    let row = |key, flag, text: String, unit, about| Row {
        key,
        value: text.clone().into(),
        text: format!("{text:?}"),
        unit,
        about,
        origin: match source(matches, key) {
            Some(ValueSource::CommandLine) => From::Flag { name: flag },
            Some(ValueSource::EnvVariable) => From::Environment {
                variable: format!("READNEXT_{}", key.to_uppercase()),
            },
            _ => From::Default,
        },
        in_file: false,
    };
    let (data, config) = (data.display().to_string(), config.display().to_string());
    vec![
        row("data", "--data", data, "folder", "the data folder"),
        row("config", "--config", config, "file", "the settings file"),
        row(
            "threads",
            "--threads",
            threads,
            "threads",
            "threads for building an index",
        ),
    ]
}

/// Where the argument `id`, which every command has, was given.
fn source(matches: &ArgMatches, id: &str) -> Option<ValueSource> {
    let inner = matches
        .subcommand()
        .and_then(|(_, inner)| source(inner, id));
    inner.or_else(|| matches.value_source(id))
}

/// The settings as lines of TOML, with a comment behind each.
fn lines(settings: &[Row], origin: bool) -> String {
    let said: Vec<(String, String)> = settings
        .iter()
        .map(|row| {
            let front = if row.in_file { "" } else { "# " };
            let said = format!("{front}{} = {}", row.key, row.text);
            let comment = if origin {
                format!("{}; {}", row.unit, row.origin.text())
            } else {
                row.unit.to_owned()
            };
            (said, comment)
        })
        .collect();
    let widths = said.iter().map(|(said, _)| said.chars().count());
    let width = widths.filter(|&width| width <= ALIGNED).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for (said, comment) in said {
        let _ = writeln!(text, "{said:width$}  # {comment}");
    }
    text
}
