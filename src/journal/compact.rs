//! Compaction of article segments: of each id the last record stands, so those before it may go. None is ever trimmed.
//!
//! Each segment is rewritten by itself and keeps its name, so a reader may see old and new ones side by side: what one lacks
//! a later one has.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::change::Change;
use super::events::replace_of;
use super::folder::{SegmentFile, segments};
use super::kind::Kind;
use super::reader::has_own_header;
use super::segment::{Found, Scan, header, put};
use crate::error::{Error, Result};

/// Rewrites the segments of articles in `folder` of which at least half is out of date, the one that is added to left out;
/// how many bytes that freed. What is damaged is left as it is.
pub(super) fn compact(folder: &Path) -> Result<u64> {
    let files = segments(Kind::Articles, folder)?;
    let Some((_, closed)) = files.split_last().filter(|(_, closed)| !closed.is_empty()) else {
        return Ok(0);
    };
    let mut last: HashMap<u128, u64> = HashMap::new();
    for file in &files {
        for found in Scan::of(Kind::Articles, &read(file)?, file.first) {
            if let Found::Record { sequence, payload } = found
                && let Some(change) = Change::from_bytes(payload)
            {
                last.insert(xxh3_128(change.id().as_bytes()), sequence);
            }
        }
    }
    let stands = |sequence: u64, payload: &[u8]| match Change::from_bytes(payload) {
        Some(change) => last.get(&xxh3_128(change.id().as_bytes())) == Some(&sequence),
        // What is not known here is not judged.
        None => !payload.is_empty(),
    };
    let mut freed = 0;
    for file in closed {
        let bytes = read(file)?;
        let Some(kept) = compacted(file, &bytes, &stands)? else {
            continue;
        };
        if 2 * kept.len() <= bytes.len() {
            replace_of(folder, &file.path, &kept, None)?;
            freed += (bytes.len() - kept.len()) as u64;
        }
    }
    Ok(freed)
}

/// The segment with the records that `stands` keeps, and an empty one for each run of others; `None` where it is damaged.
fn compacted(
    file: &SegmentFile,
    bytes: &[u8],
    stands: &dyn Fn(u64, &[u8]) -> bool,
) -> Result<Option<Vec<u8>>> {
    if !has_own_header(Kind::Articles, &file.path, bytes, file.first)? {
        return Ok(None);
    }
    let mut kept = header(Kind::Articles, file.first).to_vec();
    let mut gone = None;
    for found in Scan::of(Kind::Articles, bytes, file.first) {
        let Found::Record { sequence, payload } = found else {
            return Ok(None);
        };
        if stands(sequence, payload) {
            if let Some(gone) = gone.take() {
                put(Kind::Articles, &mut kept, gone, &[]);
            }
            put(Kind::Articles, &mut kept, sequence, payload);
        } else {
            gone = Some(sequence);
        }
    }
    if let Some(gone) = gone {
        put(Kind::Articles, &mut kept, gone, &[]);
    }
    Ok(Some(kept))
}

fn read(file: &SegmentFile) -> Result<Vec<u8>> {
    fs::read(&file.path).map_err(|error| Error::io("read", &file.path, &error))
}
