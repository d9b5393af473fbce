//! Readers who post events over a connection that is kept, each event with a number by which it is found again.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::site::{Server, Site};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A site of a few pages that share their words, whose server believes every client about where it is.
pub(crate) fn site() -> Site {
    let site = Site::new();
    site.write("readnext.toml", "trusted_proxies = [\"127.0.0.1\"]\n");
    for page in ["a", "b", "c", "d", "e"] {
        site.write(
            &format!("corpus/{page}.md"),
            &format!("---\ntitle: Grinder {page}\n---\nEspresso needs fresh beans, a grinder and pressure. Page {page} tells how.\n"),
        );
    }
    site.indexed()
}

/// The event of this number: its dwell, in milliseconds, is the number.
pub(crate) fn numbered(number: u32) -> Value {
    let article = ["/a", "/b", "/c", "/d", "/e"][(number % 5) as usize];
    json!({"type": "read", "article": article, "dwell": f64::from(number) / 1000.0})
}

/// The events of these numbers as a file to import.
pub(crate) fn lines(numbers: impl Iterator<Item = u32>) -> String {
    let line = |number: u32| {
        let mut event = numbered(number);
        event["ts"] = json!(1_700_000_000 + number % 100_000);
        event["visitor"] = json!(format!("v{}", number % 97));
        format!("{event}\n")
    };
    numbers.map(line).collect()
}

/// All panels, at a moment after all events.
pub(crate) fn panels(site: &Site) -> String {
    let arguments = "export --format run --limit 50 --out - --now 1900000000";
    site.ok(&arguments.split(' ').collect::<Vec<_>>())
}

/// How often each number is in what `events export` printed.
pub(crate) fn numbers(exported: &str) -> BTreeMap<u32, u32> {
    let mut numbers = BTreeMap::new();
    for line in exported.lines() {
        let event: Value = serde_json::from_str(line).expect("JSON");
        let seconds = event["dwell"].as_f64().expect("a number");
        *numbers
            .entry((seconds * 1000.0).round() as u32)
            .or_default() += 1;
    }
    numbers
}

/// A connection.
pub(crate) struct Poster(TcpStream);

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Poster {
    /// Connects to `server`.
    pub(crate) fn to(server: &Server) -> Self {
        let stream = TcpStream::connect(server.socket()).expect("a connection");
        stream.set_nodelay(true).expect("set");
        Self(stream)
    }

    /// Posts the events of these numbers from the address `client`.
    pub(crate) fn post(&mut self, numbers: &[u32], client: &str) -> io::Result<Answer> {
        let events: Vec<Value> = numbers.iter().map(|&number| numbered(number)).collect();
        let body = json!({ "events": events }).to_string();
        let request = format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nuser-agent: {BROWSER}\r\ncontent-type: text/plain\r\nx-forwarded-for: {client}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.write_all(request.as_bytes())?;
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let length = self.0.read(&mut piece)?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&piece[..length]);
            if let Some(answer) = Answer::of(&bytes) {
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    /// The answer in `bytes`, once all of it is there: its body is JSON.
    fn of(bytes: &[u8]) -> Option<Self> {
        let (head, body) = str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
        Some(Self {
            status: head.get(9..12)?.parse().ok()?,
            head: head.to_ascii_lowercase(),
            body: serde_json::from_str(body).ok()?,
        })
    }
}
