//! A connection to a server on which every byte of a request and of its answer is seen.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::site::Server;

/// How long a test waits for bytes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that is kept from request to request.
pub(crate) struct Connection(pub(crate) TcpStream);

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to `server`.
    pub(crate) fn to(server: &Server) -> Self {
        let stream = TcpStream::connect(server.socket()).expect("a connection");
        stream.set_nodelay(true).expect("set");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        Self(stream)
    }

    /// Asks for `path`, with `headers` as lines that each end in `\r\n`.
    pub(crate) fn get(&mut self, path: &str, headers: &str) -> Answer {
        self.ask("GET", path, headers, "")
    }

    /// Sends a request with a body, and reads the answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let host = match headers.to_ascii_lowercase().contains("host:") {
            true => "",
            false => "host: localhost\r\n",
        };
        let length = match body.is_empty() {
            true => String::new(),
            false => format!("content-length: {}\r\n", body.len()),
        };
        self.write(&format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}{length}\r\n{body}"
        ));
        self.read(method == "HEAD").expect("an answer")
    }

    /// Sends bytes as they are.
    pub(crate) fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).expect("written");
    }

    /// Reads one answer.
    pub(crate) fn read(&mut self, to_head: bool) -> io::Result<Answer> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("ASCII");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let mut answer = Answer {
            status: status.expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: Vec::new(),
        };
        if !to_head && !matches!(answer.status, 204 | 304) {
            let length = answer.header("content-length").parse();
            answer.body = vec![0; length.expect("a length")];
            self.0.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }
}

impl Answer {
    /// The value of a header; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("UTF-8")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}
