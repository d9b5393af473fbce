//! The endpoints of the API.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;

use super::panels::Form;
use super::parameters::{Pairs, search_request};
use super::rejection::Rejection;
use super::{App, search_json};

type Shared = State<Arc<App>>;
type Answer<T> = Result<T, Rejection>;

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");
/// Panels are public and asked for without credentials, so any page may embed them.
const ANY_ORIGIN: (header::HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

pub(super) async fn related(
    State(app): Shared,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    Ok(([ANY_ORIGIN], app.panel(&uri, &headers, Form::Json)?))
}

pub(super) async fn related_html(
    State(app): Shared,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    Ok(([ANY_ORIGIN], app.panel(&uri, &headers, Form::Html)?))
}

pub(super) async fn search(
    State(app): Shared,
    Query(pairs): Query<Pairs>,
) -> Answer<impl IntoResponse> {
    let (words, limit) = search_request(pairs)?;
    let current = app.engine.snapshot();
    let results = current.1.search(&words, limit)?;
    Ok(([JSON], search_json(&words, &results)))
}

pub(super) async fn widget() -> impl IntoResponse {
    let script = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([script, ANY_ORIGIN], include_str!("../../widget/widget.js"))
}

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// A server that has started has a generation, and keeps it until it has a newer one; events are another matter, which
/// `?writes` asks for.
pub(super) async fn readyz(State(app): Shared, Query(pairs): Query<Pairs>) -> impl IntoResponse {
    let stopped = match &app.events {
        Some(events) => events.stopped().is_some(),
        None => true,
    };
    let asked = pairs.iter().any(|(name, _)| name == "writes");
    let status = match stopped && asked {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    };
    let generation = app.engine.snapshot().1.generation();
    let writes = if stopped { "stopped" } else { "ok" };
    (
        status,
        format!("ok: generation {generation}\nwrites: {writes}\n"),
    )
}

pub(super) async fn unknown_path(uri: Uri) -> Rejection {
    Rejection::unknown_path(uri.path())
}
