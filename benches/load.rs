//! Requests over many connections that are kept.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Visitors that take turns, beginning with another one each time; each posts far less than a visitor may.
const VISITORS: u32 = 1 << 19;
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Posts to keep up.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// The server.
    pub(crate) address: SocketAddr,
    /// Connections, each with one request at a time.
    pub(crate) connections: usize,
    /// How long.
    pub(crate) lasts: Duration,
    /// Requests a second of all connections together, at most.
    pub(crate) rate: Option<f64>,
    /// What is posted, one after the other.
    pub(crate) bodies: &'static [String],
}

/// What came of them.
#[derive(Default)]
pub(crate) struct Answered {
    /// Answers.
    pub(crate) answers: u64,
    /// Of these, others than 202.
    pub(crate) refused: u64,
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
}

impl Load {
    /// Connects, then posts until the time is over, all on one thread; `begin` is called between the two.
    pub(crate) fn run(&self, begin: impl FnOnce()) -> Answered {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..self.connections {
                let stream = TcpStream::connect(self.address)
                    .await
                    .expect("a connection");
                stream.set_nodelay(true).expect("set");
                streams.push(stream);
            }
            begin();
            let started = Instant::now();
            let mut posts = JoinSet::new();
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let first = since.map_or(0, |since| since.subsec_nanos());
            for (at, stream) in streams.into_iter().enumerate() {
                posts.spawn(post(*self, stream, at, first, started));
            }
            let mut all = Answered::default();
            while let Some(one) = posts.join_next().await {
                let one = one.expect("no panic").expect("an answer");
                all.answers += one.answers;
                all.refused += one.refused;
            }
            all.seconds = started.elapsed().as_secs_f64();
            all
        })
    }
}

/// Posts over one connection, of which `at` is the number: it takes turns with the others at bodies, and at visitors from
/// `first` on.
async fn post(
    load: Load,
    stream: TcpStream,
    at: usize,
    first: u32,
    started: Instant,
) -> io::Result<Answered> {
    let of = load.connections;
    let between = load.rate.map(|rate| of as f64 / rate);
    let mut answered = Answered::default();
    let mut buffer = vec![0; 4096];
    for turn in 0.. {
        if let Some(between) = between {
            let offset = between * (turn as f64 + at as f64 / of as f64);
            tokio::time::sleep_until((started + Duration::from_secs_f64(offset)).into()).await;
        }
        if started.elapsed() > load.lasts {
            break;
        }
        let number = turn * of + at;
        let visitor = first.wrapping_add(number as u32) % VISITORS;
        let request = request(visitor, &load.bodies[number % load.bodies.len()]);
        let mut sent = 0;
        while sent < request.len() {
            stream.writable().await?;
            match stream.try_write(&request[sent..]) {
                Ok(more) => sent += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        let mut length = 0;
        let status = loop {
            if let Some((status, _)) = answer(&buffer[..length]) {
                break status;
            }
            stream.readable().await?;
            match stream.try_read(&mut buffer[length..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        };
        answered.answers += 1;
        answered.refused += u64::from(status != 202);
    }
    Ok(answered)
}

/// The request by which the visitor of this number posts `body`.
pub(crate) fn request(visitor: u32, body: &str) -> Vec<u8> {
    // Spread, so that not all come from a few networks.
    let [a, b, c, _] = visitor.wrapping_mul(0x9e37_79b1).to_be_bytes();
    let d = visitor as u8;
    format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nuser-agent: {BROWSER}\r\ncontent-type: text/plain\r\nx-forwarded-for: {a}.{b}.{c}.{d}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Status and body of the answer in `bytes`, if all of it is there.
pub(crate) fn answer(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&bytes[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some((status, bytes.get(end + 4..end + 4 + length)?))
}
