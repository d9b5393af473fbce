//! Articles over HTTP: kept before they are answered, shown by then, and the later write wins.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::site::{Server, Site};

/// How long a rebuild of a small site may take.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A site of pages that all share their words, whose server does not rebuild unless more than all of it changed.
pub(crate) fn site() -> Site {
    let site = Site::new();
    site.write("readnext.toml", "rebuild_percent = 100\n");
    for page in ["a", "b", "c", "d", "e", "f"] {
        site.write(
            &format!("corpus/{page}.md"),
            &format!("---\ntitle: Grinder {page}\n---\nEspresso needs fresh beans, a grinder and pressure. Page {page} tells how.\n"),
        );
    }
    site.indexed()
}

/// A server and its first key.
pub(crate) struct Keyed {
    pub(crate) server: Server,
    pub(crate) key: String,
}

impl Keyed {
    pub(crate) fn start(site: &Site) -> Self {
        let key = site.ok(&["keys", "create"]).trim().to_owned();
        let server = site.start(&["serve"]);
        Self { server, key }
    }

    pub(crate) fn put(&self, id: &str, record: &Value) -> (u16, Value) {
        let path = format!("/v1/articles?id={id}");
        self.server
            .ask("PUT", &path, &self.key, &record.to_string())
    }

    pub(crate) fn delete(&self, id: &str) -> u16 {
        let path = format!("/v1/articles?id={id}");
        self.server.ask("DELETE", &path, &self.key, "").0
    }

    fn get(&self, id: &str) -> (u16, Value) {
        let path = format!("/v1/articles?id={id}");
        self.server.ask("GET", &path, &self.key, "")
    }

    pub(crate) fn bulk(&self, lines: &str) -> (u16, Value) {
        self.server.ask("POST", "/v1/articles", &self.key, lines)
    }

    /// The ids on the cards of `host`, fill among them.
    pub(crate) fn cards(&self, host: &str) -> Vec<String> {
        let panel = self
            .server
            .json(&format!("/v1/related?url={host}&limit=50"));
        let items = panel["items"].as_array().expect("items").iter();
        items
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    pub(crate) fn comes_to(&self, holds: impl Fn(&Self) -> bool) -> bool {
        let started = Instant::now();
        while !holds(self) {
            if started.elapsed() > SOON {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

pub(crate) fn record(title: &str) -> Value {
    json!({"title": title, "body": "Espresso needs fresh beans, a grinder and pressure.", "published": "2025-02-03"})
}

#[test]
fn what_readers_do_on_an_article_that_is_newer_than_the_index_is_counted() {
    let site = site();
    site.write(
        "readnext.toml",
        "rebuild_percent = 100\ntrusted_proxies = [\"127.0.0.1\"]\n",
    );
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &record("A new kettle")).0, 201);
    let mut connection = Connection::to(&server.server);
    for reader in 1..=20 {
        let events = json!({"events": [
            {"type": "read", "article": "/a", "dwell": 60},
            {"type": "read", "article": "/new", "dwell": 60},
        ]});
        let headers = format!(
            "content-type: application/json\r\nuser-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\nx-forwarded-for: 10.0.{reader}.1\r\n"
        );
        let answer = connection.ask("POST", "/v1/events", &headers, &events.to_string());
        assert_eq!(answer.json()["accepted"], 2, "{}", answer.text());
    }
    assert!(server.comes_to(|server| {
        let panel = server.server.json("/v1/related?url=/a");
        let mut items = panel["items"].as_array().expect("items").iter();
        items.any(|item| {
            let by_readers = item["signals"]["behavior"].as_f64();
            item["id"] == "/new" && by_readers > Some(0.0)
        })
    }));
}

#[test]
fn an_article_is_written_read_changed_and_deleted() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.get("/new").0, 404);
    assert_eq!(
        server.put("/new", &record("A new kettle")),
        (201, json!({"id": "/new", "status": "created"}))
    );
    let (status, stored) = server.get("/new");
    assert_eq!(
        (status, &stored["article"]["title"]),
        (200, &json!("A new kettle"))
    );
    assert_eq!(
        (&stored["source"], &stored["draft"]),
        (&json!("http"), &json!(false))
    );
    assert_eq!(
        server.put("/new", &record("A new kettle")).1["status"],
        "unchanged"
    );
    assert_eq!(
        server.put("/new", &record("A newer kettle")),
        (200, json!({"id": "/new", "status": "updated"}))
    );
    assert_eq!(
        server.server.json("/v1/related?url=/new")["article"]["title"],
        "A newer kettle"
    );
    assert_eq!(server.get("/a").1["source"], "corpus");
    assert_eq!((server.delete("/new"), server.delete("/new")), (204, 404));
    assert_eq!(
        (
            server.get("/new").0,
            server.server.get("/v1/related?url=/new").0
        ),
        (404, 404)
    );
    assert_eq!(server.put("/new", &record("Back")).0, 201);
}

#[test]
fn what_is_deleted_or_withdrawn_is_on_no_panel_when_the_answer_comes() {
    let site = site();
    let server = Keyed::start(&site);
    for page in ["/b", "/c", "/d"] {
        assert!(server.cards("/a").contains(&page.to_owned()));
    }
    assert_eq!(server.delete("/b"), 204);
    let draft = json!({"title": "C", "body": "Espresso", "draft": true});
    assert_eq!(server.put("/c", &draft).1["status"], "updated");
    let noindex = json!({"title": "D", "body": "Espresso", "noindex": true});
    assert_eq!(server.put("/d", &noindex).0, 200);
    let elsewhere = json!({"title": "E", "body": "Espresso", "canonical": "/a"});
    assert_eq!(server.put("/e", &elsewhere).0, 200);
    assert_eq!(server.cards("/a"), ["/f"]);
    for (page, status) in [("/b", 404), ("/c", 404), ("/d", 200), ("/e", 200)] {
        assert_eq!(
            server.server.get(&format!("/v1/related?url={page}")).0,
            status,
            "{page}"
        );
    }
    assert_eq!(server.get("/c").1["draft"], true);
    assert_eq!(server.put("/b", &record("B again")).0, 201);
    assert_eq!(server.put("/c", &record("C again")).0, 200);
    let mut cards = server.cards("/f");
    cards.sort();
    assert_eq!(cards, ["/a", "/b", "/c"]);
}

#[test]
fn a_page_that_names_itself_in_full_is_a_card_before_a_rebuild_and_after_it() {
    let site = site();
    let server = Keyed::start(&site);
    for (page, canonical) in [
        ("/b", "https://example.org/b/"),
        ("/c", "https://example.org/c.html"),
    ] {
        let mut record = record(&format!("Grinder {page}"));
        record["canonical"] = json!(canonical);
        assert_eq!(server.put(page, &record).0, 200);
        assert!(server.cards("/f").contains(&page.to_owned()), "{page}");
    }
    site.ok(&["reindex", "--full"]);
    let cards = site.related("/f");
    assert!(
        ["/b", "/c"]
            .iter()
            .all(|page| cards.iter().any(|card| card == page)),
        "{cards:?}"
    );
}

#[test]
fn a_restart_and_a_rebuild_keep_what_came() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &record("A new kettle")).0, 201);
    assert_eq!(server.delete("/b"), 204);
    let shows = |server: &Keyed| {
        server.server.get("/v1/related?url=/new").0 == 200
            && server.server.get("/v1/related?url=/b").0 == 404
    };
    assert!(shows(&server));
    // Killed, not stopped.
    drop(server);
    let server = Keyed::start(&site);
    assert!(server.comes_to(shows), "{}", server.server.said());
    let told = site.ok(&["reindex"]);
    assert!(told.contains("1 added, 0 changed, 1 removed"), "{told}");
    assert!(server.server.moves_to(2, SOON) && shows(&server));
    let incremental = site.run_export();
    site.ok(&["reindex", "--full"]);
    assert_eq!(site.run_export(), incremental);
    assert_eq!(site.run(&["related", "/b"]).status.code(), Some(1));
}

#[test]
fn a_write_over_a_file_holds_until_the_file_changes() {
    let site = site();
    let server = Keyed::start(&site);
    assert_eq!(server.delete("/b"), 204);
    assert_eq!(server.put("/c", &record("Another C")).0, 200);
    site.ok(&["reindex"]);
    assert!(server.server.moves_to(2, SOON));
    assert_eq!(server.server.get("/v1/related?url=/b").0, 404);
    let checked = site.json(&["check", "--json"]);
    let findings = checked["findings"].as_array().expect("findings").iter();
    let overridden = findings.filter(|finding| finding["concern"] == "override");
    assert_eq!(overridden.count(), 2, "{checked}");
    // A later deletion is still over the file.
    assert_eq!(server.delete("/c"), 204);
    site.ok(&["reindex", "--full"]);
    assert!(server.server.moves_to(3, SOON));
    assert_eq!(server.server.get("/v1/related?url=/c").0, 404);
    for page in ["b", "c"] {
        site.write(
            &format!("corpus/{page}.md"),
            &format!("---\ntitle: File {page}\n---\nEspresso and a grinder.\n"),
        );
    }
    site.ok(&["reindex"]);
    assert!(server.server.moves_to(4, SOON));
    for page in ["/b", "/c"] {
        let title =
            server.server.json(&format!("/v1/related?url={page}"))["article"]["title"].clone();
        assert_eq!(title, format!("File {}", &page[1..]));
    }
}

#[test]
fn a_record_that_cannot_be_taken_is_refused_with_its_field() {
    let site = site();
    let server = Keyed::start(&site);
    for (record, pointer) in [
        (json!({"id": "/other", "title": "X"}), "/id"),
        (json!({"title": 7}), "/title"),
        (json!({"body": ""}), "/title"),
        (json!([1]), ""),
    ] {
        let (status, answer) = server.put("/x", &record);
        let found = (status, &answer["code"], &answer["errors"][0]["pointer"]);
        assert_eq!(
            found,
            (422, &json!("bad_article"), &json!(pointer)),
            "{answer}"
        );
    }
    // What comes alone is no line of anything, and what is no JSON has its place in what came.
    let record = "{\n  \"title\": \"X\",\n  \"tags\" [\"a\"]\n}";
    let (status, answer) = server
        .server
        .ask("PUT", "/v1/articles?id=/x", &server.key, record);
    let error = &answer["errors"][0];
    assert_eq!(
        (status, &error["line"], &error["column"]),
        (422, &json!(3), &json!(10)),
        "{answer}"
    );
    let detail = error["detail"].as_str().expect("text");
    assert!(
        detail.starts_with("found no JSON (")
            && detail.ends_with("expected an article record: one JSON object"),
        "{detail}"
    );
    let (_, answer) = server.put("/x", &json!({"title": 7}));
    assert_eq!(
        answer["errors"],
        json!([{"pointer": "/title", "detail": "title: found integer `7`, expected a string"}])
    );
    let (_, answer) = server.put(
        "/typo",
        &json!({"title": "X", "sumary": "Y", "colour": "red"}),
    );
    assert_eq!(
        answer["warnings"],
        json!([
            {"pointer": "/colour", "detail": "colour means nothing here and is left out"},
            {"pointer": "/sumary", "detail": "sumary means nothing here and is left out; did you mean summary?"},
        ])
    );
    let large = json!({"title": "X", "body": "x".repeat(8 << 20)});
    assert_eq!(server.put("/x", &large).0, 413);
    for path in ["/v1/articles", "/v1/articles?id=", "/v1/articles?name=/a"] {
        let (status, answer) = server.server.ask("PUT", path, &server.key, "{}");
        assert_eq!((status, &answer["code"]), (400, &json!("bad_parameter")));
    }
    assert_eq!(server.get("/x").0, 404);
}

#[test]
fn what_a_command_pushes_beside_a_server_shows() {
    let site = site();
    let server = Keyed::start(&site);
    site.write(
        "one.jsonl",
        &record("Pushed")
            .to_string()
            .replacen('{', "{\"id\": \"/pushed\", ", 1),
    );
    let file = std::fs::File::open(site.path("one.jsonl")).expect("opened");
    let mut command = site.command(&["reindex", "--corpus", "-"]);
    assert!(
        command
            .stdin(file)
            .output()
            .expect("it runs")
            .status
            .success()
    );
    assert!(server.server.moves_to(2, SOON));
    assert_eq!(server.server.get("/v1/related?url=/pushed").0, 200);
    // The server has its journal back, and knows what was written meanwhile.
    assert_eq!(server.put("/pushed", &record("Pushed")).0, 200);
    assert_eq!(server.delete("/pushed"), 204);
    assert_eq!(server.server.get("/v1/related?url=/pushed").0, 404);
}

#[test]
fn commands_show_what_came_since_the_generation_as_the_server_does() {
    let site = site();
    site.write("readnext.toml", "rebuild_percent = 100\nexploration = 0\n");
    let server = Keyed::start(&site);
    let new = json!({"title": "Zassenhaus mills", "body": "Espresso needs fresh beans, a grinder and pressure."});
    assert_eq!(server.put("/0/new", &new).0, 201);
    assert_eq!(
        server
            .put(
                "/b",
                &json!({"title": "Grinder b", "body": "Espresso from fresh beans."})
            )
            .0,
        200
    );
    assert_eq!(server.delete("/c"), 204);
    let exported = site.json_export(&[]);
    let panels: Vec<Value> = exported
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let ids: Vec<&str> = panels
        .iter()
        .filter_map(|panel| panel["article"]["id"].as_str())
        .collect();
    assert_eq!(ids, ["/0/new", "/a", "/b", "/d", "/e", "/f"]);
    for panel in &panels {
        let id = panel["article"]["id"].as_str().expect("an id");
        let served = server.server.json(&format!("/v1/related?id={id}"));
        assert_eq!(panel["items"], served["items"], "{id}");
        assert_eq!(
            site.json(&["related", id, "--json"])["items"],
            served["items"],
            "{id}"
        );
    }
    assert!(
        ids.iter()
            .any(|id| *id != "/0/new" && site.related(id).contains(&"/0/new".to_owned()))
    );
    assert_eq!(site.run(&["related", "/c"]).status.code(), Some(1));
    site.write(
        "draft.md",
        "# Beans\nGround in one of the Zassenhaus mills.\n",
    );
    assert_eq!(
        site.json(&["suggest", "draft.md", "--json"])["links"][0]["id"],
        "/0/new"
    );
    site.write("queries.txt", "\u{feff}/0/new\n");
    assert_eq!(
        site.json_export(&["--queries", "queries.txt"])
            .lines()
            .count(),
        1
    );
    site.write("qrels.tsv", "/0/new\t/a\t1\n");
    for told in [
        &["report", "seo"][..],
        &["report", "behavior"],
        &["report", "abuse"],
        &["search", "grinder"],
        &["topics"],
        &["check", "--panels"],
        &["eval", "--qrels", "qrels.tsv"],
    ] {
        let output = site.run(told);
        let said = String::from_utf8_lossy(&output.stderr);
        let done = matches!(output.status.code(), Some(0 | 3));
        assert!(done && !said.contains("panicked"), "{told:?}: {said}");
    }
}
