//! Why a card is there, as people see it: what each signal gave to its score, as bars, and the evidence in words.
//!
//! Bars are drawn by attributes of SVG, which a strict content policy lets through where it keeps out styles in attributes.

use maud::{Markup, html};

use crate::model::{Score, SignalKind};
use crate::panel::{Card, Reason};

/// What a signal is called.
pub(super) fn signal_name(signal: SignalKind) -> &'static str {
    match signal {
        SignalKind::Behavior => "User behavior",
        SignalKind::Content => "Content similarity",
        SignalKind::Research => "Research intelligence",
        SignalKind::Seo => "SEO optimization",
    }
}

/// A table of what each signal gave to `card`, each bar beside the score `best`, which fills it, and the evidence.
pub(super) fn why(card: &Card<'_>, best: f64) -> Markup {
    let Some(given) = card.contributions else {
        return html! { p.why-none { (fill_line(card.reason)) } };
    };
    html! {
        @if card.reason == Reason::EditorsPick { p { "An editor wants it here, whatever the signals say." } }
        table.why-signals {
            caption { "What each signal gave" }
            @for signal in SignalKind::ALL {
                tr {
                    th scope="row" { (signal_name(signal)) }
                    td.why-bar { (bar(signal, given[signal] / best)) }
                    td.why-number { (number(given[signal])) }
                }
            }
            @if card.editor != 0.0 {
                tr { th scope="row" { "Editor" } td {} td.why-number { (number(card.editor)) } }
            }
            tr.why-sum {
                th scope="row" { "Score" }
                td {}
                td.why-number { (number(card.score.map_or(0.0, Score::get))) }
            }
        }
        (evidence(card))
    }
}

/// The evidence of `card`, signal by signal.
fn evidence(card: &Card<'_>) -> Markup {
    html! {
        @let of_few = read_by_few(card);
        @if of_few || !card.evidence.is_empty() {
            ul.why-evidence {
                @if of_few { li.behavior { "read by a few visitors of this article, too few to tell more" } }
                @for known in &card.evidence {
                    li class=(known.signal.name()) { (known.text) }
                }
            }
        }
    }
}

/// Whether readers gave something to `card` of which nothing is told, since they are few.
fn read_by_few(card: &Card<'_>) -> bool {
    let mut told = card.evidence.iter().map(|known| known.signal);
    let given = card.contributions.unwrap_or_default();
    given[SignalKind::Behavior] > 0.0 && told.all(|signal| signal != SignalKind::Behavior)
}

/// What all signals gave to `card` one after another, beside the score `best`, which fills the bar.
pub(super) fn stacked(card: &Card<'_>, best: f64) -> Markup {
    let given = card.contributions.unwrap_or_default();
    let mut begin = 0.0;
    let parts = SignalKind::ALL.map(|signal| {
        let width = wide(given[signal] / best);
        let part = (signal.name(), begin, width);
        begin += width;
        part
    });
    let words = SignalKind::ALL.map(|signal| {
        let name = signal_name(signal);
        format!("{name} {}", number(given[signal]))
    });
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label=(words.join(", ")) {
            @for (name, begin, width) in parts {
                rect class=(name) x=(format!("{begin:.2}")) width=(format!("{width:.2}")) height="10" {}
            }
        }
    }
}

fn bar(signal: SignalKind, share: f64) -> Markup {
    html! {
        svg.bar viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect class=(signal.name()) width=(format!("{:.2}", wide(share))) height="10" {}
        }
    }
}

/// A share as a part of 100.
fn wide(share: f64) -> f64 {
    match share.is_finite() {
        true => 100.0 * share.clamp(0.0, 1.0),
        false => 0.0,
    }
}

/// A part of a score, as it is printed everywhere.
pub(super) fn number(value: f64) -> String {
    format!("{value:.4}")
}

fn fill_line(reason: Reason) -> &'static str {
    match reason {
        Reason::EditorsPick => "An editor wants it here; no signal knows anything of the two.",
        _ => "It fills the panel up: it is new, and nothing calls it related.",
    }
}
