//! The doctor: what it says of a data folder, whole and damaged in every part, what it mends, and what it leaves alone.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::site::Site;

fn site() -> Site {
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .page(
            "b.md",
            "Espresso pressure and fresh roasted beans from the grinder.",
        );
    let site = site.indexed();
    site.events(&[
        json!({"ts": 1_756_202_400, "visitor": "v", "article": "/a", "type": "view"}),
        json!({"ts": 1_756_202_430, "visitor": "v", "article": "/b", "type": "view"}),
    ]);
    site
}

/// What the doctor says with `arguments`, and its exit code.
fn doctor(site: &Site, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = site.run(&[&["doctor", "--json"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let found = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        found.unwrap_or_else(|_| panic!("{said}")),
    )
}

/// The parts that are neither fine nor a note: health, the end of the path, and what is said of each.
fn wrong(found: &Value) -> Vec<(String, String, String)> {
    let parts = found["parts"].as_array().expect("parts").iter();
    let wrong = parts.filter(|part| part["health"] != "fine" && part["health"] != "note");
    let text = |part: &Value, key: &str| part[key].as_str().expect(key).to_owned();
    wrong
        .map(|part| {
            let path = text(part, "path");
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            assert!(!text(part, "means").is_empty(), "{part}");
            let said = format!(
                "{} {} {}",
                text(part, "found"),
                text(part, "means"),
                text(part, "run")
            );
            (text(part, "health"), name, said)
        })
        .collect()
}

/// Flips a bit in the middle of the file at `path`.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("written");
}

/// All files of the folder with their bytes and modes.
fn state(site: &Site) -> Vec<(PathBuf, Vec<u8>, u32)> {
    let mut files: Vec<_> = site
        .files()
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).expect("read");
            let mode = fs::metadata(&path).expect("there").permissions().mode();
            (path, bytes, mode)
        })
        .collect();
    files.sort();
    files
}

fn segment(site: &Site, kind: &str) -> PathBuf {
    site.path(&format!("journal/{kind}-00000000000000000001.log"))
}

#[test]
fn a_whole_folder_is_fine_and_nothing_is_written() {
    let site = site();
    let before = state(&site);
    let (code, found) = doctor(&site, &[]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]));
    for part in ["settings", "secrets", "journal", "index", "machine"] {
        let parts = found["parts"].as_array().expect("parts");
        assert!(parts.iter().any(|found| found["part"] == part), "{part}");
    }
    assert_eq!(state(&site), before);
    let text = site.ok(&["doctor"]);
    assert!(
        text.contains("events up to 2") && text.contains("generation 1 of 2 articles"),
        "{text}"
    );
    assert!(text.ends_with("nothing to repair\n"), "{text}");
    // An empty folder is no failure either.
    let (code, found) = doctor(&Site::new(), &[]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]));
}

#[test]
fn every_damaged_view_is_named_and_mended() {
    for (name, words) in [
        ("index/CURRENT", "generation"),
        ("index/generation-00000001/manifest.json", "checksum"),
        ("index/generation-00000001/serving.bin", "checksum"),
        ("index/generation-00000001/terms.bin", "checksum"),
        ("index/generation-00000001/topics.bin", "checksum"),
        ("index/generation-00000001/articles.bin", "checksum"),
        ("index/generation-00000001/search/meta.json", "checksum"),
        ("index/reads.bin", "checksum"),
    ] {
        let site = site();
        let panel = site.panel("/a");
        flip(&site.path(name));
        let before = state(&site);
        let (code, found) = doctor(&site, &[]);
        assert_eq!(code, Some(6), "{name}");
        let wrong = wrong(&found);
        let file = name.rsplit('/').next().expect("a name");
        assert!(!wrong.is_empty(), "{name}");
        for (health, path, said) in &wrong {
            assert!(
                health == "damaged" || health == "warning",
                "{name}: {health}"
            );
            let named = said.contains(file) || path == file || said.contains(words);
            assert!(named, "{name}: {path}: {said}");
        }
        assert_eq!(state(&site), before, "{name}: looking writes nothing");
        let (code, found) = doctor(&site, &["--repair"]);
        assert_eq!(code, Some(0), "{name}: {found}");
        assert!(
            !found["mended"].as_array().expect("a list").is_empty(),
            "{name}"
        );
        assert_eq!(site.panel("/a"), panel, "{name}");
    }
}

#[test]
fn a_torn_end_is_cut_off_and_a_damaged_record_is_left_for_a_backup() {
    let site = site();
    let log = segment(&site, "events");
    let whole = fs::read(&log).expect("read");
    let mut file = File::options().append(true).open(&log).expect("opened");
    file.write_all(&whole[whole.len() - 20..]).expect("written");
    drop(file);
    let (code, found) = doctor(&site, &[]);
    let (health, _, said) = &wrong(&found)[0];
    assert_eq!((code, health.as_str()), (Some(0), "warning"), "{said}");
    assert!(said.contains("--repair"), "{said}");
    let (code, found) = doctor(&site, &["--repair"]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]), "{found}");
    assert_eq!(fs::read(&log).expect("read"), whole);
    // In the middle of the first of two events: nothing mends that.
    let mut bytes = whole;
    let place = bytes.len() - (bytes.len() - 40) / 2 - 20;
    bytes[place] ^= 1;
    fs::write(&log, &bytes).expect("written");
    for arguments in [&[][..], &["--repair"]] {
        let (code, found) = doctor(&site, arguments);
        assert_eq!(code, Some(6), "{found}");
        let all = wrong(&found);
        assert!(
            all.iter().any(|(health, _, said)| health == "damaged"
                && said.contains("bytes")
                && said.contains("restore")),
            "{all:?}"
        );
        assert_eq!(
            fs::read(&log).expect("read"),
            bytes,
            "{arguments:?}: no record is touched"
        );
    }
}

#[test]
fn secrets_are_their_owners_alone_again() {
    let site = site();
    site.ok(&["keys", "create"]);
    for name in ["secret", "keys"] {
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(site.path(name), open).expect("set");
    }
    let (code, found) = doctor(&site, &[]);
    let names: Vec<String> = wrong(&found).into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(
        (code, names),
        (Some(0), vec!["secret".to_owned(), "keys".to_owned()])
    );
    let (code, found) = doctor(&site, &["--repair"]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]));
    for name in ["secret", "keys"] {
        let mode = fs::metadata(site.path(name))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    fs::write(site.path("secret"), "short").expect("written");
    let (code, found) = doctor(&site, &["--repair"]);
    assert_eq!((code, wrong(&found)[0].0.as_str()), (Some(6), "damaged"));
    assert_eq!(fs::read(site.path("secret")).expect("read"), b"short");
}

#[test]
fn settings_that_cannot_be_used_and_roots_that_are_gone_are_named() {
    let site = site();
    site.write("readnext.toml", "fil = true\n");
    let (code, found) = doctor(&site, &[]);
    let (health, name, said) = &wrong(&found)[0];
    assert_eq!(
        (code, health.as_str(), name.as_str()),
        (Some(4), "unusable", "readnext.toml")
    );
    assert!(said.contains("fill"), "{said}");
    fs::remove_file(site.path("readnext.toml")).expect("removed");
    fs::rename(site.path("corpus"), site.path("elsewhere")).expect("moved");
    let (code, found) = doctor(&site, &[]);
    let (health, name, said) = &wrong(&found)[0];
    assert_eq!(
        (code, health.as_str(), name.as_str()),
        (Some(0), "warning", "corpus")
    );
    assert!(said.contains("sources.toml"), "{said}");
    fs::write(site.path("sources.toml"), "roots = 3").expect("written");
    assert_eq!(doctor(&site, &[]).0, Some(4));
}

#[test]
fn it_works_beside_a_server_and_borrows_what_it_mends() {
    let site = site();
    let server = site.start(&["serve"]);
    let event = "{\"events\": [{\"type\": \"view\", \"article\": \"/a\"}]}";
    let headers = [
        ("content-type", "text/plain"),
        ("user-agent", "Mozilla/5.0 Firefox/140.0"),
    ];
    assert_eq!(server.post("/v1/events", event, &headers).0, 202);
    let (code, found) = doctor(&site, &[]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]), "{found}");
    assert!(found.to_string().contains("a server writes it"), "{found}");
    flip(&site.path("index/reads.bin"));
    fs::write(site.path("journal/turned-away.tsv"), "nonsense").expect("written");
    assert_eq!(doctor(&site, &[]).0, Some(6));
    let (code, found) = doctor(&site, &["--repair"]);
    assert_eq!((code, wrong(&found)), (Some(0), vec![]), "{found}");
    assert_eq!(
        server.post("/v1/events", event, &headers).0,
        202,
        "{}",
        server.said()
    );
    assert_eq!(server.stop(), Some(0));
    assert!(site.ok(&["doctor"]).contains("events up to 4"));
}

#[test]
fn what_another_command_holds_is_not_mended() {
    let site = site();
    flip(&site.path("index/reads.bin"));
    let lock = File::options()
        .write(true)
        .open(site.path("journal/LOCK"))
        .expect("opened");
    lock.lock().expect("locked");
    let output = site.run(&["doctor", "--repair"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(site.path("index/reads.bin").exists());
    assert_eq!(doctor(&site, &[]).0, Some(6), "looking goes on");
}

#[test]
fn files_beside_the_segments_are_looked_at() {
    let site = site();
    site.write(
        "journal/search/00000001-00000000000000000000000000000000.json",
        "[]",
    );
    site.write("journal/turned-away.tsv", "nonsense\n");
    let (code, found) = doctor(&site, &[]);
    let all = wrong(&found);
    let healths: Vec<&str> = all.iter().map(|(health, _, _)| health.as_str()).collect();
    assert_eq!(
        (code, healths),
        (Some(6), vec!["damaged", "warning"]),
        "{all:?}"
    );
    assert!(all[0].2.contains("import that export again"), "{all:?}");
    let (_, found) = doctor(&site, &["--repair"]);
    assert_eq!(wrong(&found).len(), 1, "an export is never removed");
    assert!(!site.path("journal/turned-away.tsv").exists());
}

#[test]
fn a_folder_that_is_not_there_is_not_whole() {
    let site = Site::new();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_readnext"));
    command.args(["doctor", "--data"]).arg(site.path("typo"));
    let output = command.output().expect("started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("found no folder ") && said.contains("--data"),
        "{said}"
    );
    assert!(output.stdout.is_empty());
}
