//! What is learned from simulated readers, of whom is known what they like; and from logs that are half robots.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use readnext::config::Config;
use readnext::engine::Snapshot;
use readnext::eval::kendall_tau;
use readnext::eval::simulate::{Act, Settings, Simulation};
use readnext::index::Generations;
use readnext::model::{DocOrd, Event, EventKind, KeyedHash, NameOrd};
use readnext::signals::behavior::{Fold, Moment, Reads};

use crate::chance::Chance;
use crate::site::Site;

/// 2025-08-26, a Tuesday.
const UNTIL: i64 = 1_756_166_400;
const MORNING: &str = "2025-08-26";

fn snapshot(data: &Path) -> Snapshot {
    let config = Config::load(data, None).expect("settings");
    let snapshot = Snapshot::open(&Generations::under(data), &config).expect("whole");
    snapshot.expect("an index")
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let site = Site::sample().indexed();
    let simulate = |more: &[&str]| {
        let arguments = ["events", "simulate", "--until", MORNING, "--visitors", "50"];
        site.ok(&[&arguments, more].concat())
    };
    let first = simulate(&["--seed", "1", "--labels", "truth.tsv"]);
    assert_eq!(first, simulate(&["--seed", "1"]));
    assert_ne!(first, simulate(&["--seed", "2"]));
    let log = ["--format", "combined", "--robots", "0.5"];
    let robots = |seed| simulate(&[&log, &["--seed", seed, "--labels", "log.tsv"][..]].concat());
    let found = robots("1");
    assert_eq!(found, robots("1"));
    let own = simulate(&["--seed", "1", "--format", "combined"]);
    let labels = fs::read_to_string(site.path("log.tsv")).expect("labels");
    let marked: HashSet<usize> = labels
        .lines()
        .filter(|line| line.split('\t').count() == 2)
        .map(|line| {
            line.split('\t')
                .next()
                .expect("a number")
                .parse()
                .expect("a number")
        })
        .collect();
    let readers = found
        .lines()
        .zip(1..)
        .filter(|(_, number)| !marked.contains(number));
    assert!(readers.map(|(line, _)| line).eq(own.lines()));
    let truth = fs::read_to_string(site.path("truth.tsv")).expect("labels");
    assert!(labels.starts_with(&truth) && truth.lines().count() > 2_000);
    for line in truth.lines() {
        let relevance: f64 = line
            .split('\t')
            .nth(2)
            .expect("three")
            .parse()
            .expect("a number");
        assert!((0.0..=1.0).contains(&relevance), "{line}");
    }
    simulate(&["--seed", "1", "--out", "events.jsonl"]);
    let report = site.json(&["events", "import", "events.jsonl", "--json"]);
    let lines = first.lines().count();
    assert_eq!(report["matched"], lines);
    assert_eq!(report["new"], lines);
    for (wrong, told) in [
        (&["--robots", "0.5"][..], "add --format combined"),
        (
            &["--robots", "1", "--format", "combined"],
            "found 1, expected a share",
        ),
        (&["--until", "soon"], "--until: found \"soon\""),
    ] {
        let output = site.run(&[&["events", "simulate", "--seed", "1"], wrong].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn readers_behave_as_the_document_says() {
    let site = Site::sample().indexed();
    let snapshot = snapshot(&site.path("."));
    let settings = Settings {
        visitors: 5_000,
        shuffled: 1.0,
        ..Settings::until(UNTIL, 1)
    };
    let simulation = Simulation::new(&snapshot, settings).expect("pages");
    let mut last = 0;
    let mut sessions: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    let mut seen = [[0.0; 2]; 21];
    let (mut views, mut bounces) = (0.0, 0.0);
    simulation
        .run(&mut |act| {
            assert!(act.at >= last && act.at < UNTIL * 1000);
            last = act.at;
            if let Some(place) = act.position {
                seen[place as usize][usize::from(act.kind == EventKind::Click)] += 1.0;
            }
            if act.kind == EventKind::View {
                views += 1.0;
                bounces += f64::from(act.dwell.is_some_and(|dwell| dwell < 10_000));
                if act.from.is_none() {
                    sessions.entry(act.visitor).or_default().push(act.at);
                }
            }
            Ok(())
        })
        .expect("simulated");
    assert_eq!(sessions.len(), 5_000);
    let day = 86_400_000;
    let again = sessions
        .values()
        .filter(|views| views[views.len() - 1] - views[0] > day)
        .count();
    // Three in ten come again, some of them on the same day.
    assert!((1_350..1_550).contains(&again), "{again}");
    let rate = |place: usize| seen[place][1] / seen[place][0];
    let law: f64 = (2..=20).map(|place| 1.0 / place as f64).sum();
    let others: f64 = (2..=20).map(rate).sum();
    let as_the_law = others / law / rate(1);
    assert!((0.85..1.15).contains(&as_the_law), "{as_the_law}");
    assert!((0.03..0.1).contains(&rate(1)), "{}", rate(1));
    let bounced = bounces / views;
    assert!((0.3..0.5).contains(&bounced), "{bounced}");
}

/// The value of the behavior signal for `host` and each article at `now` (unix seconds).
fn values(fold: &Fold, host: &str, now: i64) -> BTreeMap<String, f64> {
    let mut names = (0..fold.len() as u32).map(NameOrd);
    let Some(host) = names.find(|&name| fold.name(name) == host) else {
        return BTreeMap::new();
    };
    let row = fold.row(host);
    let reads = Reads::of(&row, &Moment::new(now * 1000));
    let pairs = row.pairs.iter();
    pairs
        .map(|pair| {
            (
                fold.name(pair.partner).to_owned(),
                reads.pair(pair).value(0.0),
            )
        })
        .collect()
}

/// What readers of `simulation` add up to; `each` sees what they did.
pub(crate) fn folded(simulation: &Simulation<'_>, mut each: impl FnMut(&Act)) -> Fold {
    let snapshot = simulation.snapshot();
    let mut fold = Fold::default();
    let mut number = 0;
    simulation
        .run(&mut |act| {
            number += 1;
            let event = Event {
                at: act.at,
                visitor: KeyedHash(u64::from(act.visitor) << 40),
                network: None,
                kind: act.kind,
                article: snapshot.id(act.article),
                from: act.from.map(|from| snapshot.id(from)),
                position: act.position,
                dwell: act.dwell,
                id: None,
            };
            fold.apply(number, &event, &mut |_| {});
            each(act);
            Ok(())
        })
        .expect("simulated");
    fold
}

#[test]
fn how_readers_look_at_places_is_learned_from_cards_that_stood_in_several() {
    let site = Site::sample().indexed();
    let snapshot = snapshot(&site.path("."));
    let exponent = |bias: f64, visitors: u32, shuffled: f64| {
        let settings = Settings {
            visitors,
            shuffled,
            bias,
            ..Settings::until(UNTIL, 3)
        };
        let simulation = Simulation::new(&snapshot, settings).expect("pages");
        let fold = folded(&simulation, |_| {});
        fold.examination().exponent()
    };
    for bias in [0.5, 1.0, 1.5] {
        let found = exponent(bias, 10_000, 1.0);
        assert!((found - bias).abs() < 0.12, "{found} of {bias}");
    }
    // A hundred readers are not believed at once, and panels that never change tell nothing.
    let few = exponent(0.5, 100, 0.3);
    assert!(few > 0.6, "{few}");
    assert!((exponent(0.5, 3_000, 0.0) - 1.0).abs() < 1e-9);
}

/// Impressions from which a pair is compared, and pairs from which a host is.
const LEAST_SEEN: f64 = 50.0;
const LEAST_CARDS: usize = 10;

/// For each page that enough readers saw, how well orders of its cards agree with what they like: that of the behavior
/// signal, and that of clicks over impressions.
fn agreements(snapshot: &Snapshot, settings: Settings) -> Vec<(f64, f64)> {
    let simulation = Simulation::new(snapshot, settings).expect("pages");
    let mut counts: BTreeMap<DocOrd, BTreeMap<DocOrd, (f64, f64)>> = BTreeMap::new();
    let fold = folded(&simulation, |act| {
        if let (Some(from), Some(_)) = (act.from, act.position) {
            let cards = counts.entry(from).or_default();
            let (clicks, seen) = cards.entry(act.article).or_default();
            *clicks += f64::from(act.kind == EventKind::Click);
            *seen += f64::from(act.kind == EventKind::Impression);
        }
    });
    let mut found = Vec::new();
    for (host, cards) in counts {
        let truth = simulation.truth(host);
        let values = values(&fold, snapshot.id(host), settings.until);
        let seen = cards.iter().filter(|(_, (_, seen))| *seen >= LEAST_SEEN);
        let (ours, naive): (Vec<_>, Vec<_>) = seen
            .map(|(card, (clicks, seen))| {
                let relevance = truth.relevance(snapshot, *card);
                let value = values.get(snapshot.id(*card)).copied().unwrap_or(0.0);
                ((value, relevance), (clicks / seen, relevance))
            })
            .unzip();
        if ours.len() >= LEAST_CARDS {
            let tau = |ratings: &[_]| kendall_tau(ratings).unwrap_or(0.0);
            found.push((tau(&ours), tau(&naive)));
        }
    }
    found
}

/// The bounds between which 95% of the means of samples of `differences` lie.
fn bootstrap(differences: &[f64]) -> (f64, f64) {
    let mut chance = Chance::seeded(1);
    let mut mean = || {
        let drawn = (0..differences.len()).map(|_| *chance.of(differences));
        drawn.sum::<f64>() / differences.len() as f64
    };
    let mut means: Vec<f64> = (0..2_000).map(|_| mean()).collect();
    means.sort_by(f64::total_cmp);
    (means[50], means[1_949])
}

#[test]
fn what_readers_like_is_learned_better_than_from_clicks_over_impressions() {
    let site = Site::sample().indexed();
    let snapshot = snapshot(&site.path("."));
    let seeds = std::env::var("READNEXT_TEST_SEEDS");
    let seeds = 1..=seeds.map_or(5, |text| text.parse().expect("a number"));
    let found: Vec<(f64, f64)> = seeds
        .flat_map(|seed| {
            let settings = Settings {
                visitors: 5_000,
                shuffled: 0.5,
                ..Settings::until(UNTIL, seed)
            };
            agreements(&snapshot, settings)
        })
        .collect();
    let mean =
        |which: fn(&(f64, f64)) -> f64| found.iter().map(which).sum::<f64>() / found.len() as f64;
    let (ours, naive) = (mean(|found| found.0), mean(|found| found.1));
    let differences: Vec<f64> = found.iter().map(|(ours, naive)| ours - naive).collect();
    let (low, high) = bootstrap(&differences);
    let told = format!(
        "{} hosts: tau {ours:.3}, of clicks over impressions {naive:.3}, difference {low:.3} to {high:.3}",
        found.len()
    );
    println!("{told}");
    assert!(found.len() >= 20 && low > 0.0, "{told}");
}

/// The first cards of every panel, by page.
fn panels(site: &Site) -> BTreeMap<String, Vec<String>> {
    let run = site.ok(&[
        "export", "--format", "run", "--limit", "20", "--now", MORNING, "--out", "-",
    ]);
    let mut panels: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in run.lines() {
        let mut parts = line.split('\t').map(str::to_owned);
        let (host, card) = (parts.next().expect("a page"), parts.next().expect("a card"));
        panels.entry(host).or_default().push(card);
    }
    panels
}

#[test]
fn robots_that_are_left_out_change_next_to_nothing() {
    let site = Site::sample().indexed();
    let imported = |robots: &str, more: &[&str]| {
        let twin = site.twin();
        let simulate = [
            "events", "simulate", "--seed", "4", "--until", MORNING, "--format", "combined",
        ];
        let log = [
            "--visitors",
            "3000",
            "--robots",
            robots,
            "--out",
            "access.log",
        ];
        twin.ok(&[&simulate[..], &log].concat());
        twin.ok(&[&["events", "import", "access.log"], more].concat());
        panels(&twin)
    };
    let clean = imported("0", &[]);
    let same = |other: &BTreeMap<String, Vec<String>>| {
        let kept = clean.iter().map(|(host, cards)| {
            let others: HashSet<&String> = other[host].iter().collect();
            let kept = cards.iter().filter(|card| others.contains(card)).count();
            20.0 * kept as f64 / cards.len() as f64
        });
        kept.sum::<f64>() / clean.len() as f64
    };
    let (dropped, kept) = (
        same(&imported("0.5", &["--drop-robots"])),
        same(&imported("0.5", &[])),
    );
    println!("of 20 cards {dropped:.2} stay where robots are left out, {kept:.2} where not");
    assert!(dropped >= 19.0 && kept < dropped, "{dropped} {kept}");
}
