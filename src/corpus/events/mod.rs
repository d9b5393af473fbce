//! Events from files: records, a JSON object a line, and the access logs of web servers.
//!
//! A file is read as a stream of lines; the first that is not blank tells its format. Events are handed out in batches, and
//! a line that gives none is counted in the [`Report`], never a stop. Names of visitors and addresses of clients become
//! keyed hashes here and go no further.

mod access_log;
mod json_log;
mod log_line;
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

pub use record::{EventRecord, posted, read as read_record};
pub use report::{Reason, Refused, Report};
pub use robots::is_robot;
pub use write::write as write_record;

use super::lines::read_line;
use crate::error::{Error, Result};
use crate::keys::SiteKey;

/// Bytes that a line may have.
const LONGEST_LINE: u64 = 64 << 10;

/// How events are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether page views of robots are left out; else they are only counted.
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
    let mut report = Report::default();
    let mut batch = Vec::new();
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
            report.lines += 1;
            report.leave_out(name, number, &too_long(length));
            continue;
        }
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        if text.trim_ascii_start().is_empty() {
            continue;
        }
        report.lines += 1;
        let format = match format {
            Some(known) => known,
            None => match Format::of(&text) {
                Ok(found) => *format.insert(found),
                Err(message) => {
                    let refused = Refused::new(Reason::Unreadable, message);
                    report.leave_out(name, number, &refused);
                    break;
                }
            },
        };
        match format.event(&text, key, options, &mut report) {
            Ok(event) => {
                report.count(event.at);
                batch.push(event.into_owned());
                if batch.len() >= options.batch {
                    each(mem::take(&mut batch))?;
                }
            }
            Err(refused) => report.leave_out(name, number, &refused),
        }
    }
    if !batch.is_empty() {
        each(batch)?;
    }
    Ok(report)
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

    /// The event of `line`; what the report counts of page views is counted.
    fn event<'a>(
        self,
        line: &'a str,
        key: &SiteKey,
        options: Options,
        report: &mut Report,
    ) -> std::result::Result<EventRecord<'a>, Refused> {
        let request = match self {
            Format::Records => return record::read(line, key),
            Format::JsonLog => json_log::read(line)?,
            Format::Log => log_line::read(line)?,
        };
        let view = access_log::view(request, key)?;
        if let Some(robot) = view.robot {
            report.agents += 1;
            report.robots += u64::from(robot);
            if robot && options.drop_robots {
                return Err(Refused::new(Reason::Robot, ""));
            }
        }
        Ok(view.event)
    }
}
