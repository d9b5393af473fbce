//! Fifty readers who do not exist, at the press of a button: they read a page of the demo, and one sees its panel learn.
//!
//! What they do is simulated (`eval/simulate`) and then goes the way of all events: into the journal, and from there into
//! the counts that panels are made of.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};

use super::{Answer, Shared, article_page};
use crate::engine::{PanelQuery, Snapshot};
use crate::error::Result;
use crate::eval::simulate::{Settings, Simulation, write_record};
use crate::model::{DocOrd, EventKind};
use crate::panel::Panel;
use crate::serve::App;
use crate::serve::apart::apart;
use crate::serve::count::grouped;
use crate::serve::events::clock;
use crate::serve::fragment::safe_href;
use crate::serve::moved::{Move, cards, left, moves};
use crate::serve::own_page::check_own_page;
use crate::serve::parameters::{Pairs, only_id};
use crate::serve::rejection::Rejection;

/// How many come at once.
const READERS: u32 = 50;
/// The number of the first of them; those with whom a demo begins have lower ones.
const FIRST: u32 = 1_000_000;
/// What their chance comes from. It is that of the demo's first readers, so that they like the same.
const SEED: u64 = 1;

/// Numbers for readers to come.
#[derive(Debug)]
pub(super) struct ReadersToCome(AtomicU32);

impl Default for ReadersToCome {
    fn default() -> Self {
        Self(AtomicU32::new(FIRST))
    }
}

/// What some readers did, and the panel before.
pub(super) struct Learned {
    views: usize,
    reads: usize,
    seen: usize,
    clicks: usize,
    before: Vec<String>,
}

/// `POST /demo/readers`: the page, after fifty readers have read it.
pub(super) async fn post(
    State(app): Shared,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Answer {
    check_own_page(&app, &headers)?;
    let name = only_id(pairs)?;
    let events = app.events.as_ref().ok_or_else(Rejection::writes_stopped)?;
    let shared = Arc::clone(&app);
    let (lines, learned) = apart(move || simulated(&shared, &name)).await?;
    let (lines, host) = lines;
    events.keep_own(&lines).await?;
    apart(move || {
        // Not when their turn comes in the background: the page shows what they changed.
        app.engine.follow()?;
        article_page(&app, &host, Some(&learned))
    })
    .await
}

/// `GET /demo/readers`: whoever comes by the address alone is led to the front page.
pub(super) async fn get() -> Redirect {
    Redirect::to("/")
}

/// What readers of the article `name` do, as event records; its id, and the panel as it is before.
fn simulated(
    app: &App,
    name: &str,
) -> std::result::Result<((Vec<u8>, String), Learned), Rejection> {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let host = snapshot.find(name)?;
    let mut learned = Learned {
        views: 0,
        reads: 0,
        seen: 0,
        clicks: 0,
        before: cards(&snapshot.panel(host, &query(app))?),
    };
    let lines = lines(app, snapshot, host, &mut learned)?;
    Ok(((lines, snapshot.id(host).to_owned()), learned))
}

fn lines(app: &App, snapshot: &Snapshot, host: DocOrd, learned: &mut Learned) -> Result<Vec<u8>> {
    let to_come = app.demo.as_ref().map(|site| &site.readers.0);
    let settings = Settings {
        visitors: READERS,
        first: to_come.map_or(FIRST, |next| next.fetch_add(READERS, Ordering::Relaxed)),
        days: 1,
        weights: app.weights.get(),
        exploring: true,
        begin: Some(host),
        ..Settings::until(clock() / 1000, SEED)
    };
    let mut lines = Vec::new();
    Simulation::new(snapshot, settings)?.run(&mut |act| {
        match act.kind {
            EventKind::View => learned.views += 1,
            EventKind::Read => learned.reads += 1,
            EventKind::Impression => learned.seen += 1,
            EventKind::Click => learned.clicks += 1,
            _ => {}
        }
        write_record(act, snapshot, &mut lines);
        Ok(())
    })?;
    Ok(lines)
}

/// The panel that pages of the demo show.
pub(super) fn query(app: &App) -> PanelQuery {
    PanelQuery {
        weights: app.weights.get(),
        exploring: true,
        explain: true,
        ..PanelQuery::of_hour_before(App::now())
    }
}

/// The button.
pub(super) fn button(id: &str) -> Markup {
    html! {
        form.readers method="post" action="/demo/readers" lang="en" {
            input type="hidden" name="id" value=(id);
            button { "Act as " (READERS) " simulated readers" }
            p { "Readers who do not exist open this page, look at its panel and follow what they like. What they do is counted as what people do is, and the panel learns from it." }
        }
    }
}

/// How each card of `panel` moved, if readers just came by.
pub(super) fn moves_of(panel: &Panel<'_>, learned: Option<&Learned>) -> Vec<Move> {
    let after = cards(panel);
    match learned {
        Some(learned) => moves(&learned.before, &after),
        None => vec![Move::Stayed; after.len()],
    }
}

/// What came of the readers.
pub(super) fn report(panel: &Panel<'_>, learned: &Learned, snapshot: &Snapshot) -> Markup {
    let after = cards(panel);
    let moves = moves(&learned.before, &after);
    let moved = panel.cards.iter().zip(&moves);
    let moved: Vec<_> = moved.filter(|(_, how)| **how != Move::Stayed).collect();
    let title = |id: &str| {
        let entry = snapshot.by_id(id).and_then(|ord| snapshot.entry(ord).ok());
        entry.map_or_else(|| id.to_owned(), |entry| entry.title.to_owned())
    };
    html! {
        section.learned #learned role="status" lang="en" data-page=(safe_href(panel.host.url)) {
            h2 { (READERS) " simulated readers came by" }
            p {
                "They opened pages " (grouped(learned.views)) " times, read " (grouped(learned.reads)) " of them, saw "
                (grouped(learned.seen)) " cards and followed " (grouped(learned.clicks)) ". "
                @match moved.len() {
                    0 => "No card moved: what they like was known already.",
                    1 => "One card moved.",
                    more => { (more) " cards moved." }
                }
            }
            @if !moved.is_empty() {
                ul.moved {
                    @for (card, how) in &moved {
                        li class=(how.class()) {
                            span.move { (how.words()) span.hidden { " (" (how.told()) ")" } } " "
                            span lang=(card.entry.lang) { (card.entry.title) }
                        }
                    }
                    @for id in left(&learned.before, &after) {
                        li.gone { span.move { "gone" } " " span { (title(id)) } }
                    }
                }
            }
        }
    }
}
