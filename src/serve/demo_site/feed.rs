//! The feed of the demo's site (Atom, RFC 4287): the newest articles as programs of readers take them. What they are called is
//! text here as everywhere.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use maud::{Markup, PreEscaped, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Answer, App, NAME, Shared};
use crate::error::Result;
use crate::model::{Date, EntryView};
use crate::serve::fragment::safe_href;

/// Articles in the feed, at most.
const NEWEST: usize = 20;

/// `GET /feed.xml`.
pub(super) async fn get(State(app): Shared) -> Answer {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let newest = snapshot.newest(App::now());
    let listed = newest.filter(|&ord| !snapshot.visibility(ord).noindex);
    let entries: Result<Vec<EntryView<'_>>> =
        listed.take(NEWEST).map(|ord| snapshot.entry(ord)).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/atom+xml; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, feed(&entries?).into_string()).into_response())
}

fn feed(entries: &[EntryView<'_>]) -> Markup {
    let newest = entries.iter().find_map(|entry| entry.published);
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"))
        feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" {
            id { "urn:readnext:demo" }
            title { (NAME) }
            link rel="self" href="/feed.xml" {}
            link href="/" {}
            updated { (moment(newest)) }
            author { name { (NAME) } }
            @for one in entries { (entry(one)) }
        }
    }
}

fn entry(entry: &EntryView<'_>) -> Markup {
    html! {
        entry xml:lang=(entry.lang) {
            id { "urn:readnext:article:" (utf8_percent_encode(entry.id, NON_ALPHANUMERIC).to_string()) }
            title { (xml(entry.title)) }
            link href=(xml(&safe_href(entry.url))) {}
            updated { (moment(entry.published)) }
            @if let Some(author) = entry.author { author { name { (xml(author)) } } }
            @if let Some(topic) = entry.topic { category term=(xml(topic)) {} }
            summary { (xml(entry.summary)) }
        }
    }
}

/// A date as RFC 3339 has it; feeds know no days.
fn moment(date: Option<Date>) -> String {
    let date = date.unwrap_or_else(|| Date::from_seconds(0));
    Date::from_parts(date.seconds(), true).to_string()
}

/// `text` without the characters that XML has no way to say.
fn xml(text: &str) -> String {
    let told = |c: &char| {
        !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\t' | '\n')
    };
    text.chars().filter(told).collect()
}
