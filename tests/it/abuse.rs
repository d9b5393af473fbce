//! Whoever clicks a lot moves a weight by no more than the cap, and it is listed what was held back, of nobody.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use readnext::engine::Counted;
use readnext::model::NameOrd;
use readnext::signals::behavior::{Moment, Reads};
use serde_json::{Value, json};

use crate::poster::site;
use crate::site::{Server, Site};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Reads of `article` beside `host`, as a server or a command counts them.
fn weight(site: &Site, host: &str, article: &str) -> f64 {
    let fold = Counted::load(&site.path(""), i64::MAX).expect("read").fold;
    let mut numbers = (0..fold.len() as u32).map(NameOrd);
    let Some(host) = numbers.find(|&number| fold.name(number) == host) else {
        return 0.0;
    };
    let row = fold.row(host);
    let reads = Reads::of(&row, &Moment::new(fold.newest()));
    let mut pairs = row.pairs.iter();
    let pair = pairs.find(|pair| fold.name(pair.partner) == article);
    pair.map_or(0.0, |pair| reads.long_run(pair))
}

/// Posts as a browser at `address` would; how many of `events` were taken.
fn post(server: &Server, address: &str, events: &[Value]) -> u64 {
    let body = json!({ "events": events }).to_string();
    let headers = [
        ("content-type", "text/plain"),
        ("user-agent", BROWSER),
        ("x-forwarded-for", address),
    ];
    let (status, answer) = server.post("/v1/events", &body, &headers);
    assert_eq!(status, 202, "{answer}");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    answer["accepted"].as_u64().expect("a number")
}

/// What `report abuse` lists of `article` beside `host`: events and reads, by reason.
fn listed(site: &Site, host: &str, article: &str, why: &str) -> Option<(u64, f64)> {
    let report = site.json(&["report", "abuse", "--json"]);
    let rows = report["withheld"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["from"] == host && row["article"] == article && row["why"] == why)?;
    assert_eq!(row["day"].as_str().map(str::len), Some("2026-11-27".len()));
    let events = row["events"].as_u64().expect("a number");
    Some((events, row["reads"].as_f64().unwrap_or_default()))
}

#[test]
fn ten_thousand_clicks_of_one_visitor_and_a_thousand_addresses_of_one_network_move_a_weight_by_the_cap()
 {
    let site = site();
    let server = site.start(&["serve"]);
    let token = server.json("/v1/related?url=/a")["panel"].clone();
    let click = json!({"type": "click", "article": "/b", "from": "/a", "panel": token});
    let taken: u64 = (0..50)
        .map(|_| post(&server, "192.0.2.1", &vec![click.clone(); 200]))
        .sum();
    assert_eq!(taken, 1);
    let of_visitor = weight(&site, "/a", "/b");
    assert!((of_visitor - 1.0).abs() < 0.001, "{of_visitor}");
    let click = json!({"type": "click", "article": "/c", "from": "/a", "panel": token});
    let taken: u64 = (0..1000)
        .map(|turn| {
            post(
                &server,
                &format!("2001:db8:1:{turn:x}::1"),
                std::slice::from_ref(&click),
            )
        })
        .sum();
    assert_eq!(taken, 1000);
    let of_network = weight(&site, "/a", "/c");
    assert!((of_network - 5.0).abs() < 0.005, "{of_network}");
    // Panels without tokens: a click is a view then, and a view is a read after the one before.
    let views: Vec<Value> = (0..100)
        .map(|turn| json!({"type": "view", "article": if turn % 2 == 0 { "/d" } else { "/e" }, "id": turn.to_string()}))
        .collect();
    assert_eq!(post(&server, "198.51.100.1", &views), 100);
    let of_views = weight(&site, "/d", "/e");
    assert!((of_views - 1.0).abs() < 0.001, "{of_views}");
    assert_eq!(server.stop(), Some(0));
    // The state that the server had is the one that the journal gives on an empty one.
    let data = site.path("");
    let live = Counted::filed(&data).expect("read").fold;
    assert!(live.in_file() == live.len() && live.len() == 5);
    fs::remove_file(site.path("index/reads.bin")).expect("removed");
    let replayed = Counted::load(&data, i64::MAX).expect("read").fold;
    assert_eq!(live.digest(), replayed.digest());

    let events = |host, article, why| listed(&site, host, article, why).map_or(0, |row| row.0);
    // Of the first minute 240 were looked at; a second minute looks at as many more.
    let (rate, repeated) = (events("/a", "/b", "rate"), events("/a", "/b", "repeated"));
    assert_eq!(rate + repeated, 9_999);
    assert!(rate > 9_000 && repeated >= 239, "{rate} {repeated}");
    let (events, reads) = listed(&site, "/a", "/c", "network").expect("listed");
    assert_eq!((events, reads.round()), (995, 995.0));
    let (events, reads) = listed(&site, "/d", "/e", "visitor").expect("listed");
    assert!(events >= 48 && reads > 48.0, "{events} {reads}");
    let text = site.ok(&["report", "abuse"]);
    assert!(
        text.contains("/c beside /a  995 events, 995.0 reads: more than a network adds"),
        "{text}"
    );
    let csv = site.ok(&["report", "abuse", "--csv"]);
    assert!(csv.starts_with("day,from,article,why,events,reads\n"));
    assert!(csv.contains(",/a,/c,network,995,995.00\n"), "{csv}");
    for secret in ["h:", "192.0.2", "2001:db8", "Mozilla"] {
        let json = site.ok(&["report", "abuse", "--json"]);
        assert!(!text.contains(secret) && !csv.contains(secret) && !json.contains(secret));
    }
}

#[test]
fn what_is_turned_away_is_kept_while_the_server_runs_and_damage_of_it_is_said() {
    let site = site();
    assert_eq!(
        site.ok(&["report", "abuse"]),
        "nothing was held back in the last 30 days\n"
    );
    let server = site.start(&["serve"]);
    let views = vec![json!({"type": "view", "article": "/a"}); 250];
    assert_eq!(post(&server, "192.0.2.1", &views), 240);
    let started = Instant::now();
    while !site.path("journal/turned-away.tsv").exists() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{}",
            server.said()
        );
        post(
            &server,
            "192.0.2.2",
            &[json!({"type": "view", "article": "/b"})],
        );
        thread::sleep(Duration::from_millis(200));
    }
    drop(server);
    let report = site.json(&["report", "abuse", "--json"]);
    let row = &report["withheld"][0];
    assert_eq!((&row["why"], &row["events"]), (&json!("rate"), &json!(10)));
    assert_eq!((&row["from"], &row["reads"]), (&Value::Null, &Value::Null));
    site.write("journal/turned-away.tsv", "damaged");
    let output = site.run(&["report", "abuse"]);
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("turned-away.tsv"), "{told}");
}
