//! An append file behind HTTP, as little as that can be: whatever waits is written at once, made durable, and answered 202.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Bodies that may wait.
const WAITING: usize = 4096;

/// A body, and who waits until it is kept.
type Post = (Bytes, oneshot::Sender<()>);

/// Serves `POST /v1/events` at a port of the system's choice and appends every body to `path`. Prints where it listens.
pub fn serve(path: &str) -> io::Result<()> {
    let file = File::options().append(true).create(true).open(path)?;
    let (queue, posts) = sync_channel(WAITING);
    thread::spawn(move || write(file, &posts));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        let router = Router::new().route("/v1/events", post(keep)).with_state(queue);
        axum::serve(listener, router).await
    })
}

async fn keep(State(queue): State<SyncSender<Post>>, body: Bytes) -> StatusCode {
    let (done, is_done) = oneshot::channel();
    if queue.try_send((body, done)).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    is_done.await.map_or(StatusCode::INTERNAL_SERVER_ERROR, |()| StatusCode::ACCEPTED)
}

/// One write and one `fdatasync` for all that wait.
fn write(mut file: File, posts: &Receiver<Post>) {
    while let Ok((body, done)) = posts.recv() {
        let (mut bytes, mut waiting) = (body.to_vec(), vec![done]);
        while let Ok((body, done)) = posts.try_recv() {
            bytes.extend_from_slice(&body);
            waiting.push(done);
        }
        file.write_all(&bytes).and_then(|()| file.sync_data()).expect("a disk that writes");
        for done in waiting {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}
