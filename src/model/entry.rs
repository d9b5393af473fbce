//! What is kept of an article once its text has been analysed: all that a card, a lookup or a rule needs.

use serde::{Deserialize, Serialize};

use super::{Appearance, Article, ArticleId, Date, Instruction, Kind, Lang, Period, Topic};

/// An article without its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub id: ArticleId,
    /// The URL a card links to.
    pub url: String,
    /// What sort of page it is.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// The author's summary, or the beginning of the text.
    pub summary: String,
    /// What the site calls the tool or subject.
    pub topic: Option<Topic>,
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
    /// The id or URL that stands for this page, when it is another.
    pub canonical: Option<String>,
    /// Other URLs that lead here.
    pub aliases: Vec<String>,
    /// Never on a card.
    pub noindex: bool,
    /// Neither a card nor a host.
    pub draft: bool,
    /// Articles with one key are translations of one another.
    pub translation_key: Option<String>,
    /// When and where it may show, if it says anything of that.
    pub appearance: Option<Box<Appearance>>,
}

/// What outputs show of an article, borrowed from where it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntryView<'a> {
    /// Its name.
    pub id: &'a str,
    /// The URL a card links to.
    pub url: &'a str,
    /// What sort of page it is.
    pub kind: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The author's summary, or the beginning of the text.
    pub summary: &'a str,
    /// What the site calls the tool or subject.
    pub topic: Option<&'a str>,
    /// Its language.
    pub lang: &'a str,
    /// First publication.
    pub published: Option<Date>,
    /// Who wrote it.
    pub author: Option<&'a str>,
    /// URL of its picture.
    pub image: Option<&'a str>,
}

impl Entry {
    /// When it may be on a card.
    pub fn period(&self) -> Period {
        let appearance = self.appearance.as_ref();
        appearance.map_or(Period::ALWAYS, |appearance| appearance.period())
    }

    /// What its author tells panels.
    pub fn instructions(&self) -> &[Instruction] {
        let appearance = self.appearance.as_ref();
        appearance.map_or(&[], |appearance| appearance.instructions.as_slice())
    }

    /// What is shown of it.
    pub fn view(&self) -> EntryView<'_> {
        EntryView {
            id: self.id.as_str(),
            url: &self.url,
            kind: self.kind.as_str(),
            title: &self.title,
            summary: &self.summary,
            topic: self.topic.as_ref().map(Topic::as_str),
            lang: self.lang.as_str(),
            published: self.published,
            author: self.author.as_deref(),
            image: self.image.as_deref(),
        }
    }

    /// Keeps what a card needs of `article`, with the summary to show.
    pub fn of(article: Article, summary: String) -> Self {
        Self {
            id: article.id,
            url: article.url,
            kind: article.kind,
            title: article.title,
            summary,
            topic: article.topic,
            lang: article.lang,
            published: article.published,
            updated: article.updated,
            author: article.author,
            image: article.image,
            canonical: article.canonical,
            aliases: article.aliases,
            noindex: article.noindex,
            draft: article.draft,
            translation_key: article.translation_key,
            appearance: article.appearance,
        }
    }
}
