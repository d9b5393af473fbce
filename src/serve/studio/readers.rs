//! The page of readers: how cards are followed by place, kind and reason, with intervals, and which events came and were refused.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::door::Editor;
use super::figures;
use super::site::{age, being_counted};
use super::{Page, Shared, Tab};
use crate::eval::{Day, Habits, Rate};
use crate::model::Date;
use crate::serve::count::grouped;
use crate::serve::{App, Events};

/// Days that are shown.
const DAYS: usize = 60;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// `GET /studio/readers`.
pub(super) async fn page(_: Editor, State(app): Shared) -> Response {
    let counted = figures::of(&app).await;
    let mut page = Page::of(&app, Tab::Readers, "Readers");
    page.charts = true;
    page.again = counted.is_none().then_some(2);
    let body = html! {
        h1 { "Readers" }
        (events(&app))
        @match &counted {
            None => (being_counted()),
            Some(counted) => { (age(counted)) (habits(&counted.habits)) }
        }
    };
    page.answer(&body)
}

/// What came in since the server started.
fn events(app: &Arc<App>) -> Markup {
    let (accepted, refused) = app.metrics.events();
    let stopped = app.events.as_ref().map(Events::stopped);
    html! {
        h2 { "Events since this server started" }
        @match stopped {
            None => p.wrong { "This server takes no events." },
            Some(Some(why)) => p.wrong role="alert" { "Events are turned away at the moment: " (why) },
            Some(None) => {},
        }
        dl.numbers {
            div { dt { "Accepted, sent again included" } dd { (grouped(accepted)) } }
            @for (reason, count) in refused { div { dt { (reason) } dd { (grouped(count)) } } }
        }
        p.hint { code { "readnext report abuse" } " tells, day by day, what was held back as abuse." }
    }
}

fn habits(habits: &Habits) -> Markup {
    html! {
        h2 { "Day by day" }
        (days(&habits.by_day, habits.events))
        h2 { "Followed cards" }
        @if habits.by_position.is_empty() { p.hint { "No card was seen or followed in a panel yet." } }
        @else {
            (rates("rates", "By place in the panel", "Place", &habits.by_position))
            div.pair {
                (rates("", "By kind of article", "Kind", &habits.by_kind))
                (rates("", "By the reason that the card has now", "Reason", &habits.by_reason))
            }
        }
        @if !habits.unknown.is_empty() {
            p.hint { "Events name " (grouped(habits.unknown.len())) " pages that are not published; " code { "readnext report behavior" } " lists them." }
        }
    }
}

fn days(by_day: &[Day], all: u64) -> Markup {
    let shown = &by_day[by_day.len().saturating_sub(DAYS)..];
    html! {
        p.hint { (grouped(all)) " events are kept." }
        @if !shown.is_empty() {
            figure data-chart="days" {
                figcaption { "What readers did, by UTC day" }
                div.wide.tall role="region" tabindex="0" aria-label="Day by day" {
                    table.figures {
                        thead { tr { th { "Day" } @for name in ["Views", "Reads", "Cards seen", "Cards followed"] { th.number { (name) } } } }
                        tbody {
                            @for day in shown.iter().rev() {
                                tr {
                                    th scope="row" { (Date::from_parts(day.day * DAY, false)) }
                                    @for count in [day.views, day.reads, day.seen, day.clicks] { td.number { (grouped(count)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn rates(chart: &str, caption: &str, about: &str, rates: &[Rate]) -> Markup {
    let percent = |share: f64| format!("{:.2}%", 100.0 * share);
    html! {
        figure data-chart=[(!chart.is_empty()).then_some(chart)] {
            figcaption { (caption) ", with 95% intervals" }
            div.wide role="region" tabindex="0" aria-label=(caption) {
                table.figures {
                    thead { tr { th { (about) } @for name in ["Seen", "Followed", "Rate", "From", "To"] { th.number { (name) } } } }
                    tbody {
                        @for row in rates {
                            tr {
                                th scope="row" { (row.name) }
                                td.number { (grouped(row.seen)) }
                                td.number { (grouped(row.clicks)) }
                                @match row.rate {
                                    Some(rate) => {
                                        @for bound in [rate.mean, rate.low, rate.high] { td.number { (percent(bound)) } }
                                    }
                                    None => { td {} td {} td {} }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
