//! Rebuilds behind a server: when they begin, who does them, and what becomes of one that fails.

use std::thread;
use std::time::{Duration, Instant};

use crate::articles_http::{Keyed, SOON, record, site};

#[test]
fn a_server_rebuilds_by_itself_once_enough_changed_and_panels_go_on() {
    let site = site();
    site.write(
        "readnext.toml",
        "rebuild_percent = 50\nrebuild_seconds = 3600\n",
    );
    let server = Keyed::start(&site);
    for page in ["/n1", "/n2"] {
        assert_eq!(server.put(page, &record(page)).0, 201);
        assert_eq!(server.server.get("/v1/related?url=/a").0, 200);
    }
    thread::sleep(Duration::from_millis(600));
    assert!(server.server.get("/readyz").2.contains("generation 1\n"));
    for page in ["/n3", "/n4"] {
        assert_eq!(server.put(page, &record(page)).0, 201);
    }
    assert!(server.server.moves_to(2, SOON), "{}", server.server.said());
    assert!(server.cards("/a").contains(&"/n4".to_owned()));
    assert_eq!(site.run_export(), {
        site.ok(&["reindex", "--full"]);
        site.run_export()
    });
}

#[test]
fn a_server_rebuilds_by_itself_once_a_change_is_old_enough() {
    let site = site();
    site.write(
        "readnext.toml",
        "rebuild_percent = 100\nrebuild_seconds = 1\n",
    );
    let server = Keyed::start(&site);
    assert_eq!(server.put("/new", &record("A new kettle")).0, 201);
    assert!(server.server.moves_to(2, SOON), "{}", server.server.said());
    assert_eq!(server.delete("/new"), 204);
    assert!(server.server.moves_to(3, SOON), "{}", server.server.said());
    assert_eq!(server.server.get("/v1/related?url=/new").0, 404);
    // Nothing waits any more: nothing is built.
    thread::sleep(Duration::from_millis(1500));
    assert!(server.server.get("/readyz").2.contains("generation 3\n"));
}

/// The processes that `parent` started and that have not ended.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> usize {
    let of_parent = |status: &str| {
        let lines = status.lines();
        let mut parents = lines.filter_map(|line| line.strip_prefix("PPid:"));
        parents.any(|id| id.trim() == parent.to_string())
    };
    let processes = std::fs::read_dir("/proc").expect("a list").flatten();
    let statuses =
        processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("status")).ok());
    statuses.filter(|status| of_parent(status)).count()
}

#[test]
#[cfg(target_os = "linux")]
fn a_rebuild_is_a_process_of_its_own_and_takes_its_memory_with_it() {
    let site = site();
    site.write(
        "readnext.toml",
        "rebuild_percent = 1\nrebuild_seconds = 3600\n",
    );
    let server = Keyed::start(&site);
    assert_eq!(server.put("/n", &record("New")).0, 201);
    let begun = Instant::now();
    let mut seen = false;
    while !server.server.moves_to(2, Duration::ZERO) {
        seen |= children(server.server.id()) > 0;
        assert!(begun.elapsed() < SOON, "{}", server.server.said());
    }
    assert!(seen);
    // It has some folders to clear away yet.
    while children(server.server.id()) > 0 {
        assert!(begun.elapsed() < SOON);
    }
}

#[test]
fn a_rebuild_that_fails_says_why_and_is_tried_again() {
    let site = site();
    let server = Keyed::start(&site);
    site.write("readnext.toml", "rebuild_percent = \"many\"\n");
    for page in ["/1", "/2", "/3", "/4", "/5", "/6", "/7"] {
        assert_eq!(server.put(page, &record(page)).0, 201);
    }
    let begun = Instant::now();
    while !server.server.said().contains("the index is not rebuilt: ") {
        assert!(begun.elapsed() < SOON, "{}", server.server.said());
        thread::sleep(Duration::from_millis(20));
    }
    let said = server.server.said();
    assert!(said.contains("rebuild_percent"), "{said}");
    assert_eq!(server.server.get("/v1/related?url=/7").0, 200);
    site.write("readnext.toml", "");
    assert!(server.server.moves_to(2, SOON), "{}", server.server.said());
}
