//! Events in the journal as a whole: what was acknowledged is read again and counted once, whatever happened to the files.

mod counting;
mod following;
mod room;

use std::fs;
use std::path::{Path, PathBuf};

use super::super::folder::{folder, segment_file, segments};
use super::super::kind::Kind;
use super::super::segment::header;
use super::super::{EventReader, Journal, events_end, files, read_events};
use crate::error::{Error, Result};
use crate::model::{Event, EventKind, KeyedHash, Problem, Severity};

/// Bytes before the first record, and before the payload of each.
const HEADER: usize = 36;
const RECORD: usize = 24;

/// The event `number` of a made-up site; its names are those of many others.
fn event(number: u64) -> Event<'static> {
    const NAMES: [&str; 5] = ["/a", "/tool/b", "/ä", "", "/tool/pandas/overview"];
    let name = |number: u64| NAMES[number as usize % NAMES.len()];
    Event {
        at: 1_732_320_000_000 + number as i64,
        visitor: KeyedHash(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        network: number.is_multiple_of(3).then_some(KeyedHash(number)),
        kind: EventKind::ALL[number as usize % 8],
        article: name(number),
        from: number.is_multiple_of(2).then(|| name(number / 2)),
        position: number.is_multiple_of(4).then_some(number as u32),
        dwell: None,
        id: number.is_multiple_of(5).then_some(u128::from(number) << 70),
    }
}

fn events(numbers: impl IntoIterator<Item = u64>) -> Vec<Event<'static>> {
    numbers.into_iter().map(event).collect()
}

fn open(data: &Path) -> Journal {
    let (journal, problems) = Journal::open(data).expect("opened");
    assert_eq!(problems, []);
    journal
}

/// A journal whose segments are full with every batch.
fn rolling(data: &Path) -> Journal {
    let (journal, problems) = Journal::open_rolling(data, |_| 1).expect("opened");
    assert_eq!(problems, []);
    journal
}

/// Asserts that every event that is handed out is the one it was, and keeps its number: the record `n` is `event(n)`.
fn keep(numbers: &mut Vec<u64>) -> impl FnMut(u64, &Event<'_>) -> Result<()> {
    |sequence, found| {
        assert_eq!(*found, event(sequence));
        numbers.push(sequence);
        Ok(())
    }
}

fn numbers_from(data: &Path, from: u64) -> (Vec<u64>, Vec<Problem>) {
    let mut numbers = Vec::new();
    let problems = read_events(data, from, keep(&mut numbers)).expect("read");
    (numbers, problems)
}

fn range(first: u64, last: u64) -> Vec<u64> {
    (first..=last).collect()
}

fn segment_paths(data: &Path) -> Vec<PathBuf> {
    let files = segments(Kind::Events, &folder(data)).expect("listed");
    files.into_iter().map(|file| file.path).collect()
}

fn id_paths(data: &Path) -> Vec<PathBuf> {
    let paths = segment_paths(data).into_iter();
    paths
        .map(|path| path.with_extension("ids"))
        .filter(|path| path.exists())
        .collect()
}

/// Where each record of the segment at `path` begins and ends.
fn places(path: &Path) -> Vec<(usize, usize)> {
    let bytes = fs::read(path).expect("read");
    let mut places = Vec::new();
    let mut at = HEADER;
    // Behind the last there may be room.
    while bytes.get(at).is_some_and(|&byte| byte != 0) {
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().expect("four"));
        let end = at + RECORD + length as usize;
        places.push((at, end));
        at = end;
    }
    places
}

#[test]
fn events_and_articles_are_numbered_apart_and_read_from_any_position() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    assert_eq!(numbers_from(data, 0), (vec![], vec![]));
    assert_eq!(events_end(data).expect("told"), 1);
    let mut journal = open(data);
    assert_eq!(journal.append_events(&[]).expect("nothing to do"), 1);
    journal.append(&[b"an article".to_vec()]).expect("kept");
    let batch = events(1..=9);
    assert_eq!(journal.append_events(&batch).expect("kept"), 1);
    assert_eq!((journal.next_sequence(), journal.next_event()), (2, 10));
    drop(journal);
    let mut journal = open(data);
    let batch = events(10..=12);
    assert_eq!(journal.append_events(&batch).expect("kept"), 10);
    for from in 0..=14 {
        let (numbers, problems) = numbers_from(data, from);
        assert_eq!(problems, []);
        assert_eq!(numbers, range(from.max(1), 12));
    }
    assert_eq!(events_end(data).expect("told"), 13);
    let articles = files(data).expect("listed");
    assert_eq!(articles.len(), 1);
    assert!(articles[0].ends_with("articles-00000000000000000001.log"));
}

#[test]
fn segments_roll_over_and_are_read_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = rolling(data);
    for number in 0..10 {
        let batch = events([2 * number + 1, 2 * number + 2]);
        assert_eq!(journal.append_events(&batch).expect("kept"), 2 * number + 1);
        if number % 3 == 0 {
            drop(journal);
            journal = rolling(data);
        }
    }
    assert_eq!(segment_paths(data).len(), 10);
    assert_eq!(id_paths(data).len(), 9);
    assert_eq!(events_end(data).expect("told"), 21);
    for from in 0..=22 {
        let (numbers, problems) = numbers_from(data, from);
        assert_eq!(problems, []);
        assert_eq!(numbers, range(from.max(1), 20));
    }
}

#[test]
fn an_event_takes_fewer_than_eighty_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let names: Vec<String> = (0..1000)
        .map(|number| format!("/tool/howto/article-{number:07}"))
        .collect();
    let batch: Vec<Event<'_>> = (0..20_000)
        .map(|number| Event {
            visitor: KeyedHash(u64::MAX),
            network: Some(KeyedHash(u64::MAX)),
            article: &names[number % 997],
            from: Some(&names[number % 991]),
            position: Some(20),
            dwell: Some(34_200),
            id: None,
            ..event(number as u64)
        })
        .collect();
    open(data).append_events(&batch).expect("kept");
    let bytes = fs::metadata(&segment_paths(data)[0]).expect("there").len();
    let each = bytes as f64 / batch.len() as f64 + 16.0;
    assert!(each < 85.0, "{each}");
}

#[test]
fn a_torn_tail_is_cut_at_the_last_event_whatever_was_written_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    open(data).append_events(&events(1..=3)).expect("kept");
    let path = segment_paths(data).remove(0);
    let good = fs::read(&path).expect("read");
    let ends: Vec<usize> = places(&path).iter().map(|place| place.1).collect();
    for end in 0..good.len() {
        fs::write(&path, &good[..end]).expect("written");
        let whole = ends.iter().filter(|whole| **whole <= end).count() as u64;
        let kept = match whole {
            0 if end < HEADER => 0,
            0 => HEADER,
            whole => ends[whole as usize - 1],
        };
        let (before, tail) = numbers_from(data, 0);
        assert_eq!(before, range(1, whole));
        assert_eq!(tail.len(), usize::from(end > kept), "cut to {end}");
        assert_eq!(events_end(data).expect("told"), whole + 1);
        let (mut journal, problems) = Journal::open(data).expect("opened");
        let told = format!("cut off {} bytes", end - kept);
        match problems.as_slice() {
            [] => assert_eq!(end, kept),
            [problem] => assert!(problem.message.contains(&told), "{problem}"),
            more => panic!("{more:?}"),
        }
        // What was cut off is new again, and what was kept is known.
        let verdicts = journal.append_new(&events(1..=4)).expect("kept");
        assert_eq!(
            (verdicts.first, verdicts.known as u64),
            (whole + 1, whole),
            "cut to {end}"
        );
        assert_eq!(numbers_from(data, 0), (range(1, 4), vec![]));
    }
}

#[test]
fn a_flipped_byte_costs_the_events_it_hits_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    open(data).append_events(&events(1..=24)).expect("kept");
    let path = segment_paths(data).remove(0);
    let good = fs::read(&path).expect("read");
    let places = places(&path);
    // The last one would be taken for a write that did not end.
    for at in 0..places[22].1 {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).expect("written");
        let hit = places
            .iter()
            .position(|place| (place.0..place.1).contains(&at));
        let lost = hit.map(|hit| hit as u64 + 1);
        let (found, problems) = numbers_from(data, 0);
        let whole: Vec<u64> = (1..=24).filter(|number| Some(*number) != lost).collect();
        assert_eq!(found, whole, "byte {at}");
        let told = &problems[0].message;
        assert_eq!(problems.len(), 1, "byte {at}: {problems:?}");
        let expected = lost.map_or("header".to_owned(), |lost| format!("record {lost} is lost"));
        assert!(told.contains(&expected), "byte {at}: {told}");
        // Given again, only what was lost is new.
        if at % 7 == 0 {
            let mut journal = open(data);
            let verdicts = journal.append_new(&events(1..=24)).expect("kept");
            assert_eq!(verdicts.new, usize::from(lost.is_some()), "byte {at}");
            drop(journal);
            for more in segment_paths(data).drain(1..) {
                fs::remove_file(more).expect("removed");
            }
            let _ = fs::remove_file(path.with_extension("ids"));
        }
    }
}

/// A view of `article`, whose number is its time.
fn view(number: u64, article: &str) -> Event<'_> {
    Event {
        at: number as i64,
        article,
        from: None,
        id: None,
        ..event(0)
    }
}

fn times(data: &Path) -> (Vec<i64>, Vec<Problem>) {
    let mut times = Vec::new();
    let problems = read_events(data, 0, |_, event| {
        times.push(event.at);
        Ok(())
    });
    (times, problems.expect("read"))
}

#[test]
fn an_event_whose_name_is_lost_is_lost_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let batch: Vec<Event<'_>> = (1..=6)
        .map(|number| view(number, if number == 5 { "/b" } else { "/a" }))
        .collect();
    open(data).append_events(&batch).expect("kept");
    let path = segment_paths(data).remove(0);
    let good = fs::read(&path).expect("read");
    let places = places(&path);
    let hit = |records: &[usize]| {
        let mut bad = good.clone();
        for record in records {
            bad[places[*record].1 - 1] ^= 1;
        }
        fs::write(&path, bad).expect("written");
        times(data)
    };
    assert_eq!(hit(&[0]).0, [2, 3, 4, 5, 6]);
    assert_eq!(hit(&[1]).0, [1, 3, 4, 5, 6]);
    let (found, problems) = hit(&[0, 1]);
    assert_eq!(found, [5]);
    assert_eq!(problems.len(), 2);
    assert!(problems[0].message.contains("records 1 to 2 are lost"));
    assert_eq!(problems[1].severity, Severity::Error);
    let told = &problems[1].message;
    assert!(told.contains("3 of the records 3 to 6 are lost"), "{told}");
    // They are new when they are given again, and their name is written out anew.
    let verdicts = open(data).append_new(&batch).expect("kept");
    assert_eq!(verdicts.is_new, [true, true, true, true, false, true]);
    assert_eq!(times(data).0, [5, 1, 2, 3, 4, 6]);
}

#[test]
fn names_twice_in_one_record_and_names_of_before_are_written_out_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let own = |number| Event {
        from: Some("/needle"),
        ..view(number, "/needle")
    };
    let written = || {
        let bytes = fs::read(segment_paths(data).pop().expect("one")).expect("read");
        let places = bytes.windows(7).filter(|place| *place == b"/needle");
        places.count()
    };
    for (number, expected) in (1..).zip([1, 2, 2, 2]) {
        open(data).append_events(&[own(number)]).expect("kept");
        assert_eq!(written(), expected, "{number}");
    }
    // A segment stands by itself.
    let mut journal = rolling(data);
    for (number, expected) in (5..).zip([1, 1]) {
        journal.append_events(&[own(number)]).expect("kept");
        assert_eq!(written(), expected, "{number}");
    }
    assert_eq!(times(data), ((1..=6).collect(), vec![]));
}

#[test]
fn behind_a_damaged_header_a_new_segment_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    open(data).append_events(&events(1..=3)).expect("kept");
    let path = segment_paths(data).remove(0);
    let mut bytes = fs::read(&path).expect("read");
    bytes[0] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let verdicts = open(data).append_new(&events(1..=4)).expect("kept");
    assert_eq!((verdicts.first, verdicts.known), (4, 3));
    assert_eq!(fs::read(&path).expect("read"), bytes);
    assert_eq!((segment_paths(data).len(), id_paths(data).len()), (2, 1));
    assert_eq!(numbers_from(data, 0).0, range(1, 4));
}

#[test]
fn a_later_format_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    drop(open(data));
    let path = segment_file(Kind::Events, &data.join("journal"), 1).path;
    let mut bytes = header(Kind::Events, 1);
    bytes[16] = 9;
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes[..28]);
    bytes[28..].copy_from_slice(&sum.to_le_bytes());
    fs::write(&path, bytes).expect("written");
    let newer = |result: Result<()>| match result {
        Err(Error::Newer(told)) => assert!(told.contains("found format 9"), "{told}"),
        other => panic!("{other:?}"),
    };
    newer(read_events(data, 0, |_, _| Ok(())).map(drop));
    newer(Journal::open(data).map(drop));
    newer(events_end(data).map(drop));
    assert_eq!(fs::read(&path).expect("read"), bytes);
}
