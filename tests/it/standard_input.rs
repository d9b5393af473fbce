//! Articles piped in: kept in the journal, indexed beside the corpus, never lost.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::chance::{Chance, page, write_pages};
use crate::site::Site;

pub(crate) const ESPRESSO: &str = r#"{"id": "/a", "title": "Espresso", "body": "Espresso needs fresh roasted beans, a fine grind and pressure."}"#;
pub(crate) const GRINDERS: &str = r#"{"id": "/b", "title": "Grinders", "body": "A burr grinder gives roasted beans an even grind for espresso."}"#;
pub(crate) const CREMA: &str = r#"{"id": "/c", "title": "Crema", "body": "Fresh roasted espresso beans give crema under pressure."}"#;

/// Runs a command with `lines` on its standard input.
pub(crate) fn piped(site: &Site, arguments: &[&str], lines: &[&str]) -> Output {
    let mut child = site
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    for line in lines {
        // A command that refuses to start reads nothing.
        let _ = writeln!(input, "{line}");
    }
    drop(input);
    child.wait_with_output().expect("it ends")
}

/// Pipes `lines` into a reindex over `roots` beside them, which must take all of them; its report.
pub(crate) fn push(site: &Site, roots: &[&str], lines: &[&str]) -> Value {
    let mut arguments = vec!["reindex", "--json", "--corpus", "-"];
    for root in roots {
        arguments.extend(["--corpus", root]);
    }
    let output = piped(site, &arguments, lines);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub(crate) fn title(site: &Site, id: &str) -> String {
    let body = site.json(&["related", id, "--json"]);
    body["article"]["title"]
        .as_str()
        .expect("a title")
        .to_owned()
}

/// A record of `/page`, which is also the file `corpus/page.md`.
pub(crate) fn record(title: &str) -> String {
    json!({"id": "/page", "title": title, "body": "A page about bicycles."}).to_string()
}

pub(crate) fn file(title: &str) -> String {
    format!("---\ntitle: {title}\n---\nA page about bicycles.\n")
}

pub(crate) fn segments(site: &Site) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(site.path("journal"))
        .expect("listed")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    found.sort();
    found
}

pub(crate) fn journal_bytes(site: &Site) -> u64 {
    let sizes = segments(site).into_iter();
    sizes
        .map(|path| fs::metadata(path).expect("there").len())
        .sum()
}

/// The export is the same after a full run, and after the index was deleted.
fn assert_export_is_of_the_journal(site: &Site) {
    let export = site.run_export();
    site.ok(&["reindex", "--full"]);
    assert_eq!(site.run_export(), export, "full");
    fs::remove_dir_all(site.path("index")).expect("removed");
    site.ok(&["reindex"]);
    assert_eq!(site.run_export(), export, "deleted");
}

#[test]
fn records_on_standard_input_need_no_corpus_and_survive_the_index() {
    let site = Site::new();
    fs::remove_dir(site.path("corpus")).expect("removed");
    let report = push(&site, &[], &[ESPRESSO, GRINDERS]);
    assert_eq!(report["added"], json!(["/a", "/b"]));
    assert_eq!(report["problems"], json!([]));
    assert_eq!(site.related("/a"), ["/b"]);
    assert!(!site.path("sources.toml").exists());
    let readme = fs::read_to_string(site.path("journal/README.md")).expect("there");
    assert!(readme.contains("Not safe to delete"));
    let report = push(&site, &[], &[CREMA]);
    assert_eq!(
        (&report["added"], &report["unchanged"]),
        (&json!(["/c"]), &json!(2))
    );
    let report = push(&site, &[], &[&GRINDERS.replace("Grinders", "Burrs")]);
    assert_eq!(report["changed"], json!(["/b"]));
    assert_eq!(title(&site, "/b"), "Burrs");
    assert_export_is_of_the_journal(&site);
    assert!(site.ok(&["reindex"]).contains("nothing changed"));
}

#[test]
fn the_same_records_twice_change_nothing() {
    let site = Site::new().page("page.md", &file("File"));
    site.ok(&["reindex"]);
    let lines = [ESPRESSO, GRINDERS, &record("Record")];
    push(&site, &[], &lines);
    let (size, export) = (journal_bytes(&site), site.run_export());
    let report = push(&site, &[], &lines);
    assert_eq!(
        (&report["unchanged"], &report["generation"]),
        (&json!(3), &json!(2))
    );
    // Without the newline at the end, with spaces around, and beside the corpus.
    push(
        &site,
        &["corpus"],
        &[&format!("  {ESPRESSO} "), &record("Record")],
    );
    assert_eq!((journal_bytes(&site), site.run_export()), (size, export));
}

#[test]
fn a_bad_line_is_told_and_the_others_are_kept() {
    let site = Site::new();
    let long = format!(r#"{{"id": "/long", "body": "{}"}}"#, "x".repeat(9 << 20));
    let lines = [
        ESPRESSO,
        "",
        "{\"id\": ",
        &long,
        r#"{"title": "No id"}"#,
        r#"{"id": "/d", "title": "Dates", "published": "yesterday", "colour": "red"}"#,
        GRINDERS,
    ];
    let output = piped(&site, &["reindex", "--json", "--corpus", "-"], &lines);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["added"], json!(["/a", "/b", "/d"]));
    assert_eq!(report["rejected"], json!(3));
    let problems = report["problems"].as_array().expect("problems");
    let told: Vec<(&str, Option<u64>)> = problems
        .iter()
        .map(|problem| {
            assert_eq!(problem["path"], "-");
            let severity = problem["severity"].as_str().expect("one");
            (severity, problem["line"].as_u64())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("error", Some(3)),
            ("error", Some(4)),
            ("error", Some(5)),
            ("warning", Some(6)),
            ("warning", None),
        ]
    );
    // What came in was told once; the run after reads good records only.
    let report = site.json(&["reindex", "--full", "--json"]);
    assert_eq!(
        (&report["rejected"], &report["unchanged"]),
        (&json!(0), &json!(3))
    );
}

#[test]
fn roots_and_standard_input_stand_beside_one_another() {
    let site = Site::new().page("page.md", &file("File"));
    let report = push(&site, &["corpus"], &[ESPRESSO]);
    assert_eq!(report["added"], json!(["/a", "/page"]));
    let remembered = fs::read_to_string(site.path("sources.toml")).expect("there");
    assert!(remembered.contains("/corpus\"") && !remembered.contains("\"-\""));
    // Standard input alone leaves the roots as they are, roots alone leave what was piped in.
    site.write("corpus/page.md", &file("Edited"));
    let report = push(&site, &[], &[GRINDERS]);
    assert_eq!(
        (&report["added"], &report["unchanged"]),
        (&json!(["/b"]), &json!(2))
    );
    assert_eq!(title(&site, "/page"), "File");
    let report = site.json(&["reindex", "--json", "--corpus", "corpus"]);
    assert_eq!(
        (&report["changed"], &report["unchanged"]),
        (&json!(["/page"]), &json!(2))
    );
    fs::remove_file(site.path("corpus/page.md")).expect("removed");
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(
        (&report["removed"], &report["unchanged"]),
        (&json!(["/page"]), &json!(2))
    );
    assert_export_is_of_the_journal(&site);
}

/// The files that do not show.
fn overridden(site: &Site) -> Vec<String> {
    let checked = site.run(&["check", "--json"]);
    let checked: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    let findings = checked["findings"].as_array().expect("findings").iter();
    let overrides = findings.filter(|finding| finding["concern"] == "override");
    let name = |finding: &Value| {
        let path = finding["path"].as_str().expect("a path");
        let name = path.rsplit('/').next().expect("a name");
        name.to_owned()
    };
    overrides.map(name).collect()
}

#[test]
fn of_a_record_and_a_file_the_one_written_later_wins() {
    let site = Site::new()
        .page("page.md", &file("File"))
        .page(
            "other.md",
            "---\ntitle: Other\n---\nA page about bicycles and tyres.\n",
        )
        .indexed();
    assert_eq!(overridden(&site), [""; 0]);
    push(&site, &[], &[&record("Record"), ESPRESSO]);
    assert_eq!(title(&site, "/page"), "Record");
    assert_eq!(overridden(&site), ["page.md"]);
    // It stands while the file is as it was, whichever way it is looked at.
    for run in [&["reindex"][..], &["reindex", "--corpus", "corpus"]] {
        site.write(
            "corpus/other.md",
            "---\ntitle: Other\n---\nA page about bicycles.\n",
        );
        site.ok(run);
        assert_eq!(title(&site, "/page"), "Record");
    }
    assert_export_is_of_the_journal(&site);
    // A second record goes on where the first one stands.
    push(&site, &[], &[&record("Second")]);
    site.ok(&["reindex", "--full"]);
    assert_eq!(title(&site, "/page"), "Second");
    site.write("corpus/page.md", &file("Edited"));
    assert_eq!(
        site.json(&["reindex", "--json"])["changed"],
        json!(["/page"])
    );
    assert_eq!(title(&site, "/page"), "Edited");
    assert_eq!(overridden(&site), [""; 0]);
    assert_export_is_of_the_journal(&site);
    assert_eq!(title(&site, "/page"), "Edited");
    // The same record again is a later one.
    push(&site, &[], &[&record("Second")]);
    assert_eq!(title(&site, "/page"), "Second");
    assert_export_is_of_the_journal(&site);
    // Without the file the record stands, and a new file is later again.
    fs::remove_file(site.path("corpus/page.md")).expect("removed");
    site.ok(&["reindex"]);
    assert_eq!(title(&site, "/page"), "Second");
    site.write("corpus/page.md", &file("New"));
    site.ok(&["reindex"]);
    assert_eq!(title(&site, "/page"), "New");
    assert_export_is_of_the_journal(&site);
}

#[test]
fn a_link_to_an_article_that_was_piped_in_is_not_dead() {
    let site = Site::new()
        .page(
            "page.md",
            "---\ntitle: Page\nsummary: S\n---\n[in](/a), [out](/gone).\n",
        )
        .indexed();
    push(&site, &[], &[ESPRESSO]);
    let told = site.ok(&["check"]);
    assert!(told.contains("/gone") && !told.contains("\"/a\""), "{told}");
    assert!(
        told.contains("2 articles: 1 dead internal link, 1 missing summary"),
        "{told}"
    );
}

#[test]
fn a_record_without_an_index_is_later_than_the_file_that_is_there() {
    let site = Site::new().page("page.md", &file("File"));
    push(&site, &["corpus"], &[&record("Record")]);
    assert_eq!(title(&site, "/page"), "Record");
    fs::remove_dir_all(site.path("index")).expect("removed");
    push(&site, &[], &[&record("Second")]);
    assert_eq!(title(&site, "/page"), "Second");
    site.write("corpus/page.md", &file("Edited"));
    site.ok(&["reindex"]);
    assert_eq!(title(&site, "/page"), "Edited");
}

#[test]
fn any_order_of_edits_and_records_exports_what_a_full_run_exports() {
    let site = Site::new();
    write_pages(&site, 8, 30, 1);
    site.ok(&["reindex"]);
    let mut chance = Chance::seeded(3);
    for round in 0..12 {
        let number = chance.below(10);
        let name = format!("corpus/p{number}.md");
        if chance.below(4) == 0 {
            // Gone already is as good.
            let _ = fs::remove_file(site.path(&name));
        } else if chance.below(2) == 0 {
            site.write(&name, &page(number, 30, chance.bits() % 3));
        }
        let text = page(chance.below(10), 30, 2);
        let line = json!({"id": format!("/p{}", chance.below(12)), "body": text}).to_string();
        match chance.below(4) {
            0 => drop(push(&site, &["corpus"], &[&line])),
            1 => drop(push(&site, &[], &[&line])),
            2 => drop(site.ok(&["reindex", "--corpus", "corpus"])),
            _ => {}
        }
        site.ok(&["reindex"]);
        let export = site.run_export();
        site.ok(&["reindex", "--full"]);
        assert_eq!(site.run_export(), export, "round {round}");
    }
}

#[test]
fn a_root_whose_files_are_all_gone_is_seen_after_a_run_that_left_it_as_it_was() {
    let site = Site::new().page("page.md", &file("File")).indexed();
    push(&site, &[], &[ESPRESSO]);
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    let segment = fs::File::options()
        .append(true)
        .open(&segments(&site)[0])
        .expect("opened");
    segment.set_modified(hour_ago).expect("set");
    push(&site, &[], &[ESPRESSO]);
    fs::remove_file(site.path("corpus/page.md")).expect("removed");
    assert_eq!(
        site.json(&["reindex", "--json"])["removed"],
        json!(["/page"])
    );
}
