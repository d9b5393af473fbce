//! The page of the index: what serves, whether it is being built again, what the builds before did and found wrong.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::json;

use super::door::Editor;
use super::{Page, Shared, Tab, counted, guarded, made};
use crate::engine::{Rebuilding, Run, runs};
use crate::error::Result;
use crate::model::Date;
use crate::serve::App;
use crate::serve::count::grouped;

/// Builds that are listed.
const LISTED: usize = 30;

/// `GET /studio/index`.
pub(super) async fn page(_: Editor, State(app): Shared) -> Response {
    made(app, |app| Ok(shown(app)?)).await
}

fn shown(app: &App) -> Result<Response> {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    let runs = runs(app.engine.data())?;
    let rebuilding = app.engine.rebuilding();
    let body = html! {
        (waiting(&rebuilding))
        h1 { "Index" }
        dl.numbers {
            div { dt { "Generation that serves" } dd { (snapshot.generation()) } }
            div { dt { "Articles" } dd { (grouped(snapshot.len())) } }
            div { dt { "Waiting for the next build" } dd { (counted(app.engine.articles_waiting(), "article", "articles")) } }
            @if let Some(desk) = &app.desk {
                div.broad { dt { "What is told in the studio goes into" } dd { code.place { (desk.file()?.display()) } } }
            }
        }
        @if let Some(complaint) = snapshot.complaint() { p.wrong { (complaint) } }
        @if let Some(last) = runs.first().filter(|run| !run.problems.is_empty()) {
            h2 { "What the last build found" }
            (problems(last))
        }
        h2 { "Builds" }
        @if runs.is_empty() { p.hint { "None is known of yet: the next one is written down." } }
        @else { (table(&runs)) }
    };
    let mut page = Page::of(app, Tab::Index, "Index");
    page.again = rebuilding.is_waiting().then_some(2);
    Ok(page.answer(&body))
}

fn table(runs: &[Run]) -> Markup {
    html! {
        div.wide role="region" tabindex="0" aria-label="Builds" {
            table.figures {
                thead {
                    tr {
                        th { "When (UTC)" }
                        @for name in ["Generation", "Seconds", "Articles", "Added", "Changed", "Removed", "Dropped", "Problems"] {
                            th.number { (name) }
                        }
                    }
                }
                tbody {
                    @for run in runs.iter().take(LISTED) {
                        tr {
                            @let at = Date::from_seconds(run.at).to_string();
                            td.when { time datetime=(at) { (at.replace('T', " ").trim_end_matches('Z')) } }
                            td.number { (run.generation) }
                            td.number { (format!("{:.1}", run.took as f64 / 1000.0)) }
                            @for count in [run.articles, run.added, run.changed, run.removed, run.rejected, run.problems.len() + run.more] {
                                td.number { (grouped(count)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn problems(run: &Run) -> Markup {
    html! {
        p.hint {
            (counted(run.problems.len() + run.more, "problem", "problems")) "."
            @if run.more > 0 { " The first " (run.problems.len()) " are here; " code { "readnext check" } " tells all." }
        }
        div.wide.tall role="region" tabindex="0" aria-label="Problems" {
            ul.problems {
                @for found in &run.problems {
                    li.(found.severity) {
                        span.severity { (found.severity) } " " code.place { (found.place) } " " (found.message)
                    }
                }
            }
        }
    }
}

/// That the index is being built again, or why it is not, if that is so.
pub(super) fn waiting(rebuilding: &Rebuilding) -> Markup {
    html! {
        @if let Some(why) = &rebuilding.failed {
            p.wrong role="alert" { "The index is not built again: " (why) "; it is tried again." }
        } @else if rebuilding.is_waiting() {
            p.waiting #waiting role="status" { "It is written down. The index is being built again; the panel shows it as soon as that is done." }
        } @else if !rebuilding.problems.is_empty() {
            div.wrong role="alert" {
                p { "Of what editors tell, this does nothing:" }
                ul { @for problem in &rebuilding.problems { li { (problem) } } }
            }
        }
    }
}

/// `GET /studio/state`: whether the index is being built again.
pub(super) async fn state(_: Editor, State(app): State<Arc<App>>) -> Response {
    let rebuilding = app.engine.rebuilding();
    let state = json!({
        "waiting": rebuilding.is_waiting(),
        "failed": rebuilding.failed,
        "generation": app.engine.snapshot().1.generation(),
    });
    guarded(Json(state).into_response())
}
