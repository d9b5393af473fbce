//! A disk that is full, or may not be written: the message names the file and the cause, the last generation serves.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::chance::{page, write_pages};
use crate::poster::{Poster, numbers, site as events_site};
use crate::site::Site;

fn folders(site: &Site) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(site.path("index"))
        .expect("listed")
        .flatten()
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .filter(|name| name.starts_with("generation") || name.ends_with(".new"))
        .collect();
    names.sort();
    names
}

fn last_line(text: &str) -> &str {
    text.lines().next_back().unwrap_or_default()
}

#[test]
fn a_build_on_a_full_disk_says_which_file_and_leaves_the_last_generation() {
    let site = Site::new();
    write_pages(&site, 60, 100, 1);
    site.ok(&["reindex"]);
    let before = site.run_export();
    site.write("corpus/p3.md", &page(3, 100, 2));
    let mut named = BTreeSet::new();
    for blocks in [1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 224, 256] {
        let output = site.on_a_full_disk(blocks, &["reindex"]);
        if output.status.success() {
            break;
        }
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{blocks}: {told}");
        assert!(told.starts_with("readnext: cannot write"), "{told}");
        assert!(told.contains("File too large"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
        let file = told.split('/').next_back().expect("a path");
        named.insert(file.split(':').next().expect("a name").to_owned());
        assert_eq!(folders(&site), ["generation-00000001"], "{told}");
        assert_eq!(site.run_export(), before);
    }
    assert!(named.len() >= 2, "{named:?}");
    site.ok(&["reindex"]);
    assert_ne!(site.run_export(), before);
}

#[test]
fn a_catalogue_that_cannot_be_written_costs_the_next_run_time_and_no_more() {
    let site = Site::new();
    let long = "x".repeat(200);
    for number in 0..300 {
        let text = format!("---\nid: /x\ntitle: One\n---\ntext {number}\n");
        site.write(&format!("corpus/{long}{number}.md"), &text);
    }
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    for entry in fs::read_dir(site.path("corpus")).expect("listed").flatten() {
        let file = fs::File::options().append(true).open(entry.path());
        file.and_then(|file| file.set_modified(hour_ago))
            .expect("set");
    }
    // The paths of 300 files are more than the one article.
    let output = site.on_a_full_disk(32, &["reindex"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", last_line(&told));
    assert!(
        told.contains("index/catalog: file too large"),
        "{}",
        last_line(&told)
    );
    assert!(!told.contains("panicked"));
    assert!(!site.path("index/catalog").exists());
    let output = site.run(&["reindex"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing changed"));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("catalog"));
}

#[test]
fn talk_that_cannot_be_written_stops_nothing() {
    let site = Site::new()
        .page("a.md", "text")
        .page("b.md", "---\nfoo: 1\n---\nmore");
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("there");
    let status = site
        .command(&["reindex"])
        .stderr(full)
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn an_index_that_may_not_be_written_is_named_and_still_read() {
    let site = Site::new().page("a.md", "text").indexed();
    let index = site.path("index");
    let mut permissions = fs::metadata(&index).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&index, permissions).expect("set");
    site.ok(&["related", "/a"]);
    site.ok(&["search", "text"]);
    // Nothing stops the superuser.
    if fs::write(index.join("probe"), "x").is_err() {
        let output = site.run(&["reindex", "--full"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(told.contains("index"), "{told}");
    }
    let other = Site::new().page("a.md", "text");
    other.write("index", "a file where the folder should be");
    let output = other.run(&["reindex"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("cannot create") && told.contains("index"),
        "{told}"
    );
}

#[test]
fn on_a_full_disk_events_are_turned_away_panels_are_served_and_writing_resumes_by_itself() {
    let site = events_site();
    let server = site.start_on_a_full_disk(16, &["serve"]);
    let mut poster = Poster::to(&server);
    let (mut sent, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let mut turned_away = 0;
    for turn in 0.. {
        let events: Vec<u32> = (20 * turn..20 * turn + 20).collect();
        sent.extend(events.iter().copied());
        let client = format!("192.0.2.{turn}");
        let answer = poster.post(&events, &client).expect("answered");
        match answer.status {
            202 => kept.extend(events),
            status => {
                assert_eq!(status, 503, "{}", answer.body);
                assert_eq!(answer.body["code"], "writes_stopped");
                assert!(answer.head.contains("retry-after: "), "{}", answer.head);
                turned_away += 1;
            }
        }
        if turned_away == 3 {
            break;
        }
    }
    assert!(kept.len() > 30, "{}", kept.len());
    assert_eq!(server.get("/v1/related?url=/a").0, 200);
    let ready = ["/readyz", "/readyz?writes"].map(|path| server.get(path).0);
    assert_eq!(ready, [200, 503]);
    let told = server.said();
    assert_eq!(told.matches("events are turned away").count(), 1, "{told}");
    server.gets_room();
    // Not at once: whoever has failed rests for a moment.
    let started = Instant::now();
    while poster
        .post(&[999_999], "198.51.100.1")
        .expect("answered")
        .status
        != 202
    {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{}",
            server.said()
        );
        thread::sleep(Duration::from_millis(10));
    }
    kept.insert(999_999);
    assert_eq!(server.get("/readyz?writes").0, 200);
    assert!(server.said().contains("events are kept again"));
    assert_eq!(server.stop(), Some(0));
    // Of what was turned away some may be there, as a disk may take a part of what it refuses.
    let found = numbers(&site.ok(&["events", "export"]));
    assert!(found.values().all(|times| *times == 1), "{found:?}");
    assert!(kept.iter().all(|number| found.contains_key(number)));
    sent.insert(999_999);
    assert!(found.keys().all(|number| sent.contains(number)));
}
