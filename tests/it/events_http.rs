//! Events over HTTP: what is taken, what is ignored and why, and that what was acknowledged is kept and ranks.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::poster::panels;
use crate::site::{Server, Site};

/// How long an event may take to show.
const SOON: Duration = Duration::from_secs(5);
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A site of pages that all share their words.
fn site() -> Site {
    let site = Site::new();
    for page in ["a", "b", "c", "d", "e"] {
        site.write(
            &format!("corpus/{page}.md"),
            &format!("---\ntitle: Grinder {page}\n---\nEspresso needs fresh beans, a grinder and pressure. Page {page} tells how.\n"),
        );
    }
    site.indexed()
}

/// Posts `events` as a browser would, with further headers; status and answer.
fn post(server: &Server, events: &Value, headers: &[(&str, &str)]) -> (u16, Value) {
    let body = json!({ "events": events }).to_string();
    let mut all = vec![("content-type", "text/plain"), ("user-agent", BROWSER)];
    all.extend_from_slice(headers);
    let (status, answer) = server.post("/v1/events", &body, &all);
    (status, serde_json::from_str(&answer).expect("JSON"))
}

/// What readers give to the first card's score in the panel of `/a`, and its id.
fn behavior(server: &Server, card: &str) -> f64 {
    let panel = server.json("/v1/related?url=/a");
    let items = panel["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["id"] == card);
    item.map_or(0.0, |item| {
        item["signals"]["behavior"].as_f64().expect("a number")
    })
}

fn waits_for(holds: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while !holds() {
        if started.elapsed() > SOON {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

#[test]
fn a_click_that_the_panel_vouches_for_ranks_its_card_and_survives() {
    let site = site();
    let server = site.start(&["serve"]);
    let token = server.json("/v1/related?url=/a")["panel"].clone();
    assert!(token.is_string());
    let before = behavior(&server, "/c");
    let click = json!([{"type": "click", "article": "/c", "from": "/a", "panel": token}]);
    assert_eq!(
        post(&server, &click, &[]),
        (202, json!({"accepted": 1, "ignored": []}))
    );
    assert!(
        waits_for(|| behavior(&server, "/c") > before),
        "{}",
        server.said()
    );
    let live = behavior(&server, "/c");
    // A second click of the same reader on the same day says nothing new.
    let (status, answer) = post(&server, &click, &[]);
    assert_eq!((status, &answer["accepted"]), (202, &json!(0)));
    assert_eq!(
        answer["ignored"][0]["reason"],
        "it was counted today already"
    );
    drop(server);
    // Counted as they came is as counted from the journal.
    let now = ["--now", "2100-01-01"];
    let run = [&["export", "--format", "run", "--out", "-"][..], &now].concat();
    let replayed = site.ok(&run);
    assert!(!site.path("index/reads.bin").exists());
    // Killed, not stopped: the journal has what was acknowledged.
    let exported = site.ok(&["events", "export"]);
    let event: Value = serde_json::from_str(exported.trim()).expect("one event");
    assert_eq!(
        (&event["type"], &event["from"]),
        (&json!("click"), &json!("/a"))
    );
    assert!(event["visitor"].as_str().expect("a hash").starts_with("h:"));
    let server = site.start(&["serve"]);
    assert!(waits_for(|| (behavior(&server, "/c") - live).abs() < 0.001));
    assert_eq!(server.stop(), Some(0));
    let published = fs::metadata(site.path("index/reads.bin")).expect("the read file");
    assert_eq!(site.ok(&run), replayed);
    // A server that counts nothing new writes nothing.
    assert_eq!(site.start(&["serve"]).stop(), Some(0));
    let after = fs::metadata(site.path("index/reads.bin")).expect("the read file");
    assert_eq!(
        after.modified().expect("a time"),
        published.modified().expect("a time")
    );
}

#[test]
fn what_is_not_taken_is_told() {
    let site = site();
    let server = site.start(&["serve"]);
    let token = server.json("/v1/related?url=/a")["panel"].clone();
    let events = json!([
        {"type": "view", "article": "/nowhere"},
        {"type": "stare", "article": "/a"},
        {"type": "impression", "article": "/b", "from": "/a"},
        {"type": "impression", "article": "/b", "from": "/c", "panel": token},
        {"type": "impression", "article": "/b", "from": "/a", "panel": token},
        {"type": "click", "article": "/b", "from": "/a", "panel": "forged"},
        {"article": "/a"},
        7,
        null,
        ["view", "/a"],
    ]);
    let (status, answer) = post(&server, &events, &[]);
    assert_eq!((status, &answer["accepted"]), (202, &json!(2)), "{answer}");
    let ignored = answer["ignored"].as_array().expect("a list");
    let indexes: Vec<u64> = ignored
        .iter()
        .filter_map(|one| one["index"].as_u64())
        .collect();
    assert_eq!(indexes, [0, 1, 2, 3, 6, 7, 8, 9]);
    let reasons = ignored.iter().filter_map(|one| one["reason"].as_str());
    assert!(reasons.clone().count() == ignored.len());
    // In words of whoever sends events, not of this program.
    for reason in reasons {
        assert!(
            !reason.contains("struct") && !reason.contains("a line"),
            "{reason}"
        );
    }
    assert_eq!(ignored[0]["reason"], "article: it is none of this site's");
    let key = format!("authorization: Bearer {}\r\n", server.first_key());
    let metrics = Connection::to(&server).get("/metrics", &key).body;
    let metrics = String::from_utf8(metrics).expect("UTF-8");
    for (reason, count) in [("unknown_article", 1), ("no_panel", 2), ("malformed", 5)] {
        let line = format!("readnext_events_ignored_total{{reason=\"{reason}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    // A click that nothing vouches for is a view.
    let kept = site.ok(&["events", "export"]);
    let kinds: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|event| json!([event["type"], event["from"], event["position"]]))
        .collect();
    assert_eq!(kinds[1], json!(["view", null, null]));
    assert_eq!(
        (&kinds[0][0], &kinds[0][1]),
        (&json!("impression"), &json!("/a"))
    );
}

#[test]
fn who_does_not_want_to_be_recorded_and_robots_are_not() {
    let site = site();
    let server = site.start(&["serve"]);
    let view = json!([{"type": "view", "article": "/a"}]);
    for headers in [
        [("sec-gpc", "1"), ("accept", "*/*")],
        [
            ("user-agent", "ExampleBot/1.0 (+https://example.org/bot)"),
            ("accept", "*/*"),
        ],
    ] {
        let (status, answer) = post(&server, &view, &headers);
        assert_eq!((status, &answer["accepted"]), (202, &json!(0)), "{answer}");
    }
    // A browser inside of an app that has no name in ASCII is none.
    let agent = ("user-agent", "Mozilla/5.0 (iPhone) MicroMessenger/微信");
    let request = format!("content-type: text/plain\r\n{}: {}\r\n", agent.0, agent.1);
    let body = json!({"events": [{"type": "like", "article": "/a"}]}).to_string();
    let answer = Connection::to(&server).ask("POST", "/v1/events", &request, &body);
    let answer = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(answer.starts_with("{\"accepted\":1"), "{answer}");
    // Only with the setting is DNT asked.
    assert_eq!(post(&server, &view, &[("dnt", "1")]).1["accepted"], 1);
    assert_eq!(site.ok(&["events", "export"]).lines().count(), 2);
}

#[test]
fn bodies_that_cannot_be_used_are_refused() {
    let site = site();
    let server = site.start(&["serve"]);
    let large = format!("{{\"events\": [{}]}}", " ".repeat(70_000));
    for (body, kind, wanted, code) in [
        ("{}", "text/plain", 400, "bad_body"),
        ("", "text/plain", 400, "bad_body"),
        ("[]", "text/plain", 400, "bad_body"),
        ("hello", "application/json", 400, "bad_body"),
        ("{\"events\": []}", "text/html", 415, "unknown_content_type"),
        (large.as_str(), "text/plain", 413, "too_large"),
    ] {
        let (status, answer) = server.post("/v1/events", body, &[("content-type", kind)]);
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(
            (status, answer["code"].as_str()),
            (wanted, Some(code)),
            "{answer}"
        );
        if code == "bad_body" {
            let detail = answer["detail"].as_str().expect("a sentence");
            assert!(!detail.contains("struct"), "{detail}");
            let place = &answer["errors"][0];
            let counted = [&place["line"], &place["column"]];
            assert!(counted.iter().all(|one| one.as_u64() > Some(0)), "{place}");
        }
    }
    let none = server.post(
        "/v1/events",
        "{\"events\": []}",
        &[("content-type", "text/plain")],
    );
    assert_eq!(none, (202, "{\"accepted\":0,\"ignored\":[]}".to_owned()));
}

#[test]
fn commands_write_beside_a_server_which_counts_what_they_write() {
    let site = site();
    let server = site.start(&["serve"]);
    let mut lines = String::new();
    for visitor in 0..5 {
        for (second, article) in ["/a", "/d"].iter().enumerate() {
            lines.push_str(&json!({"ts": 1_700_000_000 + second, "visitor": format!("v{visitor}"), "article": article, "type": "view"}).to_string());
            lines.push('\n');
        }
    }
    fs::write(site.path("events.jsonl"), lines).expect("written");
    let events = site.path("events.jsonl");
    let told = site.ok(&["events", "import", events.to_str().expect("UTF-8")]);
    assert!(told.contains("10 events kept"), "{told}");
    assert!(
        waits_for(|| behavior(&server, "/d") > 0.0),
        "{}",
        server.said()
    );
    // Five visitors are enough to be spoken of.
    let explained = server.json("/v1/related?url=/a&explain=true");
    let items = explained["items"].as_array().expect("items");
    let item = items
        .iter()
        .find(|item| item["id"] == "/d")
        .expect("a card");
    let told = json!({"signal": "behavior", "text": "read by visitors of this article"});
    assert_eq!(item["evidence"][0], told);
    // The server has its journal back.
    let view = json!([{"type": "view", "article": "/a"}]);
    assert_eq!(post(&server, &view, &[]).1["accepted"], 1);
    assert_eq!(server.get("/readyz?writes").0, 200);
    assert_eq!(server.stop(), Some(0));
    assert!(!site.path("readnext.sock").exists());
    let told = site.ok(&["events", "import", events.to_str().expect("UTF-8")]);
    assert!(
        told.contains("0 events kept, 10 were there already"),
        "{told}"
    );
}

#[test]
fn nothing_that_names_a_reader_is_written() {
    let site = site();
    let server = site.start(&["serve"]);
    let agent = "Mozilla/5.0 (Planted Agent 4711)";
    let view = json!([{"type": "view", "article": "/a", "visitor": "planted@example.org", "id": "planted@example.org"}]);
    for forwarded in ["203.0.113.77", "2001:db8:4711::77"] {
        let headers = [("user-agent", agent), ("x-forwarded-for", forwarded)];
        assert_eq!(post(&server, &view, &headers).0, 202);
    }
    let record = json!({"ts": 1_700_000_000, "visitor": "planted@example.org", "article": "/a", "type": "view"});
    fs::write(site.path("in.jsonl"), format!("{record}\n")).expect("written");
    let log = format!(
        "203.0.113.77 - - [10/Oct/2025:13:55:36 +0000] \"GET /a HTTP/1.1\" 200 2326 \"-\" \"{agent}\"\n"
    );
    fs::write(site.path("in.log"), log).expect("written");
    for file in ["in.jsonl", "in.log"] {
        let path = site.path(file);
        site.ok(&["events", "import", path.to_str().expect("UTF-8")]);
        fs::remove_file(path).expect("removed");
    }
    assert_eq!(server.stop(), Some(0));
    let planted = [
        "planted@",
        "Planted Agent",
        "203.0.113",
        "2001:db8:4711",
        "127.0.0.1",
    ];
    for file in site.files() {
        let bytes = fs::read(&file).expect("read");
        for text in planted {
            let found = bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            assert!(!found, "{text} in {}", file.display());
        }
    }
}

#[test]
fn while_another_process_has_the_journal_events_are_turned_away_and_panels_are_not() {
    let site = site();
    let first = site.start(&["serve"]);
    let second = site.start(&["serve"]);
    let view = json!([{"type": "view", "article": "/a"}]);
    assert_eq!(post(&second, &view, &[]).0, 503);
    // The first one still lends its journal.
    assert!(
        site.ok(&["events", "erase", "--visitor", "nobody"])
            .contains("no events")
    );
    assert_eq!(second.get("/v1/related?url=/a").0, 200);
    assert_eq!(
        (second.get("/readyz").0, second.get("/readyz?writes").0),
        (200, 503)
    );
    assert_eq!(post(&first, &view, &[]).0, 202);
    assert_eq!(first.stop(), Some(0));
    // By itself, once the journal is free.
    assert!(
        waits_for(|| post(&second, &view, &[]).0 == 202),
        "{}",
        second.said()
    );
    assert_eq!(second.get("/readyz?writes").0, 200);
    // And lends it then, as the first one did.
    assert!(
        waits_for(|| second
            .said()
            .contains("commands can write beside this server now")),
        "{}",
        second.said()
    );
    site.write("in.jsonl", "");
    site.ok(&["events", "import", "in.jsonl"]);
    assert_eq!(second.stop(), Some(0));
}

#[test]
fn what_is_erased_was_never_seen() {
    let record = |visitor: &str, second: u32, article: &str| {
        json!({"ts": 1_700_000_000 + second, "visitor": visitor, "article": article, "type": "view"}).to_string()
    };
    let mut others = Vec::new();
    for turn in 0..40 {
        let article = ["/a", "/b", "/c", "/d", "/e"][(turn * 7 % 5) as usize];
        others.push(record(&format!("v{}", turn % 3), turn * 60, article));
    }
    // The one to be erased is the first to name some articles, and the last to do anything.
    let mut all = vec![record("anna", 0, "/e"), record("anna", 1, "/b")];
    all.extend(others.iter().cloned());
    all.push(record("anna", 90_000, "/a"));
    all.push(record("anna", 90_001, "/c"));
    let (site, twin) = (site(), site());
    for (site, lines) in [(&site, all), (&twin, others)] {
        site.write("in.jsonl", &(lines.join("\n") + "\n"));
        let path = site.path("in.jsonl");
        site.ok(&["events", "import", path.to_str().expect("UTF-8")]);
    }
    assert_ne!(panels(&site), panels(&twin));
    let server = site.start(&["serve"]);
    let seen = behavior(&server, "/c");
    let told = site.ok(&["events", "erase", "--visitor", "anna"]);
    assert!(told.contains("4 events erased"), "{told}");
    assert_eq!(panels(&site), panels(&twin));
    assert!(
        waits_for(|| (behavior(&server, "/c") - seen).abs() > 0.0),
        "{}",
        server.said()
    );
    assert_eq!(server.stop(), Some(0));
    assert_eq!(panels(&site), panels(&twin));
    assert_eq!(site.ok(&["events", "export"]).lines().count(), 40);
    let told = site.ok(&["events", "erase", "--visitor", "anna"]);
    assert!(told.contains("no events"), "{told}");
    // The numbers of what is gone are not given again.
    let path = site.path("in.jsonl");
    let told = site.ok(&["events", "import", path.to_str().expect("UTF-8")]);
    assert!(
        told.contains("4 events kept, 40 were there already"),
        "{told}"
    );
}
