//! Whole files of every format, and files that are none.

use super::*;
use crate::model::EventKind;

fn read_text(text: &[u8], options: Options) -> (Vec<EventRecord<'static>>, Report) {
    let mut events = Vec::new();
    let report = read_lines(
        "log",
        &mut BufReader::with_capacity(64, text),
        &SiteKey::from_bytes([7; 32]),
        options,
        &mut |batch| {
            assert!(!batch.is_empty() && batch.len() <= options.batch);
            events.extend(batch);
            Ok(())
        },
    );
    let report = report.expect("read");
    assert_eq!(report.events, events.len() as u64);
    let left_out: u64 = report.left_out.values().sum();
    assert_eq!(report.lines, report.events + left_out);
    (events, report)
}

fn told(report: &Report) -> Vec<String> {
    report.problems.iter().map(ToString::to_string).collect()
}

const RECORDS: &str = "\u{feff}

{\"ts\": 1732320000, \"visitor\": \"anna\", \"article\": \"/a\", \"type\": \"view\"}
{\"ts\": 1732320009, \"visitor\": \"anna\", \"article\": \"/b\", \"type\": \"glance\"}\r
{\"ts\": 1732310000.5, \"visitor\": \"bert\", \"article\": \"/b\", \"type\": \"click\", \"from\": \"/a\", \"position\": 1}\r
{\"ts\": 1732320009, \"visitor\": \"anna\", \"arti
";

#[test]
fn records_are_read_line_by_line() {
    let (events, report) = read_text(RECORDS.as_bytes(), Options::default());
    let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::View, EventKind::Click]);
    assert_eq!((report.lines, report.refused()), (4, 2));
    assert_eq!(report.span, Some((1_732_310_000_500, 1_732_320_000_000)));
    assert_eq!(report.robot_share(), None);
    assert_eq!(
        told(&report),
        [
            "log:4:56: error: dropped: type: found \"glance\", expected one of view, impression, click, read, like, bookmark, share, comment",
            "log:6:43: error: dropped: EOF while parsing a string; expected one event record (a JSON object) a line",
        ]
    );
}

#[test]
fn batches_are_as_large_as_was_asked_for() {
    let line = "{\"ts\": 1, \"visitor\": \"anna\", \"article\": \"/a\", \"type\": \"view\"}\n";
    for count in [0, 1, 2, 3, 4, 5] {
        let options = Options {
            batch: 2,
            ..Options::default()
        };
        let (events, _) = read_text(line.repeat(count).as_bytes(), options);
        assert_eq!(events.len(), count);
    }
    let stop = read_lines(
        "log",
        &mut line.repeat(3).as_bytes(),
        &SiteKey::from_bytes([7; 32]),
        Options::default(),
        &mut |_| Err(Error::Failed("the disk is full".into())),
    );
    assert_eq!(stop.expect_err("passed on").to_string(), "the disk is full");
}

const LOG: &str = r#"192.0.2.1 - - [26/Aug/2025:00:00:00 +0000] "GET /a?utm=x HTTP/1.1" 200 2326 "https://example.org/b?c#d" "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
192.0.2.1 - - [26/Aug/2025:00:00:01 +0000] "GET /style.css HTTP/1.1" 200 99 "https://example.org/a" "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
192.0.2.7 - - [26/Aug/2025:00:00:02 +0000] "GET /a HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
192.0.2.8 - - [26/Aug/2025:00:00:03 +0000] "\x16\x03\x01\x02\x00" 400 157 "-" "-"
192.0.2.1 - - [26/Aug/2025:00:00:04 +0000] "POST /a HTTP/1.1" 200 1 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
192.0.2.1 - - [26/Aug/2025:00:00:05 +0000] "GET /gone HTTP/1.1" 404 1 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
2001:db8::1 - - [26/Aug/2025:00:00:06 +0000] "GET /b HTTP/1.1" 304 0 "-" "Mozilla/5.0 (\"odd\") Firefox/141.0"
192.0.2.1 - - [26/Aug/2025:00:00:07 +0000] "GET /a HTTP/1.1" 200 2326 "https://exam"#;

#[test]
fn a_combined_log_gives_the_views_of_its_pages() {
    let (events, report) = read_text(LOG.as_bytes(), Options::default());
    let views: Vec<_> = events
        .iter()
        .map(|event| {
            (
                &*event.article,
                event.from.as_deref(),
                event.at % 86_400_000,
            )
        })
        .collect();
    assert_eq!(
        views,
        [
            ("/a", Some("https://example.org/b"), 0),
            ("/a", None, 2_000),
            ("/b", None, 6_000)
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.kind == EventKind::View && event.network.is_none())
    );
    let counts: Vec<_> = report
        .left_out
        .iter()
        .map(|(reason, n)| (*reason, *n))
        .collect();
    assert_eq!(
        counts,
        [
            (Reason::Unreadable, 1),
            (Reason::Garbage, 1),
            (Reason::Method, 1),
            (Reason::Status, 1),
            (Reason::Asset, 1)
        ]
    );
    assert_eq!((report.agents, report.robots, report.refused()), (3, 1, 1));
    assert_eq!(
        told(&report),
        [
            "log:4:1: warning: skipped: found a request that is no HTTP, such as TLS on a port without it",
            "log:8:71: error: dropped: found a line that ends in its referer, expected Common or Combined Log Format: address, two names, [time], \"request\", status, size",
        ]
    );
    let options = Options {
        drop_robots: true,
        ..Options::default()
    };
    let (events, report) = read_text(LOG.as_bytes(), options);
    assert_eq!((events.len(), report.left_out[&Reason::Robot]), (2, 1));
    assert_eq!(report.robot_share(), Some(1.0 / 3.0));
}

#[test]
fn a_common_log_knows_no_robots() {
    let line = "192.0.2.1 - - [26/Aug/2025:00:00:00 +0000] \"GET /a HTTP/1.1\" 200 2326\n";
    let (events, report) = read_text(line.repeat(2).as_bytes(), Options::default());
    assert_eq!((events.len(), report.robot_share()), (2, None));
}

#[test]
fn a_log_in_json_gives_the_same_views() {
    let text = r#"{"time": "2025-08-26T00:00:00Z", "remote_addr": "192.0.2.1", "method": "GET", "uri": "/a?utm=x", "status": 200, "referer": "https://example.org/b?c#d", "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"}
{"time": "2025-08-26T00:00:02Z", "remote_addr": "192.0.2.7", "method": "GET", "uri": "/a", "status": 200, "user_agent": "curl/8.5.0"}
{"time": "2025-08-26T00:00:02Z", "remote_addr": "192.0.2.7", "method": "GET", "uri": "/a"}
not JSON
"#;
    let (events, report) = read_text(text.as_bytes(), Options::default());
    let (of_log, _) = read_text(LOG.as_bytes(), Options::default());
    assert_eq!(events[0], of_log[0]);
    assert_eq!((events.len(), report.robots, report.refused()), (2, 1, 2));
    assert!(told(&report)[0].starts_with(
        "log:3:1: error: dropped: found no status, expected one of the keys status, "
    ));
}

#[test]
fn visitors_that_differ_in_a_byte_that_is_no_utf8_are_refused_and_not_taken_for_one() {
    let line = |visitor: &[u8]| {
        let mut line = b"{\"ts\": 1732320000, \"visitor\": \"".to_vec();
        line.extend(visitor);
        line.extend(b"\", \"article\": \"/a\", \"type\": \"view\"}\n");
        line
    };
    let text: Vec<u8> = [
        &b"berta"[..],
        b"ann\xe9",
        "ärne".as_bytes(),
        b"\xc3\xa4n\xe8",
    ]
    .iter()
    .flat_map(|visitor| line(visitor))
    .collect();
    let (events, report) = read_text(&text, Options::default());
    assert_eq!((events.len(), report.refused()), (2, 2));
    assert_eq!(report.left_out.get(&Reason::Unreadable), Some(&2));
    let words = "error: dropped: found a byte that is not UTF-8; save the file as UTF-8";
    assert_eq!(
        told(&report),
        [format!("log:2:35: {words}"), format!("log:4:34: {words}")]
    );
    // Agents of old programs are in logs as they were sent.
    let log = LOG.replacen("Mozilla", "M~", 1);
    let log: Vec<u8> = log
        .bytes()
        .map(|b| if b == b'~' { 0xe9 } else { b })
        .collect();
    let (views, whole) = (
        read_text(&log, Options::default()),
        read_text(LOG.as_bytes(), Options::default()),
    );
    assert_eq!(views.0.len(), whole.0.len());
}

#[test]
fn neither_address_nor_agent_nor_visitor_is_told_or_kept() {
    let mut text = LOG.replace("26/Aug", "26/Okt");
    text.push_str("\n\"192.0.2.1\" Mozilla\n");
    for text in [
        text.as_str(),
        LOG,
        RECORDS,
        "{\"ip\": \"192.0.2.1\", \"agent\": \"Mozilla\"}\n",
    ] {
        let (events, report) = read_text(text.as_bytes(), Options::default());
        let all = format!("{events:?} {report:?}");
        for secret in ["192.0", "2001:", "Mozilla", "Firefox", "anna", "bert"] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    }
}

#[test]
fn files_of_another_kind_are_named() {
    for (bytes, words) in [
        (
            &b"\x1f\x8b\x08\x00"[..],
            "log: found gzip, expected lines of text; unpack the file first",
        ),
        (b"\xff\xfe{\x00", "log: found UTF-16"),
    ] {
        let key = SiteKey::from_bytes([7; 32]);
        let refused = read_lines("log", &mut { bytes }, &key, Options::default(), &mut |_| {
            Ok(())
        });
        let told = refused.expect_err("no text").to_string();
        assert!(told.contains(words), "{told}");
    }
    for (text, words) in [
        ("[{\"ts\": 1}]\n[]\n", "found a JSON array"),
        ("{\n  \"ts\": 1\n}\n", "over several lines"),
        (
            "{\"events\": [{\"ts\": 1}]}\n",
            "found an object that holds events",
        ),
    ] {
        let (_, report) = read_text(text.as_bytes(), Options::default());
        let told = told(&report);
        assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
        assert_eq!((report.lines, report.refused()), (1, 1));
    }
    let (_, report) = read_text(b"user,item\n1,/a\n", Options::default());
    assert!(
        told(&report)[0].starts_with("log:1:1: error: dropped: found no [time], expected Common")
    );
    let missing = read(
        Path::new("no/such/file"),
        &SiteKey::from_bytes([7; 32]),
        Options::default(),
        &mut |_| Ok(()),
    );
    let told = missing.expect_err("not there").to_string();
    assert!(told.starts_with("cannot open no/such/file: "), "{told}");
}

#[test]
fn a_line_over_the_cap_costs_itself_alone() {
    let mut text = RECORDS.replace('\u{feff}', "");
    text.push_str(&"x".repeat(70_000));
    text.push_str(
        "\n{\"ts\": 1, \"visitor\": \"anna\", \"article\": \"/z\", \"type\": \"view\"}\n",
    );
    let (events, report) = read_text(text.as_bytes(), Options::default());
    assert_eq!(events.last().map(|event| &*event.article), Some("/z"));
    let told = told(&report);
    assert!(
        told[2].starts_with(
            "log:7:1: error: dropped: found a line of 70001 bytes, expected at most 65536"
        ),
        "{told:?}"
    );
}

#[test]
fn bytes_that_are_no_text_cost_their_own_letter() {
    let mut text = LOG.as_bytes()[..LOG.find('\n').expect("lines") + 1].to_vec();
    let at = LOG.find("Mozilla").expect("there");
    text[at] = 0xff;
    let (events, _) = read_text(&text, Options::default());
    assert_eq!(events.len(), 1);
}

#[test]
fn the_documented_lines_are_read() {
    let document = include_str!("../../../docs/events.md");
    let fenced = document.split("\n```").skip(1).step_by(2);
    let fenced: Vec<&str> = fenced
        .filter(|block| !block.starts_with("\nreadnext "))
        .collect();
    assert_eq!(fenced.len(), 4);
    for block in fenced {
        let lines = block.split_once('\n').map(|(_, lines)| lines);
        let (events, report) = read_text(
            lines.expect("lines").as_bytes(),
            Options {
                drop_robots: true,
                ..Options::default()
            },
        );
        assert!(!events.is_empty() && report.left_out.is_empty(), "{block}");
    }
}

#[test]
fn no_change_of_a_byte_ends_a_run() {
    let json = r#"{"time": "2025-08-26T00:00:00Z", "ip": "192.0.2.1", "request": {"method": "GET", "uri": "/a\u00e9", "headers": {"Referer": ["x"]}}, "status": 200}"#;
    for text in [RECORDS, LOG, json] {
        for at in 0..text.len() {
            for byte in [0, b'"', b'\\', b' ', b'[', b'{', b'\n', b'9', 0xff] {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = byte;
                read_text(&changed, Options::default());
            }
        }
    }
}
