//! `readnext events simulate`: readers who do not exist, for demos and measurements.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::arguments::{Common, seconds};
use crate::config::SiteWeights;
use crate::error::{Error, Result, say};
use crate::eval::simulate::{
    AccessLog, Relations, Settings, Simulation, Taste, write_record, write_truth,
};

/// Write what simulated readers do on this site.
///
/// Event records, or an access log with robots. The same site, seed and arguments give the same events.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext events simulate --seed 1 --until 2025-08-26 --out events.jsonl
  readnext events simulate --seed 1 --visitors 5000 --days 90 --labels truth.tsv | readnext events import -
  readnext events simulate --seed 1 --format combined --robots 0.5 --labels robots.tsv --out access.log
")]
pub(super) struct Simulate {
    /// Seed of all random choices, a whole number
    #[arg(long, value_name = "N")]
    seed: u64,
    /// Number of visitors; three in ten come again
    #[arg(long, value_name = "V", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    visitors: u32,
    /// Number of the first visitor; other numbers with the same seed are other readers with the same taste
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000_000))]
    first: u32,
    /// Days over which they come
    #[arg(long, value_name = "D", default_value_t = 28, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// End of these days: unix seconds, 2025-08-26 or RFC 3339 [default: the clock]
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// What readers like: mixed (half similar texts, half a taste that only the seed knows), content or own (one of these
    /// alone), any (all cards alike)
    #[arg(long, value_name = "TASTE", default_value = "mixed")]
    taste: Tastes,
    /// File of what readers like instead: two topics and the chance that readers of one go on to the other, 0 to 1,
    /// separated by tabs, one pair a line
    #[arg(long, value_name = "PATH", conflicts_with = "taste")]
    relations: Option<PathBuf>,
    /// What to write: records (JSON Lines), combined (an access log of the pages that were opened)
    #[arg(long, value_name = "FORMAT", default_value = "records")]
    format: Simulated,
    /// Share of the log's lines that are requests of robots, from 0 to below 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    robots: f64,
    /// File for the truth about these readers: page, card and the chance that a reader who looks at the card clicks it,
    /// separated by tabs; for a log also the numbers of the robots' lines
    #[arg(long, value_name = "PATH")]
    labels: Option<PathBuf>,
    /// File to write; - is stdout
    #[arg(long, value_name = "PATH", default_value = "-")]
    out: PathBuf,
}

impl Simulate {
    /// The end of the time, in unix seconds.
    fn until(&self) -> Result<i64> {
        seconds("--until", self.until.as_deref())
    }

    /// The robots' share of the lines.
    fn robots(&self) -> Result<f64> {
        if !(0.0..1.0).contains(&self.robots) {
            return Err(Error::Usage(format!(
                "--robots: found {}, expected a share from 0 to below 1",
                self.robots
            )));
        }
        if self.robots > 0.0 && self.format == Simulated::Records {
            return Err(Error::Usage(
                "--robots: found event records, expected an access log; add --format combined"
                    .to_owned(),
            ));
        }
        Ok(self.robots)
    }
}

/// What simulated readers go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tastes {
    Mixed,
    Content,
    Own,
    Any,
}

/// What `events simulate` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Simulated {
    Records,
    Combined,
}

pub(super) fn run(common: &Common, arguments: &Simulate) -> Result<u8> {
    let robots = arguments.robots()?;
    let until = arguments.until()?;
    let config = common.config()?;
    let snapshot = common.generation_at(until)?;
    let settings = Settings {
        visitors: arguments.visitors,
        first: arguments.first,
        days: arguments.days,
        taste: taste(arguments.taste),
        weights: SiteWeights::of(&common.data(), &config).now()?.0,
        exploring: true,
        ..Settings::until(until, arguments.seed)
    };
    let simulation = Simulation::new(&snapshot, settings)?;
    let simulation = match &arguments.relations {
        Some(path) => simulation.who_like(relations(path)?),
        None => simulation,
    };
    let mut labels = match &arguments.labels {
        Some(path) => Some(Output::to(path)?),
        None => None,
    };
    if let Some(labels) = &mut labels {
        write_truth(&simulation, &mut |line| labels.write(line.as_bytes()))?;
    }
    let mut out = Output::to(&arguments.out)?;
    let mut count = 0u64;
    match arguments.format {
        Simulated::Records => {
            let mut line = Vec::new();
            simulation.run(&mut |act| {
                count += 1;
                line.clear();
                write_record(act, &snapshot, &mut line);
                out.write(&line)
            })?;
        }
        Simulated::Combined => {
            let log = AccessLog {
                simulation: &simulation,
                robots,
                site: config.own.0.first().map(String::as_str),
            };
            log.run(&mut |line, robot| {
                count += 1;
                if let (Some(labels), Some(robot)) = (&mut labels, robot) {
                    labels.write(format!("{count}\t{}\n", robot.name()).as_bytes())?;
                }
                out.write(line.as_bytes())
            })?;
        }
    }
    out.end()?;
    labels.map_or(Ok(()), Output::end)?;
    let what = match arguments.format {
        Simulated::Records => "events",
        Simulated::Combined => "requests",
    };
    say(format_args!(
        "simulated {count} {what} of {} visitors in {} days",
        arguments.visitors, arguments.days
    ));
    Ok(0)
}

fn relations(path: &Path) -> Result<Relations> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, &error))?;
    Relations::parse(&text).map_err(|error| Error::Failed(format!("{}: {error}", path.display())))
}

fn taste(given: Tastes) -> Taste {
    match given {
        Tastes::Mixed => Taste::Mixed,
        Tastes::Content => Taste::Content,
        Tastes::Own => Taste::Own,
        Tastes::Any => Taste::Any,
    }
}

/// A file, or stdout; that a reader of it went away (`| head`) is no error.
struct Output<'a> {
    path: &'a Path,
    writer: BufWriter<Box<dyn Write>>,
    gone: bool,
}

impl<'a> Output<'a> {
    fn to(path: &'a Path) -> Result<Self> {
        let writer: Box<dyn Write> = if path == Path::new("-") {
            Box::new(io::stdout())
        } else {
            Box::new(File::create(path).map_err(|error| Error::io("create", path, &error))?)
        };
        Ok(Self {
            path,
            writer: BufWriter::new(writer),
            gone: false,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.gone {
            return Ok(());
        }
        let written = self.writer.write_all(bytes);
        self.check(written)
    }

    fn end(mut self) -> Result<()> {
        let flushed = match self.gone {
            true => Ok(()),
            false => self.writer.flush(),
        };
        self.check(flushed)
    }

    fn check(&mut self, outcome: io::Result<()>) -> Result<()> {
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            Err(error) => Err(Error::io("write", self.path, &error)),
            Ok(()) => Ok(()),
        }
    }
}
