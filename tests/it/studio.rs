//! The studio as an editor uses it: logging in, and telling panels something.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::browser::{Browser, grinders};
use crate::site::{Server, Site};

/// How long the index may take to be built again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until the run has ended that builds what was told last.
fn build_has_ended(browser: &mut Browser) {
    let started = Instant::now();
    while browser.page("/studio/state").contains("\"waiting\":true") {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until the panel of `page` is as `wanted` says.
fn panel_becomes(server: &Server, page: &str, wanted: impl Fn(&[Value]) -> bool) {
    let started = Instant::now();
    loop {
        let body = server.json(&format!("/v1/related?url={page}"));
        let items = body["items"].as_array().expect("items");
        if wanted(items) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{body}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nobody_comes_in_without_a_key_of_scope_admin() {
    let site = grinders(3);
    let server = site.start(&["serve"]);
    let mut browser = Browser::of(&server);
    for page in [
        "/studio",
        "/studio/article?id=/grinder-1",
        "/studio/site",
        "/studio/readers",
        "/studio/index",
        "/studio/state",
        "/studio/nowhere",
    ] {
        let answer = browser.get(page);
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/studio/login"),
            "{page}"
        );
        assert!(!answer.body.contains("Grinder"));
    }
    let write = site.ok(&["keys", "create", "--scope", "write"]);
    let write = write.trim();
    thread::sleep(Duration::from_secs(1));
    for wrong in ["", "rn_nothing", write] {
        let answer = browser.post("/studio/login", &[("key", wrong)]);
        assert_eq!(answer.status, 403, "{wrong}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let answer = browser.post("/studio/login", &[("key", &server.first_key())]);
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie");
    for part in [
        "HttpOnly",
        "SameSite=Strict",
        "Path=/studio",
        "Max-Age=43200",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(browser.page("/studio").contains("Articles"));
    let token = browser.cookie.clone();
    assert_eq!(browser.post("/studio/logout", &[]).status, 303);
    browser.cookie = token;
    assert_eq!(browser.get("/studio").status, 303, "the session has ended");
}

#[test]
fn a_server_that_names_no_host_is_logged_into_by_any_name() {
    let site = grinders(2);
    let server = site.start(&["serve"]);
    let mut browser = Browser::of(&server);
    "http://related.example.org".clone_into(&mut browser.origin);
    let body = format!("key={}", server.first_key());
    let request = ureq::http::Request::post(server.url("/studio/login"));
    let request = request.header("host", "related.example.org");
    assert_eq!(browser.send(request, body).status, 303);
}

#[test]
fn a_key_that_is_revoked_ends_its_sessions() {
    let site = grinders(2);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    assert_eq!(browser.get("/studio").status, 200);
    let keys = site.json(&["keys", "list", "--json"]);
    let id = keys[0]["id"].as_str().expect("an id").to_owned();
    site.ok(&["keys", "revoke", &id]);
    let started = Instant::now();
    while browser.get("/studio").status == 200 {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nothing_is_written_without_a_session_or_from_a_page_of_another_site() {
    let site = grinders(3);
    let server = site.start(&["serve"]);
    let file = site.path("corpus/editorial.toml");
    let pin = [
        ("host", "/grinder-1"),
        ("card", "/grinder-3"),
        ("told", "pin"),
        ("slot", "1"),
    ];
    let mut browser = Browser::of(&server);
    assert_eq!(browser.post("/studio/tell", &pin).status, 401);
    let mut browser = Browser::logged_in(&server);
    for foreign in ["https://evil.test", "null"] {
        foreign.clone_into(&mut browser.origin);
        assert_eq!(browser.post("/studio/tell", &pin).status, 403, "{foreign}");
        assert_eq!(
            browser.post("/studio/take-back", &pin).status,
            403,
            "{foreign}"
        );
        assert_eq!(browser.post("/studio/logout", &[]).status, 403, "{foreign}");
    }
    browser.origin = server.url("");
    for wrong in [
        [pin[0], ("card", "/none"), pin[2], pin[3]],
        [pin[0], ("card", "/grinder-1"), pin[2], pin[3]],
        [pin[0], pin[1], ("told", "praise"), pin[3]],
        [pin[0], pin[1], pin[2], ("slot", "0")],
    ] {
        let status = browser.post("/studio/tell", &wrong).status;
        assert!(matches!(status, 400 | 404), "{wrong:?}: {status}");
    }
    assert!(!file.exists());
}

#[test]
fn a_pin_and_a_block_are_in_the_editors_file_and_then_in_the_panel() {
    let site = grinders(6);
    let ours = "# Ours.\n[[boost]] # a little\ncard = \"/grinder-2\"\nby = 0.1\n";
    site.write("corpus/editorial.toml", ours);
    site.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    let tell = |browser: &mut Browser<'_>, card: &str, told: &str| {
        let fields = [
            ("host", "/grinder-1"),
            ("card", card),
            ("told", told),
            ("slot", "1"),
        ];
        let answer = browser.post("/studio/tell", &fields);
        let to = answer.header("location").to_owned();
        assert_eq!(
            (answer.status, to.as_str()),
            (303, "/studio/article?id=%2Fgrinder%2D1")
        );
        assert!(browser.page(&to).contains(card));
    };
    tell(&mut browser, "/grinder-6", "pin");
    tell(&mut browser, "/grinder-4", "block");
    let text = fs::read_to_string(site.path("corpus/editorial.toml")).expect("read");
    assert!(text.starts_with(ours), "{text}");
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    panel_becomes(&server, "/grinder-1", |items| {
        let pinned = id(&items[0]) == "/grinder-6" && items[0]["reason"] == "Editor's pick";
        pinned && items.iter().all(|item| id(item) != "/grinder-4")
    });
    // The new generation serves a moment before the run that built it has ended.
    build_has_ended(&mut browser);
    let page = browser.page("/studio/article?id=/grinder-1");
    assert!(
        page.contains("pinned at place 1") && page.contains("blocked"),
        "{page}"
    );
    assert!(!page.contains("id=\"waiting\""), "{page}");
    let mark = page.split("name=\"mark\" value=\"").nth(1).expect("a mark");
    let mark = mark.split('"').next().expect("a mark");
    let path = page.split("name=\"path\" value=\"").nth(1).expect("a path");
    let path = path.split('"').next().expect("a path");
    let back = [("host", "/grinder-1"), ("path", path), ("mark", mark)];
    assert_eq!(browser.post("/studio/take-back", &back).status, 303);
    panel_becomes(&server, "/grinder-1", |items| {
        items.iter().all(|item| item["reason"] != "Editor's pick")
    });
    assert_eq!(
        browser.post("/studio/take-back", &back).status,
        400,
        "it is gone"
    );
    assert_eq!(
        browser
            .post(
                "/studio/take-back",
                &[back[0], ("path", "/etc/passwd"), back[2]]
            )
            .status,
        400
    );
    // What the server built is what a run over the files builds.
    let shown = server.json("/v1/related?url=/grinder-1");
    build_has_ended(&mut browser);
    site.ok(&["reindex", "--full"]);
    let built = site.json(&["related", "/grinder-1", "--json"]);
    let cards = |body: &Value| -> Vec<String> {
        body["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(id)
            .collect()
    };
    assert_eq!(cards(&shown), cards(&built));
}

#[test]
fn a_site_without_a_corpus_folder_and_a_demo_are_told_in_their_data_folder() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let mut browser = Browser::of(&server);
    let page = "/tool/pandas/overview";
    let fields = [
        ("host", page),
        ("card", "/tool/sqlite/overview"),
        ("told", "pin"),
        ("slot", "2"),
    ];
    assert_eq!(browser.post("/studio/tell", &fields).status, 303);
    assert!(site.path("editorial.toml").exists() && !site.path("corpus/editorial.toml").exists());
    panel_becomes(&server, page, |items| {
        items[1]["id"] == "/tool/sqlite/overview" && items[1]["reason"] == "Editor's pick"
    });
}

#[test]
fn an_address_that_is_none_of_the_studios_is_told_on_a_page_of_it() {
    let site = grinders(3);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    let answer = browser.get("/studio/");
    assert_eq!((answer.status, answer.header("location")), (303, "/studio"));
    let answer = browser.get("/studio/nowhere/%3Cb%3E");
    assert_eq!(answer.status, 404);
    assert!(
        answer.body.contains("The studio has no page at") && !answer.body.contains("nowhere/<b>"),
        "{}",
        answer.body
    );
    let answer = browser.get("/studio/article?id=/nowhere");
    assert!(answer.status == 404 && answer.body.contains("Find an article"));
}

#[test]
fn a_demo_answers_in_the_studio_to_no_name_of_somebody_else() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let request = ureq::http::Request::get(server.url("/studio")).header("host", "evil.test");
    assert_eq!(
        Browser::of(&server).send(request, String::new()).status,
        421
    );
}
