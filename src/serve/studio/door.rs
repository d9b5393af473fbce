//! Who comes in: whoever shows a key of scope admin gets a cookie that stands for it for some hours. In a demo whoever asks does.
//!
//! The cookie is the only one that this server sets, and none of a reader's: it is sent with no request but those of the
//! studio's own pages.

use std::sync::Arc;

use axum::extract::{Form, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::html;

use super::{Page, Shared, Tab, guarded, refused, see};
use crate::serve::App;
use crate::serve::events::clock;
use crate::serve::own_page::check_own_page;
use crate::serve::parameters::Pairs;
use crate::serve::rejection::Rejection;

const COOKIE: &str = "readnext_studio";
/// Seconds for which a session holds: a working day.
const HOLDS: i64 = 12 * 3600;

/// Whoever asks may use the studio.
pub(super) struct Editor;

impl FromRequestParts<Arc<App>> for Editor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let host = parts.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        if !app.access.is_keyed() {
            // A name that somebody else lets lead to this machine is the name of a page of theirs.
            return match app.settings.load().is_named(host) {
                true => Ok(Self),
                false => Err(refused(app, Rejection::misdirected(host))),
            };
        }
        if session(app, &parts.headers).is_some() {
            return Ok(Self);
        }
        Err(match parts.method.is_safe() {
            true => see("/studio/login"),
            false => login(
                app,
                StatusCode::UNAUTHORIZED,
                "The session has ended; log in and do it again.",
            ),
        })
    }
}

/// The token of the session that `headers` are of, if it holds and its key does.
fn session(app: &App, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|all| all.split(';').filter_map(|one| one.trim().split_once('=')));
    let (_, token) = pairs.find(|(name, _)| *name == COOKIE)?;
    let key = app.studio.sessions.key_of(token, clock() / 1000)?;
    app.access.is_admin(&key).then(|| token.to_owned())
}

/// `GET /studio/login`.
pub(super) async fn page(State(app): Shared, headers: HeaderMap) -> Response {
    if !app.access.is_keyed() || session(&app, &headers).is_some() {
        return see("/studio");
    }
    login(&app, StatusCode::OK, "")
}

fn login(app: &App, status: StatusCode, wrong: &str) -> Response {
    let body = html! {
        section.login {
            h1 { "Log in" }
            @if !wrong.is_empty() { p.wrong role="alert" { (wrong) } }
            form method="post" action="/studio/login" {
                label for="key" { "Key of scope admin" }
                input #key type="password" name="key" autocomplete="current-password" required autofocus;
                button.main { "Log in" }
            }
            p.hint { "The server shows its first key once, when it starts for the first time. " code { "readnext keys create --scope admin" } " makes another." }
        }
    };
    Page::of(app, Tab::None, "Log in").answer_as(status, &body)
}

/// `POST /studio/login`.
pub(super) async fn open(
    State(app): Shared,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    let opened = opened(&app, &headers, &pairs);
    opened.unwrap_or_else(|refusal| refused(&app, refusal))
}

fn opened(app: &App, headers: &HeaderMap, pairs: &Pairs) -> Result<Response, Rejection> {
    check_own_page(app, headers)?;
    let shown = pairs.iter().find(|(name, _)| name == "key");
    let shown = shown.map_or("", |(_, key)| key.trim());
    let Some(key) = app.access.admin_key(shown) else {
        let wrong = "This is no key of scope admin.";
        return Ok(login(app, StatusCode::FORBIDDEN, wrong));
    };
    let token = app.studio.sessions.open(&key, clock() / 1000, HOLDS)?;
    Ok(with_cookie(see("/studio"), headers, &token, HOLDS))
}

/// `POST /studio/logout`.
pub(super) async fn close(State(app): Shared, headers: HeaderMap) -> Response {
    if let Err(refusal) = check_own_page(&app, &headers) {
        return refused(&app, refusal);
    }
    if let Some(token) = session(&app, &headers) {
        app.studio.sessions.close(&token);
    }
    with_cookie(see("/studio/login"), &headers, "", 0)
}

fn with_cookie(mut answer: Response, headers: &HeaderMap, token: &str, seconds: i64) -> Response {
    // Whoever says so without a secure connection keeps only its own cookie from itself.
    let by_tls = headers
        .get("x-forwarded-proto")
        .is_some_and(|by| by == "https")
        || headers
            .get(header::ORIGIN)
            .is_some_and(|origin| origin.as_bytes().starts_with(b"https:"));
    let secure = if by_tls { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={token}; Path=/studio; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"
    );
    if let Ok(value) = HeaderValue::try_from(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, value);
    }
    guarded(answer)
}
