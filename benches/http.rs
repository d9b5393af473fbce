//! What `benches/http` runs against a server that is read while others write.
//!
//! `beside ADDRESS SECONDS WRITES TARGETS.txt ARTICLES.jsonl KEY [PEER]` asks for panels at a fixed rate, of PEER if there is one, and
//! writes meanwhile to ADDRESS: `none`, `events`, `articles` or `both`. It prints how long reads took, counted from when each was due,
//! and how long after a PUT the changed card showed in the panel of another article. TARGETS.txt has the path and query of a panel a
//! line.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

#[path = "load.rs"]
mod load;

use load::{Load, answer};

/// Panels a second, over so many connections.
const READS: f64 = 1000.0;
const READERS: usize = 8;
/// Events a second, over so many connections.
const EVENTS: f64 = 5000.0;
const POSTING: usize = 64;
/// Articles that are changed a second, by so many authors.
const UPDATES: f64 = 10.0;
const AUTHORS: usize = 4;
/// A change that does not show for so long is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks whether a change shows.
const LOOK: Duration = Duration::from_millis(2);

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [
            "beside",
            address,
            seconds,
            writes,
            targets,
            articles,
            key,
            peer @ ..,
        ] => {
            let of = |address: &str| address.parse().expect("an address");
            let site = Site {
                address: of(address),
                read: of(peer.first().unwrap_or(address)),
                lasts: Duration::from_secs(seconds.parse().expect("seconds")),
                targets: lines(targets),
                articles: Articles::of(articles),
                key: (*key).to_owned(),
            };
            let writes = Writes {
                events: ["events", "both"].contains(writes),
                articles: ["articles", "both"].contains(writes),
            };
            println!("{}", site.measure(&writes));
        }
        _ => println!("run benches/http"),
    }
}

/// A server and what is asked of it.
struct Site {
    address: SocketAddr,
    /// Whose panels are timed.
    read: SocketAddr,
    lasts: Duration,
    targets: Vec<String>,
    articles: Articles,
    key: String,
}

/// What is written while panels are read.
struct Writes {
    events: bool,
    articles: bool,
}

/// What came of a thread's requests, in milliseconds.
#[derive(Default)]
struct Times {
    taken: Vec<f64>,
    failed: u64,
    lost: u64,
}

impl Site {
    fn measure(&self, wanted: &Writes) -> Value {
        let (reads, writes, posted) = thread::scope(|scope| {
            let readers: Vec<_> = (0..READERS)
                .map(|number| scope.spawn(move || self.read(number)))
                .collect();
            let authors: Vec<_> = (0..if wanted.articles { AUTHORS } else { 0 })
                .map(|number| scope.spawn(move || self.write(number)))
                .collect();
            let posted = wanted.events.then(|| self.post());
            (Times::of(readers), Times::of(authors), posted)
        });
        let seconds = self.lasts.as_secs_f64();
        let mut line = json!({
            "reads_a_second": (reads.taken.len() as f64 / seconds).round(),
            "p50_ms": reads.quantile(0.5),
            "p99_ms": reads.quantile(0.99),
            "p999_ms": reads.quantile(0.999),
            "most_ms": reads.quantile(1.0),
            "failed": reads.failed + writes.failed,
        });
        if let Some(posted) = posted {
            line["events_a_second"] = json!((posted.answers as f64 / posted.seconds).round());
            line["failed"] = json!(reads.failed + writes.failed + posted.refused);
        }
        if wanted.articles {
            line["updates_a_second"] = json!(writes.taken.len() as f64 / seconds);
            line["lost"] = json!(writes.lost);
            for (name, share) in [("p50", 0.5), ("p99", 0.99), ("most", 1.0)] {
                line[format!("{name}_put_ms")] = json!(writes.quantile(share));
            }
        }
        line
    }

    /// Asks for panels, each when it is due, whether or not the one before was late.
    fn read(&self, number: usize) -> Times {
        let mut client = Client::to(self.read);
        let mut times = Times::default();
        let started = Instant::now();
        for turn in 0.. {
            let of_all = turn * READERS + number;
            let due = started + Duration::from_secs_f64(of_all as f64 / READS);
            if due > started + self.lasts {
                break;
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // A prime step, so that readers go over all targets in an order of their own.
            let target = &self.targets[of_all * 7919 % self.targets.len()];
            let (status, _) =
                client.ask(&format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
            times.taken.push(1e3 * due.elapsed().as_secs_f64());
            times.failed += u64::from(status != 200);
        }
        times
    }

    /// Posts views at a fixed rate.
    fn post(&self) -> load::Answered {
        let view = |id| json!({"events": [{"type": "view", "article": id}]}).to_string();
        let bodies: Vec<String> = self.articles.places.keys().map(view).collect();
        let load = Load {
            address: self.address,
            connections: POSTING,
            lasts: self.lasts,
            rate: Some(EVENTS),
            bodies: Vec::leak(bodies),
        };
        load.run(|| ())
    }

    /// Changes articles, each when it is due, and waits until that shows.
    fn write(&self, number: usize) -> Times {
        let mut client = Client::to(self.address);
        let mut times = Times::default();
        let started = Instant::now();
        for turn in 0.. {
            let of_all = turn * AUTHORS + number;
            let due = started + Duration::from_secs_f64(of_all as f64 / UPDATES);
            if due > started + self.lasts {
                break;
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let target = &self.targets[of_all * 104_729 % self.targets.len()];
            self.change_a_card(&mut client, target, of_all, &mut times);
        }
        times
    }

    /// Changes the first card of the panel at `target` and waits until the panel shows it.
    fn change_a_card(&self, client: &mut Client, target: &str, number: usize, times: &mut Times) {
        let panel = |client: &mut Client| -> Value {
            let (_, body) =
                client.ask(&format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
            serde_json::from_slice(&body).unwrap_or_default()
        };
        let before = panel(client);
        let Some(id) = before["items"][0]["id"].as_str() else {
            return;
        };
        let Some(mut record) = self.articles.record(id) else {
            return;
        };
        let title = format!("{} ({number})", record["title"].as_str().unwrap_or(id));
        record["title"] = json!(title);
        let record = record.to_string();
        let request = format!(
            "PUT /v1/articles?id={} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{record}",
            encoded(id),
            self.key,
            record.len()
        );
        let clock = Instant::now();
        let (status, _) = client.ask(&request);
        times.failed += u64::from(status != 200 && status != 201);
        loop {
            let now = panel(client);
            let items = now["items"].as_array().into_iter().flatten();
            if items.into_iter().any(|item| item["title"] == *title) {
                times.taken.push(1e3 * clock.elapsed().as_secs_f64());
                return;
            }
            if clock.elapsed() > PATIENCE {
                eprintln!("{target} does not show the change of {id}");
                times.lost += 1;
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

impl Times {
    /// Of all these threads, in order of time taken.
    fn of(threads: Vec<thread::ScopedJoinHandle<'_, Self>>) -> Self {
        let mut all = Self::default();
        for thread in threads {
            let mut times = thread.join().expect("no panic");
            all.taken.append(&mut times.taken);
            all.failed += times.failed;
            all.lost += times.lost;
        }
        all.taken.sort_unstable_by(f64::total_cmp);
        all
    }

    fn quantile(&self, share: f64) -> f64 {
        let last = self.taken.len().saturating_sub(1);
        let found = self.taken.get((share * last as f64) as usize);
        (1000.0 * found.copied().unwrap_or_default()).round() / 1000.0
    }
}

/// Where the record of each article stands in its file.
struct Articles {
    file: File,
    places: HashMap<String, (u64, usize)>,
}

impl Articles {
    fn of(path: &str) -> Self {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let file = File::open(path).expect("a file of articles");
        let (mut lines, mut line) = (BufReader::new(&file), String::new());
        let (mut at, mut places) = (0, HashMap::new());
        while lines.read_line(&mut line).expect("text") > 0 {
            let Named { id } = serde_json::from_str(&line).expect("a record");
            places.insert(id, (at, line.len()));
            at += line.len() as u64;
            line.clear();
        }
        Self { file, places }
    }

    fn record(&self, id: &str) -> Option<Value> {
        let &(at, length) = self.places.get(id)?;
        let mut line = vec![0; length];
        self.file.read_exact_at(&mut line, at).ok()?;
        serde_json::from_slice(&line).ok()
    }
}

/// One connection with one request at a time.
struct Client(TcpStream);

impl Client {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("set");
        Self(stream)
    }

    fn ask(&mut self, request: &str) -> (u16, Vec<u8>) {
        self.0.write_all(request.as_bytes()).expect("sent");
        let (mut bytes, mut piece) = (Vec::new(), [0; 1 << 16]);
        loop {
            let length = self.0.read(&mut piece).expect("an answer");
            assert!(length > 0, "the server hung up");
            bytes.extend_from_slice(&piece[..length]);
            if let Some((status, body)) = answer(&bytes) {
                return (status, body.to_vec());
            }
        }
    }
}

/// As a value in a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn lines(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a file of targets");
    text.lines().map(str::to_owned).collect()
}
