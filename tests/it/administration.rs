//! What those who run a server do with it: new settings without a restart, listeners of their own, keys for what is theirs.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::connection::Connection;
use crate::site::{Server, Site, two_pages};

const PANEL: &str = "/v1/related?url=/a";

/// A server at the address that `server` says of `what`.
fn listener(server: &Server, what: &str) -> Connection {
    let said = server.said();
    let address = said.lines().find_map(|line| line.split(what).nth(1));
    let address = address.unwrap_or_else(|| panic!("{what} in {said}"));
    let stream = TcpStream::connect(address).expect("a connection");
    Connection(stream)
}

#[test]
fn settings_are_read_again_on_request_and_what_is_wrong_is_in_the_answer() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    let key = server.first_key();
    let write = site.ok(&["keys", "create"]);
    let reload = |key: &str| server.ask("POST", "/v1/reload", key, "");
    let caching = || {
        let answer = Connection::to(&server).get(PANEL, "");
        answer.header("cache-control").to_owned()
    };
    assert_eq!(reload("").0, 401);
    let refused = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(20));
        Some(reload(write.trim())).filter(|(status, _)| *status != 401)
    });
    assert_eq!(refused.expect("the key is known by now").0, 403);
    site.write("readnext.toml", "[serve]\ncache_control = \"no-cache\"\n");
    assert_eq!(reload(&key), (200, json!({"at_next_start": []})));
    assert_eq!(caching(), "no-cache");
    site.write(
        "readnext.toml",
        "fill = true\n[serve]\ncache_contrl = \"private\"\n",
    );
    let (status, answer) = reload(&key);
    assert_eq!((status, &answer["code"]), (422, &json!("bad_settings")));
    let detail = answer["detail"].as_str().expect("a detail");
    for words in [
        "cache_contrl",
        "cache_control",
        "3",
        "the settings before stay",
    ] {
        assert!(detail.contains(words), "{words}: {detail}");
    }
    assert_eq!(caching(), "no-cache");
    site.write(
        "readnext.toml",
        "listen = \"127.0.0.1:1\"\n[serve]\ncache = 1\nlog = \"json\"\n",
    );
    let (status, answer) = reload(&key);
    assert_eq!(
        (status, answer),
        (200, json!({"at_next_start": ["listen", "serve.cache"]}))
    );
    assert!(
        server
            .said()
            .contains("\"message\":\"the settings were read again"),
        "{}",
        server.said()
    );
}

#[test]
fn what_needs_a_key_can_have_a_listener_of_its_own() {
    let site = two_pages("[serve]\nadmin = \"127.0.0.1:0\"\n");
    let server = site.start(&["serve"]);
    let mut public = Connection::to(&server);
    let mut own = listener(&server, "what needs a key is at http://");
    let key = format!("authorization: Bearer {}\r\n", server.first_key());
    for path in [
        "/v1/keys",
        "/v1/articles?id=/a",
        "/v1/search?q=espresso",
        "/metrics",
    ] {
        assert_eq!(public.get(path, &key).status, 404, "{path}");
        assert_eq!(own.get(path, "").status, 401, "{path}");
        assert_eq!(own.get(path, &key).status, 200, "{path}");
    }
    assert_eq!(own.ask("POST", "/v1/reload", &key, "").status, 200);
    assert_eq!(public.ask("POST", "/v1/reload", &key, "").status, 404);
    assert_eq!(public.get(PANEL, "").status, 200);
    assert_eq!(own.get(PANEL, &key).status, 404);
    for probe in ["/livez", "/readyz", "/openapi.json"] {
        assert_eq!(own.get(probe, "").status, 200, "{probe}");
        assert_eq!(public.get(probe, "").status, 200, "{probe}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn searches_and_metrics_need_a_key_and_one_to_read_is_enough_for_them() {
    let site = two_pages("");
    let key = site.ok(&["keys", "create", "--scope", "read", "--label", "prometheus"]);
    let server = site.start(&["serve"]);
    for path in ["/metrics", "/v1/search?q=espresso"] {
        assert_eq!(server.get(path).0, 401, "{path}");
        assert_eq!(server.ask("GET", path, key.trim(), "").0, 200, "{path}");
    }
    for (method, path) in [
        ("GET", "/v1/articles?id=/a"),
        ("POST", "/v1/articles"),
        ("POST", "/v1/suggest"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/reload"),
    ] {
        let (status, answer) = server.ask(method, path, key.trim(), "");
        assert_eq!(
            (status, &answer["code"]),
            (403, &json!("forbidden")),
            "{method} {path}"
        );
    }
    drop(server);
    let demo = site.start(&["demo"]);
    for path in ["/metrics", "/v1/search?q=espresso", "/search?q=espresso"] {
        assert_eq!(demo.get(path).0, 200, "{path}");
    }
}

#[test]
fn a_request_that_came_to_any_listener_is_answered_before_the_end() {
    let site = two_pages("[serve]\nadmin = \"127.0.0.1:0\"\n");
    let server = site.start(&["serve"]);
    let mut own = listener(&server, "what needs a key is at http://");
    let record = json!({"title": "Kettle", "body": "Water at ninety degrees."}).to_string();
    own.write(&format!(
        "PUT /v1/articles?id=/k HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        server.first_key(),
        record.len()
    ));
    std::thread::sleep(Duration::from_millis(200));
    let stopping = std::thread::spawn(move || server.stop());
    std::thread::sleep(Duration::from_millis(300));
    own.write(&record);
    assert_eq!(own.read(false).expect("an answer").status, 201);
    assert_eq!(stopping.join().expect("it ends"), Some(0));
}

#[test]
fn settings_are_read_again_at_sighup_and_bad_ones_are_not_taken() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    let caching = |server: &Server| {
        Connection::to(server)
            .get(PANEL, "")
            .header("cache-control")
            .to_owned()
    };
    let waited_for = |words: &str| {
        let started = Instant::now();
        while !server.said().contains(words) {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{}",
                server.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    assert!(caching(&server).starts_with("public"));
    site.write(
        "readnext.toml",
        "fill = false\n[serve]\ncache_control = \"no-cache\"\n",
    );
    server.signal("HUP");
    waited_for("the settings were read again");
    assert_eq!(caching(&server), "no-cache");
    site.write("readnext.toml", "[serve]\ncache_contrl = \"private\"\n");
    server.signal("HUP");
    waited_for("cache_contrl");
    assert!(server.said().contains("the settings before stay"));
    assert_eq!(caching(&server), "no-cache");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn settings_of_the_service_are_checked() {
    for (text, words) in [
        ("[serve]\nconnections = 0\n", "from 1 on"),
        (
            "[serve]\norigins = [\"example.org\"]\n",
            "https://example.org",
        ),
        (
            "[serve]\norigins = [\"https://*.example.org\"]\n",
            "expected an origin",
        ),
        ("[serve]\nmetrics = \"9090\"\n", "127.0.0.1:9090"),
        ("[serve]\ncache_control = \"a\\nb\"\n", "Cache-Control"),
        ("[serve]\nrate = -1\n", "rate"),
    ] {
        let site = Site::new();
        site.write("readnext.toml", text);
        let output = site.run(&["serve"]);
        assert_eq!(output.status.code(), Some(4), "{text}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn metrics_are_what_prometheus_reads_and_can_be_elsewhere() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    connection.get(PANEL, "");
    connection.get(PANEL, "");
    connection.get("/v1/related?url=/nowhere", "");
    connection.get("/made-up-by-somebody", "");
    let agent = "content-type: text/plain\r\nuser-agent: Mozilla/5.0 Firefox/140.0\r\n";
    let body = "{\"events\": [{\"type\": \"view\", \"article\": \"/a\"}, {\"type\": \"view\", \"article\": \"/nowhere\"}]}";
    assert_eq!(
        connection.ask("POST", "/v1/events", agent, body).status,
        202
    );
    let value = |page: &str, name: &str| {
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {page}"))
            .parse::<f64>()
            .expect("a number")
    };
    let started = Instant::now();
    let page = loop {
        let answer = connection.get("/metrics", &server.key_header());
        assert_eq!(
            answer.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        let page = answer.text().to_owned();
        if value(&page, "readnext_fold_next_event") > 1.0 {
            break page;
        }
        assert!(started.elapsed() < Duration::from_secs(5));
    };
    for (name, expected) in [
        (
            "readnext_http_requests_total{route=\"/v1/related\",status=\"200\"}",
            2.0,
        ),
        (
            "readnext_http_requests_total{route=\"/v1/related\",status=\"404\"}",
            1.0,
        ),
        (
            "readnext_http_requests_total{route=\"other\",status=\"404\"}",
            1.0,
        ),
        (
            "readnext_http_request_duration_seconds_count{route=\"/v1/related\"}",
            3.0,
        ),
        (
            "readnext_http_request_duration_seconds_bucket{route=\"/v1/related\",le=\"+Inf\"}",
            3.0,
        ),
        ("readnext_panel_hits_total", 1.0),
        ("readnext_events_accepted_total", 1.0),
        (
            "readnext_events_ignored_total{reason=\"unknown_article\"}",
            1.0,
        ),
        ("readnext_generation", 1.0),
        ("readnext_articles", 2.0),
        ("readnext_journal_next_event", 2.0),
        ("readnext_fold_next_event", 2.0),
        ("readnext_kept_panels", 1.0),
        ("readnext_writes_stopped", 0.0),
    ] {
        assert_eq!(value(&page, name), expected, "{name}");
    }
    assert!(value(&page, "process_resident_memory_bytes") > 1e6);
    assert!(
        !page.contains("somebody") && !page.contains("nowhere"),
        "no label is made up"
    );
    assert_eq!(server.stop(), Some(0));
    // The counts are kept when a server stops; the next one tells up to where, and what they are.
    site.write("readnext.toml", "[serve]\nmetrics = \"127.0.0.1:0\"\n");
    let server = site.start(&["serve"]);
    assert_eq!(server.get("/metrics").0, 404);
    let said = server.said();
    let address = said
        .lines()
        .find_map(|line| line.split("metrics are at http://").nth(1));
    let address = address.expect("said where");
    let mut watching = Connection(TcpStream::connect(address).expect("a connection"));
    let page = watching.get("/metrics", "");
    assert!(
        page.text()
            .contains("readnext_published_fold_next_event{digest=\""),
        "{}",
        page.text()
    );
    assert_eq!(watching.get(PANEL, "").status, 404);
}
