//! A request whose handler panics, over a real socket: no resource of a server that is whole does that.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::{App, LiveWeights, door, fronts, handlers, listen};
use crate::config::{Config, SiteWeights};
use crate::corpus::embedded;
use crate::engine::{Corpora, Engine, Reindex};

/// Asks for `path` on a connection that is kept; all of the answer.
fn ask(connection: &mut TcpStream, path: &str) -> String {
    write!(connection, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("written");
    let mut answer = String::new();
    loop {
        let mut piece = [0; 4096];
        let length = connection.read(&mut piece).expect("an answer");
        answer += str::from_utf8(&piece[..length]).expect("UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if length == 0 || announced.is_some_and(|length| length.parse() == Ok(body.len())) {
            return answer;
        }
    }
}

#[test]
fn a_panic_in_a_request_is_a_500_with_an_id_and_the_server_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, config) = (folder.path(), Config::default());
    let reindex = Reindex {
        data,
        config: &config,
        corpora: Corpora::Pieces {
            name: "a few",
            pieces: embedded::sample().take(3).collect(),
            topics: embedded::topics(),
        },
        incoming: None,
        journal_only: false,
        full: false,
        allow_shrink: true,
        verify: false,
    };
    reindex.run(&|_| {}).expect("indexed");
    let weights = LiveWeights::of(SiteWeights::of(data, &config)).expect("weights");
    let engine = Engine::open(data, &config).expect("an index");
    let app = Arc::new(App::new(Arc::new(engine), weights, &config));
    let router: Router = Router::new()
        .route("/livez", get(handlers::livez))
        .route("/at-once", get(at_once))
        .route("/later", get(later));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("threads");
    let (listener, address) = runtime
        .block_on(listen("127.0.0.1:0".parse().expect("an address")))
        .expect("a listener");
    let front = fronts(&app, router, true);
    runtime.spawn(door::keep(listener, app, front, std::future::pending()));
    let mut connection = TcpStream::connect(address).expect("a connection");
    for path in ["/at-once", "/later", "/at-once"] {
        let answer = ask(&mut connection, path);
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(answer.contains("content-type: application/problem+json"));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let name = head
            .lines()
            .find_map(|line| line.strip_prefix("x-request-id: "));
        let named = format!("\"id\":\"{}\"", name.expect("a name"));
        assert!(
            body.contains("\"code\":\"internal\"") && body.contains(&named),
            "{answer}"
        );
        assert!(
            !answer.contains("mistake"),
            "what went wrong is for the log"
        );
        assert!(
            ask(&mut connection, "/livez").ends_with("ok\n"),
            "the same connection goes on"
        );
    }
}

async fn at_once() -> &'static str {
    panic!("a mistake\nof ours");
}

async fn later() -> &'static str {
    tokio::task::yield_now().await;
    panic!("a mistake after a while");
}
