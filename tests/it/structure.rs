//! What the structure of a site keeps apart, series, versions and aliases, and what a request leaves out.

use serde_json::Value;

use crate::editors::{ids, page, site};

#[test]
fn what_stands_next_to_the_host_in_its_series_is_no_card() {
    let mut site = site(3);
    for part in 1..=4 {
        let order = if part == 4 { "series_order: 0\n" } else { "" };
        site = site.page(
            &format!("part-{part}.md"),
            &page(10 + part, &format!("series: Grinding\n{order}")),
        );
    }
    let site = site.indexed();
    // Part 4 has a number, so it comes first: 4, 1, 2, 3.
    for (host, apart) in [
        ("/part-1", vec!["/part-2", "/part-4"]),
        ("/part-2", vec!["/part-1", "/part-3"]),
        ("/part-4", vec!["/part-1"]),
    ] {
        let panel = site.panel(host);
        let missing = (1..=4).map(|part| format!("/part-{part}"));
        let missing: Vec<String> = missing
            .filter(|id| id != host && !ids(&panel).contains(&id.as_str()))
            .collect();
        assert_eq!(missing, apart, "{host}");
    }
    site.write("readnext.toml", "[keep_out]\nseries_neighbours = false\n");
    site.ok(&["reindex"]);
    assert_eq!(site.panel("/part-2").len(), 6);
}

#[test]
fn of_versions_of_a_page_readers_see_their_own_and_others_the_newest() {
    let mut site = site(2);
    for (at, version) in ["v1.2", "v1.10", "v2.x"].iter().enumerate() {
        for (name, more) in [("install", 0), ("dial", 5)] {
            site = site.page(
                &format!("docs/{version}/{name}.md"),
                &page(10 + at + more, &format!("topic: {name}\n")),
            );
        }
    }
    let site = site
        .page("docs/v1.2/gone.md", &page(20, ""))
        .page("old.md", &page(21, "version_of: clean\nversion: \"3\"\n"))
        .page("new.md", &page(22, "version_of: clean\nversion: \"12\"\n"))
        .indexed();
    let shown = |host: &str| -> Vec<String> {
        let mut ids: Vec<String> = site.panel(host).into_iter().map(|card| card.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(
        shown("/grinder-1"),
        [
            "/docs/v1.2/gone",
            "/docs/v2.x/dial",
            "/docs/v2.x/install",
            "/grinder-2",
            "/new"
        ]
    );
    assert_eq!(
        shown("/docs/v1.2/install"),
        [
            "/docs/v1.2/dial",
            "/docs/v1.2/gone",
            "/grinder-1",
            "/grinder-2",
            "/new"
        ]
    );
    assert_eq!(
        shown("/docs/v1.10/install"),
        [
            "/docs/v1.10/dial",
            "/docs/v1.2/gone",
            "/grinder-1",
            "/grinder-2",
            "/new"
        ]
    );
    // Readers go from page to page of all versions; that changes nothing.
    let events: Vec<Value> = (0..5)
        .flat_map(|visitor| {
            ["/grinder-1", "/docs/v1.2/dial", "/old"].iter().zip(0..).map(move |(id, step)| {
                serde_json::json!({"ts": 1_770_000_000 + step * 60, "visitor": format!("v{visitor}"), "article": id, "type": "view", "dwell": 60})
            })
        })
        .collect();
    site.events(&events);
    assert_eq!(shown("/grinder-1").len(), 5);
    assert!(!shown("/grinder-1").contains(&"/old".to_owned()));
    site.write(
        "readnext.toml",
        "[keep_out]\nolder_versions = false\nnear_duplicates = false\n",
    );
    site.ok(&["reindex"]);
    assert!(site.panel("/grinder-1").len() > 8);
}

#[test]
fn reads_of_an_alias_count_for_the_page_that_it_leads_to() {
    let site = site(4)
        .page("moved.md", &page(9, "aliases: [/before]\n"))
        .indexed();
    let events: Vec<Value> = (0..6)
        .flat_map(|visitor| {
            ["/grinder-1", "/before"].iter().zip(0..).map(move |(id, step)| {
                serde_json::json!({"ts": 1_770_000_000 + step * 60, "visitor": format!("v{visitor}"), "article": id, "type": "view", "dwell": 60})
            })
        })
        .collect();
    site.events(&events);
    let body = site.json(&["related", "/grinder-1", "--json", "--now", "2026-02-05"]);
    let items = body["items"].as_array().expect("items");
    let moved = items
        .iter()
        .find(|item| item["id"] == "/moved")
        .expect("shown");
    assert!(
        moved["signals"]["behavior"].as_f64() > Some(0.05),
        "{moved}"
    );
}

#[test]
fn a_request_narrows_by_topic_date_and_what_was_seen() {
    let site = site(4)
        .page("a.md", &page(11, "topic: Burr Sets\n"))
        .page("b.md", &page(12, "topic: burr-sets\n"))
        .page("c.md", &page(13, "topic: Dials\npublished: 2026-05-01\n"));
    site.write(
        "corpus/topics.toml",
        "[\"Burr Sets\"]\naliases = [\"Grinding discs\"]\n",
    );
    let site = site.indexed();
    let server = site.start(&["serve"]);
    let shown = |more: &str| -> Vec<String> {
        let body = server.json(&format!("/v1/related?id=/grinder-1{more}"));
        let items = body["items"].as_array().expect("items").iter();
        let mut ids: Vec<String> = items
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(shown("").len(), 6);
    assert_eq!(shown("&topic=burr%20sets"), ["/a", "/b"]);
    assert_eq!(shown("&topic=grinding-discs,Dials"), ["/a", "/b", "/c"]);
    assert_eq!(shown("&topic=nothing"), Vec::<String>::new());
    assert_eq!(shown("&since=2026-05-01"), ["/c"]);
    assert_eq!(shown("&since=2026-05-01T00:00:01Z"), Vec::<String>::new());
    assert_eq!(
        shown("&seen=/a/,/grinder-2&exclude=/b,/unknown"),
        ["/c", "/grinder-3", "/grinder-4"]
    );
    for (wrong, words) in [
        ("topics=x", "did you mean topic?"),
        ("sence=2026-01-01", "did you mean since?"),
        ("since=soon", "expected a date"),
    ] {
        let (status, _, body) = server.get(&format!("/v1/related?id=/grinder-1&{wrong}"));
        assert!(status == 400 && body.contains(words), "{status} {body}");
    }
    let narrow = site.json(&["related", "/grinder-1", "--topic", "dials", "--json"]);
    assert_eq!(narrow["items"].as_array().map(Vec::len), Some(1));
}
