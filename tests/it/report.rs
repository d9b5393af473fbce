//! Reports: what the site's own data says, as text, JSON and CSV.

use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::site::Site;

const START: u64 = 1_756_000_000;

fn event(
    kind: &str,
    article: &str,
    from: Option<&str>,
    position: Option<u64>,
    number: u64,
) -> Value {
    let mut event = json!({"ts": START + number, "visitor": format!("v{number}"), "article": article, "type": kind});
    if let Some(from) = from {
        event["from"] = json!(from);
    }
    if let Some(position) = position {
        event["position"] = json!(position);
    }
    event
}

#[test]
fn behavior_tells_rates_with_intervals_what_panels_show_and_names_that_lead_nowhere() {
    let site = Site::sample().indexed();
    let host = "/tool/pandas/overview";
    let cards = site.related(host);
    let (first, second) = (cards[0].as_str(), cards[1].as_str());
    let mut events: Vec<Value> = Vec::new();
    for number in 0..10 {
        events.push(event("impression", first, Some(host), Some(1), number));
        events.push(event("impression", second, Some(host), Some(2), number));
    }
    events.push(event("impression", second, Some(host), Some(25), 20));
    events.push(event("click", first, Some(host), Some(1), 0));
    // A link in the text, no card.
    events.push(event("click", first, Some(host), None, 30));
    for number in 40..43 {
        events.push(event("view", "/gone", None, None, number));
    }
    events.push(event("view", host, Some("/old"), None, 50));
    site.events(&events);
    let found = site.json(&["report", "behavior", "--json", "--now", "2025-08-26"]);
    let rows = |about: &str| found[about].as_array().expect("rows").clone();
    let positions = rows("by_position");
    let names: Vec<&str> = positions
        .iter()
        .filter_map(|row| row["name"].as_str())
        .collect();
    assert_eq!(names, ["1", "2", "beyond 20"]);
    assert_eq!(
        (&positions[0]["seen"], &positions[0]["clicks"]),
        (&json!(10), &json!(1))
    );
    // 1 of 10 by Wilson: 0.0179 to 0.4042.
    let rate = |bound: &str| positions[0]["rate"][bound].as_f64().expect("a number");
    assert!((rate("mean") - 0.1).abs() < 1e-12);
    assert!((rate("low") - 0.0179).abs() < 5e-5 && (rate("high") - 0.4042).abs() < 5e-5);
    let sum = |about: &str, what: &str| -> u64 {
        let rows = rows(about);
        rows.iter()
            .map(|row| row[what].as_u64().expect("a number"))
            .sum()
    };
    for about in ["by_position", "by_kind", "by_reason"] {
        assert_eq!(
            (sum(about, "seen"), sum(about, "clicks")),
            (21, 1),
            "{about}"
        );
    }
    assert_eq!(
        found["unknown"],
        json!([{"name": "/gone", "events": 3}, {"name": "/old", "events": 1}])
    );
    let coverage = &found["coverage"];
    let panels = site.json_export(&["--now", "2025-08-26"]);
    let panels: Vec<Value> = panels
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let related = |panel: &Value| {
        let items = panel["items"].as_array().expect("items").clone();
        items
            .into_iter()
            .filter(|item| !item["match"].is_null())
            .collect::<Vec<_>>()
    };
    let full = panels
        .iter()
        .filter(|panel| related(panel).len() == 20)
        .count();
    let mut shown: Vec<String> = panels
        .iter()
        .flat_map(related)
        .map(|item| item["id"].to_string())
        .collect();
    shown.sort();
    shown.dedup();
    assert_eq!(
        (&coverage["pages"], &coverage["full"]),
        (&json!(panels.len()), &json!(full))
    );
    assert_eq!(coverage["shown"], json!(shown.len()));
    let gini = coverage["gini"].as_f64().expect("a number");
    assert!(gini > 0.0 && gini < 1.0, "{gini}");
    assert_eq!(found["examination"], json!(1.0));
    let csv = site.ok(&["report", "behavior", "--csv", "--now", "2025-08-26"]);
    assert!(
        csv.starts_with(
            "about,name,seen,clicks,rate,low,high\nposition,1,10,1,0.100000,0.017876,0.404150\n"
        ),
        "{csv}"
    );
    assert!(
        csv.contains("\nunknown,/gone,3,,,,\n")
            && csv.lines().all(|line| line.matches(',').count() == 6)
    );
    let text = site.ok(&["report", "behavior", "--now", "2025-08-26"]);
    assert!(
        text.contains("1.79% to 40.42%") && text.contains("/gone"),
        "{text}"
    );
}

#[test]
fn what_was_just_imported_counts_for_commands() {
    let site = Site::sample().indexed();
    let page = "/tool/pandas/overview";
    let clock = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a time")
    };
    // An event that happens right before the report is made, as the end of the second that has begun may be.
    let second = clock().as_secs() + 1;
    let mut now = event("view", page, None, None, 0);
    now["ts"] = json!(second as f64 + 0.5);
    site.events(&[now]);
    let explicit = second.to_string();
    let before = site.json(&["report", "behavior", "--json", "--now", &explicit]);
    assert_eq!(
        before["events"], 0,
        "a time that is given is taken as it is"
    );
    while clock().as_millis() < u128::from(second) * 1000 + 500 {
        thread::sleep(Duration::from_millis(5));
    }
    let found = site.json(&["report", "behavior", "--json"]);
    assert_eq!(found["events"], 1);
}

#[test]
fn more_clicks_than_cards_seen_give_no_rate() {
    let site = Site::sample().indexed();
    let host = "/tool/pandas/overview";
    let card = site.related(host).remove(0);
    let mut events = vec![event("impression", &card, Some(host), Some(1), 0)];
    events.extend((0..30).map(|number| event("click", &card, Some(host), Some(1), number)));
    site.events(&events);
    let found = site.json(&["report", "behavior", "--json"]);
    let row = &found["by_position"][0];
    assert_eq!((&row["seen"], &row["clicks"]), (&json!(1), &json!(30)));
    assert_eq!(row["rate"], Value::Null);
    let text = site.ok(&["report", "behavior"]);
    assert!(
        text.contains("more clicks than cards seen: impressions are missing")
            && !text.contains("100.00%"),
        "{text}"
    );
}

#[test]
fn a_mistyped_data_folder_is_named_and_not_taken_for_one_without_events() {
    let site = Site::new();
    site.write("events.jsonl", "");
    let missing = site.path("nonexist");
    let missing = missing.to_str().expect("UTF-8");
    for arguments in [
        &["events", "import", "events.jsonl"][..],
        &["events", "export"],
        &["events", "erase", "--visitor", "anna"],
        &["report", "abuse"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_readnext"))
            .args(arguments)
            .args(["--data", missing])
            .current_dir(site.path(""))
            .output()
            .expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(
            told.contains(&format!("found no folder {missing}; check --data")),
            "{arguments:?}: {told}"
        );
        assert!(output.stdout.is_empty());
    }
}
