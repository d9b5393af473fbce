//! Weights learned from what readers follow: other readers, other weights; and none where readers follow nothing.

use std::fs;
use std::path::Path;

use readnext::config::Config;
use readnext::engine::{Counted, PanelQuery, Snapshot};
use readnext::index::Generations;
use readnext::model::SignalKind;
use readnext::ranking::{Weights, scored};
use serde_json::{Value, json};

use crate::chance::{Chance, page};
use crate::site::Site;

/// When the simulated readers stop.
const NOW: &str = "2025-08-26";
const UNTIL: i64 = 1_756_166_400;
const VISITORS: usize = 9_000;
const SEED: u64 = 2;
/// Pages of the made-up site, and links on each.
const PAGES: usize = 32;
const LINKS: usize = 10;

/// A site whose links say nothing of what its pages are about.
fn site_of_words() -> Site {
    let site = Site::new();
    let mut chance = Chance::seeded(SEED);
    for number in 0..PAGES {
        let links = (0..LINKS).map(|_| format!("[x](/p{}) ", chance.below(PAGES)));
        let text = page(number, 80, 1) + "\n" + &links.collect::<String>();
        site.write(&format!("corpus/p{number}.md"), &text);
    }
    site
}

/// What `tune` says of `site`, whose readers go by `taste`, without keeping it.
fn tuned(site: Site, taste: &str) -> (Site, Value) {
    let site = site.indexed();
    let (seed, visitors) = (SEED.to_string(), VISITORS.to_string());
    let simulate = [
        "events",
        "simulate",
        "--seed",
        &seed,
        "--until",
        NOW,
        "--out",
        "events.jsonl",
    ];
    site.ok(&[&simulate[..], &["--visitors", &visitors, "--taste", taste]].concat());
    site.ok(&["events", "import", "events.jsonl"]);
    let output = site.run(&["tune", "--dry-run", "--json", "--now", NOW]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let code = if found["verdict"] == "better" { 0 } else { 3 };
    assert_eq!(output.status.code(), Some(code), "{found}");
    assert!(!site.path("weights.toml").exists());
    (site, found)
}

fn learned(found: &Value, signal: &str) -> f64 {
    found["learned"][signal].as_f64().expect("a number")
}

#[test]
fn readers_who_go_by_what_texts_do_not_say_give_behavior_more() {
    let (site, found) = tuned(site_of_words(), "own");
    assert_eq!(
        (&found["verdict"], &found["from"]),
        (&json!("better"), &json!("shipped"))
    );
    assert!(
        found["right_order"]["difference"]["low"]
            .as_f64()
            .expect("a number")
            > 0.0
    );
    assert!(
        learned(&found, "behavior") > 0.45 && learned(&found, "content") < 0.3,
        "{found}"
    );
    // What is kept is what was told, for every command; the next time it is in force.
    let text = site.ok(&["tune", "--now", NOW]);
    assert!(text.contains("better: kept in weights.toml"), "{text}");
    let kept = fs::read_to_string(site.path("weights.toml")).expect("kept");
    assert!(
        kept.contains("# Held-out pairs of cards in the right order"),
        "{kept}"
    );
    let served = site.json_export(&["--now", NOW]);
    assert_eq!(
        served,
        site.json_export(&["--now", NOW, "--weights", "learned"])
    );
    assert_ne!(
        served,
        site.json_export(&["--now", NOW, "--weights", "shipped"])
    );
    let again = site.run(&["tune", "--json", "--now", NOW]);
    assert_eq!(again.status.code(), Some(3));
    let again: Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert_eq!(
        (&again["from"], &again["verdict"]),
        (&json!("learned"), &json!("not_better"))
    );
    assert_eq!(again["in_force"], found["learned"]);
    assert_eq!(again["learned"], found["learned"]);
    // By hand goes before; learning would change nothing.
    site.write("readnext.toml", "[weights]\ncontent = 1\n");
    assert_eq!(site.run(&["tune", "--now", NOW]).status.code(), Some(4));
    fs::remove_file(site.path("readnext.toml")).expect("removed");
    let back = site.json(&["tune", "--rollback", "--json"]);
    assert_eq!(
        (&back["rolled_back"], &back["from"]),
        (&json!(true), &json!("shipped"))
    );
    assert_eq!(
        fs::read_to_string(site.path("weights.undone.toml")).expect("kept"),
        kept
    );
    assert_eq!(site.run(&["tune", "--rollback"]).status.code(), Some(3));
}

#[test]
fn readers_who_go_by_texts_give_content_more() {
    let (_, found) = tuned(Site::sample(), "content");
    assert_eq!(found["verdict"], "better", "{found}");
    assert!(
        found["right_order"]["difference"]["low"]
            .as_f64()
            .expect("a number")
            > 0.0
    );
    assert!(
        learned(&found, "content") > 0.5 && learned(&found, "behavior") < 0.35,
        "{found}"
    );
}

#[test]
fn readers_who_follow_any_card_change_nothing() {
    let (site, found) = tuned(site_of_words(), "any");
    assert_eq!(found["verdict"], "not_better", "{found}");
    assert_eq!(site.run(&["tune", "--now", NOW]).status.code(), Some(3));
    assert!(!site.path("weights.toml").exists());
}

#[test]
fn where_hardly_anybody_followed_anything_nothing_is_learned() {
    let site = Site::new()
        .page("a.md", "---\ntitle: A\n---\nparsers read grammars\n")
        .page("b.md", "---\ntitle: B\n---\nparsers read grammars\n")
        .indexed();
    let output = site.run(&["tune", "--now", NOW]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("too few choices to tell: nothing changed"),
        "{said}"
    );
    assert_eq!(
        site.run(&["tune", "--rollback", "--now", NOW])
            .status
            .code(),
        Some(2)
    );
}

fn snapshot(data: &Path) -> Snapshot {
    let config = Config::load(data, None).expect("settings");
    let snapshot = Snapshot::open(&Generations::under(data), &config).expect("whole");
    let snapshot = snapshot.expect("an index");
    let counted = Counted::load(data, UNTIL * 1000).expect("counted");
    snapshot.count(counted.fold);
    snapshot
}

#[test]
fn opinions_that_weights_are_learned_from_blend_to_the_scores_of_rankings() {
    let site = Site::sample().indexed();
    let simulate = [
        "events",
        "simulate",
        "--seed",
        "1",
        "--until",
        NOW,
        "--visitors",
        "500",
    ];
    site.ok(&[&simulate[..], &["--out", "events.jsonl"]].concat());
    site.ok(&["events", "import", "events.jsonl"]);
    let snapshot = snapshot(&site.path("."));
    let only = |kept: &[SignalKind]| Weights::default().only(kept).expect("some are kept");
    for weights in [
        Weights::default(),
        only(&[SignalKind::Behavior, SignalKind::Research]),
    ] {
        let query = PanelQuery {
            limit: 1_000,
            weights,
            ..PanelQuery::at(UNTIL)
        };
        let mut compared = 0;
        for host in snapshot.hosts() {
            let opinions = snapshot.opinions(host, UNTIL);
            for (card, score) in snapshot.ranking(host, &query) {
                let place = opinions.binary_search_by_key(&card, |opinion| opinion.ord);
                let opinion = &opinions[place.expect("every card is rated")];
                let blended = scored(&weights, &opinion.values, &opinion.evidence);
                assert_eq!(blended, score, "{}", snapshot.id(card));
                compared += 1;
            }
        }
        assert!(compared > 2_000, "{compared}");
    }
}
