//! What keeps a server answering whatever comes in over its sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::problems::problem;
use crate::site::two_pages;

const PANEL: &str = "/v1/related?url=/a";

#[test]
fn slowloris_of_five_hundred_connections_leaves_others_served() {
    // With room for all of them, and with room for fewer.
    for connections in [4096, 300] {
        let site = two_pages(&format!(
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
    let site = two_pages("[serve]\npatience = 1\n");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    connection.write("GET /v1/related?url=/a HTTP/1.1\r\nhost: ");
    let answer = connection.read(false).expect("an answer");
    assert_eq!(problem(&answer), (408, "too_slow".to_owned()));
    // Such an answer is written by other hands, and dated as all are.
    let date = answer.header("date");
    assert!(date.ends_with(" GMT") && date.len() == 29, "{date}");
    assert!(ends(&mut connection.0));
}

#[test]
fn what_is_no_request_is_told_so_and_an_answer_before_it_comes_first() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    for before in [0, 1, 3] {
        let mut connection = Connection::to(&server);
        let good = format!("GET {PANEL} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        connection.write(&format!(
            "{}\u{16}\u{3}\u{1}hello\r\n\r\n",
            good.repeat(before)
        ));
        for _ in 0..before {
            assert_eq!(connection.read(false).expect("an answer").status, 200);
        }
        let answer = connection.read(false).expect("an answer");
        assert_eq!(
            problem(&answer),
            (400, "bad_request".to_owned()),
            "{before}"
        );
        assert!(ends(&mut connection.0));
    }
    // So is HTTP/2 to those who know that this is a server.
    let mut connection = Connection::to(&server);
    connection.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let answer = connection.read(false).expect("an answer");
    assert_eq!(problem(&answer), (400, "bad_request".to_owned()));
    assert!(ends(&mut connection.0));
}

#[test]
fn who_never_says_a_word_is_shown_out_without_one() {
    let site = two_pages("[serve]\npatience = 1\nidle = 60\n");
    let server = site.start(&["serve"]);
    let mut silent = Connection::to(&server);
    let mut said = Vec::new();
    silent.0.read_to_end(&mut said).expect("closed");
    assert!(said.is_empty(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn a_body_that_does_not_come_is_told_so() {
    let site = two_pages("[serve]\npatience = 1\n");
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
    let site = two_pages("[serve]\npatience = 1\nidle = 1\n");
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
    let site = two_pages("[serve]\npatience = 5\nconnections = 3\n");
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
    let server_site = two_pages("");
    let server = server_site.start(&["serve"]);
    let long = "x".repeat(20_000);
    let head = Connection::to(&server).get(PANEL, &format!("x-long: {long}\r\n"));
    assert_eq!(problem(&head), (431, "head_too_large".to_owned()));
    let many: String = (0..70).map(|n| format!("x-{n}: a\r\n")).collect();
    let head = Connection::to(&server).get(PANEL, &many);
    assert_eq!(problem(&head), (431, "head_too_large".to_owned()));
    let body = format!("{{\"events\": [\"{}\"]}}", "x".repeat(70_000));
    let kind = "content-type: application/json\r\n";
    let answer = Connection::to(&server).ask("POST", "/v1/events", kind, &body);
    assert_eq!(problem(&answer), (413, "too_large".to_owned()));
}

#[test]
fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let site = two_pages("trusted_proxies = [\"127.0.0.2\"]\n[serve]\nrate = 5\n");
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
    let site = two_pages(
        "site = \"https://docs.example.org\"\n[serve]\nhosts = [\"related.example.org\"]\n",
    );
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
fn a_request_names_one_host_at_most() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    for (version, hosts, status) in [
        ("1.1", "host: localhost\r\n", 200),
        // No browser leaves it out, and load generators may.
        ("1.1", "", 200),
        ("1.1", "host: localhost\r\nhost: localhost\r\n", 400),
        ("1.1", "host: localhost\r\nhost: evil.test\r\n", 400),
        ("1.0", "host: localhost\r\nhost: evil.test\r\n", 400),
        ("1.0", "", 200),
    ] {
        let mut connection = Connection::to(&server);
        connection.write(&format!("GET {PANEL} HTTP/{version}\r\n{hosts}\r\n"));
        let answer = connection.read(false).expect("an answer");
        assert_eq!(answer.status, status, "{version} {hosts}");
        if status == 400 {
            assert_eq!(problem(&answer).1, "bad_request");
        }
    }
}

#[test]
fn pages_of_the_site_may_read_panels_and_no_others() {
    let site = two_pages("site = \"https://docs.example.org\"\n");
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
        &format!(
            "{}origin: https://docs.example.org\r\n",
            server.key_header()
        ),
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
fn a_server_that_is_told_to_stop_answers_who_asked_and_ends_within_ten_seconds() {
    let site = two_pages("");
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
fn hosts_of_the_server_may_be_given_as_addresses_and_with_a_port() {
    let site = two_pages(
        "site = \"docs.example.org\"\n[serve]\nhosts = [\"https://related.example.org\", \"beside.example.org:8443\"]\n",
    );
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    for host in [
        "related.example.org",
        "beside.example.org:8443",
        "beside.example.org",
    ] {
        let answer = connection.get(PANEL, &format!("host: {host}\r\n"));
        assert_eq!(answer.status, 200, "{host}");
    }
}
