//! `readnext serve`: the HTTP service until it is told to stop.

use std::convert::Infallible;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::allocator::give_back_large_blocks;
use super::arguments::{Common, Serve as Arguments, clock, tell};
use super::output::print;
use crate::config::Config;
use crate::engine::{Corpora, Desk, Engine, Rebuild};
use crate::error::{Error, Result, say};
use crate::keys::ApiKeys;
use crate::serve::{Access, App, Events, LiveWeights, Log, serve};

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    give_back_large_blocks();
    let (data, config) = (common.data(), common.config()?);
    let log = Log::begin(config.service.log)?;
    let served = serve_until_stopped(common, arguments, &data, &config, log.clone());
    log.end();
    served
}

fn serve_until_stopped(
    common: &Common,
    arguments: &Arguments,
    data: &Path,
    config: &Config,
    log: Log,
) -> Result<u8> {
    let engine = Arc::new(Engine::open(data, config)?);
    tell(&engine.snapshot().1);
    let events = match Events::open(data) {
        Ok(events) => Some(events),
        Err(error) => {
            say(format_args!(
                "panels are served, events are turned away: {error}"
            ));
            None
        }
    };
    let rebuild = Rebuild {
        data: data.to_owned(),
        corpora: Corpora::Roots(Vec::new()),
        apart: Some(rebuilding(common, data)),
    };
    rebuild.start(Arc::downgrade(&engine))?;
    let weights = LiveWeights::of(arguments.signals.of_site(common)?)?;
    let (common, signals) = (common.clone(), arguments.signals.clone());
    let app = App::new(engine, weights, config)
        .with_events(events)
        .with_desk(Desk::of(data))
        .with_access(access(data)?)
        .with_log(log)
        .with_settings(config.clone(), move || {
            Ok((common.config()?, signals.of_site(&common)?))
        });
    until_stopped(app, arguments.listen.unwrap_or(config.listen))?;
    Ok(0)
}

/// What this program is started with to rebuild the index of `data`.
fn rebuilding(common: &Common, data: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["--data".into(), data.into()];
    if let Some(config) = &common.config {
        arguments.extend(["--config".into(), config.into()]);
    }
    if let Some(threads) = common.threads {
        arguments.extend(["--threads".into(), threads.to_string().into()]);
    }
    arguments.extend(["reindex", "--for-server"].map(OsString::from));
    arguments
}

/// The keys of `data`, the first of which is made and shown here.
fn access(data: &Path) -> Result<Access> {
    match ApiKeys::create_first(data, clock()) {
        Ok(Some(key)) => say(format_args!(
            "made the first key, of scope admin; it is shown this once: {key}"
        )),
        Ok(None) => {}
        // Panels need no key, and nothing else can be written here either.
        Err(error) => say(format_args!("no first key is made: {error}")),
    }
    Access::keyed(data)
}

/// Serves `app` until SIGINT or SIGTERM; at SIGHUP it reads its settings again.
pub(super) fn until_stopped(app: App, listen: SocketAddr) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Failed(format!("cannot start the server's threads: {error}")))?;
    let ready = |address| {
        // The one line on stdout that scripts wait for; if nobody reads it, the server serves all the same.
        let _ = print(&format!("listening on http://{address}\n"));
    };
    let app = Arc::new(app);
    runtime.block_on(async {
        // Signals are waited for before anybody is told that the server is there.
        let reloading = reloading(&app);
        tokio::select! {
            served = serve(Arc::clone(&app), listen, ready, stopped()) => served,
            never = reloading => match never {},
        }
    })
}

/// Reads the settings again whenever SIGHUP comes, which is waited for from this call on.
#[cfg(unix)]
fn reloading(app: &App) -> impl Future<Output = Infallible> {
    use tokio::signal::unix::{SignalKind, signal};
    let hangups = signal(SignalKind::hangup());
    async move {
        let Ok(mut hangups) = hangups else {
            return std::future::pending().await;
        };
        loop {
            hangups.recv().await;
            // What came of it was said.
            let _ = tokio::task::block_in_place(|| app.reload());
        }
    }
}

/// There is no signal for it.
#[cfg(not(unix))]
async fn reloading(_: &App) -> Infallible {
    std::future::pending().await
}

/// Resolves at SIGINT or SIGTERM, which are waited for from this call on.
#[cfg(unix)]
fn stopped() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    for error in signals.iter().filter_map(|signal| signal.as_ref().err()) {
        say(format_args!("a signal to stop is not handled: {error}"));
    }
    async move {
        let [interrupt, terminate] = signals;
        tokio::select! {
            () = came(interrupt) => {}
            () = came(terminate) => {}
        }
    }
}

/// Resolves when `signal` comes; never if it is not handled.
#[cfg(unix)]
async fn came(signal: std::io::Result<tokio::signal::unix::Signal>) {
    match signal {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}
