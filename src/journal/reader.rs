//! Reading the journal from a position, beside whoever writes it.

use std::fs;
use std::ops::Range;
use std::path::Path;

use super::folder::{SegmentFile, folder, segments};
use super::segment::{Found, Header, Scan, VERSION, check_header};
use crate::error::{Error, Result};
use crate::model::{Problem, Severity};

/// Calls `each` with number and payload of every record of `data`'s journal that has the number `from` or a later one, in
/// order. What is damaged is passed over and returned: with severity error where records are lost.
///
/// No lock is taken: a record that is being written is either seen whole or taken for the end.
///
/// # Errors
/// What `each` returns, [`Error::Newer`] if a later readnext wrote the journal, [`Error::Failed`] if it cannot be read.
pub fn read(
    data: &Path,
    from: u64,
    mut each: impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<Vec<Problem>> {
    let files = segments(&folder(data))?;
    let mut problems = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let next = files.get(place + 1);
        if next.is_some_and(|next| next.first <= from) {
            continue;
        }
        let bytes = fs::read(&file.path).map_err(|error| Error::io("read", &file.path, &error))?;
        // A segment that is just being made has no header yet.
        if bytes.is_empty() && next.is_none() {
            continue;
        }
        if !has_own_header(&file.path, &bytes, file.first)? {
            problems.push(problem(
                &file.path,
                Severity::Warning,
                "the header does not match its checksum; the records are read nevertheless",
            ));
        }
        let next = next.map(|next| next.first);
        read_segment(file, &bytes, next, &mut problems, &mut |number, payload| {
            if number >= from {
                each(number, payload)
            } else {
                Ok(())
            }
        })?;
    }
    Ok(problems)
}

/// Reads all records of one segment; `next` is the first number of the segment behind it, if there is one.
fn read_segment(
    file: &SegmentFile,
    bytes: &[u8],
    next: Option<u64>,
    problems: &mut Vec<Problem>,
    each: &mut impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut before = file.first.saturating_sub(1);
    let mut damaged: Option<Range<usize>> = None;
    for found in Scan::of(bytes, file.first) {
        match found {
            Found::Damage(range) => damaged = Some(range),
            Found::Record { sequence, payload } => {
                if let Some(range) = damaged.take() {
                    problems.push(damage(&file.path, &range, before + 1, sequence));
                }
                before = sequence;
                each(sequence, payload)?;
            }
        }
    }
    problems.extend(damaged.map(|range| match next {
        Some(next) => damage(&file.path, &range, before + 1, next),
        None => problem(
            &file.path,
            Severity::Warning,
            &format!(
                "bytes {} to {} are no whole record: a write that did not end, or damage; they are left out, and whoever writes next removes them",
                range.start, range.end
            ),
        ),
    }));
    Ok(())
}

/// Says that the bytes of `range`, which held the records from `first` to before `end`, are no records.
fn damage(path: &Path, range: &Range<usize>, first: u64, end: u64) -> Problem {
    let lost = match end.saturating_sub(first) {
        0 => "no record is lost".to_owned(),
        1 => format!("record {first} is lost"),
        _ => format!("records {first} to {} are lost", end - 1),
    };
    problem(
        path,
        Severity::Error,
        &format!(
            "bytes {} to {} are damaged, {lost}; all others are read: bring the file back from a copy, or give the articles again",
            range.start, range.end
        ),
    )
}

/// Whether the header of the segment at `path` is what was written.
pub(super) fn has_own_header(path: &Path, bytes: &[u8], first: u64) -> Result<bool> {
    match check_header(bytes, first) {
        Header::Own => Ok(true),
        Header::Damaged => Ok(false),
        Header::Other(version) => Err(Error::Newer(format!(
            "{}: found format {version}, this readnext reads and writes {VERSION}; use the newer readnext that wrote it",
            path.display()
        ))),
    }
}

pub(super) fn problem(path: &Path, severity: Severity, message: &str) -> Problem {
    Problem::new(severity, path.display().to_string(), message)
}
