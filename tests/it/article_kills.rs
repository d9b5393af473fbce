//! A server that is killed while articles come in: what was acknowledged is there, and nothing else is damaged.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::chance::Chance;
use crate::site::{Server, Site};

/// The longest that a server lives, and how many are killed at least and, where the machine is slow, at most.
const LONGEST: Duration = Duration::from_millis(250);
const KILLS: u32 = 4;
const MOST_KILLS: u32 = 40;
/// More articles than this are acknowledged in all.
const ENOUGH: usize = 20;

/// Puts article after article from `first` on until the server is gone; the number behind the last that was acknowledged.
fn put_until_gone(server: &Server, key: &str, first: u32) -> u32 {
    let Ok(mut stream) = TcpStream::connect(server.socket()) else {
        return first;
    };
    let mut number = first;
    loop {
        let body = json!({"title": format!("Kettle {number}"), "body": "Water at ninety degrees."})
            .to_string();
        let request = format!(
            "PUT /v1/articles?id=/n{number} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut answer = [0; 4096];
        let read = stream
            .write_all(request.as_bytes())
            .and_then(|()| stream.read(&mut answer));
        match read {
            Ok(length) if answer[..length].starts_with(b"HTTP/1.1 201") => number += 1,
            _ => return number,
        }
    }
}

#[test]
fn what_is_killed_while_articles_come_costs_none_that_was_acknowledged() {
    let page = "---\ntitle: Grinder\n---\nFresh beans and an even grind.\n";
    let site = Site::new().page("a.md", page).indexed();
    site.write("readnext.toml", "rebuild_percent = 10\n");
    let key = site.ok(&["keys", "create"]).trim().to_owned();
    let next = AtomicU32::new(0);
    let mut acknowledged = Vec::new();
    for round in 0..MOST_KILLS {
        if round >= KILLS && acknowledged.len() > ENOUGH {
            break;
        }
        let server = site.start(&["serve"]);
        let delay = LONGEST.mul_f64(Chance::seeded(u64::from(round)).share());
        thread::scope(|scope| {
            let first = next.load(Ordering::Relaxed);
            let (server, key) = (&server, &key);
            let putting = scope.spawn(move || put_until_gone(server, key, first));
            thread::sleep(delay);
            let killed = std::process::Command::new("kill")
                .args(["-9", &server.id().to_string()])
                .status();
            assert!(killed.expect("kill runs").success());
            let end = putting.join().expect("it ends");
            acknowledged.extend(first..end);
            // The one that was on its way may be there or not.
            next.store(end + 1, Ordering::Relaxed);
        });
    }
    assert!(acknowledged.len() > ENOUGH, "{}", acknowledged.len());
    let server = site.start(&["serve"]);
    let told = site.run(&["reindex", "--allow-shrink"]);
    assert_eq!(
        told.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    for number in &acknowledged {
        let article = site.run(&["related", &format!("/n{number}")]);
        assert_eq!(article.status.code(), Some(0), "/n{number}");
    }
    assert_eq!(server.stop(), Some(0));
}
