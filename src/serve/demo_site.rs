//! The demo: the indexed articles as a small magazine, with the panel under every one, complete without JavaScript: why
//! each card is there, counters, and readers who come at the press of a button. The widget only tells what readers do.

mod counters;
mod feed;
mod readers;
mod text;
mod texts;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{DOCTYPE, Markup, html};

use super::App;
use super::apart::apart;
use super::fragment::{fragment_with, safe_href};
use super::moved::Move;
use super::parameters::Asked;
use super::rejection::Rejection;
use super::why::why;
use crate::corpus::Rules;
use crate::engine::{SearchResult, Snapshot};
use crate::error::Result;
use crate::model::{Article, DocOrd, EntryView, Score, order};
use crate::panel::{Card, Panel};
use counters::Tally;
use readers::{Learned, ReadersToCome};
use text::text;
use texts::Texts;

pub use texts::Corpus;

/// The texts of the demo's articles, and who reads them.
#[derive(Debug)]
pub struct DemoSite {
    texts: Texts,
    tally: Tally,
    readers: ReadersToCome,
}

impl DemoSite {
    /// A site of the articles of `corpus`, whose readers, and articles that came over HTTP, are in the journal of `data`.
    pub fn new(corpus: Corpus, data: &Path, rules: &Rules) -> Self {
        Self {
            texts: Texts::of(corpus, data, rules),
            tally: Tally::of(data),
            readers: ReadersToCome::default(),
        }
    }
}

type Shared = State<Arc<App>>;
type Answer = std::result::Result<Response, Rejection>;

const NAME: &str = "The Working Developer";
/// The sections of the front page, in their order; other kinds follow.
const SECTIONS: [(&str, &str); 7] = [
    ("news", "News"),
    ("howto", "How-to"),
    ("tool", "Tools"),
    ("compare", "Comparisons"),
    ("troubleshoot", "Troubleshooting"),
    ("integration", "Integrations"),
    ("alternatives", "Alternatives"),
];
/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 6] = ["ar", "fa", "he", "ps", "ur", "yi"];
/// Articles that open the front page.
const LEADING: usize = 3;

/// The pages of the demo.
pub(super) fn routes(router: Router<Arc<App>>) -> Router<Arc<App>> {
    router
        .route("/", get(front))
        .route("/search", get(search))
        .route("/feed.xml", get(feed::get))
        .route("/site.css", get(stylesheet))
        .route("/demo.js", get(script))
        .route("/demo/counters", get(counters::get))
        .route("/demo/readers", post(readers::post).get(readers::get))
        .fallback(get(article))
}

async fn front(State(app): Shared) -> Answer {
    let current = app.engine.snapshot();
    let mut entries = listed(&current.1)?;
    order::sort_by(&mut entries, |a, b| {
        b.published.cmp(&a.published).then(a.id.cmp(b.id))
    });
    let leading: Vec<&EntryView<'_>> = entries
        .iter()
        .filter(|entry| entry.lang == "en")
        .take(LEADING)
        .collect();
    let mut sections: BTreeMap<(usize, &str), Vec<&EntryView<'_>>> = BTreeMap::new();
    for entry in &entries {
        let kind = entry.kind;
        let place = SECTIONS
            .iter()
            .position(|(name, _)| *name == kind)
            .unwrap_or(SECTIONS.len());
        sections.entry((place, kind)).or_default().push(entry);
    }
    let body = html! {
        h1.hidden { (NAME) }
        nav.sections aria-label="Sections" {
            @for ((place, kind), entries) in &sections {
                a href={ "#" (kind) } { (section_title(*place, kind)) " " span.count { (entries.len()) } }
            }
        }
        div.leading {
            @for entry in leading { (teaser(entry, true)) }
        }
        @for ((place, kind), entries) in &sections {
            section.kind id=(kind) {
                h2 { (section_title(*place, kind)) }
                div.teasers { @for entry in entries { (teaser(entry, false)) } }
            }
        }
    };
    Ok(page(StatusCode::OK, "en", NAME, "", &body))
}

async fn search(State(app): Shared, Asked(pairs): Asked) -> Answer {
    let words = pairs
        .iter()
        .find(|(name, _)| name == "q")
        .map_or("", |(_, words)| words.trim());
    let current = app.engine.snapshot();
    let results = current.1.search(words, 30)?;
    let body = html! {
        h1.found { (found_line(words, &results)) }
        @if results.is_empty() && !words.is_empty() {
            p { "Try fewer words or others, or look through the " a href="/" { "front page" } "." }
        }
        div.teasers.results { @for result in &results { (teaser(&result.entry, false)) } }
    };
    Ok(page(StatusCode::OK, "en", "Search", words, &body))
}

/// The page of the article at the address that is asked for.
pub(super) async fn article(State(app): Shared, uri: Uri) -> Answer {
    apart(move || article_page(&app, uri.path(), None)).await
}

/// The page of the article that `name` leads to; what changed, if readers just came by.
fn article_page(app: &App, name: &str, learned: Option<&Learned>) -> Answer {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let Ok(host) = snapshot.find(name) else {
        let body = html! {
            h1 { "No such page" }
            p { "There is no article at " code { (name) } ". Go back to the " a href="/" { "front page" } " or search for it." }
        };
        return Ok(page(StatusCode::NOT_FOUND, "en", "No such page", "", &body));
    };
    let panel = snapshot.panel(host, &readers::query(app))?;
    let entry = &panel.host;
    let article = served(app, snapshot, host);
    let summary = match &article {
        Some(article) => article.summary.as_deref(),
        None => Some(entry.summary),
    };
    let body = html! {
        article {
            header {
                (labels(entry))
                h1 { (entry.title) }
                @if let Some(summary) = summary { p.summary { (summary) } }
                (byline(entry))
            }
            div.text { @if let Some(article) = &article { (text(article, entry.lang)) } }
        }
        @if let Some(learned) = learned { (readers::report(&panel, learned, snapshot)) }
        related-articles { (explained(app, &panel, learned)) }
        @if app.events.is_some() {
            (counters::line(app, entry.id)?)
            (readers::button(entry.id))
        }
        script src="/widget.js" defer {}
        script src="/demo.js" defer {}
    };
    Ok(page(StatusCode::OK, entry.lang, entry.title, "", &body))
}

/// The article at `host` with its text, as `snapshot` has it; `None` where that text is nowhere any more.
fn served(app: &App, snapshot: &Snapshot, host: DocOrd) -> Option<Arc<Article>> {
    let (site, origin) = (app.demo.as_ref()?, snapshot.origin(host)?);
    let (id, generation) = (snapshot.id(host), snapshot.generation());
    site.texts.find(id, origin, generation)
}

/// The panel, each card of which says why it is there.
fn explained(app: &App, panel: &Panel<'_>, learned: Option<&Learned>) -> Markup {
    let scores = panel.cards.iter().filter_map(|card| card.score);
    let best = scores.map(Score::get).fold(0.0, f64::max);
    let moves = readers::moves_of(panel, learned);
    let moves: HashMap<&str, Move> = panel
        .cards
        .iter()
        .map(|card| card.entry.id)
        .zip(moves)
        .collect();
    fragment_with(panel, app.token(panel).as_deref(), |card: &Card<'_>| {
        let moved = moves.get(card.entry.id).filter(|how| **how != Move::Stayed);
        html! {
            details.why lang="en" {
                summary {
                    "Why this card"
                    @if let Some(how) = moved { " " span.move.(how.class()) { (how.words()) span.hidden { " (" (how.told()) ")" } } }
                }
                (why(card, best))
            }
        }
    })
}

async fn stylesheet() -> impl IntoResponse {
    let styles = concat!(
        include_str!("assets/base.css"),
        include_str!("assets/site.css"),
        include_str!("assets/why.css"),
        include_str!("assets/demo.css")
    );
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], styles)
}

async fn script() -> impl IntoResponse {
    let script = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
    ([script], include_str!("../../widget/demo.js"))
}

/// The articles that a front page lists.
fn listed(snapshot: &Snapshot) -> Result<Vec<EntryView<'_>>> {
    snapshot.listed().map(|ord| snapshot.entry(ord)).collect()
}

fn section_title(place: usize, kind: &str) -> &str {
    SECTIONS.get(place).map_or(kind, |(_, title)| title)
}

fn found_line(words: &str, results: &[SearchResult<'_>]) -> String {
    match results.len() {
        _ if words.is_empty() => "Type some words to search for".to_owned(),
        0 => format!("Nothing found for “{words}”"),
        1 => format!("One article for “{words}”"),
        count => format!("{count} articles for “{words}”"),
    }
}

fn teaser(entry: &EntryView<'_>, large: bool) -> Markup {
    html! {
        a.teaser.large[large] href=(safe_href(entry.url)) lang=(entry.lang) {
            (labels(entry))
            strong { (entry.title) }
            span.summary { (entry.summary) }
        }
    }
}

fn labels(entry: &EntryView<'_>) -> Markup {
    html! {
        span.labels {
            span.label-kind { (entry.kind) }
            @if let Some(topic) = entry.topic { span.label-topic { (topic) } }
        }
    }
}

fn byline(entry: &EntryView<'_>) -> Markup {
    html! {
        p.byline {
            @if let Some(author) = entry.author { span { "By " (author) } }
            @if let Some(date) = entry.published { time datetime=(date) { (date) } }
        }
    }
}

/// Where a script goes the other way.
fn direction(lang: &str) -> Option<&'static str> {
    let primary = lang.split('-').next().unwrap_or_default();
    RIGHT_TO_LEFT.contains(&primary).then_some("rtl")
}

fn page(status: StatusCode, lang: &str, title: &str, words: &str, body: &Markup) -> Response {
    let whole = html! {
        (DOCTYPE)
        html lang=(lang) dir=[direction(lang)] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) @if title != NAME { " · " (NAME) } }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/widget.css";
                link rel="stylesheet" href="/site.css";
                link rel="alternate" type="application/atom+xml" title=(NAME) href="/feed.xml";
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.site lang="en" {
                    a.name href="/" { (NAME) }
                    form role="search" action="/search" {
                        input type="search" name="q" value=(words) aria-label="Search articles" placeholder="Search articles";
                        button { "Search" }
                    }
                }
                main #main { (body) }
                footer.site lang="en" {
                    p {
                        "A sample site, served by readnext. Behind it: "
                        a href="/studio" { "the studio" } ", which shows what makes each panel, and "
                        a href="/docs/" { "the API" } ". " a href="/feed.xml" { "Feed" }
                    }
                }
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' https: data:; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, whole.into_string()).into_response()
}
