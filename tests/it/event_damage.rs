//! Damage to what events are kept in: a view costs nothing, a segment costs the events that it hits, and these are named.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use readnext::journal::{Damage, damage};

use crate::chance::{Chance, times};
use crate::flips::damage as flip;
use crate::poster::{lines, panels, site};
use crate::site::{Site, copy};

/// Events of a segment.
const EACH: u32 = 400;
/// Magic, version, first sequence number, checksum.
const HEADER: usize = 36;
/// Marker, length, sequence number, checksum.
const RECORD: usize = 24;

/// A site with events in three segments, all of them counted in the read file; the last one may grow.
struct Kept {
    site: Site,
    exported: Vec<String>,
    panels: String,
}

impl Kept {
    fn new() -> Self {
        let site = site();
        for part in 0..3 {
            if part > 0 {
                roll_over(&site, u64::from(part * EACH) + 1);
            }
            let first = part * EACH;
            site.write("in.jsonl", &lines(first..first + EACH));
            import(&site);
        }
        site.write("in.jsonl", &lines(0..3 * EACH));
        assert_eq!(import(&site), "0 events kept, 1200 were there already");
        assert_eq!(files(&site, "ids").len(), 2);
        let exported = site.ok(&["events", "export"]);
        Self {
            exported: exported.lines().map(str::to_owned).collect(),
            panels: panels(&site),
            site,
        }
    }

    fn copy(&self) -> Site {
        let twin = Site::new();
        copy(&self.site.path(""), &twin.path(""));
        twin
    }
}

/// Begins a new segment, as a journal does that has grown a lot.
fn roll_over(site: &Site, first: u64) {
    let mut header = b"readnextevents\0\0\x01\0\0\0".to_vec();
    header.extend_from_slice(&first.to_le_bytes());
    header.extend_from_slice(&xxh3_64(&header).to_le_bytes());
    let path = site.path(&format!("journal/events-{first:020}.log"));
    fs::write(path, header).expect("written");
}

/// Imports `in.jsonl`; the last line of what is said of that.
fn import(site: &Site) -> String {
    let path = site.path("in.jsonl");
    let told = site.ok(&["events", "import", path.to_str().expect("UTF-8")]);
    told.lines().next_back().expect("a line").to_owned()
}

/// The files of the journal with this ending, in order.
fn files(site: &Site, ending: &str) -> Vec<PathBuf> {
    let mut files = site.files();
    files.retain(|file| {
        let name = file.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("events-") && name.ends_with(ending))
    });
    files.sort();
    files
}

/// How many damages: 20, or what `READNEXT_TEST_FLIPS` says.
fn damages() -> u64 {
    times("READNEXT_TEST_FLIPS", 20)
}

#[test]
fn a_damaged_view_of_events_costs_nothing() {
    let good = Kept::new();
    for seed in 0..damages() {
        let site = good.copy();
        let mut views = files(&site, ".ids");
        views.push(site.path("index/reads.bin"));
        let context = format!("seed {seed}, {}", flip(&views, seed));
        assert_eq!(panels(&site), good.panels, "{context}");
        let told = import(&site);
        assert_eq!(told, "0 events kept, 1200 were there already", "{context}");
        let exported = site.ok(&["events", "export"]);
        assert!(exported.lines().eq(good.exported.iter()), "{context}");
        assert_eq!(panels(&site), good.panels, "{context}");
    }
}

/// Where the records of the segment `path` begin and end.
fn places(path: &Path) -> Vec<(usize, usize)> {
    let bytes = fs::read(path).expect("read");
    let mut places = Vec::new();
    let mut at = HEADER;
    while at < bytes.len() {
        let length = bytes[at + 4..at + 8].try_into().expect("four bytes");
        let end = at + RECORD + u32::from_le_bytes(length) as usize;
        places.push((at, end));
        at = end;
    }
    places
}

#[test]
fn a_flipped_bit_of_a_segment_costs_the_event_it_hits_which_is_named() {
    let good = Kept::new();
    for seed in 0..damages() {
        let site = good.copy();
        let mut chance = Chance::seeded(seed);
        let part = chance.below(3);
        let path = &files(&site, ".log")[part];
        let places = places(path);
        assert_eq!(places.len(), EACH as usize);
        let mut bytes = fs::read(path).expect("read");
        let (at, bit) = (chance.below(bytes.len()), chance.below(8));
        bytes[at] ^= 1 << bit;
        fs::write(path, &bytes).expect("written");
        let context = format!("seed {seed}, bit {bit} of byte {at} of segment {part}");
        let output = site.run(&["events", "export"]);
        let told = String::from_utf8_lossy(&output.stderr);
        let exported = String::from_utf8_lossy(&output.stdout);
        let hit = places
            .iter()
            .position(|&(begin, end)| (begin..end).contains(&at));
        let mut left = good.exported.clone();
        if let Some(hit) = hit {
            left.remove(part * EACH as usize + hit);
        }
        assert!(exported.lines().eq(left.iter()), "{context}: {told}");
        let number = hit.map(|hit| part * EACH as usize + hit + 1);
        match number {
            None => assert!(
                told.contains("the header does not match"),
                "{context}: {told}"
            ),
            // Behind the last event of all there is none that shows that one is missing.
            Some(1200) => assert!(told.contains("no complete record"), "{context}: {told}"),
            Some(number) => {
                let named = format!("record {number} is lost");
                assert!(told.contains(&named), "{context}: {told}");
            }
        }
        let lost = matches!(number, Some(1..1200));
        assert_eq!(
            output.status.code(),
            Some(if lost { 3 } else { 0 }),
            "{context}"
        );
    }
}

#[test]
fn a_segment_cut_between_two_events_and_one_that_is_gone_are_named() {
    let good = Kept::new();
    let segments = files(&good.site, ".log");
    let cut = places(&segments[0])[300].0 as u64;
    for (segment, length, lost) in [
        (0, Some(cut), "records 301 to 400 are lost"),
        (1, None, "records 401 to 800 are lost"),
        (0, None, "records 1 to 400 are lost"),
    ] {
        let site = good.copy();
        let path = &files(&site, ".log")[segment];
        match length {
            Some(length) => fs::File::options()
                .write(true)
                .open(path)
                .and_then(|file| file.set_len(length))
                .expect("cut"),
            None => fs::remove_file(path).expect("removed"),
        }
        let output = site.run(&["events", "export"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(lost), "{told}");
        assert_eq!(output.status.code(), Some(3), "{told}");
        let found = damage(&site.path("")).expect("read");
        let lost: u64 = found.iter().map(Damage::lost).sum();
        assert_eq!(lost, if length.is_some() { 100 } else { 400 }, "{found:?}");
        let exported = String::from_utf8_lossy(&output.stdout);
        assert_eq!(exported.lines().count() as u64, 1200 - lost);
    }
    // The end of the journal: only what was counted knows.
    let site = good.copy();
    let path = &files(&site, ".log")[2];
    let cut = places(path)[300].0 as u64;
    let file = fs::File::options().write(true).open(path);
    file.and_then(|file| file.set_len(cut)).expect("cut");
    let output = site.run(&["export", "--format", "run", "--out", "-"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("events up to 1200 were counted, but the journal ends at 1100"),
        "{told}"
    );
    assert_eq!(damage(&good.site.path("")).expect("read"), []);
}
