//! Flags and arguments, and the help that explains them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::backup::{Backup, Restore};
use super::completions::Completions;
use super::config::Config;
use super::filters::Filters;
use super::keys::Keys;
use super::man::Man;
use super::simulate::Simulate;
use super::suggest::Suggest;
use crate::config;
use crate::engine::{Counted, Snapshot, no_index};
use crate::error::{Error, Result, say};
use crate::index::Generations;
use crate::model::Date;

const EXAMPLES: &str = "Examples:
  readnext demo                                   try it on the sample site
  readnext reindex --corpus content/              index a folder of Markdown
  readnext related /tool/pandas/overview          one panel in the terminal
  readnext serve --listen 127.0.0.1:7878          the HTTP API
  readnext export --format html --out panels/     panels as files for a static site
";

/// Related content for every page of a site.
#[derive(Debug, Parser)]
#[command(name = "readnext", version, before_help = EXAMPLES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(super) struct Common {
    /// Data folder: index/ (safe to delete), journal/ (not safe to delete), readnext.toml, sources.toml [default: the
    /// current folder; demo: a temporary one, removed at the end]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "READNEXT_DATA",
        hide_env = true,
        help_heading = "For every command"
    )]
    pub(super) data: Option<PathBuf>,
    /// Settings file [default: DIR/readnext.toml]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "READNEXT_CONFIG",
        hide_env = true,
        help_heading = "For every command"
    )]
    pub(super) config: Option<PathBuf>,
    /// Threads for building an index [default: all cores]
    #[arg(
        long,
        global = true,
        value_name = "N",
        env = "READNEXT_THREADS",
        hide_env = true,
        help_heading = "For every command"
    )]
    pub(super) threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Demo(Demo),
    Reindex(Reindex),
    Check(Check),
    Serve(Serve),
    Related(Related),
    Search(Search),
    Topics(Topics),
    Suggest(Suggest),
    Export(Export),
    #[command(subcommand)]
    Events(Events),
    #[command(subcommand)]
    Seo(super::seo::Seo),
    #[command(subcommand)]
    Report(super::report::Report),
    Eval(super::eval::Arguments),
    Tune(super::tune::Arguments),
    #[command(subcommand)]
    Keys(Keys),
    #[command(subcommand)]
    Config(Config),
    Doctor(super::doctor::Arguments),
    Backup(Backup),
    Restore(Restore),
    Completions(Completions),
    Man(Man),
}

/// Index the sample site and serve it with the panel on every page.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext demo
  readnext demo --corpus my-site/content --listen 127.0.0.1:8080
")]
pub(super) struct Demo {
    /// Address to listen on; port 0 lets the system choose [default: the setting `listen`, 127.0.0.1:7878]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// Folder or file of articles [default: ./corpus if it is there, else the sample site in the binary]
    #[arg(long, value_name = "PATH")]
    pub(super) corpus: Option<PathBuf>,
}

/// Read the articles and build the index; only what changed is analysed again.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext reindex --corpus content/
  readnext reindex --corpus articles.jsonl --data /srv/related
  cat articles.jsonl | readnext reindex --corpus -
  readnext reindex --watch
")]
pub(super) struct Reindex {
    /// Folder or file of articles, repeatable; - is JSON Lines on standard input, kept in DIR/journal
    /// [default: those of earlier runs, else DIR/corpus]
    #[arg(long, value_name = "PATH")]
    pub(super) corpus: Vec<PathBuf>,
    /// Read and build everything, changed or not
    #[arg(long)]
    pub(super) full: bool,
    /// Go on even if more than 30% of the articles would be removed
    #[arg(long)]
    pub(super) allow_shrink: bool,
    /// Keep running, and index again whenever a file changes
    #[arg(long)]
    pub(super) watch: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Rebuild from the journal for the server that holds standard input
    #[arg(long, hide = true)]
    pub(super) for_server: bool,
}

/// Find what is wrong with the articles.
///
/// Dead links, duplicate titles, missing summaries, near-duplicates, and files or fields that cannot be read.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext check
  readnext check --corpus content/
  readnext check --panels
  readnext check --json | jq '.findings[] | select(.concern == \"dead_link\")'
")]
pub(super) struct Check {
    /// Folder or file of articles, repeatable [default: those of earlier reindex runs, else DIR/corpus]
    #[arg(long, value_name = "PATH")]
    pub(super) corpus: Vec<PathBuf>,
    /// Make every panel of the index and compare it with the articles: no page itself, twins, drafts, blocked or expired
    /// pages, older versions or series neighbours, pins in their slots, no missing cards
    #[arg(long)]
    pub(super) panels: bool,
    #[command(flatten)]
    pub(super) now: Now,
    /// Print the findings as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Serve the HTTP API and the widget.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext serve
  readnext serve --listen 0.0.0.0:7878 --data /srv/related
")]
pub(super) struct Serve {
    /// Address to listen on; port 0 lets the system choose [default: the setting `listen`, 127.0.0.1:7878]
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(super) signals: Signals,
}

/// Print the panel of one article.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext related /tool/pandas/overview
  readnext related https://example.org/tool/pandas/overview --explain
  readnext related /tool/pandas/overview --json --limit 5
")]
pub(super) struct Related {
    /// Id, path or address of the article
    #[arg(value_name = "ID|URL")]
    pub(super) article: String,
    /// Cards at most, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) limit: u16,
    /// Show what each signal gave and the evidence
    #[arg(long)]
    pub(super) explain: bool,
    /// Print JSON, as /v1/related answers
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) filters: Filters,
    #[command(flatten)]
    pub(super) signals: Signals,
    #[command(flatten)]
    pub(super) now: Now,
}

/// Search the articles.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext search docker memory
  readnext search \"std::vec::Vec\" --json
")]
pub(super) struct Search {
    /// Words to search for
    #[arg(value_name = "WORD", required = true)]
    pub(super) words: Vec<String>,
    /// Results at most, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(super) limit: u16,
    /// Print JSON, as /v1/search answers
    #[arg(long)]
    pub(super) json: bool,
}

/// List the topics of the site, or the relations of one topic and their sources.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext topics
  readnext topics pandas
  readnext topics \"GitHub Actions\" --json
")]
pub(super) struct Topics {
    /// Name or alias of a topic [default: all topics]
    #[arg(value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Write every panel to a file or a folder.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext export --format html --out public/related/
  readnext export --format json --out panels.jsonl
  readnext export --format run --limit 50 --queries queries.txt --out run.tsv
")]
pub(super) struct Export {
    /// What to write: run (query, article and score, separated by tabs), json (one panel a line), html (one file a page)
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Format,
    /// Cards at most; json and html take 1 to 100
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) limit: u16,
    /// Only the articles whose ids are in this file, one a line
    #[arg(long, value_name = "FILE")]
    pub(super) queries: Option<PathBuf>,
    /// File to write (run, json; - is stdout) or folder (html)
    #[arg(long, value_name = "PATH")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) signals: Signals,
    #[command(flatten)]
    pub(super) now: Now,
}

/// Import, export, erase or simulate events: what readers did.
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:
  readnext events import events.jsonl
  readnext events export --out events.jsonl
")]
pub(super) enum Events {
    Import(EventsImport),
    Export(EventsExport),
    Erase(EventsErase),
    Simulate(Simulate),
}

/// Import events from files into the journal.
///
/// Event records as JSON Lines, or access logs (Common, Combined, JSON). Events that the journal already has are skipped.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext events import events.jsonl
  readnext events import /var/log/nginx/access.log --drop-robots --dry-run
  zcat access.log.*.gz | readnext events import -
")]
pub(super) struct EventsImport {
    /// Files with events; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Write nothing; show what the files hold, which articles are unknown, and the share of robots
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Leave out robots, in access logs with user agents: by their names, and by more than 20 pages a minute
    #[arg(long)]
    pub(super) drop_robots: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Write all events of the journal as JSON Lines.
///
/// The output can be imported again with `events import`. Visitors are hashes.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext events export --out events.jsonl
")]
pub(super) struct EventsExport {
    /// File to write; - is stdout
    #[arg(long, value_name = "PATH", default_value = "-")]
    pub(super) out: PathBuf,
}

/// Erase everything that a visitor did.
///
/// Visitors over HTTP can no longer be named after their day, because the salt of their hashes is destroyed.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext events erase --visitor customer-4711
  readnext events erase --visitor h:0123456789abcdef
")]
pub(super) struct EventsErase {
    /// The visitor's name in the imported records, or its hash as `events export` writes it
    #[arg(long, value_name = "KEY")]
    pub(super) visitor: String,
}

/// What `export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Run,
    Json,
    Html,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Signals {
    /// Use only these signals, separated by commas: behavior, content, research, seo
    #[arg(long = "signals", value_name = "LIST")]
    pub(super) list: Option<String>,
    /// Weights of the signals, such as behavior=0.5,content=0.5 (signals not named are off), or `shipped` or `learned`
    /// [default: readnext.toml, else what `tune` learned, else as shipped]
    #[arg(long, value_name = "LIST")]
    pub(super) weights: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Now {
    /// Panels as of this time: unix seconds, 2025-08-26 or RFC 3339 [default: the clock]
    #[arg(long = "now", value_name = "T")]
    time: Option<String>,
}

impl Now {
    /// Unix seconds.
    pub(super) fn seconds(&self) -> Result<i64> {
        seconds("--now", self.time.as_deref())
    }
}

/// The unix seconds of the time `given` to `flag`. Where there is none, the end of the clock's second: what was done in the
/// second that has begun is done.
pub(super) fn seconds(flag: &str, given: Option<&str>) -> Result<i64> {
    let Some(text) = given else {
        return Ok(clock() + 1);
    };
    text.parse()
        .ok()
        .or_else(|| Date::parse(text).map(Date::seconds))
        .ok_or_else(|| {
            Error::Usage(format!(
                "{flag}: found {text:?}, expected unix seconds, 2025-08-26 or RFC 3339"
            ))
        })
}

/// The clock, in unix seconds.
pub(super) fn clock() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}

impl Common {
    /// The data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("."))
    }

    /// The data folder, for a command that makes none.
    pub(super) fn existing_data(&self) -> Result<PathBuf> {
        let data = self.data();
        match data.is_dir() {
            true => Ok(data),
            false => Err(Error::Failed(format!(
                "found no folder {}; check --data",
                data.display()
            ))),
        }
    }

    /// The settings of the data folder.
    pub(super) fn config(&self) -> Result<config::Config> {
        config::Config::load(&self.data(), self.config.as_deref())
    }

    /// The generation for a command that only reads, with the articles that came since it was built, and what readers did
    /// until `now` (unix seconds); says what of the journal is damaged.
    pub(super) fn snapshot_at(&self, now: i64) -> Result<Snapshot> {
        self.counted(self.snapshot()?, now)
    }

    /// The same without the articles that came since it was built.
    pub(super) fn generation_at(&self, now: i64) -> Result<Snapshot> {
        self.counted(self.generation()?, now)
    }

    fn counted(&self, snapshot: Snapshot, now: i64) -> Result<Snapshot> {
        let counted = Counted::load(&self.data(), now.saturating_mul(1000))?;
        counted.problems.iter().for_each(say);
        snapshot.count(counted.fold);
        Ok(snapshot)
    }

    /// The generation for a command that only reads, with the articles that came since it was built.
    pub(super) fn snapshot(&self) -> Result<Snapshot> {
        match self.generation()?.with_newcomers(&self.data()) {
            Ok((snapshot, problems)) => {
                problems.iter().for_each(say);
                Ok(snapshot)
            }
            // The index was built by this readnext all the same.
            Err(newer @ Error::Newer(_)) => {
                say(format_args!(
                    "{newer}; articles that came since the index was built are not shown"
                ));
                self.generation()
            }
            Err(error) => Err(error),
        }
    }

    /// The generation as it was built; says so if that is not the one that should serve.
    pub(super) fn generation(&self) -> Result<Snapshot> {
        let data = self.data();
        let snapshot = Snapshot::open(&Generations::under(&data), &self.config()?)?
            .ok_or_else(|| no_index(&data))?;
        tell(&snapshot);
        Ok(snapshot)
    }
}

/// Says on stderr why `snapshot` is not the generation that should serve, if it is not.
pub(super) fn tell(snapshot: &Snapshot) {
    if let Some(complaint) = snapshot.complaint() {
        say(format_args!("readnext: {complaint}"));
    }
}
