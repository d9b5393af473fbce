//! What an editor tells a panel: written into the editors' file, then the index is built again behind the server.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::door::Editor;
use super::{Shared, article_href, made, see};
use crate::error::say;
use crate::model::{Date, LAST_SLOT, Told};
use crate::serve::App;
use crate::serve::events::clock;
use crate::serve::own_page::check_own_page;
use crate::serve::parameters::Pairs;
use crate::serve::rejection::Rejection;

/// `POST /studio/tell`: `host`, `card`, `told` (`pin` or `block`) and, of a pin, `slot`.
pub(super) async fn post(
    _: Editor,
    State(app): Shared,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    made(app, move |app| {
        check_own_page(app, &headers)?;
        let (host, card) = (article(app, &pairs, "host")?, article(app, &pairs, "card")?);
        if host == card {
            return Err(Rejection::bad_parameter(
                "card",
                "card: found the page itself, expected another one",
            ));
        }
        let told = told(&pairs)?;
        let today = Date::from_parts(clock() / 1000, false);
        let desk = app.desk.as_ref().ok_or_else(no_desk)?;
        let file = desk.tell(told, &host, &card, &format!("studio, {today}"))?;
        say(format_args!(
            "the studio told the panel of {} in {}: {} {}",
            host.escape_debug(),
            file.display(),
            told.name(),
            card.escape_debug()
        ));
        Ok(built_again(app, &host))
    })
    .await
}

/// `POST /studio/take-back`: `path` and `mark` of a table, and the `host` whose page is gone back to.
pub(super) async fn take_back(
    _: Editor,
    State(app): Shared,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Response {
    made(app, move |app| {
        check_own_page(app, &headers)?;
        let mark = value(&pairs, "mark")?.parse().map_err(|_| {
            Rejection::bad_parameter(
                "mark",
                "mark: expected what the page of the article has there",
            )
        })?;
        let path = value(&pairs, "path")?;
        let desk = app.desk.as_ref().ok_or_else(no_desk)?;
        desk.take_back(path, mark)?;
        say(format_args!(
            "the studio took a table out of {}",
            path.escape_debug()
        ));
        Ok(built_again(app, value(&pairs, "host")?))
    })
    .await
}

fn no_desk() -> Rejection {
    Rejection::failed("this server has no place for what editors tell")
}

fn built_again(app: &Arc<App>, host: &str) -> Response {
    app.engine.ask_rebuild();
    see(&article_href(host))
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> Result<&'a str, Rejection> {
    let found = pairs.iter().find(|(given, _)| given == name);
    let found = found.map(|(_, value)| value.as_str());
    found.ok_or_else(|| Rejection::bad_parameter(name, format!("found no {name}")))
}

/// The id of the article that the field `name` names.
fn article(app: &App, pairs: &Pairs, name: &str) -> Result<String, Rejection> {
    let current = app.engine.snapshot();
    let ord = current.1.find(value(pairs, name)?)?;
    Ok(current.1.id(ord).to_owned())
}

fn told(pairs: &Pairs) -> Result<Told, Rejection> {
    match value(pairs, "told")? {
        "block" => Ok(Told::Block),
        "pin" => match value(pairs, "slot")?.trim().parse() {
            Ok(slot @ 1..=LAST_SLOT) => Ok(Told::Pin(slot)),
            _ => Err(Rejection::bad_parameter(
                "slot",
                format!("slot: expected a whole number from 1 to {LAST_SLOT}"),
            )),
        },
        other => Err(Rejection::bad_parameter(
            "told",
            format!("told: found {other:?}, expected pin or block"),
        )),
    }
}
