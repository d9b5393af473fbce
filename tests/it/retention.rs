//! Events that are kept no longer: their counts stay, in a checkpoint that knows no visitor, and their segments go.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use readnext::engine::Counted;
use readnext::index::ReadFile;
use serde_json::{Value, json};

use crate::poster::{lines, panels, site as plain};
use crate::site::Site;

/// Events of the past, and of later ones.
const OLD: u32 = 600;
const ALL: u32 = 900;

/// A site whose events are kept for 30 days.
fn site() -> Site {
    let site = plain();
    site.write(
        "readnext.toml",
        "retention_days = 30\ntrusted_proxies = [\"127.0.0.1\"]\n",
    );
    site
}

/// Imports the events of these numbers; what is said of that, and the new and known ones.
fn import(site: &Site, numbers: std::ops::Range<u32>) -> (String, Value) {
    site.write("in.jsonl", &lines(numbers));
    let path = site.path("in.jsonl");
    let output = site.run(&["events", "import", path.to_str().expect("UTF-8"), "--json"]);
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{told}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (told, json!([report["new"], report["known"]]))
}

fn journal(site: &Site, ending: &str) -> Vec<PathBuf> {
    let mut files = site.files();
    files.retain(|file| file.to_string_lossy().ends_with(ending));
    files.retain(|file| {
        file.parent()
            .is_some_and(|folder| folder.ends_with("journal"))
    });
    files.sort();
    files
}

/// As if the journal had been written 60 days ago.
fn age(site: &Site) {
    let then = SystemTime::now() - Duration::from_secs(60 * 86_400);
    for path in journal(site, ".log") {
        let file = fs::File::options().append(true).open(path).expect("opened");
        file.set_modified(then).expect("set");
    }
}

/// A site whose first events are behind a checkpoint.
fn trimmed() -> Site {
    let site = site();
    import(&site, 0..OLD);
    age(&site);
    import(&site, 0..0);
    assert_eq!(journal(&site, ".bin").len(), 1);
    site
}

fn digest(site: &Site) -> u128 {
    let counted = Counted::load(&site.path(""), i64::MAX).expect("read");
    counted.fold.digest()
}

#[test]
fn a_trim_keeps_the_counts_and_the_index_can_be_deleted_after_it() {
    let (site, twin) = (trimmed(), plain());
    import(&twin, 0..OLD);
    assert_eq!(panels(&site), panels(&twin));
    let logs = journal(&site, ".log");
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert_eq!(site.ok(&["events", "export"]), "");
    import(&site, OLD..ALL);
    let (before, counts) = (panels(&site), digest(&site));
    // What is counted and what the checkpoint and its tail say is one state.
    fs::remove_file(site.path("index/reads.bin")).expect("removed");
    assert_eq!(digest(&site), counts);
    assert_eq!(panels(&site), before);
    fs::remove_dir_all(site.path("index")).expect("removed");
    site.ok(&["reindex"]);
    assert_eq!(panels(&site), before);
    assert_eq!(
        site.ok(&["events", "export"]).lines().count() as u32,
        ALL - OLD
    );
    // A second trim goes on from the first checkpoint.
    age(&site);
    import(&site, 0..0);
    let checkpoints = journal(&site, ".bin");
    assert_eq!(checkpoints.len(), 1);
    assert!(checkpoints[0].ends_with(format!("checkpoint-{:020}.bin", ALL + 1)));
    assert_eq!(panels(&site), before);
}

#[test]
fn events_stay_where_no_retention_is_set() {
    let site = plain();
    import(&site, 0..OLD);
    age(&site);
    import(&site, 0..0);
    assert_eq!(journal(&site, ".bin"), Vec::<PathBuf>::new());
    assert_eq!(site.ok(&["events", "export"]).lines().count() as u32, OLD);
    for wrong in ["0.5", "-1", "\"a month\""] {
        site.write("readnext.toml", &format!("retention_days = {wrong}\n"));
        let output = site.run(&["events", "import", "in.jsonl"]);
        assert_eq!(output.status.code(), Some(4), "{wrong}");
    }
}

#[test]
fn behind_a_checkpoint_no_visitor_is_known_and_erase_says_so() {
    let site = site();
    import(&site, 0..OLD);
    let exported = site.ok(&["events", "export"]);
    let visitors: Vec<u64> = exported
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).expect("JSON");
            let name = event["visitor"].as_str().expect("a hash").to_owned();
            u64::from_str_radix(&name[2..], 16).expect("hexadecimal")
        })
        .collect();
    let holds = |site: &Site| {
        let all: Vec<u8> = site
            .files()
            .into_iter()
            .filter(|file| !file.ends_with("in.jsonl"))
            .flat_map(|file| fs::read(file).expect("read"))
            .collect();
        let known: std::collections::HashSet<[u8; 8]> = all
            .windows(8)
            .map(|bytes| bytes.try_into().expect("eight"))
            .collect();
        let mut keys = visitors.iter();
        keys.any(|key| known.contains(&key.to_le_bytes()) || known.contains(&key.to_be_bytes()))
    };
    assert!(holds(&site));
    age(&site);
    import(&site, 0..0);
    assert!(!holds(&site));
    import(&site, OLD..ALL);
    let told = site.ok(&["events", "erase", "--visitor", "v1"]);
    assert!(
        told.contains("3 events erased") || told.contains("4 events erased"),
        "{told}"
    );
    assert!(
        told.contains("only events added since 20") && told.contains("holds no visitors"),
        "{told}"
    );
    // As if it had never been seen since.
    let twin = trimmed();
    fs::copy(site.path("secret"), twin.path("secret")).expect("copied");
    let others: String = lines(OLD..ALL)
        .lines()
        .filter(|line| !line.contains("\"v1\""))
        .map(|line| format!("{line}\n"))
        .collect();
    twin.write("in.jsonl", &others);
    twin.ok(&[
        "events",
        "import",
        twin.path("in.jsonl").to_str().expect("UTF-8"),
    ]);
    assert_eq!(panels(&site), panels(&twin));
}

#[test]
fn what_is_behind_a_checkpoint_counts_once_while_its_ids_are_kept() {
    let site = trimmed();
    let before = panels(&site);
    let (told, counted) = import(&site, 0..OLD);
    assert_eq!(counted, json!([0, OLD]));
    assert!(!told.contains(".ids"), "{told}");
    assert_eq!(panels(&site), before);
    let ids = journal(&site, ".ids");
    let mut bytes = fs::read(&ids[0]).expect("read");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&ids[0], bytes).expect("written");
    let (told, counted) = import(&site, 0..OLD);
    assert!(counted[0].as_u64() < Some(OLD.into()), "{counted}");
    assert!(told.contains("may have been counted before"), "{told}");
    fs::remove_file(&ids[0]).expect("removed");
    let (told, counted) = import(&site, 0..OLD);
    assert!(
        told.contains("600 of the records before 601") && told.contains("gone or damaged"),
        "{told}"
    );
    assert!(counted[0].as_u64() > Some(500), "{counted}");
}

#[test]
fn a_server_trims_by_itself_and_serves_the_same_panels() {
    let (site, twin) = (site(), plain());
    import(&site, 0..OLD);
    import(&twin, 0..OLD);
    age(&site);
    let server = site.start(&["serve"]);
    let started = Instant::now();
    // Until the server goes on from the checkpoint itself.
    let goes_on = || {
        let file = ReadFile::open(&site.path("")).expect("whole");
        file.is_some_and(|file| file.place().checkpoint > 0)
    };
    while !goes_on() {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{}",
            server.said()
        );
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(panels(&site), panels(&twin));
    let (status, answer) = server.post(
        "/v1/events",
        "{\"events\": [{\"type\": \"view\", \"article\": \"/a\"}]}",
        &[
            ("content-type", "text/plain"),
            (
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ),
        ],
    );
    assert_eq!(status, 202, "{answer}");
    assert_eq!(server.stop(), Some(0));
    assert!(journal(&site, ".log").len() <= 2);
    assert_eq!(site.ok(&["events", "export"]).lines().count(), 1);
    // The state that the server published is that of the checkpoint and its tail.
    let live = Counted::filed(&site.path("")).expect("read").fold.digest();
    fs::remove_file(site.path("index/reads.bin")).expect("removed");
    assert_eq!(digest(&site), live);
}

#[test]
fn a_server_trims_by_the_setting_that_it_was_told_to_read_again() {
    let site = plain();
    import(&site, 0..OLD);
    age(&site);
    let server = site.start(&["serve"]);
    site.write("readnext.toml", "retention_days = 30\n");
    let key = server.first_key();
    let reloaded = server.ask("POST", "/v1/reload", &key, "");
    assert_eq!(reloaded, (200, json!({"at_next_start": []})));
    let started = Instant::now();
    while journal(&site, ".bin").is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "no checkpoint");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_trim_that_was_killed_is_done_by_the_next_writer_and_a_damaged_checkpoint_is_named() {
    let site = site();
    import(&site, 0..OLD);
    let log = journal(&site, ".log").remove(0);
    let bytes = fs::read(&log).expect("read");
    age(&site);
    import(&site, 0..0);
    let before = panels(&site);
    fs::write(&log, bytes).expect("written");
    assert_eq!(panels(&site), before);
    import(&site, 0..0);
    assert!(!log.exists());
    assert_eq!(panels(&site), before);
    let checkpoint = journal(&site, ".bin").remove(0);
    let mut bytes = fs::read(&checkpoint).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&checkpoint, bytes).expect("written");
    // What was counted before goes on from it and is whole.
    assert_eq!(panels(&site), before);
    fs::remove_file(site.path("index/reads.bin")).expect("removed");
    let output = site.run(&["export", "--format", "run", "--out", "-"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("are lost, and later events count"), "{told}");
    let output = site.run(&["report", "abuse"]);
    assert_eq!(output.status.code(), Some(3));
}
