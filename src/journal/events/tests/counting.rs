//! Counting an event once: in a batch, over segments, after reopening, and whatever happened to the id files.

use std::fs;

use super::*;

#[test]
fn an_event_is_kept_once_within_a_batch_across_segments_and_after_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = open(data);
    let twice = events([1, 2, 1, 3, 2]);
    let verdicts = journal.append_new(&twice).expect("kept");
    assert_eq!(verdicts.is_new, [true, true, false, true, false]);
    assert_eq!((verdicts.first, verdicts.new, verdicts.known), (1, 3, 2));
    let verdicts = journal.append_new(&twice).expect("nothing to do");
    assert_eq!(verdicts.is_new, [false; 5]);
    assert_eq!((verdicts.first, journal.next_event()), (4, 4));
    drop(journal);
    let mut journal = open(data);
    let verdicts = journal.append_new(&events([4, 3, 2])).expect("kept");
    assert_eq!(verdicts.is_new, [true, false, false]);
    drop(journal);
    let mut journal = rolling(data);
    for number in 5..=30 {
        let verdicts = journal
            .append_new(&events([1, number, 4, number]))
            .expect("kept");
        assert_eq!(verdicts.is_new, [false, true, false, false], "{number}");
        assert_eq!(verdicts.first, number);
    }
    let verdicts = journal.append_new(&events((1..=31).rev())).expect("kept");
    assert_eq!((verdicts.new, verdicts.is_new[0]), (1, true));
    drop(journal);
    let verdicts = open(data).append_new(&events(1..=31)).expect("told");
    assert_eq!((verdicts.new, verdicts.known), (0, 31));
    assert_eq!(numbers_from(data, 0), (range(1, 31), vec![]));
    // What is added whatever there is, is known afterwards.
    let mut journal = open(data);
    journal.append_events(&events([32, 32])).expect("kept");
    assert_eq!(journal.append_new(&events([32])).expect("told").new, 0);
}

#[test]
fn id_files_of_many_blocks_know_every_event_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = rolling(data);
    let sizes = [1, 255, 256, 257, 2000];
    let mut end = 1;
    for size in sizes {
        journal
            .append_events(&events(end..end + size))
            .expect("kept");
        end += size;
    }
    journal.append_events(&events([end])).expect("kept");
    assert_eq!(id_paths(data).len(), sizes.len());
    for step in [1, 7, 700] {
        let asked: Vec<u64> = (1..end + 500).step_by(step).collect();
        let judged = journal
            .events_for_test()
            .judge(&events(asked.iter().copied()));
        let judged = judged.expect("told");
        for (number, is_new) in asked
            .into_iter()
            .zip(judged.iter().map(|judged| judged.is_new))
        {
            assert_eq!(is_new, number > end, "{number} of every {step}");
        }
    }
}

#[test]
fn an_id_file_that_is_missing_or_damaged_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = rolling(data);
    journal.append_events(&events(1..=300)).expect("kept");
    journal.append_events(&events([301])).expect("kept");
    let path = id_paths(data).remove(0);
    let good = fs::read(&path).expect("read");
    let is_made_again = |journal: &mut Journal| {
        let verdicts = journal.append_new(&events(1..=301)).expect("told");
        assert_eq!(verdicts.known, 301);
        fs::read(&path).expect("read") == good
    };
    fs::remove_file(&path).expect("removed");
    assert!(is_made_again(&mut journal));
    drop(journal);
    fs::remove_file(&path).expect("removed");
    drop(rolling(data));
    assert_eq!(fs::read(&path).expect("read"), good);
    let mut journal = open(data);
    for at in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&path, &bad).expect("written");
        assert!(is_made_again(&mut journal), "byte {at}");
        fs::write(&path, &good[..at]).expect("written");
        assert!(is_made_again(&mut journal), "cut to {at}");
    }
    // One of an earlier state of its segment is not believed.
    let segment = segment_paths(data).remove(0);
    let bytes = fs::read(&segment).expect("read");
    let half = places(&segment)[149].1;
    fs::write(&segment, &bytes[..half]).expect("written");
    let verdicts = journal.append_new(&events(1..=301)).expect("kept");
    assert_eq!((verdicts.known, verdicts.new), (151, 150));
}

#[test]
fn a_segment_of_other_moments_is_looked_at_for_ids_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let mut journal = rolling(data);
    journal.append_events(&events(1..=9)).expect("kept");
    journal.append_events(&events([10])).expect("kept");
    // So that the span of the first segment is known.
    assert_eq!(journal.append_new(&events([1])).expect("told").known, 1);
    let path = id_paths(data).remove(0);
    fs::remove_file(&path).expect("removed");
    let later = Event {
        at: event(99).at,
        ..event(1)
    };
    assert_eq!(journal.append_new(&[later]).expect("kept").new, 1);
    assert!(!path.exists());
    let same_id = Event {
        id: event(5).id,
        ..later
    };
    assert_eq!(journal.append_new(&[same_id]).expect("told").known, 1);
    assert!(path.exists());
}
