//! What a damaged file costs, and what is said of it: the last whole generation serves, and reindex mends the rest.

use std::fs;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::chance::{page, write_pages};
use crate::site::{Site, copy, repository};

const SECOND: &str = "index/generation-00000002";

/// A site with two generations, and the run of each.
fn two_generations() -> (Site, String, String) {
    let site = Site::new();
    write_pages(&site, 12, 60, 1);
    site.ok(&["reindex"]);
    let previous = site.run_export();
    site.write("corpus/p3.md", &page(3, 60, 2));
    site.ok(&["reindex"]);
    let current = site.run_export();
    assert_ne!(previous, current);
    (site, previous, current)
}

fn flip(site: &Site, name: &str) {
    let path = site.path(name);
    let mut bytes = fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).expect("written");
}

/// Exit code, stdout and stderr.
fn run(site: &Site, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = site.run(arguments);
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

const EXPORT: &[&str] = &["export", "--format", "run", "--limit", "50", "--out", "-"];

#[test]
fn the_generation_before_serves_in_place_of_a_damaged_one() {
    let (good, previous, current) = two_generations();
    for name in ["serving.bin", "manifest.json"] {
        let site = good.twin();
        flip(&site, &format!("{SECOND}/{name}"));
        let (code, answer, told) = run(&site, EXPORT);
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(answer, previous);
        assert!(
            told.contains(name)
                && told.contains("run `readnext reindex`")
                && told.contains("generation 1 serves"),
            "{told}"
        );
        let server = site.start(&["serve"]);
        assert_eq!(server.get("/readyz").2, "ok: generation 1\nwrites: ok\n");
        assert!(server.said().contains(name), "{}", server.said());
        let (code, report, told) = run(&site, &["reindex"]);
        assert_eq!(code, Some(0), "{told}");
        // Told against what served.
        assert!(
            report.contains("0 added, 1 changed, 0 removed, 11 unchanged"),
            "{report}"
        );
        assert!(
            told.contains(name) && told.contains("this run builds everything again"),
            "{told}"
        );
        assert_eq!(site.run_export(), current);
        assert!(server.moves_to(3, std::time::Duration::from_secs(2)));
        // The damaged one is no use for rollback; the one before it is kept instead.
        assert!(!site.path(SECOND).exists());
        assert!(site.path("index/generation-00000001/serving.bin").exists());
    }
}

#[test]
fn without_a_whole_generation_readers_say_what_to_run() {
    let (site, _, current) = two_generations();
    flip(&site, "index/generation-00000001/serving.bin");
    flip(&site, &format!("{SECOND}/serving.bin"));
    for arguments in [EXPORT, &["related", "/p3"], &["serve"]] {
        let (code, answer, told) = run(&site, arguments);
        assert_eq!((code, answer.as_str()), (Some(6), ""), "{told}");
        assert!(told.contains("generation-00000002/serving.bin"), "{told}");
        assert!(told.contains("run `readnext reindex`"), "{told}");
    }
    site.ok(&["reindex"]);
    assert_eq!(site.run_export(), current);
}

#[test]
fn what_current_names_is_checked() {
    let (good, previous, current) = two_generations();
    let line = fs::read_to_string(good.path("index/CURRENT")).expect("read");
    for (text, expected) in [
        ("", &current),
        ("garbage", &current),
        ("generation-00000009", &current),
        ("../index/generation-00000001", &current),
        // A flipped bit in the number names a generation whose digest is another.
        (line.replace("0002", "0001").as_str(), &current),
        (&line[..line.len() - 3], &current),
    ] {
        let site = good.twin();
        fs::write(site.path("index/CURRENT"), text).expect("written");
        let (code, answer, told) = run(&site, EXPORT);
        assert_eq!(code, Some(0), "{text:?}: {told}");
        assert_eq!(answer, *expected, "{text:?}");
        assert!(
            told.contains("index/CURRENT") || told.contains("generation-00000009"),
            "{text:?}: {told}"
        );
        assert!(told.contains("generation 2 serves"), "{text:?}: {told}");
        site.ok(&["reindex"]);
        assert_eq!(run(&site, EXPORT), (Some(0), current.clone(), exported()));
    }
    let site = good.twin();
    fs::remove_file(site.path("index/CURRENT")).expect("removed");
    let (code, answer, told) = run(&site, EXPORT);
    assert_eq!((code, answer), (Some(0), current.clone()));
    assert!(told.contains("CURRENT: is missing"), "{told}");
    // Going back a generation by hand takes the name alone.
    fs::write(site.path("index/CURRENT"), "generation-00000001\n").expect("written");
    assert_eq!(run(&site, EXPORT), (Some(0), previous, exported()));
    // It is also what a run leaves that is killed just before the switch; the next one starts from there.
    let (code, _, told) = run(&site, &["reindex"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("removed generation-00000002"), "{told}");
    assert_eq!(run(&site, EXPORT), (Some(0), current, exported()));
}

fn exported() -> String {
    "exported 12 panels\n".to_owned()
}

#[test]
fn a_generation_that_was_not_finished_never_serves_and_is_removed() {
    let (site, previous, current) = two_generations();
    // What a run that was killed before it was done leaves.
    copy(&site.path(SECOND), &site.path("index/generation-00000003"));
    fs::remove_file(site.path("index/generation-00000003/manifest.json")).expect("removed");
    site.write("index/CURRENT.new", "generation-000");
    flip(&site, &format!("{SECOND}/serving.bin"));
    assert_eq!(run(&site, EXPORT).1, previous);
    let (code, _, told) = run(&site, &["reindex"]);
    assert_eq!(code, Some(0));
    assert!(told.contains("removed generation-00000003"), "{told}");
    assert_eq!(site.run_export(), current);
    assert!(!site.path("index/CURRENT.new").exists());
    assert_eq!(
        site.json(&["reindex", "--json"])["problems"],
        Value::Array(Vec::new())
    );
}

#[test]
fn panels_go_on_without_terms_and_without_a_search_index() {
    let (site, _, current) = two_generations();
    let panel = site.ok(&["related", "/p3"]);
    let explained = site.ok(&["related", "/p3", "--explain"]);
    let found = site.ok(&["search", "bako", "koko"]);
    let terms = format!("{SECOND}/terms.bin");
    flip(&site, &terms);
    assert_eq!(site.ok(&["related", "/p3"]), panel);
    let (code, answer, told) = run(&site, &["related", "/p3", "--explain"]);
    assert_eq!((code, answer.as_str()), (Some(6), ""), "{told}");
    assert!(
        told.contains("terms.bin") && told.contains("run `readnext reindex`"),
        "{told}"
    );
    site.ok(&["reindex"]);
    assert_eq!(site.ok(&["related", "/p3", "--explain"]), explained);

    let search = site.path("index/generation-00000003/search");
    for entry in fs::read_dir(&search).expect("listed").flatten() {
        let site = site.twin();
        let name = entry.file_name().into_string().expect("UTF-8");
        flip(&site, &format!("index/generation-00000003/search/{name}"));
        assert_eq!(site.ok(&["related", "/p3"]), panel);
        let (code, answer, told) = run(&site, &["search", "bako", "koko"]);
        assert_eq!((code, answer.as_str()), (Some(6), ""), "{told}");
        assert!(
            told.contains(&name) && told.contains("run `readnext reindex`"),
            "{told}"
        );
        site.ok(&["reindex"]);
        assert_eq!(site.ok(&["search", "bako", "koko"]), found);
        assert_eq!(site.run_export(), current);
    }
}

#[test]
fn damaged_analyses_and_a_damaged_catalogue_are_told_and_made_anew() {
    let (site, _, current) = two_generations();
    for (name, remedy) in [
        (
            format!("{SECOND}/articles.bin"),
            "this run builds everything again",
        ),
        ("index/catalog/db".to_owned(), "every file is read"),
        ("index/catalog/conf".to_owned(), "every file is read"),
        ("index/catalog.seal".to_owned(), "every file is read"),
    ] {
        let site = site.twin();
        flip(&site, &name);
        assert_eq!(site.run_export(), current);
        let (code, _, told) = run(&site, &["reindex"]);
        assert_eq!(code, Some(0), "{name}: {told}");
        let named = name.trim_end_matches("/db").trim_end_matches("/conf");
        assert!(
            told.contains(named.trim_end_matches(".seal")) && told.contains(remedy),
            "{name}: {told}"
        );
        assert_eq!(run(&site, &["reindex"]).2, "", "{name}");
        assert_eq!(site.run_export(), current);
    }
}

#[test]
fn an_index_of_the_first_format_is_named_and_built_again() {
    let site = Site::new()
        .page("a.md", "Fresh roasted beans and an even grind.")
        .page("b.md", "An even grind of fresh roasted beans.");
    copy(
        &repository().join("tests/fixtures/formats/1"),
        &site.path("index"),
    );
    for arguments in [EXPORT, &["related", "/a"], &["serve"]] {
        let (code, _, told) = run(&site, arguments);
        assert_eq!(code, Some(6), "{told}");
        assert!(
            told.contains("found format 1, this readnext reads and writes 12")
                && told.contains("run `readnext reindex`"),
            "{told}"
        );
    }
    let (code, _, told) = run(&site, &["reindex"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("found format 1"), "{told}");
    assert_eq!(site.related("/a"), ["/b"]);
}

#[test]
fn a_newer_index_is_left_alone_unless_everything_is_to_be_built_again() {
    let (site, _, current) = two_generations();
    let path = site.path(&format!("{SECOND}/manifest.json"));
    let text = fs::read_to_string(&path).expect("read");
    let newer = text.replace("\"format\": 12", "\"format\": 13");
    let body = newer
        .split_once(",\n  \"checksum\"")
        .expect("the last line")
        .0;
    let sum = xxh3_64(body.as_bytes());
    let newer = format!("{body},\n  \"checksum\": \"{sum:016x}\"\n}}\n");
    fs::write(&path, &newer).expect("written");
    for arguments in [EXPORT, &["serve"], &["reindex"]] {
        let (code, _, told) = run(&site, arguments);
        assert_eq!(code, Some(6), "{told}");
        assert!(
            told.contains("found format 13, this readnext reads and writes 12")
                && told.contains("use the newer readnext")
                && told.contains("`readnext reindex --full`"),
            "{told}"
        );
    }
    assert_eq!(fs::read_to_string(&path).expect("still there"), newer);
    site.ok(&["reindex", "--full"]);
    assert_eq!(site.run_export(), current);
}
