//! What events add up to, event by event.

use super::super::decay::Moment;
use super::super::value::Reads;
use super::*;
use crate::model::{DAY, KeyedHash};

const NOW: i64 = 20_000 * DAY;

/// A read of `article` by `visitor`, `seconds` after a fixed moment.
fn read(visitor: u64, article: &'static str, seconds: i64) -> Event<'static> {
    Event {
        at: NOW + seconds * 1000,
        visitor: KeyedHash(visitor << 48),
        article,
        ..Event::VIEW
    }
}

fn folded(events: &[Event<'_>]) -> Fold {
    let mut fold = Fold::default();
    for (sequence, event) in (1..).zip(events) {
        fold.apply(sequence, event, &mut |_| {});
    }
    fold
}

/// Reads of `article` beside `host`, in hundredths.
fn reads(fold: &Fold, host: &str, article: &str) -> i64 {
    let number = |name: &str| {
        (0..fold.len() as u32)
            .map(NameOrd)
            .find(|&n| fold.name(n) == name)
    };
    let (Some(host), Some(article)) = (number(host), number(article)) else {
        return 0;
    };
    let row = fold.row(host);
    let worth = Reads::of(&row, &Moment::new(fold.newest()));
    let pair = row.pairs.iter().find(|pair| pair.partner == article);
    pair.map_or(0, |pair| (worth.long_run(pair) * 100.0).round() as i64)
}

#[test]
fn what_follows_counts_by_its_distance_and_what_came_before_a_tenth_of_it() {
    let names = ["/a", "/b", "/c", "/d", "/e", "/f", "/g"];
    let events: Vec<Event<'_>> = names
        .iter()
        .zip(0..)
        .map(|(name, at)| read(1, name, at))
        .collect();
    let fold = folded(&events);
    let after: Vec<i64> = names.iter().map(|name| reads(&fold, "/a", name)).collect();
    assert_eq!(after, [0, 100, 50, 33, 25, 20, 0]);
    assert_eq!(reads(&fold, "/b", "/a"), 10);
    assert_eq!(reads(&fold, "/c", "/a"), 5);
}

#[test]
fn a_pause_ends_a_session_and_another_reader_is_another_one() {
    let fold = folded(&[read(1, "/a", 0), read(2, "/b", 1), read(1, "/c", 1801)]);
    for (host, article) in [("/a", "/b"), ("/a", "/c"), ("/b", "/c")] {
        assert_eq!(reads(&fold, host, article), 0);
    }
    let fold = folded(&[read(1, "/a", 0), read(1, "/a", 5), read(1, "/b", 1800)]);
    assert_eq!(reads(&fold, "/a", "/b"), 100);
}

#[test]
fn a_click_follows_the_page_it_names_and_a_bounce_counts_little() {
    let click = Event {
        kind: EventKind::Click,
        from: Some("/h"),
        ..read(1, "/a", 0)
    };
    let bounced = Event {
        dwell: Some(3000),
        ..read(1, "/b", 10)
    };
    let fold = folded(&[read(1, "/h", -5), click, bounced]);
    assert_eq!(reads(&fold, "/h", "/a"), 100);
    assert_eq!(reads(&fold, "/a", "/b"), 20);
    assert_eq!(reads(&folded(&[click]), "/h", "/a"), 100);
}

#[test]
fn the_page_before_is_one_page_by_its_address_and_by_its_path() {
    let follow = |article, from, at| Event {
        from: Some(from),
        ..read(1, article, at)
    };
    let fold = folded(&[
        read(1, "/a", 0),
        follow("/b", "https://example.org/a/", 10),
        follow("/c", "https://example.org/b?page=2", 30),
    ]);
    assert_eq!(reads(&fold, "/a", "/b"), 100);
    assert_eq!(reads(&fold, "/b", "/c"), 100);
    assert_eq!(reads(&fold, "/a", "/c"), 50);
    assert_eq!(reads(&fold, "https://example.org/a/", "/b"), 0);
    // Loaded anew.
    let fold = folded(&[follow("/b", "https://example.org/b", 0)]);
    assert_eq!(reads(&fold, "https://example.org/b", "/b"), 0);
}

#[test]
fn pages_of_other_hosts_are_names_up_to_a_bound() {
    let mut fold = Fold::default();
    let count = u64::from(ADDRESSES) + 100;
    for turn in 0..count {
        let from = format!("https://search.example/?q={turn}");
        let event = Event {
            from: Some(&from),
            ..read(turn, "/a", turn as i64)
        };
        fold.apply(turn + 1, &event, &mut |_| {});
    }
    assert_eq!(fold.len(), ADDRESSES as usize + 1);
    // One that is known, a path, and an article count as ever.
    for (turn, from) in (count..).zip(["https://search.example/?q=7", "/b"]) {
        let event = Event {
            from: Some(from),
            ..read(turn, "/c", turn as i64)
        };
        fold.apply(turn + 1, &event, &mut |_| {});
        assert_eq!(reads(&fold, from, "/c"), 100, "{from}");
    }
    assert_eq!(fold.len(), ADDRESSES as usize + 3);
}

#[test]
fn likes_count_across_a_visitors_whole_history_in_either_direction() {
    let like = |article, at| Event {
        kind: EventKind::Like,
        ..read(1, article, at)
    };
    let days = 40 * 86_400;
    let fold = folded(&[like("/a", 0), read(1, "/x", days / 2), like("/b", days)]);
    let (there, back) = (reads(&fold, "/a", "/b"), reads(&fold, "/b", "/a"));
    assert!(there == back && there == 200, "{there} {back}");
    assert_eq!(reads(&fold, "/a", "/x"), 0);
}

#[test]
fn going_on_from_a_file_is_as_having_counted_all_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    std::fs::create_dir(data.join("index")).expect("made");
    let names = ["/a", "/b", "/c", "/d", "/e"];
    let mut state = 7u64;
    let events: Vec<Event<'_>> = (0..2000)
        .map(|turn| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let drawn = (state >> 33) as usize;
            Event {
                kind: EventKind::ALL[drawn % 8],
                network: drawn.is_multiple_of(3).then_some(KeyedHash(5)),
                from: drawn.is_multiple_of(5).then_some(names[drawn % 4]),
                ..read(drawn as u64 % 7, names[drawn % 5], turn * 3600)
            }
        })
        .collect();
    let whole = folded(&events);
    for cut in [0, 1, 777, 1999] {
        let part = folded(&events[..cut]);
        part.draft(0, 0).publish(data).expect("published");
        let file = Arc::new(ReadFile::open(data).expect("whole").expect("there"));
        let opened = Fold::after(Arc::clone(&file)).expect("of these rules");
        for mut fold in [opened, part.in_file_of(file)] {
            for (sequence, event) in (1 + cut as u64..).zip(&events[cut..]) {
                fold.apply(sequence, event, &mut |_| {});
            }
            assert_eq!(fold.open, whole.open, "cut at {cut}");
            assert_eq!(rows(&fold), rows(&whole), "cut at {cut}");
        }
    }
}

#[test]
fn of_a_row_in_a_file_only_pairs_that_are_counted_again_are_held_and_it_is_pruned_as_a_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    std::fs::create_dir(data.join("index")).expect("made");
    let names: Vec<String> = (0..400).map(|number| format!("/{number:03}")).collect();
    // Each turn somebody reads `/000` and then another one, of which some come again and again; months pass.
    let events: Vec<Event<'_>> = (0..3000usize)
        .map(|turn| {
            let other = match turn / 2 % 3 {
                0 => turn / 2 % 40,
                _ => turn / 2 * 7919 % 400,
            };
            let name = match turn % 2 {
                0 => &names[0],
                _ => &names[other],
            };
            Event {
                at: NOW + turn as i64 / 2 * 6_000_000,
                visitor: KeyedHash((turn as u64 / 2) << 40),
                article: name,
                ..read(0, "", 0)
            }
        })
        .collect();
    let whole = folded(&events);
    for cut in [300, 900, 1001, 2500] {
        let part = folded(&events[..cut]);
        part.draft(0, 0).publish(data).expect("published");
        let file = Arc::new(ReadFile::open(data).expect("whole").expect("there"));
        let mut fold = Fold::after(file).expect("of these rules");
        for (sequence, event) in (1 + cut as u64..).zip(&events[cut..]) {
            fold.apply(sequence, event, &mut |_| {});
            if sequence == cut as u64 + 20 {
                // Ten pairs, in either direction.
                let held = fold.counts().held_pairs();
                assert!(held <= 20, "{held}");
            }
        }
        assert_eq!(fold.digest(), whole.digest(), "cut at {cut}");
        assert_eq!(rows(&fold), rows(&whole), "cut at {cut}");
    }
}

#[test]
fn whoever_reads_has_what_was_counted_when_it_was_handed_over_and_nothing_since() {
    let (mut fold, mut shown) = (Fold::default(), Counts::default());
    for (sequence, article) in (1..).zip(["/a", "/b", "/c", "/a", "/c"]) {
        let mut changed = Vec::new();
        let before = shown.clone();
        let event = read(1, article, sequence as i64);
        fold.apply(sequence, &event, &mut |name| changed.push(name));
        let all = || (0..before.len() as u32).map(NameOrd);
        assert!(all().all(|name| shown.row(name) == before.row(name)));
        assert_eq!(shown.next(), before.next());
        shown.go_on_to(fold.counts(), changed.into_iter(), &mut Vec::new());
        assert_eq!((shown.next(), shown.len()), (sequence + 1, fold.len()));
        for name in (0..fold.len() as u32).map(NameOrd) {
            assert_eq!(shown.row(name), fold.row(name));
            assert_eq!(shown.name(name), fold.name(name));
        }
    }
}

/// The rows of all names, as a file holds them.
fn rows(fold: &Fold) -> Vec<ReadRow> {
    let draft = fold.draft(0, 0);
    let numbers = (0..draft.names.len() as u32).map(NameOrd);
    numbers.map(|number| (draft.row)(number)).collect()
}
