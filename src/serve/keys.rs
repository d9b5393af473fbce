//! Who may do what: `Authorization: Bearer` and the keys of the data folder. Where a request comes from says nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::described::{Denied, Refused};
use super::own_page::check_keyless;
use super::parameters::takes_none;
use super::rejection::Rejection;
use crate::error::{Result, say};
use crate::keys::{ApiKey, ApiKeys, Scope};

/// Who may do what needs a key.
#[derive(Debug)]
pub enum Access {
    /// Whoever asks: the demo's.
    Open,
    /// Who has a key.
    Keyed(KeyRing),
}

/// The keys of a data folder, read again when they change.
#[derive(Debug, Default)]
pub struct KeyRing {
    path: PathBuf,
    data: PathBuf,
    keys: ArcSwap<ApiKeys>,
    seen: Mutex<Option<Seen>>,
}

/// What a file was like: its length and when it was written.
type Seen = (u64, SystemTime);

impl Access {
    /// The keys of `data`.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if they cannot be read.
    pub fn keyed(data: &Path) -> Result<Self> {
        let path = ApiKeys::file(data);
        let seen = seen(&path);
        Ok(Self::Keyed(KeyRing {
            keys: ArcSwap::from_pointee(ApiKeys::load(data)?),
            data: data.to_owned(),
            path,
            seen: Mutex::new(seen),
        }))
    }

    /// Whether a key is asked for.
    pub(super) fn is_keyed(&self) -> bool {
        matches!(self, Self::Keyed(_))
    }

    /// What the key `presented` is called, if it is one of scope admin.
    pub(super) fn admin_key(&self, presented: &str) -> Option<String> {
        let Self::Keyed(ring) = self else { return None };
        let keys = ring.keys.load();
        let key = keys.find(presented)?;
        (key.scope == Scope::Admin).then(|| key.id.clone())
    }

    /// Whether there is a key of scope admin that is called `id`.
    pub(super) fn is_admin(&self, id: &str) -> bool {
        let Self::Keyed(ring) = self else {
            return false;
        };
        let keys = ring.keys.load();
        let mut admins = keys.iter().filter(|key| key.scope == Scope::Admin);
        admins.any(|key| key.id == id)
    }

    /// Reads the keys again if their file changed. Where that fails those before go on counting.
    pub(super) fn refresh(&self) {
        let Self::Keyed(ring) = self else { return };
        let now = seen(&ring.path);
        let mut before = ring.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *before == now {
            return;
        }
        match ApiKeys::load(&ring.data) {
            Ok(keys) => ring.keys.store(Arc::new(keys)),
            Err(error) => say(format_args!("keys are as they were: {error}")),
        }
        *before = now;
    }

    /// Lets through who has a key for `wanted`.
    fn allow(&self, headers: &HeaderMap, wanted: Scope) -> std::result::Result<(), Rejection> {
        let Self::Keyed(ring) = self else {
            return Ok(());
        };
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        let key = given.and_then(|given| {
            let (scheme, key) = given.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
        });
        match key.map(|key| ring.keys.load().scope_of(key)) {
            Some(Some(scope)) if scope >= wanted => Ok(()),
            Some(Some(scope)) => Err(Rejection::forbidden(scope, wanted)),
            Some(None) => Err(Rejection::unauthorized(
                "the key is not known here, or was revoked",
            )),
            None => Err(Rejection::unauthorized(
                "found no key, expected `Authorization: Bearer KEY`; `readnext keys create` makes one",
            )),
        }
    }
}

fn seen(path: &Path) -> Option<Seen> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

/// Lets through who may do what `wanted` allows.
fn admit(app: &App, headers: &HeaderMap, wanted: Scope) -> std::result::Result<(), Rejection> {
    app.access.allow(headers, wanted)?;
    check_keyless(app, headers)
}

/// Whoever asks may search and read metrics.
pub(super) struct Reader;

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> std::result::Result<Self, Rejection> {
        admit(app, &parts.headers, Scope::Read)?;
        Ok(Self)
    }
}

/// Whoever asks may write articles.
pub(super) struct Writer;

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> std::result::Result<Self, Rejection> {
        admit(app, &parts.headers, Scope::Write)?;
        Ok(Self)
    }
}

/// Whoever asks may do everything.
pub(super) struct Admin;

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = Rejection;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> std::result::Result<Self, Rejection> {
        admit(app, &parts.headers, Scope::Admin)?;
        Ok(Self)
    }
}

/// The answer of `GET /v1/keys`.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    /// In the order in which they were made.
    #[schema(value_type = Vec<KeyBody>)]
    keys: Vec<ApiKey>,
}

/// What is known of a key, but for the key itself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `ApiKey` is written as")]
pub(super) struct KeyBody {
    /// What it is called.
    id: String,
    /// `read`, `write` or `admin`.
    #[schema(example = "write")]
    scope: String,
    /// When it was made, in unix seconds.
    created: i64,
    /// What its maker said of it.
    label: String,
}

/// The keys there are, without themselves.
#[utoipa::path(get, path = "/v1/keys", operation_id = "list_keys", tag = "operations", security(("key" = [])), responses(
        (status = 200, description = "The keys.", body = Keys,
            example = json!({"keys": [{"id": "3f9a0c51d27e", "scope": "write", "created": 1_756_202_400, "label": "cms"}]})),
        Denied, Refused
    ))]
pub(super) async fn list(
    _admin: Admin,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> std::result::Result<Json<Keys>, Rejection> {
    takes_none(&uri)?;
    let keys = match &app.access {
        Access::Open => Vec::new(),
        Access::Keyed(ring) => ring.keys.load().iter().cloned().collect(),
    };
    Ok(Json(Keys { keys }))
}
