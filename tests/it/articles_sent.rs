//! What clients send as articles: odd records, odd ids and odd bytes become what was meant, or are told.

use std::io::Write;

use serde_json::{Value, json};

use crate::articles_http::{Keyed, site};
use crate::connection::{Answer, Connection};
use crate::problems::problem;

/// Sends the bytes `body` with the key of `server`.
fn send(server: &Keyed, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let mut connection = Connection::to(&server.server);
    let (key, length) = (&server.key, body.len());
    connection.write(&format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n{headers}content-length: {length}\r\n\r\n"
    ));
    connection.0.write_all(body).expect("written");
    connection.read(false).expect("an answer")
}

fn title(server: &Keyed, id: &str) -> Value {
    let path = format!("/v1/articles?id={id}");
    let (_, answer) = server.server.ask("GET", &path, &server.key, "");
    answer["article"]["title"].clone()
}

fn statuses(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("items").iter();
    items
        .map(|item| item["status"].as_str().expect("a status"))
        .collect()
}

#[test]
fn of_two_records_of_one_id_in_a_bulk_the_later_one_stands() {
    let site = site();
    let server = Keyed::start(&site);
    let line = |id: &str, title: &str| json!({"id": id, "title": title}).to_string();
    let bulk = |lines: &[String]| {
        let (status, answer) =
            server
                .server
                .ask("POST", "/v1/articles", &server.key, &lines.join("\n"));
        assert_eq!(status, 200, "{answer}");
        answer
    };
    bulk(&[line("/x", "As it was")]);
    // The last line says what was there before the bulk, which is not what is there after the first.
    let lines = [
        line("/x", "Another"),
        line("/y", "New"),
        line("/x", "As it was"),
        line("/y", "New"),
        line("/y", "Newer"),
    ];
    let told = bulk(&lines);
    assert_eq!(
        statuses(&told),
        ["updated", "created", "updated", "unchanged", "updated"]
    );
    assert_eq!(title(&server, "/x"), "As it was");
    assert_eq!(title(&server, "/y"), "Newer");
    drop(server);
    let server = Keyed::start(&site);
    assert!(server.comes_to(|server| title(server, "/x") == "As it was"));
}

#[test]
fn a_record_is_the_article_of_its_address_and_no_other() {
    let site = site();
    let server = Keyed::start(&site);
    for twice in [
        r#"{"id": "/x", "id": "/other", "title": "X"}"#,
        r#"{"id": "/other", "title": "X", "id": "/elsewhere"}"#,
    ] {
        let answer = send(&server, "PUT", "/v1/articles?id=/x", "", twice.as_bytes());
        assert_eq!(problem(&answer), (422, "bad_article".to_owned()));
        assert_eq!(answer.json()["errors"][0]["pointer"], "/id");
    }
    for id in ["/x", "/other", "/elsewhere"] {
        assert_eq!(title(&server, id), Value::Null, "{id}");
    }
    // No id, however that is said, is the one of the address.
    for (place, record) in [
        "{\"id\": null, \"title\": \"X\", \"tags\": [\"a\"]}",
        "{\"title\": \"X\", \"id\": null}",
        "\u{feff}{\"title\": \"X\"}",
        "\r\n{\r\n\"title\": \"X\"\r\n}\r\n",
    ]
    .iter()
    .enumerate()
    {
        let path = format!("/v1/articles?id=/null-{place}");
        let answer = send(&server, "PUT", &path, "", record.as_bytes());
        let expected = json!({"id": format!("/null-{place}"), "status": "created"});
        assert_eq!((answer.status, answer.json()), (201, expected), "{record}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_told_with_their_place() {
    let site = site();
    let server = Keyed::start(&site);
    let record = b"{\"summary\": \"X\",\n \"title\": \"Caf\xe9\"}";
    let answer = send(&server, "PUT", "/v1/articles?id=/x", "", record).json();
    let warning = &answer["warnings"][0];
    assert_eq!(
        (&warning["line"], &warning["column"]),
        (&json!(2), &json!(15)),
        "{answer}"
    );
    let lines = b"{\"id\": \"/y\", \"title\": \"Y\"}\n{\"id\": \"/z\", \"title\": \"\xff\"}";
    let answer = send(&server, "POST", "/v1/articles", "", lines).json();
    assert_eq!(answer["items"][1]["warnings"][0]["line"], 2, "{answer}");
    assert_eq!(answer["items"][0]["warnings"], Value::Null);
    // An id is taken byte for byte, so one that cannot be is refused.
    for method in ["PUT", "GET", "DELETE"] {
        let answer = send(&server, method, "/v1/articles?id=/caf%E9", "", b"");
        assert_eq!(problem(&answer), (400, "bad_parameter".to_owned()));
        assert_eq!(answer.json()["errors"][0]["parameter"], "id");
    }
}

#[test]
fn what_comes_alone_is_told_in_words_of_no_file_and_no_bulk() {
    let site = site();
    let server = Keyed::start(&site);
    for body in [
        &b"\xff\xfe\x00\x01\x02\x03"[..],
        b"\x01\x02\x03",
        b"",
        b"[]",
        b"{\"title\": \"A\"}\n{\"title\": \"B\"}",
        b"{\"title\": \"A\", \"format\": \"pdf\", \"lang\": \"english\", \"published\": \"now\"}",
        b"{\"title\": \"A\", \"tags\": \"a\"}",
        b"{\"title\": \"A\xff\"}",
    ] {
        let answer = send(&server, "PUT", "/v1/articles?id=/x", "", body).json();
        let told = [&answer["errors"], &answer["warnings"]];
        let told = told.into_iter().flat_map(|all| all.as_array());
        let details: Vec<&str> = told
            .flatten()
            .filter_map(|one| one["detail"].as_str())
            .collect();
        assert!(!details.is_empty(), "{answer}");
        for detail in details {
            for word in ["file", "corpus", " line", "dropped", "records"] {
                assert!(!detail.contains(word), "{word}: {detail}");
            }
        }
    }
}

#[test]
fn a_body_that_is_compressed_is_refused_and_not_read_as_it_is() {
    let site = site();
    let server = Keyed::start(&site);
    let record = b"{\"id\": \"/x\", \"title\": \"X\"}";
    for (method, path, kind) in [
        ("PUT", "/v1/articles?id=/x", "application/json"),
        ("POST", "/v1/articles", "application/x-ndjson"),
        ("POST", "/v1/suggest", "application/json"),
        ("POST", "/v1/events", "text/plain"),
    ] {
        for coding in ["gzip", "br", "identity\r\ncontent-encoding: gzip"] {
            let headers = format!("content-type: {kind}\r\ncontent-encoding: {coding}\r\n");
            let answer = send(&server, method, path, &headers, record);
            let expected = (415, "unknown_content_encoding".to_owned());
            assert_eq!(problem(&answer), expected, "{path}");
            assert_eq!(answer.header("accept-encoding"), "identity");
        }
    }
    assert_eq!(title(&server, "/x"), Value::Null);
    let headers = "content-encoding: Identity\r\n";
    let answer = send(&server, "PUT", "/v1/articles?id=/x", headers, record);
    assert_eq!(answer.status, 201);
}
