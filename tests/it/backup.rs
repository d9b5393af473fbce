//! Backups: taken beside a server that writes, put in place elsewhere, and refused where a byte is not what was written.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::chance::{Chance, times};
use crate::site::{Site, copy};

/// Articles that came in one by one.
const RECORDS: &str = concat!(
    "{\"id\": \"/pushed/one\", \"title\": \"Sourdough starter\", \"body\": \"Feed the sourdough starter with flour and water.\"}\n",
    "{\"id\": \"/pushed/two\", \"title\": \"Sourdough bread\", \"body\": \"Bake the sourdough bread with steam and flour.\"}\n",
);

fn event(second: u32, article: &str) -> Value {
    json!({"ts": 1_732_320_000 + second, "visitor": format!("v{}", second % 7), "article": article, "type": "read"})
}

/// A site with files, pushed articles and events, and an index of all that.
fn site() -> Site {
    let site = Site::sample();
    site.write("in.jsonl", RECORDS);
    let records = site.path("in.jsonl");
    let mut command = site.command(&["reindex", "--corpus", "-", "--corpus", "corpus"]);
    command.stdin(fs::File::open(records).expect("opened"));
    assert!(command.output().expect("started").status.success());
    let pages = ["/tool/pandas/overview", "/pushed/one", "/pushed/two"];
    let events: Vec<Value> = (0..60).map(|n| event(n, pages[n as usize % 3])).collect();
    site.events(&events);
    site
}

/// Takes a backup of `site` as `name` in its folder.
pub(crate) fn backup(site: &Site, name: &str, more: &[&str]) -> PathBuf {
    let path = site.path(name);
    let out = path.to_str().expect("UTF-8");
    site.ok(&[&["backup", "--out", out], more].concat());
    path
}

/// `restore` of the file at `path` into `site`.
fn restore(site: &Site, path: &Path, more: &[&str]) -> (Option<i32>, String) {
    let arguments = [&["restore", path.to_str().expect("UTF-8")], more].concat();
    let output = site.run(&arguments);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// All that the two sites show and hold.
fn shown(site: &Site) -> [String; 3] {
    let now = ["--now", "1732330000"];
    // Generations are numbered anew in every folder.
    let panels = site.json_export(&now);
    let panels: Vec<String> = panels
        .lines()
        .map(|line| {
            let at = line.rfind("\"generation\":").expect("a generation");
            let digits = line[at + 13..].trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{}{digits}", &line[..at])
        })
        .collect();
    [
        panels.join("\n"),
        site.ok(&[
            "export",
            "--format",
            "run",
            "--out",
            "-",
            "--now",
            "1732330000",
        ]),
        site.ok(&["events", "export"]),
    ]
}

#[test]
fn a_backup_beside_a_server_that_writes_gives_the_same_site_elsewhere() {
    let site = site();
    let server = site.start(&["serve"]);
    let posting = || {
        for n in 0..40 {
            let body = json!({"events": [{"article": "/pushed/one", "type": "view", "id": format!("p{n}")}]});
            server.post(
                "/v1/events",
                &body.to_string(),
                &[("content-type", "application/json")],
            );
        }
    };
    let path = thread::scope(|scope| {
        let poster = scope.spawn(posting);
        thread::sleep(Duration::from_millis(30));
        let path = backup(&site, "beside.tar", &["--corpus"]);
        poster.join().expect("posted");
        path
    });
    assert_eq!(server.get("/readyz").0, 200);
    server.stop();
    // What came after the backup is not in it; the events that are make a beginning of all.
    let elsewhere = Site::new();
    fs::remove_dir(elsewhere.path("corpus")).expect("empty");
    let (code, said) = restore(&elsewhere, &path, &["--reindex"]);
    assert_eq!(code, Some(0), "{said}");
    let events = elsewhere.ok(&["events", "export"]);
    assert!(events.lines().count() >= 60);
    assert!(site.ok(&["events", "export"]).starts_with(&events));
    // Everything at rest: byte for byte.
    let path = backup(&site, "rest.tar", &["--corpus"]);
    let (code, said) = restore(&elsewhere, &path, &["--force", "--reindex"]);
    assert_eq!(code, Some(0), "{said}");
    site.ok(&["reindex", "--full"]);
    assert_eq!(shown(&elsewhere), shown(&site));
    assert_eq!(
        fs::read(elsewhere.path("secret")).expect("read"),
        fs::read(site.path("secret")).expect("read")
    );
}

#[test]
fn a_restore_without_reindex_says_what_to_run() {
    let site = site();
    let path = backup(&site, "b.tar", &["--corpus"]);
    let elsewhere = Site::new();
    fs::remove_dir(elsewhere.path("corpus")).expect("empty");
    let (code, said) = restore(&elsewhere, &path, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("run `readnext reindex --data"), "{said}");
    assert!(!elsewhere.path("index").exists());
    let early = elsewhere.run(&["topics"]);
    let said = String::from_utf8_lossy(&early.stderr);
    assert!(said.contains("run `readnext reindex` first"), "{said}");
    elsewhere.ok(&["reindex"]);
    site.ok(&["reindex", "--full"]);
    assert_eq!(shown(&elsewhere), shown(&site));
}

#[test]
fn a_corpus_outside_of_the_data_folder_comes_along_and_is_remembered_where_it_is_now() {
    let content = Site::sample();
    let site = Site::new();
    let corpus = content.path("corpus");
    site.ok(&["reindex", "--corpus", corpus.to_str().expect("UTF-8")]);
    let path = backup(&site, "b.tar", &["--corpus"]);
    let before = site.json_export(&["--now", "1732330000"]);
    drop(content);
    let elsewhere = Site::new();
    let (code, said) = restore(&elsewhere, &path, &["--reindex"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(elsewhere.json_export(&["--now", "1732330000"]), before);
    let sources = fs::read_to_string(elsewhere.path("sources.toml")).expect("read");
    assert!(sources.contains("restored/0-corpus"), "{sources}");
}

#[test]
fn a_corpus_in_the_data_folder_is_where_it_was() {
    let site = Site::new();
    site.write("content/a.md", "# Burr grinders\nFor espresso.\n");
    site.ok(&["reindex", "--corpus", "content"]);
    let path = backup(&site, "b.tar", &["--corpus"]);
    let elsewhere = Site::new();
    let (code, said) = restore(&elsewhere, &path, &["--reindex"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(elsewhere.path("content/a.md").is_file());
    assert!(!elsewhere.path("restored").exists());
    let sources = fs::read_to_string(elsewhere.path("sources.toml")).expect("read");
    assert!(sources.contains("/content\""), "{sources}");
}

#[cfg(unix)]
#[test]
fn a_backup_is_for_its_owner_alone_and_so_is_the_secret_again() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    assert_eq!(mode(path.clone()), 0o600);
    let elsewhere = Site::new();
    restore(&elsewhere, &path, &[]);
    assert_eq!(mode(elsewhere.path("secret")), 0o600);
}

#[test]
fn a_flipped_bit_anywhere_and_an_end_that_is_missing_are_refused() {
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    let good = fs::read(&path).expect("read");
    let elsewhere = Site::new();
    let bad = site.path("bad.tar");
    let refused = |bytes: &[u8], context: &str| {
        fs::write(&bad, bytes).expect("written");
        let (code, said) = restore(&elsewhere, &bad, &["--force"]);
        assert_eq!(code, Some(6), "{context}: {said}");
        assert!(said.contains("nothing was changed"), "{context}: {said}");
    };
    let mut chance = Chance::seeded(5);
    for round in 0..times("READNEXT_TEST_FLIPS", 20) {
        // The last rounds hit the checksum's block and the empty ones behind it.
        let at = match round % 4 {
            0 => good.len() - 1 - chance.below(2048),
            _ => chance.below(good.len()),
        };
        let mut bytes = good.clone();
        bytes[at] ^= 1 << chance.below(8);
        refused(&bytes, &format!("byte {at}"));
    }
    for end in [0, 1, 512, good.len() / 2, good.len() - 512, good.len() - 1] {
        refused(&good[..end], &format!("cut to {end}"));
    }
    let names: Vec<_> = fs::read_dir(elsewhere.path("")).expect("listed").collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(restore(&elsewhere, &path, &[]).0, Some(0));
}

#[test]
fn a_folder_with_a_journal_is_left_alone_unless_that_is_forced_and_then_nothing_is_lost() {
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    let other = Site::sample();
    other.events(&[event(1, "/tool/pandas/overview")]);
    let before = other.ok(&["events", "export"]);
    let (code, said) = restore(&other, &path, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("--force"), "{said}");
    assert_eq!(other.ok(&["events", "export"]), before);
    let (code, said) = restore(&other, &path, &["--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(other.ok(&["events", "export"]).lines().count(), 60);
    let aside = fs::read_dir(other.path(""))
        .expect("listed")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("replaced-"))
        })
        .expect("a folder");
    let moved = Site::new();
    for name in ["journal", "secret"] {
        if aside.join(name).is_dir() {
            copy(&aside.join(name), &moved.path(name));
        } else {
            fs::copy(aside.join(name), moved.path(name)).expect("copied");
        }
    }
    assert_eq!(moved.ok(&["events", "export"]), before);
}

#[test]
fn a_folder_that_a_server_writes_is_left_alone() {
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    let server = site.start(&["serve"]);
    // Once an event is kept, the server has its journal.
    let body = json!({"events": [{"article": "/pushed/one", "type": "view"}]}).to_string();
    let json = [("content-type", "application/json")];
    assert_eq!(server.post("/v1/events", &body, &json).0, 202);
    let (code, said) = restore(&site, &path, &["--force"]);
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(server.get("/readyz").0, 200);
}

#[test]
fn a_backup_does_not_overwrite_and_has_something_to_keep() {
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    let output = site.run(&["backup", "--out", path.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    let empty = Site::new();
    let output = empty.run(&["backup", "--out", "b.tar"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("nothing to keep"), "{said}");
    assert!(!empty.path("b.tar").exists());
    // A folder is given a file named after the time.
    site.write("backups/README", "");
    let report = site.json(&["backup", "--out", "backups", "--json"]);
    let file = report["file"].as_str().expect("a file");
    assert!(
        file.starts_with("backups/readnext-2") && file.ends_with(".tar"),
        "{file}"
    );
    assert_eq!(report["events"], 60);
    assert_eq!(report["articles"], 2);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let site = site();
    for (out, missing) in [("gone/", "gone/"), ("gone/b.tar", "gone")] {
        let output = site.run(&["backup", "--out", out]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        let told = format!("found no folder {missing}; make it first, or name another file");
        assert!(said.contains(&told), "{said}");
    }
}

#[test]
fn a_torn_tail_stays_out_of_a_backup() {
    let site = site();
    let whole = site.ok(&["events", "export"]);
    let segment = site
        .files()
        .into_iter()
        .find(|path| {
            path.to_string_lossy()
                .ends_with("events-00000000000000000001.log")
        })
        .expect("a segment");
    let mut bytes = fs::read(&segment).expect("read");
    bytes.extend_from_slice(b"\xff\xfern half a record");
    fs::write(&segment, bytes).expect("written");
    let path = backup(&site, "b.tar", &[]);
    let elsewhere = Site::new();
    restore(&elsewhere, &path, &[]);
    let output = elsewhere.run(&["events", "export"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), whole);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("no complete record"), "{said}");
    let torn = site.run(&["events", "export"]);
    let said = String::from_utf8_lossy(&torn.stderr);
    assert!(said.contains("no complete record"), "{said}");
}
