//! Which articles name which topics, in which words.
//!
//! Titles and summaries are read as they stand, the longest name first: `Python 3.13` names no `Python`. A name that is an
//! everyday word as well (`Go`, `Search`) counts only where it is written as the name is. In the body, which is kept as
//! terms, such names are not looked for.

use std::collections::HashMap;

use crate::index::{Analysed, Analyses};
use crate::model::{Lang, TopicOrd, order, parallel};
use crate::signals::research::topics::{Catalogue, Mention, Place};
use crate::text::{Analyzer, Background, Phrases, Section, TermId, folded, name_words};

/// The topics that each article names, by its ordinal.
pub(super) fn mentions(analyses: &Analyses, topics: &Catalogue) -> Vec<Vec<Mention>> {
    let vocabulary = analyses.vocabulary();
    let called = Called::of(topics.names(), |term| vocabulary.get(term));
    let articles = analyses.articles();
    parallel::map(articles.len(), |at| {
        let terms = articles[at].sequence.numbered(|term| term);
        called.in_article(&articles[at], &terms)
    })
}

/// What topics are called, in words and in terms.
#[derive(Debug)]
pub(super) struct Called {
    names: Names,
    phrases: Phrases,
    of_phrase: Vec<TopicOrd>,
}

impl Called {
    /// The topics of `names`, in terms that `number` numbers.
    pub(super) fn of<'a>(
        names: impl Iterator<Item = (TopicOrd, &'a str)>,
        number: impl Fn(&str) -> Option<TermId>,
    ) -> Self {
        let names = Names::of(names);
        let (phrases, of_phrase) = names.phrases(number);
        Self {
            names,
            phrases,
            of_phrase,
        }
    }

    /// The topics that `article` names, whose text in those numbers is `terms`.
    pub(super) fn in_article(
        &self,
        article: &Analysed,
        terms: &[(Section, TermId)],
    ) -> Vec<Mention> {
        let mut found = self.names.in_article(article);
        self.phrases.each_in(terms, |phrase, section| {
            if section == Section::Body {
                add(&mut found, self.of_phrase[phrase], Place::Body);
            }
        });
        found
    }
}

/// One more mention of `topic` in `place`.
fn add(found: &mut Vec<Mention>, topic: TopicOrd, place: Place) {
    let same = |mention: &&mut Mention| mention.topic == topic && mention.place == place;
    match found.iter_mut().find(same) {
        Some(mention) => mention.count += 1,
        None => found.push(Mention {
            topic,
            place,
            count: 1,
        }),
    }
}

/// The names of all topics, by their first word.
#[derive(Debug)]
struct Names(HashMap<String, Vec<Name>>);

#[derive(Debug)]
struct Name {
    /// Folded.
    words: Vec<String>,
    /// As they must be written, if that matters.
    written: Option<String>,
    topic: TopicOrd,
}

impl Names {
    fn of<'a>(topics: impl Iterator<Item = (TopicOrd, &'a str)>) -> Self {
        let mut english = Analyzer::new(&Lang::english());
        let mut names: HashMap<String, Vec<Name>> = HashMap::new();
        for (topic, name) in topics {
            let words: Vec<String> = name_words(name).map(folded).collect();
            let Some(first) = words.first().cloned() else {
                continue;
            };
            let everyday = words.len() == 1 && is_everyday(&first, &mut english);
            let written = everyday.then(|| name_words(name).collect());
            let name = Name {
                words,
                written,
                topic,
            };
            names.entry(first).or_default().push(name);
        }
        for names in names.values_mut() {
            order::sort_by(names, |a, b| {
                b.words
                    .len()
                    .cmp(&a.words.len())
                    .then(a.topic.cmp(&b.topic))
            });
        }
        Self(names)
    }

    /// The names that are no everyday words, as phrases of English terms, and the topic of each.
    fn phrases(&self, number: impl Fn(&str) -> Option<TermId>) -> (Phrases, Vec<TopicOrd>) {
        let mut english = Analyzer::new(&Lang::english());
        let mut names: Vec<(String, TopicOrd)> = self
            .0
            .values()
            .flatten()
            .filter(|name| name.written.is_none())
            .map(|name| (name.words.join(" "), name.topic))
            .collect();
        names.sort_unstable();
        let phrases = names.iter().map(|(name, _)| {
            let mut terms = Some(Vec::new());
            english.terms(name, |term| {
                let known = number(term);
                terms = terms.take().zip(known).map(|(mut terms, term)| {
                    terms.push(term);
                    terms
                });
            });
            terms.unwrap_or_default()
        });
        let phrases = Phrases::of(phrases);
        (phrases, names.into_iter().map(|(_, topic)| topic).collect())
    }

    fn in_article(&self, article: &Analysed) -> Vec<Mention> {
        let entry = &article.entry;
        let mut found = self.in_text(&entry.title, Place::Title);
        if article.summarised {
            found.extend(self.in_text(&entry.summary, Place::Summary));
        }
        found
    }

    fn in_text(&self, text: &str, place: Place) -> Vec<Mention> {
        let written: Vec<&str> = name_words(text).collect();
        let words: Vec<String> = written.iter().map(|word| folded(word)).collect();
        let mut found: Vec<Mention> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let names = self.0.get(&words[at]).into_iter().flatten();
            let name = names.into_iter().find(|name| {
                let spelt = name.written.as_ref().is_none_or(|name| name == written[at]);
                spelt && words[at..].starts_with(&name.words)
            });
            at += name.map_or(1, |name| name.words.len());
            let Some(topic) = name.map(|name| name.topic) else {
                continue;
            };
            add(&mut found, topic, place);
        }
        found
    }
}

/// Whether general prose is full of the word.
pub(super) fn is_everyday(word: &str, english: &mut Analyzer) -> bool {
    let mut everyday = true;
    english.terms(word, |term| everyday &= Background::is_common(term));
    everyday
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Editorial;
    use crate::model::Kind;
    use crate::signals::research::topics::Labels;

    #[test]
    fn the_longest_name_counts_and_everyday_words_only_as_names() {
        let kind = Kind::new("tool").expect("a kind");
        let names = ["Python", "Python 3.13", "Go", "Node.js", "C++"];
        let labels: Vec<Labels<'_>> = (0..2)
            .map(|_| Labels {
                kind: &kind,
                topic: None,
                tags: names.to_vec(),
            })
            .collect();
        let topics = Catalogue::of(&labels, &Editorial::default());
        let found = |text: &str| -> Vec<(&str, u32)> {
            let mentions = Names::of(topics.names()).in_text(text, Place::Title);
            let name = |mention: &Mention| {
                let mut names = topics.names();
                names
                    .find(|&(topic, _)| topic == mention.topic)
                    .expect("a name")
                    .1
            };
            mentions
                .iter()
                .map(|mention| (name(mention), mention.count))
                .collect()
        };
        for (text, expected) in [
            ("Python 3.13: what changed", vec![("Python 3.13", 1)]),
            (
                "PYTHON, python-3.13 and Python's",
                vec![("Python", 2), ("Python 3.13", 1)],
            ),
            ("Where requests go to die", vec![]),
            (
                "From Go to C++ and node.js.",
                vec![("Go", 1), ("C++", 1), ("Node.js", 1)],
            ),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
