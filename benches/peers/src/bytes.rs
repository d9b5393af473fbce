//! Answers that are known beforehand behind a bare handler: what is left of a panel over HTTP when nothing has to be made.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

const KEPT: usize = 5;
/// The headers that are handed on.
const HEADERS: [HeaderName; KEPT] = [
    CONTENT_TYPE,
    ETAG,
    CACHE_CONTROL,
    VARY,
    ACCESS_CONTROL_ALLOW_ORIGIN,
];

/// An answer as another server gave it.
struct Answer {
    headers: [(HeaderName, HeaderValue); KEPT],
    body: Bytes,
}

type Answers = Arc<HashMap<String, Answer>>;

/// Asks the server at `address` for each of the targets in the file `targets`, a path and query a line, and serves its answers
/// at a port of the system's choice. Prints where it listens.
pub fn serve(address: &str, targets: &str) -> io::Result<()> {
    let targets = fs::read_to_string(targets)?;
    let answers: Answers = Arc::new(fetch(address, &targets)?);
    let path = targets.split(['?', '\n']).next().unwrap_or("/").to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        let router = Router::new().route(&path, get(answer)).with_state(answers);
        axum::serve(listener, router).await
    })
}

async fn answer(State(answers): State<Answers>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(known) = answers.get(uri.query().unwrap_or_default()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let [kind, tag, rest @ ..] = known.headers.clone();
    match headers.get(IF_NONE_MATCH) {
        Some(has) if *has == tag.1 => (StatusCode::NOT_MODIFIED, [tag], rest).into_response(),
        _ => ([kind, tag], rest, known.body.clone()).into_response(),
    }
}

/// The answers by query.
fn fetch(address: &str, targets: &str) -> io::Result<HashMap<String, Answer>> {
    let mut stream = BufReader::new(TcpStream::connect(address)?);
    let mut answers = HashMap::new();
    for target in targets.lines() {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes())?;
        let mut found = HeaderMap::new();
        let mut line = String::new();
        stream.read_line(&mut line)?;
        assert!(line.contains(" 200 "), "{target}: {line}");
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            let name = HeaderName::try_from(name).map_err(io::Error::other)?;
            found.insert(
                name,
                HeaderValue::try_from(value).map_err(io::Error::other)?,
            );
        }
        let length = found["content-length"].to_str().map_err(io::Error::other)?;
        let mut body = vec![0; length.parse().map_err(io::Error::other)?];
        stream.read_exact(&mut body)?;
        let headers = HEADERS.map(|name| (name.clone(), found[&name].clone()));
        let query = target.split_once('?').map_or("", |(_, query)| query);
        answers.insert(
            query.to_owned(),
            Answer {
                headers,
                body: body.into(),
            },
        );
    }
    Ok(answers)
}
