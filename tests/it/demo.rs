//! The demo: the sample site from the binary alone.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::site::{Server, Site};

#[test]
fn the_demo_serves_the_sample_site_with_a_panel_on_every_page() {
    let site = Site::new();
    std::fs::remove_dir(site.path("corpus")).expect("no corpus in the folder");
    let server = site.start(&["demo"]);
    let (status, kind, front) = server.get("/");
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(front.contains("href=\"/tool/pandas/overview\""));
    assert!(!front.contains("token-bucket-notes") && !front.contains("reader-survey"));
    let (_, _, page) = server.get("/howto/core-web-vitals/fixing-layout-shift");
    assert!(page.contains("<h2>Why the lab says zero</h2>") && page.contains("&lt;picture&gt;"));
    assert!(
        !page.contains("Sections</") && !page.contains("ld+json"),
        "of an HTML page the article alone is shown"
    );
    let (_, _, page) = server.get("/alternatives/python/performance-focused-alternatives");
    assert_eq!(page.matches("<li data-kind=").count(), 20);
    assert!(page.contains("<h1>") && page.contains("class=\"text\""));
    assert!(
        server
            .get("/search?q=docker")
            .2
            .contains("/troubleshoot/docker-daemon")
    );
    assert_eq!(server.get("/no/such/page").0, 404);
    assert_eq!(
        server.get("/howto/api-rate-limiting/token-bucket-notes").0,
        404
    );
    assert_eq!(server.get("/site.css").0, 200);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn the_demo_reads_a_corpus_in_the_folder_it_is_started_in() {
    let site = Site::new()
        .page("a.md", "---\ntitle: First\n---\nEspresso needs fresh roasted beans and <b onclick=x>pressure</b>.")
        .page("b.md", "---\ntitle: Second\n---\nFresh roasted beans give espresso under pressure.");
    let server = site.start(&["demo"]);
    let (_, _, page) = server.get("/a");
    assert!(
        page.contains("Second") && page.contains("&lt;b onclick"),
        "{page}"
    );
}

#[test]
fn the_feed_of_the_demo_has_the_newest_articles_and_no_page_that_is_kept_back() {
    let site = Site::new()
        .page(
            "old.md",
            "---\ntitle: Old & dull\ndate: 2024-01-02\n---\nText.",
        )
        .page(
            "new.md",
            "---\ntitle: New <b>\ndate: 2026-01-02T10:00:00+02:00\n---\nText.",
        )
        .page(
            "draft.md",
            "---\ntitle: Half done\ndate: 2026-02-02\ndraft: true\n---\nText.",
        )
        .page(
            "quiet.md",
            "---\ntitle: Quiet\ndate: 2026-02-03\nnoindex: true\n---\nText.",
        )
        .page("soon.md", "---\ntitle: Soon\ndate: 2999-01-01\n---\nText.");
    let server = site.start(&["demo"]);
    let (status, kind, feed) = server.get("/feed.xml");
    assert_eq!(
        (status, kind.as_str()),
        (200, "application/atom+xml; charset=utf-8")
    );
    let told = |before: &str, after: &str| -> Vec<String> {
        let parts = feed.split(before).skip(2);
        parts
            .filter_map(|part| Some(part.split_once(after)?.0.to_owned()))
            .collect()
    };
    assert_eq!(
        told("<title>", "</title>"),
        ["New &lt;b&gt;", "Old &amp; dull"]
    );
    assert_eq!(
        told("<updated>", "</updated>"),
        ["2026-01-02T08:00:00Z", "2024-01-02T00:00:00Z"]
    );
    assert!(feed.contains("<link href=\"/new\"></link>"), "{feed}");
    assert!(server.get("/").2.contains("type=\"application/atom+xml\""));
}

#[test]
fn the_demo_leads_to_the_studio_and_the_api_and_has_articles_below_docs_too() {
    let site = Site::new()
        .page("docs/intro.md", "# First steps\nInstall it.")
        .page("a.md", "# Another\nText.");
    let server = site.start(&["demo"]);
    let (_, _, front) = server.get("/");
    for (href, title) in [("/studio", "readnext studio"), ("/docs/", "readnext API")] {
        assert!(front.contains(&format!("href=\"{href}\"")), "{front}");
        let (status, _, page) = server.get(href);
        assert!(status == 200 && page.contains(title), "{href}: {page}");
    }
    let (status, _, page) = server.get("/docs/intro");
    assert_eq!(status, 200);
    assert_eq!(page.matches("<h1>First steps</h1>").count(), 1, "{page}");
    let (status, kind, page) = server.get("/docs/outro");
    assert_eq!((status, kind.as_str()), (404, "text/html; charset=utf-8"));
    assert!(page.contains("No such page"), "{page}");
}

#[test]
fn a_demo_without_a_data_folder_leaves_nothing_behind() {
    let site = Site::new().page("a.md", "text");
    let mut command = Command::new(env!("CARGO_BIN_EXE_readnext"));
    command
        .args(["demo", "--listen", "127.0.0.1:0"])
        .current_dir(site.path("."))
        .env("TMPDIR", site.path("."));
    let server = Server::of(command);
    assert_eq!(server.get("/a").0, 200);
    assert!(server.said().contains("readers of this demo are simulated"));
    assert_eq!(server.stop(), Some(0));
    let left: Vec<String> = std::fs::read_dir(site.path("."))
        .expect("listed")
        .flatten()
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .collect();
    assert_eq!(left, ["corpus"]);
}

#[test]
fn a_demo_in_a_folder_of_its_own_shows_what_is_learned_from_simulated_readers() {
    let site = Site::new();
    std::fs::remove_dir(site.path("corpus")).expect("no corpus in the folder");
    let recommended = |server: &Server| {
        let pages = [
            "/tool/pandas/overview",
            "/tool/react/overview",
            "/howto/core-web-vitals/fixing-layout-shift",
        ];
        let cards = pages.map(|page| {
            let body = server.get(&format!("/v1/related?url={page}")).2;
            body.matches("\"reason\":\"Recommended\"").count()
        });
        cards.iter().sum::<usize>()
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_readnext"));
    command
        .args(["demo", "--listen", "127.0.0.1:0"])
        .current_dir(site.path("."));
    let own = Server::of(command);
    let given = site.start(&["demo"]);
    assert!(!given.said().contains("simulated"));
    // Events are counted soon after the start.
    let start = Instant::now();
    while recommended(&own) < recommended(&given) + 10 {
        assert!(start.elapsed() < Duration::from_secs(20), "nothing learned");
        thread::sleep(Duration::from_millis(50));
    }
}

const PAGE: &str = "/alternatives/python/performance-focused-alternatives";

/// The texts between `start` and `end` in `page`.
fn between<'a>(page: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let rests = page.split(start).skip(1);
    rests.filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn every_card_of_the_demo_says_why_it_is_there() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let (_, _, page) = server.get(PAGE);
    let told = between(&page, "<details class=\"why\"", "</details>");
    assert_eq!(told.len(), 20);
    let mut explained = 0;
    for why in told.iter().filter(|why| why.contains("why-sum")) {
        let numbers = between(why, "class=\"why-number\">", "<");
        let numbers: Vec<f64> = numbers.iter().map(|one| one.parse().expect(one)).collect();
        let (score, given) = numbers.split_last().expect("a score");
        assert_eq!(given.len(), 4, "a row for each signal");
        assert!((given.iter().sum::<f64>() - score).abs() < 1e-3, "{why}");
        assert_eq!(why.matches("<rect").count(), 4, "a bar for each signal");
        explained += usize::from(why.contains("why-evidence"));
    }
    assert!(explained >= 10, "{explained} cards have evidence in words");
}

#[test]
fn fifty_simulated_readers_change_a_panel_by_way_of_the_journal() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let body = format!("id={PAGE}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let events = || site.ok(&["events", "export"]).lines().count();
    assert_eq!(events(), 0);
    let refused = server.post(
        "/demo/readers",
        &body,
        &[form, ("origin", "https://evil.test")],
    );
    assert_eq!((refused.0, events()), (403, 0));
    let origin = ("origin", server.url(""));
    let (status, page) = server.post("/demo/readers", &body, &[form, (origin.0, &origin.1)]);
    assert_eq!(status, 200);
    assert!(page.contains("50 simulated readers came by"), "{page}");
    assert!(page.contains("class=\"rose\""), "cards rose");
    let counted = server.json(&format!("/demo/counters?id={PAGE}"));
    assert_eq!(counted["events"].as_u64(), Some(events() as u64));
    assert!(counted["views"].as_u64() >= Some(50), "{counted}");
    assert!(counted["seen"].as_u64() > counted["clicks"].as_u64());
    let unknown = server.post("/demo/readers", "id=/none", &[form, (origin.0, &origin.1)]);
    assert_eq!(unknown.0, 404);
}

#[test]
fn no_page_of_another_site_does_in_a_demo_what_needs_no_key_there() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let own = server.url("");
    let record = "{\"id\": \"/tool/vite/overview\", \"title\": \"Another title\", \"body\": \"x\"}";
    let ask = |method: &str, path: &str, headers: String, body: &str| {
        let mut connection = Connection::to(&server);
        connection.ask(method, path, &headers, body).status
    };
    let origin = |origin: &str| format!("host: {}\r\norigin: {origin}\r\n", server.socket());
    // Neither a form, which needs no leave, nor a script, nor a name that was made to lead here.
    for (method, path) in [
        ("POST", "/v1/articles"),
        ("DELETE", "/v1/articles?id=/tool/vite/overview"),
        ("POST", "/v1/reload"),
        ("GET", "/v1/search?q=vite"),
        ("GET", "/metrics"),
    ] {
        let body = if path == "/v1/articles" { record } else { "" };
        let foreign = origin("http://evil.test");
        assert_eq!(ask(method, path, foreign, body), 403, "{method} {path}");
        let rebound = "host: evil.test\r\n".to_owned();
        assert_eq!(ask(method, path, rebound, body), 421, "{method} {path}");
    }
    assert_ne!(
        server.json("/v1/related?id=/tool/vite/overview")["article"]["title"],
        "Another title"
    );
    // Its own pages and programs do.
    assert_eq!(ask("POST", "/v1/articles", origin(&own), record), 200);
    assert_eq!(ask("GET", "/v1/search?q=vite", String::new(), ""), 200);
}

#[test]
fn only_a_demo_has_simulated_readers() {
    let site = Site::new().page("a.md", "text").indexed();
    let server = site.start(&["serve"]);
    let origin = server.url("");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [form, ("origin", origin.as_str())];
    assert_eq!(server.post("/demo/readers", "id=/a", &headers).0, 404);
    assert_eq!(server.get("/demo/counters?id=/a").0, 404);
}
