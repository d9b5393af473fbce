//! An article as a reader hands it over: checked fields and the body as the author wrote it.

use serde::{Deserialize, Serialize};

use super::{Appearance, ArticleId, Date, Kind, Lang, Topic};

/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// CommonMark with tables, strikethrough and footnotes.
    #[default]
    Markdown,
    /// HTML, whole page or fragment.
    Html,
    /// Plain text.
    Text,
}

/// One article of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// Its name; unique in a generation.
    pub id: ArticleId,
    /// The URL that a card links to: a path of the site, or a whole address.
    pub url: String,
    /// What sort of page it is.
    pub kind: Kind,
    /// Its title, as plain text.
    pub title: String,
    /// One line about it; `None` where the author gave none.
    pub summary: Option<String>,
    /// The text as written, in `format`.
    pub body: String,
    /// How `body` is written.
    pub format: Format,
    /// What the site calls the tool or subject.
    pub topic: Option<Topic>,
    /// Further labels.
    pub tags: Vec<String>,
    /// Its language.
    pub lang: Lang,
    /// First publication.
    pub published: Option<Date>,
    /// Last change of substance.
    pub updated: Option<Date>,
    /// Who wrote it.
    pub author: Option<String>,
    /// URL of its picture.
    pub image: Option<String>,
    /// Ids or URLs it links to; `None`: they are taken from the body.
    pub links: Option<Vec<String>>,
    /// The id or URL that stands for this page in search engines, when it is another.
    pub canonical: Option<String>,
    /// Other URLs that lead here.
    pub aliases: Vec<String>,
    /// Kept out of search engines, so never on a card.
    pub noindex: bool,
    /// Not published: neither a card nor a host.
    pub draft: bool,
    /// Articles with one key are translations of one another.
    pub translation_key: Option<String>,
    /// When and where it may show, if it says anything of that.
    pub appearance: Option<Box<Appearance>>,
}
