//! The first page: articles found by words, by id or by address, and the newest.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::door::Editor;
use super::{Page, Shared, Tab, article_href, made};
use crate::engine::Snapshot;
use crate::error::Result;
use crate::model::{DocOrd, EntryView};
use crate::serve::App;
use crate::serve::parameters::Asked;

/// Articles that are shown at once.
const SHOWN: usize = 30;
/// The newest that are shown where nothing is searched for.
const NEWEST: usize = 12;

/// `GET /studio?q=`.
pub(super) async fn page(_: Editor, State(app): Shared, Asked(pairs): Asked) -> Response {
    let words = pairs.into_iter().find(|(name, _)| name == "q");
    let words = words.map(|(_, words)| words).unwrap_or_default();
    made(app, move |app| Ok(shown(app, words.trim())?)).await
}

fn shown(app: &Arc<App>, words: &str) -> Result<Response> {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let found = match words {
        "" => newest(snapshot),
        words => found(snapshot, words)?,
    };
    let body = html! {
        h1 { "Articles" }
        (search_box(words, "/studio", "Search by words, id or address"))
        @match (words.is_empty(), found.len()) {
            (true, 0) => p.hint { "No article has a date. Search for one." },
            (true, _) => h2 { "The newest" },
            (false, 0) => p { "Nothing found for “" (words) "”." },
            (false, _) => h2 { "Found for “" (words) "”" },
        }
        ul.found {
            @for ord in found { li { (line(&snapshot.entry(ord)?)) } }
        }
    };
    Ok(Page::of(app, Tab::Articles, "Articles").answer(&body))
}

fn newest(snapshot: &Snapshot) -> Vec<DocOrd> {
    snapshot.newest(App::now()).take(NEWEST).collect()
}

/// The articles for `words`, first the one that has them as its name.
pub(super) fn found(snapshot: &Snapshot, words: &str) -> Result<Vec<DocOrd>> {
    let mut found: Vec<DocOrd> = snapshot.find(words).ok().into_iter().collect();
    for result in snapshot.search(words, SHOWN)? {
        let ord = snapshot.by_id(result.entry.id);
        found.extend(ord.filter(|ord| !found.contains(ord)));
    }
    Ok(found)
}

pub(super) fn search_box(words: &str, action: &str, label: &str) -> Markup {
    html! {
        form.search role="search" action=(action) {
            input type="search" name="q" value=(words) aria-label=(label) placeholder=(label);
            button { "Search" }
        }
    }
}

fn line(entry: &EntryView<'_>) -> Markup {
    html! {
        a href=(article_href(entry.id)) {
            span.labels { span.kind { (entry.kind) } @if let Some(topic) = entry.topic { span { (topic) } } }
            strong lang=(entry.lang) { (entry.title) }
            code { (entry.id) }
        }
    }
}
