//! Articles that came since the index was built, in searches and suggestions: found by the words they have now.

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::newcomers;
use crate::site::Site;

/// The ids that a search finds, best first.
fn found(server: &Keyed, words: &str) -> Vec<String> {
    let path = format!("/v1/search?limit=100&q={}", words.replace(' ', "+"));
    let (status, answer) = server.server.ask("GET", &path, &server.key, "");
    assert_eq!(status, 200, "{answer}");
    ids(&answer["items"])
}

fn ids(items: &Value) -> Vec<String> {
    let items = items.as_array().expect("a list").iter();
    let ids = items.map(|item| item["id"].as_str().expect("an id"));
    ids.map(str::to_owned).collect()
}

#[test]
fn a_search_finds_an_article_by_the_words_it_has_now() {
    let site = newcomers::site();
    let server = Keyed::start(&site);
    let roses =
        json!({"title": "Gardening", "body": "This page is about roses.", "topic": "roses"});
    assert!(found(&server, "espresso").contains(&"/espresso0".to_owned()));
    assert_eq!(server.put("/espresso0", &roses).0, 200);
    assert!(!found(&server, "espresso").contains(&"/espresso0".to_owned()));
    assert_eq!(found(&server, "gardening rose"), ["/espresso0"]);
    // New, changed again, kept back, kept out of lists, and gone.
    assert_eq!(server.put("/new", &roses).0, 201);
    assert_eq!(found(&server, "gardening"), ["/espresso0", "/new"]);
    let tulips = json!({"title": "Tulips", "body": "Of roses one line."});
    assert_eq!(server.put("/new", &tulips).0, 200);
    assert_eq!(found(&server, "gardening"), ["/espresso0"]);
    assert_eq!(found(&server, "tulip"), ["/new"]);
    for hidden in ["draft", "noindex"] {
        let mut record = tulips.clone();
        record[hidden] = json!(true);
        assert_eq!(server.put("/new", &record).0, 200);
        assert!(found(&server, "tulip").is_empty(), "{hidden}");
    }
    assert_eq!(server.put("/new", &tulips).0, 200);
    assert_eq!(found(&server, "tulip"), ["/new"]);
    for gone in ["/new", "/telescope0"] {
        assert_eq!(server.delete(gone), 204);
    }
    assert!(found(&server, "tulip").is_empty());
    let telescopes = found(&server, "telescope");
    assert!(telescopes.len() >= 5 && !telescopes.contains(&"/telescope0".to_owned()));
}

#[test]
fn where_some_article_has_every_word_of_a_search_those_alone_are_found_whenever_they_came() {
    let site = newcomers::site();
    site.write(
        "corpus/half.md",
        "---\ntitle: Half done\ndraft: true\n---\nEspresso under a telescope.\n",
    );
    site.ok(&["reindex"]);
    let server = Keyed::start(&site);
    // A draft that has all the words does not stand in the way of those that have some.
    assert_eq!(found(&server, "espresso telescope").len(), 12);
    let both = json!({"title": "Both", "body": "Espresso at night, by the telescope."});
    assert_eq!(server.put("/both", &both).0, 201);
    assert_eq!(found(&server, "espresso telescope"), ["/both"]);
    assert_eq!(server.delete("/both"), 204);
    assert_eq!(found(&server, "espresso telescope").len(), 12);
}

#[test]
fn a_search_finds_now_what_it_finds_after_the_next_reindex() {
    let site = newcomers::site();
    let server = Keyed::start(&site);
    for number in 6..9 {
        let record = newcomers::of(number % 3, number);
        assert_eq!(server.put(&format!("/new{number}"), &record).0, 201);
    }
    assert_eq!(server.put("/bicycle2", &newcomers::of(0, 7)).0, 200);
    assert_eq!(server.put("/espresso3", &newcomers::of(2, 7)).0, 200);
    assert_eq!(server.delete("/bicycle4"), 204);
    let german = json!({"title": "Kaffeemühlen", "body": "Mahlwerke und Kaffeebohnen für die Küche.", "lang": "de"});
    assert_eq!(server.put("/de", &german).0, 201);
    let sought = [
        "espresso",
        "bicycle",
        "chapter",
        "part",
        "telescope eyepiece",
        "crema sprocket",
        "Kaffeemühle",
        "Küchen",
        "nothing",
    ];
    let now = sought.map(|words| found(&server, words));
    assert_eq!(now[6], ["/de"]);
    site.ok(&["reindex", "--full"]);
    for (words, mut now) in sought.into_iter().zip(now) {
        let answer = site.json(&["search", "--json", "--limit", "100", words]);
        let mut later = ids(&answer["items"]);
        now.sort();
        later.sort();
        assert_eq!(now, later, "{words}");
    }
}

#[test]
fn a_draft_is_told_to_link_to_what_articles_say_and_are_called_now() {
    let site = Site::new()
        .page(
            "kettle.md",
            "---\ntitle: Gooseneck kettles\n---\nWater at ninety degrees for coffee.\n",
        )
        .page(
            "beans.md",
            "---\ntitle: Fresh beans\n---\nRoasted last week.\n",
        );
    site.write("readnext.toml", "rebuild_percent = 100\n");
    let site = site.indexed();
    let server = Keyed::start(&site);
    let draft = json!({"title": "Pour over", "body": "Gooseneck kettles, fresh beans and coffee scales: a scale that weighs grams."});
    let told = || {
        let body = draft.to_string();
        let (status, answer) = server.server.ask("POST", "/v1/suggest", &server.key, &body);
        assert_eq!(status, 200, "{answer}");
        (ids(&answer["related"]), ids(&answer["links"]))
    };
    let (related, links) = told();
    assert_eq!(links, ["/kettle", "/beans"]);
    assert!(related.contains(&"/kettle".to_owned()), "{related:?}");
    let scales = json!({"title": "Coffee scales", "body": "Each weighs to the gram."});
    assert_eq!(server.put("/scales", &scales).0, 201);
    let roses = json!({"title": "Roses", "body": "They bloom in June."});
    assert_eq!(server.put("/kettle", &roses).0, 200);
    let (related, links) = told();
    assert_eq!(links, ["/beans", "/scales"]);
    assert_eq!(related[0], "/scales", "{related:?}");
    assert!(!related.contains(&"/kettle".to_owned()), "{related:?}");
}
