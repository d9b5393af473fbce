//! `readnext serve`: the HTTP service until it is told to stop.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::arguments::{Common, Serve as Arguments, clock, tell};
use super::output::print;
use crate::config::{Config, SiteWeights};
use crate::engine::{Corpora, Desk, Engine, Rebuild};
use crate::error::{Error, Result, say};
use crate::keys::ApiKeys;
use crate::serve::{Access, App, Events, LiveWeights, serve};

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let (data, config) = (common.data(), common.config()?);
    let engine = Arc::new(Engine::open(&data, &config)?);
    tell(&engine.snapshot().1);
    let events = match Events::open(&data, config.retention_days) {
        Ok(events) => Some(events),
        Err(error) => {
            say(format_args!(
                "panels are served, events are turned away: {error}"
            ));
            None
        }
    };
    let rebuild = Rebuild {
        data: data.clone(),
        corpora: Corpora::Roots(Vec::new()),
    };
    rebuild.start(Arc::downgrade(&engine))?;
    let weights = LiveWeights::of(arguments.signals.of_site(common)?)?;
    let app = App::new(engine, weights, &config)
        .with_events(events)
        .with_desk(Desk::of(&data))
        .with_access(access(&data)?);
    let read = || Ok((common.config()?, arguments.signals.of_site(common)?));
    until_stopped(app, arguments.listen.unwrap_or(config.listen), Some(&read))?;
    Ok(0)
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

/// Reads the settings again.
type Read<'a> = &'a (dyn Fn() -> Result<(Config, SiteWeights)> + Sync);

/// Serves `app` until SIGINT or SIGTERM; at SIGHUP it goes by what `read` reads.
pub(super) fn until_stopped(app: App, listen: SocketAddr, read: Option<Read<'_>>) -> Result<()> {
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
        let reloading = reloading(&app, read);
        tokio::select! {
            served = serve(Arc::clone(&app), listen, ready, stopped()) => served,
            never = reloading => match never {},
        }
    })
}

/// Reads the settings again whenever SIGHUP comes, which is waited for from this call on. Settings that cannot be used leave
/// those before in place.
#[cfg(unix)]
fn reloading(app: &App, read: Option<Read<'_>>) -> impl Future<Output = Infallible> {
    use tokio::signal::unix::{SignalKind, signal};
    let hangups = read.map(|read| (read, signal(SignalKind::hangup())));
    async move {
        let Some((read, Ok(mut hangups))) = hangups else {
            return std::future::pending().await;
        };
        loop {
            hangups.recv().await;
            let reloaded = tokio::task::block_in_place(|| {
                let (config, weights) = read()?;
                app.reload(&config, weights)
            });
            match reloaded {
                Ok(()) => say("the settings were read again"),
                Err(error) => say(format_args!(
                    "the settings before stay, as the new ones cannot be used: {error}"
                )),
            }
        }
    }
}

/// There is no signal for it.
#[cfg(not(unix))]
async fn reloading(_: &App, _: Option<Read<'_>>) -> Infallible {
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
