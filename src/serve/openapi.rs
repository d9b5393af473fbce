//! The description of the API (OpenAPI 3.1), which is `docs/openapi.json`, and the page that shows it: ours, with the script and
//! the styles of Swagger UI. All of it is in the binary; it asks no other host for anything.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::App;
use super::demo_site;
use super::kept::{Kept, takes_gzip, unpacked};
use super::rejection::Rejection;

// The files behind the page by name, each compressed with gzip.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// `docs/openapi.json`, compressed with gzip.
static DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz"));

pub(super) async fn document(headers: HeaderMap) -> Response {
    static KEPT: LazyLock<Kept> = LazyLock::new(|| Kept::packed("application/json", DOCUMENT));
    KEPT.answer(&headers)
}

pub(super) async fn index() -> Redirect {
    Redirect::to("/docs/")
}

pub(super) async fn front_page(headers: HeaderMap) -> Result<Response, Rejection> {
    file("", &headers).ok_or_else(|| Rejection::unknown_path("/docs/"))
}

/// A file behind the page; in a demo, whose site may well have articles below `/docs`, one of these.
pub(super) async fn page(
    state: State<Arc<App>>,
    Path(name): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    match file(&name, &headers) {
        Some(answer) => Ok(answer),
        None if state.demo.is_some() => demo_site::article(state, uri).await,
        None => Err(Rejection::unknown_path(uri.path())),
    }
}

fn file(name: &str, request: &HeaderMap) -> Option<Response> {
    let policy = (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    );
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
    let kind = (header::CONTENT_TYPE, kind);
    let own = match name {
        "" => Some(include_str!("assets/docs.html")),
        "docs.css" => Some(include_str!("assets/docs.css")),
        "docs.js" => Some(include_str!("assets/docs.js")),
        _ => None,
    };
    if let Some(own) = own {
        return Some(([kind, policy], own).into_response());
    }
    let &(_, packed) = PAGE.iter().find(|(other, _)| *other == name)?;
    let vary = (header::VARY, "Accept-Encoding");
    if !takes_gzip(request) {
        return Some(([kind, policy, vary], unpacked(packed)).into_response());
    }
    let coding = (header::CONTENT_ENCODING, "gzip");
    Some(([kind, policy, vary, coding], packed).into_response())
}
