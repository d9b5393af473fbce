//! The last word to a connection that ends before a request on it was read: a problem document with a name, which the log tells
//! of and the metrics count as they do all answers.
//!
//! What was asked for is not known then, so such a request has no method and no path, and the resource `unread`.

use std::time::Duration;

use axum::http::Uri;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;

use super::App;
use super::events::clock;
use super::guest::Guest;
use super::log_line::Answered;
use super::rejection::Rejection;
use super::request_id::RequestId;
use super::route::Route;

/// How long a client may take to hear it.
const PATIENCE: Duration = Duration::from_secs(1);
/// What a client still has to say is heard for so many bytes: closed with something unread, the connection would be reset, and
/// the answer lost.
const HEARD: u64 = 1 << 20;

/// Tells `guest` on `stream` why it has to leave.
pub(super) async fn say_why(mut stream: TcpStream, guest: &Guest, app: &App, why: &Rejection) {
    let id = RequestId::Own(guest.name_of_request());
    let (answer, bytes) = why.written(&id, clock() / 1000);
    note(guest, app, why, id, bytes);
    let said = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        copy(&mut stream.take(HEARD), &mut sink()).await
    };
    // It leaves whether it hears why or not.
    let _ = tokio::time::timeout(PATIENCE, said).await;
}

/// Counts the answer and has the log tell of it.
fn note(guest: &Guest, app: &App, why: &Rejection, id: RequestId, bytes: usize) {
    let (status, took) = (why.status(), guest.taken());
    app.metrics.answered(Route::Unread, status, took);
    let Some(log) = app.log_for(&app.settings.load(), status) else {
        return;
    };
    log.answered(Answered {
        id,
        method: None,
        route: Route::Unread,
        uri: Uri::default(),
        status,
        took,
        bytes: Some(bytes as u64),
        trace: None,
    });
}
