//! The commands as scripts use them: flags, output, exit codes.

use std::fs;

use serde_json::json;

use crate::site::Site;

#[test]
fn a_broken_line_costs_itself_alone_and_the_exit_code_says_so() {
    let site = Site::new().page(
        "articles.jsonl",
        "{\"id\": \"/a\", \"title\": \"A\", \"titel\": 1}\n{\"id\": \"/b\", \"title\": \n{\"id\": \"/c\", \"body\": \"text\"}\n",
    );
    let output = site.run(&["reindex", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["added"], json!(["/a", "/c"]));
    assert_eq!(report["rejected"], 1);
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["line"], &problem["severity"]),
        (&json!(2), &json!("error"))
    );
    assert!(
        report["problems"][1]["message"]
            .as_str()
            .expect("text")
            .contains("titel")
    );
    // A run that changes nothing still says that input was rejected.
    assert_eq!(site.run(&["reindex"]).status.code(), Some(3));
}

#[test]
fn broken_front_matter_is_a_warning_with_its_place() {
    let site = Site::new().page("a.md", "---\ntitle: Foo: bar\n---\n# Heading\n\ntext");
    let output = site.run(&["reindex"]);
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        told.contains("a.md:2:") && told.contains("quote it"),
        "{told}"
    );
    assert_eq!(
        site.json(&["related", "/a", "--json"])["article"]["title"],
        "Heading"
    );
}

#[test]
fn every_kind_of_failure_has_its_exit_code_and_a_way_out() {
    let site = Site::new().page("a.md", "text");
    for (arguments, code, words) in [
        (vec!["related", "/a"], 1, "readnext reindex"),
        (
            vec!["reindex", "--corpus", "nowhere"],
            2,
            "expected a folder",
        ),
        (vec!["related"], 2, "ID|URL"),
        (vec!["export", "--format", "xml", "--out", "x"], 2, "run"),
    ] {
        let output = site.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    let site = site.indexed();
    for (arguments, code, words) in [
        (vec!["related", "/nowhere"], 1, "unknown article"),
        (vec!["related", "/a", "--limit", "0"], 2, "1..=100"),
        (vec!["related", "/a", "--limit", "101"], 2, "1..=100"),
        (vec!["related", "/a", "--signals", "magic"], 2, "behavior"),
        (vec!["related", "/a", "--now", "yesterday"], 2, "RFC 3339"),
        (
            vec!["export", "--format", "json", "--limit", "101", "--out", "-"],
            2,
            "1 to 100",
        ),
    ] {
        let output = site.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    site.write("readnext.toml", "colour = 1\n");
    let output = site.run(&["related", "/a"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("colour"));
}

#[test]
fn the_host_is_found_by_id_path_or_own_address() {
    let site = Site::sample();
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    let site = site.indexed();
    for name in [
        "/tool/pandas/overview",
        "/tool/pandas/overview/",
        "tool/pandas/overview",
        "https://example.org/tool/pandas/overview?utm=1#top",
        "/tool/pandas/overview/index.html",
        "/tool/pandas/overview.html",
        "https://example.org/tool/pandas/overview.htm?utm=1",
    ] {
        assert_eq!(
            site.json(&["related", name, "--json"])["article"]["id"],
            "/tool/pandas/overview",
            "{name}"
        );
    }
    for name in [
        "https://other.org/tool/pandas/overview",
        "/tool/pandas/.html",
        "/tool/pandas/overview.md",
    ] {
        assert_eq!(
            site.run(&["related", name]).status.code(),
            Some(1),
            "{name}"
        );
    }
    // A page that is called so is meant before one that might be.
    let site = Site::new();
    site.write(
        "corpus/a.jsonl",
        "{\"id\": \"/a\", \"title\": \"A\"}\n{\"id\": \"/a.html\", \"title\": \"B\"}\n",
    );
    let site = site.indexed();
    for id in ["/a", "/a.html"] {
        assert_eq!(site.json(&["related", id, "--json"])["article"]["id"], id);
    }
}

#[test]
fn a_panel_in_the_terminal_is_text_and_explains_itself() {
    let site = Site::sample().indexed();
    let text = site.ok(&[
        "related",
        "/tool/pandas/overview",
        "--limit",
        "3",
        "--explain",
    ]);
    assert!(
        text.contains("100%") && text.contains("Similar content") && text.contains("/tool/pandas/"),
        "{text}"
    );
    assert!(
        text.contains("content: shares ") && text.contains("score 0."),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "no colour where stdout is no terminal"
    );
}

#[test]
fn contributions_add_up_to_the_score() {
    let site = Site::sample().indexed();
    let body = site.json(&["related", "/tool/redis/overview", "--json", "--explain"]);
    for item in body["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|item| !item["match"].is_null())
    {
        let signals = item["signals"].as_object().expect("signals");
        let sum: f64 = signals
            .values()
            .map(|value| value.as_f64().expect("a number"))
            .sum();
        assert!(
            (sum - item["score"].as_f64().expect("a score")).abs() < 1e-3,
            "{item}"
        );
        assert!(
            !item["evidence"].as_array().expect("evidence").is_empty(),
            "{item}"
        );
    }
}

#[test]
fn signals_that_are_switched_off_give_nothing() {
    let site = Site::sample().indexed();
    let body = site.json(&[
        "related",
        "/tool/redis/overview",
        "--json",
        "--signals",
        "behavior",
    ]);
    assert!(
        body["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|item| item["match"].is_null())
    );
    for signal in ["content", "research", "seo"] {
        let body = site.json(&[
            "related",
            "/tool/redis/overview",
            "--json",
            "--signals",
            signal,
        ]);
        let items = body["items"].as_array().expect("items").iter();
        let related: Vec<_> = items.filter(|item| !item["match"].is_null()).collect();
        assert!(!related.is_empty(), "{signal}");
        for item in related {
            assert_eq!(item["signals"][signal], item["score"], "{item}");
        }
    }
}

#[test]
fn what_is_dated_later_is_not_among_the_latest() {
    let site = Site::new()
        .page(
            "a.md",
            "---\ndate: 2026-01-01\n---\nEspresso needs fresh roasted beans and pressure.",
        )
        .page(
            "b.md",
            "---\ndate: 2026-06-01\n---\nTyres are pumped to the pressure on the sidewall.",
        )
        .indexed();
    let at = |now: &str| {
        site.json(&["related", "/a", "--json", "--now", now])["items"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(
        (at("2026-05-31"), at("2026-06-01"), at("1780272000")),
        (Some(0), Some(1), Some(1))
    );
}

#[test]
fn the_search_box_finds_words_identifiers_and_stems() {
    let site = Site::sample().indexed();
    let first = |words: &[&str]| {
        let mut arguments = vec!["search", "--json"];
        arguments.extend(words);
        let body = site.json(&arguments);
        body["items"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        first(&["useEffect"]),
        "/troubleshoot/react-useeffect-infinite-loop/dependency-array-fixes"
    );
    assert_eq!(
        first(&["n+1", "queries"]),
        "/howto/optimize-graphql-performance-n-plus-one/n-plus-one-optimization-guide"
    );
    assert_eq!(first(&["3.13"]), "/tool/python-3.13/overview");
    assert!(first(&["vacuuming", "postgres"]).contains("postgresql"));
    assert_eq!(site.json(&["search", "--json", "zzzz"])["items"], json!([]));
    for hostile in ["\"", "title:(", "a AND OR", "[* TO *]", "<script>"] {
        site.json(&["search", "--json", "--", hostile]);
    }
}

#[test]
fn exports_agree_with_one_another() {
    let site = Site::sample().indexed();
    let now = ["--now", "2026-11-01"];
    let json = site.ok(&[&["export", "--format", "json", "--out", "-"][..], &now].concat());
    assert_eq!(
        json.lines().count(),
        104,
        "a line for every article but the draft"
    );
    let line = json
        .lines()
        .find(|line| line.starts_with("{\"article\":{\"id\":\"/tool/pandas/overview\""))
        .expect("a line");
    let related = site.ok(&[&["related", "/tool/pandas/overview", "--json"][..], &now].concat());
    assert_eq!(line, related.trim_end());
    site.ok(&[&["export", "--format", "html", "--out", "panels"][..], &now].concat());
    let fragment =
        fs::read_to_string(site.path("panels/tool/pandas/overview.html")).expect("a file");
    assert!(fragment.starts_with("<section class=\"readnext\""));
    assert_eq!(fragment.matches("<li ").count(), 20);
    site.write("queries.txt", "/tool/pandas/overview\n/nowhere\n");
    let output = site.run(&[
        "export",
        "--format",
        "run",
        "--queries",
        "queries.txt",
        "--out",
        "run.tsv",
        "--limit",
        "7",
    ]);
    assert_eq!(output.status.code(), Some(3));
    let run = fs::read_to_string(site.path("run.tsv")).expect("a file");
    let scores: Vec<f64> = run
        .lines()
        .map(|line| {
            line.split('\t')
                .nth(2)
                .expect("a score")
                .parse()
                .expect("a number")
        })
        .collect();
    assert_eq!(scores.len(), 7);
    assert!(scores.is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_stemmer_that_fails_on_a_word_is_counted_and_nothing_dies() {
    let site = Site::new().page("a.md", "---\nlang: el\n---\nαντιθετεισα και λόγος");
    assert!(
        site.ok(&["reindex"])
            .contains("1 words could not be stemmed")
    );
    let output = site.run(&["reindex", "--full"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn an_unknown_article_is_told_with_the_one_that_was_meant_and_an_empty_panel_with_its_cause() {
    let site = Site::sample().indexed();
    let output = site.run(&["related", "/tool/panda/overview"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("did you mean \"/tool/pandas/overview\"?"),
        "{said}"
    );
    let output = site.run(&["related", "/nothing-like-it"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("did you mean"));
    let shown = site.ok(&["related", "/tool/pandas/overview", "--kind", "interview"]);
    assert!(
        shown.contains("no related article passes the filters"),
        "{shown}"
    );
}

#[test]
fn help_begins_with_examples() {
    let site = Site::new();
    for arguments in [
        &["--help"][..],
        &["reindex", "--help"],
        &["export", "--help"],
        &["related", "--help"],
    ] {
        assert!(
            site.ok(arguments).starts_with("Examples:\n"),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_query_file_may_repeat_itself_and_begin_with_a_byte_order_mark() {
    let site = Site::new()
        .page("a.md", "# A\nCoffee.")
        .page("b.md", "# B\nCoffee.")
        .indexed();
    site.write("queries.txt", "\u{feff}/b\r\n/a\n/b\n");
    let asked = ["--queries", "queries.txt"];
    let lines = site.json_export(&asked);
    let first = lines.lines().next().expect("a line");
    assert!(
        lines.lines().count() == 2 && first.contains("\"id\":\"/b\""),
        "{lines}"
    );
    site.ok(&[
        &["export", "--format", "html", "--out", "panels"][..],
        &asked,
    ]
    .concat());
    assert!(site.path("panels/a.html").exists() && site.path("panels/b.html").exists());
}

#[test]
fn pages_are_not_exported_to_standard_output() {
    let site = Site::new().page("a.md", "# A\nCoffee.").indexed();
    let output = site.run(&["export", "--format", "html", "--out", "-"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--out: found -, expected a folder"), "{said}");
    assert!(!site.path("-").exists());
}
