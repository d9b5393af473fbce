//! `readnext report`: what the site's own data says about it, one file a report.

mod abuse;
mod behavior;
mod seo;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::arguments::Common;
use super::output::print;
use crate::error::Result;

/// Report on readers, SEO or events that did not count, as text, JSON or CSV.
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:
  readnext report abuse
  readnext report abuse --csv > held-back.csv
  readnext report seo --fail-orphans 0
")]
pub(super) enum Report {
    Abuse(abuse::Arguments),
    Behavior(behavior::Arguments),
    Seo(seo::Arguments),
}

pub(super) fn run(common: &Common, report: &Report) -> Result<u8> {
    match report {
        Report::Abuse(arguments) => abuse::run(common, arguments),
        Report::Behavior(arguments) => behavior::run(common, arguments),
        Report::Seo(arguments) => seo::run(common, arguments),
    }
}

/// How a report is printed: as text for people where nothing else is asked for.
#[derive(Debug, Args)]
struct Form {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print CSV: the columns are named in its first line
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Form {
    /// Prints the report in this form.
    fn print(
        &self,
        json: impl FnOnce() -> Value,
        csv: impl FnOnce() -> String,
        text: impl FnOnce() -> String,
    ) -> Result<()> {
        print(&match self {
            Self { json: true, .. } => format!("{}\n", json()),
            Self { csv: true, .. } => csv(),
            _ => text(),
        })
    }
}

/// A field of a CSV file (RFC 4180): in quotes where it would be read as something else.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_a_comma_or_a_quote_stands_in_quotes() {
        assert_eq!(csv_field("/a b"), "/a b");
        assert_eq!(csv_field("/a,b"), "\"/a,b\"");
        assert_eq!(csv_field("say \"a\""), "\"say \"\"a\"\"\"");
    }
}
