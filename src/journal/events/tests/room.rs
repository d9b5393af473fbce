//! The room behind the records of an open segment: it is no damage, and nothing that is written into it is lost.

use super::*;
use crate::journal::damage;

/// The segments of `data` as a process finds them that comes after a kill.
fn copied(data: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder(copy.path())).expect("made");
    for path in segment_paths(data) {
        let name = path.file_name().expect("a name");
        fs::copy(&path, folder(copy.path()).join(name)).expect("copied");
    }
    copy
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).expect("there").len()
}

#[test]
fn room_is_there_while_a_journal_is_written_and_gone_after_it() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let mut journal = open(data);
    journal.append_events(&events(1..=3)).expect("kept");
    let path = segment_paths(data).remove(0);
    let with_room = size(&path);
    journal.append_events(&events(4..=9)).expect("kept");
    assert_eq!(size(&path), with_room, "written into the room");
    assert_eq!(damage(data).expect("read"), []);
    assert_eq!(numbers_from(data, 1), (range(1, 9), vec![]));
    drop(journal);
    let bytes = fs::read(&path).expect("read");
    let whole = places(&path).last().expect("records").1;
    assert_eq!(bytes.len(), whole, "records and nothing else");
    assert!(with_room > whole as u64 + 1000);
}

#[test]
fn room_that_a_kill_left_is_written_into() {
    let data = tempfile::tempdir().expect("a folder");
    let mut journal = open(data.path());
    journal.append_events(&events(1..=3)).expect("kept");
    let copy = copied(data.path());
    let path = segment_paths(copy.path()).remove(0);
    let with_room = size(&path);
    assert_eq!(damage(copy.path()).expect("read"), []);
    let mut journal = open(copy.path());
    journal.append_events(&events(4..=5)).expect("kept");
    assert_eq!(size(&path), with_room);
    assert_eq!(numbers_from(copy.path(), 1), (range(1, 5), vec![]));
}

#[test]
fn a_write_into_room_that_did_not_end_is_cut_off() {
    let data = tempfile::tempdir().expect("a folder");
    let mut journal = open(data.path());
    journal.append_events(&events(1..=3)).expect("kept");
    let copy = copied(data.path());
    let path = segment_paths(copy.path()).remove(0);
    let whole = fs::read(&path).expect("read");
    let (begin, end) = places(&path)[2];
    for cut in begin + 1..end {
        // The rest of the last record is still room.
        let mut bytes = whole.clone();
        bytes[cut..end].fill(0);
        if bytes[..end] == whole[..end] {
            continue;
        }
        fs::write(&path, &bytes).expect("written");
        assert_eq!(numbers_from(copy.path(), 1).0, [1, 2]);
        let (mut journal, problems) = Journal::open(copy.path()).expect("opened");
        assert!(problems[0].message.contains("cut off"), "{problems:?}");
        journal.append_events(&events([3])).expect("kept");
        drop(journal);
        assert_eq!(numbers_from(copy.path(), 1), (range(1, 3), vec![]));
    }
}

#[test]
fn a_full_segment_has_no_room_and_its_id_file_is_of_its_length() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let mut journal = rolling(data);
    for number in 1..=3 {
        journal.append_new(&events([number])).expect("kept");
    }
    let paths = segment_paths(data);
    assert_eq!(paths.len(), 3);
    for full in &paths[..2] {
        assert_eq!(size(full), places(full)[0].1 as u64);
    }
    // It is looked at only if it is of this length.
    let known = journal.append_new(&events([1, 2])).expect("looked up");
    assert_eq!((known.new, known.known), (0, 2));
    let copy = copied(data);
    assert_eq!(damage(copy.path()).expect("read"), []);
}

#[test]
fn a_record_that_is_seen_after_the_one_behind_it_is_no_damage() {
    let data = tempfile::tempdir().expect("a folder");
    let mut journal = open(data.path());
    journal.append_events(&events(1..=5)).expect("kept");
    let path = segment_paths(data.path()).remove(0);
    let whole = fs::read(&path).expect("read");
    let places = places(&path);
    let mut torn = whole.clone();
    torn[places[2].0..places[3].1].fill(0);
    fs::write(&path, &torn).expect("written");
    // The batch is there as a whole a moment later.
    let mut numbers = Vec::new();
    let mut reader = EventReader::open(data.path(), 1);
    let problems = reader.poll(|sequence, _| {
        numbers.push(sequence);
        if sequence == 2 {
            fs::write(&path, &whole).expect("written");
        }
        Ok(())
    });
    assert_eq!((numbers, problems.expect("read")), (range(1, 5), vec![]));
    // And what stays damaged is told, once.
    fs::write(&path, &torn).expect("written");
    let mut reader = EventReader::open(data.path(), 1);
    let mut numbers = Vec::new();
    let problems = reader.poll(keep(&mut numbers)).expect("read");
    assert_eq!((numbers, problems.len()), (vec![1, 2, 5], 1));
    assert!(
        problems[0].message.contains("records 3 to 4 are lost"),
        "{problems:?}"
    );
}
