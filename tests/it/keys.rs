//! Keys: who may write, and what a key is good for.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::site::{Server, Site};

const ARTICLES: &str = "/v1/articles?id=/a";

fn site() -> Site {
    let page = "---\ntitle: Grinder\n---\nFresh beans and an even grind.\n";
    Site::new().page("a.md", page).indexed()
}

/// Waits until reading `/a` with `key` gives `status`.
fn becomes(server: &Server, key: &str, status: u16) -> bool {
    let started = Instant::now();
    while server.ask("GET", ARTICLES, key, "").0 != status {
        if started.elapsed() > Duration::from_secs(5) {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

#[test]
fn the_first_key_is_made_once_and_shown_once() {
    let site = site();
    let server = site.start(&["serve"]);
    let key = server.first_key();
    assert_eq!(server.ask("GET", ARTICLES, &key, "").0, 200);
    assert_eq!(server.stop(), Some(0));
    let server = site.start(&["serve"]);
    assert!(!server.said().contains("rn_"), "{}", server.said());
    assert_eq!(server.ask("GET", ARTICLES, &key, "").0, 200);
    assert_eq!(server.stop(), Some(0));
    for file in site.files() {
        let bytes = fs::read(&file).expect("read");
        let held = bytes.windows(key.len()).any(|part| part == key.as_bytes());
        assert!(!held, "the key in {}", file.display());
    }
}

#[test]
fn what_needs_a_key_is_refused_without_one_and_reading_panels_needs_none() {
    let site = site();
    let server = site.start(&["serve"]);
    let key = server.first_key();
    let cut = &key[..key.len() - 1];
    for (method, path) in [
        ("PUT", ARTICLES),
        ("GET", ARTICLES),
        ("DELETE", ARTICLES),
        ("POST", "/v1/articles"),
        ("GET", "/v1/keys"),
    ] {
        for wrong in ["", "rn_", cut, "x"] {
            let (status, answer) = server.ask(method, path, wrong, "");
            let found = (status, &answer["code"], &answer["status"]);
            assert_eq!(
                found,
                (401, &json!("unauthorized"), &json!(401)),
                "{method} {path}"
            );
        }
    }
    // That it comes from this machine, or says so, is no key.
    let headers = [("x-forwarded-for", "127.0.0.1"), ("host", "localhost")];
    assert_eq!(server.post("/v1/articles", "", &headers).0, 401);
    assert_eq!(server.get("/v1/related?url=/a").0, 200);
    assert_eq!(server.get("/a").0, 404);
    assert_eq!(site.run(&["related", "/a"]).status.code(), Some(0));
}

#[test]
fn keys_are_made_listed_and_revoked_beside_a_server() {
    let site = site();
    let server = site.start(&["serve"]);
    let key = site.ok(&["keys", "create", "--label", "cms"]);
    let key = key.trim();
    assert!(becomes(&server, key, 200), "{}", server.said());
    let (status, answer) = server.ask("GET", "/v1/keys", key, "");
    assert_eq!((status, &answer["code"]), (403, &json!("forbidden")));
    let listed = site.json(&["keys", "list", "--json"]);
    assert_eq!(listed[0]["scope"], "admin");
    assert_eq!(
        (&listed[1]["scope"], &listed[1]["label"]),
        (&json!("write"), &json!("cms"))
    );
    let (status, answer) = server.ask("GET", "/v1/keys", &server.first_key(), "");
    assert_eq!((status, &answer["keys"]), (200, &listed));
    let id = listed[1]["id"].as_str().expect("an id");
    let shown = site.ok(&["keys", "list"]);
    assert!(shown.contains(id) && shown.contains("cms"), "{shown}");
    site.ok(&["keys", "revoke", id]);
    assert!(becomes(&server, key, 401));
    assert_eq!(site.run(&["keys", "revoke", id]).status.code(), Some(2));
    let admin = site.ok(&["keys", "create", "--scope", "admin"]);
    assert!(becomes(&server, admin.trim(), 200));
}

#[test]
fn a_demo_needs_no_key() {
    let site = site();
    let server = site.start(&["demo"]);
    let record = json!({"title": "Kettle", "body": "Water at ninety degrees."}).to_string();
    assert_eq!(server.ask("PUT", "/v1/articles?id=/k", "", &record).0, 201);
    assert_eq!(server.get("/v1/related?url=/k").0, 200);
    assert!(!site.path("keys").exists());
}

#[test]
fn to_revoke_a_key_that_is_not_there_makes_nothing_and_the_first_start_still_makes_the_first_one() {
    let site = site();
    assert_eq!(site.run(&["keys", "revoke", "none"]).status.code(), Some(2));
    assert!(!site.path("keys").exists());
    let listed = site.run(&["keys", "list"]);
    assert!(listed.stdout.is_empty());
    assert!(String::from_utf8_lossy(&listed.stderr).contains("keys create"));
    let server = site.start(&["serve"]);
    assert_eq!(
        server.ask("GET", "/v1/keys", &server.first_key(), "").0,
        200
    );
}

#[test]
fn a_key_that_leaked_is_revoked_by_itself_and_never_shown() {
    let site = Site::new();
    let key = site.ok(&["keys", "create"]);
    let key = key.trim();
    let stranger = format!("rn_{}", "x".repeat(43));
    let output = site.run(&["keys", "revoke", &stranger]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains("xxx"), "{said}");
    let output = site.run(&["keys", "revoke", key]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("revoked key ") && !said.contains(&key[3..]),
        "{said}"
    );
    assert_eq!(site.json(&["keys", "list", "--json"]), json!([]));
    // Once more: there is none any more, and still it is not shown.
    let output = site.run(&["keys", "revoke", key]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(!said.contains(&key[3..]), "{said}");
}

#[test]
fn a_key_can_be_made_before_the_folder_is_there() {
    let site = Site::new();
    let folder = site.path("new/deep");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_readnext"));
    command.args(["keys", "create", "--data"]).arg(&folder);
    let output = command.output().expect("started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(folder.join("keys").is_file());
    // Where that cannot be, the message names what was to be made.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_readnext"));
    command.args(["keys", "create", "--data", "/proc/self/task"]);
    let output = command.output().expect("started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("cannot create /proc/self/task/keys"),
        "{said}"
    );
    assert!(!said.contains("secret.new"), "{said}");
}
