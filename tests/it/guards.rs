//! What keeps a server answering whatever comes in over its sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::site::{Server, Site};

const PANEL: &str = "/v1/related?url=/a";

fn site(settings: &str) -> Site {
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .page(
            "b.md",
            "Espresso pressure and fresh roasted beans from the grinder.",
        );
    site.write("readnext.toml", settings);
    site.indexed()
}

/// The header with the first key of `server`.
fn key(server: &Server) -> String {
    format!("authorization: Bearer {}\r\n", server.first_key())
}

fn problem(answer: &crate::connection::Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{body}");
    assert!(body["title"].is_string() && body["detail"].is_string());
    (
        answer.status,
        body["code"].as_str().expect("a code").to_owned(),
    )
}

#[test]
fn slowloris_of_five_hundred_connections_leaves_others_served() {
    // With room for all of them, and with room for fewer.
    for connections in [4096, 300] {
        let site = site(&format!(
            "[serve]\npatience = 3\nconnections = {connections}\n"
        ));
        let server = site.start(&["serve"]);
        let mut slow: Vec<TcpStream> = (0..500)
            .map(|_| {
                let mut stream = TcpStream::connect(server.socket()).expect("a connection");
                stream
                    .write_all(b"GET /v1/related?url=/a HTTP/1.1\r\nhost: loc")
                    .expect("written");
                stream
            })
            .collect();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(1) {
            let asked = Instant::now();
            assert_eq!(Connection::to(&server).get(PANEL, "").status, 200);
            // An answer that had to wait for the slow ones to be shown out would come after their three seconds.
            assert!(
                asked.elapsed() < Duration::from_secs(2),
                "{:?}",
                asked.elapsed()
            );
        }
        // A byte now and then does not help.
        for _ in 0..4 {
            std::thread::sleep(Duration::from_secs(1));
            for stream in &mut slow {
                // It may be closed already.
                let _ = stream.write_all(b"a");
            }
        }
        let gone = slow.iter_mut().map(ends).filter(|&gone| gone);
        assert_eq!(gone.count(), 500, "all were shown out");
    }
}

/// Whether the server ended the connection.
fn ends(stream: &mut TcpStream) -> bool {
    let patience = Duration::from_millis(500);
    stream.set_read_timeout(Some(patience)).expect("set");
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => !matches!(
            error.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        ),
    }
}

#[test]
fn the_head_of_a_request_that_does_not_come_is_told_so() {
    let site = site("[serve]\npatience = 1\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    connection.write("GET /v1/related?url=/a HTTP/1.1\r\nhost: ");
    let answer = connection.read(false).expect("an answer");
    assert_eq!(problem(&answer), (408, "too_slow".to_owned()));
    assert!(ends(&mut connection.0));
}

#[test]
fn a_body_that_does_not_come_is_told_so() {
    let site = site("[serve]\npatience = 1\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    connection.write("POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\n{\"events\"");
    let started = Instant::now();
    // Nor does one that comes byte by byte: it would take an hour.
    let mut writer = connection.0.try_clone().expect("cloned");
    let trickle = std::thread::spawn(move || {
        while started.elapsed() < Duration::from_secs(5) && writer.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    let answer = connection.read(false).expect("an answer");
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(problem(&answer), (408, "too_slow".to_owned()));
    drop(connection);
    trickle.join().expect("it ends");
}

#[test]
fn whoever_does_not_take_an_answer_is_shown_out_and_so_is_who_asks_no_more() {
    let site = site("[serve]\npatience = 1\nidle = 1\n");
    let server = site.start(&["serve"]);
    let mut idle = Connection::to(&server);
    assert_eq!(idle.get(PANEL, "").status, 200);
    assert!(
        idle.0.read(&mut [0]).is_ok_and(|bytes| bytes == 0),
        "closed"
    );
    // Answers that nobody reads fill what the system holds of them, and then wait.
    let mut greedy = TcpStream::connect(server.socket()).expect("a connection");
    greedy
        .set_write_timeout(Some(Duration::from_secs(8)))
        .expect("set");
    let request = format!("GET {PANEL} HTTP/1.1\r\nhost: localhost\r\n\r\n").repeat(200);
    let started = Instant::now();
    let closed = loop {
        match greedy.write_all(request.as_bytes()) {
            Ok(()) => assert!(started.elapsed() < Duration::from_secs(20), "still open"),
            Err(error) => break error.kind(),
        }
    };
    assert!(
        matches!(
            closed,
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe
        ),
        "{closed:?}"
    );
}

#[test]
fn where_all_connections_are_busy_another_is_told_to_come_back() {
    let site = site("[serve]\npatience = 5\nconnections = 3\n");
    let server = site.start(&["serve"]);
    // Their requests are whole, their bodies are not: none of them waits with nothing asked.
    let busy: Vec<Connection> = (0..3)
        .map(|_| {
            let mut connection = Connection::to(&server);
            connection.write("POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 50\r\n\r\n{");
            connection
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let answer = Connection::to(&server).get(PANEL, "");
    assert_eq!(problem(&answer), (503, "no_room".to_owned()));
    assert_eq!(answer.header("retry-after"), "1");
    drop(busy);
    let started = Instant::now();
    while Connection::to(&server).get(PANEL, "").status != 200 {
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn heads_and_bodies_have_a_size() {
    let server_site = site("");
    let server = server_site.start(&["serve"]);
    let long = "x".repeat(20_000);
    let head = Connection::to(&server).get(PANEL, &format!("x-long: {long}\r\n"));
    assert_eq!(head.status, 431);
    let body = format!("{{\"events\": [\"{}\"]}}", "x".repeat(70_000));
    let kind = "content-type: application/json\r\n";
    let answer = Connection::to(&server).ask("POST", "/v1/events", kind, &body);
    assert_eq!(problem(&answer), (413, "too_large".to_owned()));
}

#[test]
fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let site = site("trusted_proxies = [\"127.0.0.2\"]\n[serve]\nrate = 5\n");
    // The proxy is somebody else: a client of this machine is not limited, nor is a proxy that asks for itself.
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let all = |connection: &mut Connection, headers: &str| {
        let mut statuses = (0..40).map(|_| connection.get(PANEL, headers));
        statuses.find(|answer| answer.status != 200)
    };
    let forwarded = "x-forwarded-for: 192.0.2.1\r\n";
    assert!(all(&mut connection, "").is_none());
    assert!(
        all(&mut connection, forwarded).is_none(),
        "a header of nobody's"
    );
    assert!(server.said().contains("is not in trusted_proxies"));
    assert_eq!(server.said().matches("trusted_proxies").count(), 1);
    drop(server);
    site.write(
        "readnext.toml",
        "trusted_proxies = [\"127.0.0.1\"]\n[serve]\nrate = 5\n",
    );
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    assert!(all(&mut connection, "").is_none());
    let refused = all(&mut connection, forwarded).expect("too many");
    assert_eq!(problem(&refused), (429, "too_many_requests".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    let other = connection.get(PANEL, "x-forwarded-for: 192.0.2.2\r\n");
    assert_eq!(other.status, 200);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(connection.get(PANEL, forwarded).status, 200);
}

#[test]
fn a_server_answers_to_the_names_of_its_site() {
    let site =
        site("site = \"https://docs.example.org\"\n[serve]\nhosts = [\"related.example.org\"]\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    for host in [
        "docs.example.org",
        "related.example.org:443",
        "localhost",
        "127.0.0.1:1",
        "[::1]",
    ] {
        let answer = connection.get(PANEL, &format!("host: {host}\r\n"));
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in ["evil.test", "docs.example.org.evil.test", ""] {
        let answer = connection.get(PANEL, &format!("host: {host}\r\n"));
        assert_eq!(problem(&answer), (421, "misdirected".to_owned()), "{host}");
        // Who watches over the server may ask by any name.
        let probe = connection.get("/livez", &format!("host: {host}\r\n"));
        assert_eq!(probe.status, 200, "{host}");
    }
}

#[test]
fn pages_of_the_site_may_read_panels_and_no_others() {
    let site = site("site = \"https://docs.example.org\"\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let allowed = |answer: &crate::connection::Answer| {
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        answer.header("access-control-allow-origin").to_owned()
    };
    for path in [
        PANEL,
        "/v1/related.html?url=/a",
        "/v1/related?url=/nowhere",
        "/widget.js",
    ] {
        let own = connection.get(path, "origin: https://docs.example.org\r\n");
        assert_eq!(allowed(&own), "https://docs.example.org", "{path}");
        assert!(own.header("vary").contains("Origin"), "{path}");
        for other in [
            "https://evil.test",
            "https://docs.example.org.evil.test",
            "null",
        ] {
            let other = connection.get(path, &format!("origin: {other}\r\n"));
            assert_eq!(allowed(&other), "", "{path}");
            assert!(other.header("vary").contains("Origin"), "{path}");
        }
    }
    let search = connection.get(
        "/v1/search?q=espresso",
        &format!("{}origin: https://docs.example.org\r\n", key(&server)),
    );
    assert_eq!(search.status, 200);
    assert_eq!(allowed(&search), "", "nothing but panels");
    let preflight = connection.ask(
        "OPTIONS",
        "/v1/events",
        "origin: https://docs.example.org\r\naccess-control-request-method: POST\r\n",
        "",
    );
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-methods")
        ),
        (204, "POST")
    );
    assert_eq!(allowed(&preflight), "https://docs.example.org");
    let foreign = "origin: https://evil.test\r\ncontent-type: text/plain\r\n";
    let posted = connection.ask("POST", "/v1/events", foreign, "{\"events\": []}");
    assert_eq!(problem(&posted), (403, "foreign_origin".to_owned()));
    drop(server);
    site.write("readnext.toml", "");
    let server = site.start(&["serve"]);
    let anybody = Connection::to(&server).get(PANEL, "origin: https://evil.test\r\n");
    assert_eq!(allowed(&anybody), "*", "where no site is named");
}

#[test]
fn every_error_is_a_problem_document() {
    let site = site("");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let json = "content-type: application/json\r\n";
    let key = &key(&server);
    for (method, path, headers, body, status, code, words) in [
        ("GET", "/nowhere", "", "", 404, "unknown_path", "/nowhere"),
        (
            "GET",
            "/v1/related?url=/a&limt=3",
            "",
            "",
            400,
            "bad_parameter",
            "limit",
        ),
        (
            "GET",
            "/v1/related?url=/a&explain=ture",
            "",
            "",
            400,
            "bad_parameter",
            "true",
        ),
        (
            "GET",
            "/v1/related?ulr=/a",
            "",
            "",
            400,
            "bad_parameter",
            "did you mean url",
        ),
        (
            "GET",
            "/v1/related?url=%ff",
            "",
            "",
            404,
            "unknown_article",
            "",
        ),
        (
            "GET",
            "/v1/search?query=x",
            key,
            "",
            400,
            "bad_parameter",
            "did you mean q",
        ),
        (
            "GET",
            "/readyz?wirtes",
            "",
            "",
            400,
            "bad_parameter",
            "did you mean writes",
        ),
        (
            "POST",
            "/v1/events",
            json,
            "{\"events\": [",
            400,
            "bad_body",
            "line 1",
        ),
        ("POST", "/v1/events", json, "[]", 400, "bad_body", "events"),
        (
            "POST",
            "/v1/events?x=1",
            json,
            "[]",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "GET",
            "/v1/search?limit=9x",
            key,
            "",
            400,
            "bad_parameter",
            "1 to 100",
        ),
        (
            "POST",
            "/v1/articles?id=/a",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "GET",
            "/v1/keys?scope=write",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "POST",
            "/v1/reload?now",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "PUT",
            "/v1/articles?id=/c&dfart=1",
            key,
            "{}",
            400,
            "bad_parameter",
            "did you mean id",
        ),
        (
            "POST",
            "/v1/suggest?limt=1",
            key,
            "{}",
            400,
            "bad_parameter",
            "did you mean limit",
        ),
        (
            "POST",
            "/v1/events",
            "content-type: image/png\r\n",
            "x",
            415,
            "unknown_content_type",
            "image/png",
        ),
        (
            "POST",
            "/v1/related?url=/a",
            "",
            "",
            405,
            "unknown_method",
            "POST",
        ),
        (
            "DELETE",
            "/widget.js",
            "",
            "",
            405,
            "unknown_method",
            "DELETE",
        ),
        ("GET", "/v1/events", "", "", 405, "unknown_method", "GET"),
    ] {
        let answer = connection.ask(method, path, headers, body);
        assert_eq!(
            problem(&answer),
            (status, code.to_owned()),
            "{method} {path}"
        );
        let body = answer.json();
        let detail = body["detail"].as_str().expect("a detail");
        assert!(detail.contains(words), "{method} {path}: {detail}");
        if code == "bad_parameter" {
            let parameter = path.split(['?', '&']).next_back().expect("a query");
            let parameter = parameter.split('=').next();
            assert_eq!(body["errors"][0]["parameter"].as_str(), parameter, "{path}");
        }
        if code == "bad_body" {
            assert_eq!(body["errors"][0]["line"], 1, "{path}");
        }
        if status == 405 {
            let allowed = match path {
                "/v1/events" => "POST",
                _ => "GET,HEAD",
            };
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
}

#[test]
fn a_server_that_is_told_to_stop_answers_who_asked_and_ends_within_ten_seconds() {
    let site = site("");
    let server = site.start(&["serve"]);
    let mut asking = Connection::to(&server);
    let body = "{\"events\": [{\"type\": \"view\", \"article\": \"/a\"}]}";
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nuser-agent: Mozilla/5.0 Firefox/140.0\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    asking.write(&head);
    // Some wait, and one never says what it wants.
    let idle: Vec<Connection> = (0..5)
        .map(|_| {
            let mut connection = Connection::to(&server);
            assert_eq!(connection.get(PANEL, "").status, 200);
            connection
        })
        .collect();
    let mut silent = Connection::to(&server);
    silent.write("GET /v1");
    std::thread::sleep(Duration::from_millis(200));
    let started = Instant::now();
    let address = server.socket().to_owned();
    let stopping = std::thread::spawn(move || server.stop());
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        TcpStream::connect(&address).is_err(),
        "nobody else is let in"
    );
    asking.write(body);
    assert_eq!(asking.read(false).expect("an answer").status, 202);
    drop(idle);
    assert_eq!(stopping.join().expect("it ends"), Some(0));
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn settings_are_read_again_at_sighup_and_bad_ones_are_not_taken() {
    let site = site("");
    let server = site.start(&["serve"]);
    let caching = |server: &Server| {
        Connection::to(server)
            .get(PANEL, "")
            .header("cache-control")
            .to_owned()
    };
    let waited_for = |words: &str| {
        let started = Instant::now();
        while !server.said().contains(words) {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{}",
                server.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    assert!(caching(&server).starts_with("public"));
    site.write(
        "readnext.toml",
        "fill = false\n[serve]\ncache_control = \"no-cache\"\n",
    );
    server.signal("HUP");
    waited_for("the settings were read again");
    assert_eq!(caching(&server), "no-cache");
    site.write("readnext.toml", "[serve]\ncache_contrl = \"private\"\n");
    server.signal("HUP");
    waited_for("cache_contrl");
    assert!(server.said().contains("the settings before stay"));
    assert_eq!(caching(&server), "no-cache");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn settings_of_the_service_are_checked() {
    for (text, words) in [
        ("[serve]\nconnections = 0\n", "from 1 on"),
        (
            "[serve]\norigins = [\"example.org\"]\n",
            "https://example.org",
        ),
        (
            "[serve]\norigins = [\"https://*.example.org\"]\n",
            "expected an origin",
        ),
        ("[serve]\nmetrics = \"9090\"\n", "127.0.0.1:9090"),
        ("[serve]\ncache_control = \"a\\nb\"\n", "Cache-Control"),
        ("[serve]\nrate = -1\n", "rate"),
    ] {
        let site = Site::new();
        site.write("readnext.toml", text);
        let output = site.run(&["serve"]);
        assert_eq!(output.status.code(), Some(4), "{text}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words), "{text}: {said}");
    }
}

#[test]
fn metrics_are_what_prometheus_reads_and_can_be_elsewhere() {
    let site = site("");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    connection.get(PANEL, "");
    connection.get(PANEL, "");
    connection.get("/v1/related?url=/nowhere", "");
    connection.get("/made-up-by-somebody", "");
    let agent = "content-type: text/plain\r\nuser-agent: Mozilla/5.0 Firefox/140.0\r\n";
    let body = "{\"events\": [{\"type\": \"view\", \"article\": \"/a\"}, {\"type\": \"view\", \"article\": \"/nowhere\"}]}";
    assert_eq!(
        connection.ask("POST", "/v1/events", agent, body).status,
        202
    );
    let value = |page: &str, name: &str| {
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {page}"))
            .parse::<f64>()
            .expect("a number")
    };
    let started = Instant::now();
    let page = loop {
        let answer = connection.get("/metrics", &key(&server));
        assert_eq!(
            answer.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        let page = answer.text().to_owned();
        if value(&page, "readnext_fold_next_event") > 1.0 {
            break page;
        }
        assert!(started.elapsed() < Duration::from_secs(5));
    };
    for (name, expected) in [
        (
            "readnext_http_requests_total{route=\"/v1/related\",status=\"200\"}",
            2.0,
        ),
        (
            "readnext_http_requests_total{route=\"/v1/related\",status=\"404\"}",
            1.0,
        ),
        (
            "readnext_http_requests_total{route=\"other\",status=\"404\"}",
            1.0,
        ),
        (
            "readnext_http_request_duration_seconds_count{route=\"/v1/related\"}",
            3.0,
        ),
        (
            "readnext_http_request_duration_seconds_bucket{route=\"/v1/related\",le=\"+Inf\"}",
            3.0,
        ),
        ("readnext_panel_hits_total", 1.0),
        ("readnext_events_accepted_total", 1.0),
        (
            "readnext_events_ignored_total{reason=\"unknown_article\"}",
            1.0,
        ),
        ("readnext_generation", 1.0),
        ("readnext_articles", 2.0),
        ("readnext_journal_next_event", 2.0),
        ("readnext_fold_next_event", 2.0),
        ("readnext_kept_panels", 1.0),
        ("readnext_writes_stopped", 0.0),
    ] {
        assert_eq!(value(&page, name), expected, "{name}");
    }
    assert!(value(&page, "process_resident_memory_bytes") > 1e6);
    assert!(
        !page.contains("somebody") && !page.contains("nowhere"),
        "no label is made up"
    );
    assert_eq!(server.stop(), Some(0));
    // The counts are kept when a server stops; the next one tells up to where, and what they are.
    site.write("readnext.toml", "[serve]\nmetrics = \"127.0.0.1:0\"\n");
    let server = site.start(&["serve"]);
    assert_eq!(server.get("/metrics").0, 404);
    let said = server.said();
    let address = said
        .lines()
        .find_map(|line| line.split("metrics are at http://").nth(1));
    let address = address.expect("said where");
    let mut watching = Connection(TcpStream::connect(address).expect("a connection"));
    let page = watching.get("/metrics", "");
    assert!(
        page.text()
            .contains("readnext_published_fold_next_event{digest=\""),
        "{}",
        page.text()
    );
    assert_eq!(watching.get(PANEL, "").status, 404);
}
