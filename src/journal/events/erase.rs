//! Erasing what one visitor did: each of its events leaves an empty record with its number behind, and nothing else.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use super::id_file;
use super::names::{Given, Known};
use super::record::Record;
use crate::error::{Error, Result};
use crate::journal::folder::{SegmentFile, folder, segments, sync};
use crate::journal::kind::Kind;
use crate::journal::reader::has_own_header;
use crate::journal::segment::{Found, Scan, header, put};
use crate::model::KeyedHash;

/// The file that tells how often something was erased. Counts and places in segments from before are good no more.
const ERASURES: &str = "erasures";

/// How often something was erased from the events of `data`'s journal.
///
/// # Errors
/// [`Error::Failed`] if the file is there and cannot be read.
pub fn erasures(data: &Path) -> Result<u64> {
    let path = folder(data).join(ERASURES);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map_err(|_| {
            Error::Failed(format!(
                "found {:?} in {}, expected a number; write 1 into it",
                text.trim(),
                path.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::io("read", &path, &error)),
    }
}

/// Erases the events of `visitor` from `data`'s journal; how many there were. The caller holds the journal, and opens its
/// events again after this.
pub(in crate::journal) fn erase(data: &Path, visitor: KeyedHash) -> Result<u64> {
    let folder = folder(data);
    let mut erased = 0;
    for segment in segments(Kind::Events, &folder)? {
        let (bytes, here) = without(&segment, visitor)?;
        if here == 0 {
            continue;
        }
        // Before the first change: whoever dies after it has told everyone to count anew.
        if erased == 0 {
            let times = format!("{}\n", erasures(data)? + 1);
            replace(&folder, &folder.join(ERASURES), times.as_bytes())?;
        }
        let kept = fs::metadata(&segment.path).and_then(|about| about.modified());
        let kept = kept.map_err(|error| Error::io("read", &segment.path, &error))?;
        replace_of(&folder, &segment.path, &bytes, Some(kept))?;
        id_file::rebuild(&segment)?;
        erased += here;
    }
    Ok(erased)
}

/// The bytes of `segment` with an empty record for each event of `visitor`, and how many these are.
fn without(segment: &SegmentFile, visitor: KeyedHash) -> Result<(Vec<u8>, u64)> {
    let bytes =
        fs::read(&segment.path).map_err(|error| Error::io("read", &segment.path, &error))?;
    has_own_header(Kind::Events, &segment.path, &bytes, segment.first)?;
    let mut kept = header(Kind::Events, segment.first).to_vec();
    let mut erased = 0;
    let (mut known, mut given) = (Known::default(), Given::default());
    for found in Scan::of(Kind::Events, &bytes, segment.first) {
        // What is damaged is left out: nobody can tell whose events it held.
        let Found::Record { sequence, payload } = found else {
            continue;
        };
        // Names are written out anew, as an event that is erased may have held the name of others.
        match Record::from_bytes(payload).and_then(|record| record.event(&mut known)) {
            Some(event) if event.visitor == visitor => {
                erased += 1;
                put(Kind::Events, &mut kept, sequence, &[]);
            }
            Some(event) => {
                let record = Record::of(&event, sequence, &mut given).to_bytes();
                put(Kind::Events, &mut kept, sequence, &record);
            }
            None => put(Kind::Events, &mut kept, sequence, payload),
        }
    }
    Ok((kept, erased))
}

fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    replace_of(folder, path, bytes, None)
}

/// Puts a file with `bytes` in the place of the one at `path`, so that it is there as a whole or not at all. It is of the
/// time `kept`, if one is given: that of a segment tells when its last record was added.
pub(in crate::journal) fn replace_of(
    folder: &Path,
    path: &Path,
    bytes: &[u8],
    kept: Option<SystemTime>,
) -> Result<()> {
    let beside = path.with_extension("new");
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        if let Some(kept) = kept {
            file.set_modified(kept)?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| Error::io("write", path, &error))?;
    sync(folder)
}
