//! The studio: what editors look at and change. It shows panels and what makes them, writes what editors tell panels, and tells how
//! the site does.
//!
//! Pages are made here and whole without a script; the script redraws what is compared and draws charts from the tables that
//! stand there. Text of articles and readers is text everywhere: the content policy lets no script and no style of a page's own
//! run. Nothing lists all articles.

mod article;
mod assets;
mod cards;
mod door;
mod figures;
mod index;
mod pick;
mod readers;
mod site;
mod tell;
mod weights;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::App;
use super::apart::apart;
use super::count::grouped;
use super::rejection::Rejection;
use crate::keys::Sessions;

type Shared = State<Arc<App>>;

/// What the studio keeps between requests.
#[derive(Debug, Default)]
pub(super) struct Studio {
    sessions: Sessions,
    figures: figures::Figures,
}

/// What a page may load and do: nothing from elsewhere, and nothing that stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The pages of the studio.
pub(super) fn routes(router: Router<Arc<App>>) -> Router<Arc<App>> {
    router
        .route("/studio", get(pick::page))
        .route("/studio/", get(async || see("/studio")))
        .route("/studio/article", get(article::page))
        .route("/studio/tell", post(tell::post))
        .route("/studio/take-back", post(tell::take_back))
        .route("/studio/site", get(site::page))
        .route("/studio/readers", get(readers::page))
        .route("/studio/index", get(index::page))
        .route("/studio/state", get(index::state))
        .route("/studio/login", get(door::page).post(door::open))
        .route("/studio/logout", post(door::close))
        .route("/studio/assets/{name}", get(assets::get))
        .route("/studio/{*path}", get(unknown))
}

/// The pages that the head of every page leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Articles,
    Site,
    Readers,
    Index,
    /// Of whoever is not let in yet.
    None,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Articles, "/studio", "Articles"),
        (Self::Site, "/studio/site", "Site"),
        (Self::Readers, "/studio/readers", "Readers"),
        (Self::Index, "/studio/index", "Index"),
    ];
}

/// A page of the studio.
struct Page<'a> {
    tab: Tab,
    title: &'a str,
    /// Whether there is a session to end.
    keyed: bool,
    /// Whether it has charts.
    charts: bool,
    /// Seconds after which it is asked for again where no script does that.
    again: Option<u32>,
}

impl<'a> Page<'a> {
    fn of(app: &App, tab: Tab, title: &'a str) -> Self {
        Self {
            tab,
            title,
            keyed: tab != Tab::None && app.access.is_keyed(),
            charts: false,
            again: None,
        }
    }

    fn answer(&self, body: &Markup) -> Response {
        self.answer_as(StatusCode::OK, body)
    }

    fn answer_as(&self, status: StatusCode, body: &Markup) -> Response {
        let whole = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (self.title) " · readnext studio" }
                    link rel="icon" href="data:,";
                    @if self.charts { link rel="stylesheet" href="/studio/assets/uplot.css"; }
                    link rel="stylesheet" href="/studio/assets/studio.css";
                    @if let Some(seconds) = self.again { noscript { meta http-equiv="refresh" content=(seconds); } }
                }
                body {
                    a.skip href="#main" { "Skip to content" }
                    header.studio {
                        a.name href="/studio" { "readnext " b { "studio" } }
                        @if self.tab != Tab::None { (self.nav()) }
                    }
                    main #main { (body) }
                    @if self.charts { script src="/studio/assets/uplot.js" defer {} }
                    script src="/studio/assets/studio.js" defer {}
                }
            }
        };
        let html = (header::CONTENT_TYPE, "text/html; charset=utf-8");
        guarded((status, [html], whole.into_string()).into_response())
    }

    fn nav(&self) -> Markup {
        html! {
            nav aria-label="Studio" {
                @for (tab, href, name) in Tab::ALL {
                    a href=(href) aria-current=[(tab == self.tab).then_some("page")] { (name) }
                }
            }
            @if self.keyed {
                form.logout method="post" action="/studio/logout" { button { "Log out" } }
            }
        }
    }
}

/// Every other address below the studio's.
async fn unknown(_editor: door::Editor, State(app): Shared, uri: Uri) -> Response {
    let body = html! {
        h1 { "No such page" }
        p { "The studio has no page at " code { (uri.path()) } "." }
        p { a href="/studio" { "Find an article" } }
    };
    Page::of(&app, Tab::Articles, "No such page").answer_as(StatusCode::NOT_FOUND, &body)
}

/// A refusal as a page. What failed here is answered as everywhere: the front gives it the name by which the log tells of it.
fn refused(app: &App, refusal: Rejection) -> Response {
    let status = refusal.status();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        return refusal.into_response();
    }
    let body = html! {
        h1 { (status.canonical_reason().unwrap_or("Refused")) }
        p.wrong role="alert" { (refusal.detail()) }
        p { a href="/studio" { "Find an article" } }
    };
    Page::of(app, Tab::Articles, "Refused").answer_as(status, &body)
}

/// The answer of `work`, which may take a while; a refusal is a page as well.
async fn made(
    app: Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<Response, Rejection> + Send + 'static,
) -> Response {
    let shared = Arc::clone(&app);
    let done = apart(move || work(&shared)).await;
    done.unwrap_or_else(|refusal| refused(&app, refusal))
}

/// `answer`, kept by nobody, found by no search engine, framed by no page.
fn guarded(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Forms go on telling this server where they come from.
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The address of the studio's page of the article `id`.
fn article_href(id: &str) -> String {
    format!("/studio/article?id={}", encoded(id))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// `1 card`, `2 cards`.
fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { more })
}

/// Leads a browser on to `address` after a form.
fn see(address: &str) -> Response {
    let to = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/studio"));
    guarded((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}
