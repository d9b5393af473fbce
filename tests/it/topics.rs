//! Topics: what editors state, what articles show, and what `readnext topics` tells of both.

use std::fs;

use serde_json::{Value, json};

use crate::site::{Site, repository};

fn page(title: &str, topic: &str) -> String {
    format!(
        "---\ntitle: \"{title}\"\ntopic: {topic}\nsummary: About it.\n---\nA page on {title}.\n"
    )
}

/// Two articles on each of three topics, a page that compares two, and one that combines two.
fn site() -> Site {
    let mut site = Site::new();
    for topic in ["Dask", "DuckDB", "pandas"] {
        site = site
            .page(
                &format!("tool/{topic}.md"),
                &page(&format!("{topic}, a tour"), topic),
            )
            .page(
                &format!("howto/{topic}.md"),
                &page(&format!("Begin with {topic}"), topic),
            );
    }
    site.page(
        "compare/tables.md",
        &page("DuckDB or Pandas: pick one", "DuckDB"),
    )
    .page(
        "integration/large.md",
        &page("Move a pandas job to Dask", "pandas"),
    )
}

/// The relations of a topic as `text (by) strength`, each with the articles that say so.
fn relations(site: &Site, topic: &str) -> Vec<(String, Vec<String>)> {
    let detail = site.json(&["topics", topic, "--json"]);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let relations = detail["relations"].as_array().expect("relations").iter();
    relations
        .filter(|relation| relation["by"] != "mentions")
        .map(|relation| {
            let articles = relation["articles"].as_array().expect("articles");
            (
                format!(
                    "{} ({}) {:.2}",
                    text(&relation["text"]),
                    text(&relation["by"]),
                    relation["strength"].as_f64().expect("a number")
                ),
                articles.iter().map(text).collect(),
            )
        })
        .collect()
}

fn said(text: &str, articles: &[&str]) -> (String, Vec<String>) {
    let articles = articles.iter().map(|&article| article.to_owned());
    (text.to_owned(), articles.collect())
}

fn topic_file(site: &Site, generation: u32) -> Vec<u8> {
    let path = format!("index/generation-{generation:08}/topics.bin");
    fs::read(site.path(&path)).expect("read")
}

#[test]
fn pages_that_compare_and_combine_show_relations_without_any_file() {
    let site = site().indexed();
    assert_eq!(
        relations(&site, "pandas"),
        [
            said(
                "pandas integrates with Dask (integration pages) 0.50",
                &["/integration/large"]
            ),
            said(
                "pandas is an alternative to DuckDB (compare pages) 0.50",
                &["/compare/tables"]
            ),
        ]
    );
}

#[test]
fn what_editors_state_is_there_and_what_they_overrule_is_gone() {
    let site = site();
    site.write(
        "corpus/topics.toml",
        "[pandas]\nbuilt-with = [\"Python\"]\nintegrates-with = [{ topic = \"Dask\", source = \"the manual\" }]\nnone = [\"DuckDB\"]\n",
    );
    let site = site.indexed();
    assert_eq!(
        relations(&site, "PANDAS"),
        [
            said(
                "pandas integrates with Dask (topics.toml) 1.00",
                &["/integration/large"]
            ),
            said("pandas is built with Python (topics.toml) 1.00", &[]),
        ]
    );
    assert_eq!(relations(&site, "duckdb"), []);
    let text = site.ok(&["topics", "Dask"]);
    assert!(
        text.contains("1.00  Dask integrates with pandas")
            && text.contains("integrates-with · topics.toml · the manual")
            && text.contains("      /integration/large"),
        "{text}"
    );
}

#[test]
fn a_change_of_the_file_alone_builds_what_a_full_run_builds() {
    let site = site().indexed();
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(report["generation"], 1);
    site.write("corpus/topics.toml", "[pandas]\npart-of = [\"Python\"]\n");
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(
        (
            &report["generation"],
            &report["unchanged"],
            &report["changed"]
        ),
        (&json!(2), &json!(8), &json!([]))
    );
    // Twice, so that the catalogue knows every file but those that are too young.
    for _ in 0..2 {
        assert_eq!(site.json(&["reindex", "--json"])["generation"], 2);
    }
    let (incremental, export) = (topic_file(&site, 2), site.run_export());
    site.ok(&["reindex", "--full"]);
    assert!(topic_file(&site, 3) == incremental && site.run_export() == export);
    fs::remove_file(site.path("corpus/topics.toml")).expect("removed");
    assert_eq!(site.json(&["reindex", "--json"])["generation"], 4);
    assert!(
        relations(&site, "pandas")
            .iter()
            .all(|(text, _)| !text.contains("Python"))
    );
}

#[test]
fn the_catalogue_does_not_hide_a_change_of_the_file() {
    let site = site();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let folders = ["tool", "howto", "compare", "integration"];
    for entry in folders.iter().flat_map(|folder| {
        fs::read_dir(site.path(&format!("corpus/{folder}")))
            .expect("listed")
            .flatten()
    }) {
        let file = fs::File::options()
            .append(true)
            .open(entry.path())
            .expect("opened");
        file.set_modified(old).expect("dated");
    }
    let site = site.indexed();
    assert_eq!(site.json(&["reindex", "--json"])["generation"], 1);
    site.write("corpus/topics.toml", "[pandas]\npart-of = [\"Python\"]\n");
    assert_eq!(site.json(&["reindex", "--json"])["generation"], 2);
    assert_eq!(relations(&site, "Python").len(), 1);
}

#[test]
fn a_later_root_adds_and_a_run_over_one_root_keeps_the_other() {
    let site = site();
    site.write(
        "corpus/topics.toml",
        "[pandas]\naliases = [\"panel data\"]\n",
    );
    site.write("more/one.md", &page("One", "Polars"));
    site.write(
        "more/topics.toml",
        "[Polars]\nalternative-to = [\"Panel-Data\"]\n",
    );
    let site = site.indexed();
    site.ok(&["reindex", "--corpus", "more"]);
    let expected = said("pandas is an alternative to Polars (topics.toml) 1.00", &[]);
    assert!(relations(&site, "pandas").contains(&expected));
    let built = topic_file(&site, 2);
    site.ok(&["reindex", "--full"]);
    assert!(topic_file(&site, 3) == built);
    assert_eq!(
        site.json(&["topics", "panel data", "--json"])["aliases"],
        json!(["panel data"])
    );
}

#[test]
fn slips_are_told_by_reindex_and_by_check_and_stop_nothing() {
    let site = site();
    site.write(
        "corpus/topics.toml",
        "[pandas]\nintegrate-with = [\"Dask\"]\npart-of = [\"Pandas\"]\n[Node.js]\n",
    );
    let place = |problem: &Value| {
        let path = problem["path"].as_str().expect("a path");
        assert!(path.ends_with("/corpus/topics.toml"), "{path}");
        (problem["line"].as_u64(), problem["column"].as_u64())
    };
    let report = site.json(&["reindex", "--json"]);
    let problems = report["problems"].as_array().expect("problems");
    let places: Vec<_> = problems.iter().map(place).collect();
    assert_eq!(
        places,
        [(Some(2), Some(1)), (Some(4), Some(1)), (Some(3), Some(12))]
    );
    assert_eq!(
        (
            &report["rejected"],
            report["added"].as_array().map(Vec::len)
        ),
        (&json!(0), Some(8))
    );
    // A run that finds the file as it was does not repeat itself; a check does.
    assert_eq!(site.json(&["reindex", "--json"])["problems"], json!([]));
    let found = site.json(&["check", "--json"]);
    let reading = found["findings"].as_array().expect("findings").iter();
    let mut places: Vec<_> = reading
        .filter(|finding| finding["concern"] == "reading")
        .map(place)
        .collect();
    places.sort();
    assert_eq!(
        places,
        [(Some(2), Some(1)), (Some(3), Some(12)), (Some(4), Some(1))]
    );
}

#[test]
fn the_example_of_the_document_is_understood() {
    let document = fs::read_to_string(repository().join("corpus/README.md")).expect("read");
    let example = document.split("```toml\n").nth(1).expect("an example");
    let example = example.split("```").next().expect("its end");
    let site = site();
    site.write("corpus/topics.toml", example);
    assert_eq!(site.json(&["reindex", "--json"])["problems"], json!([]));
    assert_eq!(relations(&site, "Python Data Analysis Library").len(), 5);
}

#[test]
fn a_file_that_cannot_be_read_is_dropped_and_the_articles_stay() {
    let site = site();
    fs::write(
        site.path("corpus/topics.toml"),
        [0xff, 0x00, 0x81, 0x00, 0x00, 0x01],
    )
    .expect("written");
    let output = site.run(&["reindex"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("topics.toml:1:1: error: dropped"));
    assert_eq!(relations(&site, "pandas").len(), 2);
}

#[test]
fn the_list_and_one_topic_as_json() {
    let site = site();
    site.write(
        "corpus/topics.toml",
        "[Dask]\naliases = [\"dask.distributed\"]\n",
    );
    let site = site.indexed();
    let list = site.json(&["topics", "--json"]);
    assert_eq!(list["generation"], 1);
    assert_eq!(
        list["topics"][0],
        json!({"topic": "Dask", "aliases": ["dask.distributed"], "editorial": true, "articles": 3, "relations": 1})
    );
    let names: Vec<&str> = list["topics"]
        .as_array()
        .expect("topics")
        .iter()
        .filter_map(|topic| topic["topic"].as_str())
        .collect();
    assert_eq!(names, ["Dask", "DuckDB", "pandas"]);
    assert_eq!(
        site.json(&["topics", "DuckDB", "--json"]),
        json!({
            "topic": "DuckDB", "aliases": [], "editorial": false, "articles": 3, "generation": 1,
            "relations": [{
                "from": "DuckDB", "kind": "alternative-to", "to": "pandas", "text": "DuckDB is an alternative to pandas",
                "strength": 0.5, "by": "compare pages", "source": null, "articles": ["/compare/tables"]
            }]
        })
    );
    let text = site.ok(&["topics"]);
    assert_eq!(text.lines().next(), Some("Dask  3 articles, 1 relation"));
}

#[test]
fn an_unknown_topic_names_the_nearest() {
    let site = site().indexed();
    for (wrong, meant) in [("Dusk", "Dask"), ("duck", "DuckDB"), ("pandsa", "pandas")] {
        let output = site.run(&["topics", wrong]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            told.contains(&format!("unknown topic {wrong:?}: did you mean {meant:?}?")),
            "{told}"
        );
    }
    let output = site.run(&["topics", "xyzzy"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("unknown topic \"xyzzy\"; `readnext topics` lists all"),
        "what is like none is not taken for one: {told}"
    );
    let bare = Site::new().page("a.md", "text").indexed();
    let told = bare.run(&["topics", "x"]);
    assert!(String::from_utf8_lossy(&told.stderr).contains("the site has none"));
    assert_eq!(bare.ok(&["topics"]), "");
}

#[test]
fn a_damaged_file_costs_the_command_alone() {
    let site = site().indexed();
    let before = site.run_export();
    let path = site.path("index/generation-00000001/topics.bin");
    let mut bytes = fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).expect("written");
    let output = site.run(&["topics"]);
    assert_eq!(output.status.code(), Some(6));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("topics.bin") && told.contains("`readnext reindex`"),
        "{told}"
    );
    assert_eq!(site.run_export(), before);
    site.ok(&["reindex"]);
    assert_eq!(relations(&site, "pandas").len(), 2);
}

#[test]
fn the_sample_site_knows_its_topics_in_the_folder_and_in_the_binary() {
    let site = Site::sample();
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(
        report["problems"].as_array().map(Vec::len),
        Some(0),
        "{report}"
    );
    let told = relations(&site, "pandas");
    assert!(
        told.contains(&said(
            "pandas integrates with Dask (topics.toml) 1.00",
            &["/integration/pandas-dask/large-dataset-processing"]
        )),
        "{told:?}"
    );
    let bare = Site::new();
    fs::remove_dir(bare.path("corpus")).expect("no corpus in the folder");
    let demo = bare.start(&["demo"]);
    assert_eq!(demo.get("/").0, 200);
    assert_eq!(demo.stop(), Some(0));
    assert_eq!(relations(&bare, "pandas"), told);
}
