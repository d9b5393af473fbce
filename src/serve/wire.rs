//! The JSON shapes of the contract. Every key is always present; what is not known is null.

use std::ops::Range;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_64;

use super::by_hand;
use crate::engine::{Pieces, SearchResult};
use crate::model::{EntryView, MatchPercent, PerSignal, SignalKind};
use crate::panel::{Card, Panel};

#[derive(Serialize, ToSchema)]
pub(super) struct PanelBody<'a> {
    article: ArticleBody<'a>,
    #[schema(value_type = Vec<ItemBody<'_>>)]
    items: &'a RawValue,
    generation: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    panel: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ArticleBody<'a> {
    id: &'a str,
    url: &'a str,
    kind: &'a str,
    title: &'a str,
    summary: &'a str,
    #[schema(required)]
    topic: Option<&'a str>,
    #[schema(required)]
    author: Option<&'a str>,
    #[schema(required)]
    image: Option<&'a str>,
    #[schema(required)]
    published: Option<String>,
    lang: &'a str,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ItemBody<'a> {
    id: &'a str,
    url: &'a str,
    kind: &'a str,
    reason: &'a str,
    title: &'a str,
    summary: &'a str,
    #[schema(required)]
    topic: Option<&'a str>,
    #[schema(required)]
    author: Option<&'a str>,
    #[schema(required)]
    image: Option<&'a str>,
    #[schema(required)]
    published: Option<String>,
    #[serde(rename = "match")]
    #[schema(required, value_type = Option<u8>, minimum = 1, maximum = 100)]
    percent: Option<MatchPercent>,
    #[schema(required)]
    score: Option<f64>,
    #[schema(required)]
    signals: Option<SignalsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<EvidenceBody<'a>>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SignalsBody {
    behavior: f64,
    content: f64,
    research: f64,
    seo: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    editor: Option<f64>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct EvidenceBody<'a> {
    #[schema(value_type = String)]
    signal: SignalKind,
    text: &'a str,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SearchBody<'a> {
    query: &'a str,
    items: Vec<FoundBody<'a>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct FoundBody<'a> {
    #[serde(flatten)]
    article: ArticleBody<'a>,
    score: f64,
}

/// The body of `/v1/related`, on one line; with the panel's token if it has one, and evidence if it was asked for.
pub fn panel_json(panel: &Panel<'_>, token: Option<&str>, explain: bool) -> String {
    let (body, _) = panel_parts(panel, token, explain);
    String::from_utf8(body).expect("made of texts")
}

/// The same of a panel in pieces, which takes a fraction of the time.
pub fn pieces_json(panel: &Pieces<'_>, token: Option<&str>) -> String {
    let (body, _) = pieces_parts(panel, token, Vec::new());
    String::from_utf8(body).expect("made of texts")
}

/// The body of `/v1/related`, and the hash of its items.
pub(super) fn panel_parts(panel: &Panel<'_>, token: Option<&str>, explain: bool) -> (Vec<u8>, u64) {
    if explain {
        let (body, items) = serialised(panel, token, explain);
        return (body.into_bytes(), xxh3_64(items.as_bytes()));
    }
    hashed(by_hand::written(panel, token))
}

/// The same of a panel in pieces, in `room`.
pub(super) fn pieces_parts(
    panel: &Pieces<'_>,
    token: Option<&str>,
    room: Vec<u8>,
) -> (Vec<u8>, u64) {
    hashed(by_hand::joined(panel, token, room))
}

fn hashed((body, items): (Vec<u8>, Range<usize>)) -> (Vec<u8>, u64) {
    let hash = xxh3_64(&body[items]);
    (body, hash)
}

/// The body of `/v1/related` by the shapes above, and the items in it.
pub(super) fn serialised(
    panel: &Panel<'_>,
    token: Option<&str>,
    explain: bool,
) -> (String, Box<str>) {
    let items = panel.cards.iter().map(|card| ItemBody::of(card, explain));
    let items: Vec<ItemBody<'_>> = items.collect();
    let items = to_raw_value(&items).expect("plain data serialises");
    let body = PanelBody {
        article: ArticleBody::of(&panel.host),
        items: &items,
        generation: panel.generation,
        panel: token,
    };
    let body = serde_json::to_string(&body).expect("plain data serialises");
    (body, items.into())
}

/// The body of `/v1/search`, on one line.
pub fn search_json(query: &str, results: &[SearchResult<'_>]) -> String {
    let body = SearchBody {
        query,
        items: results.iter().map(found).collect(),
    };
    serde_json::to_string(&body).expect("plain data serialises")
}

/// An article that a search found, as it is shown.
pub(super) fn found<'a>(result: &SearchResult<'a>) -> FoundBody<'a> {
    FoundBody {
        article: ArticleBody::of(&result.entry),
        score: rounded(f64::from(result.score)),
    }
}

impl<'a> ArticleBody<'a> {
    pub(super) fn of(entry: &EntryView<'a>) -> Self {
        Self {
            id: entry.id,
            url: entry.url,
            kind: entry.kind,
            title: entry.title,
            summary: entry.summary,
            topic: entry.topic,
            author: entry.author,
            image: entry.image,
            published: entry.published.map(|date| date.to_string()),
            lang: entry.lang,
        }
    }
}

impl<'a> ItemBody<'a> {
    fn of(card: &'a Card<'_>, explain: bool) -> Self {
        let article = ArticleBody::of(&card.entry);
        let evidence = card.evidence.iter().map(|known| EvidenceBody {
            signal: known.signal,
            text: &known.text,
        });
        Self {
            id: article.id,
            url: article.url,
            kind: article.kind,
            reason: card.reason.label(),
            title: article.title,
            summary: article.summary,
            topic: article.topic,
            author: article.author,
            image: article.image,
            published: article.published,
            percent: card.percent,
            score: card.score.map(|score| rounded(score.get())),
            signals: card
                .contributions
                .as_ref()
                .map(|given| SignalsBody::of(given, card.editor)),
            evidence: explain.then(|| evidence.collect()),
        }
    }
}

impl SignalsBody {
    fn of(contributions: &PerSignal<f64>, editor: f64) -> Self {
        let of = |signal| rounded(contributions[signal]);
        Self {
            behavior: of(SignalKind::Behavior),
            content: of(SignalKind::Content),
            research: of(SignalKind::Research),
            seo: of(SignalKind::Seo),
            editor: (editor != 0.0).then(|| rounded(editor)),
        }
    }
}

/// Four decimals: what is printed adds up to 1e-3.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
