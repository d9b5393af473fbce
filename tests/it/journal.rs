//! The journal under crashes, damage, a full disk and a second writer: what was kept is never lost.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::chance::{Chance, page};
use crate::site::Site;
use crate::standard_input::{
    CREMA, ESPRESSO, GRINDERS, file, journal_bytes, piped, push, segments, title,
};

#[test]
fn a_second_writer_waits_for_none() {
    let site = Site::new();
    push(&site, &[], &[ESPRESSO]);
    let lock = fs::File::options()
        .write(true)
        .open(site.path("journal/LOCK"))
        .expect("there");
    lock.lock().expect("locked");
    fs::write(site.path("journal/LOCK"), "process 4711\n").expect("written");
    let output = piped(&site, &["reindex", "--corpus", "-"], &[GRINDERS]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains("process 4711"), "{told}");
    // Readers take no lock.
    site.ok(&["reindex", "--full"]);
    assert_eq!(title(&site, "/a"), "Espresso");
}

#[test]
fn a_torn_tail_is_told_and_cut_and_damage_before_it_costs_one_record() {
    let site = Site::new();
    for line in [ESPRESSO, GRINDERS, CREMA] {
        push(&site, &[], &[line]);
    }
    let segment = segments(&site).remove(0);
    let good = fs::read(&segment).expect("read");
    let mut torn = good.clone();
    torn.extend_from_slice(&good[36..50]);
    fs::write(&segment, &torn).expect("written");
    let output = site.run(&["reindex"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0));
    assert!(told.contains("are no complete record"), "{told}");
    let report = push(&site, &[], &[ESPRESSO]);
    let told = report["problems"][0]["message"].as_str().expect("told");
    assert!(told.contains("cut off 14 bytes after record 3"), "{told}");
    assert_eq!(fs::read(&segment).expect("read"), good);

    let mut bad = good.clone();
    let at = good.len() / 2;
    bad[at] ^= 1;
    fs::write(&segment, &bad).expect("written");
    let output = site.run(&["reindex", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["removed"], json!(["/b"]));
    let told = report["problems"][0]["message"].as_str().expect("told");
    assert!(told.contains("record 2 is lost"), "{told}");
    // Given again, it is there again.
    piped(&site, &["reindex", "--corpus", "-"], &[GRINDERS]);
    assert_eq!(title(&site, "/b"), "Grinders");
}

#[test]
fn a_journal_of_a_later_version_is_not_touched() {
    let site = Site::new().page("page.md", &file("File")).indexed();
    push(&site, &[], &[ESPRESSO]);
    let segment = segments(&site).remove(0);
    let mut bytes = fs::read(&segment).expect("read");
    bytes[16] = 2;
    let sum = xxh3_64(&bytes[..28]);
    bytes[28..36].copy_from_slice(&sum.to_le_bytes());
    fs::write(&segment, &bytes).expect("written");
    for input in [vec![], vec!["--corpus", "-"]] {
        let output = piped(&site, &[vec!["reindex"], input].concat(), &[GRINDERS]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{told}");
        assert!(told.contains("found format 2"), "{told}");
    }
    assert_eq!(fs::read(&segment).expect("read"), bytes);
    assert_eq!(title(&site, "/a"), "Espresso");
}

#[test]
fn a_full_disk_keeps_what_was_written_and_says_so() {
    let site = Site::new();
    push(&site, &[], &[ESPRESSO]);
    let lines: Vec<String> = (0..200)
        .map(|number| json!({"id": format!("/p{number}"), "body": page(number, 40, 1)}).to_string())
        .collect();
    site.write("lines.jsonl", &lines.join("\n"));
    let free = site.command(&["reindex", "--corpus", "-"]);
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""])
        .arg(free.get_program())
        .args(free.get_args())
        .stdin(fs::File::open(site.path("lines.jsonl")).expect("opened"));
    let output = command.output().expect("the shell starts");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("journal/articles-") && told.contains("nothing more is written"),
        "{told}"
    );
    assert_eq!(site.related("/a"), Vec::<String>::new());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    push(&site, &[], &lines);
    let report = site.json(&["reindex", "--full", "--json"]);
    assert_eq!(report["unchanged"], json!(201));
}

/// Records that are written and synced together.
const BATCH: u64 = 512;

#[test]
fn a_kill_while_records_come_in_loses_none_that_were_kept() {
    let site = Site::new().page("page.md", &file("File")).indexed();
    // All records are equally long, so the size of the journal tells how many of them it holds.
    let line = |number: u64| {
        json!({"id": format!("/p{number:05}"), "title": format!("Page {number:05}")}).to_string()
    };
    push(&site, &[], &[&line(0)]);
    let with_one = journal_bytes(&site);
    push(&site, &[], &[&line(1)]);
    let record = journal_bytes(&site) - with_one;
    let whole = |bytes: u64| (bytes - with_one) / record;
    let mut sent: u64 = 2;
    let mut landed = 0;
    for seed in 0..6 {
        let mut child = site
            .command(&["reindex", "--corpus", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        // More than a batch, so that some records are kept while others still come.
        let first = sent;
        let batch_kept = whole(journal_bytes(&site)) + BATCH;
        for _ in 0..600 {
            writeln!(input, "{}", line(sent)).expect("it reads");
            sent += 1;
        }
        let started = Instant::now();
        if seed % 2 == 0 {
            // Killed while it waits for more, the first batch kept.
            while whole(journal_bytes(&site)) < batch_kept
                && started.elapsed() < Duration::from_secs(60)
            {
                thread::sleep(Duration::from_millis(5));
            }
        } else {
            drop(input);
            let delay = 0.3 * Chance::seeded(seed).share();
            thread::sleep(Duration::from_secs_f64(delay));
        }
        landed += u64::from(child.try_wait().expect("waited").is_none());
        child.kill().expect("killed");
        child.wait().expect("waited");
        // Whatever was written is there after the next run: a prefix of what was sent, in whole records.
        site.run(&["reindex"]);
        let ids = site.json_export(&["--limit", "1"]);
        let found = (first..sent)
            .filter(|number| ids.contains(&format!("\"/p{number:05}\"")))
            .count() as u64;
        let prefix =
            (first..first + found).all(|number| ids.contains(&format!("\"/p{number:05}\"")));
        assert!(prefix, "seed {seed}: {found} of {}", sent - first);
        assert!(found >= BATCH || seed % 2 == 1, "seed {seed}: {found}");
        assert!(ids.contains("\"/page\""));
    }
    assert!(landed >= 3, "{landed}");
}
