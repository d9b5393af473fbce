//! `/v1/articles`: articles one by one and as JSON Lines, kept in the journal before they are answered, and shown by then.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use super::App;
use super::apart;
use super::described::{Denied, Refused, Unknown};
use super::fault::{Fault, Problem};
use super::front::died;
use super::keys::Writer;
use super::parameters::{Asked, only_id, takes_none};
use super::records::ArticleRecord;
use super::rejection::Rejection;
use super::slow_body::TooSlow;
use super::wire::ArticleBody;
use crate::engine::{Earlier, Outcome, Write};
use crate::error::say;
use crate::model::Severity;

/// Bytes of an article record, at most.
pub(super) const LARGEST: usize = 8 << 20;
/// Records of a bulk, at most, and their bytes.
const MOST: usize = 200_000;
const MOST_BYTES: usize = 2 << 30;
/// Records that are kept together, at most, and their bytes.
const TOGETHER: usize = 512;
const TOGETHER_BYTES: usize = 4 << 20;

/// What came of one record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written {
    /// Its line in the body, from 1; absent for one that came alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    line: Option<u64>,
    /// The article's id; absent where the record does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
    /// `created`, `updated`, `unchanged` or `rejected`.
    status: &'static str,
    /// What is not as its author meant, and was passed over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Fault>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// The answer to a bulk.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Bulk {
    accepted: usize,
    rejected: usize,
    /// A result for each record, in the order of the lines.
    items: Vec<Written>,
}

/// An article as it is served.
#[derive(Serialize, ToSchema)]
pub(super) struct Stored<'a> {
    article: ArticleBody<'a>,
    /// `http`, or `corpus` where it was read from a file.
    source: &'static str,
    draft: bool,
    noindex: bool,
}

type Answer<T> = Result<T, Rejection>;

/// One article in; answered once it is on the disk and shows.
#[utoipa::path(put, path = "/v1/articles", operation_id = "put_article", tag = "articles", security(("key" = [])),
    params(("id" = String, Query, min_length = 1, description = "The article's id.", example = "/tool/kettle")),
    request_body(content = ArticleRecord),
    responses(
        (status = 200, description = "It was there and changed, or is as it was.", body = Written,
            example = json!({"id": "/tool/kettle", "status": "updated"})),
        (status = 201, description = "It is new.", body = Written, example = json!({"id": "/tool/kettle", "status": "created"})),
        (status = 413, description = "The record has more than 8 MiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is compressed.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The record cannot be taken; `errors` names the fields.", body = Problem, content_type = "application/problem+json"),
        Denied, Refused
    ))]
pub(super) async fn put(
    _writer: Writer,
    State(app): State<Arc<App>>,
    Asked(pairs): Asked,
    request: Request,
) -> Answer<Response> {
    let id = only_id(pairs)?;
    let body = whole(request).await?;
    let shared = Arc::clone(&app);
    let judge = move || {
        let mut earlier = Earlier::default();
        shared.engine.put(Some(&id), 1, &body, &mut earlier)
    };
    let judged = app.lanes.articles.run(judge).await?;
    let write = judged.map_err(|problems| {
        Rejection::bad_article(Fault::of_problems(&problems, Severity::Error))
    })?;
    let (payload, written) = taken(write, None);
    keep(&app, payload.into_iter().collect()).await?;
    let status = match written.status {
        "created" => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    Ok((status, Json(written)).into_response())
}

/// One article out; answered once it is on no panel.
#[utoipa::path(delete, path = "/v1/articles", operation_id = "delete_article", tag = "articles", security(("key" = [])),
    params(("id" = String, Query, min_length = 1, description = "The article: its id, a path or an address.", example = "/tool/kettle")),
    responses((status = 204, description = "It is on no panel."), Unknown, Denied, Refused))]
pub(super) async fn delete(
    _writer: Writer,
    State(app): State<Arc<App>>,
    Asked(pairs): Asked,
) -> Answer<StatusCode> {
    let name = only_id(pairs)?;
    let shared = Arc::clone(&app);
    let judge = move || shared.engine.delete(&name);
    let write = app.lanes.articles.run(judge).await??;
    keep(&app, write.payload.into_iter().collect()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An article as panels show it, drafts too.
#[utoipa::path(get, path = "/v1/articles", operation_id = "get_article", tag = "articles", security(("key" = [])),
    params(("id" = String, Query, min_length = 1, description = "The article: its id, a path or an address.", example = "/tool/kettle")),
    responses((status = 200, description = "The article.", body = Stored), Unknown, Denied, Refused))]
pub(super) async fn get(
    _writer: Writer,
    State(app): State<Arc<App>>,
    Asked(pairs): Asked,
) -> Answer<Response> {
    let name = only_id(pairs)?;
    let answer = off_thread(move || {
        let current = app.engine.snapshot();
        let ord = current.1.find_any(&name)?;
        let entry = current.1.entry(ord)?;
        let facts = current.1.visibility(ord);
        let stored = Stored {
            article: ArticleBody::of(&entry),
            source: match app.engine.is_pushed(entry.id) {
                true => "http",
                false => "corpus",
            },
            draft: facts.draft,
            noindex: facts.noindex,
        };
        Ok::<_, Rejection>(Json(stored).into_response())
    });
    answer.await?
}

/// Many articles in, a record a line. Read as it comes: a record is kept while later ones are on their way.
#[utoipa::path(post, path = "/v1/articles", operation_id = "post_articles", tag = "articles", security(("key" = [])),
    request_body(description = "An article record a line; of which type it is said to be makes no difference.", content(
        (String = "application/x-ndjson", example = "{\"id\": \"/tool/kettle\", \"title\": \"A kettle for pour-over\"}\n{\"id\": \"/tool/scale\", \"title\": \"A scale\"}\n"),
        (String = "text/plain", example = "{\"id\": \"/tool/kettle\", \"title\": \"A kettle for pour-over\"}\n{\"id\": \"/tool/scale\", \"title\": \"A scale\"}\n")
    )),
    responses(
        (status = 200, description = "What came of each line.", body = Bulk),
        (status = 413, description = "More than 200,000 records or 2 GiB; what came before is kept.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is compressed.", body = Problem, content_type = "application/problem+json"),
        Denied, Refused
    ))]
pub(super) async fn bulk(
    _writer: Writer,
    State(app): State<Arc<App>>,
    request: Request,
) -> Answer<Json<Bulk>> {
    takes_none(request.uri())?;
    let mut body = pin!(request.into_body());
    let mut lines = Lines::default();
    let mut bulk = Bulk::default();
    while let Some(chunk) = next_chunk(body.as_mut()).await? {
        lines.take(&chunk)?;
        if lines.is_full() {
            take(&app, lines.whole(), &mut bulk).await?;
        }
    }
    lines.end();
    take(&app, lines.whole(), &mut bulk).await?;
    Ok(Json(bulk))
}

/// The body of a request that is one record.
pub(super) async fn whole(request: Request) -> Answer<Bytes> {
    let body = Bytes::from_request(request, &()).await;
    body.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Rejection::record_too_large(LARGEST),
        _ if TooSlow::caused(&refused) => Rejection::too_slow(),
        _ => Rejection::bad_body("the body could not be read"),
    })
}

async fn next_chunk(mut body: std::pin::Pin<&mut Body>) -> Answer<Option<Bytes>> {
    loop {
        let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await;
        match frame {
            None => return Ok(None),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Some(Err(error)) if TooSlow::caused(&error) => return Err(Rejection::too_slow()),
            Some(Err(_)) => {
                return Err(Rejection::bad_body(
                    "the body ended before its end; what was kept before shows, send all of it again",
                ));
            }
        }
    }
}

/// Lines of a body as it comes, in bounded memory.
#[derive(Default)]
struct Lines {
    /// Whole lines that are not blank, with their numbers; `None` for one that is too long.
    whole: Vec<(u64, Option<Vec<u8>>)>,
    bytes: usize,
    begun: Vec<u8>,
    /// Whether the line that was begun is too long already.
    too_long: bool,
    number: u64,
    records: usize,
    total: usize,
}

impl Lines {
    fn take(&mut self, chunk: &[u8]) -> Answer<()> {
        self.total += chunk.len();
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            self.add(&rest[..end]);
            self.end();
            rest = &rest[end + 1..];
        }
        self.add(rest);
        if self.records > MOST || self.total > MOST_BYTES {
            return Err(Rejection::bulk_too_large(MOST, MOST_BYTES));
        }
        Ok(())
    }

    fn add(&mut self, part: &[u8]) {
        self.too_long |= self.begun.len() + part.len() > LARGEST;
        match self.too_long {
            true => self.begun.clear(),
            false => self.begun.extend_from_slice(part),
        }
    }

    /// Ends the line that was begun.
    fn end(&mut self) {
        self.number += 1;
        let line = mem::take(&mut self.begun);
        let too_long = mem::take(&mut self.too_long);
        if too_long || !line.trim_ascii().is_empty() {
            self.bytes += line.len();
            self.records += 1;
            self.whole.push((self.number, (!too_long).then_some(line)));
        }
    }

    fn is_full(&self) -> bool {
        self.whole.len() >= TOGETHER || self.bytes >= TOGETHER_BYTES
    }

    fn whole(&mut self) -> Vec<(u64, Option<Vec<u8>>)> {
        self.bytes = 0;
        mem::take(&mut self.whole)
    }
}

/// Keeps `lines`, and adds what came of them to `bulk`.
async fn take(app: &Arc<App>, lines: Vec<(u64, Option<Vec<u8>>)>, bulk: &mut Bulk) -> Answer<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let shared = Arc::clone(app);
    let judge = move || {
        let mut earlier = Earlier::default();
        let judged = lines.into_iter().map(|(number, line)| {
            let Some(line) = line else {
                let detail =
                    format!("found a line of more than {LARGEST} bytes; shorten the record");
                let fault = Fault::of_record(detail);
                return (None, rejected(number, None, vec![fault]));
            };
            match shared.engine.put(None, number, &line, &mut earlier) {
                Ok(write) => taken(write, Some(number)),
                Err(problems) => (
                    None,
                    rejected(
                        number,
                        id_in(&line),
                        Fault::of_problems(&problems, Severity::Error),
                    ),
                ),
            }
        });
        judged.unzip::<_, _, Vec<Option<Vec<u8>>>, Vec<Written>>()
    };
    let (payloads, items) = app.lanes.articles.run(judge).await?;
    keep(app, payloads.into_iter().flatten().collect()).await?;
    let rejected = items
        .iter()
        .filter(|item| item.status == "rejected")
        .count();
    bulk.rejected += rejected;
    bulk.accepted += items.len() - rejected;
    bulk.items.extend(items);
    Ok(())
}

/// The id that a record says it has, so that its sender finds it again.
fn id_in(record: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
    }
    let named: Result<Named, _> = serde_json::from_slice(record);
    named.ok()?.id.filter(|id| !id.is_empty())
}

fn rejected(line: u64, id: Option<String>, errors: Vec<Fault>) -> Written {
    Written {
        line: Some(line),
        id,
        status: "rejected",
        warnings: Vec::new(),
        errors,
    }
}

/// What is kept of a write, and what is answered.
fn taken(write: Write, line: Option<u64>) -> (Option<Vec<u8>>, Written) {
    let written = Written {
        line,
        warnings: Fault::of_problems(&write.warnings, Severity::Warning),
        id: Some(write.id),
        status: match write.outcome {
            Outcome::Created => "created",
            Outcome::Updated => "updated",
            Outcome::Unchanged => "unchanged",
            Outcome::Deleted => "deleted",
        },
        errors: Vec::new(),
    };
    (write.payload, written)
}

/// Keeps `payloads`; returns once they are on the disk and show.
async fn keep(app: &Arc<App>, payloads: Vec<Vec<u8>>) -> Answer<()> {
    let events = app
        .events
        .as_ref()
        .ok_or_else(Rejection::articles_stopped)?;
    let (done, is_done) = oneshot::channel();
    let told = move |outcome| {
        // Whoever asked may have gone; what was written is kept all the same.
        let _ = done.send(outcome);
    };
    let sent = events.recorder().write(payloads, told);
    let outcome = match sent {
        Ok(()) => is_done.await.ok().and_then(Result::ok),
        Err(_) => None,
    };
    outcome.ok_or_else(Rejection::articles_stopped)?;
    show(app).await
}

/// Shows the articles that came to the journal.
pub(super) async fn show(app: &Arc<App>) -> Answer<()> {
    let shared = Arc::clone(app);
    let shown = app
        .lanes
        .articles
        .run(move || shared.engine.follow_articles());
    match shown.await? {
        Ok(problems) => problems.iter().for_each(say),
        Err(error) => say(format_args!(
            "articles that came are not shown yet: {error}"
        )),
    }
    Ok(())
}

/// Runs `work` where it holds up nobody who waits for an answer.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Answer<T> {
    let done = apart::ended(work).await;
    done.map_err(|ended| match ended.try_into_panic() {
        Ok(panic) => died(&*panic),
        Err(_) => Rejection::failed("the server is stopping"),
    })
}
