//! HTML pages that say by a canonical link how their addresses end: cards lead there, and to no other site.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::articles_http::{Keyed, SOON};
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

/// Files whose names mean something else in an address, their ids, and the addresses that lead to them.
const ODD: [(&str, &str, &str); 8] = [
    ("100% done.md", "/100% done", "/100%25%20done"),
    ("50%-off.html", "/50%-off", "/50%25-off"),
    ("a%20b.md", "/a%20b", "/a%2520b"),
    ("why?.md", "/why?", "/why%3F"),
    ("c#/notes#1.md", "/c#/notes#1", "/c%23/notes%231"),
    ("c#/notes#2.md", "/c#/notes#2", "/c%23/notes%232"),
    ("<b>[1].md", "/<b>[1]", "/%3Cb%3E%5B1%5D"),
    ("caf\u{e9}.md", "/caf\u{e9}", "/caf\u{e9}"),
];

/// A site of these pages.
fn odd() -> Site {
    let pages = ODD.iter().enumerate();
    pages.fold(
        Site::new().page("host.md", &format!("{TEXT} All of it.")),
        |site, (place, (name, _, _))| {
            let text = format!("Espresso {place}: {TEXT} The {place}th page says a little more.");
            site.page(name, &text)
        },
    )
}

#[test]
fn a_card_leads_to_its_page_whatever_the_name_of_its_file() {
    let site = odd().indexed();
    let server = site.start(&["serve"]);
    let panel = server.json("/v1/related?url=/host&limit=50");
    let items = panel["items"].as_array().expect("items").iter();
    let found: BTreeSet<(&str, &str)> = items
        .map(|item| {
            let text = |key: &str| item[key].as_str().expect("a text");
            (text("id"), text("url"))
        })
        .collect();
    let expected = ODD.iter().map(|&(_, id, url)| (id, url)).collect();
    assert_eq!(found, expected);
    let (_, _, fragment) = server.get("/v1/related.html?url=/host&limit=50");
    for (name, id, url) in ODD {
        assert!(fragment.contains(&format!("href=\"{url}\"")), "{name}");
        // The page tells its panel the path that a browser has of it.
        let asked = url.replace('%', "%25").replace('\u{e9}', "%C3%A9");
        let found = server.json(&format!("/v1/related?url={asked}"));
        assert_eq!(found["article"]["id"], id, "{name}");
        assert_eq!(found["article"]["url"], url, "{name}");
    }
    let out = site.path("related");
    let folder = out.to_str().expect("UTF-8");
    site.ok(&["export", "--format", "html", "--out", folder]);
    for (name, id, _) in ODD {
        let piece = format!("{}.html", id.trim_start_matches('/'));
        assert!(out.join(piece).exists(), "{name}");
    }
}

#[test]
fn an_address_that_is_none_is_made_one_and_another_stays() {
    let site = odd();
    let given = [
        ("/given/100%25", "/given/100%25"),
        ("/given/100%", "/given/100%25"),
        ("/given/a b?c=d e#f", "/given/a%20b?c=d%20e#f"),
        (
            "https://example.org/caf%C3%A9",
            "https://example.org/caf%C3%A9",
        ),
    ];
    let lines = given.iter().enumerate().map(|(place, (url, _))| {
        let body = format!("{TEXT} Given as {place}, {place} and {place}.");
        serde_json::json!({"id": format!("/given-{place}"), "url": url, "body": body}).to_string()
    });
    site.write("corpus/given.jsonl", &lines.collect::<Vec<_>>().join("\n"));
    let site = site.indexed();
    for (place, (_, url)) in given.into_iter().enumerate() {
        let panel = site.json(&["related", &format!("/given-{place}"), "--json"]);
        assert_eq!(panel["article"]["url"], url);
    }
    // A link to a page is one by its address.
    site.write(
        "corpus/link.md",
        "Read [this](/100%25%20done) and [that](/c%23/notes%231).",
    );
    site.ok(&["reindex"]);
    let related = site.related("/link");
    assert!(related.contains(&"/100% done".to_owned()), "{related:?}");
    assert!(related.contains(&"/c#/notes#1".to_owned()), "{related:?}");
}

#[test]
fn the_address_of_a_page_that_is_gone_leads_to_the_one_that_took_it_over_and_no_delete_follows_it()
{
    let site = Site::new()
        .page("old.md", "# Kettles\nWater for coffee.\n")
        .page("other.md", "# Grinders\nBeans for coffee.\n")
        .indexed();
    let server = Keyed::start(&site);
    let moved =
        json!({"title": "Kettles, moved", "body": "Water for coffee.", "aliases": ["/old"]});
    assert_eq!(server.put("/new", &moved).0, 201);
    let answers = |address: &str| {
        let path = format!("/v1/related?url={address}");
        server.server.get(&path).0
    };
    assert_eq!(answers("/old"), 200);
    // By its own address, whatever its form, it is deleted once.
    assert_eq!(server.delete("/old/"), 204);
    let item = |address: &str| {
        server.server.json(&format!("/v1/related?url={address}"))["article"]["id"].clone()
    };
    assert_eq!(item("/old"), "/new");
    assert_eq!(server.delete("/old"), 404);
    // Whoever names it means the one that took it over, now and in the next generation.
    let pins = json!({"title": "Scales", "body": "Grams.", "related": {"pin": "/old"}});
    assert_eq!(server.put("/pins", &pins).0, 201);
    let pinned = || {
        let panel = server.server.json("/v1/related?url=/pins");
        [
            panel["items"][0]["id"].clone(),
            panel["items"][0]["reason"].clone(),
        ]
    };
    assert_eq!(pinned(), ["/new", "Editor's pick"]);
    site.ok(&["reindex"]);
    assert!(server.server.moves_to(2, SOON));
    assert_eq!(pinned(), ["/new", "Editor's pick"]);
    assert_eq!(item("/old"), "/new");
    assert_eq!(server.delete("/old"), 404);
    assert_eq!(answers("/new"), 200);
    // An alias that is given up leads nowhere at once.
    let plain = json!({"title": "Kettles, moved", "body": "Water for coffee."});
    assert_eq!(server.put("/new", &plain).0, 200);
    assert_eq!(answers("/old"), 404);
}
