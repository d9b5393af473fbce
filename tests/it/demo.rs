//! The demo: the sample site from the binary alone.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

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
