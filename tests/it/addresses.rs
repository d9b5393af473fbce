//! HTML pages that say by a canonical link how their addresses end: cards lead there, and to no other site.

use serde_json::Value;

use crate::site::Site;

const TEXT: &str =
    "<p>Espresso needs fresh roasted beans, a grinder with good burrs, hot water and pressure.";

/// A page about espresso and `subject` whose canonical link is `canonical`.
fn page(subject: &str, canonical: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Espresso and {subject}</title><link rel=canonical href='{canonical}'></head>
         <body>{TEXT} This page is about {subject}, {subject} tools and what {subject} costs.</body></html>"
    )
}

/// Four pages, each with another way to say its own address; the last one names another site.
fn site() -> Site {
    Site::new()
        .page("index.html", &page("coffee", "https://example.org/"))
        .page("guide/beans.html", &page("beans", "/guide/beans.html"))
        .page(
            "guide/water.html",
            &page("water", "https://example.org/guide/water/"),
        )
        .page(
            "guide/milk.html",
            &page("milk", "https://elsewhere.test/guide/milk.html"),
        )
}

/// Ids and addresses of the related cards of a panel, by id.
fn cards(panel: &Value) -> Vec<(String, String)> {
    let items = panel["items"].as_array().expect("items");
    let related = items.iter().filter(|item| !item["match"].is_null());
    let text = |item: &Value, key: &str| item[key].as_str().expect("text").to_owned();
    let mut cards: Vec<_> = related
        .map(|item| (text(item, "id"), text(item, "url")))
        .collect();
    cards.sort();
    cards
}

fn pairs(cards: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = cards
        .iter()
        .map(|&(id, url)| (id.to_owned(), url.to_owned()));
    owned.collect()
}

#[test]
fn cards_lead_to_the_address_that_a_page_gives_for_its_own() {
    let site = site();
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    let site = site.indexed();
    let server = site.start(&["serve"]);
    let panel = server.json("/v1/related?url=/");
    let expected = [
        ("/guide/beans", "/guide/beans.html"),
        ("/guide/milk", "/guide/milk"),
        ("/guide/water", "/guide/water/"),
    ];
    assert_eq!(cards(&panel), pairs(&expected));
    let (_, _, fragment) = server.get("/v1/related.html?url=/");
    assert!(
        fragment.contains("href=\"/guide/beans.html\""),
        "{fragment}"
    );
    for name in [
        "/guide/beans",
        "/guide/beans.html",
        "/guide/beans.html?utm=1",
        "https://example.org/guide/beans.html",
    ] {
        let found = server.json(&format!("/v1/related?url={name}"));
        assert_eq!(found["article"]["id"], "/guide/beans", "{name}");
    }
}

#[test]
fn of_a_site_that_names_no_hosts_the_path_counts_and_the_host_does_not() {
    let site = site().indexed();
    let panel = site.json(&["related", "/", "--json"]);
    let expected = [
        ("/guide/beans", "/guide/beans.html"),
        ("/guide/milk", "/guide/milk.html"),
        ("/guide/water", "/guide/water/"),
    ];
    assert_eq!(cards(&panel), pairs(&expected));
    // Once it names them, the same files are read again.
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    site.ok(&["reindex"]);
    let panel = site.json(&["related", "/", "--json"]);
    assert_eq!(cards(&panel)[1].1, "/guide/milk");
}

#[test]
fn the_address_of_front_matter_is_a_whole_one() {
    let text = format!("---\nurl: /b/\n---\n{}", page("beans", "/b.html"));
    let site = site().page("beans-2.html", &text).indexed();
    let panel = site.json(&["related", "/b", "--json"]);
    assert_eq!(panel["article"]["url"], "/b/");
}

#[test]
fn of_two_pages_with_one_canonical_the_one_that_it_names_is_a_card() {
    let copy = page("grinders and beans", "/guide/beans.html");
    let site = site().page("guide/beans-2.html", &copy).indexed();
    let panel = site.json(&["related", "/guide/water", "--json"]);
    let ids: Vec<String> = cards(&panel).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["/", "/guide/beans", "/guide/milk"]);
}

#[test]
fn two_files_of_one_address_are_told_with_both_their_names() {
    let site = site().page("guide/water/index.html", &page("tea", "/guide/water/"));
    let report = site.json(&["reindex", "--json"]);
    let problem = report["problems"][0].to_string();
    assert!(
        problem.contains("guide/water.html") && problem.contains("guide/water/index.html"),
        "{problem}"
    );
}

#[test]
fn an_exported_piece_is_named_as_the_page_that_it_goes_into() {
    let site = site().indexed();
    let out = site.path("related");
    site.ok(&[
        "export",
        "--format",
        "html",
        "--out",
        out.to_str().expect("UTF-8"),
    ]);
    for name in ["index", "guide/beans", "guide/water", "guide/milk"] {
        let piece = out.join(format!("{name}.html"));
        assert!(piece.exists(), "{name}");
    }
}
