//! `POST /v1/events`: what readers did, kept before it is answered.

use std::borrow::Cow;
use std::error::Error;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::{Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{self, HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::Notify;
use utoipa::ToSchema;

use super::described::Refused;
use super::fault::Problem;
use super::parameters::takes_none;
use super::rejection::Rejection;
use super::settings::Settings;
use super::slow_body::TooSlow;
use super::{App, client};
use crate::corpus::events::{EventRecord, is_robot, posted, read_record};
use crate::engine::{Engine, Gate, Keeping, Lender, Recorder, Retention, Sent};
use crate::error::{Result, say};
use crate::journal::Journal;
use crate::keys::{DailySalt, SiteKey};
use crate::model::DAY;

/// Bytes of a body, at most.
const LARGEST: usize = 64 << 10;
const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");
/// Events of a body that room is made for at once.
const RESERVED: usize = 32;

/// Where events come in.
#[derive(Debug)]
pub struct Events {
    data: PathBuf,
    recorder: Arc<Recorder>,
    /// Signed off when the server stops; not there while another server lends the journal.
    lender: Mutex<Option<Lender>>,
    key: SiteKey,
    salt: DailySalt,
    gate: Gate,
    /// Told when events were kept.
    kept: Arc<Notify>,
}

// The shape of a body, for the description of the API; it is read by `posted`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
#[schema(as = Events)]
struct Body {
    /// Event records.
    #[schema(example = json!([{"type": "view", "article": "/tool/pandas/overview", "dwell": 41.5}]))]
    events: Vec<super::records::EventRecord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventsAnswer)]
pub(super) struct Answer {
    accepted: usize,
    ignored: Vec<Ignored>,
}

#[derive(Serialize, ToSchema)]
struct Ignored {
    index: usize,
    reason: String,
}

/// A result, or what is answered in its place.
type Outcome<T> = std::result::Result<T, Rejection>;

/// Where a request comes from.
#[derive(Clone, Copy)]
struct From<'a> {
    peer: IpAddr,
    headers: &'a HeaderMap,
}

impl Events {
    /// Lets events into the journal of `data`.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if the secret or the salt of the day cannot be read or made.
    pub fn open(data: &Path) -> Result<Self> {
        let kept = Arc::new(Notify::new());
        let notify = Arc::clone(&kept);
        let recorder = Arc::new(Recorder::start(data, move || notify.notify_one())?);
        let lender = Lender::start(data, &recorder);
        Ok(Self {
            data: data.to_owned(),
            lender: Mutex::new(match lender {
                Ok(lender) => Some(lender),
                Err(error) => {
                    say(format_args!(
                        "commands cannot write beside this server: {error}"
                    ));
                    None
                }
            }),
            recorder,
            key: SiteKey::load_or_create(data)?,
            salt: DailySalt::open(data, clock().div_euclid(DAY))?,
            gate: Gate::default(),
            kept,
        })
    }

    /// The token of a panel that is made now.
    pub(super) fn token(
        &self,
        host: impl AsRef<[u8]>,
        cards: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> String {
        let day = clock().div_euclid(DAY);
        self.key.panel_token(host, cards, Some(day))
    }

    /// The writer of the journal.
    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Why no events are kept at the moment, if that is so.
    pub(super) fn stopped(&self) -> Option<String> {
        self.recorder.stopped()
    }

    /// Lends the journal once nobody else does, where that is not done yet.
    pub(super) fn lend(&self) {
        if self.recorder.stopped().is_some() {
            return;
        }
        let mut lender = self.lender.lock().unwrap_or_else(PoisonError::into_inner);
        if lender.is_none()
            && let Ok(mine) = Lender::start(&self.data, &self.recorder)
        {
            *lender = Some(mine);
            say("commands can write beside this server now");
        }
    }

    /// Trims events that are kept no longer than `retention` says. What the segments held is counted on this thread, which takes a while; only
    /// then the writer has something to do.
    pub(super) fn trim(&self, retention: Retention) {
        if self.recorder.stopped().is_some() {
            return;
        }
        // What is posted waits for a moment, not for longer; where too much waits, the next turn does it.
        let (rolled, is_rolled) = sync_channel(1);
        let roll = move |journal: &mut Journal| {
            retention.roll(journal, SystemTime::now())?;
            // Whoever waited may be gone.
            let _ = rolled.send(());
            Ok(())
        };
        if self.recorder.run(roll).is_err() || is_rolled.recv().is_err() {
            return;
        }
        match retention.draft(&self.data, SystemTime::now()) {
            Ok(Some(draft)) => {
                let _ = self
                    .recorder
                    .run(move |journal| draft.put_in_force(journal).map(drop));
            }
            Ok(None) => {}
            Err(error) => say(format_args!("old events are not trimmed: {error}")),
        }
    }

    /// Keeps what was turned away since the last call; what cannot be kept now is kept by a later one.
    pub(super) fn keep_turned_away(&self) {
        if self.recorder.stopped().is_some() {
            return;
        }
        let turned_away = self.gate.turned_away();
        if !turned_away.is_empty() {
            let data = self.data.clone();
            // Where so much waits that this does not get in, its loss is the least of it.
            let _ = self.recorder.run(move |_| turned_away.keep(&data));
        }
    }

    /// Waits until events were kept, or for `patience`.
    pub(super) async fn kept(&self, patience: Duration) {
        // That it took too long is as good.
        let _ = tokio::time::timeout(patience, self.kept.notified()).await;
    }

    /// Why nothing of what the sender of `headers` does is recorded, if that is so.
    fn unwanted(settings: &Settings, headers: &HeaderMap, agent: &str) -> Option<&'static str> {
        let says = |name: &HeaderName| headers.get(name).is_some_and(|value| value == "1");
        if says(&SEC_GPC) || settings.do_not_track && says(&header::DNT) {
            Some("the sender asks not to be recorded")
        } else if is_robot(agent) {
            Some("the sender is a robot")
        } else {
            None
        }
    }

    /// Hands over those of the events in `body` that are taken, for the task of `waker`; what is answered once they are kept.
    fn judge(
        &self,
        engine: &Engine,
        settings: &Settings,
        from: From<'_>,
        body: &[u8],
        waker: &Waker,
    ) -> Outcome<(Option<Keeping>, Answer)> {
        let records = posted(body).map_err(|error| {
            Rejection::bad_json(&error, "{\"events\": [...]}, an event record each")
        })?;
        let headers = from.headers;
        let agent = headers.get(header::USER_AGENT);
        // Some name their app in other letters.
        let agent = agent.map_or_else(Cow::default, |agent| {
            String::from_utf8_lossy(agent.as_bytes())
        });
        if let Some(reason) = Self::unwanted(settings, headers, &agent) {
            return Ok((None, Answer::ignoring_all(records.len(), reason)));
        }
        let at = clock();
        let address = client::address(from.peer, headers, &settings.trusted_proxies);
        let sent = Sent {
            at,
            sender: self.salt.sender(address, &agent, at.div_euclid(DAY)),
            key: &self.key,
        };
        let current = engine.snapshot();
        let mut taken = Vec::with_capacity(records.len().min(RESERVED));
        let mut ignored = Vec::new();
        for (index, record) in records.into_iter().enumerate() {
            let record = record.map_err(|refused| refused.message.into_owned());
            match record.and_then(|record| self.gate.judge(record, &sent, &current.1)) {
                Ok(event) => taken.push(event),
                Err(reason) => ignored.push(Ignored { index, reason }),
            }
        }
        let answer = Answer {
            accepted: taken.len(),
            ignored,
        };
        Ok((self.keep(&taken, waker)?, answer))
    }

    /// Keeps event records that this server made itself, a JSON object a line; returns once they are on the disk.
    pub(super) async fn keep_own(&self, lines: &[u8]) -> Outcome<()> {
        let lines = str::from_utf8(lines).unwrap_or_default().lines();
        let events = lines.filter_map(|line| read_record(line, &self.key).ok());
        let events: Vec<EventRecord<'_>> = events.collect();
        let keeping = poll_fn(|context| Poll::Ready(self.keep(&events, context.waker()))).await?;
        kept(keeping).await
    }

    /// Hands `events` over to be kept, for the task of `waker`; `None` where there are none.
    fn keep(&self, events: &[EventRecord<'_>], waker: &Waker) -> Outcome<Option<Keeping>> {
        if events.is_empty() {
            return Ok(None);
        }
        let events = events.iter().map(EventRecord::event);
        let keeping = self.recorder.keep(events, waker);
        keeping.map(Some).map_err(|_| Rejection::writes_stopped())
    }
}

/// Returns once what is waited for is on the disk.
async fn kept(keeping: Option<Keeping>) -> Outcome<()> {
    let is_kept = match keeping {
        Some(keeping) => keeping.await,
        None => true,
    };
    is_kept.then_some(()).ok_or_else(Rejection::writes_stopped)
}

impl Answer {
    fn ignoring_all(events: usize, reason: &str) -> Self {
        let ignored = (0..events).map(|index| Ignored {
            index,
            reason: reason.to_owned(),
        });
        Self {
            accepted: 0,
            ignored: ignored.collect(),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        // What nearly all are told.
        if self.ignored.is_empty() && self.accepted == 1 {
            let kind = HeaderValue::from_static("application/json");
            let body = Bytes::from_static(br#"{"accepted":1,"ignored":[]}"#);
            return (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, kind)], body).into_response();
        }
        (StatusCode::ACCEPTED, Json(self)).into_response()
    }
}

/// What readers did.
#[utoipa::path(post, path = "/v1/events", operation_id = "post_events", tag = "events",
    request_body(content((Body = "application/json"), (Body = "text/plain"))),
    responses(
        (status = 202, description = "The accepted events are on the disk.", body = Answer),
        (status = 403, description = "A page of another site sends them.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body has more than 64 KiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is neither JSON nor plain text, or it is compressed.", body = Problem, content_type = "application/problem+json"),
        Refused
    ))]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Outcome<Response> {
    // Stands in the table of routes for its method: it is asked before (`front.rs`).
    take(&app, peer.ip(), request).await
}

/// Takes the events that `peer` sends; returns once they are on the disk.
pub(super) async fn take<B>(app: &App, peer: IpAddr, request: http::Request<B>) -> Outcome<Response>
where
    B: HttpBody<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    takes_none(request.uri())?;
    let events = app.events.as_ref().ok_or_else(Rejection::writes_stopped)?;
    let (parts, body) = request.into_parts();
    check_type(&parts.headers)?;
    let body = whole(body).await?;
    let judge = |waker: &Waker| {
        let from = From {
            peer,
            headers: &parts.headers,
        };
        events.judge(&app.engine, &app.settings.load(), from, &body, waker)
    };
    let (keeping, answer) = poll_fn(|context| Poll::Ready(judge(context.waker()))).await?;
    // While this waits it holds nothing that it does not need.
    drop((parts, body));
    kept(keeping).await?;
    app.metrics.accepted.add(answer.accepted as u64);
    let ignored = answer.ignored.iter();
    ignored.for_each(|ignored| app.metrics.ignored(&ignored.reason));
    Ok(answer.into_response())
}

/// The bytes of `body`, which are not copied where they come in one piece.
async fn whole<B>(body: B) -> Outcome<Bytes>
where
    B: HttpBody<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let mut body = pin!(body);
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        let frame = frame.map_err(|error| match error.into() {
            error if TooSlow::caused(&*error) => Rejection::too_slow(),
            _ => Rejection::bad_body("the body could not be read"),
        })?;
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        if first.len().max(all.len()) + piece.len() > LARGEST {
            return Err(Rejection::too_large(LARGEST));
        }
        if first.is_empty() {
            first = piece;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&first);
        }
        all.extend_from_slice(&piece);
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

/// JSON, or the plain text that `navigator.sendBeacon` sends without asking first.
fn check_type(headers: &HeaderMap) -> Outcome<()> {
    let found = headers.get(header::CONTENT_TYPE);
    let found = found
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = found.split(';').next().unwrap_or_default().trim();
    if ["application/json", "text/plain"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(kind))
    {
        Ok(())
    } else {
        Err(Rejection::unknown_type(kind))
    }
}

/// The clock, in milliseconds since 1970.
pub(super) fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
