//! Same inputs, same bytes: for every thread count, run, hash seed and order of input.

use std::fs;

use crate::relevance::full_site;
use crate::site::Site;

/// All panels and rankings of a site that is indexed by `threads`, and its views.
fn built(site: &Site, threads: &str) -> (String, [Vec<u8>; 5]) {
    site.ok(&["reindex", "--threads", threads]);
    let mut all = site.run_export();
    all.push_str(&site.json_export(&["--threads", threads, "--now", "2026-11-01"]));
    let folder = fs::read_dir(site.path("index")).expect("listed").flatten();
    let generation = folder
        .map(|entry| entry.path())
        .find(|path| path.join("serving.bin").exists())
        .expect("one");
    let views = [
        "serving.bin",
        "terms.bin",
        "alone.bin",
        "articles.bin",
        "topics.bin",
    ]
    .map(|name| fs::read(generation.join(name)).expect("read"));
    (all, views)
}

#[test]
fn two_runs_with_one_thread_and_two_export_the_same_bytes() {
    let first = built(&Site::sample(), "1");
    assert!(first.0.lines().count() > 1000);
    assert!(
        first == built(&Site::sample(), "2"),
        "one thread and two differ"
    );
    assert!(first == built(&Site::sample(), "2"), "two runs differ");
}

#[test]
fn threads_and_the_order_of_input_change_nothing_where_everything_is_used() {
    let lines = full_site();
    let build = |threads: &str, lines: &[String]| {
        let site = Site::new();
        site.write("corpus/articles.jsonl", &(lines.join("\n") + "\n"));
        built(&site, threads)
    };
    let first = build("1", &lines);
    assert!(first == build("2", &lines), "one thread and two differ");
    let turned: Vec<String> = lines.iter().rev().cloned().collect();
    let turned = build("2", &turned);
    assert!(first.0 == turned.0, "exports differ by the order of input");
    for (view, (one, other)) in first.1.iter().zip(&turned.1).enumerate() {
        assert!(one == other, "view {view} differs by the order of input");
    }
}
