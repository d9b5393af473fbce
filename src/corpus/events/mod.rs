//! Events from files: records, a JSON object a line, and the access logs of web servers.
//!
//! A file is read as a stream of lines; the first that is not blank tells its format. Events are handed out in batches, and
//! a line that gives none is counted in the [`Report`], never a stop. Names of visitors and addresses of clients become
//! keyed hashes here and go no further.

mod access_log;
mod json_log;
mod keys;
mod log_line;
mod posted;
mod rate;
mod record;
mod report;
mod robots;
#[cfg(test)]
mod tests;
mod value;
mod when;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::mem;
use std::path::Path;

use serde::de::IgnoredAny;

pub use posted::{Posted, PostedRecords, posted};
pub use rate::PAGES_A_MINUTE;
pub use record::{EventRecord, read as read_record};
pub use report::{Reason, Refused, Report};
pub use robots::is_robot;
pub use write::{write as write_record, write_as as write_record_as};

use self::access_log::PageView;
use self::rate::Rate;
use super::lines::read_line;
use crate::error::{Error, Result};
use crate::keys::SiteKey;

/// Bytes that a line may have.
const LONGEST_LINE: u64 = 64 << 10;

/// How events are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether page views of robots are left out; else they are only counted. Robots are told by what they call themselves
    /// and by how fast they ask ([`PAGES_A_MINUTE`]).
    pub drop_robots: bool,
    /// How many events are handed out at a time; the last batch has what is left.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            drop_robots: false,
            batch: 100_000,
        }
    }
}

/// Reads the events of the file `path`, or of standard input where that is `-`, and hands them to `each`.
///
/// # Errors
/// [`Error::Failed`] if the file cannot be read or holds no text, and what `each` returns.
pub fn read(
    path: &Path,
    key: &SiteKey,
    options: Options,
    each: &mut impl FnMut(Vec<EventRecord<'static>>) -> Result<()>,
) -> Result<Report> {
    if path == Path::new("-") {
        return read_lines("-", &mut io::stdin().lock(), key, options, each);
    }
    let opened = File::open(path).map_err(|error| Error::io("open", path, &error))?;
    let mut reader = BufReader::with_capacity(1 << 18, opened);
    read_lines(&path.display().to_string(), &mut reader, key, options, each)
}

/// The same of `reader`, which messages call `name`.
///
/// # Errors
/// As [`read`].
pub fn read_lines(
    name: &str,
    reader: &mut impl BufRead,
    key: &SiteKey,
    options: Options,
    each: &mut impl FnMut(Vec<EventRecord<'static>>) -> Result<()>,
) -> Result<Report> {
    let failed = |error: &io::Error| Error::io("read", Path::new(name), error);
    if let Some(message) = no_text(reader.fill_buf().map_err(|error| failed(&error))?) {
        return Err(Error::Failed(format!("{name}: {message}")));
    }
    let mut out = Out {
        report: Report::default(),
        batch: Vec::new(),
        options,
        each,
    };
    let mut rate = Rate::default();
    let mut format = None;
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = read_line(reader, &mut line, LONGEST_LINE).map_err(|error| failed(&error))?;
        if length == 0 {
            break;
        }
        number += 1;
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if length > LONGEST_LINE {
            out.report.lines += 1;
            out.report.leave_out(name, number, &too_long(length));
            continue;
        }
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        if text.trim_ascii_start().is_empty() {
            continue;
        }
        out.report.lines += 1;
        let format = match format {
            Some(known) => known,
            None => match Format::of(&text) {
                Ok(found) => *format.insert(found),
                Err(message) => {
                    let refused = Refused::new(Reason::Unreadable, message);
                    out.report.leave_out(name, number, &refused);
                    break;
                }
            },
        };
        let found = match format {
            // Names whose bytes were replaced would be one name.
            Format::Records => is_utf8(&line).and_then(|()| format.found(&text, key)),
            Format::JsonLog | Format::Log => format.found(&text, key),
        };
        match found {
            Ok(Found::Record(event)) => out.give(event.into_owned())?,
            Ok(Found::View(view)) => rate.hold(view.into_owned(), &mut |view| out.judge(view))?,
            Err(refused) => out.report.leave_out(name, number, &refused),
        }
    }
    rate.end(&mut |view| out.judge(view))?;
    out.end()
}

/// Where events go: into batches, and into the counts of the report.
struct Out<'a, E> {
    report: Report,
    batch: Vec<EventRecord<'static>>,
    options: Options,
    each: &'a mut E,
}

impl<E: FnMut(Vec<EventRecord<'static>>) -> Result<()>> Out<'_, E> {
    fn give(&mut self, event: EventRecord<'static>) -> Result<()> {
        self.report.count(event.at);
        self.batch.push(event);
        if self.batch.len() >= self.options.batch {
            (self.each)(mem::take(&mut self.batch))?;
        }
        Ok(())
    }

    /// Gives a view of which is known what asked, unless that is not wanted.
    fn judge(&mut self, view: PageView<'static>) -> Result<()> {
        if let Some(robot) = view.robot {
            self.report.agents += 1;
            self.report.robots += u64::from(robot);
            if robot && self.options.drop_robots {
                self.report.drop_robot();
                return Ok(());
            }
        }
        self.give(view.event)
    }

    fn end(self) -> Result<Report> {
        if !self.batch.is_empty() {
            (self.each)(self.batch)?;
        }
        Ok(self.report)
    }
}

/// What a file that begins with `bytes` is, if it is no text that can be read here.
fn no_text(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(
            "found gzip, expected lines of text; unpack the file first, `gunzip -c` writes to standard output",
        ),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some("found UTF-16, expected UTF-8; save the file as UTF-8")
        }
        _ => None,
    }
}

/// Whether the line is UTF-8 as a whole; else where it is not.
fn is_utf8(line: &[u8]) -> std::result::Result<(), Refused> {
    let Err(error) = str::from_utf8(line) else {
        return Ok(());
    };
    let valid = String::from_utf8_lossy(&line[..error.valid_up_to()]);
    let refused = Refused::new(
        Reason::Unreadable,
        "found a byte that is not UTF-8; save the file as UTF-8",
    );
    Err(refused.at(&valid, valid.len()))
}

fn too_long(length: u64) -> Refused {
    let message = format!(
        "found a line of {length} bytes, expected at most {LONGEST_LINE}; an event is a line"
    );
    Refused::new(Reason::TooLong, message)
}

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Records,
    JsonLog,
    Log,
}

impl Format {
    /// The format of a file whose first line is `line`, or why it is none.
    fn of(line: &str) -> std::result::Result<Self, &'static str> {
        let line = line.trim();
        if line.starts_with('[') {
            return Err(
                "found a JSON array, expected one event record a line; `jq -c '.[]'` writes it that way",
            );
        }
        if line == "{" {
            return Err(
                "found an object over several lines, expected one event record a line; `jq -c .` writes it that way",
            );
        }
        if !line.starts_with('{') {
            return Ok(Format::Log);
        }
        let has = |name: &str| match serde_json::from_str::<BTreeMap<String, IgnoredAny>>(line) {
            Ok(keys) => keys.contains_key(name),
            // Quotes inside of texts are escaped, so that a broken line still tells its keys.
            Err(_) => line.contains(&format!("\"{name}\"")),
        };
        if has("events") {
            return Err(
                "found an object that holds events, expected one event record a line; `jq -c '.events[]'` writes it that way",
            );
        }
        Ok(match has("article") || has("visitor") {
            true => Format::Records,
            false => Format::JsonLog,
        })
    }

    /// What `line` holds.
    fn found<'a>(self, line: &'a str, key: &SiteKey) -> std::result::Result<Found<'a>, Refused> {
        let request = match self {
            Format::Records => return record::read(line, key).map(Found::Record),
            Format::JsonLog => json_log::read(line)?,
            Format::Log => log_line::read(line)?,
        };
        access_log::view(request, key).map(Found::View)
    }
}

/// What a line holds.
enum Found<'a> {
    Record(EventRecord<'a>),
    View(PageView<'a>),
}
