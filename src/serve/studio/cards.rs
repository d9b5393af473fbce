//! A panel as editors see it: every card with what each signal gave, why, how it moved, and what can be told about it.

use maud::{Markup, html};

use super::article_href;
use crate::model::Score;
use crate::panel::{Card, Panel, Reason};
use crate::serve::moved::{Move, left};
use crate::serve::why::{number, stacked, why};

/// The best score of `panels`, which fills a bar.
pub(super) fn best_of(panels: &[&Panel<'_>]) -> f64 {
    let cards = panels.iter().flat_map(|panel| &panel.cards);
    let scores = cards.filter_map(|card| card.score).map(Score::get);
    scores.fold(0.0, f64::max)
}

/// What is shown beside the cards of a panel.
pub(super) struct Beside<'a> {
    /// The best score, which fills a bar.
    pub(super) best: f64,
    /// How each card moved, if the panel is compared with another.
    pub(super) moves: &'a [Move],
    /// Whether cards can be pinned and blocked here.
    pub(super) acts: bool,
}

/// The cards of `panel`.
pub(super) fn cards(panel: &Panel<'_>, beside: &Beside<'_>) -> Markup {
    html! {
        @if panel.off { p.hint { "An editor has turned this panel off." } }
        @else if panel.cards.is_empty() { p.hint { "Nothing is related, and nothing fills the panel up." } }
        ol.cards {
            @for (at, card) in panel.cards.iter().enumerate() {
                (line(panel, card, at, beside))
            }
        }
    }
}

fn line(panel: &Panel<'_>, card: &Card<'_>, at: usize, beside: &Beside<'_>) -> Markup {
    let entry = &card.entry;
    let moved = beside.moves.get(at).copied().unwrap_or(Move::Stayed);
    html! {
        li.(moved.class()) data-id=(entry.id) {
            div.head {
                a href=(article_href(entry.id)) lang=(entry.lang) { (entry.title) }
                @if moved != Move::Stayed {
                    span.move { (moved.words()) span.hidden { " (" (moved.told()) ")" } }
                }
                span.match { @match card.percent { Some(percent) => { (percent.get()) "%" }, None => "–" } }
            }
            @if card.score.is_some() { (stacked(card, beside.best)) }
            div.meta {
                span.kind { (entry.kind) }
                @if let Some(topic) = entry.topic { span { (topic) } }
                span.reason.pick[card.reason == Reason::EditorsPick] { (card.reason.label()) }
                @if let Some(score) = card.score { span { "score " (number(score.get())) } }
            }
            details.why {
                summary { @if beside.acts { "Why, and what to do" } @else { "Why" } }
                (why(card, beside.best))
                @if beside.acts { (acts(panel.host.id, entry.id, at + 1)) }
            }
        }
    }
}

/// The cards of `before` that `after` has no more, by their titles.
pub(super) fn gone(before: &Panel<'_>, ids: (&[String], &[String])) -> Markup {
    let gone = left(ids.0, ids.1);
    let cards = before.cards.iter().zip(1..);
    let cards: Vec<_> = cards
        .filter(|(card, _)| gone.iter().any(|id| *id == card.entry.id))
        .collect();
    html! {
        @if !cards.is_empty() {
            h3 { "No longer in the panel" }
            ul.gone {
                @for (card, place) in cards {
                    li lang=(card.entry.lang) { (card.entry.title) span.move { "was " (place) } }
                }
            }
        }
    }
}

/// What can be told about the card `card` in the panel of `host`, where it stands at `place`.
pub(super) fn acts(host: &str, card: &str, place: usize) -> Markup {
    let both = html! {
        input type="hidden" name="host" value=(host);
        input type="hidden" name="card" value=(card);
    };
    html! {
        div.acts {
            form method="post" action="/studio/tell" {
                (both)
                label { "At place " input type="number" name="slot" min="1" max="100" value=(place); }
                button name="told" value="pin" { "Pin" }
            }
            form method="post" action="/studio/tell" {
                (both)
                button name="told" value="block" { "Block in this panel" }
            }
        }
    }
}
