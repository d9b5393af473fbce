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
}

impl Rejection {
    /// A parameter that cannot be used.
    pub(super) fn bad_parameter(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "bad_parameter",
            detail: detail.into(),
        }
    }

    /// A path that is not part of the API.
    pub(super) fn unknown_path(path: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "unknown_path",
            detail: format!(
                "found no resource at {path}; expected /v1/related, /v1/related.html, /v1/search or /widget.js"
            ),
        }
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownArticle(_) => Self {
                status: StatusCode::NOT_FOUND,
                code: "unknown_article",
                detail: error.to_string(),
            },
            Error::Usage(detail) => Self::bad_parameter(detail),
            Error::Config(_)
            | Error::InUse(_)
            | Error::Damaged(_)
            | Error::Newer(_)
            | Error::Failed(_) => {
                // Paths and causes are for the operator, not for whoever asks.
                say(format_args!("request failed: {error}"));
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    code: "internal",
                    detail: "the request failed; the server's log says why".to_owned(),
                }
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
        // A page that embeds the widget may see why it got no panel.
        response.headers_mut().insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::HeaderValue::from_static("*"),
        );
        response
    }
}
