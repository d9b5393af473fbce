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
