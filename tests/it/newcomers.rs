//! Articles that come alone over HTTP: compared with all others at once, as the next reindex will compare them.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::site::Site;

/// How long what a server does in the background may take.
const SOON: Duration = Duration::from_secs(20);

/// Subjects with words of their own.
const SUBJECTS: [(&str, [&str; 6]); 3] = [
    (
        "espresso",
        ["grinder", "crema", "portafilter", "tamper", "burr", "roast"],
    ),
    (
        "bicycle",
        [
            "derailleur",
            "sprocket",
            "handlebar",
            "spoke",
            "crankset",
            "saddle",
        ],
    ),
    (
        "telescope",
        [
            "eyepiece",
            "aperture",
            "nebula",
            "refractor",
            "tripod",
            "finder",
        ],
    ),
];

/// A text of `subject`; texts of other numbers have other sentences and most of the words.
fn text(subject: usize, number: usize) -> String {
    let (name, words) = SUBJECTS[subject];
    let word = |at: usize| words[(number + at) % words.len()];
    format!(
        "About the {name}: a {} needs a {}. Whoever has a {} looks for a {}, and {name}{number} tells of {}.",
        word(0),
        word(1),
        word(2),
        word(3),
        word(4)
    )
}

/// Six pages of each subject, and a server that rebuilds only when it is told to.
pub(crate) fn site() -> Site {
    let site = Site::new();
    site.write(
        "readnext.toml",
        "rebuild_percent = 100\nfill = false\nexploration = 0\n",
    );
    for (subject, (name, _)) in SUBJECTS.iter().enumerate() {
        for number in 0..6 {
            site.write(
                &format!("corpus/{name}{number}.md"),
                &format!(
                    "---\ntitle: {name} part {number}\n---\n{}\n",
                    text(subject, number)
                ),
            );
        }
    }
    site.indexed()
}

pub(crate) fn of(subject: usize, number: usize) -> Value {
    let name = SUBJECTS[subject].0;
    json!({"title": format!("{name} chapter {number}"), "body": text(subject, number)})
}

/// What stands in the panel of `host`.
pub(crate) fn items(server: &Keyed, host: &str) -> Vec<Value> {
    let panel = server
        .server
        .json(&format!("/v1/related?url={host}&limit=50&explain=true"));
    panel["items"].as_array().expect("items").clone()
}

fn ids(items: &[Value]) -> Vec<&str> {
    let ids = items.iter().map(|item| item["id"].as_str());
    ids.map(|id| id.expect("an id")).collect()
}

fn shows(server: &Keyed, host: &str, card: &str) -> bool {
    ids(&items(server, host)).contains(&card)
}

#[test]
fn a_new_article_has_the_neighbours_of_its_text_at_once() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &of(1, 9)).0, 201);
    let found = items(&server, "/new");
    let cards = ids(&found);
    let first: Vec<&&str> = cards.iter().take(6).collect();
    assert!(
        first.iter().all(|id| id.starts_with("/bicycle")),
        "{cards:?}"
    );
    assert_eq!(found[0]["match"], 100);
}

#[test]
fn it_stands_in_the_panels_of_those_it_resembles_and_of_no_others() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &of(1, 9)).0, 201);
    for number in 0..6 {
        assert!(shows(&server, &format!("/bicycle{number}"), "/new"));
        assert!(!shows(&server, &format!("/espresso{number}"), "/new"));
    }
}

#[test]
fn a_changed_article_leaves_the_panels_it_no_longer_belongs_in() {
    let site = site();
    let server = Keyed::start(&site);
    assert!(shows(&server, "/espresso1", "/espresso0"));
    let record = json!({"title": "telescope chapter", "body": text(2, 8)});
    assert_eq!(server.put("/espresso0", &record).0, 200);
    assert!(!shows(&server, "/espresso1", "/espresso0"));
    assert!(shows(&server, "/telescope1", "/espresso0"));
    assert!(ids(&items(&server, "/espresso0"))[0].starts_with("/telescope"));
    // And back.
    let record = json!({"title": "espresso part 0", "body": text(0, 0)});
    assert_eq!(server.put("/espresso0", &record).0, 200);
    assert!(shows(&server, "/espresso1", "/espresso0"));
    assert!(!shows(&server, "/telescope1", "/espresso0"));
}

#[test]
fn a_kept_panel_shows_an_article_again_that_was_put_back() {
    let site = site();
    let server = Keyed::start(&site);
    let put = |record: Value| assert_eq!(server.put("/espresso0", &record).0, 200);
    // Panels of every page are asked for, and so kept, after each change.
    let shown = || {
        let hosts = (1..6).map(|number| format!("/espresso{number}"));
        hosts
            .map(|host| shows(&server, &host, "/espresso0"))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(), [true; 5]);
    put(json!({"title": "telescope chapter", "body": text(2, 8)}));
    assert_eq!(shown(), [false; 5]);
    put(json!({"title": "espresso part 0", "body": text(0, 0)}));
    assert_eq!(shown(), [true; 5]);
}

#[test]
fn newcomers_find_one_another_by_words_that_no_other_article_has() {
    let site = site();
    let server = Keyed::start(&site);
    let body = "A theremin has antennas: the pitch antenna, the volume antenna and a heterodyne oscillator.";
    for id in ["/one", "/two"] {
        let record =
            json!({"title": format!("Theremin {id}"), "body": format!("{body} This is {id}.")});
        assert_eq!(server.put(id, &record).0, 201);
    }
    assert_eq!(ids(&items(&server, "/one")).first(), Some(&"/two"));
    assert_eq!(ids(&items(&server, "/two")).first(), Some(&"/one"));
    let (status, _) = server
        .server
        .ask("DELETE", "/v1/articles?id=/two", &server.key, "");
    assert_eq!(status, 204);
    assert!(!shows(&server, "/one", "/two"));
}

#[test]
fn a_new_copy_of_a_card_does_not_stand_beside_it() {
    let site = site();
    let server = Keyed::start(&site);
    let long = (0..6).map(|number| text(1, number)).collect::<String>();
    let copy = |title: &str| json!({"title": title, "body": long});
    assert_eq!(server.put("/original", &copy("bicycle book")).0, 201);
    assert_eq!(server.put("/copy", &copy("bicycle book")).0, 201);
    let found = items(&server, "/bicycle1");
    let both = ids(&found);
    let both = both.iter().filter(|id| ["/original", "/copy"].contains(id));
    assert_eq!(both.count(), 1);
    assert!(!shows(&server, "/original", "/copy"));
}

#[test]
fn links_of_newcomers_count_and_those_that_wait_for_one() {
    let site = site();
    let server = Keyed::start(&site);
    let record = json!({"title": "A page of nothing", "body": "Nothing.", "links": ["/telescope0", "/later"]});
    assert_eq!(server.put("/page", &record).0, 201);
    let to = |host: &str, card: &str| {
        let found = items(&server, host);
        let item = found.iter().find(|item| item["id"] == card);
        item.map(|item| item["signals"]["research"].as_f64() > Some(0.0))
    };
    assert_eq!(to("/page", "/telescope0"), Some(true));
    assert_eq!(to("/telescope0", "/page"), Some(true));
    let record = json!({"title": "What comes later", "body": "Something else."});
    assert_eq!(server.put("/later", &record).0, 201);
    assert_eq!(to("/later", "/page"), Some(true));
}

/// Whether the panel of `host` shows `card` as one that links connect with it, and what it says of why.
fn connected(server: &Keyed, host: &str, card: &str) -> Option<String> {
    let found = items(server, host);
    let item = found.iter().find(|item| item["id"] == card)?;
    let research = item["signals"]["research"].as_f64();
    (research > Some(0.0)).then(|| item["evidence"].to_string())
}

#[test]
fn a_link_that_waited_is_told_of_from_both_sides_under_an_alias_too() {
    let site = site();
    let server = Keyed::start(&site);
    let record =
        json!({"title": "A page of nothing", "body": "Nothing.", "links": ["/awaited", "/other"]});
    assert_eq!(server.put("/page", &record).0, 201);
    let later = json!({"title": "What comes later", "body": "Something else."});
    assert_eq!(server.put("/awaited", &later).0, 201);
    let renamed = json!({"title": "Under another name", "body": "Else.", "aliases": ["/other"]});
    assert_eq!(server.put("/renamed", &renamed).0, 201);
    for later in ["/awaited", "/renamed"] {
        let told = connected(&server, later, "/page").expect("a link");
        assert!(told.contains("links to this article"), "{told}");
        let told = connected(&server, "/page", later).expect("a link");
        assert!(told.contains("linked from this article"), "{told}");
    }
}

#[test]
fn a_link_that_was_taken_back_waits_for_nothing() {
    let site = site();
    let server = Keyed::start(&site);
    let put = |page: &str, links: &[&str]| {
        let body = format!("Nothing but {page}.");
        let record = json!({"title": page, "body": body, "links": links});
        server.put(page, &record).0
    };
    for page in ["/changed", "/deleted", "/stays"] {
        assert_eq!(put(page, &["/later"]), 201);
    }
    assert_eq!(put("/changed", &[]), 200);
    assert_eq!(server.delete("/deleted"), 204);
    assert_eq!(put("/later", &[]), 201);
    assert_eq!(put("/deleted", &[]), 201);
    assert!(connected(&server, "/later", "/stays").is_some());
    for page in ["/changed", "/deleted"] {
        assert_eq!(connected(&server, "/later", page), None);
    }
}

#[test]
fn what_explains_a_newcomer_adds_up_and_is_of_its_text() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.put("/espresso0", &of(2, 8)).0, 200);
    assert_eq!(server.put("/new", &of(2, 9)).0, 201);
    for host in ["/espresso0", "/new", "/telescope1"] {
        let found = items(&server, host);
        assert!(!found.is_empty());
        for item in &found {
            let signals = item["signals"].as_object().expect("signals").values();
            let sum: f64 = signals.filter_map(Value::as_f64).sum();
            let score = item["score"].as_f64().expect("a score");
            assert!((sum - score).abs() < 1e-3, "{item}");
        }
        let told = found[0]["evidence"].to_string();
        assert!(told.contains("shares"), "{told}");
        assert!(!told.contains("grinder"), "{told}");
    }
}

#[test]
fn newcomers_change_no_score_of_others() {
    let site = site();
    let server = Keyed::start(&site);
    let scores = |host: &str| {
        let found = items(&server, host).into_iter();
        let old = found.filter(|item| item["id"].as_str().expect("an id").len() > 4);
        let scores: Vec<(Value, Value)> = old
            .map(|item| (item["id"].clone(), item["score"].clone()))
            .collect();
        scores
    };
    let before = scores("/bicycle2");
    assert!(!before.is_empty());
    for number in 10..20 {
        assert_eq!(server.put(&format!("/{number}"), &of(1, number)).0, 201);
    }
    // Words that ten more articles have weigh what they weighed, until the next generation.
    assert_eq!(scores("/bicycle2"), before);
}

/// The server started again, once it shows `/new`.
pub(crate) fn restarted(site: &Site, server: Keyed) -> Keyed {
    let Keyed { server, key } = server;
    server.stop();
    let server = Keyed {
        server: site.start(&["serve"]),
        key,
    };
    let started = Instant::now();
    while server.server.get("/v1/related?url=/new").0 != 200 {
        assert!(started.elapsed() < SOON);
        thread::sleep(Duration::from_millis(20));
    }
    server
}

#[test]
fn what_went_before_the_first_newcomer_counts_for_nothing_after_a_restart_either() {
    let site = site();
    let links = "[one](/telescope1), [two](/telescope2)";
    for hub in ["orchard", "harbour", "library"] {
        let page = format!("---\ntitle: {hub}\n---\nAll about the {hub}. See {links}.\n");
        site.write(&format!("corpus/{hub}.md"), &page);
    }
    site.ok(&["reindex"]);
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &of(1, 8)).0, 201);
    assert_eq!(server.delete("/library"), 204);
    assert_eq!(server.put("/new", &of(1, 9)).0, 200);
    let linking = json!({"title": "telescope part 1", "body": text(2, 1), "links": ["/harbour"]});
    assert_eq!(server.put("/telescope1", &linking).0, 200);
    let panels = |server: &Keyed| ["/new", "/telescope1"].map(|host| items(server, host));
    let before = panels(&server);
    assert!(connected(&server, "/telescope1", "/telescope2").is_some());
    assert_eq!(panels(&restarted(&site, server)), before);
}

#[test]
fn a_restart_finds_the_same_neighbours_and_a_reindex_those_of_a_full_one() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &of(1, 9)).0, 201);
    assert_eq!(server.put("/espresso0", &of(2, 8)).0, 200);
    let hosts = [
        "/new",
        "/espresso0",
        "/bicycle1",
        "/telescope2",
        "/espresso3",
    ];
    let panels = |server: &Keyed| hosts.map(|host| items(server, host));
    let before = panels(&server);
    let server = restarted(&site, server);
    assert_eq!(panels(&server), before);
    drop(server);
    let whole = |site: &Site| {
        let panels = site.json_export(&[]);
        panels.replace("\"generation\":3", "\"generation\":2")
    };
    site.ok(&["reindex"]);
    let incremental = (site.run_export(), whole(&site));
    site.ok(&["reindex", "--full"]);
    assert_eq!((site.run_export(), whole(&site)), incremental);
}

#[test]
fn until_the_next_generation_panels_are_nearly_those_of_it() {
    let site = site();
    let server = Keyed::start(&site);
    for (subject, number) in [(0, 7), (1, 8), (2, 9)] {
        let name = SUBJECTS[subject].0;
        assert_eq!(server.put(&format!("/{name}"), &of(subject, number)).0, 201);
    }
    let cards = |server: &Keyed| {
        let hosts = SUBJECTS.iter().flat_map(|(name, _)| {
            let numbered = (0..6).map(move |number| format!("/{name}{number}"));
            numbered.chain([format!("/{name}")])
        });
        let of = |host: String| {
            let found = items(server, &host);
            ids(&found)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        hosts.map(of).collect::<Vec<_>>()
    };
    let before = cards(&server);
    site.ok(&["reindex", "--full"]);
    assert!(server.server.moves_to(2, SOON));
    let after = cards(&server);
    // And then they are those of it: nothing that it has is laid over it once more.
    assert_eq!(after, cards(&Keyed::start(&site)));
    let all: usize = after.iter().map(Vec::len).sum();
    let pairs = before.iter().zip(&after);
    let both = pairs.map(|(before, after)| after.iter().filter(|id| before.contains(id)).count());
    let both: usize = both.sum();
    assert!(both * 100 >= all * 95, "{both} of {all}");
}
