//! `readnext check`: what an author would want to know before readers do.

use serde_json::Value;

use crate::site::Site;

/// A page with a title, a summary and a text long enough to be told from others.
fn page(title: &str, text: &str) -> String {
    format!("---\ntitle: {title}\nsummary: About it.\n---\n{text}\n")
}

fn site() -> Site {
    Site::new()
        .page(
            "guide/beans.md",
            &page(
                "Beans",
                "Roasted beans need rest.\n\nSee [grinders](grinders.md), [the old page](../old.md), [water](/guide/water/) and [all](/guide).",
            ),
        )
        .page(
            "guide/grinders.md",
            &page("Grinders", "An even grind. ![burrs](burrs.png) [elsewhere](https://other.org/x) [top](#top) [manual](/files/manual.pdf)"),
        )
        .page("guide/water.md", "---\ntitle: beans\n---\nSoft water, [moved](https://example.org/gone?x=1#y).\n")
        .page("draft.md", "---\ntitle: Beans\ndraft: true\n---\nNot yet, [broken](/nowhere).\n")
        .page("canonical.md", "---\ntitle: Milk\nsummary: s\ncanonical: /nowhere\n---\nMilk is [coming](/draft).\n")
}

fn checked(site: &Site) -> Vec<(String, String, Option<u64>, String)> {
    let report = site.json(&["check", "--json"]);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| {
            let path = text(&finding["path"]);
            let name = path.split("/corpus/").last().expect("a name").to_owned();
            (
                text(&finding["concern"]),
                name,
                finding["line"].as_u64(),
                text(&finding["message"]),
            )
        })
        .collect()
}

#[test]
fn every_kind_of_problem_is_found_with_its_place() {
    let site = site();
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    let found = checked(&site);
    let expected = [
        (
            "dead_link",
            "canonical.md",
            Some(6),
            "\"/draft\", which is a draft",
        ),
        (
            "dead_link",
            "guide/beans.md",
            Some(7),
            "\"../old.md\", but no article is at /old",
        ),
        (
            "dead_link",
            "guide/water.md",
            Some(4),
            "no article is at /gone",
        ),
        (
            "dead_canonical",
            "canonical.md",
            Some(1),
            "no article is at /nowhere",
        ),
        (
            "duplicate_title",
            "guide/beans.md",
            Some(1),
            "also that of /guide/water",
        ),
        (
            "missing_summary",
            "guide/water.md",
            Some(1),
            "has no summary",
        ),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, (concern, path, line, words)) in found.iter().zip(expected) {
        assert_eq!(
            (found.0.as_str(), found.1.as_str(), found.2),
            (concern, path, line),
            "{found:?}"
        );
        assert!(found.3.contains(words), "{found:?}");
    }
}

#[test]
fn hosts_that_are_not_declared_are_other_sites() {
    let found = checked(&site());
    assert!(
        found
            .iter()
            .all(|(_, _, _, message)| !message.contains("/gone")),
        "{found:#?}"
    );
}

#[test]
fn near_duplicates_are_named_unless_one_stands_for_the_other() {
    let words: Vec<String> = (0..80)
        .map(|number| format!("bean{number} grinder"))
        .collect();
    let text = words.join(" ");
    let site = Site::new()
        .page("a.md", &page("First", &text))
        .page("b.md", &page("Second", &text))
        .page(
            "c.md",
            &page(
                "Other",
                "Tyres are pumped to the pressure on the sidewall of the bicycle.",
            ),
        );
    let found = checked(&site);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_str()),
        ("near_duplicate", "a.md")
    );
    assert!(found[0].3.contains("those of /b are the same"), "{found:?}");
    site.write(
        "corpus/b.md",
        &format!("---\ntitle: Second\nsummary: s\ncanonical: /a\n---\n{text}"),
    );
    assert_eq!(checked(&site), []);
}

#[test]
fn text_ends_with_counts_and_a_dropped_file_has_its_exit_code() {
    let site = Site::new().page("a.md", &page("Only", "One page."));
    assert_eq!(site.ok(&["check"]), "1 article: no problems found\n");
    assert!(!site.path("index").exists(), "a check writes nothing");
    site.write("corpus/b.jsonl", "{\"id\": \n");
    let output = site.run(&["check"]);
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        told.contains("b.jsonl:1:") && told.ends_with("1 article: 1 problem in reading\n"),
        "{told}"
    );
}

#[test]
fn warnings_of_files_that_a_reindex_has_seen_are_told_again() {
    let site = Site::new()
        .page("a.md", "---\ntitle: Foo: bar\nsummary: s\n---\ntext")
        .indexed();
    let found = checked(&site);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].0 == "reading" && found[0].3.contains("quote it"),
        "{found:?}"
    );
}

#[test]
fn a_run_that_would_remove_many_articles_stops_and_asks() {
    let mut site = Site::new();
    for number in 0..10 {
        site = site.page(
            &format!("page-{number}.md"),
            &page(&format!("Page {number}"), &format!("Text number {number}.")),
        );
    }
    let site = site.indexed();
    let before = site.run_export();
    for number in 0..4 {
        std::fs::remove_file(site.path(&format!("corpus/page-{number}.md"))).expect("removed");
    }
    for arguments in [&["reindex"][..], &["reindex", "--full"]] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let told = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(
            told.contains("remove 4 of 10 articles (/page-0, ") && told.contains("--allow-shrink"),
            "{told}"
        );
        assert_eq!(site.run_export(), before, "nothing was changed");
    }
    assert!(
        site.ok(&["reindex", "--allow-shrink"])
            .contains("4 removed")
    );
    // Three of ten would have been no question.
    for number in 0..4 {
        site.write(
            &format!("corpus/page-{number}.md"),
            &page("Again", "Text again."),
        );
    }
    site.ok(&["reindex"]);
    for number in 4..7 {
        std::fs::remove_file(site.path(&format!("corpus/page-{number}.md"))).expect("removed");
    }
    assert!(site.ok(&["reindex"]).contains("3 removed"));
}

#[test]
fn a_finding_about_an_article_of_the_journal_names_it() {
    let site = Site::new().page("a.md", &page("Kettles", "Water."));
    site.write(
        "records.txt",
        "{\"id\": \"/x\", \"title\": \"X\", \"body\": \"See [it](/gone).\"}\n{\"id\": \"/y\", \"title\": \"Y\", \"body\": \"Tea.\"}\n",
    );
    let records = std::fs::File::open(site.path("records.txt")).expect("opened");
    let mut push = site.command(&["reindex", "--corpus", "-"]);
    push.stdin(records).output().expect("it runs");
    let told = site.ok(&["check"]);
    for line in [
        "journal:1:1: warning: /x: has no summary",
        "journal:1:1: warning: /x: links to \"/gone\"",
        "journal:2:1: warning: /y: has no summary",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let report = site.json(&["check", "--json"]);
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.len() == 3, "{report}");
    for finding in findings {
        let number = finding["line"].as_u64().expect("a record");
        let id = ["/x", "/y"][number as usize - 1];
        assert_eq!(finding["article"], id, "{finding}");
    }
}
