//! Errors as RFC 9457 problem documents: a stable `code`, a sentence, no internals.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error::{Error, say};

/// A request that is answered with an error.
#[derive(Debug)]
pub(super) struct Rejection {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// Seconds after which the request may be sent again.
    retry_after: Option<&'static str>,
}

impl Rejection {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// A parameter that cannot be used.
    pub(super) fn bad_parameter(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_parameter", detail)
    }

    /// A body that cannot be used.
    pub(super) fn bad_body(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_body", detail)
    }

    /// A body of more than `most` bytes.
    pub(super) fn too_large(most: usize) -> Self {
        let detail = format!(
            "found a larger body, expected at most {most} bytes; send fewer events at a time"
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// A body of another type than events come in.
    pub(super) fn unknown_type(found: &str) -> Self {
        let detail =
            format!("found the content type {found:?}, expected application/json or text/plain");
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unknown_content_type",
            detail,
        )
    }

    /// Nothing can be kept at the moment; the server's log says why.
    pub(super) fn writes_stopped() -> Self {
        Self {
            retry_after: Some("5"),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "writes_stopped",
                "events cannot be kept at the moment, and some of these may have been; send them again later, each with the `id` it had, so that none counts twice",
            )
        }
    }

    /// A path that is not part of the API.
    pub(super) fn unknown_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_path",
            format!(
                "found no resource at {path}; expected /v1/related, /v1/related.html, /v1/search, /v1/events or /widget.js"
            ),
        )
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownArticle(_) => {
                Self::new(StatusCode::NOT_FOUND, "unknown_article", error.to_string())
            }
            Error::Usage(detail) => Self::bad_parameter(detail),
            Error::Config(_)
            | Error::InUse(_)
            | Error::Damaged(_)
            | Error::Broken(_)
            | Error::Newer(_)
            | Error::Failed(_) => {
                // Paths and causes are for the operator, not for whoever asks.
                say(format_args!("request failed: {error}"));
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "the request failed; the server's log says why",
                )
            }
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let problem = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        // An error is over when its cause is; nobody keeps it.
        let caching = header::HeaderValue::from_static("no-store");
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, caching);
        if let Some(seconds) = self.retry_after {
            let seconds = header::HeaderValue::from_static(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        // A page that embeds the widget may see why it got no panel.
        response.headers_mut().insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::HeaderValue::from_static("*"),
        );
        response
    }
}
