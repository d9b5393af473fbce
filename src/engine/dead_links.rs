//! Links of the site to nothing of the site.

use serde::Serialize;

use super::names::{Linked, Names};
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::{Entry, order};

/// Endings of addresses that are pages; what ends otherwise (`.png`, `.pdf`) is a file, of which nothing is known here.
const PAGE_ENDINGS: [&str; 7] = ["html", "htm", "md", "markdown", "php", "asp", "aspx"];
/// Longest ending that makes an address one of a file.
const LONGEST_ENDING: usize = 5;

/// What is the matter with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Dead {
    /// It leads to a draft.
    Draft,
    /// No article is at this path.
    Nothing(String),
}

/// A link of a published article to what no reader finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLink {
    /// The id of the article.
    pub from: String,
    /// The link as it stands there.
    pub link: String,
    /// Whether it leads to a draft; else no article is there.
    pub draft: bool,
}

/// What is the matter with `link`, as it stands in `from`; the `entries` of the site are in the byte order of their ids.
pub(super) fn dead(
    link: &str,
    from: &Entry,
    names: &Names<'_>,
    entries: &[&Entry],
) -> Option<Dead> {
    match names.linked(link, from) {
        Linked::Article(ord) if entries[ord].draft => Some(Dead::Draft),
        Linked::Nothing(path) if is_page(&path) && !is_section(&path, entries) => {
            Some(Dead::Nothing(path))
        }
        Linked::Article(_) | Linked::Nothing(_) | Linked::Elsewhere => None,
    }
}

/// Whether articles lie below `path`: then it is a page that lists them, which the site makes itself.
fn is_section(path: &str, entries: &[&Entry]) -> bool {
    let below = format!("{}/", path.trim_end_matches('/'));
    let from = entries.partition_point(|entry| entry.id.as_str() < below.as_str());
    let next = entries.get(from);
    path == "/" || next.is_some_and(|entry| entry.id.as_str().starts_with(&below))
}

/// Whether a path of the site names a page, and not a picture or another file.
fn is_page(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((_, ending)) = name.rsplit_once('.') else {
        return true;
    };
    let ending = ending.to_ascii_lowercase();
    let is_file = ending.len() <= LONGEST_ENDING
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        && ending.bytes().any(|b| b.is_ascii_alphabetic());
    !is_file || PAGE_ENDINGS.contains(&ending.as_str())
}

impl Snapshot {
    /// The dead links of all published articles, by id; read from the analysed articles of the generation.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if those are not what was written.
    pub fn dead_links(&self) -> Result<Vec<DeadLink>> {
        let mut articles = self.generation.analyses()?.articles;
        order::sort_by(&mut articles, |a, b| a.entry.id.cmp(&b.entry.id));
        let entries: Vec<&Entry> = articles.iter().map(|article| &article.entry).collect();
        let names = Names::of(&entries, &self.config.own);
        let published = articles.iter().filter(|article| !article.entry.draft);
        let found = published.flat_map(|article| {
            let links = article.links.lines();
            links.filter_map(|link| {
                let dead = dead(link, &article.entry, &names, &entries)?;
                Some(DeadLink {
                    from: article.entry.id.to_string(),
                    link: link.to_owned(),
                    draft: dead == Dead::Draft,
                })
            })
        });
        Ok(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_downloads_are_no_pages() {
        for (path, page) in [
            ("/tool/x", true),
            ("/tool/python-3.13", true),
            ("/tool/x.html", true),
            ("/img/x.png", false),
            ("/files/manual.pdf", false),
            ("/v1.2.3", true),
            ("/notes.on.something-long", true),
        ] {
            assert_eq!(is_page(path), page, "{path}");
        }
    }
}
