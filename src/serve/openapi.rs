//! The description of the API (OpenAPI 3.1), which is `docs/openapi.json`, and the page that shows it. Both are in the binary;
//! the page asks no other host for anything.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::kept::Kept;
use super::rejection::Rejection;

// The files of the page by name, each compressed with gzip.
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

pub(super) async fn front_page() -> Result<Response, Rejection> {
    file("index.html")
}

pub(super) async fn page(Path(name): Path<String>) -> Result<Response, Rejection> {
    file(&name)
}

fn file(name: &str) -> Result<Response, Rejection> {
    let policy = (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    );
    let ending = name.rsplit('.').next().unwrap_or_default();
    let kind = match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "png" => "image/png",
        _ => "text/javascript; charset=utf-8",
    };
    let kind = (header::CONTENT_TYPE, kind);
    if name == "swagger-initializer.js" {
        return Ok(([kind, policy], include_str!("assets/docs.js")).into_response());
    }
    let found = PAGE.iter().find(|(other, _)| *other == name);
    let &(_, packed) = found.ok_or_else(|| Rejection::unknown_path(&format!("/docs/{name}")))?;
    let coding = (header::CONTENT_ENCODING, "gzip");
    Ok(([kind, policy, coding], packed).into_response())
}
