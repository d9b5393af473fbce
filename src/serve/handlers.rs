//! The endpoints of the API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::articles::off_thread;
use super::described::{Denied, Refused, Unknown};
use super::keys::Reader;
use super::panels::Form;
use super::parameters::{Asked, PanelParameters, asks_for_writes, search_request, takes_none};
use super::rejection::Rejection;
use super::wire::{PanelBody, SearchBody};
use super::{App, search_json};

type Shared = State<Arc<App>>;
type Answer<T> = Result<T, Rejection>;

const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

// Panels are answered before the table of routes is asked (`front.rs`); these stand in it for their methods.

/// The panel of one article.
#[utoipa::path(get, path = "/v1/related", tag = "panels", params(PanelParameters), responses(
        (status = 200, description = "The panel.", body = PanelBody),
        (status = 304, description = "The panel is the one that the client has."),
        Unknown, Refused
    ))]
pub(super) async fn related(State(app): Shared, uri: Uri, headers: HeaderMap) -> Answer<Response> {
    app.panel(&uri, &headers, Form::Json)
}

/// The panel of one article, as an HTML fragment.
#[utoipa::path(get, path = "/v1/related.html", tag = "panels", params(PanelParameters), responses(
        (status = 200, description = "The panel: section.readnext > h2 + ol > li > a.", body = String, content_type = "text/html"),
        (status = 304, description = "The panel is the one that the client has."),
        Unknown, Refused
    ))]
pub(super) async fn related_html(
    State(app): Shared,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<Response> {
    app.panel(&uri, &headers, Form::Html)
}

/// Articles for words.
#[utoipa::path(get, path = "/v1/search", tag = "search", params(
        ("q" = String, Query, description = "The words."),
        ("limit" = Option<u8>, Query, minimum = 1, maximum = 100, description = "Results at most; 20 by default.")
    ), security(("key" = [])), responses((status = 200, description = "The articles.", body = SearchBody), Denied, Refused))]
pub(super) async fn search(
    _reader: Reader,
    State(app): Shared,
    Asked(pairs): Asked,
) -> Answer<impl IntoResponse> {
    let (words, limit) = search_request(pairs)?;
    let current = app.engine.snapshot();
    let results = current.1.search(&words, limit)?;
    Ok(([JSON], search_json(&words, &results)))
}

/// Whether the server runs.
#[utoipa::path(get, path = "/livez", tag = "operations", responses(
        (status = 200, description = "It does.", body = String, content_type = "text/plain"),
        Refused
    ))]
pub(super) async fn livez(uri: Uri) -> Answer<&'static str> {
    takes_none(&uri)?;
    Ok("ok\n")
}

/// Whether the server has panels to show and, asked for writes, whether it keeps what comes in.
#[utoipa::path(get, path = "/readyz", tag = "operations", params(
        ("writes" = Option<String>, Query, pattern = "^(|true|false|1|0)$", description = "Ask whether events are kept, too; the name alone says true.")
    ), responses(
        (status = 200, description = "It does.", body = String, content_type = "text/plain"),
        Refused,
        (status = 503, description = "Events are not kept at the moment.", body = String, content_type = "text/plain")
    ))]
pub(super) async fn readyz(State(app): Shared, Asked(pairs): Asked) -> Answer<impl IntoResponse> {
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

/// What is counted of the service, in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operations", security(("key" = [])), responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
        Denied, Refused
    ))]
pub(super) async fn metrics(_reader: Reader, app: Shared, uri: Uri) -> Answer<Response> {
    open_metrics(app, uri).await
}

/// The same for whoever reaches the listener that has nothing else.
pub(super) async fn open_metrics(State(app): Shared, uri: Uri) -> Answer<Response> {
    takes_none(&uri)?;
    let page = off_thread(move || super::gauges::page(&app)).await?;
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
