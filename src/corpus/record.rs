//! The article record: what every reader fills in, and how the gaps are derived.

use std::path::Path;

use super::prose::Prose;
use crate::model::{Article, ArticleId, Date, Format, Kind, Lang, Problem, Severity, Topic};

/// What a site declares about its articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Kinds of the site's own, recognised in the first segment of a URL.
    pub kinds: Vec<String>,
    /// The language of an article that declares none.
    pub lang: Lang,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            lang: Lang::english(),
        }
    }
}

/// What came of one piece: an article with warnings, or none with the error among the problems.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The article, unless the piece was dropped.
    pub article: Option<Article>,
    /// What was found wrong.
    pub problems: Vec<Problem>,
    /// Keys that mean nothing here, for one message over the whole run.
    pub unknown_keys: Vec<String>,
}

impl Read {
    /// The piece is lost, for the reason given.
    pub(super) fn dropped(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }
}

/// The fields of a record before gaps are filled.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) body: String,
    pub(super) format: Format,
    pub(super) topic: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) lang: Option<String>,
    pub(super) published: Option<Date>,
    pub(super) updated: Option<Date>,
    pub(super) author: Option<String>,
    pub(super) image: Option<String>,
    pub(super) links: Option<Vec<String>>,
    pub(super) canonical: Option<String>,
    pub(super) aliases: Vec<String>,
    pub(super) noindex: bool,
    pub(super) draft: bool,
    pub(super) translation_key: Option<String>,
    pub(super) series: Option<String>,
}

impl Draft {
    /// Fills the gaps; the message is for the author of the piece.
    pub(super) fn finish(self, rules: &Rules) -> Result<Article, String> {
        let given = self
            .id
            .as_deref()
            .or(self.url.as_deref())
            .unwrap_or_default();
        let id = match &self.id {
            Some(id) => id.clone(),
            None => id_of_url(given),
        };
        let id = ArticleId::new(id)
            .ok_or("found no usable id or url; expected one of them, not empty and without control characters")?;
        if self.title.is_none() && self.body.trim().is_empty() {
            return Err("found neither title nor body; expected at least one of them".to_owned());
        }
        let url = self.url.unwrap_or_else(|| id.as_str().to_owned());
        if url.chars().any(char::is_control) {
            return Err("found control characters in the url; remove them".to_owned());
        }
        let kind = self
            .kind
            .as_deref()
            .and_then(Kind::new)
            .unwrap_or_else(|| Kind::from_url(&url, &rules.kinds));
        let title = self
            .title
            .or_else(|| Prose::of(&self.body, self.format).first_heading)
            .unwrap_or_else(|| title_of_url(&url));
        Ok(Article {
            id,
            url,
            kind,
            title,
            summary: self.summary,
            body: self.body,
            format: self.format,
            topic: self.topic.as_deref().and_then(Topic::new),
            tags: self.tags,
            lang: self
                .lang
                .as_deref()
                .and_then(Lang::new)
                .unwrap_or_else(|| rules.lang.clone()),
            published: self.published,
            updated: self.updated,
            author: self.author,
            image: self.image,
            links: self.links,
            canonical: self.canonical,
            aliases: self.aliases,
            noindex: self.noindex,
            draft: self.draft,
            translation_key: self.translation_key,
            series: self.series,
        })
    }
}

/// A date, or a warning that says how dates are written.
pub(super) fn checked_date(
    key: &str,
    text: Option<&str>,
    place: impl Fn(Problem) -> Problem,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Date> {
    let text = text?;
    let date = Date::parse(text);
    if date.is_none() {
        problems.push(place(Problem::new(
            Severity::Warning,
            path,
            format!("{key}: found {text:?}, which is no date; expected 2025-08-26 or RFC 3339; the date is left out"),
        )));
    }
    date
}

/// The URL path without origin, query and trailing slash.
fn id_of_url(url: &str) -> String {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() {
        "/".to_owned()
    } else {
        trimmed.to_owned()
    }
}

/// `getting-started` becomes `Getting started`.
fn title_of_url(url: &str) -> String {
    let name = Path::new(url)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => url.to_owned(),
    }
}
