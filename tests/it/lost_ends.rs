//! A journal that lost its end: nothing in it says so, but the views have counted its records.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::site::Site;
use crate::standard_input::piped;

/// Records of two articles about one thing.
const RECORDS: [&str; 2] = [
    r#"{"id": "/one", "title": "Sourdough starter", "body": "Feed the sourdough starter with flour and water."}"#,
    r#"{"id": "/two", "title": "Sourdough bread", "body": "Bake the sourdough bread with steam and flour."}"#,
];

/// A site of five files, two pushed articles and two events, all of it indexed and counted.
fn site() -> Site {
    let mut site = Site::new();
    for number in 0..5 {
        site = site.page(
            &format!("{number}.md"),
            &format!("# Grinder {number}\nFor espresso.\n"),
        );
    }
    let site = site.indexed();
    assert!(
        piped(&site, &["reindex", "--corpus", "-"], &RECORDS)
            .status
            .success()
    );
    site.events(&[
        json!({"ts": 1_756_202_400, "visitor": "v", "article": "/one", "type": "view"}),
        json!({"ts": 1_756_202_430, "visitor": "v", "article": "/two", "type": "view"}),
    ]);
    site
}

fn segment(site: &Site, kind: &str) -> PathBuf {
    site.path(&format!("journal/{kind}-00000000000000000001.log"))
}

/// The exit code of `doctor` with `arguments`, and what it says of the parts that are damaged.
fn damaged(site: &Site, arguments: &[&str]) -> (Option<i32>, String) {
    let output = site.run(&[&["doctor", "--json"], arguments].concat());
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let parts = found["parts"].as_array().expect("parts").iter();
    let damaged = parts.filter(|part| part["health"] == "damaged");
    let told: Vec<String> = damaged.map(ToString::to_string).collect();
    (output.status.code(), told.join("\n"))
}

/// Flips a bit of the last record.
fn flip_last(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).expect("read");
    let written = bytes.iter().rposition(|&byte| byte != 0).expect("a byte");
    bytes[written] ^= 1;
    fs::write(path, &bytes).expect("written");
    bytes
}

#[test]
fn the_doctor_names_the_end_that_was_lost_and_mends_nothing_of_it() {
    type Loss = fn(&Site);
    let losses: [(&str, Loss); 5] = [
        ("events up to 2", |site| {
            fs::write(segment(site, "events"), "").expect("emptied");
        }),
        ("events up to 2", |site| {
            fs::remove_file(segment(site, "events")).expect("removed");
        }),
        ("records up to 2", |site| {
            fs::write(segment(site, "articles"), "").expect("emptied");
        }),
        ("records up to 2", |site| {
            fs::remove_file(segment(site, "articles")).expect("removed");
        }),
        ("records up to 2", |site| {
            fs::remove_dir_all(site.path("journal")).expect("removed");
        }),
    ];
    for (number, (told, lose)) in losses.into_iter().enumerate() {
        let site = site();
        assert_eq!(damaged(&site, &[]), (Some(0), String::new()), "{number}");
        lose(&site);
        // An index that has to be built again would be built without the articles.
        let is_articles = told.starts_with("records");
        if is_articles {
            flip_last(&site.path("index/generation-00000002/terms.bin"));
        }
        let generation = fs::read(site.path("index/CURRENT")).expect("read");
        for arguments in [&[][..], &["--repair"]] {
            let (code, said) = damaged(&site, arguments);
            assert_eq!(code, Some(6), "{number}: {said}");
            assert!(
                said.contains(told) && said.contains("ends at 0"),
                "{number}: {said}"
            );
        }
        assert_eq!(
            fs::read(site.path("index/CURRENT")).expect("read"),
            generation
        );
        if is_articles {
            assert!(site.related("/one").contains(&"/two".to_owned()));
        }
    }
}

#[test]
fn a_flipped_bit_in_the_last_record_that_was_counted_is_damage_and_is_not_cut_off() {
    for kind in ["events", "articles"] {
        let site = site();
        let path = segment(&site, kind);
        let bytes = flip_last(&path);
        // Something else that is mended under the journal's lock.
        site.write("journal/turned-away.tsv", "nonsense\n");
        for arguments in [&[][..], &["--repair"]] {
            let (code, said) = damaged(&site, arguments);
            assert_eq!(code, Some(6), "{kind}: {said}");
            assert!(said.contains("whole once"), "{kind}: {said}");
            assert!(!said.contains("never acknowledged"), "{kind}: {said}");
            assert_eq!(
                fs::read(&path).expect("read"),
                bytes,
                "{kind}: {arguments:?}"
            );
        }
    }
}

#[test]
fn a_reindex_says_that_pushed_articles_are_lost_with_the_end_of_the_journal() {
    for lose in [
        |site: &Site| fs::remove_file(segment(site, "articles")).expect("removed"),
        |site: &Site| drop(flip_last(&segment(site, "articles"))),
    ] {
        let site = site();
        lose(&site);
        let output = site.run(&["reindex", "--json"]);
        assert_eq!(output.status.code(), Some(3));
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(
            report["removed"]
                .as_array()
                .expect("ids")
                .contains(&json!("/two"))
        );
        let told = report["problems"].to_string();
        assert!(
            told.contains("article records up to 2 were indexed"),
            "{told}"
        );
        // Told once: this generation has what the journal has.
        site.ok(&["reindex"]);
        assert!(
            piped(&site, &["reindex", "--corpus", "-"], &RECORDS)
                .status
                .success()
        );
        assert!(site.related("/one").contains(&"/two".to_owned()));
    }
}

#[test]
fn records_that_come_in_do_not_hide_that_others_were_lost() {
    let site = site();
    fs::remove_file(segment(&site, "articles")).expect("removed");
    let more: Vec<String> = (0..4)
        .map(|n| {
            json!({"id": format!("/n{n}"), "title": format!("Kettle {n}"), "body": "Water."})
                .to_string()
        })
        .collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let output = piped(&site, &["reindex", "--corpus", "-"], &more);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("article records up to 2 were indexed"),
        "{said}"
    );
}

#[test]
fn a_run_that_is_refused_for_what_it_would_remove_says_that_the_journal_lost_its_end() {
    let site = Site::new()
        .page("a.md", "# Grinder\nFor espresso.\n")
        .indexed();
    assert!(
        piped(&site, &["reindex", "--corpus", "-"], &RECORDS)
            .status
            .success()
    );
    fs::remove_file(segment(&site, "articles")).expect("removed");
    let output = site.run(&["reindex"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("article records up to 2 were indexed") && said.contains("--allow-shrink"),
        "{said}"
    );
    assert!(site.related("/one").contains(&"/two".to_owned()));
}
