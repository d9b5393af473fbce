//! Reindexing what changed, and only that.

use std::fs;

use serde_json::{Value, json};

use crate::site::Site;

fn page(title: &str, text: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2026-01-01\n---\n{text}\n")
}

fn three_pages() -> Site {
    Site::new()
        .page(
            "a.md",
            &page(
                "Espresso",
                "Espresso needs fresh roasted beans, a fine grind and pressure.",
            ),
        )
        .page(
            "b.md",
            &page(
                "Grinders",
                "A burr grinder gives roasted beans an even grind for espresso.",
            ),
        )
        .page(
            "c.md",
            &page("Bicycles", "Pump the tyre of a bicycle and oil its chain."),
        )
}

fn counts(report: &Value) -> Value {
    let length = |key: &str| report[key].as_array().map(Vec::len);
    json!([
        length("added"),
        length("changed"),
        length("removed"),
        report["unchanged"],
        report["generation"]
    ])
}

#[test]
fn nothing_changed_means_nothing_written() {
    let site = three_pages();
    assert_eq!(
        counts(&site.json(&["reindex", "--json"])),
        json!([3, 0, 0, 0, 1])
    );
    let before = listing(&site);
    assert_eq!(
        counts(&site.json(&["reindex", "--json"])),
        json!([0, 0, 0, 3, 1])
    );
    assert!(
        site.ok(&["reindex"])
            .contains("nothing changed, nothing written")
    );
    assert_eq!(listing(&site), before);
}

fn listing(site: &Site) -> Vec<String> {
    let folder = fs::read_dir(site.path("index")).expect("listed").flatten();
    let mut names: Vec<String> = folder
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

#[test]
fn added_changed_and_removed_pages_are_told_and_served() {
    let site = three_pages().indexed();
    assert_eq!(site.related("/a"), ["/b"]);
    site.write(
        "corpus/d.md",
        &page(
            "Crema",
            "Fresh roasted espresso beans give crema under pressure.",
        ),
    );
    site.write(
        "corpus/b.md",
        &page("Gardens", "Tomatoes climb up poles in a warm garden."),
    );
    fs::remove_file(site.path("corpus/c.md")).expect("removed");
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(report["added"], json!(["/d"]));
    assert_eq!(report["changed"], json!(["/b"]));
    assert_eq!(report["removed"], json!(["/c"]));
    assert_eq!(
        (&report["unchanged"], &report["generation"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(site.related("/a"), ["/d"]);
}

#[test]
fn an_incremental_run_exports_what_a_full_run_exports() {
    let site = Site::sample().indexed();
    let edited = fs::read_to_string(site.path("corpus/tool/redis/overview.md")).expect("read");
    site.write(
        "corpus/tool/redis/overview.md",
        &edited.replace("Redis", "Valkey"),
    );
    site.write(
        "corpus/tool/new/page.md",
        &page("Caching", "A cache keeps what was computed before."),
    );
    fs::remove_file(site.path("corpus/tool/duckdb/overview.md")).expect("removed");
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(counts(&report), json!([1, 1, 1, 103, 2]));
    let incremental = site.run_export();
    site.ok(&["reindex", "--full"]);
    assert_eq!(site.run_export(), incremental);
}

#[test]
fn a_file_that_keeps_its_size_and_time_stamp_second_is_still_seen() {
    let site = three_pages().indexed();
    site.write(
        "corpus/c.md",
        &page("Bicycles", "Pump the tyre of a bicycle and oil its brake."),
    );
    assert_eq!(site.json(&["reindex", "--json"])["changed"], json!(["/c"]));
}

#[test]
fn a_second_root_leaves_the_first_as_it_is() {
    let site = three_pages().indexed();
    site.write(
        "more/d.md",
        &page(
            "Crema",
            "Fresh roasted espresso beans give crema under pressure.",
        ),
    );
    site.write(
        "corpus/a.md",
        &page(
            "Changed",
            "This edit is not looked at by a run over another root.",
        ),
    );
    let report = site.json(&["reindex", "--json", "--corpus", "more"]);
    assert_eq!(counts(&report), json!([1, 0, 0, 3, 2]));
    let mut related = site.related("/a");
    related.sort();
    assert_eq!(related, ["/b", "/d"]);
    // Without --corpus all remembered roots are read.
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(report["changed"], json!(["/a"]));
}

#[test]
fn a_deleted_index_is_built_again() {
    let site = three_pages().indexed();
    let before = site.run_export();
    fs::remove_dir_all(site.path("index")).expect("removed");
    assert_eq!(
        counts(&site.json(&["reindex", "--json"])),
        json!([3, 0, 0, 0, 1])
    );
    assert_eq!(site.run_export(), before);
}

#[test]
fn a_damaged_generation_is_refused_by_readers_and_replaced_by_reindex() {
    let site = three_pages().indexed();
    let before = site.run_export();
    let serving = site.path("index/generation-00000001/serving.bin");
    let mut bytes = fs::read(&serving).expect("read");
    // What lies between sections is zeros, and nobody's.
    let middle = bytes.len() / 2;
    let middle = (middle..).find(|&at| bytes[at] != 0).expect("a byte");
    bytes[middle] ^= 1;
    fs::write(&serving, bytes).expect("written");
    let output = site.run(&["related", "/a"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`readnext reindex`"));
    assert_eq!(counts(&site.json(&["reindex", "--json"]))[4], 2);
    assert_eq!(site.run_export(), before);
}

#[test]
fn only_the_current_generation_and_the_one_before_are_kept() {
    let site = three_pages().indexed();
    for round in 0..4 {
        site.write(
            "corpus/c.md",
            &page("Bicycles", &format!("Round {round} of the bicycle race.")),
        );
        site.ok(&["reindex"]);
    }
    assert_eq!(
        listing(&site),
        [
            "CURRENT",
            "LOCK",
            "catalog",
            "catalog.seal",
            "generation-00000004",
            "generation-00000005",
            "runs.jsonl"
        ]
    );
}

#[test]
fn one_id_twice_the_later_path_wins_and_both_are_named() {
    let site = Site::new()
        .page("a.md", "---\nid: /x\ntitle: First\n---\ntext")
        .page("b.md", "---\nid: /x\ntitle: Second\n---\ntext");
    let report = site.json(&["reindex", "--json"]);
    let message = report["problems"][0]["message"]
        .as_str()
        .expect("a message");
    let path = report["problems"][0]["path"].as_str().expect("a path");
    assert!(
        message.contains("a.md") && path.contains("b.md"),
        "{path}: {message}"
    );
    assert_eq!(
        site.json(&["related", "/x", "--json"])["article"]["title"],
        "Second"
    );
}
