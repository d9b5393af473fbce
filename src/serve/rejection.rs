//! Errors as RFC 9457 problem documents: a stable `code`, a sentence, no internals.

use std::time::Duration;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::door::{HEAD, HEADERS};
use super::fault::Fault;
use super::request_id::{RequestId, X_REQUEST_ID};
use crate::error::Error;
use crate::keys::Scope;
use crate::model::Date;

/// The code of a body that is coded in a way that no resource reads.
const UNKNOWN_CODING: &str = "unknown_content_encoding";
const PROBLEM: &str = "application/problem+json";

/// Why a request failed, on the way from its handler to whoever knows its name.
#[derive(Clone, Debug)]
pub(super) struct Failure(pub(super) Box<str>);

impl Failure {
    /// That of the request with this `answer`, if it failed.
    pub(super) fn of(answer: &mut Response) -> Option<Self> {
        let failed = answer.status() == StatusCode::INTERNAL_SERVER_ERROR;
        failed.then(|| answer.extensions_mut().remove())?
    }
}

/// A request that is answered with an error.
#[derive(Debug)]
pub(super) struct Rejection {
    status: StatusCode,
    code: &'static str,
    detail: String,
    /// Seconds after which the request may be sent again.
    retry_after: Option<u64>,
    /// By which the server's log names the request.
    id: Option<Box<str>>,
    /// Why the request failed, which is for the log alone.
    cause: Option<Box<str>>,
    /// What is wrong with a parameter, or with the fields of a record.
    errors: Vec<Fault>,
}

impl Rejection {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after: None,
            id: None,
            cause: None,
            errors: Vec::new(),
        }
    }

    /// No key, or one that is not known.
    pub(super) fn unauthorized(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// A key that is good for less than is asked.
    pub(super) fn forbidden(found: Scope, wanted: Scope) -> Self {
        let detail = format!("found a key of scope {found}, expected one of scope {wanted}");
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// An article record that cannot be taken.
    pub(super) fn bad_article(errors: Vec<Fault>) -> Self {
        Self {
            errors,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad_article",
                "the record cannot be taken; `errors` says why",
            )
        }
    }

    /// An article record of more than `most` bytes.
    pub(super) fn record_too_large(most: usize) -> Self {
        let detail =
            format!("found a larger body, expected at most {most} bytes; shorten the record");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// More than `most` records, or `most_bytes` bytes of them.
    pub(super) fn bulk_too_large(most: usize, most_bytes: usize) -> Self {
        let detail = format!(
            "found more than {most} records or {most_bytes} bytes; what came before is kept, send the rest in further requests"
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// Something went wrong, and why is for the log, not for whoever asks.
    pub(super) fn failed(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into().into_boxed_str()),
            ..Self::internal()
        }
    }

    /// What is answered to the request `id`, which failed as the log says.
    pub(super) fn failed_by_name(id: &RequestId) -> Self {
        Self {
            id: Some(id.to_string().into_boxed_str()),
            ..Self::internal()
        }
    }

    /// No article can be kept at the moment; the server's log says why.
    pub(super) fn articles_stopped() -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "writes_stopped",
                "articles cannot be kept at the moment, and some of this may have been; send it again later, which does no harm",
            )
        }
    }

    /// The parameter `name` cannot be used, or one that has no name.
    pub(super) fn bad_parameter(name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let fault = (!name.is_empty()).then(|| Fault::of_parameter(name, &detail));
        Self {
            errors: fault.into_iter().collect(),
            ..Self::new(StatusCode::BAD_REQUEST, "bad_parameter", detail)
        }
    }

    /// A body that cannot be used.
    pub(super) fn bad_body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_body", detail)
    }

    /// A body in which something else was `expected`, as `error` found.
    pub(super) fn bad_json(error: &serde_json::Error, expected: &str) -> Self {
        let detail = format!("{error}; expected {expected}");
        let fault = Fault::at_place(error.line(), error.column(), &detail);
        Self {
            errors: vec![fault],
            ..Self::bad_body(detail)
        }
    }

    /// Settings that cannot be used.
    pub(super) fn bad_settings(detail: &str) -> Self {
        let detail = format!("{detail}; the settings before stay");
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_settings", detail)
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

    /// A body that is compressed or otherwise coded.
    pub(super) fn unknown_coding(found: &HeaderValue) -> Self {
        let detail = format!(
            "found a body with the content encoding {found:?}, expected one that is not encoded"
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, UNKNOWN_CODING, detail)
    }

    /// Nothing can be kept at the moment; the server's log says why.
    pub(super) fn writes_stopped() -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "writes_stopped",
                "events cannot be kept at the moment, and some of these may have been; send them again later, each with the `id` it had, so that none counts twice",
            )
        }
    }

    /// The rest of a request did not come in time.
    pub(super) fn too_slow() -> Self {
        let detail = "the rest of the request did not come in time; send it again";
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail)
    }

    /// The head of a request, which cannot be read and is refused with `status`.
    pub(super) fn unreadable(status: StatusCode) -> Self {
        if status == StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE {
            let detail = format!(
                "found a larger head, expected at most {HEAD} bytes and {HEADERS} headers; send less"
            );
            return Self::new(status, "head_too_large", detail);
        }
        let detail = "found something else than the head of a request, expected HTTP/1.1";
        Self::new(status, "bad_request", detail)
    }

    /// A request with so many `Host` headers (RFC 9112, section 3.2).
    pub(super) fn bad_host(found: usize) -> Self {
        let detail = format!("found {found} headers `Host`, expected one at most");
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// A path or a form that no handler can be given, which is refused with `status`.
    pub(super) fn unexplained(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "found a larger form; send less"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (
                "unknown_content_type",
                "found another content type, expected application/x-www-form-urlencoded",
            ),
            _ => (
                "bad_request",
                "found a path or a form that cannot be read, expected UTF-8 and the fields of the form",
            ),
        };
        Self::new(status, code, detail)
    }

    /// There are too many connections.
    pub(super) fn no_room() -> Self {
        let detail = "too many connections at the moment; try again in a second";
        Self {
            retry_after: Some(1),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_room", detail)
        }
    }

    /// The client sends too many requests, and has to wait for so long.
    pub(super) fn too_many(wait: Duration) -> Self {
        let detail = "too many requests a second; send fewer";
        Self {
            retry_after: Some(wait.as_secs() + 1),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail)
        }
    }

    /// The request is for a server of another name.
    pub(super) fn misdirected(host: &str) -> Self {
        let detail = format!(
            "found the host {host:?}, which is none that this server answers to; whoever runs it can name it in `serve.hosts`"
        );
        Self::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail)
    }

    /// A page of another site sends something.
    pub(super) fn foreign_origin(origin: &HeaderValue) -> Self {
        let detail = format!(
            "found the origin {:?}, whose pages may not send anything here; whoever runs this server can name it in `serve.origins`",
            origin.to_str().unwrap_or_default()
        );
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", detail)
    }

    /// A form that no page of this server sent.
    pub(super) fn foreign_page(origin: &str) -> Self {
        let detail = format!(
            "found the origin {origin:?}, expected a page of this server, asked by a name of its own; send the form from there"
        );
        Self::new(StatusCode::FORBIDDEN, "foreign_page", detail)
    }

    /// The resource does not know the method.
    pub(super) fn unknown_method(method: &Method) -> Self {
        let detail = format!("found the method {method}, expected one of those that `Allow` names");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "unknown_method", detail)
    }

    fn internal() -> Self {
        let detail = "the request failed; the server's log says why, by the id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The status that is answered.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong, in a sentence.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// A path that is not part of the API.
    pub(super) fn unknown_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_path",
            format!(
                "found no resource at {path}; expected /v1/related, /v1/related.html, /v1/search, /v1/events, /v1/articles, /v1/suggest, /v1/keys, /v1/reload or /widget.js, each at its listener (settings `serve.admin`, `serve.metrics`); /docs/ tells of each"
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
            Error::Usage(detail) => Self::bad_parameter("", detail),
            Error::Config(_)
            | Error::InUse(_)
            | Error::Damaged(_)
            | Error::Broken(_)
            | Error::Newer(_)
            | Error::Failed(_) => Self::failed(error.to_string()),
        }
    }
}

impl Rejection {
    /// The problem document.
    fn body(&self) -> String {
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        if let Some(id) = &self.id {
            body["id"] = json!(id);
        }
        body.to_string()
    }

    /// The bytes of the whole answer to the request `id`, for a connection that ends with it, and how many of them are its body.
    /// It was made at `at`, in unix seconds.
    pub(super) fn written(&self, id: &RequestId, at: i64) -> (Vec<u8>, usize) {
        let body = self.body();
        let date = Date::from_seconds(at).to_http().unwrap_or_default();
        let retry = self
            .retry_after
            .map(|seconds| format!("retry-after: {seconds}\r\n"));
        let answer = format!(
            "HTTP/1.1 {} {}\r\n{X_REQUEST_ID}: {id}\r\ndate: {date}\r\ncontent-type: {PROBLEM}\r\ncache-control: no-store\r\n{}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.status.as_u16(),
            self.status.canonical_reason().unwrap_or_default(),
            retry.unwrap_or_default(),
            body.len(),
        );
        (answer.into_bytes(), body.len())
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut answer = (self.status, self.body()).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
        // An error is over when its cause is; nobody keeps it.
        let caching = HeaderValue::from_static("no-store");
        headers.insert(header::CACHE_CONTROL, caching);
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if self.code == UNKNOWN_CODING {
            let none = HeaderValue::from_static("identity");
            headers.insert(header::ACCEPT_ENCODING, none);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(cause) = self.cause {
            answer.extensions_mut().insert(Failure(cause));
        }
        answer
    }
}
