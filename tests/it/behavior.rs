//! What readers did, in the ranking: it counts at once, once, for whoever it is about, and never against what they read.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::chance::{Chance, page, write_pages};
use crate::site::Site;

/// When panels are asked for: the beginning of 2026-11-01.
const NOW: u64 = 1_793_491_200;

/// A visitor as a record that readnext writes names it, so that tests do not depend on a folder's secret.
fn visitor(number: usize) -> String {
    format!("h:{:04x}000000000000", number + 1)
}

/// `who` views `article`, `before` seconds before [`NOW`].
fn view(who: usize, article: &str, before: u64) -> Value {
    json!({"ts": NOW - before, "visitor": visitor(who), "article": article, "type": "view"})
}

/// `who` goes from `host` to `article`.
fn click(who: usize, host: &str, article: &str, before: u64) -> Value {
    json!({"ts": NOW - before, "visitor": visitor(who), "article": article, "type": "click", "from": host})
}

/// A site of `pages` generated pages, on one of four subjects each: `/p0` and `/p4` on the same.
fn site(pages: usize) -> Site {
    let site = Site::new();
    write_pages(&site, pages, 80, 1);
    site.indexed()
}

/// `count` random reads by `visitors` visitors of `pages` generated pages.
fn reads(count: usize, visitors: usize, pages: usize, seed: u64) -> Vec<Value> {
    let mut chance = Chance::seeded(seed);
    (0..count)
        .map(|turn| {
            let article = format!("/p{}", chance.below(pages));
            view(
                chance.below(visitors),
                &article,
                (count - turn) as u64 * 300,
            )
        })
        .collect()
}

/// All rankings as of `now`.
fn rankings_at(site: &Site, now: u64, more: &[&str]) -> String {
    let now = now.to_string();
    let run = ["export", "--format", "run", "--limit", "100", "--out", "-"];
    site.ok(&[&run, &["--now", &now][..], more].concat())
}

/// All rankings and all panels as of `now`; without the tokens of panels, which a folder's secret signs.
fn export_at(site: &Site, now: u64, more: &[&str]) -> String {
    let mut all = rankings_at(site, now, more);
    let panels = site.json_export(&[&["--now", &now.to_string()], more].concat());
    for line in panels.lines() {
        match line.split_once(",\"panel\":") {
            Some((panel, _)) => all.push_str(&format!("{panel}}}\n")),
            None => all.push_str(&format!("{line}\n")),
        }
    }
    all
}

/// All rankings and all panels at [`NOW`].
fn export(site: &Site, more: &[&str]) -> String {
    export_at(site, NOW, more)
}

/// The scores of the candidates of every host at [`NOW`].
fn scores(site: &Site) -> BTreeMap<(String, String), f64> {
    rankings_at(site, NOW, &[])
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let pair = (fields[0].to_owned(), fields[1].to_owned());
            (pair, fields[2].parse().expect("a score"))
        })
        .collect()
}

/// The panel of a page at [`NOW`], as JSON.
fn panel(site: &Site, page: &str, more: &[&str]) -> String {
    let now = NOW.to_string();
    site.ok(&[&["related", page, "--json", "--now", &now], more].concat())
}

/// The ids of the related cards of a page at [`NOW`].
fn related(site: &Site, page: &str, more: &[&str]) -> Vec<String> {
    let panel: Value = serde_json::from_str(&panel(site, page, more)).expect("JSON");
    let items = panel["items"].as_array().expect("items").iter();
    let related = items.filter(|item| !item["match"].is_null());
    related
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn what_is_read_after_a_page_is_recommended_on_it_at_once() {
    let site = site(24);
    assert_ne!(related(&site, "/p0", &[])[0], "/p1");
    let before = export(&site, &[]);
    let follows: Vec<Value> = (0..20).map(|who| click(who, "/p0", "/p1", 3600)).collect();
    let report = site.events(&follows);
    assert_eq!((&report["new"], &report["known"]), (&json!(20), &json!(0)));
    let shown = panel(&site, "/p0", &[]);
    let body: Value = serde_json::from_str(&shown).expect("JSON");
    let first = &body["items"][0];
    assert_eq!(
        (&first["id"], &first["reason"]),
        (&json!("/p1"), &json!("Recommended"))
    );
    let given = first["signals"]["behavior"].as_f64().expect("a number");
    assert!(given > 0.25, "{first}");
    let after = export(&site, &[]);
    assert!(after != before && after.contains(&shown));
}

#[test]
fn a_file_imported_twice_counts_once() {
    let site = site(24);
    let reads = reads(500, 30, 24, 2);
    let first = site.events(&reads);
    let before = export(&site, &[]);
    let again = site.events(&reads);
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &first["new"]));
    assert_eq!(export(&site, &[]), before);
    let told = site.ok(&["events", "import", "events.jsonl"]);
    assert!(
        told.contains("0 events kept, 500 were there already"),
        "{told}"
    );
}

/// A site of `pages` pages of a word or two and some links: the less is known of texts, the more other signals are asked.
fn bare_site(pages: usize, chance: &mut Chance) -> Site {
    let words = ["quartz", "violin", "harbour", "lichen", "sonnet"];
    let lines: Vec<String> = (0..pages)
        .map(|number| {
            let links: Vec<String> = (0..chance.below(3))
                .map(|_| format!("/p{}", chance.below(pages)))
                .collect();
            let body = ["", *chance.of(&words)][chance.below(2)];
            json!({"id": format!("/p{number}"), "lang": "en", "title": format!("{} {number}", chance.of(&words)), "body": body, "links": links})
                .to_string()
        })
        .collect();
    let site = Site::new();
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    site.indexed()
}

#[test]
fn one_more_read_or_click_never_lowers_what_it_leads_to() {
    let mut compared = 0;
    for seed in 0..6 {
        let mut chance = Chance::seeded(seed);
        let pages = 6 + chance.below(6);
        let site = bare_site(pages, &mut chance);
        site.events(&reads(chance.below(60), 9, pages, seed));
        for round in 0..16 {
            let host = chance.below(pages);
            let card = (host + 1 + chance.below(pages - 1)) % pages;
            let (host, card) = (format!("/p{host}"), format!("/p{card}"));
            let pair = (host.clone(), card.clone());
            let mut before = scores(&site).get(&pair).copied().unwrap_or(0.0);
            // Again and again, as from a popular panel.
            for turn in 0..8 {
                let (who, when) = (100 + 10 * round + turn, chance.below(90 * 86_400) as u64);
                let mut follow = click(who, &host, &card, when);
                follow["dwell"] = json!(chance.below(20));
                let seen = (chance.below(2) == 0).then(|| view(who, &host, when + 60));
                site.events(&seen.into_iter().chain([follow]).collect::<Vec<_>>());
                let after = scores(&site)[&pair];
                assert!(
                    after > before - 1e-6,
                    "seed {seed}, round {round}, turn {turn}, {host} to {card}: {before} to {after}"
                );
                before = after;
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 6 * 16 * 8);
}

#[test]
fn a_new_article_is_not_buried_under_those_that_have_readers() {
    let site = site(48);
    site.events(&reads(4000, 200, 48, 10));
    let follows: Vec<Value> = (0..100)
        .map(|who| click(1000 + who, "/p0", &format!("/p{}", 4 + 4 * (who % 5)), 60))
        .collect();
    site.events(&follows);
    // Most of the host's own words in another order, and the first of its title.
    let host = page(0, 80, 1);
    let (head, body) = host.rsplit_once("---\n").expect("front matter");
    let title = head.split_whitespace().nth(2).expect("a title");
    let words: Vec<&str> = body.split_whitespace().rev().collect();
    let text = format!("---\ntitle: {title} anew\n---\n{}", words[..64].join(" "));
    site.write("corpus/new.md", &text);
    let site = site.indexed();
    assert_eq!(related(&site, "/p0", &["--signals", "content"])[0], "/new");
    let all = related(&site, "/p0", &[]);
    let place = all.iter().position(|id| id == "/new").expect("a card");
    assert!(place < all.len() / 2, "place {place} of {all:?}");
}

#[test]
fn runs_and_threads_change_nothing_with_events() {
    let events = reads(2000, 60, 24, 3);
    let build = |threads: &str| {
        let site = Site::new();
        write_pages(&site, 24, 80, 1);
        site.ok(&["reindex", "--threads", threads]);
        site.events(&events);
        export(&site, &["--threads", threads])
    };
    let first = build("1");
    assert!(first == build("2"), "one thread and two differ");
    assert!(first == build("2"), "two runs differ");
}

#[test]
fn events_count_once_their_article_exists() {
    let events = reads(800, 30, 24, 4);
    let known = site(24);
    known.events(&events);
    let later = site(23);
    let report = later.events(&events);
    let unknown = &report["unmatched"][0];
    assert_eq!(unknown["name"], "/p23", "{report}");
    let matched = report["matched"].as_u64().expect("a number");
    assert_eq!(matched + unknown["events"].as_u64().expect("a number"), 800);
    later.write("corpus/p23.md", &page(23, 80, 1));
    later.ok(&["reindex"]);
    assert_eq!(rankings_at(&later, NOW, &[]), rankings_at(&known, NOW, &[]));
}

#[test]
fn what_comes_later_than_now_is_left_out() {
    let (with, without) = (site(24), site(24));
    with.events(&reads(500, 30, 24, 5));
    let before = NOW - 501 * 300;
    assert_eq!(
        export_at(&with, before, &[]),
        export_at(&without, before, &[])
    );
    assert_ne!(export(&with, &[]), export(&without, &[]));
    // Half of them: as if only these had come.
    let half = NOW - 250 * 300;
    let some: Vec<Value> = reads(500, 30, 24, 5)
        .into_iter()
        .filter(|event| event["ts"].as_u64() <= Some(half))
        .collect();
    without.events(&some);
    assert_eq!(export_at(&with, half, &[]), export_at(&without, half, &[]));
}

#[test]
fn content_alone_and_research_alone_know_no_readers() {
    let (with, without) = (site(24), site(24));
    with.events(&reads(2000, 60, 24, 6));
    for signals in ["content", "research", "content,research"] {
        let only = ["--signals", signals];
        assert_eq!(export(&with, &only), export(&without, &only), "{signals}");
    }
    let behavior = export(&with, &["--signals", "behavior"]);
    assert_ne!(behavior, export(&without, &["--signals", "behavior"]));
}

#[test]
fn a_read_file_that_is_damaged_or_gone_changes_nothing() {
    let site = site(24);
    site.events(&reads(1000, 40, 24, 7));
    let whole = export(&site, &[]);
    let file = site.path("index/reads.bin");
    let good = fs::read(&file).expect("read");
    let mut chance = Chance::seeded(7);
    let mut damages: Vec<Vec<u8>> = vec![
        Vec::new(),
        good[..good.len() / 2].to_vec(),
        b"none".to_vec(),
    ];
    for _ in 0..8 {
        let mut bad = good.clone();
        let at = chance.below(bad.len());
        bad[at] ^= 1 << chance.below(8);
        damages.push(bad);
    }
    for bad in damages {
        fs::write(&file, &bad).expect("written");
        let output = site.run(&["export", "--format", "run", "--out", "-"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(
            told.contains("reads.bin") && told.contains("counted again"),
            "{told}"
        );
        assert_eq!(export(&site, &[]), whole);
    }
    fs::remove_file(&file).expect("removed");
    assert_eq!(export(&site, &[]), whole);
    // The next import writes it anew.
    site.events(&[]);
    assert_eq!(fs::read(&file).expect("read"), good);
    fs::remove_dir_all(site.path("index")).expect("removed");
    site.ok(&["reindex"]);
    assert_eq!(export(&site, &[]), whole);
}

#[test]
fn an_address_an_alias_and_an_id_are_one_article() {
    let build = |hosts: [&str; 3], cards: [&str; 3]| {
        let site = Site::new();
        write_pages(&site, 24, 80, 1);
        site.write("readnext.toml", "site = \"https://example.org\"\n");
        let old = |name: &str, alias: &str| {
            let text = fs::read_to_string(site.path(name)).expect("read");
            let lines = format!("---\naliases: [{alias}]\n");
            site.write(name, &text.replacen("---\n", &lines, 1));
        };
        old("corpus/p0.md", "/old/host");
        old("corpus/p1.md", "/old/card");
        let site = site.indexed();
        let follows: Vec<Value> = (0..12)
            .map(|who| click(who, hosts[who % 3], cards[who % 3], 3600))
            .collect();
        let report = site.events(&follows);
        assert_eq!(report["matched"], 12, "{report}");
        site
    };
    let (host, card) = (
        "https://example.org/p0?utm=1",
        "https://example.org/p1/#top",
    );
    let plain = build(["/p0"; 3], ["/p1"; 3]);
    let named = build(["/p0", host, "/old/host"], ["/p1", card, "/old/card"]);
    let crossed = build(["/p0", host, "/old/host"], ["/old/card", "/p1", card]);
    let of_one_host = build(["/p0"; 3], ["/p1", card, "/old/card"]);
    let plain = scores(&plain);
    for other in [named, crossed, of_one_host] {
        let other = scores(&other);
        assert_eq!(other.len(), plain.len());
        for (pair, score) in &plain {
            assert!(
                (other[pair] - score).abs() < 1e-4,
                "{pair:?}: {score} {}",
                other[pair]
            );
        }
    }
}

/// Pages that share no word.
fn strangers() -> Site {
    Site::new()
        .page("beans.md", "Burrs crush roasted beans evenly.")
        .page("masts.md", "Rigging holds masts upright.")
        .page("dough.md", "Yeast ferments sourdough overnight.")
        .page("ice.md", "Glaciers carve long valleys.")
}

#[test]
fn a_pair_is_called_related_for_its_readers_alone_from_the_third_on() {
    let site = strangers();
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    let site = site.indexed();
    let follow = |who: usize, turn: u64| click(who, "/beans", "/masts", 3600 * (1 + turn));
    let mut follows: Vec<Value> = (0..20)
        .map(|turn| follow(turn as usize % 2, turn))
        .collect();
    site.events(&follows);
    assert!(related(&site, "/beans", &[]).is_empty());
    follows.push(click(3, "https://example.org/beans/", "/masts", 60));
    site.events(&follows);
    assert_eq!(related(&site, "/beans", &[]), ["/masts"]);
    assert!(related(&site, "/dough", &[]).is_empty());
}

#[test]
fn what_fewer_than_three_visitors_read_together_is_never_shown_as_evidence() {
    let site = site(24);
    let page = related(&site, "/p0", &[])[0].clone();
    let told = || {
        let all = ["/p0", &page].map(|host| panel(&site, host, &["--explain"]));
        all.map(|panel| panel.contains("read by visitors of this article"))
    };
    // Many reads of two visitors, by two names of the host, there and back, with likes.
    let mut reads: Vec<Value> = (0..40)
        .flat_map(|turn| {
            let host = ["/p0", "https://example.org/p0?a=1"][turn % 2];
            let before = 7200 * (1 + turn as u64);
            let mut like = view(turn % 2, &page, before - 60);
            like["type"] = json!("like");
            let back = click(turn % 2, &page, host, before - 120);
            [click(turn % 2, host, &page, before), like, back]
        })
        .collect();
    site.write("readnext.toml", "site = \"https://example.org\"\n");
    site.events(&reads);
    let given = |text: &str| -> Value {
        let body: Value = serde_json::from_str(text).expect("JSON");
        body["items"][0]["signals"]["behavior"].clone()
    };
    assert!(given(&panel(&site, "/p0", &[])).as_f64() > Some(0.1));
    assert_eq!(told(), [false, false]);
    reads.push(click(2, "/p0", &page, 60));
    site.events(&reads);
    assert_eq!(told(), [true, true]);
}

#[test]
fn a_reindex_keeps_what_readers_did() {
    let site = site(24);
    site.events(&reads(1000, 40, 24, 8));
    let before = rankings_at(&site, NOW, &[]);
    site.ok(&["reindex", "--full"]);
    assert_eq!(rankings_at(&site, NOW, &[]), before);
    let text = fs::read_to_string(site.path("corpus/p5.md")).expect("read");
    site.write("corpus/p5.md", "---\ntitle: Another\n---\ntext");
    site.ok(&["reindex"]);
    assert_ne!(rankings_at(&site, NOW, &[]), before);
    site.write("corpus/p5.md", &text);
    site.ok(&["reindex"]);
    assert_eq!(rankings_at(&site, NOW, &[]), before);
}

#[test]
fn exported_events_make_the_same_panels_elsewhere() {
    let site = site(24);
    let mut events = reads(500, 30, 24, 9);
    for (number, event) in events.iter_mut().enumerate() {
        event["visitor"] = json!(format!("reader {}", number % 17));
        if number % 3 == 0 {
            event["id"] = json!(format!("event {number}"));
        }
        if number % 5 == 0 {
            event["type"] = json!("impression");
            event["from"] = json!("/p1");
            event["position"] = json!(number % 20 + 1);
        }
    }
    site.events(&events);
    site.ok(&["events", "export", "--out", "all.jsonl"]);
    let lines = fs::read_to_string(site.path("all.jsonl")).expect("read");
    assert_eq!(lines.lines().count(), 500);
    assert!(!lines.contains("reader") && !lines.contains("event "));
    let twin = site.twin();
    assert!(!twin.path("journal").exists());
    let records: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(twin.events(&records)["new"], 500);
    assert_eq!(export(&twin, &[]), export(&site, &[]));
    assert_eq!(twin.ok(&["events", "export", "--out", "-"]), lines);
}

#[test]
fn the_exit_code_and_the_report_tell_what_was_refused_and_what_is_unknown() {
    let site = site(8);
    let good = view(1, "/p1", 60);
    let strange = view(1, "/nowhere", 50);
    site.write(
        "some.jsonl",
        &format!("{good}\n{{\"visitor\": \"a\"}}\n{strange}\n{strange}\n"),
    );
    let output = site.run(&["events", "import", "some.jsonl", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&report["new"], &report["known"]), (&json!(2), &json!(1)));
    assert_eq!(report["matched"], 1);
    assert_eq!(
        report["unmatched"],
        json!([{"name": "/nowhere", "events": 2}])
    );
    let output = site.run(&["events", "import", "some.jsonl"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("some.jsonl:2:"), "{told}");
    for (arguments, code) in [
        (vec!["events", "import"], 2),
        (vec!["events"], 2),
        (vec!["events", "export", "--nowhere"], 2),
        (vec!["events", "import", "nowhere.jsonl"], 1),
    ] {
        let output = site.run(&arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    }
}

#[test]
fn a_dry_run_writes_nothing_and_needs_no_index() {
    let list = |site: &Site| {
        let mut names: Vec<_> = fs::read_dir(site.path(""))
            .expect("listed")
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        names
    };
    for site in [Site::new(), site(8)] {
        site.write(
            "some.jsonl",
            &format!("{}\n{}\n", view(1, "/p1", 60), view(1, "/p9", 50)),
        );
        let before = list(&site);
        let told = site.ok(&["events", "import", "some.jsonl", "--dry-run"]);
        assert!(
            told.contains("nothing written: 2 events would be imported"),
            "{told}"
        );
        assert_eq!(list(&site), before);
        assert!(!site.path("journal").exists() && !site.path("secret").exists());
        assert!(!site.path("index/reads.bin").exists());
    }
    let site = Site::new();
    assert_eq!(site.events(&[view(1, "/p1", 60)])["matched"], Value::Null);
}

#[test]
fn a_page_of_another_site_is_no_page_before() {
    let own = json!({"ts": 1_700_000_000, "visitor": "v", "article": "/p1", "type": "view", "from": "https://docs.example.org/p2"});
    let other = json!({"ts": 1_700_000_001, "visitor": "w", "article": "/p1", "type": "view", "from": "https://search.example.com/?q=p1"});
    for (settings, kept) in [("site = \"docs.example.org\"\n", 1), ("", 2)] {
        let site = site(3);
        site.write("readnext.toml", settings);
        site.events(&[own.clone(), other.clone()]);
        let exported = site.ok(&["events", "export"]);
        assert_eq!(exported.matches("\"from\"").count(), kept, "{settings}");
        assert!(exported.contains("https://docs.example.org/p2"));
    }
}
