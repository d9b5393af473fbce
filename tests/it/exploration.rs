//! Exploration: a bounded share of each panel goes, in turn, to articles that readers had little chance to see.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use readnext::config::Config;
use readnext::engine::{PanelQuery, Snapshot};
use readnext::eval::simulate::{Act, Settings, Simulation};
use readnext::index::Generations;
use readnext::model::{DocOrd, Event, EventKind, KeyedHash};
use readnext::panel::Panel;
use readnext::signals::behavior::Fold;
use serde_json::Value;

use crate::chance::write_pages;
use crate::site::{Server, Site};

/// 2025-08-26, a Tuesday.
const UNTIL: i64 = 1_756_166_400;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A site of `pages` generated pages.
fn site(pages: usize) -> Site {
    let site = Site::new();
    write_pages(&site, pages, 60, 3);
    site.indexed()
}

/// The site, open, with so many explored cards.
fn snapshot(site: &Site, exploration: usize) -> Snapshot {
    let config = Config {
        exploration,
        ..Config::load(&site.path("."), None).expect("settings")
    };
    let generations = Generations::under(&site.path("."));
    let snapshot = Snapshot::open(&generations, &config).expect("whole");
    snapshot.expect("an index")
}

/// Counts what simulated readers do, in the order in which they do it.
struct Readers<'a> {
    snapshot: &'a Snapshot,
    counted: u64,
    /// Pages that do not exist yet: nothing about them is counted.
    missing: HashSet<DocOrd>,
}

impl<'a> Readers<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        snapshot.count(Fold::default());
        Self {
            snapshot,
            counted: 0,
            missing: HashSet::new(),
        }
    }

    /// Simulates readers; what they did.
    fn come(&mut self, settings: Settings) -> Vec<Act> {
        let mut acts = Vec::new();
        let simulation = Simulation::new(self.snapshot, settings).expect("pages");
        let mut each = |act: &Act| {
            let of = [Some(act.article), act.from];
            if of.iter().flatten().all(|page| !self.missing.contains(page)) {
                acts.push(*act);
            }
            Ok(())
        };
        simulation.run(&mut each).expect("simulated");
        for act in &acts {
            self.counted += 1;
            let event = Event {
                at: act.at,
                visitor: KeyedHash(u64::from(act.visitor) << 40),
                network: None,
                kind: act.kind,
                article: self.snapshot.id(act.article),
                from: act.from.map(|from| self.snapshot.id(from)),
                position: act.position,
                dwell: act.dwell,
                id: None,
            };
            self.snapshot.count_more(self.counted, &event);
        }
        acts
    }
}

/// Ids, scores and percentages of related cards.
type Cards = Vec<(String, f64, u8)>;

fn cards(panel: &Panel<'_>) -> Cards {
    let related = panel.cards.iter().filter_map(|card| {
        let (percent, score) = (card.percent?, card.score?);
        Some((card.entry.id.to_owned(), score.get(), percent.get()))
    });
    related.collect()
}

fn shown(snapshot: &Snapshot, host: DocOrd, exploring: bool, limit: usize, now: i64) -> Cards {
    let query = PanelQuery {
        exploring,
        limit,
        ..PanelQuery::at(now)
    };
    cards(&snapshot.panel(host, &query).expect("a panel"))
}

fn ids(cards: &Cards) -> BTreeSet<&str> {
    cards.iter().map(|(id, ..)| id.as_str()).collect()
}

#[test]
fn a_bounded_share_of_the_lower_half_is_explored_never_below_the_floor() {
    let site = site(160);
    for (exploration, limit, most) in [(1, 20, 1), (1, 5, 1), (1, 3, 0), (4, 20, 4), (25, 20, 5)] {
        let snapshot = snapshot(&site, exploration);
        Readers::of(&snapshot).come(Settings {
            visitors: 300,
            ..Settings::until(UNTIL, 1)
        });
        let mut explored = 0;
        for host in snapshot.hosts() {
            let plain = shown(&snapshot, host, false, limit, UNTIL);
            let cards = shown(&snapshot, host, true, limit, UNTIL);
            assert_eq!(cards.len(), plain.len());
            let best = cards.first().map_or(0.0, |first| first.1);
            assert!(
                cards.is_sorted_by(|a, b| a.1 >= b.1 && a.2 >= b.2),
                "{cards:?}"
            );
            let all = shown(&snapshot, host, false, 100, UNTIL);
            let before = ids(&plain);
            let mut others = 0;
            for (place, (id, score, percent)) in cards.iter().enumerate() {
                assert_eq!(*percent, (100.0 * score / best).round().max(1.0) as u8);
                if !before.contains(id.as_str()) {
                    others += 1;
                    assert!(
                        place >= limit.div_ceil(2),
                        "{id} in place {place} of {cards:?}"
                    );
                    // Related whoever asks, with the same score.
                    assert!(
                        all.iter().any(|one| one.0 == *id && one.1 == *score),
                        "{id}"
                    );
                    assert!(*score >= 0.05);
                }
            }
            assert!(others <= most, "{others} of {cards:?}");
            explored += others;
        }
        assert_eq!(
            explored > 100,
            most > 0,
            "{explored} of {exploration} in {limit}"
        );
    }
}

#[test]
fn an_hour_has_one_panel_and_a_day_shows_several() {
    let site = site(160);
    let snapshot = snapshot(&site, 1);
    Readers::of(&snapshot).come(Settings {
        visitors: 300,
        ..Settings::until(UNTIL, 1)
    });
    let again = snapshot_again(&site, &snapshot);
    let mut several = 0;
    let hosts: Vec<DocOrd> = snapshot.hosts().collect();
    for &host in &hosts {
        let of = |snapshot: &Snapshot, now| -> BTreeSet<String> {
            let cards = shown(snapshot, host, true, 20, now);
            cards.into_iter().map(|(id, ..)| id).collect()
        };
        let mut seen = BTreeSet::new();
        for hour in 0..24 {
            let end = UNTIL + hour * HOUR;
            let panel = of(&snapshot, end);
            if hour < 3 {
                assert_eq!(panel, of(&snapshot, end - HOUR + 1), "within an hour");
                assert_eq!(panel, of(&again, end), "another process");
            }
            seen.extend(panel);
        }
        several += usize::from(seen.len() >= 20 + 5);
    }
    assert!(
        several * 4 >= hosts.len() * 3,
        "{several} of {}",
        hosts.len()
    );
}

/// The site opened once more, with the same counts.
fn snapshot_again(site: &Site, first: &Snapshot) -> Snapshot {
    let again = snapshot(site, 1);
    again.count(first.counts());
    again
}

#[test]
fn without_readers_there_is_nothing_to_explore_for() {
    let site = site(60);
    let snapshot = snapshot(&site, 1);
    for host in snapshot.hosts() {
        let plain = shown(&snapshot, host, false, 20, UNTIL);
        assert_eq!(shown(&snapshot, host, true, 20, UNTIL), plain);
    }
}

#[test]
fn it_is_off_in_exports_and_by_setting() {
    let site = site(120);
    site.ok(&[
        "events",
        "simulate",
        "--seed",
        "1",
        "--visitors",
        "300",
        "--out",
        "e.jsonl",
    ]);
    site.ok(&["events", "import", "e.jsonl"]);
    let clock = || -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.expect("after 1970").as_secs().cast_signed()
    };
    let items = |server: &Server, page: usize| {
        server.json(&format!("/v1/related?url=/p{page}"))["items"].clone()
    };
    let exported = |now: i64| -> BTreeMap<String, Value> {
        let lines = site.json_export(&["--now", &now.to_string()]);
        let bodies = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let by_id = bodies.map(|body| {
            (
                body["article"]["id"].as_str().expect("an id").to_owned(),
                body["items"].clone(),
            )
        });
        by_id.collect()
    };
    // Whether each of some pages is served as it is exported; asked again if the hour ends meanwhile.
    let same = |server: &Server| loop {
        let end = (clock() / HOUR + 1) * HOUR;
        let exported = exported(end);
        let same: Vec<bool> = (0..30)
            .map(|page| items(server, page) == exported[&format!("/p{page}")])
            .collect();
        if clock() < end {
            return same;
        }
    };
    let run = || {
        site.ok(&[
            "export",
            "--format",
            "run",
            "--limit",
            "50",
            "--now",
            "2026-11-01",
            "--out",
            "-",
        ])
    };
    let before = run();
    let on = site.start(&["serve"]);
    let as_exported = same(&on).iter().filter(|same| **same).count();
    assert!(as_exported < 15, "{as_exported}");
    // What a command shows is what a server shows in this hour.
    let end = ((clock() / HOUR + 1) * HOUR).to_string();
    let shown = site.json(&["related", "/p1", "--json", "--now", &end]);
    assert!(shown["items"] == items(&on, 1) || clock() >= end.parse().expect("a number"));
    drop(on);
    site.write("readnext.toml", "exploration = 0\n");
    let off = site.start(&["serve"]);
    assert!(same(&off).iter().all(|same| *same));
    assert!(run() == before, "a run knows no exploration");
    for (setting, told) in [
        ("26", "found 26, expected a whole number from 0 to 25"),
        ("-1", "found -1"),
    ] {
        site.write("readnext.toml", &format!("exploration = {setting}\n"));
        let output = site.run(&["related", "/p1"]);
        assert_eq!(output.status.code(), Some(4));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "{said}");
    }
}

/// Visitors before there are new articles, and on each day after.
const BEFORE: u32 = 1_500;
const A_DAY: u32 = 150;

/// What comes of articles that are new to a site with readers.
#[derive(Debug, Default)]
struct Found {
    /// Pairs of a host and a new article that is among the 20 that the host's readers like best.
    good: f64,
    /// Those of them that were on a card.
    shown: f64,
    /// Clicks on cards, for each panel that was seen.
    clicks: f64,
}

/// `days` days of a site on which a tenth of the articles appears at [`UNTIL`].
fn new_articles(site: &Site, exploration: usize, seed: u64, days: i64) -> Found {
    let snapshot = snapshot(site, exploration);
    let mut readers = Readers::of(&snapshot);
    let settings = Settings {
        visitors: BEFORE,
        ..Settings::until(UNTIL, seed)
    };
    let pages: Vec<DocOrd> = snapshot.listed().collect();
    let new: HashSet<DocOrd> = pages.iter().copied().skip(3).step_by(10).collect();
    readers.missing.clone_from(&new);
    readers.come(settings);
    readers.missing.clear();
    let mut seen: HashSet<(DocOrd, DocOrd)> = HashSet::new();
    let (mut clicks, mut panels) = (0.0, 0.0);
    for day in 1..=days {
        let acts = readers.come(Settings {
            first: BEFORE + A_DAY * day as u32,
            visitors: A_DAY,
            days: 1,
            until: UNTIL + day * DAY,
            exploring: true,
            ..settings
        });
        for act in acts.iter().filter(|act| act.position.is_some()) {
            let first = act.position == Some(1);
            match act.kind {
                EventKind::Impression => panels += f64::from(first),
                _ => clicks += 1.0,
            }
            seen.extend(act.from.map(|host| (host, act.article)));
        }
    }
    let mut found = Found {
        clicks: clicks / panels,
        ..Found::default()
    };
    let simulation = Simulation::new(&snapshot, settings).expect("pages");
    for &host in &pages {
        let truth = simulation.truth(host);
        let others = pages.iter().filter(|&&page| page != host);
        let mut liked: Vec<(f64, DocOrd)> = others
            .map(|&page| (truth.relevance(&snapshot, page), page))
            .collect();
        liked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let best = liked.iter().take(20).map(|&(_, page)| page);
        for page in best.filter(|page| new.contains(page)) {
            found.good += 1.0;
            found.shown += f64::from(seen.contains(&(host, page)));
        }
    }
    found
}

#[test]
fn more_new_articles_reach_those_who_like_them_and_no_click_is_lost() {
    let pages = std::env::var("READNEXT_TEST_PAGES");
    let pages = pages.map_or(160, |text| text.parse().expect("a number"));
    let days = std::env::var("READNEXT_TEST_DAYS");
    let days = days.map_or(5, |text| text.parse().expect("a number"));
    let site = site(pages);
    let [without, with] = [0, 1].map(|exploration| {
        let found = new_articles(&site, exploration, 1, days);
        println!("{exploration} explored: {found:?}");
        found
    });
    assert!(with.good > 50.0 && with.good == without.good);
    assert!(with.shown > 1.05 * without.shown, "{with:?} {without:?}");
    assert!(with.clicks > 0.93 * without.clicks, "{with:?} {without:?}");
}
