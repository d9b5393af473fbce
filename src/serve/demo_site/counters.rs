//! The live counters of the demo: what was done on a page and on the whole site, as the journal tells it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Serialize;

use super::Shared;
use crate::error::{Result, say};
use crate::journal::EventReader;
use crate::model::{Event, EventKind};
use crate::serve::App;
use crate::serve::apart::apart;
use crate::serve::count::grouped;
use crate::serve::parameters::{Asked, only_id};
use crate::serve::rejection::Rejection;

/// How often what was done.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counters {
    /// Events of the whole site.
    events: u64,
    /// Times that the page was opened.
    views: u64,
    /// Times that it was read.
    reads: u64,
    /// Cards of its panel that came into view.
    seen: u64,
    /// Cards of its panel that were followed.
    clicks: u64,
}

/// The journal, as far as it was read.
#[derive(Debug)]
pub(super) struct Tally(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    reader: EventReader,
    pages: HashMap<String, Counters>,
    events: u64,
}

impl Tally {
    pub(super) fn of(data: &Path) -> Self {
        Self(Mutex::new(Inner {
            reader: EventReader::open(data, 0),
            pages: HashMap::new(),
            events: 0,
        }))
    }

    /// What was done on the page `id` until now.
    pub(super) fn of_page(&self, id: &str) -> Result<Counters> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Inner {
            reader,
            pages,
            events,
        } = &mut *inner;
        let problems = reader.poll(|_, event| {
            *events += 1;
            count(pages, event);
            Ok(())
        })?;
        problems.iter().for_each(say);
        Ok(Counters {
            events: *events,
            ..pages.get(id).copied().unwrap_or_default()
        })
    }
}

fn count(pages: &mut HashMap<String, Counters>, event: &Event<'_>) {
    let (page, column): (_, fn(&mut Counters) -> &mut u64) = match (event.kind, event.from) {
        (EventKind::View, _) => (event.article, |counters| &mut counters.views),
        (EventKind::Read, _) => (event.article, |counters| &mut counters.reads),
        (EventKind::Impression, Some(host)) => (host, |counters| &mut counters.seen),
        (EventKind::Click, Some(host)) => (host, |counters| &mut counters.clicks),
        _ => return,
    };
    match pages.get_mut(page) {
        Some(counters) => *column(counters) += 1,
        None => *column(pages.entry(page.to_owned()).or_default()) += 1,
    }
}

/// `GET /demo/counters?id=`.
pub(super) async fn get(
    State(app): Shared,
    Asked(pairs): Asked,
) -> std::result::Result<impl IntoResponse, Rejection> {
    let id = only_id(pairs)?;
    let shared = Arc::clone(&app);
    let counters = apart(move || Ok(of_page(&shared, &id)?)).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(counters)))
}

/// What was done on the page `id`.
fn of_page(app: &App, id: &str) -> Result<Counters> {
    match &app.demo {
        Some(site) => site.tally.of_page(id),
        None => Ok(Counters::default()),
    }
}

/// The line of counters of the page `id`, which the demo's script keeps true.
pub(super) fn line(app: &App, id: &str) -> Result<Markup> {
    let now = of_page(app, id)?;
    let count = |name: &'static str, count: u64, words: &'static str| {
        html! { span { b data-count=(name) { (grouped(count)) } " " (words) } }
    };
    Ok(html! {
        p.counters data-id=(id) lang="en" aria-label="Counted until now" {
            (count("views", now.views, "views of this page"))
            (count("reads", now.reads, "reads"))
            (count("seen", now.seen, "cards seen"))
            (count("clicks", now.clicks, "followed"))
            (count("events", now.events, "events on the whole site"))
        }
    })
}
