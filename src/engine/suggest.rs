//! What a draft should link to: the articles that its words find, and the places in its text that name others.
//!
//! Names are titles, and what stands before a colon or a dash in a title where no other title begins so. They are read as
//! topics' names are (`mentions.rs`): the longest first, everyday words only where they are written as the title is.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::mentions::is_everyday;
use super::searching::SearchResult;
use super::snapshot::Snapshot;
use crate::corpus::Prose;
use crate::corpus::url::resolve;
use crate::error::Result;
use crate::model::{Article, DocOrd, EntryView, Lang, Topic, order};
use crate::text::{Analyzer, Background, folded, name_words};

/// Words of a draft that are searched for, at most: those of its title, topic and tags, then the commonest of its text.
const WORDS: usize = 40;
/// Articles that are found for each one that is wanted, as drafts and other languages are left out.
const FOUND: usize = 3;

/// What a draft should link to.
#[derive(Clone, Debug)]
pub struct Suggestions<'a> {
    /// The articles that its words find, best first.
    pub related: Vec<SearchResult<'a>>,
    /// The places to link from, in the order of the text; each article once.
    pub links: Vec<LinkSuggestion<'a>>,
}

/// A place in a draft's text that names an article.
#[derive(Clone, Debug)]
pub struct LinkSuggestion<'a> {
    /// The article.
    pub entry: EntryView<'a>,
    /// The words that name it, as they stand in the draft.
    pub phrase: String,
    /// How often they stand there, in whatever case.
    pub count: u32,
}

/// What articles are called, by the first word.
#[derive(Debug, Default)]
pub(super) struct Titles(HashMap<String, Vec<Name>>);

#[derive(Debug)]
struct Name {
    /// Folded.
    words: Vec<String>,
    /// As it must be written, if that matters.
    written: Option<String>,
    ord: DocOrd,
}

impl Titles {
    /// The names of `articles`.
    pub(super) fn of<'a>(articles: impl Iterator<Item = (DocOrd, &'a str)>) -> Self {
        let mut english = Analyzer::new(&Lang::english());
        let mut called: BTreeMap<Vec<String>, (DocOrd, &str, u32)> = BTreeMap::new();
        for (ord, title) in articles {
            for name in [Some(title), head(title)].into_iter().flatten() {
                let words: Vec<String> = name_words(name).map(folded).collect();
                if !words.is_empty() {
                    called.entry(words).or_insert((ord, name, 0)).2 += 1;
                }
            }
        }
        let mut names: HashMap<String, Vec<Name>> = HashMap::new();
        // What several are called names none of them.
        for (words, (ord, name, _)) in called.into_iter().filter(|(_, (.., count))| *count == 1) {
            let everyday = words.len() == 1 && is_everyday(&words[0], &mut english);
            let written = everyday.then(|| name_words(name).collect());
            let first = words[0].clone();
            names.entry(first).or_default().push(Name {
                words,
                written,
                ord,
            });
        }
        for names in names.values_mut() {
            order::sort_by_key(names, |name| Reverse(name.words.len()));
        }
        Self(names)
    }

    /// The articles that `text` names, and where, in its order.
    fn in_text(&self, text: &str) -> Vec<(DocOrd, Range<usize>)> {
        let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let written: Vec<(Range<usize>, &str)> = name_words(text)
            .map(|word| (start(word)..start(word) + word.len(), word))
            .collect();
        let words: Vec<String> = written.iter().map(|(_, word)| folded(word)).collect();
        let runs_on = |from: usize, to: usize| {
            let gaps = written[from..=to].windows(2);
            let mut gaps = gaps.map(|pair| &text[pair[0].0.end..pair[1].0.start]);
            gaps.all(|gap| !gap.contains(['.', '!', '?', '\n']))
        };
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let names = self.0.get(&words[at]).into_iter().flatten();
            let name = names.into_iter().find(|name| {
                let spelt = name
                    .written
                    .as_ref()
                    .is_none_or(|name| name == written[at].1);
                spelt
                    && words[at..].starts_with(&name.words)
                    && runs_on(at, at + name.words.len() - 1)
            });
            if let Some(name) = name {
                let last = at + name.words.len() - 1;
                found.push((name.ord, written[at].0.start..written[last].0.end));
            }
            at += name.map_or(1, |name| name.words.len());
        }
        found
    }
}

/// What stands before the colon or the dash of a title.
fn head(title: &str) -> Option<&str> {
    let ends = [": ", " - ", " \u{2013} ", " \u{2014} ", " | "];
    let end = ends.iter().filter_map(|end| title.find(end)).min()?;
    Some(title[..end].trim())
}

impl Snapshot {
    /// What `draft` should link to, at most `limit` of each kind; nothing that it links already, and not itself.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if the search index or a record cannot be read.
    pub fn suggest(&self, draft: &Article, limit: usize) -> Result<Suggestions<'_>> {
        let prose = Prose::of(&draft.body, draft.format);
        let links = draft.links.as_ref().unwrap_or(&prose.links);
        let leads = |link: &String| {
            let paths = resolve(link, &draft.url, &self.config().own);
            let by_path = || paths.iter().find_map(|path| self.at(path));
            self.there(self.overlay(), link).or_else(by_path)
        };
        let mut left_out: HashSet<DocOrd> = links.iter().filter_map(leads).collect();
        left_out.extend(self.named(draft.id.as_str()));
        let fits = |ord: DocOrd| {
            let entry = self.entry(ord).ok()?;
            let fits = self.facts(ord).card && entry.lang == draft.lang.as_str();
            (fits && !left_out.contains(&ord)).then_some(entry)
        };
        let words = words_of(draft, &prose.text).join(" ");
        let mut related = Vec::new();
        // Not those alone that hold all words: that would be the page itself where the draft is one that is published.
        for hit in self.search_any(&words, limit * FOUND + left_out.len())? {
            if let Some(entry) = fits(hit.ord).filter(|_| related.len() < limit) {
                let score = hit.score;
                related.push(SearchResult { entry, score });
            }
        }
        let mut links: Vec<LinkSuggestion<'_>> = Vec::new();
        let mut places: HashMap<DocOrd, usize> = HashMap::new();
        for (ord, place) in self.titles().in_text(&prose.text) {
            let Some(entry) = fits(ord) else { continue };
            match places.get(&ord) {
                Some(&place) => links[place].count += 1,
                None if links.len() < limit => {
                    places.insert(ord, links.len());
                    links.push(LinkSuggestion {
                        entry,
                        phrase: prose.text[place].to_owned(),
                        count: 1,
                    });
                }
                None => {}
            }
        }
        Ok(Suggestions { related, links })
    }
}

/// The words that say what `draft` is about.
fn words_of<'a>(draft: &'a Article, text: &'a str) -> Vec<&'a str> {
    let mut analyzer = Analyzer::new(&draft.lang);
    let mut tells = |word: &str| {
        let mut tells = false;
        analyzer.terms(word, |term| tells |= !Background::is_common(term));
        tells
    };
    let topic = draft.topic.as_ref().map(Topic::as_str);
    let labels = topic
        .into_iter()
        .chain(draft.tags.iter().map(String::as_str));
    let said = [draft.title.as_str()].into_iter().chain(labels);
    let mut words: Vec<&str> = said.flat_map(str::split_whitespace).collect();
    words.retain(|word| tells(word));
    let mut counts: HashMap<String, (Reverse<u32>, usize, &str)> = HashMap::new();
    let summary = draft.summary.as_deref().unwrap_or_default();
    for (at, word) in name_words(summary).chain(name_words(text)).enumerate() {
        counts
            .entry(folded(word))
            .or_insert((Reverse(0), at, word))
            .0
            .0 += 1;
    }
    let mut counted: Vec<_> = counts.into_values().collect();
    counted.sort_unstable();
    let counted = counted.into_iter().map(|(.., word)| word);
    words.extend(counted.filter(|word| tells(word)).take(WORDS));
    let mut seen = HashSet::new();
    words.retain(|word| seen.insert(folded(word)));
    words.truncate(WORDS);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_name_is_found_where_it_stands() {
        let titles = [
            "Python",
            "Python 3.13: what changed",
            "Go",
            "Search",
            "Docker: memory",
            "Docker: disk",
        ];
        let articles = (0..).map(DocOrd).zip(titles);
        let names = Titles::of(articles);
        for (text, expected) in [
            (
                "Use python-3.13 or Python.",
                vec![(1, "python-3.13"), (0, "Python")],
            ),
            ("Where requests go, and Go.", vec![(2, "Go")]),
            ("A search with docker", vec![]),
            ("In docker memory matters", vec![(4, "docker memory")]),
            ("About Python. 3.13 is new", vec![(0, "Python")]),
        ] {
            let found = names.in_text(text).into_iter();
            let found: Vec<(u32, &str)> = found.map(|(ord, at)| (ord.0, &text[at])).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
