//! `POST /v1/suggest`: a draft in, what it should link to out. Nothing is kept of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::articles::{off_thread, whole};
use super::described::{Denied, Refused};
use super::fault::{Fault, Problem};
use super::keys::Writer;
use super::parameters::{Asked, only_limit};
use super::records::ArticleRecord;
use super::rejection::Rejection;
use super::wire::{FoundBody, found};
use crate::engine::Suggestions;
use crate::model::Severity;

/// What a draft should link to.
#[derive(Serialize, ToSchema)]
#[schema(as = Suggestions)]
pub(super) struct SuggestJson<'a> {
    /// The articles that its words find, best first.
    related: Vec<FoundBody<'a>>,
    /// The places to link from, in the order of the text.
    links: Vec<LinkJson<'a>>,
}

/// A place in the draft's text that names an article.
#[derive(Serialize, ToSchema)]
#[schema(as = SuggestedLink)]
struct LinkJson<'a> {
    /// The words to link from, as they stand in the draft.
    phrase: &'a str,
    /// How often they stand there.
    count: u32,
    id: &'a str,
    url: &'a str,
    title: &'a str,
}

/// The body of `/v1/suggest`, on one line.
pub fn suggest_json(suggestions: &Suggestions<'_>) -> String {
    let links = suggestions.links.iter().map(|link| LinkJson {
        phrase: &link.phrase,
        count: link.count,
        id: link.entry.id,
        url: link.entry.url,
        title: link.entry.title,
    });
    let body = SuggestJson {
        related: suggestions.related.iter().map(found).collect(),
        links: links.collect(),
    };
    serde_json::to_string(&body).expect("plain data serialises")
}

/// A draft in, what it should link to out. Nothing is kept of it.
#[utoipa::path(post, path = "/v1/suggest", operation_id = "suggest", tag = "articles", security(("key" = [])),
    params(("limit" = Option<u8>, Query, minimum = 1, maximum = 100, description = "Of each kind at most; 20 by default.")),
    request_body(content = ArticleRecord),
    responses(
        (status = 200, description = "The suggestions.", body = SuggestJson),
        (status = 413, description = "The record has more than 8 MiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is compressed.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The record cannot be read; `errors` names the fields.", body = Problem, content_type = "application/problem+json"),
        Denied, Refused
    ))]
pub(super) async fn post(
    _writer: Writer,
    State(app): State<Arc<App>>,
    Asked(pairs): Asked,
    request: Request,
) -> Result<Response, Rejection> {
    let limit = only_limit(pairs)?;
    let body = whole(request).await?;
    let work = move || {
        let current = app.engine.snapshot();
        let (draft, problems) = current.1.draft(&body);
        let refused = || Rejection::bad_article(Fault::of_problems(&problems, Severity::Error));
        let draft = draft.ok_or_else(refused)?;
        let suggestions = current.1.suggest(&draft, limit)?;
        Ok::<_, Rejection>(suggest_json(&suggestions))
    };
    let body = off_thread(work).await??;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
