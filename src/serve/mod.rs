//! The HTTP service: JSON API, HTML fragment, widget, and the demo's site. This is the only module that knows axum.
//!
//! Handlers read one snapshot each: making a panel is arithmetic on mapped memory.

mod apart;
mod articles;
mod by_hand;
mod client;
mod count;
mod demo_site;
#[cfg_attr(
    not(test),
    allow(dead_code, reason = "a test makes the description of the API")
)]
mod described;
mod door;
mod events;
mod farewell;
mod fault;
mod fragment;
mod front;
mod gauges;
mod guest;
mod handlers;
mod kept;
mod keys;
mod labels;
mod lane;
mod log;
mod log_line;
mod metrics;
mod moved;
mod openapi;
mod own_page;
mod panels;
mod parameters;
mod rate;
mod records;
mod rejection;
mod reload;
mod request_id;
mod room;
mod route;
mod settings;
mod slow_body;
mod studio;
mod suggest;
mod weights;
mod why;
mod widget;
mod wire;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use demo_site::DemoSite;
pub use events::Events;
pub use fragment::fragment;
pub use keys::{Access, KeyRing};
pub use log::Log;
pub use suggest::suggest_json;
pub use weights::LiveWeights;
pub use wire::{panel_json, pieces_json, search_json};

use front::Front;
use guest::Guest;
use lane::Lanes;
use metrics::Metrics;
use panels::Panels;
use rate::Rate;
use reload::Source;
use settings::Settings;
use studio::Studio;

use crate::config::{Config, LoggedRequests};
use crate::engine::{Desk, Engine};
use crate::error::{Error, Result, say};
use crate::panel::Panel;

/// How often the server looks for a new generation.
const REFRESH: Duration = Duration::from_millis(500);

/// How long events gather between two looks at the journal.
const PAUSE: Duration = Duration::from_millis(50);

/// Counts of events are kept after so many, or after so long.
const COUNTS: u64 = 500_000;
const PUBLISH: Duration = Duration::from_secs(15 * 60);
/// When a server looks for events that are kept no longer: after it has started, and again and again.
const TRIM: Duration = Duration::from_secs(1);
const TRIM_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often what was turned away is kept, and whether the journal is lent is looked at.
const TURNED_AWAY: Duration = Duration::from_secs(2);

const MIB: usize = 1 << 20;

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    engine: Arc<Engine>,
    /// Where work is done that changes what the engine serves.
    lanes: Lanes,
    /// What each signal counts.
    weights: LiveWeights,
    /// The site of the demo.
    demo: Option<DemoSite>,
    /// Where events come in; none come in where this is not.
    events: Option<Events>,
    /// Panels that were made.
    panels: Panels,
    settings: ArcSwap<Settings>,
    /// Who may do what needs a key.
    access: Access,
    rate: Rate,
    metrics: Metrics,
    studio: Studio,
    /// Where what editors tell is written.
    desk: Option<Desk>,
    /// Where metrics are read without a key, if anywhere.
    metrics_at: Option<SocketAddr>,
    /// Where everything is that needs a key, if not where panels are.
    admin_at: Option<SocketAddr>,
    log: Option<Log>,
    /// Where settings are read again.
    source: Option<Source>,
}

impl App {
    /// Serves the panels of `engine`, ranked by `weights`.
    pub fn new(engine: Arc<Engine>, weights: LiveWeights, config: &Config) -> Self {
        Self {
            engine,
            lanes: Lanes::start(),
            weights,
            demo: None,
            events: None,
            access: Access::Keyed(KeyRing::default()),
            panels: Panels::of(config.service.cache as usize * MIB),
            settings: ArcSwap::from_pointee(Settings::of(config)),
            rate: Rate::default(),
            metrics: Metrics::default(),
            studio: Studio::default(),
            desk: None,
            metrics_at: config.service.metrics,
            admin_at: config.service.admin,
            log: None,
            source: None,
        }
    }

    /// Lets events in.
    pub fn with_events(self, events: Option<Events>) -> Self {
        Self { events, ..self }
    }

    /// Lets in whom `access` lets in; without it nobody.
    pub fn with_access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Lets editors tell panels something at `desk`.
    pub fn with_desk(self, desk: Desk) -> Self {
        let desk = Some(desk);
        Self { desk, ..self }
    }

    /// Tells of requests in `log`.
    pub fn with_log(self, log: Log) -> Self {
        let log = Some(log);
        Self { log, ..self }
    }

    /// Whether any request is told of.
    fn is_logging(&self, settings: &Settings) -> bool {
        self.log.is_some() && settings.log_requests != LoggedRequests::None
    }

    /// The log, if it tells of a request that was answered with `status`.
    fn log_for(&self, settings: &Settings, status: StatusCode) -> Option<&Log> {
        let told = match settings.log_requests {
            LoggedRequests::All => true,
            LoggedRequests::Failed => status.is_server_error(),
            LoggedRequests::None => false,
        };
        self.log.as_ref().filter(|_| told)
    }

    /// Shows `site` around the panels.
    pub fn with_demo(self, site: DemoSite) -> Self {
        let demo = Some(site);
        Self { demo, ..self }
    }

    /// The end of the current UTC hour in unix seconds: what `now` is for a server, so that panels change by the hour.
    fn now() -> i64 {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs().cast_signed());
        (seconds / 3600 + 1) * 3600
    }

    /// The token of a panel that is made now, where events come in.
    fn token(&self, panel: &Panel<'_>) -> Option<String> {
        let cards = panel.cards.iter().map(|card| card.entry.id);
        let events = self.events.as_ref();
        events.map(|events| events.token(panel.host.id, cards))
    }
}

/// The router table of the listener with the panels.
fn router(app: Arc<App>) -> Router {
    let router = described()
        .route("/v1/related", get(handlers::related))
        .route("/v1/related.html", get(handlers::related_html))
        .route("/v1/events", post(events::post))
        .merge(widget::routes());
    let router = match app.admin_at {
        Some(_) => router,
        None => router.merge(keyed(&app)),
    };
    let router = if app.demo.is_some() {
        demo_site::routes(router)
    } else {
        router.fallback(handlers::unknown_path)
    };
    router
        .method_not_allowed_fallback(handlers::unknown_method)
        .with_state(app)
}

/// What every listener but that of metrics has: probes, and what the API is like.
fn described() -> Router<Arc<App>> {
    Router::new()
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::index))
        .route("/docs/", get(openapi::front_page))
        .route("/docs/{*name}", get(openapi::page))
        .route("/livez", get(handlers::livez))
        .route("/readyz", get(handlers::readyz))
}

/// What needs a key.
fn keyed(app: &App) -> Router<Arc<App>> {
    let router = Router::new()
        .route("/v1/search", get(handlers::search))
        .route(
            "/v1/articles",
            get(articles::get)
                .put(articles::put)
                .delete(articles::delete)
                .post(articles::bulk)
                .layer(DefaultBodyLimit::max(articles::LARGEST)),
        )
        .route(
            "/v1/suggest",
            post(suggest::post).layer(DefaultBodyLimit::max(articles::LARGEST)),
        )
        .route("/v1/keys", get(keys::list))
        .route("/v1/reload", post(reload::post));
    let router = studio::routes(router);
    match app.metrics_at {
        Some(_) => router,
        None => router.route("/metrics", get(handlers::metrics)),
    }
}

/// What the listener for those who run the server has.
fn admin_router(app: Arc<App>) -> Router {
    described()
        .merge(keyed(&app))
        .fallback(handlers::unknown_path)
        .method_not_allowed_fallback(handlers::unknown_method)
        .with_state(app)
}

/// What the listener for those who watch over the server has.
fn metrics_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(handlers::open_metrics))
        .fallback(handlers::unknown_path)
        .method_not_allowed_fallback(handlers::unknown_method)
        .with_state(app)
}

/// Serves `app` at `address` until `stop` resolves; `ready` is told the address that was bound.
///
/// # Errors
/// [`Error::Failed`] if an address cannot be bound.
pub async fn serve(
    app: Arc<App>,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (listener, bound) = listen(address).await?;
    // What is said to all listeners when this is dropped.
    let (open, closing) = watch::channel(());
    let mut doors = JoinSet::new();
    for (at, what, router) in [
        (
            app.metrics_at,
            "metrics are at http://",
            metrics_router as Table,
        ),
        (app.admin_at, "what needs a key is at http://", admin_router),
    ] {
        let Some(at) = at else { continue };
        let (listener, bound) = listen(at).await?;
        say(format_args!("{what}{bound}"));
        let front = fronts(&app, router(Arc::clone(&app)), false);
        doors.spawn(door(listener, &app, front, closing.clone()));
    }
    let front = fronts(&app, router(Arc::clone(&app)), true);
    doors.spawn(door(listener, &app, front, closing));
    let refresher = apart::beside(refresh(Arc::clone(&app)));
    let follower = apart::beside(follow(Arc::clone(&app)));
    let trimmer = apart::beside(trim(Arc::clone(&app)));
    if let Some(log) = &app.log {
        // Whoever waits for the server finds its first key in the log.
        log.flush();
    }
    ready(bound);
    stop.await;
    drop(open);
    doors.join_all().await;
    refresher.abort();
    follower.abort();
    trimmer.abort();
    // Written with all that waits when the writer is dropped.
    if let Some(events) = &app.events {
        events.keep_turned_away();
    }
    // What was acknowledged a moment ago is in the counts that are kept.
    let last = Arc::clone(&app);
    if let Ok(Err(error)) = app.lanes.counting.run(move || last.engine.follow()).await {
        say(format_args!("events are not counted: {error}"));
    }
    publish_counts(app).await;
    Ok(())
}

/// The routes of a listener.
type Table = fn(Arc<App>) -> Router;

/// Lets connections to `listener` in until the listeners are closed.
fn door(
    listener: TcpListener,
    app: &Arc<App>,
    front: impl Fn(Arc<Guest>) -> Front + Send + 'static,
    closing: watch::Receiver<()>,
) -> apart::Task {
    let app = Arc::clone(app);
    Box::pin(door::keep(listener, app, front, closed(closing)))
}

/// Resolves when the listeners are closed.
async fn closed(mut closing: watch::Receiver<()>) {
    // Nothing is ever sent: it only ends.
    let _ = closing.changed().await;
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let failed =
        |error: std::io::Error| Error::Failed(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// What connections are answered with.
fn fronts(app: &Arc<App>, router: Router, panels: bool) -> impl Fn(Arc<Guest>) -> Front + use<> {
    let app = Arc::clone(app);
    move |guest| Front::new(Arc::clone(&app), router.clone(), panels, guest)
}

/// Keeps the counts. What was counted is in the journal; the next start only takes longer where this fails.
async fn publish_counts(app: Arc<App>) {
    let shared = Arc::clone(&app);
    let publish = move || shared.engine.publish_counts();
    let published = app.lanes.counting.run(publish).await;
    if let Ok(Err(error)) = published {
        say(format_args!("the counts are not kept: {error}"));
    }
}

/// Trims events that are kept no longer: at the start, when the setting changes, and from time to time.
async fn trim(app: Arc<App>) {
    let mut last = None;
    loop {
        tokio::time::sleep(TRIM).await;
        let retention = app.settings.load().retention;
        if last.is_some_and(|(at, by): (Instant, _)| by == retention && at.elapsed() < TRIM_EVERY) {
            continue;
        }
        last = Some((Instant::now(), retention));
        let shared = Arc::clone(&app);
        let trim = move || {
            if let Some((events, retention)) = shared.events.as_ref().zip(retention) {
                events.trim(retention);
            }
        };
        // One that panicked has said so.
        let _ = apart::begun(trim).await;
    }
}

/// Counts events as they come, and keeps the counts from time to time.
async fn follow(app: Arc<App>) {
    let mut since = Instant::now();
    let mut looked = Instant::now();
    loop {
        let shared = Arc::clone(&app);
        match app.lanes.counting.run(move || shared.engine.follow()).await {
            Ok(Ok(followed)) => {
                followed.problems.iter().for_each(say);
                if followed.unpublished >= COUNTS || since.elapsed() > PUBLISH {
                    publish_counts(Arc::clone(&app)).await;
                    since = Instant::now();
                }
            }
            Ok(Err(error)) => say(format_args!("events are not counted: {error}")),
            Err(_) => {}
        }
        if let Some(events) = (app.events.as_ref()).filter(|_| looked.elapsed() > TURNED_AWAY) {
            events.keep_turned_away();
            events.lend();
            looked = Instant::now();
        }
        // Under load many batches are counted at once; an event that comes alone is counted as it comes.
        tokio::time::sleep(PAUSE).await;
        match &app.events {
            Some(events) => events.kept(REFRESH).await,
            None => tokio::time::sleep(REFRESH).await,
        }
    }
}

/// Switches to new generations as they are published, and says what of them is damaged.
async fn refresh(app: Arc<App>) {
    let shared = Arc::clone(&app);
    let check = move || shared.engine.snapshot().1.check();
    if let Ok(damaged) = app.lanes.switching.run(check).await {
        tell(&damaged);
    }
    // One that panicked has said so, here and below.
    let _ = articles::show(&app).await;
    let mut told = String::new();
    loop {
        tokio::time::sleep(REFRESH).await;
        app.weights.follow(&app).await;
        let shared = Arc::clone(&app);
        let look = move || {
            let refreshed = shared.engine.refresh();
            shared.access.refresh();
            refreshed
        };
        let refreshed = app.lanes.switching.run(look).await;
        // Those that commands wrote beside this server.
        let _ = articles::show(&app).await;
        match refreshed {
            Ok(Ok(Some(switch))) => {
                told.clear();
                say(format_args!("serving generation {}", switch.generation));
                tell(&switch.damaged);
            }
            Ok(Err(error)) if error.to_string() != told => {
                told = error.to_string();
                say(format_args!(
                    "the new generation cannot be used, the one before goes on serving: {told}"
                ));
            }
            _ => {}
        }
    }
}

/// Says which views cannot be used; panels are served without them.
fn tell(damaged: &[Error]) {
    for error in damaged {
        say(format_args!(
            "panels are served, but not what needs this file: {error}"
        ));
    }
}
