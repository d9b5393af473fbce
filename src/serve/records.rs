//! The records that clients send, as the description of the API shows them. They are read in `corpus/`, which takes more than
//! this: other names of the keys, dates in other forms.

use utoipa::ToSchema;

/// An article: either `id` or `url` (in the address of a PUT `id` stands there), and one of `title` and `body`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
#[schema(example = json!({"title": "A kettle for pour-over", "summary": "Why the spout matters.", "body": "Water at ninety degrees, poured slowly.", "kind": "tool", "tags": ["coffee"], "lang": "en", "published": "2025-08-26"}))]
pub(super) struct ArticleRecord {
    id: Option<String>,
    url: Option<String>,
    kind: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    body: Option<String>,
    /// `markdown`, `html` or `text`.
    format: Option<String>,
    topic: Option<String>,
    tags: Option<Vec<String>>,
    /// A code such as `en`.
    lang: Option<String>,
    /// A date, or RFC 3339.
    published: Option<String>,
    updated: Option<String>,
    author: Option<String>,
    image: Option<String>,
    /// Ids or addresses; where they are given the body is not searched for more.
    links: Option<Vec<String>>,
    canonical: Option<String>,
    /// Other addresses that lead here.
    aliases: Option<Vec<String>>,
    noindex: Option<bool>,
    draft: Option<bool>,
    translation_key: Option<String>,
    series: Option<String>,
    series_order: Option<f64>,
    /// It is on no card before and after.
    starts: Option<String>,
    expires: Option<String>,
    version: Option<String>,
    version_of: Option<String>,
    /// What editors tell its panel and its card.
    related: Option<serde_json::Value>,
}

/// What a reader did.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct EventRecord {
    /// `view`, `impression`, `click`, `read`, `like`, `bookmark`, `share` or `comment`.
    r#type: String,
    /// The article that it is about: an id, a path or an address.
    article: String,
    /// The page whose panel it was.
    from: Option<String>,
    /// The token of that panel.
    panel: Option<String>,
    /// The place of the card, from 1.
    position: Option<u32>,
    /// Seconds of engaged time.
    dwell: Option<f64>,
    /// By which it is told from the same one sent again.
    id: Option<String>,
}
