//! What caches are told of panels, and that a panel that is kept is the panel that would be made.

use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::connection::{Answer, Connection};
use crate::site::{Server, Site};

const PANEL: &str = "/v1/related?url=/tool/pandas/overview";
const READER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[test]
fn panels_tell_caches_how_long_and_by_what() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    for path in [PANEL, "/v1/related.html?url=/tool/pandas/overview"] {
        let answer = connection.get(path, "");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400"
        );
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        let head = connection.ask("HEAD", path, "", "");
        assert_eq!(head.status, 200);
        for name in ["etag", "content-length", "content-type", "cache-control"] {
            assert_eq!(head.header(name), answer.header(name), "{path}: {name}");
        }
    }
    let error = connection.get("/v1/related?url=/nowhere", "");
    assert_eq!(error.header("cache-control"), "no-store");
}

#[test]
fn the_cache_control_is_a_setting() {
    let site = Site::sample().indexed();
    site.write("readnext.toml", "[serve]\ncache_control = \"max-age=5\"\n");
    let server = site.start(&["serve"]);
    let answer = Connection::to(&server).get(PANEL, "");
    assert_eq!(answer.header("cache-control"), "max-age=5");
}

#[test]
fn who_has_a_panel_already_is_not_sent_it_again() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let first = connection.get(PANEL, "");
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
    for listed in [
        tag.clone(),
        format!("\"other\", {tag}"),
        format!("W/{tag}"),
        "*".to_owned(),
    ] {
        let again = connection.get(PANEL, &format!("if-none-match: {listed}\r\n"));
        assert_eq!((again.status, again.body.len()), (304, 0), "{listed}");
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), first.header("cache-control"));
        assert_eq!(again.header("vary"), "Accept-Encoding");
    }
    let other = connection.get(PANEL, "if-none-match: \"other\"\r\n");
    assert_eq!((other.status, other.body), (200, first.body));
    let five = connection.get(&format!("{PANEL}&limit=5"), "");
    assert_ne!(five.header("etag"), tag);
}

#[test]
fn the_tag_is_of_the_items_alone() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let before = connection.get(PANEL, "");
    // A generation that changes nothing on this panel: fill is dated, and this page is older than all others.
    site.write(
        "corpus/alone.md",
        "---\ntitle: Zuckerrübensirup\nlang: de\ndate: 1990-01-01\n---\nZuckerrübensirup wird aus Zuckerrüben gekocht.\n",
    );
    site.ok(&["reindex"]);
    assert!(server.moves_to(2, Duration::from_secs(10)));
    let after = connection.get(PANEL, "");
    assert_eq!(after.json()["generation"], 2);
    if before.json()["items"] == after.json()["items"] {
        assert_eq!(before.header("etag"), after.header("etag"));
    } else {
        assert_ne!(before.header("etag"), after.header("etag"));
    }
}

#[test]
fn panels_are_compressed_and_say_the_same() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let plain = connection.get(PANEL, "accept-encoding: identity\r\n");
    assert_eq!(plain.header("content-encoding"), "");
    let gzip = connection.get(PANEL, "accept-encoding: gzip\r\n");
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert!(gzip.body.len() * 2 < plain.body.len());
    assert_eq!(unpacked(&gzip), plain.body);
    let started = Instant::now();
    let brotli = loop {
        let answer = connection.get(PANEL, "accept-encoding: gzip, deflate, br\r\n");
        if answer.header("content-encoding") == "br" {
            break answer;
        }
        assert_eq!(unpacked(&answer), plain.body);
        assert!(started.elapsed() < Duration::from_secs(10));
    };
    assert_eq!(unpacked(&brotli), plain.body);
    assert!(brotli.body.len() < gzip.body.len());
    // Other bytes have other tags, and each is known again.
    let tags = [&plain, &gzip, &brotli].map(|answer| answer.header("etag").to_owned());
    for (place, tag) in tags.iter().enumerate() {
        assert!(!tags[..place].contains(tag));
        let again = connection.get(PANEL, &format!("if-none-match: {tag}\r\n"));
        assert_eq!((again.status, again.header("etag")), (304, tag.as_str()));
    }
    let refused = connection.get(PANEL, "accept-encoding: gzip;q=0, br;q=0\r\n");
    assert_eq!(refused.body, plain.body);
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut plain = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut plain),
        _ => brotli::Decompressor::new(&*answer.body, 4096).read_to_end(&mut plain),
    }
    .expect("it was compressed");
    plain
}

#[test]
fn where_there_is_no_room_a_panel_is_kept_that_is_asked_for_twice() {
    let site = Site::sample().indexed();
    site.write("readnext.toml", "[serve]\ncache = 1\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let key = server.first_key();
    let made = |connection: &mut Connection, path: &str| {
        let before = panels_made(connection, &key);
        assert_eq!(connection.get(path, "").status, 200);
        panels_made(connection, &key) - before
    };
    // While there is room, the second time is the first that finds it.
    let made_first = [0; 3].map(|_| made(&mut connection, PANEL));
    assert_eq!(made_first, [1, 0, 0]);
    let other = |number: usize| format!("{PANEL}&exclude=/nowhere/{number}");
    for number in 0..200 {
        assert_eq!(made(&mut connection, &other(number)), 1);
    }
    let made_then = [0; 4].map(|_| made(&mut connection, &other(1000)));
    assert_eq!(made_then, [1, 1, 0, 0]);
}

/// Whatever readers do, a panel that is kept equals one that is made anew, which a parameter that nobody else sent brings
/// about.
#[test]
fn a_panel_that_is_kept_is_the_panel_that_would_be_made() {
    for seed in 0..3 {
        let site = Site::sample().indexed();
        let settings = "trusted_proxies = [\"127.0.0.1\"]\nrebuild_percent = 100\n";
        site.write("readnext.toml", settings);
        let key = site.ok(&["keys", "create"]).trim().to_owned();
        let server = site.start(&["serve"]);
        let mut chance = Chance::seeded(seed);
        let articles = articles(&server, &key);
        let mut readers = Readers::of(&server);
        let mut changed = 0;
        let mut shown = Vec::new();
        for _ in 0..8 {
            let before = std::mem::take(&mut shown);
            // Few articles, so that counts add up; each panel is kept before anything is counted.
            let some: Vec<&str> = (0..12)
                .map(|_| articles[chance.below(articles.len())].as_str())
                .collect();
            for _ in 0..6 {
                readers.read(&some, &mut chance);
            }
            let one = some[0];
            change(&server, &key, one, chance.below(1000));
            readers.wait();
            for host in &articles {
                shown.push(readers.same_made_anew(host));
            }
            changed += before.iter().zip(&shown).filter(|(a, b)| a != b).count();
        }
        assert!(changed > 20, "{changed} panels changed");
        assert_eq!(server.stop(), Some(0));
    }
}

#[test]
fn a_click_that_is_counted_is_in_the_panel_that_was_kept() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let before = connection.get(PANEL, "");
    let panel = before.json();
    let card = panel["items"][5]["id"].clone();
    let body = json!({"events": [{"type": "click", "article": card, "from": "/tool/pandas/overview", "panel": panel["panel"]}]});
    let headers = format!("content-type: application/json\r\nuser-agent: {READER}\r\n");
    let answer = connection.ask("POST", "/v1/events", &headers, &body.to_string());
    assert_eq!(answer.json()["accepted"], 1, "{}", answer.text());
    let started = Instant::now();
    loop {
        let tag = format!("if-none-match: {}\r\n", before.header("etag"));
        let after = connection.get(PANEL, &tag);
        if after.status == 200 {
            let items = after.json();
            let items = items["items"].as_array().expect("items");
            let clicked = items.iter().find(|item| item["id"] == card);
            let by_readers = clicked.expect("still a card")["signals"]["behavior"].as_f64();
            assert!(by_readers > Some(0.0));
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(1),
            "within a second"
        );
    }
}

/// Writes an article anew: in other words, and one time of three about no topic.
fn change(server: &Server, key: &str, id: &str, number: usize) {
    let path = format!("/v1/articles?id={id}");
    let (status, stored) = server.ask("GET", &path, key, "");
    assert_eq!(status, 200, "{stored}");
    let mut record = stored["article"].clone();
    record["title"] = json!(format!("Changed {number}"));
    record["body"] = json!("Other words.");
    if number.is_multiple_of(3) {
        record["topic"] = Value::Null;
    }
    let (status, answer) = server.ask("PUT", &path, key, &record.to_string());
    assert_eq!((status, &answer["status"]), (200, &json!("updated")));
}

#[test]
fn another_title_ends_the_panels_that_show_it_and_no_others() {
    let site = Site::new();
    site.write("readnext.toml", "rebuild_percent = 100\n");
    for (page, lang, text) in [
        (
            "one",
            "en",
            "Espresso needs fresh beans, a grinder and pressure.",
        ),
        (
            "two",
            "en",
            "Fresh beans and a grinder make espresso under pressure.",
        ),
        (
            "eins",
            "de",
            "Espresso braucht frische Bohnen, eine Mühle und Druck.",
        ),
        (
            "zwei",
            "de",
            "Frische Bohnen und eine Mühle machen Espresso mit Druck.",
        ),
    ] {
        let file = format!("corpus/{page}.md");
        site.write(
            &file,
            &format!("---\ntitle: {page}\nlang: {lang}\n---\n{text}\n"),
        );
    }
    let site = site.indexed();
    let key = site.ok(&["keys", "create"]).trim().to_owned();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let mut titles = |host: &str, made: u64| {
        let before = panels_made(&mut connection, &key);
        let panel = connection
            .get(&format!("/v1/related?url={host}"), "")
            .json();
        assert_eq!(panels_made(&mut connection, &key) - before, made, "{host}");
        let items = panel["items"].as_array().expect("items").iter();
        items.map(|item| item["title"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(titles("/one", 1), ["two"]);
    assert_eq!(titles("/eins", 1), ["zwei"]);
    let text = "Frische Bohnen und eine Mühle machen Espresso mit Druck.";
    let write = |id: &str, title: &str, lang: &str| {
        let record = json!({"title": title, "lang": lang, "body": text});
        let path = format!("/v1/articles?id={id}");
        server.ask("PUT", &path, &key, &record.to_string()).0
    };
    assert_eq!(write("/zwei", "drei", "de"), 200);
    assert_eq!(titles("/one", 0), ["two"]);
    assert_eq!(titles("/eins", 1), ["drei"]);
    assert_eq!(titles("/eins", 0), ["drei"]);
    // Of an article that is new, or in another language now, nobody knows beforehand where it belongs.
    assert_eq!(write("/vier", "vier", "de"), 201);
    assert_eq!(titles("/one", 1), ["two"]);
    assert_eq!(write("/zwei", "two and a half", "en"), 200);
    assert_eq!(titles("/one", 1), ["two"]);
}

/// How many panels were made.
fn panels_made(connection: &mut Connection, key: &str) -> u64 {
    let answer = connection.get("/metrics", &format!("authorization: Bearer {key}\r\n"));
    let mut lines = answer.text().lines();
    let line = lines.find_map(|line| line.strip_prefix("readnext_panels_made_total "));
    line.expect("counted").parse().expect("a number")
}

fn articles(server: &Server, key: &str) -> Vec<String> {
    let words = "/v1/search?q=a+the+how+python+docker+github+api+react&limit=100";
    let (_, found) = server.ask("GET", words, key, "");
    let items = found["items"].as_array().expect("items");
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    items.iter().map(id).collect()
}

/// Readers with addresses of their own.
struct Readers {
    connection: Connection,
    next: u32,
    asked: u32,
}

impl Readers {
    fn of(server: &Server) -> Self {
        Self {
            connection: Connection::to(server),
            next: 0,
            asked: 0,
        }
    }

    /// A new reader reads some of `articles`.
    fn read(&mut self, articles: &[&str], chance: &mut Chance) {
        self.next += 1;
        let kinds = ["view", "read", "like", "bookmark", "comment"];
        let mut event = || {
            let article = articles[chance.below(articles.len())];
            json!({"type": kinds[chance.below(kinds.len())], "article": article, "dwell": chance.below(60)})
        };
        let events: Vec<Value> = (0..5).map(|_| event()).collect();
        let headers = format!(
            "content-type: text/plain\r\nuser-agent: {READER}\r\nx-forwarded-for: 10.{}.{}.1\r\n",
            self.next / 250,
            self.next % 250
        );
        let body = json!({ "events": events }).to_string();
        let answer = self.connection.ask("POST", "/v1/events", &headers, &body);
        assert_eq!(answer.json()["accepted"], 5, "{}", answer.text());
    }

    /// Waits until what was read is surely counted.
    fn wait(&self) {
        std::thread::sleep(Duration::from_millis(250));
    }

    /// The panel of `host`, which is kept, and is compared with one that is made anew.
    fn same_made_anew(&mut self, host: &str) -> Vec<u8> {
        self.asked += 1;
        let kept = self.connection.get(&format!("/v1/related?url={host}"), "");
        let anew = format!("/v1/related?url={host}&exclude=/nowhere/{}", self.asked);
        let anew = self.connection.get(&anew, "");
        assert_eq!(kept.status, 200);
        assert_eq!(kept.text(), anew.text(), "{host}");
        assert_eq!(kept.header("etag"), anew.header("etag"));
        kept.body
    }
}
