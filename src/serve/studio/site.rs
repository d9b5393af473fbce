//! The page of the whole site: how many panels are full, what they do for pages that no other page leads to, and who is seldom
//! shown and why.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::door::Editor;
use super::figures::{self, Counted};
use super::{Page, Shared, Tab, article_href, counted};
use crate::engine::Snapshot;
use crate::eval::{Coverage, Rare, Reach, Shares};
use crate::serve::count::grouped;

/// Pages that are named as seldom shown.
const RARE: usize = 30;
/// Seconds of a minute.
const MINUTE: u64 = 60;

/// `GET /studio/site`.
pub(super) async fn page(_: Editor, State(app): Shared) -> Response {
    let counted = figures::of(&app).await;
    let mut page = Page::of(&app, Tab::Site, "Site");
    page.charts = true;
    page.again = counted.is_none().then_some(2);
    let current = app.engine.snapshot();
    let body = html! {
        h1 { "Site" }
        @match &counted {
            None => (being_counted()),
            Some(counted) => (figures(&current.1, counted)),
        }
    };
    page.answer(&body)
}

/// What stands where figures take longer than a page waits.
pub(super) fn being_counted() -> Markup {
    html! { p.waiting #counting role="status" { "Every panel is made and every event read; the figures are here in a moment." } }
}

/// When the figures were counted.
pub(super) fn age(counted: &Counted) -> Markup {
    let when = match counted.age() {
        0 => "just now".to_owned(),
        seconds if seconds < 2 * MINUTE => format!("{seconds} s ago"),
        seconds => format!("{} min ago", seconds / MINUTE),
    };
    html! { p.hint { "Counted " (when) ", from the panels of this hour." } }
}

fn figures(snapshot: &Snapshot, counted: &Counted) -> Markup {
    html! {
        (age(counted))
        (coverage(&counted.habits.coverage))
        (paths(&counted.reach))
        (spread(&counted.reach.exposure))
        (rare(snapshot, &counted.reach))
        (links(&counted.reach))
    }
}

fn coverage(coverage: &Coverage) -> Markup {
    html! {
        h2 { "Coverage" }
        dl.numbers {
            div { dt { "Pages" } dd { (grouped(coverage.pages)) } }
            div { dt { "With a panel full of related cards" } dd { (grouped(coverage.full)) " " span.hint { (share(coverage.full, coverage.pages)) } } }
            div { dt { "Articles that may be cards" } dd { (grouped(coverage.articles)) } }
            div { dt { "Related cards somewhere" } dd { (grouped(coverage.shown)) " " span.hint { (share(coverage.shown, coverage.articles)) } } }
            @if let Some(gini) = coverage.gini {
                div { dt { "Gini coefficient of exposure" } dd { (format!("{gini:.3}")) " " span.hint { "0 is even" } } }
            }
        }
    }
}

fn share(part: usize, whole: usize) -> String {
    match whole {
        0 => String::new(),
        whole => format!("{:.1}%", 100.0 * part as f64 / whole as f64),
    }
}

fn paths(reach: &Reach) -> Markup {
    let (links, both) = (&reach.links, &reach.links_and_panels);
    html! {
        h2 { "Orphans and clicks" }
        p.hint {
            "An orphan is a page that no other leads to, a near-orphan one that a single page does. Clicks are counted from "
            (reach.entries.by) "."
        }
        div.wide role="region" tabindex="0" aria-label="Orphans and clicks" {
            table.figures {
                thead { tr { th { "What leads there" } th.number { "By links" } th.number { "By links and panels" } } }
                tbody {
                    @for (name, before, after) in [
                        ("Orphans", links.orphans, both.orphans),
                        ("Near-orphans", links.near_orphans, both.near_orphans),
                        ("Pages that no clicks lead to", links.unreachable, both.unreachable),
                    ] {
                        tr { th scope="row" { (name) } td.number { (grouped(before)) } td.number { (grouped(after)) } }
                    }
                    @for clicks in 0..links.by_clicks.len().max(both.by_clicks.len()) {
                        tr {
                            th scope="row" { (counted(clicks, "click away", "clicks away")) }
                            @for paths in [links, both] { td.number { (grouped(paths.by_clicks.get(clicks).copied().unwrap_or_default())) } }
                        }
                    }
                }
            }
        }
    }
}

fn spread(shares: &Shares) -> Markup {
    html! {
        h2 { "Exposure" }
        figure data-chart="bars" {
            figcaption { "Pages by the number of panels that they stand in" }
            div.wide role="region" tabindex="0" aria-label="Exposure" {
                table.figures {
                    thead { tr { th { "Panels" } th.number { "Pages" } } }
                    tbody {
                        @for share in &shares.by_panels {
                            tr { th scope="row" { (share.span()) } td.number { (grouped(share.pages)) } }
                        }
                    }
                }
            }
        }
    }
}

fn rare(snapshot: &Snapshot, reach: &Reach) -> Markup {
    let (meant, rare): (Vec<&Rare>, Vec<&Rare>) =
        reach.rare.iter().partition(|page| page.is_meant());
    let all = rare.len();
    let title = |id: &str| {
        let entry = snapshot.by_id(id).and_then(|ord| snapshot.entry(ord).ok());
        entry.map(|entry| (entry.title, entry.lang))
    };
    html! {
        @if all > 0 {
            h2 { "Seldom shown" }
            p.hint {
                (counted(all, "page stands", "pages stand")) " in fewer than " (counted(reach.exposure.wanted, "panel", "panels")) "."
                @if all > RARE { " The first " (RARE) ":" }
            }
            div.wide role="region" tabindex="0" aria-label="Seldom shown" {
                table.figures {
                    thead { tr { th { "Page" } th.number { "Panels" } th { "Why" } } }
                    tbody {
                        @for page in rare.iter().take(RARE) {
                            tr {
                                td {
                                    a href=(article_href(&page.page)) {
                                        @match title(&page.page) { Some((title, lang)) => span lang=(lang) { (title) }, None => (page.page) }
                                    }
                                }
                                td.number { (grouped(page.panels)) }
                                td { (page.words()) }
                            }
                        }
                    }
                }
            }
            @if all > RARE { p.hint { code { "readnext report seo --csv" } " lists all." } }
        }
        @if !meant.is_empty() {
            p.hint { "Not meant to be shown: " (grouped(meant.len())) ", which are noindex, hidden, or stand elsewhere." }
        }
    }
}

fn links(reach: &Reach) -> Markup {
    let (dead, competing) = (reach.dead_links.len(), reach.competing.len());
    html! {
        @if dead + competing > 0 {
            h2 { "To look at" }
            p {
                @if dead > 0 { (counted(dead, "link leads", "links lead")) " nowhere. " }
                @if competing > 0 { (counted(competing, "pair of pages competes", "pairs of pages compete")) " in search engines. " }
                code { "readnext report seo" } " names them."
            }
        }
    }
}
