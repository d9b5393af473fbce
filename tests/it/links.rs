//! Links between articles: they rank, they are told in words, and a site can keep linked pages off its cards.

use serde_json::json;

use crate::site::Site;

/// Four pages without a word in common; /hub links /a and /b, /a links /b, /b and /c link /d.
fn linked_site() -> Site {
    let site = Site::new();
    let lines = [
        json!({"id": "/a", "title": "Grinding coffee", "body": "Burrs crush beans evenly.", "links": ["/b"]}),
        json!({"id": "/b", "title": "Sailing boats", "body": "Rigging holds masts upright.", "links": ["/d"]}),
        json!({"id": "/c", "title": "Baking bread", "body": "Yeast ferments dough overnight.", "links": ["/d"]}),
        json!({"id": "/d", "title": "Tuning pianos", "body": "Strings drift with humidity.", "links": []}),
        json!({"id": "/hub", "title": "Start here", "body": "Everything begins somewhere.", "links": ["/a", "/b"]}),
    ];
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    site.indexed()
}

fn evidence(site: &Site, host: &str, card: &str) -> Vec<String> {
    let body = site.json(&["related", host, "--json", "--explain"]);
    let items = body["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["id"] == card).expect(card);
    let known = item["evidence"].as_array().expect("evidence").iter();
    known
        .map(|known| known["text"].as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn links_relate_pages_that_share_no_word_and_say_so() {
    let site = linked_site();
    assert_eq!(
        evidence(&site, "/a", "/b"),
        [
            "linked from this article",
            "\u{201c}Start here\u{201d} links to both"
        ]
    );
    let alone = "no page of the site links to it";
    assert_eq!(evidence(&site, "/d", "/b"), ["links to this article"]);
    assert_eq!(
        evidence(&site, "/d", "/c"),
        ["links to this article", alone]
    );
    assert_eq!(site.related("/c"), ["/d"]);
    let body = site.json(&["related", "/a", "--json"]);
    assert_eq!(body["items"][0]["reason"], "Recommended");
}

#[test]
fn pages_that_link_the_same_page_are_candidates_and_a_link_more_makes_them_cards() {
    let site = linked_site();
    // Two pages that link one other page have something in common, which alone calls nothing related.
    assert!(!site.related("/b").contains(&"/c".to_owned()));
    let run = site.ok(&["export", "--format", "run", "--out", "-"]);
    assert!(
        run.lines().any(|line| line.starts_with("/b\t/c\t")),
        "{run}"
    );
}

#[test]
fn a_site_can_keep_what_the_host_links_off_its_cards() {
    let site = linked_site();
    assert!(site.related("/a").contains(&"/b".to_owned()));
    site.write("readnext.toml", "linked_cards = false\n");
    assert!(!site.related("/a").contains(&"/b".to_owned()));
    // The other way round it is no link of the host.
    assert!(site.related("/b").contains(&"/a".to_owned()));
    site.write("readnext.toml", "linked_cards = 1\n");
    assert_eq!(site.run(&["related", "/a"]).status.code(), Some(4));
}

#[test]
fn a_page_that_names_another_says_so() {
    let site = Site::new();
    let lines = [
        json!({"id": "/a", "title": "Kalman filters", "body": "Noise is modelled as Gaussian everywhere."}),
        json!({"id": "/b", "title": "Tracking drones", "body": "We read about kalman filters and Gaussian noise first."}),
        json!({"id": "/c", "title": "Baking bread", "body": "Yeast ferments dough overnight."}),
    ];
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    let site = site.indexed();
    assert!(evidence(&site, "/b", "/a").contains(&"named in this article".to_owned()));
    assert!(evidence(&site, "/a", "/b").contains(&"names this article".to_owned()));
}
