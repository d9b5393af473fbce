//! The endpoints of the API.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::panels::Form;
use super::parameters::{Pairs, asks_for_writes, search_request};
use super::rejection::Rejection;
use super::{App, search_json};

type Shared = State<Arc<App>>;
type Answer<T> = Result<T, Rejection>;

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

/// Panels are answered before the table of routes is asked (`front.rs`); these stand in it for their methods.
pub(super) async fn related(State(app): Shared, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    app.panel(&uri, &headers, Form::Json)
}

pub(super) async fn related_html(
    State(app): Shared,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<Response> {
    app.panel(&uri, &headers, Form::Html)
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
    ([script], include_str!("../../widget/widget.js"))
}

pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// A server that has started has a generation, and keeps it until it has a newer one; events are another matter, which
/// `?writes` asks for.
pub(super) async fn readyz(
    State(app): Shared,
    Query(pairs): Query<Pairs>,
) -> Answer<impl IntoResponse> {
    let stopped = match &app.events {
        Some(events) => events.stopped().is_some(),
        None => true,
    };
    let asked = asks_for_writes(pairs)?;
    let status = match stopped && asked {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    };
    let generation = app.engine.snapshot().1.generation();
    let writes = if stopped { "stopped" } else { "ok" };
    Ok((
        status,
        format!("ok: generation {generation}\nwrites: {writes}\n"),
    ))
}

pub(super) async fn metrics(State(app): Shared) -> Answer<Response> {
    let page = tokio::task::spawn_blocking(move || super::gauges::page(&app)).await;
    let page = page.map_err(|_| Rejection::internal())?;
    let kind = (
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    );
    Ok(([kind], page).into_response())
}

pub(super) async fn unknown_method(method: Method) -> Rejection {
    Rejection::unknown_method(&method)
}

pub(super) async fn unknown_path(uri: Uri) -> Rejection {
    Rejection::unknown_path(uri.path())
}
