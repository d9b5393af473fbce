//! The HTTP service: JSON API, HTML fragment, widget, and the demo's site. This is the only module that knows axum.
//!
//! Handlers read one snapshot each: making a panel is arithmetic on mapped memory.

mod demo_site;
mod fragment;
mod handlers;
mod parameters;
mod rejection;
mod wire;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::get;

pub use demo_site::DemoSite;
pub use fragment::fragment;
pub use wire::{panel_json, search_json};

use crate::engine::Engine;
use crate::error::{Error, Result, say};
use crate::ranking::Weights;

/// How often the server looks for a new generation.
const REFRESH: Duration = Duration::from_millis(500);

/// What the handlers share.
#[derive(Debug)]
pub struct App {
    /// Where panels come from.
    pub engine: Engine,
    /// What each signal counts.
    pub weights: Weights,
    /// The site of the demo.
    pub demo: Option<DemoSite>,
}

impl App {
    /// The end of the current UTC hour in unix seconds: what `now` is for a server, so that panels change by the hour.
    fn now() -> i64 {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs().cast_signed());
        (seconds / 3600 + 1) * 3600
    }
}

/// The router table.
fn router(app: Arc<App>) -> Router {
    let router = Router::new()
        .route("/v1/related", get(handlers::related))
        .route("/v1/related.html", get(handlers::related_html))
        .route("/v1/search", get(handlers::search))
        .route("/widget.js", get(handlers::widget))
        .route("/livez", get(handlers::livez))
        .route("/readyz", get(handlers::readyz));
    let router = if app.demo.is_some() {
        router
            .route("/", get(demo_site::front))
            .route("/search", get(demo_site::search))
            .route("/site.css", get(demo_site::stylesheet))
            .fallback(get(demo_site::article))
    } else {
        router.fallback(handlers::unknown_path)
    };
    router.with_state(app)
}

/// Serves `app` at `address` until `stop` resolves; `ready` is told the address that was bound.
///
/// # Errors
/// [`Error::Failed`] if the address cannot be bound or the listener fails.
pub async fn serve(
    app: App,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let failed =
        |error: std::io::Error| Error::Failed(format!("cannot listen on {address}: {error}"));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let app = Arc::new(app);
    let refresher = tokio::spawn(refresh(Arc::clone(&app)));
    ready(bound);
    let served = axum::serve(listener, router(app))
        .with_graceful_shutdown(stop)
        .await;
    refresher.abort();
    served.map_err(failed)
}

/// Switches to new generations as they are published, and says what of them is damaged.
async fn refresh(app: Arc<App>) {
    let shared = Arc::clone(&app);
    if let Ok(damaged) =
        tokio::task::spawn_blocking(move || shared.engine.snapshot().1.check()).await
    {
        tell(&damaged);
    }
    let mut told = String::new();
    loop {
        tokio::time::sleep(REFRESH).await;
        let shared = Arc::clone(&app);
        let refreshed = tokio::task::spawn_blocking(move || shared.engine.refresh()).await;
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
