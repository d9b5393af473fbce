//! Commands beside a running server, and beside one another, in one folder.

use std::fs;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::chance::{page, write_pages};
use crate::site::Site;

/// How soon a server serves a new generation.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn fifty_rounds_of_editing_and_reading_beside_a_server() {
    let site = Site::new();
    write_pages(&site, 12, 40, 1);
    site.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut asked = 0;
            while !done.load(Ordering::Relaxed) {
                for path in ["/v1/related?url=/p1&explain=true", "/v1/search?q=bako"] {
                    let (status, body) = server.get_with_key(path);
                    assert_eq!(status, 200, "{path}: {body}");
                }
                asked += 1;
                thread::sleep(Duration::from_millis(5));
            }
            asked
        });
        for round in 2..52 {
            site.write("corpus/p3.md", &page(3, 40, round));
            site.ok(&["reindex"]);
            site.ok(&["related", "/p1", "--explain"]);
            assert!(!site.run_export().is_empty());
            assert!(server.moves_to(round, SOON), "round {round}");
        }
        done.store(true, Ordering::Relaxed);
        assert!(asking.join().expect("every answer is right") > 50);
    });
    assert!(!server.said().contains("cannot"), "{}", server.said());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn of_two_reindex_runs_at_once_one_is_told() {
    let site = Site::new();
    write_pages(&site, 200, 100, 1);
    let mut first = site
        .command(&["reindex"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let lock = site.path("index/LOCK");
    let taken = || fs::File::open(&lock).is_ok_and(|file| file.try_lock().is_err());
    while !taken() {
        assert!(
            first.try_wait().expect("waited").is_none(),
            "it was too quick"
        );
        thread::sleep(Duration::from_millis(1));
    }
    let second = site.run(&["reindex"]);
    assert_eq!(second.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another reindex is running"));
    assert!(first.wait().expect("waited").success());
    site.ok(&["reindex"]);
}

#[test]
fn a_server_keeps_its_generation_where_the_new_one_is_damaged() {
    let site = Site::new();
    write_pages(&site, 12, 40, 1);
    site.ok(&["reindex"]);
    // Built elsewhere, so that the server sees it only once it is damaged.
    let other = site.twin();
    site.write("corpus/p3.md", &page(3, 40, 2));
    other.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    let before = server.json("/v1/related?url=/p1");
    let from = other.path("index/generation-00000002");
    let to = site.path("index/generation-00000002");
    crate::site::copy(&from, &to);
    let serving = to.join("serving.bin");
    let mut bytes = fs::read(&serving).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&serving, bytes).expect("written");
    fs::copy(other.path("index/CURRENT"), site.path("index/CURRENT")).expect("copied");
    let told = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(50));
        server.said().contains("the one before goes on serving")
    });
    assert!(told, "{}", server.said());
    assert!(server.said().contains("serving.bin"));
    assert_eq!(server.json("/v1/related?url=/p1"), before);
    assert_eq!(server.get("/readyz").2, "ok: generation 1\nwrites: ok\n");
    let output = site.run(&["reindex"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("this run builds everything again"));
    assert!(server.moves_to(3, SOON), "{}", server.said());
    assert_ne!(server.json("/v1/related?url=/p1"), before);
    // It said so once.
    assert_eq!(server.said().matches("goes on serving").count(), 1);
}

#[test]
fn a_server_goes_on_without_a_current_generation_and_without_a_search_index() {
    let site = Site::new();
    write_pages(&site, 12, 40, 1);
    site.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    fs::remove_dir_all(site.path("index")).expect("removed");
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(server.get("/v1/related?url=/p1").0, 200);
    assert!(server.said().contains("the one before goes on serving"));
    site.ok(&["reindex"]);
    // The same number again, another generation.
    let same = (0..40).any(|_| {
        thread::sleep(Duration::from_millis(50));
        server.said().contains("serving generation 1")
    });
    assert!(same, "{}", server.said());
    let key = server.first_key();
    drop(server);
    let search = site.path("index/generation-00000001/search");
    fs::remove_file(search.join("meta.json")).expect("removed");
    let server = site.start(&["serve"]);
    assert_eq!(server.get("/v1/related?url=/p1&explain=true").0, 200);
    let (status, body) = server.ask("GET", "/v1/search?q=bako", &key, "");
    assert_eq!(status, 500);
    assert!(
        !body.to_string().contains("meta.json"),
        "internals stay in the log: {body}"
    );
    assert!(server.said().contains("meta.json"), "{}", server.said());
    assert_eq!(server.stop(), Some(0));
}
