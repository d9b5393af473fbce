//! Articles that come over HTTP in one order or another: where they stand follows from the last of each, and a server that starts
//! again shows what it showed.

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::newcomers::{items, of, restarted, site};

/// The last records of five articles, two of which the site has, and what some of them were before.
fn records() -> Vec<(&'static str, Vec<Value>)> {
    let linking = |mut record: Value| {
        record["links"] = json!(["/two", "/telescope1"]);
        record
    };
    vec![
        ("/new", vec![of(2, 7), of(1, 9)]),
        ("/two", vec![of(1, 10)]),
        ("/three", vec![of(0, 11), linking(of(1, 11))]),
        ("/bicycle2", vec![of(1, 14)]),
        ("/espresso0", vec![of(0, 15), of(1, 15), of(2, 8)]),
    ]
}

/// All of them in an order that `seed` tells, those of one article one after the other.
fn shuffled(seed: u64) -> Vec<(&'static str, Value)> {
    let mut left = records();
    let mut state = seed;
    let mut order = Vec::new();
    while !left.is_empty() {
        // A linear congruential walk (Knuth, volume 2, section 3.3.4).
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let place = (state >> 33) as usize % left.len();
        let (id, records) = &mut left[place];
        order.push((*id, records.remove(0)));
        if records.is_empty() {
            left.remove(place);
        }
    }
    order
}

/// Cards, best first, and their scores.
type Panel = Vec<(String, f64)>;

/// The panels of every host that matters.
fn panels(server: &Keyed) -> Vec<Panel> {
    let named = ["/new", "/two", "/three"].map(str::to_owned);
    let subjects = ["espresso", "bicycle", "telescope"];
    let pages = subjects.iter().flat_map(|subject| {
        let numbers = 0..6;
        numbers.map(move |number| format!("/{subject}{number}"))
    });
    let cards = |host: String| {
        let of = |item: &Value| {
            let id = item["id"].as_str().expect("an id").to_owned();
            (id, item["score"].as_f64().expect("a score"))
        };
        items(server, &host).iter().map(of).collect()
    };
    named.into_iter().chain(pages).map(cards).collect()
}

/// Whether the same cards stand in both with the same scores, but for the last digit: sums run in another order.
fn are_alike(one: &Panel, other: &Panel) -> bool {
    let sorted = |panel: &Panel| {
        let mut panel = panel.clone();
        panel.sort_by(|a, b| a.0.cmp(&b.0));
        panel
    };
    let near = |(a, b): (&(String, f64), &(String, f64))| a.0 == b.0 && (a.1 - b.1).abs() < 2e-4;
    one.len() == other.len() && sorted(one).iter().zip(&sorted(other)).all(near)
}

#[test]
fn the_same_articles_stand_in_the_same_panels_in_whatever_order_they_came_and_after_a_restart() {
    let mut first: Option<Vec<Panel>> = None;
    for seed in 1..=4 {
        let site = site();
        let server = Keyed::start(&site);
        for (id, record) in shuffled(seed) {
            assert!([200, 201].contains(&server.put(id, &record).0));
        }
        let running = panels(&server);
        assert!(running.iter().all(|cards| !cards.is_empty()));
        let again = panels(&restarted(&site, server));
        for (before, after) in running.iter().zip(&again) {
            assert_eq!(before, after, "after a restart, order {seed}");
        }
        let first = first.get_or_insert_with(|| running.clone());
        for (one, other) in first.iter().zip(&running) {
            assert!(
                are_alike(one, other),
                "in order {seed}: {one:?} and {other:?}"
            );
        }
    }
}
