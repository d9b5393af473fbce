//! The page of the whole site: how many panels are full, which articles are shown, and what that does for pages that none links to.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::door::Editor;
use super::figures::{self, Counted};
use super::{Page, Shared, Tab, article_href, counted};
use crate::engine::Snapshot;
use crate::eval::{Coverage, Reach};
use crate::serve::App;

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
            Some(counted) => (figures(&app, &current.1, counted)),
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
    html! { p.hint { "Counted " (counted.age()) " s ago, from the panels of this hour." } }
}

fn figures(app: &Arc<App>, snapshot: &Snapshot, counted: &Counted) -> Markup {
    let habits = &counted.habits;
    html! {
        (age(counted))
        (coverage(&habits.coverage))
        (orphans(&habits.reach, &habits.coverage))
        (spread(&habits.reach))
        (unseen(snapshot, &habits.reach))
        @if app.events.is_none() { p.hint { "This server takes no events." } }
    }
}

fn coverage(coverage: &Coverage) -> Markup {
    html! {
        h2 { "Coverage" }
        dl.numbers {
            div { dt { "Pages" } dd { (coverage.pages) } }
            div { dt { "With a panel full of related cards" } dd { (coverage.full) " " span.hint { (share(coverage.full, coverage.pages)) } } }
            div { dt { "Articles that may be cards" } dd { (coverage.articles) } }
            div { dt { "Related cards somewhere" } dd { (coverage.shown) " " span.hint { (share(coverage.shown, coverage.articles)) } } }
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

fn orphans(reach: &Reach, coverage: &Coverage) -> Markup {
    html! {
        h2 { "Orphans" }
        p.hint { "An orphan is a page that no other page of the site links to." }
        div.wide {
            table.figures {
                thead { tr { th {} th.number { "Pages" } th.number { "Share" } } }
                tbody {
                    @for (name, pages) in [
                        ("Before: by the articles' own links", reach.orphans_before),
                        ("After: neither links nor panels lead there", reach.orphans_after),
                    ] {
                        tr { th scope="row" { (name) } td.number { (pages) } td.number { (share(pages, coverage.articles)) } }
                    }
                }
            }
        }
    }
}

fn spread(reach: &Reach) -> Markup {
    html! {
        h2 { "Exposure" }
        figure data-chart="bars" {
            figcaption { "Articles by the number of panels that show them as related" }
            div.wide {
                table.figures {
                    thead { tr { th { "Panels" } th.number { "Articles" } } }
                    tbody {
                        @for (panels, articles) in &reach.spread {
                            tr { th scope="row" { (panels) } td.number { (articles) } }
                        }
                    }
                }
            }
        }
    }
}

fn unseen(snapshot: &Snapshot, reach: &Reach) -> Markup {
    let entries = reach
        .unseen
        .iter()
        .filter_map(|&ord| snapshot.entry(ord).ok());
    let entries: Vec<_> = entries.collect();
    html! {
        @if reach.unseen_in_all > 0 {
            h2 { "In no panel" }
            p.hint { (counted(reach.unseen_in_all, "article is", "articles are")) " a related card nowhere." }
            ul.found {
                @for entry in entries {
                    li { a href=(article_href(entry.id)) { strong lang=(entry.lang) { (entry.title) } code { (entry.id) } } }
                }
            }
        }
    }
}
