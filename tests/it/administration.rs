//! What those who run a server do with it: new settings without a restart, listeners of their own, keys for what is theirs.

use serde_json::json;

use crate::connection::Connection;
use crate::site::{Server, Site};

const PANEL: &str = "/v1/related?url=/a";

fn site(settings: &str) -> Site {
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .page(
            "b.md",
            "Espresso pressure and fresh roasted beans from the grinder.",
        );
    site.write("readnext.toml", settings);
    site.indexed()
}

/// A server at the address that `server` says of `what`.
fn listener(server: &Server, what: &str) -> Connection {
    let said = server.said();
    let address = said.lines().find_map(|line| line.split(what).nth(1));
    let address = address.unwrap_or_else(|| panic!("{what} in {said}"));
    let stream = std::net::TcpStream::connect(address).expect("a connection");
    Connection(stream)
}

#[test]
fn settings_are_read_again_on_request_and_what_is_wrong_is_in_the_answer() {
    let site = site("");
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
        std::thread::sleep(std::time::Duration::from_millis(20));
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
    let site = site("[serve]\nadmin = \"127.0.0.1:0\"\n");
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
    let site = site("");
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
    let site = site("[serve]\nadmin = \"127.0.0.1:0\"\n");
    let server = site.start(&["serve"]);
    let mut own = listener(&server, "what needs a key is at http://");
    let record = json!({"title": "Kettle", "body": "Water at ninety degrees."}).to_string();
    own.write(&format!(
        "PUT /v1/articles?id=/k HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n",
        server.first_key(),
        record.len()
    ));
    std::thread::sleep(std::time::Duration::from_millis(200));
    let stopping = std::thread::spawn(move || server.stop());
    std::thread::sleep(std::time::Duration::from_millis(300));
    own.write(&record);
    assert_eq!(own.read(false).expect("an answer").status, 201);
    assert_eq!(stopping.join().expect("it ends"), Some(0));
}
