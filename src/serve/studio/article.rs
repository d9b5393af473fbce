//! The page of one article: its panel with what makes it, the same with other weights beside it, and what editors tell it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::cards::{Beside, acts, best_of, cards, gone};
use super::door::Editor;
use super::pick::found;
use super::weights::{Compared, told};
use super::{Page, Shared, Tab, article_href, made};
use crate::engine::{PanelQuery, Snapshot, ToldTable};
use crate::error::Result;
use crate::model::{Date, DocOrd, Instruction, Period, Told};
use crate::panel::Panel;
use crate::ranking::Weights;
use crate::serve::App;
use crate::serve::fragment::safe_href;
use crate::serve::moved::{Move, cards as ids, moves};
use crate::serve::parameters::{Asked, Pairs};
use crate::serve::rejection::Rejection;

/// Articles that are offered to be pinned.
const OFFERED: usize = 8;

/// `GET /studio/article?id=`.
pub(super) async fn page(_: Editor, State(app): Shared, Asked(pairs): Asked) -> Response {
    made(app, move |app| shown(app, &pairs)).await
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    let found = pairs.iter().find(|(given, _)| given == name);
    found.map_or("", |(_, value)| value.trim())
}

fn shown(app: &Arc<App>, pairs: &Pairs) -> std::result::Result<Response, Rejection> {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let host = snapshot.find(value(pairs, "id"))?;
    let own = app.weights.get();
    let compared = Compared::of(pairs, &own);
    let now = snapshot.panel(host, &query(own))?;
    let entry = &now.host;
    let rebuilding = app.engine.rebuilding();
    let body = html! {
        (super::index::waiting(&rebuilding))
        header.article {
            div.labels { span.kind { (entry.kind) } @if let Some(topic) = entry.topic { span { (topic) } } }
            h1 lang=(entry.lang) { (entry.title) }
            p.meta {
                code { (entry.id) }
                span { (entry.lang) }
                @if let Some(date) = entry.published { time datetime=(date) { (date) } }
                (linking(snapshot.inbound(host)))
                @if app.demo.is_some() { a href=(safe_href(entry.url)) { "The page" } }
            }
        }
        (compared.form(entry.id))
        div #panels {
            @match &compared.weights {
                None => (alone(&now)),
                Some(Ok(weights)) => (side_by_side(&now, &snapshot.panel(host, &query(*weights))?, (&own, weights))),
                Some(Err(wrong)) => {
                    p.wrong role="alert" { (wrong) }
                    (alone(&now))
                }
            }
        }
        (editors(app, snapshot, host, value(pairs, "find"))?)
    };
    let mut page = Page::of(app, Tab::Articles, entry.title);
    page.again = rebuilding.is_waiting().then_some(2);
    Ok(page.answer(&body))
}

/// The panel as it is shown to readers, but for the last places, which change from hour to hour.
fn query(weights: Weights) -> PanelQuery {
    PanelQuery {
        weights,
        explain: true,
        ..PanelQuery::of_hour_before(App::now())
    }
}

fn linking(pages: u8) -> Markup {
    html! {
        span {
            @match pages {
                0 => "no page links to it",
                1 => "1 page links to it",
                u8::MAX => "255 pages or more link to it",
                more => { (more) " pages link to it" }
            }
        }
    }
}

fn alone(panel: &Panel<'_>) -> Markup {
    let beside = Beside {
        best: best_of(&[panel]),
        moves: &[],
        acts: true,
    };
    html! {
        section.panel {
            h2 { "The panel" }
            (cards(panel, &beside))
        }
    }
}

fn side_by_side(before: &Panel<'_>, after: &Panel<'_>, weights: (&Weights, &Weights)) -> Markup {
    let (ids_before, ids_after) = (ids(before), ids(after));
    let moves = moves(&ids_before, &ids_after);
    let moved = moves.iter().filter(|how| **how != Move::Stayed).count();
    let best = best_of(&[before, after]);
    let as_it_is = Beside {
        best,
        moves: &[],
        acts: true,
    };
    let changed = Beside {
        best,
        moves: &moves,
        acts: false,
    };
    html! {
        p.compared role="status" {
            @match moved {
                0 => "With these weights no card moves.",
                1 => "With these weights one card moves.",
                more => { "With these weights " (more) " cards move." }
            }
        }
        div.sides {
            section.panel {
                h2 { "Now" }
                p.hint { (told(weights.0)) }
                (cards(before, &as_it_is))
            }
            section.panel {
                h2 { "With these weights" }
                p.hint { (told(weights.1)) }
                (cards(after, &changed))
                (gone(before, (&ids_before, &ids_after)))
            }
        }
    }
}

/// What editors tell the panel of `host`, and articles to pin for the words `find`.
fn editors(app: &App, snapshot: &Snapshot, host: DocOrd, find: &str) -> Result<Markup> {
    let tables = match &app.desk {
        Some(desk) => desk.tables()?,
        None => Vec::new(),
    };
    let is_host = |said: &Instruction| {
        let named = said.host.as_deref();
        named.is_some_and(|name| snapshot.find_any(name).is_ok_and(|ord| ord == host))
    };
    let of_host = tables.iter().flat_map(|table| {
        let said = table.instructions.iter().filter(|said| is_host(said));
        said.map(move |said| (table, said))
    });
    let of_host: Vec<_> = of_host.collect();
    let id = snapshot.id(host);
    Ok(html! {
        section.editors #editors {
            h2 { "What editors tell this panel" }
            @if of_host.is_empty() { p.hint { "Nothing. Pin or block a card above, or find one to pin." } }
            @else {
                div.wide role="region" tabindex="0" aria-label="What editors tell" {
                    table {
                        tr { th { "What" } th { "Card" } th { "When" } th { "Where" } th { span.hidden { "Undo" } } }
                        @for (table, said) in of_host { (instruction(snapshot, id, table, said)) }
                    }
                }
            }
            form.search action="/studio/article#editors" {
                input type="hidden" name="id" value=(id);
                input type="search" name="find" value=(find) aria-label="Find an article to pin" placeholder="Find an article to pin";
                button { "Find" }
            }
            @if !find.is_empty() { (offered(snapshot, host, find)?) }
        }
    })
}

fn instruction(snapshot: &Snapshot, host: &str, table: &ToldTable, said: &Instruction) -> Markup {
    let card = said.card.as_deref().unwrap_or_default();
    let title = snapshot.find_any(card).and_then(|ord| snapshot.entry(ord));
    html! {
        tr {
            td {
                @match said.told {
                    Told::Pin(slot) => { "pinned at place " (slot) },
                    Told::Block => "blocked",
                    Told::Boost(by) => { "boosted by " (by) },
                    Told::PanelOff => "turned off",
                    Told::NeverRecommend => "never recommended",
                }
            }
            td { @match title { Ok(entry) => (entry.title), Err(_) => code { (card) } } }
            td { (when(said.period)) }
            td { code.place { (table.path) ":" (table.line) } }
            td {
                @if table.instructions.len() == 1 {
                    form method="post" action="/studio/take-back" {
                        input type="hidden" name="host" value=(host);
                        input type="hidden" name="path" value=(table.path);
                        input type="hidden" name="mark" value=(table.mark);
                        button { "Take back" }
                    }
                } @else { "one of several in its table; change it there" }
            }
        }
    }
}

fn when(period: Period) -> String {
    let date = Date::from_seconds;
    match (period.start, period.end) {
        (i64::MIN, i64::MAX) => "always".to_owned(),
        (i64::MIN, end) => format!("until {}", date(end)),
        (start, i64::MAX) => format!("from {}", date(start)),
        (start, end) => format!("from {} until {}", date(start), date(end)),
    }
}

fn offered(snapshot: &Snapshot, host: DocOrd, words: &str) -> Result<Markup> {
    let mut found = found(snapshot, words)?;
    found.retain(|&ord| ord != host);
    found.truncate(OFFERED);
    let id = snapshot.id(host);
    Ok(html! {
        @if found.is_empty() { p { "Nothing found for “" (words) "”." } }
        ul.offered {
            @for ord in found {
                @let entry = snapshot.entry(ord)?;
                li {
                    a href=(article_href(entry.id)) lang=(entry.lang) { (entry.title) }
                    (acts(id, entry.id, 1))
                }
            }
        }
    })
}
