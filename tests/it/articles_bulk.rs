//! Articles in bulk: each line is told for itself, and a bulk is read as it comes.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::articles_http::{Keyed, site};
use crate::connection::Connection;

#[test]
fn of_a_bulk_every_line_is_told() {
    let site = site();
    let server = Keyed::start(&site);
    let lines = [
        r#"{"id": "/n1", "title": "One", "body": "Fresh beans.", "lang": "english"}"#,
        r#"{"id": "/n2", "title": "Two", "tags": "beans, grinder"}"#,
        "",
        r#"{"id": "/n3"}"#,
        "not JSON",
        r#"{"id": "/a", "title": "Another A", "colour": "red"}"#,
        &format!(r#"{{"id": "/long", "title": "{}"}}"#, "x".repeat(9 << 20)),
        r#"{"url": "/n4/", "title": "Four"}"#,
    ];
    let (status, answer) = server.bulk(&lines.join("\n"));
    assert_eq!(
        (status, &answer["accepted"], &answer["rejected"]),
        (200, &json!(3), &json!(4)),
        "{answer}"
    );
    let items = answer["items"].as_array().expect("items");
    let told: Vec<Value> = items
        .iter()
        .map(|item| {
            json!([
                item["line"],
                item["id"],
                item["status"],
                item["errors"][0]["pointer"],
                item["warnings"][0]["pointer"]
            ])
        })
        .collect();
    let expected = json!([
        [1, "/n1", "created", null, "/lang"],
        [2, "/n2", "rejected", "/tags", null],
        [4, "/n3", "rejected", "/title", null],
        [5, null, "rejected", "", null],
        [6, "/a", "updated", null, "/colour"],
        [7, null, "rejected", "", null],
        [8, "/n4", "created", null, null],
    ]);
    assert_eq!(json!(told), expected);
    let detail = items[1]["errors"][0]["detail"].as_str().expect("text");
    assert_eq!(
        detail,
        "tags: found string \"beans, grinder\", expected a list"
    );
    let place = (
        &items[3]["errors"][0]["line"],
        &items[3]["errors"][0]["column"],
    );
    assert_eq!(place, (&json!(5), &json!(2)), "{answer}");
    for page in ["/n1", "/n4"] {
        assert_eq!(server.server.get(&format!("/v1/related?url={page}")).0, 200);
    }
    assert_eq!(
        server.server.json("/v1/related?url=/a")["article"]["title"],
        "Another A"
    );
    // The same again says nothing new.
    let again = server.bulk(lines[0]).1;
    assert_eq!(again["items"][0]["status"], "unchanged");
}

#[test]
fn a_bulk_is_read_as_it_comes_in_bounded_memory() {
    let site = site();
    let server = site.start(&["serve"]);
    let key = format!("authorization: Bearer {}\r\n", server.first_key());
    let resident = || {
        let page = Connection::to(&server).get("/metrics", &key);
        let name = "process_resident_memory_bytes ";
        let line = page.text().lines().find_map(|line| line.strip_prefix(name));
        line.expect("the metric").parse::<u64>().expect("a number")
    };
    let mut bulk = Connection::to(&server);
    bulk.write(&format!(
        "POST /v1/articles HTTP/1.1\r\nhost: localhost\r\n{key}transfer-encoding: chunked\r\n\r\n"
    ));
    let mut send = |text: &str| bulk.write(&format!("{:x}\r\n{text}\r\n", text.len()));
    let line = |number: usize| {
        let record = json!({"id": format!("/n{number}"), "title": format!("Note {number}"), "body": "Short."});
        format!("{record}\n")
    };
    send(&(0..600).map(line).collect::<String>());
    // What came shows while the rest is on its way.
    let started = Instant::now();
    while server.get("/v1/related?url=/n0").0 != 200 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{}",
            server.said()
        );
        thread::sleep(Duration::from_millis(20));
    }
    let before = resident();
    // No records, and a lot of them.
    let nonsense = format!("{}\n", "x".repeat(1 << 20));
    for _ in 0..200 {
        send(&nonsense);
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 100 << 20, "{grown} bytes for 200 MiB");
    bulk.write("0\r\n\r\n");
    let answer = bulk.read(false).expect("an answer").json();
    let counted = (&answer["accepted"], &answer["rejected"]);
    assert_eq!(counted, (&json!(600), &json!(200)));
}
