//! The description of the API (OpenAPI 3.1), made from the handlers and the shapes of their answers, and the page that shows
//! it. The page is in the binary; it asks no other host for anything.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, OpenApi, ToSchema};
use utoipa_swagger_ui::Config;

use super::rejection::Rejection;
use super::{events, handlers, widget, wire};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "readnext",
        description = "Related articles for every page of a site, and what readers do with them."
    ),
    paths(
        handlers::related,
        handlers::related_html,
        handlers::search,
        widget::script,
        widget::style,
        handlers::livez,
        handlers::readyz,
        handlers::metrics,
        events::post
    ),
    components(schemas(wire::PanelBody, wire::SearchBody, events::Answer, Problem))
)]
struct Api;

/// What every error is answered with (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`.
    r#type: &'static str,
    /// The name of the status.
    title: &'static str,
    status: u16,
    /// What is wrong, for programs.
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
    /// By which the server's log names the request, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
}

/// What any request may be refused with.
pub(super) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let refused = [
            (
                400,
                "A parameter or the body cannot be used; `detail` says what is expected.",
            ),
            (408, "The rest of the request did not come in time."),
            (421, "The server does not answer to this host name."),
            (
                429,
                "The client asks too often; `Retry-After` says when to come back.",
            ),
            (
                500,
                "The request failed; the server's log says why, by the id.",
            ),
            (
                503,
                "Too much at the moment; `Retry-After` says when to come back.",
            ),
        ];
        let described =
            |(status, description): (u16, &str)| (status.to_string(), problem(description));
        refused.into_iter().map(described).collect()
    }
}

/// No published article has this id, path or address.
pub(super) struct Unknown;

impl IntoResponses for Unknown {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let description = "No published article has this id, path or address.";
        BTreeMap::from([("404".to_owned(), problem(description))])
    }
}

fn problem(description: &str) -> RefOr<openapi::Response> {
    let schema = openapi::Ref::from_schema_name("Problem");
    let content = openapi::ContentBuilder::new().schema(Some(schema)).build();
    let response = openapi::ResponseBuilder::new().description(description);
    response
        .content("application/problem+json", content)
        .build()
        .into()
}

/// The description, as JSON with a line a value.
pub(super) fn openapi_json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| {
        let document = Api::openapi().to_pretty_json();
        document.expect("plain data serialises") + "\n"
    });
    &JSON
}

pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json())
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
    static CONFIG: LazyLock<Arc<Config<'static>>> =
        LazyLock::new(|| Arc::new(Config::from("/openapi.json").validator_url("none")));
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG));
    let found = found.map_err(|_| Rejection::internal())?;
    let file = found.ok_or_else(|| Rejection::unknown_path(&format!("/docs/{name}")))?;
    let kind = [(header::CONTENT_TYPE, file.content_type)];
    let policy = [(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    )];
    let coding = file
        .gzpipped
        .then_some([(header::CONTENT_ENCODING, "gzip")]);
    let body = file.bytes.into_owned();
    Ok(match coding {
        Some(coding) => (kind, policy, coding, body).into_response(),
        None => (kind, policy, body).into_response(),
    })
}
