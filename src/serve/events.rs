//! `POST /v1/events`: what readers did, kept before it is answered.

use std::mem;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::{Notify, oneshot};
use utoipa::ToSchema;

use super::openapi::{Problem, Refused};
use super::rejection::Rejection;
use super::settings::Settings;
use super::slow_body::TooSlow;
use super::{App, client};
use crate::corpus::events::{EventRecord, is_robot, read_record};
use crate::engine::{Engine, Gate, Lender, Recorder, Retention, Sent};
use crate::error::{Result, say};
use crate::journal::Journal;
use crate::keys::{DailySalt, SiteKey};
use crate::model::DAY;
use crate::panel::Panel;

/// Bytes of a body, at most.
pub(super) const LARGEST: usize = 64 << 10;
/// Events of a body that room is made for at once.
const RESERVED: usize = 32;

/// Where events come in.
#[derive(Debug)]
pub struct Events {
    data: PathBuf,
    recorder: Arc<Recorder>,
    /// Signed off when the server stops; not there while another server lends the journal.
    lender: Mutex<Option<Lender>>,
    retention: Option<Retention>,
    key: SiteKey,
    salt: DailySalt,
    gate: Gate,
    /// Told when events were kept.
    kept: Arc<Notify>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = Events)]
struct Body<'a> {
    /// Event records.
    #[serde(borrow)]
    #[schema(value_type = Vec<Object>)]
    events: Vec<&'a RawValue>,
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

impl Events {
    /// Lets events into the journal of `data`, which keeps them for `retention_days` if that is set.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if the secret or the salt of the day cannot be read or made.
    pub fn open(data: &Path, retention_days: Option<u32>) -> Result<Self> {
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
            retention: retention_days.map(Retention::days),
            recorder,
            key: SiteKey::load_or_create(data)?,
            salt: DailySalt::open(data, clock().div_euclid(DAY))?,
            gate: Gate::default(),
            kept,
        })
    }

    /// The token of a panel that is made now.
    pub(super) fn token(&self, panel: &Panel<'_>) -> String {
        let cards = panel.cards.iter().map(|card| card.entry.id);
        let day = clock().div_euclid(DAY);
        self.key.panel_token(panel.host.id, cards, Some(day))
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

    /// Trims events that are kept no longer. What the segments held is counted on this thread, which takes a while; only
    /// then the writer has something to do.
    pub(super) fn trim(&self) {
        let Some(retention) = self.retention.filter(|_| self.recorder.stopped().is_none()) else {
            return;
        };
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
        let says = |name: &str| headers.get(name).is_some_and(|value| value == "1");
        if says("sec-gpc") || settings.do_not_track && says("dnt") {
            Some("the sender asks not to be recorded")
        } else if is_robot(agent) {
            Some("the sender is a robot")
        } else {
            None
        }
    }

    /// Which of the events in `body` are taken, and what is answered once they are kept.
    fn judge(
        &self,
        engine: &Engine,
        settings: &Settings,
        peer: IpAddr,
        headers: &HeaderMap,
        body: &[u8],
    ) -> std::result::Result<(Vec<EventRecord<'static>>, Answer), Rejection> {
        let body: Body<'_> = serde_json::from_slice(body).map_err(|error| {
            Rejection::bad_body(format!(
                "{error}; expected {{\"events\": [...]}}, an event record each"
            ))
        })?;
        let agent = headers.get(header::USER_AGENT);
        let agent = agent
            .and_then(|agent| agent.to_str().ok())
            .unwrap_or_default();
        let (mut taken, mut ignored) = (Vec::new(), Vec::new());
        let mut ignore = |index, reason| ignored.push(Ignored { index, reason });
        if let Some(reason) = Self::unwanted(settings, headers, agent) {
            (0..body.events.len()).for_each(|index| ignore(index, reason.to_owned()));
        } else {
            let at = clock();
            let address = client::address(peer, headers, &settings.trusted_proxies);
            let sent = Sent {
                at,
                sender: self.salt.sender(address, agent, at.div_euclid(DAY)),
                key: &self.key,
            };
            let current = engine.snapshot();
            taken.reserve(body.events.len().min(RESERVED));
            for (index, record) in body.events.iter().enumerate() {
                match self.gate.judge(record.get(), &sent, &current.1) {
                    Ok(event) => taken.push(event),
                    Err(reason) => ignore(index, reason),
                }
            }
        }
        let answer = Answer {
            accepted: taken.len(),
            ignored,
        };
        Ok((taken, answer))
    }

    /// Keeps event records that this server made itself, a JSON object a line; returns once they are on the disk.
    pub(super) async fn keep_own(&self, lines: &[u8]) -> std::result::Result<(), Rejection> {
        let lines = str::from_utf8(lines).unwrap_or_default().lines();
        let events = lines.filter_map(|line| read_record(line, &self.key).ok());
        let events = events.map(EventRecord::into_owned).collect();
        self.keep(events).await
    }

    /// Keeps `events`; returns once they are on the disk.
    async fn keep(&self, events: Vec<EventRecord<'static>>) -> std::result::Result<(), Rejection> {
        if events.is_empty() {
            return Ok(());
        }
        let (done, is_done) = oneshot::channel();
        let told = move |outcome| {
            // Whoever asked may have gone; the events are kept all the same.
            let _ = done.send(outcome);
        };
        let sent = self.recorder.keep(events, told);
        let outcome = match sent {
            Ok(()) => is_done.await.ok().and_then(Result::ok),
            Err(_) => None,
        };
        outcome.ok_or_else(Rejection::writes_stopped)
    }
}

/// What readers did.
#[utoipa::path(post, path = "/v1/events", tag = "events",
    request_body(content((Body = "application/json"), (Body = "text/plain"))),
    responses(
        (status = 202, description = "The accepted events are on the disk.", body = Answer),
        (status = 403, description = "A page of another site sends them.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body has more than 64 KiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is neither JSON nor plain text.", body = Problem, content_type = "application/problem+json"),
        Refused
    ))]
pub(super) async fn post(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> std::result::Result<Response, Rejection> {
    let events = app.events.as_ref().ok_or_else(Rejection::writes_stopped)?;
    // An extractor would copy them.
    let headers = mem::take(request.headers_mut());
    check_type(&headers)?;
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Rejection::too_large(LARGEST),
        _ if TooSlow::caused(&refused) => Rejection::too_slow(),
        _ => Rejection::bad_body("the body could not be read".to_owned()),
    })?;
    let (taken, answer) = events.judge(
        &app.engine,
        &app.settings.load(),
        peer.ip(),
        &headers,
        &body,
    )?;
    // While this waits it holds nothing that it does not need.
    drop((headers, body));
    events.keep(taken).await?;
    app.metrics.accepted.add(answer.accepted as u64);
    let ignored = answer.ignored.iter();
    ignored.for_each(|ignored| app.metrics.ignored(&ignored.reason));
    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
}

/// JSON, or the plain text that `navigator.sendBeacon` sends without asking first.
fn check_type(headers: &HeaderMap) -> std::result::Result<(), Rejection> {
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
