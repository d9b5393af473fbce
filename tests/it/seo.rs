//! What the SEO signal does to panels: who needs readers rises among its like, and nobody else.

use serde_json::Value;

use crate::site::Site;

/// Three pages on one subject that differ in their links alone: one that many link, one that a few do, one that none does.
fn site() -> Site {
    let mut site = Site::new()
        .page(
            "host.md",
            "# Grinders\n\nBurr grinders for espresso and filter coffee.",
        )
        .page(
            "central.md",
            "# Central\n\nBurr grinders for espresso, explained.",
        )
        .page(
            "lonely.md",
            "# Lonely\n\nBurr grinders for espresso, explained.\n",
        );
    for number in 0..12 {
        let text =
            format!("# Walk {number}\n\nTrees, rivers, hills {number}. [Grinders](/central)");
        site = site.page(&format!("walk-{number}.md"), &text);
    }
    site.indexed()
}

fn item<'a>(panel: &'a Value, id: &str) -> &'a Value {
    let mut items = panel["items"].as_array().expect("items").iter();
    items.find(|item| item["id"] == id).expect(id)
}

fn told(item: &Value) -> Vec<&str> {
    let evidence = item["evidence"].as_array().expect("evidence").iter();
    let by_seo = evidence.filter(|one| one["signal"] == "seo");
    by_seo
        .map(|one| one["text"].as_str().expect("text"))
        .collect()
}

#[test]
fn a_central_page_and_a_lonely_one_say_why_they_are_needed() {
    let site = site();
    let panel = site.json(&["related", "/host", "--json", "--explain"]);
    assert_eq!(
        told(item(&panel, "/central")),
        ["a central page of the site"]
    );
    assert_eq!(
        told(item(&panel, "/lonely")),
        ["no page of the site links to it"]
    );
    for id in ["/central", "/lonely"] {
        assert!(
            item(&panel, id)["signals"]["seo"]
                .as_f64()
                .expect("a number")
                > 0.0
        );
    }
}

#[test]
fn nothing_unrelated_comes_in_however_much_it_is_linked() {
    let panel = site().json(&["related", "/host", "--json", "--signals", "seo"]);
    let items = panel["items"].as_array().expect("items").iter();
    let related: Vec<&str> = items
        .filter(|item| !item["match"].is_null())
        .map(|item| item["id"].as_str().expect("an id"))
        .collect();
    assert_eq!(related.len(), 2, "{related:?}");
}

#[test]
fn news_is_old_in_weeks_and_a_reference_in_years() {
    let page = |kind: &str, date: &str| {
        format!(
            "---\nkind: {kind}\npublished: {date}\n---\n# {kind} {date}\n\nBurr grinders for espresso, explained."
        )
    };
    let site = Site::new()
        .page(
            "host.md",
            "# Grinders\n\nBurr grinders for espresso and filter coffee.",
        )
        .page("news.md", &page("news", "2026-01-01"))
        .page("tool.md", &page("tool", "2026-01-01"))
        .indexed();
    let seo = |id: &str, now: &str| {
        let panel = site.json(&["related", "/host", "--json", "--now", now]);
        item(&panel, id)["signals"]["seo"]
            .as_f64()
            .expect("a number")
    };
    assert!(seo("/news", "2026-01-02") > 1.5 * seo("/news", "2026-03-01"));
    assert!(seo("/tool", "2026-01-02") < 1.1 * seo("/tool", "2026-03-01"));
}

/// Four pages that are equally like the host and link nothing, and what a search engine tells of them.
fn searched() -> Site {
    let text = "Burr grinders for espresso, explained with a picture.";
    let mut site = Site::new().page(
        "host.md",
        "# Grinders\n\nBurr grinders for espresso and filter coffee.",
    );
    for name in ["second", "seldom", "fine", "rival"] {
        site = site.page(&format!("{name}.md"), &format!("# {name}\n\n{text} {name}"));
    }
    site.indexed()
}

const ROWS: &str = r#"{"startDate": "2026-06-01", "endDate": "2026-06-30", "rows": [
    {"keys": ["https://x.org/host", "burr grinder"], "clicks": 30, "impressions": 100, "ctr": 0.3, "position": 1.0},
    {"keys": ["https://x.org/rival", "burr grinder"], "clicks": 0, "impressions": 900, "ctr": 0.0, "position": 12.0},
    {"keys": ["https://x.org/second", "espresso"], "clicks": 5, "impressions": 900, "ctr": 0.005, "position": 12.0},
    {"keys": ["https://x.org/seldom", "explained"], "clicks": 5, "impressions": 900, "ctr": 0.005, "position": 2.0},
    {"keys": ["https://x.org/fine", "picture"], "clicks": 300, "impressions": 900, "ctr": 0.33, "position": 1.0},
    {"keys": ["https://x.org/gone", "old"], "clicks": 1, "impressions": 5, "ctr": 0.2, "position": 3.0}]}"#;

#[test]
fn pages_that_search_engines_show_and_readers_miss_rise_and_rivals_do_not() {
    let site = searched();
    site.write("rows.json", ROWS);
    let told = site.json(&["seo", "import", "rows.json", "--json"]);
    assert_eq!((&told["matched"], &told["figures"]), (&5.into(), &6.into()));
    assert_eq!(told["unmatched"][0], "https://x.org/gone");
    site.ok(&["reindex"]);
    let panel = site.json(&["related", "/host", "--json", "--explain"]);
    let seo = |id: &str| {
        item(&panel, id)["signals"]["seo"]
            .as_f64()
            .expect("a number")
    };
    assert!(seo("/second") > seo("/fine") && seo("/seldom") > seo("/fine"));
    // The rival is wanted as much as the other page on the second page of results, and the host's readers have it already.
    assert!(
        seo("/rival") < 0.1 * seo("/second"),
        "{} {}",
        seo("/rival"),
        seo("/second")
    );
    for (id, reason) in [
        ("/second", "on the second page of search results"),
        (
            "/seldom",
            "shown high by search engines and seldom opened there",
        ),
        ("/rival", "searched for with the same words as this article"),
    ] {
        assert!(
            told_of(&panel, id).contains(&reason),
            "{id}: {:?}",
            told_of(&panel, id)
        );
    }
    assert_eq!(told_of(&panel, "/fine"), [""; 0]);
}

fn told_of<'a>(panel: &'a Value, id: &str) -> Vec<&'a str> {
    told(item(panel, id))
}

#[test]
fn the_same_export_twice_changes_nothing_and_a_new_one_makes_a_generation() {
    let site = searched();
    let before = site.json_export(&[]);
    site.write("rows.json", ROWS);
    site.ok(&["seo", "import", "rows.json"]);
    assert_eq!(site.json_export(&[]), before, "before a reindex");
    assert_eq!(site.json(&["reindex", "--json"])["generation"], 2);
    let after = site.json_export(&[]);
    assert_ne!(after, before);
    assert!(
        site.ok(&["seo", "import", "rows.json"])
            .contains("was imported before")
    );
    assert_eq!(site.json(&["reindex", "--json"])["generation"], 2);
    site.ok(&["reindex", "--full"]);
    assert_eq!(
        site.json_export(&[])
            .replace("\"generation\":3", "\"generation\":2"),
        after
    );
    // The index is a view: without it the same panels come back.
    std::fs::remove_dir_all(site.path("index")).expect("removed");
    site.ok(&["reindex"]);
    assert_eq!(
        site.json_export(&[])
            .replace("\"generation\":1", "\"generation\":2"),
        after
    );
}

#[test]
fn what_is_no_export_is_refused_with_its_name_and_nothing_is_kept() {
    let site = searched();
    site.write("cards.json", "{\"rows\": 3}");
    let run = site.run(&["seo", "import", "cards.json"]);
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("cards.json") && said.contains("no answer of the Search Console API"),
        "{said}"
    );
    assert!(!site.path("journal/search").exists());
}

#[test]
fn what_of_an_export_cannot_be_used_makes_the_exit_code_3() {
    let head = "Pages,Clicks,Impressions,CTR,Position\n";
    let row = "https://x.org/fine,3,90,3%,4\n";
    let site = searched();
    site.write(
        "queries.csv",
        "Top queries,Clicks,Impressions,CTR,Position\nmill,1,2,50%,3\n",
    );
    site.write("torn.csv", &format!("{head}{row}https://x.org/host,3\n"));
    site.write("whole.csv", &format!("{head}{row}"));
    for (files, code, told) in [
        (&["queries.csv"][..], 3, "no table names pages"),
        (&["torn.csv"], 3, "left out 1 row"),
        (&["whole.csv"], 0, ""),
        (&["queries.csv", "whole.csv"], 3, "no table names pages"),
    ] {
        let run = site.run(&[&["seo", "import"], files].concat());
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{files:?}: {said}");
        assert!(said.contains(told), "{files:?}: {said}");
    }
    for (name, text) in [
        ("empty.csv", ""),
        ("access.log", "127.0.0.1 - -\n::1 - -\n"),
    ] {
        site.write(name, text);
        let run = site.run(&["seo", "import", name]);
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{said}");
        assert!(
            said.contains(name) && said.contains("expected a table of pages"),
            "{said}"
        );
    }
}

#[test]
fn days_in_the_wrong_order_are_told_with_both_of_them() {
    let site = searched();
    site.write("rows.json", &ROWS.replace("2026-06-30", "2026-05-30"));
    let days = ["--from", "2026-07-31", "--to", "2026-07-01"];
    let run = site.run(&[&["seo", "import", "rows.json"], &days[..]].concat());
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(
        said.contains("found --from 2026-07-31 after --to 2026-07-01"),
        "{said}"
    );
    assert!(!site.path("journal/search").exists(), "nothing came in");
    let run = site.run(&["seo", "import", "rows.json"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{said}");
    assert!(
        said.contains("found startDate 2026-06-01 after endDate 2026-05-30"),
        "{said}"
    );
}
