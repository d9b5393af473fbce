//! What a body says, without its markup.

use std::collections::HashSet;

use super::{main_text, markdown};
use crate::model::{Article, Format};

/// Longest summary derived from a text, in characters.
const SUMMARY_CHARS: usize = 180;

/// The plain text of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// The headings, a line each.
    pub headings: String,
    /// Everything else, paragraphs on lines of their own.
    pub text: String,
    /// The first heading of all.
    pub first_heading: Option<String>,
    /// The targets of its links as they are written, in order, each once; pictures are no links.
    pub links: Vec<String>,
}

impl Prose {
    /// The plain text of `body`.
    pub fn of(body: &str, format: Format) -> Self {
        match format {
            Format::Markdown => markdown::prose(body),
            Format::Html => main_text::prose(body),
            Format::Text => Self {
                text: body.to_owned(),
                ..Self::default()
            },
        }
    }

    /// The summary of `article`: the author's, or the beginning of the text, cut at a word.
    pub fn summary_of(&self, article: &Article) -> String {
        if let Some(summary) = &article.summary {
            return summary.clone();
        }
        let opening = self
            .text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        shorten(opening, SUMMARY_CHARS)
    }

    /// Adds what stands after this.
    pub(super) fn append(&mut self, other: Prose) {
        self.headings.push_str(&other.headings);
        self.text.push_str(&other.text);
        self.first_heading = self.first_heading.take().or(other.first_heading);
        self.links.extend(other.links);
    }

    /// Leaves out links that are there already.
    pub(super) fn finish(mut self) -> Self {
        let mut seen = HashSet::with_capacity(self.links.len());
        let links = self.links.iter();
        let kept: Vec<bool> = links
            .map(|link| !link.is_empty() && seen.insert(link.as_str()))
            .collect();
        let mut kept = kept.into_iter();
        self.links.retain(|_| kept.next().unwrap_or_default());
        self
    }

    pub(super) fn end_heading(&mut self, heading: &str) {
        let heading = heading.trim();
        if heading.is_empty() {
            return;
        }
        self.headings.push_str(heading);
        self.headings.push('\n');
        self.first_heading.get_or_insert_with(|| heading.to_owned());
    }
}

/// `text` cut after a sentence or a word, with an ellipsis where a sentence was cut.
fn shorten(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    if let Some(at) = cut.rfind(". ").filter(|&at| at > end / 2) {
        return cut[..=at].to_owned();
    }
    let cut = cut.rfind(char::is_whitespace).map_or(cut, |at| &cut[..at]);
    format!("{}…", cut.trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_openings_are_cut_at_a_sentence_or_a_word() {
        assert_eq!(shorten("Short.", 180), "Short.");
        assert_eq!(
            shorten("One two three. Four five six seven", 20),
            "One two three."
        );
        assert_eq!(
            shorten("One two three, four five six seven", 16),
            "One two three…"
        );
    }
}
