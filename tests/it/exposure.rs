//! No page left behind: places that panels keep for articles which few others show.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use crate::chance::{Chance, word};
use crate::site::{Shown, Site};

/// Pages that say much of one subject, and pages that say little of it beside much of their own.
const LOUD: usize = 64;
const QUIET: usize = 8;
/// Words of the subject.
const SUBJECT: usize = 200;
const NOW: &str = "2026-11-01";

/// The text of a page: `shared` words of the subject and `own` words that no other page has.
fn text(number: usize, shared: usize, own: usize) -> String {
    let mut chance = Chance::seeded(number as u64 + 1);
    let mut words: Vec<String> = (0..shared).map(|_| word(chance.below(SUBJECT))).collect();
    words.extend((0..own).map(|at| word(100_000 + 1000 * number + at)));
    format!(
        "---\ntitle: {}\nlang: en\n---\n{}\n",
        word(50_000 + number),
        words.join(" ")
    )
}

/// The site: loud pages, quiet ones, a page that has a near-duplicate among the quiet ones, and one on nothing that any other is
/// about.
fn site() -> Site {
    let mut site = Site::new();
    for number in 0..LOUD {
        site = site.page(&format!("l{number}.md"), &text(number, 50, 0));
    }
    for number in 0..QUIET {
        site = site.page(&format!("q{number}.md"), &text(LOUD + number, 16, 34));
    }
    let twin = text(LOUD, 16, 34) + "again\n";
    site.page("twin.md", &twin)
        .page("alone.md", &text(500, 0, 60))
}

/// The panels of a site by host.
fn panels(site: &Site) -> BTreeMap<String, Vec<Shown>> {
    let export = site.json_export(&["--now", NOW]);
    let lines = export.lines().map(|line| {
        let panel: Value = serde_json::from_str(line).expect("JSON");
        let items = panel["items"].as_array().expect("items").iter();
        let host = panel["article"]["id"].as_str().expect("an id").to_owned();
        (host, items.map(Shown::of).collect())
    });
    lines.collect()
}

/// In how many panels each page is a related card; near-duplicates count together.
fn counted(panels: &BTreeMap<String, Vec<Shown>>) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = panels.keys().map(|id| (id.clone(), 0)).collect();
    for card in panels
        .values()
        .flatten()
        .filter(|card| card.percent.is_some())
    {
        *counts.get_mut(&card.id).expect("a page") += 1;
    }
    let twins = counts["/twin"] + counts["/q0"];
    counts.insert("/twin".to_owned(), twins);
    counts.insert("/q0".to_owned(), twins);
    counts
}

fn report(site: &Site) -> Value {
    site.json(&["report", "seo", "--json", "--now", NOW])
}

/// Why pages are left out, by page.
fn left_out(report: &Value) -> BTreeMap<&str, &str> {
    let rare = report["rare"].as_array().expect("a list").iter();
    rare.map(|one| {
        let text = |key: &str| one[key].as_str().expect(key);
        (text("page"), text("why"))
    })
    .collect()
}

#[test]
fn every_page_with_three_hosts_stands_in_three_panels_and_others_are_told_with_the_reason() {
    let site = site();
    site.write("readnext.toml", "exposure = 0\n");
    let site = site.indexed();
    let without = panels(&site);
    let rankings = site.run_export();
    let rare = counted(&without)
        .into_iter()
        .filter(|(_, count)| *count < 3);
    assert!(
        rare.count() > 3,
        "the quiet pages are in few panels by themselves"
    );

    fs::remove_file(site.path("readnext.toml")).expect("removed");
    site.ok(&["reindex"]);
    let with = panels(&site);
    let told = report(&site);
    let left_out = left_out(&told);
    assert_eq!(left_out["/alone"], "few_hosts");
    assert!(
        left_out
            .keys()
            .all(|page| ["/alone", "/twin", "/q0"].contains(page)),
        "{left_out:?}"
    );
    for (page, count) in counted(&with) {
        assert!(
            count >= 3 || page == "/alone",
            "{page} is in {count} panels"
        );
    }
    // What a run tells is no panel.
    assert!(site.run_export() == rankings);
    let scores: BTreeMap<(&str, &str), f64> = rankings
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            ((fields[0], fields[1]), fields[2].parse().expect("a score"))
        })
        .collect();
    let mut exchanged = 0;
    for (host, panel) in &with {
        let before = &without[host];
        assert_eq!(panel.len(), before.len(), "{host}");
        let related: Vec<&Shown> = panel.iter().filter(|card| card.percent.is_some()).collect();
        let half = related.len().div_ceil(2);
        assert!(
            panel[..half] == before[..half],
            "the upper half of {host} changed"
        );
        let falling = related
            .windows(2)
            .all(|pair| pair[0].score >= pair[1].score);
        assert!(
            falling && related.iter().all(|card| card.score >= Some(0.05)),
            "{host}"
        );
        for card in related {
            if !before.iter().any(|other| other.id == card.id) {
                exchanged += 1;
                // By its own score, for its own reason.
                let known = scores.get(&(host.as_str(), card.id.as_str()));
                assert!(known.is_none_or(|known| Some(*known) == card.score));
                assert_eq!(card.reason, "Similar content");
            }
        }
    }
    assert!(exchanged > 3, "{exchanged}");
    // Off again, it is off at once.
    site.write("readnext.toml", "exposure = 0\n");
    assert!(panels(&site) == without);
    let shares = &told["exposure"];
    let few = shares["by_panels"]
        .as_array()
        .expect("a list")
        .iter()
        .take(3);
    let few: u64 = few
        .map(|row| row["pages"].as_u64().expect("a number"))
        .sum();
    // The page alone, and of the twins maybe one.
    assert!((1..=2).contains(&few), "{shares}");
    assert!(
        shares["gini"]
            .as_f64()
            .is_some_and(|gini| gini > 0.0 && gini < 1.0)
    );
}

#[test]
fn an_incremental_run_reserves_what_a_full_run_reserves() {
    let site = site().indexed();
    site.write("corpus/l0.md", &text(900, 40, 4));
    site.write("corpus/q9.md", &text(901, 16, 34));
    fs::remove_file(site.path("corpus/q3.md")).expect("removed");
    site.ok(&["reindex"]);
    let serving = |generation: u32| {
        fs::read(site.path(&format!("index/generation-{generation:08}/serving.bin"))).expect("read")
    };
    let incremental = serving(2);
    site.ok(&["reindex", "--full", "--threads", "1"]);
    assert!(serving(3) == incremental);
}

#[test]
fn editors_come_first_and_no_rule_is_broken_for_a_reserved_place() {
    let site = site().indexed();
    let before = panels(&site);
    let hosts_of = |panels: &BTreeMap<String, Vec<Shown>>, page: &str| -> BTreeSet<String> {
        let shown = |panel: &[Shown]| {
            let mut related = panel.iter().filter(|card| card.percent.is_some());
            related.any(|card| card.id == page)
        };
        let hosts = panels.iter().filter(|(_, panel)| shown(panel));
        hosts.map(|(host, _)| host.clone()).collect()
    };
    let blocked = hosts_of(&before, "/q1");
    let pinned = hosts_of(&before, "/q2").pop_first().expect("a host");
    let mut editorial = String::new();
    for host in &blocked {
        editorial += &format!("[[block]]\nhost = \"{host}\"\ncard = \"/q1\"\n");
    }
    editorial += &format!("[[pin]]\nhost = \"{pinned}\"\ncard = \"/alone\"\nslot = 20\n");
    editorial += "[[never-recommend]]\ncard = \"/q4\"\n";
    site.write("corpus/editorial.toml", &editorial);
    site.ok(&["reindex"]);
    let after = panels(&site);
    // It stands elsewhere now.
    let elsewhere = hosts_of(&after, "/q1");
    assert!(
        elsewhere.len() >= 3 && elsewhere.is_disjoint(&blocked),
        "{elsewhere:?}"
    );
    let with_pin = &after[&pinned];
    assert_eq!(
        (with_pin[19].id.as_str(), with_pin[19].reason.as_str()),
        ("/alone", "Editor's pick")
    );
    assert!(hosts_of(&after, "/q2").len() >= 3);
    assert!(hosts_of(&after, "/q4").is_empty());
    assert_eq!(left_out(&report(&site))["/q4"], "hidden");
    let checked = site.run(&["check", "--panels", "--now", NOW]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert_eq!(checked.status.code(), Some(0), "{said}");
}

#[test]
fn a_server_keeps_places_as_long_as_the_page_is_there_and_the_request_lets_it_through() {
    let site = site();
    site.write(
        "readnext.toml",
        "exposure = 3\nexploration = 3\nrebuild_seconds = 3600\nrebuild_percent = 100.0\n",
    );
    let site = site.indexed();
    let quiet = |panel: &Value| -> Vec<String> {
        let items = panel["items"].as_array().expect("items").iter();
        let related = items.filter(|item| !item["match"].is_null());
        let ids = related.map(|item| item["id"].as_str().expect("an id").to_owned());
        ids.filter(|id| id.starts_with("/q")).collect()
    };
    let reserved: BTreeMap<String, Vec<String>> = panels(&site)
        .into_iter()
        .filter(|(host, _)| host.starts_with("/l"))
        .map(|(host, panel)| {
            let ids = panel.into_iter().map(|card| card.id);
            (host, ids.filter(|id| id.starts_with("/q")).collect())
        })
        .collect();
    let (host, cards) = reserved
        .iter()
        .max_by_key(|(_, cards)| cards.len())
        .expect("one");
    assert!(!cards.is_empty());
    // Readers of the host make room for exploration, and a reserved place is none of it.
    let event = |at: usize| {
        let article = ["/l1", host.as_str()][at % 2];
        json!({"ts": 1_790_000_000 + at, "visitor": format!("v{}", at / 2), "article": article, "type": "view"})
    };
    let events = (0..6).map(event);
    site.events(&events.collect::<Vec<_>>());
    let server = site.start(&["serve"]);
    let panel = server.json(&format!("/v1/related?id={host}"));
    let shown = quiet(&panel);
    assert!(
        cards.iter().all(|id| shown.contains(id)),
        "{cards:?} in {shown:?}"
    );
    let gone = &cards[0];
    let without = server.json(&format!("/v1/related?id={host}&exclude={gone}"));
    assert!(!quiet(&without).contains(gone));
    let (status, _) = server.ask(
        "DELETE",
        &format!("/v1/articles?id={gone}"),
        &server.first_key(),
        "",
    );
    assert_eq!(status, 204);
    let after = quiet(&server.json(&format!("/v1/related?id={host}")));
    assert!(!after.contains(gone), "{after:?}");
    let kept = cards[1..].iter().all(|id| after.contains(id));
    assert!(kept, "{cards:?} in {after:?}");
}
