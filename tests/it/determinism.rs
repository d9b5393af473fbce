//! Same inputs, same bytes: for every thread count, run and hash seed.

use std::fs;

use crate::site::Site;

#[test]
fn two_runs_with_one_thread_and_two_export_the_same_bytes() {
    let export = |threads: &str| {
        let site = Site::sample();
        site.ok(&["reindex", "--threads", threads]);
        let mut all = site.run_export();
        all.push_str(&site.ok(&[
            "export",
            "--format",
            "json",
            "--out",
            "-",
            "--threads",
            threads,
            "--now",
            "2026-11-01",
        ]));
        let folder = fs::read_dir(site.path("index")).expect("listed").flatten();
        let generation = folder
            .map(|entry| entry.path())
            .find(|path| path.join("serving.bin").exists())
            .expect("one");
        let views = ["serving.bin", "terms.bin", "articles.bin", "topics.bin"]
            .map(|name| fs::read(generation.join(name)).expect("read"));
        (all, views)
    };
    let first = export("1");
    assert!(first.0.lines().count() > 1000);
    assert!(first == export("2"), "one thread and two differ");
    assert!(first == export("2"), "two runs differ");
}
