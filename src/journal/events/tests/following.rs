//! Following events: a reader that goes on where it stopped sees each event once, and tells each damage once.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::*;

#[test]
fn a_reader_that_follows_sees_what_was_added_and_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut reader = EventReader::open(data, 3);
    let mut poll = |expected: Vec<u64>| {
        let mut numbers = Vec::new();
        let problems = reader.poll(keep(&mut numbers)).expect("read");
        assert_eq!((numbers, problems), (expected, vec![]));
        (reader.next_sequence(), reader.tail().is_some())
    };
    assert_eq!(poll(vec![]), (3, false));
    let mut journal = open(data);
    assert_eq!(poll(vec![]), (3, false));
    journal.append_events(&events(1..=5)).expect("kept");
    assert_eq!(poll(vec![3, 4, 5]), (6, false));
    assert_eq!(poll(vec![]), (6, false));
    drop(journal);
    let mut journal = rolling(data);
    for number in 6..=9 {
        journal.append_events(&events([number])).expect("kept");
        if number != 7 {
            let expected = if number == 8 {
                vec![7, 8]
            } else {
                vec![number]
            };
            assert_eq!(poll(expected), (number + 1, false));
        }
    }
    drop(journal);
    open(data).append_events(&events(10..=20)).expect("kept");
    // An event that is being written is seen once it is whole.
    let path = segment_paths(data).pop().expect("one");
    let good = fs::read(&path).expect("read");
    let ends: Vec<usize> = places(&path).iter().map(|place| place.1).collect();
    let mut seen = 9;
    let from = ends[0];
    for end in from..=good.len() {
        fs::write(&path, &good[..end]).expect("written");
        let whole = 8 + ends.iter().filter(|whole| **whole <= end).count() as u64;
        let torn = !ends.contains(&end);
        assert_eq!(poll(range(seen + 1, whole)), (whole + 1, torn), "{end}");
        seen = whole;
    }
    assert_eq!(seen, 20);
}

#[test]
fn a_reader_that_follows_tells_damage_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = open(data);
    journal.append_events(&events(1..=3)).expect("kept");
    let path = segment_paths(data).remove(0);
    let mut bytes = fs::read(&path).expect("read");
    let places = places(&path);
    bytes[places[1].0] ^= 1;
    bytes[places[2].0] ^= 1;
    fs::write(&path, bytes).expect("written");
    let mut reader = EventReader::open(data, 0);
    let mut poll = || {
        let mut numbers = Vec::new();
        let problems = reader.poll(keep(&mut numbers)).expect("read");
        let told: Vec<String> = problems.into_iter().map(|told| told.message).collect();
        (numbers, told, reader.tail().is_some())
    };
    assert_eq!(poll(), (vec![1], vec![], true));
    journal.append_events(&events([4])).expect("kept");
    let (numbers, told, tail) = poll();
    assert_eq!((numbers, told.len(), tail), (vec![4], 1, false));
    assert!(told[0].contains("records 2 to 3 are lost"), "{told:?}");
    assert_eq!(poll(), (vec![], vec![], false));
    // Damage at the end of a segment is told when another one follows.
    let mut bytes = fs::read(&path).expect("read");
    bytes.extend_from_slice(b"noise");
    fs::write(&path, bytes).expect("written");
    assert_eq!(poll(), (vec![], vec![], true));
    drop(journal);
    let mut other = header(Kind::Events, 7).to_vec();
    other.extend_from_slice(b"more noise");
    fs::write(
        segment_file(Kind::Events, &folder.path().join("journal"), 7).path,
        other,
    )
    .expect("written");
    let (numbers, told, tail) = poll();
    assert_eq!((numbers, told.len(), tail), (vec![], 1, true));
    assert!(told[0].contains("records 5 to 6 are lost"), "{told:?}");
    assert_eq!(poll(), (vec![], vec![], true));
}

#[test]
fn an_event_for_which_the_caller_fails_is_the_first_of_the_next_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = rolling(data);
    for number in 1..=6 {
        journal
            .append_events(&events([2 * number - 1, 2 * number]))
            .expect("kept");
    }
    let mut reader = EventReader::open(data, 2);
    let mut found = Vec::new();
    let mut stopped = 0;
    for _ in 0..20 {
        let mut room = 3;
        let polled = reader.poll(|sequence, event| {
            if room == 0 {
                return Err(Error::Failed("no room".to_owned()));
            }
            room -= 1;
            keep(&mut found)(sequence, event)
        });
        stopped += usize::from(polled.is_err());
    }
    assert_eq!((found, stopped), (range(2, 12), 3));
}

#[test]
fn a_reader_beside_a_writer_sees_every_event_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let (mut journal, _) = Journal::open_rolling(data, |_| 2000).expect("opened");
    let end = 6000;
    thread::scope(|scope| {
        scope.spawn(move || {
            for first in (1..=end).step_by(20) {
                let batch = events(first..first + 20);
                journal.append_events(&batch).expect("kept");
            }
        });
        let mut reader = EventReader::open(data, 0);
        let mut numbers = Vec::new();
        let started = Instant::now();
        while reader.next_sequence() <= end && started.elapsed() < Duration::from_secs(60) {
            let problems = reader.poll(keep(&mut numbers)).expect("read");
            assert_eq!(problems, []);
        }
        assert_eq!(numbers, range(1, end));
    });
    assert!(segment_paths(data).len() > 50);
}
