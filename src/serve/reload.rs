//! New settings for a server that runs: read again at SIGHUP or by `POST /v1/reload`, taken as a whole or not at all.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::described::{Denied, Refused};
use super::fault::Problem;
use super::keys::Admin;
use super::parameters::takes_none;
use super::rejection::Rejection;
use super::settings::Settings;
use crate::config::{Config, SiteWeights};
use crate::error::{Error, Result, say};

/// Reads the settings.
type Read = dyn Fn() -> Result<(Config, SiteWeights)> + Send + Sync;

/// Where settings are read from.
pub(super) struct Source {
    read: Box<Read>,
    /// Those that the server started with.
    started: Config,
    /// Held while they are taken: of two who ask, the later one's stay.
    taking: Mutex<()>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}

/// Settings that were read again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reloaded {
    /// Settings that changed since the start and count from the next one on.
    at_next_start: Vec<&'static str>,
}

impl App {
    /// Reads settings again by `read`; those in force are `started`.
    pub fn with_settings(
        self,
        started: Config,
        read: impl Fn() -> Result<(Config, SiteWeights)> + Send + Sync + 'static,
    ) -> Self {
        let source = Source {
            read: Box::new(read),
            started,
            taking: Mutex::default(),
        };
        Self {
            source: Some(source),
            ..self
        }
    }

    /// Reads the settings again and goes by them, apart from addresses that are listened to and the room for panels; says so.
    /// Settings that cannot be used leave those before in place.
    ///
    /// # Errors
    /// [`Error::Config`] if they cannot be used, [`Error::Damaged`] if the index cannot be opened again.
    pub fn reload(&self) -> Result<()> {
        self.read_again().map(drop)
    }

    fn read_again(&self) -> Result<Reloaded> {
        let reloaded = self.take_settings();
        match &reloaded {
            Ok(reloaded) if reloaded.at_next_start.is_empty() => {
                say("the settings were read again");
            }
            Ok(reloaded) => say(format_args!(
                "the settings were read again; from the next start on count {}",
                reloaded.at_next_start.join(", ")
            )),
            Err(error) => say(format_args!(
                "the settings before stay, as the new ones cannot be used: {error}"
            )),
        }
        reloaded
    }

    fn take_settings(&self) -> Result<Reloaded> {
        let none = || Error::Failed("there are no settings to read here".to_owned());
        let source = self.source.as_ref().ok_or_else(none)?;
        let _taking = source.taking.lock().unwrap_or_else(PoisonError::into_inner);
        let (config, weights) = (source.read)()?;
        weights.now()?;
        self.engine.reconfigure(&config)?;
        self.weights.reload(weights)?;
        self.settings.store(Arc::new(Settings::of(&config)));
        if let Some(log) = &self.log {
            log.write_as(config.service.log);
        }
        let (before, now) = (&source.started.service, &config.service);
        let changed = [
            ("listen", source.started.listen != config.listen),
            ("serve.cache", before.cache != now.cache),
            ("serve.metrics", before.metrics != now.metrics),
            ("serve.admin", before.admin != now.admin),
        ];
        let waiting = changed.into_iter().filter(|(_, changed)| *changed);
        Ok(Reloaded {
            at_next_start: waiting.map(|(key, _)| key).collect(),
        })
    }
}

/// Read the settings again, as at SIGHUP.
#[utoipa::path(post, path = "/v1/reload", operation_id = "reload", tag = "operations", security(("key" = [])), responses(
        (status = 200, description = "They are in force.", body = Reloaded, example = json!({"at_next_start": ["serve.cache"]})),
        (status = 422, description = "They cannot be used, and those before stay; `detail` says why.", body = Problem, content_type = "application/problem+json"),
        Denied, Refused
    ))]
pub(super) async fn post(
    _admin: Admin,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> std::result::Result<Json<Reloaded>, Rejection> {
    takes_none(&uri)?;
    let shared = Arc::clone(&app);
    let reload = move || shared.read_again();
    let reloaded = app.lanes.switching.run(reload).await?;
    reloaded.map(Json).map_err(|error| match error {
        // Whoever has an admin key may know what stands in the file.
        Error::Config(detail) => Rejection::bad_settings(&detail),
        error => error.into(),
    })
}
