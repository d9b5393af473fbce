//! The article record: what every reader fills in, and how the gaps are derived.

use std::path::Path;

use percent_encoding::percent_decode_str;

use super::address::address;
use super::findings::Findings;
use super::prose::Prose;
use super::url::OwnHosts;
use crate::model::{
    Appearance, Article, ArticleId, Date, Format, Kind, Lang, Problem, Told, Topic,
};
use crate::text::detect;

/// Longest id or URL, in bytes; browsers and proxies refuse longer ones.
const LONGEST_URL: usize = 2000;
/// Longest title and longest summary, in characters.
const LONGEST_TITLE: usize = 500;
const LONGEST_SUMMARY: usize = 2000;
/// Longest kind, topic, tag, author or series, in characters.
const LONGEST_NAME: usize = 200;

/// What a site declares about its articles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Kinds of the site's own, recognised in the first segment of a URL.
    pub kinds: Vec<String>,
    /// The language of an article that declares none and whose text does not say.
    pub lang: Lang,
    /// The hosts of the site; where none is named, any may be one.
    pub own: OwnHosts,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            lang: Lang::english(),
            own: OwnHosts::default(),
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

/// The key that costs a record, and the message for its author.
type Lost = (&'static str, String);

/// The fields of a record before gaps are filled.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) url: Option<String>,
    /// The whole of its address, where the file's path does not say how it ends.
    pub(super) served: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) body: String,
    pub(super) format: Format,
    pub(super) topic: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) lang: Option<Lang>,
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
    pub(super) appearance: Appearance,
}

impl Draft {
    /// Fills the gaps; without an article the reason is among the findings.
    pub(super) fn finish(self, rules: &Rules, findings: &mut Findings<'_>) -> Option<Article> {
        match self.checked(rules, findings) {
            Ok(article) => Some(article),
            Err((key, message)) => {
                findings.drop(key, message);
                None
            }
        }
    }

    /// The id and the URL, each from the other where it is missing.
    fn names(&self) -> Result<(ArticleId, String), Lost> {
        let named = if self.id.is_some() { "id" } else { "url" };
        let id = match (&self.id, &self.url) {
            (Some(id), _) => id.clone(),
            (None, Some(url)) => id_of_url(url),
            (None, None) => String::new(),
        };
        if id.is_empty() {
            let message = "found neither id nor url; expected one of them".to_owned();
            return Err((named, message));
        }
        let url = self.url.clone().unwrap_or_else(|| id.clone());
        for (key, name) in [(named, &id), ("url", &url)] {
            if name.chars().any(char::is_control) {
                let message = format!("found control characters in the {key}; remove them");
                return Err((key, message));
            }
            if name.len() > LONGEST_URL {
                let message = format!(
                    "found {} bytes in the {key}, expected at most {LONGEST_URL}; shorten it",
                    name.len()
                );
                return Err((key, message));
            }
        }
        let id = ArticleId::new(id).ok_or((named, "found no usable id".to_owned()))?;
        Ok((id, url))
    }

    fn checked(self, rules: &Rules, findings: &mut Findings<'_>) -> Result<Article, Lost> {
        let (id, url) = self.names()?;
        let kind = self
            .kind
            .and_then(|kind| findings.name("kind", &kind, LONGEST_NAME))
            .and_then(|kind| Kind::new(&kind))
            .unwrap_or_else(|| Kind::from_url(&url, &rules.kinds));
        let title = match self.title {
            Some(title) => Some(title),
            None => first_heading(&self.body, self.format)?,
        };
        let title = title
            .and_then(|title| findings.name("title", &title, LONGEST_TITLE))
            .unwrap_or_else(|| title_of_url(&url));
        let mut name = |key, value: Option<String>| {
            value.and_then(|value| findings.name(key, &value, LONGEST_NAME))
        };
        let topic = name("topic", self.topic).and_then(|topic| Topic::new(&topic));
        let author = name("author", self.author);
        let mut appearance = self.appearance;
        let own = id.as_str();
        for told in &mut appearance.instructions {
            // In front matter the article itself goes without saying.
            let itself = match told.told {
                Told::Pin(_) | Told::Block | Told::PanelOff => &mut told.host,
                Told::Boost(_) | Told::NeverRecommend => &mut told.card,
            };
            *itself = Some(own.to_owned());
        }
        appearance.series = name("series", appearance.series);
        appearance.version = name("version", appearance.version);
        appearance.version_of = name("version_of", appearance.version_of);
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags {
            tags.extend(name("tags", Some(tag)));
        }
        let summary = self
            .summary
            .and_then(|summary| findings.name("summary", &summary, LONGEST_SUMMARY));
        let lang = self.lang.unwrap_or_else(|| {
            let opening = Prose::of(opening(&self.body, self.format), self.format);
            let summary = summary.as_deref().unwrap_or_default();
            let text = format!("{title}\n{summary}\n{}", opening.text);
            detect(&text, &rules.lang)
        });
        let served = self.served.filter(|served| served.len() <= LONGEST_URL);
        Ok(Article {
            id,
            url: address(&served.unwrap_or(url)).into_owned(),
            kind,
            title,
            summary,
            body: self.body,
            format: self.format,
            topic,
            tags,
            lang,
            published: self.published,
            updated: self.updated,
            author,
            image: self.image,
            links: self.links,
            canonical: self.canonical,
            aliases: self.aliases,
            noindex: self.noindex,
            draft: self.draft,
            translation_key: self.translation_key,
            appearance: appearance.kept(),
        })
    }
}

/// The first heading of a body without a title, if it has one; an error where there is nothing to read.
fn first_heading(body: &str, format: Format) -> Result<Option<String>, Lost> {
    let neither = |what: &str| {
        let message = format!("found neither title nor {what}; expected at least one of them");
        Err(("title", message))
    };
    if body.trim().is_empty() {
        return neither("body");
    }
    let prose = Prose::of(body, format);
    let silent = prose.first_heading.is_none() && prose.text.trim().is_empty();
    if silent && format == Format::Html {
        return neither("text");
    }
    Ok(prose.first_heading)
}

/// The beginning of `body`, long enough to tell its language by.
fn opening(body: &str, format: Format) -> &str {
    // The head and the navigation of a page stand before its text.
    let length = if format == Format::Html {
        32 << 10
    } else {
        4 << 10
    };
    let mut ends = (0..=length.min(body.len())).rev();
    let end = ends.find(|&end| body.is_char_boundary(end));
    &body[..end.unwrap_or_default()]
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
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = Path::new(path)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let decoded = percent_decode_str(&name).decode_utf8();
    let readable = decoded.ok().filter(|name| !name.contains(char::is_control));
    let name = readable.as_ref().unwrap_or(&name);
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => url.to_owned(),
    }
}
