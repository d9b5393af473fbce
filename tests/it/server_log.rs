//! The log of a server: every request has a name, which its answer and the log both tell; who asked is in no line; and nobody
//! waits for whoever reads it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::connection::{Answer, Connection};
use crate::problems::problem;
use crate::site::{Server, two_pages};

const PANEL: &str = "/v1/related?url=/a";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The name of the request that `answer` is to.
fn name(answer: &Answer) -> String {
    answer.header("x-request-id").to_owned()
}

/// The line of the log with `words`, once it is there.
fn line_with(server: &Server, words: &str) -> String {
    let started = Instant::now();
    loop {
        let said = server.said();
        if let Some(line) = said.lines().find(|line| line.contains(words)) {
            return line.to_owned();
        }
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{words} in {said}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_answer_names_its_request_and_the_log_tells_what_it_was() {
    let site = two_pages("[serve]\nlog = \"json\"\nlog_requests = \"all\"\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let mut names = Vec::new();
    for (path, status, route, about) in [
        (PANEL, 200, "/v1/related", Some("/a")),
        (PANEL, 200, "/v1/related", Some("/a")),
        (
            "/v1/related.html?url=/nowhere%3Fmail=x",
            404,
            "/v1/related.html",
            Some("/nowhere"),
        ),
        ("/v1/search?q=secret", 401, "/v1/search", None),
        ("/made/up?secret=1", 404, "other", Some("/made/up")),
        ("/livez", 200, "/livez", None),
    ] {
        let answer = connection.get(path, &format!("traceparent: {TRACE}\r\n"));
        assert_eq!(answer.status, status, "{path}");
        let line: Value = serde_json::from_str(&line_with(&server, &name(&answer))).expect("JSON");
        assert_eq!(line["request"], name(&answer), "{path}");
        let found = (&line["method"], &line["route"], line["status"].as_u64());
        assert_eq!(
            found,
            (&"GET".into(), &route.into(), Some(status.into())),
            "{path}"
        );
        assert_eq!(line["bytes"], answer.body.len(), "{path}");
        assert_eq!(line["about"].as_str(), about, "{path}");
        assert_eq!(line["traceparent"], TRACE, "{path}");
        assert!(
            line["seconds"]
                .as_f64()
                .is_some_and(|seconds| seconds > 0.0),
            "{path}"
        );
        assert!(
            line["time"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z')),
            "{path}"
        );
        names.push(name(&answer));
    }
    assert!(names.iter().all(|name| name.len() == 16), "{names:?}");
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6, "each has a name of its own");
    assert!(!server.said().contains("secret"), "{}", server.said());
    for line in server.said().lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[test]
fn who_is_refused_before_a_request_was_read_has_a_name_and_a_line_too() {
    let site = two_pages(
        "[serve]\nlog = \"json\"\nlog_requests = \"all\"\npatience = 1\nconnections = 2\n",
    );
    let server = site.start(&["serve"]);
    let said = |text: &str| {
        let mut connection = Connection::to(&server);
        connection.write(text);
        connection.read(false).expect("an answer")
    };
    let half = said("GET /secret HTTP/1.1\r\nhost: ");
    let long = said(&format!(
        "GET /secret HTTP/1.1\r\nx-long: {}\r\n\r\n",
        "x".repeat(20_000)
    ));
    let garbage = said("secret\r\n\r\n");
    // Whose bodies are to come are busy, and leave no room.
    let busy = [(); 2].map(|()| {
        let mut connection = Connection::to(&server);
        connection.write("POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 50\r\n\r\n{");
        connection
    });
    std::thread::sleep(Duration::from_millis(300));
    let full = said(&format!("GET {PANEL} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
    drop(busy);
    for (answer, status, code) in [
        (&half, 408, "too_slow"),
        (&long, 431, "head_too_large"),
        (&garbage, 400, "bad_request"),
        (&full, 503, "no_room"),
    ] {
        assert_eq!(problem(answer), (status, code.to_owned()));
        assert_eq!(name(answer).len(), 16, "{code}");
        let line: Value = serde_json::from_str(&line_with(&server, &name(answer))).expect("JSON");
        let expected = (status.into(), "unread".into(), answer.body.len().into());
        let found = (&line["status"], &line["route"], &line["bytes"]);
        assert_eq!(found, (&expected.0, &expected.1, &expected.2), "{code}");
        assert!(
            line["method"].is_null() && line["about"].is_null(),
            "{line}"
        );
    }
    assert!(!server.said().contains("secret"), "{}", server.said());
    let metrics = Connection::to(&server).get("/metrics", &server.key_header());
    for status in [400, 408, 431, 503] {
        let counted =
            format!("readnext_http_requests_total{{route=\"unread\",status=\"{status}\"}} 1\n");
        assert!(
            metrics.text().contains(&counted),
            "{status}: {}",
            metrics.text()
        );
    }
}

#[test]
fn no_line_tells_who_asked() {
    let site = two_pages("trusted_proxies = [\"127.0.0.1\"]\n[serve]\nlog_requests = \"all\"\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let body = "{\"events\": [{\"type\": \"view\", \"article\": \"/a\", \"visitor\": \"anna@example.org\"}]}";
    let headers = "x-forwarded-for: 192.0.2.77\r\nuser-agent: Mozilla/5.0 Firefox/140.0\r\nreferer: https://docs.example.org/anna\r\ncookie: id=anna\r\ncontent-type: text/plain\r\n";
    let posted = connection.ask("POST", "/v1/events", headers, body);
    assert_eq!(posted.status, 202);
    let read = connection.get("/v1/related?url=/a&exclude=/b", headers);
    let trace = connection.get(PANEL, &format!("{headers}traceparent: anna\r\n"));
    for answer in [&posted, &read, &trace] {
        line_with(&server, &format!("id={}", name(answer)));
    }
    let said = server.said();
    for private in ["192.0.2", "127.0.0.1", "Mozilla", "Firefox", "anna", "/b"] {
        assert!(!said.contains(private), "{private}: {said}");
    }
}

#[test]
fn a_name_from_outside_is_taken_of_a_proxy_of_the_site_alone() {
    for (settings, taken) in [("", false), ("trusted_proxies = [\"127.0.0.1\"]\n", true)] {
        let site = two_pages(&format!("{settings}[serve]\nlog_requests = \"all\"\n"));
        let server = site.start(&["serve"]);
        let mut connection = Connection::to(&server);
        let answer = connection.get(PANEL, "x-request-id: edge-4711.a\r\n");
        assert_eq!(name(&answer) == "edge-4711.a", taken, "{settings}");
        line_with(&server, &format!("id={}", name(&answer)));
        for odd in ["a b", "a\"b", "", &"x".repeat(65), "\u{1b}[2J"] {
            let answer = connection.get(PANEL, &format!("x-request-id: {odd}\r\n"));
            if answer.status == 200 {
                assert_eq!(name(&answer).len(), 16, "{odd:?}");
            } else {
                // The line of this header is none.
                assert_eq!(answer.status, 400, "{odd:?}");
                connection = Connection::to(&server);
            }
        }
    }
}

#[test]
fn a_failure_is_told_under_the_name_that_its_answer_has() {
    for (form, failed) in [("human", " 500 "), ("json", "\"status\":500")] {
        let site = two_pages(&format!("[serve]\nlog = \"{form}\"\n"));
        fs::remove_file(site.path("index/generation-00000001/terms.bin")).expect("removed");
        let server = site.start(&["serve"]);
        let mut connection = Connection::to(&server);
        let fine = connection.get(PANEL, "");
        let answer = connection.get(&format!("{PANEL}&explain=true"), "");
        assert_eq!(answer.status, 500);
        let name = name(&answer);
        assert_eq!(answer.json()["id"], name);
        assert!(!answer.text().contains("terms.bin"), "{}", answer.text());
        let why = line_with(&server, &format!("request {name} failed"));
        assert!(why.contains("terms.bin"), "{why}");
        let line = line_with(&server, failed);
        assert!(line.contains(&name), "{line}");
        let said = server.said();
        assert!(
            !said.contains(fine.header("x-request-id")),
            "only failures: {said}"
        );
    }
}

#[test]
fn a_log_that_nobody_reads_stops_no_request_and_no_end() {
    let site = two_pages("[serve]\nlog_requests = \"all\"\n");
    let mut command: Command = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    out.read_line(&mut line).expect("a line");
    let address = line.trim().trim_start_matches("listening on http://");
    let mut connection = Connection(TcpStream::connect(address).expect("a connection"));
    connection.0.set_nodelay(true).expect("set");
    connection
        .0
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("set");
    // More lines than the pipe and the server hold: what is left out is not waited for.
    for _ in 0..12_000 {
        assert_eq!(connection.get("/livez", "").status, 200);
    }
    let asked = Command::new("kill").arg(child.id().to_string()).status();
    assert!(asked.expect("kill runs").success());
    let started = Instant::now();
    let ended = child.wait().expect("it ends");
    assert!(ended.success(), "{ended}");
    assert!(started.elapsed() < Duration::from_secs(10));
}
