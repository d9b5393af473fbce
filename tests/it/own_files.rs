//! A data folder that is a corpus root, or lies in one: what readnext keeps there is no article.

use std::fs;

use serde_json::Value;

use crate::site::Site;

/// A data folder whose pages lie beside what readnext keeps, with something of all that.
fn mixed() -> Site {
    let site = Site::new();
    fs::remove_dir(site.path("corpus")).expect("removed");
    site.write("a.md", "# Kettles\nWater for coffee.\n");
    site.write("index/pandas.md", "# Index of pandas\nBears of China.\n");
    site.write("journal/monday.md", "# Monday\nCoffee again.\n");
    site.write(
        "pushed.jsonl.txt",
        "{\"id\": \"/pushed\", \"title\": \"Pushed\"}",
    );
    let root = site.path("");
    site.ok(&["reindex", "--corpus", root.to_str().expect("UTF-8")]);
    let record = fs::File::open(site.path("pushed.jsonl.txt")).expect("opened");
    let mut push = site.command(&["reindex", "--corpus", "-"]);
    let pushed = push.stdin(record).output().expect("it runs");
    assert!(pushed.status.success());
    site
}

/// The ids of all panels.
fn pages(site: &Site) -> Vec<String> {
    let lines = site.json_export(&[]);
    let id = |line: &str| {
        let panel: Value = serde_json::from_str(line).expect("JSON");
        panel["article"]["id"].as_str().expect("an id").to_owned()
    };
    lines.lines().map(id).collect()
}

const PAGES: [&str; 4] = ["/a", "/index/pandas", "/journal/monday", "/pushed"];

#[test]
fn in_a_data_folder_that_is_the_corpus_the_pages_of_the_site_are_articles_and_nothing_else() {
    let site = mixed();
    assert!(site.path("index/runs.jsonl").exists() && site.path("journal/README.md").exists());
    // Every run adds a line to the list of runs; it is no news.
    for _ in 0..2 {
        let report = site.json(&["reindex", "--json"]);
        assert_eq!(
            (&report["generation"], &report["rejected"]),
            (&2.into(), &0.into()),
            "{report}"
        );
    }
    let report = site.json(&["reindex", "--full", "--json"]);
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert_eq!(pages(&site), PAGES);
    // So it is where the folder lies in a root.
    let inside = site.path("related");
    fs::create_dir(&inside).expect("made");
    for name in ["index", "journal", "sources.toml"] {
        fs::rename(site.path(name), inside.join(name)).expect("moved");
    }
    site.ok(&[
        "reindex",
        "--full",
        "--corpus",
        site.path("").to_str().expect("UTF-8"),
    ]);
    assert_eq!(
        pages(&site),
        ["/a", "/related/index/pandas", "/related/journal/monday"]
    );
}

#[test]
fn what_a_restore_put_aside_is_neither_an_article_nor_part_of_a_backup_of_the_corpus() {
    let site = mixed();
    let out = |name: &str| site.path(name).to_str().expect("UTF-8").to_owned();
    site.ok(&["backup", "--out", &out("one.tar")]);
    site.ok(&["restore", &out("one.tar"), "--force"]);
    let aside = fs::read_dir(site.path("")).expect("listed").flatten();
    let aside = aside.filter(|entry| entry.file_name().to_string_lossy().starts_with("replaced-"));
    assert_eq!(aside.count(), 1);
    site.write("restored/0-elsewhere/b.md", "# Of another root\n");
    site.ok(&["reindex"]);
    // The page in `index/` was put aside with all of that; what is in `journal/` came back with it.
    assert_eq!(pages(&site), ["/a", "/journal/monday", "/pushed"]);
    site.ok(&["backup", "--corpus", "--out", &out("two.tar")]);
    let archive = fs::read(site.path("two.tar")).expect("read");
    let archive = String::from_utf8_lossy(&archive);
    assert!(archive.contains("/a.md"));
    for name in ["runs.jsonl", "README.md", "replaced-", "0-elsewhere"] {
        assert!(!archive.contains(name), "{name}");
    }
}
