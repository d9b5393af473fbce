//! `readnext events simulate`: readers who do not exist, for demos and measurements.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::arguments::{Common, EventsSimulate, Simulated, Tastes};
use crate::config::SiteWeights;
use crate::error::{Error, Result, say};
use crate::eval::simulate::{
    AccessLog, Relations, Settings, Simulation, Taste, write_record, write_truth,
};

pub(super) fn run(common: &Common, arguments: &EventsSimulate) -> Result<u8> {
    let robots = arguments.robots()?;
    let until = arguments.until()?;
    let config = common.config()?;
    let snapshot = common.snapshot_at(until)?;
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
