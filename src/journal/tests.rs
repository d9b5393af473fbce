//! The journal as a whole: what was acknowledged is read again, whatever happened to the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process;

use super::folder::segment_file;
use super::kind::Kind;
use super::segment::header;
use super::{Change, Journal, damage, files, read};
use crate::error::Error;
use crate::model::{Problem, Severity};

/// Bytes before the first record, and before the payload of each.
const HEADER: usize = 36;
const RECORD: usize = 24;

fn payloads(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn records(data: &Path, from: u64) -> (Vec<(u64, String)>, Vec<Problem>) {
    let mut found = Vec::new();
    let problems = read(data, from, |sequence, payload| {
        let text = String::from_utf8(payload.to_vec()).expect("text");
        found.push((sequence, text));
        Ok(())
    });
    (found, problems.expect("read"))
}

fn numbers(data: &Path) -> Vec<u64> {
    let (found, _) = records(data, 0);
    found.into_iter().map(|(sequence, _)| sequence).collect()
}

#[test]
fn batches_are_numbered_through_and_read_from_any_position() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    assert_eq!(records(data, 0), (vec![], vec![]));
    let (mut journal, problems) = Journal::open(data).expect("made");
    assert_eq!(problems, []);
    assert_eq!(journal.append(&payloads(&["a", "b"])).expect("kept"), 1);
    assert_eq!(journal.append(&[]).expect("nothing to do"), 3);
    drop(journal);
    let (mut journal, problems) = Journal::open(data).expect("opened");
    assert_eq!((problems, journal.next_sequence()), (vec![], 3));
    assert_eq!(journal.append(&payloads(&["c"])).expect("kept"), 3);
    let (found, problems) = records(data, 2);
    assert_eq!(problems, []);
    assert_eq!(found, [(2, "b".to_owned()), (3, "c".to_owned())]);
    let readme = fs::read_to_string(data.join("journal/README.md")).expect("there");
    assert!(readme.contains("Not safe to delete"));
}

#[test]
fn a_second_writer_is_told_who_holds_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Journal::open(folder.path()).expect("made");
    let error = Journal::open(folder.path()).expect_err("held");
    assert!(
        matches!(&error, Error::InUse(text) if text.contains(&format!("process {}", process::id()))),
        "{error}"
    );
    drop(first);
    Journal::open(folder.path()).expect("free again");
}

#[test]
fn a_segment_that_is_read_in_pieces_is_read_whole_and_damage_in_it_costs_what_it_hits() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (mut journal, _) = Journal::open(data).expect("made");
    // Some of many, and some that are longer than what is read at a time.
    let lengths = (0..40).map(|number| match number {
        7 | 8 => 3 << 20,
        _ => 100_000 + number,
    });
    let batch: Vec<Vec<u8>> = lengths.map(|length| vec![b'x'; length]).collect();
    journal.append(&batch).expect("kept");
    drop(journal);
    let (found, problems) = records(data, 0);
    assert_eq!(problems, []);
    let same = |(at, (sequence, text)): (usize, &(u64, String))| {
        *sequence == at as u64 + 1 && text.as_bytes() == batch[at]
    };
    assert!(found.len() == 40 && found.iter().enumerate().all(same));
    // Of the two long ones the first, and one that lies across the end of a piece.
    let begins = |number: usize| {
        HEADER
            + batch[..number]
                .iter()
                .map(|one| RECORD + one.len())
                .sum::<usize>()
    };
    let path = segment_file(Kind::Articles, &data.join("journal"), 1).path;
    let mut bytes = fs::read(&path).expect("read");
    for number in [7, 10] {
        bytes[begins(number) + RECORD + 70_000] ^= 1;
    }
    fs::write(&path, bytes).expect("written");
    let (found, problems) = records(data, 0);
    let numbers: Vec<u64> = found.into_iter().map(|(sequence, _)| sequence).collect();
    assert_eq!(
        numbers,
        (1..=40)
            .filter(|number| ![8, 11].contains(number))
            .collect::<Vec<_>>()
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn segments_roll_over_and_are_read_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    for number in 0..10 {
        let (mut journal, problems) = Journal::open_rolling(data, |_| 100).expect("opened");
        assert_eq!(problems, []);
        let texts = [format!("{number} first"), format!("{number} second")];
        let batch = payloads(&[&texts[0], &texts[1]]);
        assert_eq!(journal.append(&batch).expect("kept"), 2 * number + 1);
    }
    assert!(files(data).expect("listed").len() > 3);
    assert_eq!(numbers(data), (1..=20).collect::<Vec<_>>());
    assert_eq!(records(data, 15).0.len(), 6);
}

#[test]
fn a_torn_tail_is_cut_at_the_last_record_whatever_was_written_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (mut journal, _) = Journal::open(data).expect("made");
    journal.append(&payloads(&["one"])).expect("kept");
    let path = files(data).expect("listed").remove(0);
    let kept = fs::metadata(&path).expect("there").len() as usize;
    journal.append(&payloads(&["two"])).expect("kept");
    drop(journal);
    let good = fs::read(&path).expect("read");
    for end in 0..good.len() {
        fs::write(&path, &good[..end]).expect("written");
        let before = numbers(data);
        let (mut journal, problems) = Journal::open(data).expect("opened");
        let torn = if end < kept {
            end - 36.min(end)
        } else {
            end - kept
        };
        let torn = if end < 36 { end } else { torn };
        match problems.as_slice() {
            [] => assert_eq!(torn, 0, "cut to {end}"),
            [problem] => assert!(
                problem.message.contains(&format!("cut off {torn} bytes")),
                "cut to {end}: {problem}"
            ),
            more => panic!("{more:?}"),
        }
        let next = u64::from(end >= kept) + 1;
        assert_eq!(journal.append(&payloads(&["new"])).expect("kept"), next);
        drop(journal);
        assert_eq!(before, (1..next).collect::<Vec<_>>());
        assert_eq!(numbers(data), (1..=next).collect::<Vec<_>>());
        assert_eq!(records(data, 0).1, []);
    }
}

#[test]
fn damage_in_the_middle_is_passed_over_reported_and_never_cut() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (mut journal, _) = Journal::open(data).expect("made");
    journal
        .append(&payloads(&["one", "two", "three", "four"]))
        .expect("kept");
    drop(journal);
    let path = files(data).expect("listed").remove(0);
    let good = fs::read(&path).expect("read");
    let (begin, end) = (HEADER + RECORD + 3, HEADER + 2 * (RECORD + 3));
    for at in 0..end {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).expect("written");
        let (found, problems) = records(data, 0);
        let told = problems[0].message.clone();
        assert_eq!(problems.len(), 1, "byte {at}");
        if at < HEADER {
            assert_eq!(found.len(), 4, "byte {at}");
            assert!(told.contains("header"), "byte {at}: {told}");
        } else {
            let lost = if at < begin { 1 } else { 2 };
            assert!(
                found.len() == 3 && found.iter().all(|(sequence, _)| *sequence != lost),
                "byte {at}: {found:?}"
            );
            assert!(told.contains(&format!("record {lost} is lost")), "{told}");
        }
        let (mut journal, problems) = Journal::open(data).expect("opened");
        assert_eq!(problems, [], "byte {at}");
        assert_eq!(journal.append(&payloads(&["five"])).expect("kept"), 5);
        drop(journal);
        assert!(fs::read(&path).expect("read").starts_with(&bad));
        assert_eq!(*numbers(data).last().expect("one"), 5);
        for more in files(data).expect("listed").drain(1..) {
            fs::remove_file(more).expect("removed");
        }
    }
}

#[test]
fn records_lost_at_the_end_of_a_full_segment_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (mut journal, _) = Journal::open_rolling(data, |_| 1).expect("made");
    journal.append(&payloads(&["one", "two"])).expect("kept");
    journal.append(&payloads(&["three"])).expect("kept");
    let path = files(data).expect("listed").remove(0);
    let mut bytes = fs::read(&path).expect("read");
    bytes.truncate(HEADER + 10);
    fs::write(&path, bytes).expect("written");
    let (found, problems) = records(data, 0);
    assert_eq!(found, [(3, "three".to_owned())]);
    assert_eq!(problems[0].severity, Severity::Error);
    assert!(problems[0].message.contains("records 1 to 2 are lost"));
}

#[test]
fn a_later_format_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    Journal::open(data).expect("made");
    let path = segment_file(Kind::Articles, &data.join("journal"), 1).path;
    let mut bytes = header(Kind::Articles, 1);
    bytes[16] = 9;
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes[..28]);
    bytes[28..].copy_from_slice(&sum.to_le_bytes());
    fs::write(&path, bytes).expect("written");
    assert!(matches!(read(data, 0, |_, _| Ok(())), Err(Error::Newer(_))));
    assert!(matches!(Journal::open(data), Err(Error::Newer(_))));
    assert_eq!(fs::read(&path).expect("read"), bytes);
}

#[test]
fn of_articles_the_last_record_stands_after_compaction_and_none_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let roll = |kind: Kind| match kind {
        Kind::Articles => 4096,
        Kind::Events => kind.roll_over(),
    };
    let (mut journal, _) = Journal::open_rolling(data, roll).expect("made");
    let mut last = BTreeMap::new();
    for turn in 0..400u64 {
        let id = format!("/{}", if turn % 50 == 0 { turn } else { turn % 5 });
        let record = format!("record {turn}");
        let change = Change::Put {
            id: &id,
            record: &record,
            over: None,
        };
        let number = journal.append(&[change.to_bytes()]).expect("kept");
        last.insert(id, (number, record));
    }
    let mut found = BTreeMap::new();
    let mut records = 0;
    let problems = read(data, 0, |number, payload| {
        let Some(Change::Put { id, record, .. }) = Change::from_bytes(payload) else {
            panic!("a record");
        };
        records += 1;
        found.insert(id.to_owned(), (number, record.to_owned()));
        Ok(())
    });
    assert_eq!(problems.expect("read"), []);
    assert_eq!(found, last);
    assert!(records < 200, "{records}");
    assert_eq!(damage(data).expect("read"), []);
    drop(journal);
    let (journal, problems) = Journal::open(data).expect("opened");
    assert_eq!((journal.next_sequence(), problems), (401, vec![]));
}

#[test]
fn a_readme_of_another_version_is_written_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    drop(Journal::open(data).expect("made"));
    let readme = data.join("journal").join("README.md");
    let own = fs::read_to_string(&readme).expect("read");
    fs::write(&readme, "of an earlier version").expect("written");
    drop(Journal::open(data).expect("opened"));
    assert_eq!(fs::read_to_string(&readme).expect("read"), own);
}
