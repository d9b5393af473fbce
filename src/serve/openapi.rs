//! The description of the API (OpenAPI 3.1), made from the handlers and the shapes of their answers, and the page that shows
//! it: ours, with the script and the styles of Swagger UI. All of it is in the binary; it asks no other host for anything.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::App;
use super::demo_site;
use super::fault::Problem;
use super::rejection::Rejection;
use super::{articles, events, handlers, keys, records, reload, suggest, widget, wire};

// The files behind the page by name, each compressed with gzip.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

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
        events::post,
        articles::put,
        articles::get,
        articles::delete,
        articles::bulk,
        suggest::post,
        keys::list,
        reload::post
    ),
    components(schemas(
        wire::PanelBody,
        wire::SearchBody,
        events::Answer,
        records::ArticleRecord,
        records::EventRecord,
        Problem
    )),
    tags(
        (name = "panels", description = "What stands under an article, and the widget that puts it there. No key."),
        (name = "events", description = "What readers did. No key."),
        (name = "articles", description = "Articles as they are published, changed and withdrawn, and drafts."),
        (name = "search", description = "Articles by words."),
        (name = "operations", description = "For those who run the server.")
    ),
    modifiers(&Keyed)
)]
struct Api;

/// Says how a key is shown.
struct Keyed;

impl Modify for Keyed {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let about = "A key that `readnext keys create` made. The demo asks for none.";
        let bearer = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(about));
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer.build()));
    }
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
                431,
                "The head of the request has more bytes or headers than it may.",
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

/// There is no key, or none that is good for this.
pub(super) struct Denied;

impl IntoResponses for Denied {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let denied = [
            (401, "There is no key, or it is not known or was revoked."),
            (
                403,
                "The key is of a lesser scope, or a page of another site asks.",
            ),
        ];
        let described =
            |(status, description): (u16, &str)| (status.to_string(), problem(description));
        denied.into_iter().map(described).collect()
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
    file("").ok_or_else(|| Rejection::unknown_path("/docs/"))
}

/// A file behind the page; in a demo, whose site may well have articles below `/docs`, one of these.
pub(super) async fn page(
    state: State<Arc<App>>,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Response, Rejection> {
    match file(&name) {
        Some(answer) => Ok(answer),
        None if state.demo.is_some() => demo_site::article(state, uri).await,
        None => Err(Rejection::unknown_path(uri.path())),
    }
}

fn file(name: &str) -> Option<Response> {
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
    let coding = (header::CONTENT_ENCODING, "gzip");
    Some(([kind, policy, coding], packed).into_response())
}
