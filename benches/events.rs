//! What `benches/events` runs against a server, and the events that it imports.
//!
//! - `post NAME ADDRESS PROCESS CONNECTIONS SECONDS IDS.txt` posts one view a request over kept connections, as fast as the
//!   answers come, and prints answers a second and the server's CPU for each.
//! - `live ADDRESS SECONDS RATE IDS.txt` posts at a rate and prints how long after its answer a click shows in a panel.
//! - `repeat EVENTS.jsonl COUNT FIRST` prints COUNT events: those of the file again and again, by other visitors each time.
//!
//! IDS.txt has the id of an article a line.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

#[path = "load.rs"]
mod load;

use load::{Load, answer, request};

/// Articles that the posts beside a live measurement leave alone, so that nobody else clicks there.
const HOSTS: usize = 400;
/// A click that does not show for so long is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// The first visitor of those that click, behind all that post.
const CLICKING: u32 = 1 << 24;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["post", name, address, process, connections, seconds, ids] => post(
            name,
            address.parse().expect("an address"),
            process,
            connections.parse().expect("a number"),
            seconds.parse().expect("seconds"),
            ids,
        ),
        ["live", address, seconds, rate, ids] => live(
            address.parse().expect("an address"),
            seconds.parse().expect("seconds"),
            rate.parse().expect("a number"),
            ids,
        ),
        ["repeat", events, count, first] => repeat(
            events,
            count.parse().expect("a number"),
            first.parse().expect("a number"),
        )
        .expect("read and written"),
        _ => println!("run benches/events"),
    }
}

fn post(
    name: &str,
    address: SocketAddr,
    process: &str,
    connections: usize,
    seconds: f64,
    ids: &str,
) {
    let ids = ids_of(ids);
    let load = Load {
        address,
        connections,
        lasts: Duration::from_secs_f64(seconds),
        rate: None,
        bodies: views(&ids),
    };
    let mut before = 0.0;
    let answered = load.run(|| before = cpu_seconds(process));
    let cpu = cpu_seconds(process) - before;
    let line = json!({
        "stage": name,
        "connections": connections,
        "a_second": (answered.answers as f64 / answered.seconds).round(),
        "cpu_us": (1e7 * cpu / answered.answers as f64).round() / 10.0,
        "refused": answered.refused,
    });
    println!("{line}");
}

fn live(address: SocketAddr, seconds: f64, rate: f64, ids: &str) {
    let mut ids = ids_of(ids);
    let others = ids.split_off(HOSTS.min(ids.len() / 2));
    let load = Load {
        address,
        connections: 64,
        lasts: Duration::from_secs_f64(seconds),
        rate: Some(rate),
        bodies: views(&others),
    };
    let posting = thread::spawn(move || load.run(|| ()));
    let mut client = Client::to(address);
    let (mut shown, mut lost) = (Vec::new(), 0);
    for (visitor, host) in (CLICKING..).zip(ids.iter().cycle()) {
        if posting.is_finished() {
            break;
        }
        match client.click(visitor, host) {
            Clicked::Shown(after) => shown.push(1e3 * after.as_secs_f64()),
            Clicked::Lost => lost += 1,
            Clicked::NoCard => {}
        }
    }
    let answered = posting.join().expect("no panic");
    shown.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| shown[(share * (shown.len() - 1) as f64) as usize];
    let line = json!({
        "stage": "a click shows",
        "p50_ms": (10.0 * quantile(0.5)).round() / 10.0,
        "p99_ms": (10.0 * quantile(0.99)).round() / 10.0,
        "most_ms": (10.0 * quantile(1.0)).round() / 10.0,
        "clicks": shown.len(),
        "lost": lost,
        "posted_a_second": (answered.answers as f64 / answered.seconds).round(),
        "refused": answered.refused,
    });
    println!("{line}");
}

/// Prints `count` events: those of the file at `path` over and over, each time by other visitors, a second later. Repetition
/// `first` and those after it stand behind one another's in time by the whole span of the file.
fn repeat(path: &str, count: u64, first: u64) -> io::Result<()> {
    let lines = BufReader::new(File::open(path)?).lines();
    let events: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line?).map_err(Into::into))
        .collect::<io::Result<_>>()?;
    let at = |event: &Value| event["ts"].as_f64().expect("ts in seconds");
    let times = || events.iter().map(at);
    let span = times().fold(f64::MIN, f64::max) - times().fold(f64::MAX, f64::min);
    let times_each = count.div_ceil(events.len() as u64);
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut written, mut changed) = (0, json!({}));
    for event in &events {
        for turn in 0..times_each {
            if written == count {
                return out.flush();
            }
            changed.clone_from(event);
            let shift = first as f64 * (span + 86_400.0) + turn as f64;
            changed["ts"] = json!(at(event) + shift);
            let visitor = event["visitor"].as_str().expect("a visitor");
            changed["visitor"] = json!(format!("{visitor}-{first}-{turn}"));
            writeln!(out, "{changed}")?;
            written += 1;
        }
    }
    out.flush()
}

/// What came of a click.
enum Clicked {
    Shown(Duration),
    Lost,
    /// The panel has no card that nobody clicked yet.
    NoCard,
}

/// One connection that asks for panels and clicks.
struct Client(TcpStream);

impl Client {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("set");
        Self(stream)
    }

    /// Clicks the last card in the panel of `host` that no reader has brought there, reads it, and waits until that shows.
    fn click(&mut self, visitor: u32, host: &str) -> Clicked {
        let panel = self.panel(host);
        let items = panel["items"].as_array().expect("items");
        let card = items.iter().rev().find(|item| behavior(item) == 0.0);
        let Some(card) = card.map(|item| &item["id"]) else {
            return Clicked::NoCard;
        };
        let events = json!({"events": [
            {"type": "click", "article": card, "from": host, "panel": panel["panel"]},
            {"type": "read", "article": card, "dwell": 30},
        ]});
        let answer = self.ask(&request(visitor, &events.to_string()));
        assert_eq!((answer.0, &answer.1["accepted"]), (202, &json!(2)));
        let clock = Instant::now();
        while clock.elapsed() < PATIENCE {
            let panel = self.panel(host);
            let mut items = panel["items"].as_array().expect("items").iter();
            if items.any(|item| item["id"] == *card && behavior(item) > 0.0) {
                return Clicked::Shown(clock.elapsed());
            }
            thread::sleep(Duration::from_millis(2));
        }
        Clicked::Lost
    }

    fn panel(&mut self, host: &str) -> Value {
        let mut name = String::new();
        for byte in host.bytes() {
            name.push_str(&format!("%{byte:02x}"));
        }
        let request =
            format!("GET /v1/related?id={name}&limit=100 HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let (status, panel) = self.ask(request.as_bytes());
        assert_eq!(status, 200, "{panel}");
        panel
    }

    fn ask(&mut self, request: &[u8]) -> (u16, Value) {
        self.0.write_all(request).expect("sent");
        let (mut bytes, mut piece) = (Vec::new(), [0; 1 << 16]);
        loop {
            let length = self.0.read(&mut piece).expect("an answer");
            assert!(length > 0, "the server hung up");
            bytes.extend_from_slice(&piece[..length]);
            if let Some((status, body)) = answer(&bytes) {
                return (status, serde_json::from_slice(body).expect("JSON"));
            }
        }
    }
}

/// What readers give to the score of a card.
fn behavior(item: &Value) -> f64 {
    item["signals"]["behavior"].as_f64().unwrap_or_default()
}

fn ids_of(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file of ids");
    text.lines().map(str::to_owned).collect()
}

/// A body with a view of each article; they are needed until the process ends.
fn views(ids: &[String]) -> &'static [String] {
    let view = |id| json!({"events": [{"type": "view", "article": id}]}).to_string();
    Vec::leak(ids.iter().map(view).collect())
}

/// User and system time of a process in seconds, from `/proc/PID/stat` (ticks of 10 ms).
fn cpu_seconds(process: &str) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux");
    let after_name = stat.rsplit(") ").next().expect("a name in brackets");
    let ticks = |at: usize| -> f64 {
        let text = after_name.split(' ').nth(at).expect("a field");
        text.parse().expect("a number")
    };
    (ticks(11) + ticks(12)) / 100.0
}
