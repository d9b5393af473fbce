//! One article analysed: its text read once, its terms and shingles kept for everything that is built from them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::corpus::Prose;
use crate::model::{Article, Entry, Lang};
use crate::text::{
    Analyzer, Field, FieldCounts, Sense, Sequence, SequenceBuilder, Shingles, TermBag, Vocabulary,
};

/// The corpus root or journal that an article came from, by its place in the manifest's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u16);

/// One article, analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysed {
    /// What a card needs.
    pub entry: Entry,
    /// Where it came from.
    pub source: SourceId,
    /// The digest of the piece it was read from.
    pub hash: u128,
    /// Its terms by field, numbered by the vocabulary it belongs to.
    pub terms: TermBag,
    /// The terms of title, summary and body as they follow each other, numbered by the same vocabulary.
    pub sequence: Sequence,
    /// Terms with the shortest word that stood for them here, for those that a reader may be shown: `databas database `.
    pub forms: Box<str>,
    /// Its tags, a line each.
    pub tags: Box<str>,
    /// The targets of its links as they are written, a line each: those it was given, else those of its text.
    pub links: Box<str>,
    /// Whether its author wrote a summary.
    pub summarised: bool,
    /// The word 3-grams of title and text.
    pub shingles: Shingles,
    /// Words that the stemmer failed on.
    pub unstemmed: u64,
}

/// Analyses articles one after the other, keeping an analyzer for each language it meets.
///
/// Made once for a thread and kept: its analyzers remember the words they have met.
#[derive(Debug, Default)]
pub struct Analyst {
    analyzers: Vec<(Lang, Analyzer)>,
    tally: Tally,
    sequence: SequenceBuilder,
}

impl Analyst {
    /// Analyses `article`, whose body says `prose`, read from the piece with digest `hash` in `source`. The number says
    /// which of [`Analyst::into_vocabularies`] numbers its terms.
    pub fn analyse(
        &mut self,
        article: Article,
        prose: &Prose,
        shingles: Shingles,
        source: SourceId,
        hash: u128,
    ) -> (usize, Analysed) {
        let number = self.analyzer_of(&article.lang);
        let (_, analyzer) = &mut self.analyzers[number];
        analyzer.make_room();
        let tally = &mut self.tally;
        let unstemmed_before = analyzer.unstemmed();
        let mut count = |field: Field, text: &str| {
            analyzer.scan(text, |sense| tally.add(sense, field));
        };
        count(Field::Headings, &prose.headings);
        if let Some(topic) = &article.topic {
            count(Field::Topic, topic.as_str());
        }
        for tag in &article.tags {
            count(Field::Topic, tag);
        }
        let sequence = &mut self.sequence;
        let summary = article.summary.as_deref().unwrap_or_default();
        for (field, text) in [
            (Field::Title, article.title.as_str()),
            (Field::Summary, summary),
            (Field::Body, &prose.text),
        ] {
            analyzer.scan(text, |sense| {
                tally.add(sense, field);
                sequence.push(sense.term);
            });
            sequence.end_section();
        }
        let (terms, forms) = tally.take(analyzer);
        let summary = prose.summary_of(&article);
        let links = article.links.as_ref().unwrap_or(&prose.links);
        let analysed = Analysed {
            tags: article.tags.join("\n").into_boxed_str(),
            links: links.join("\n").into_boxed_str(),
            summarised: article.summary.is_some(),
            entry: Entry::of(article, summary),
            source,
            hash,
            terms,
            sequence: self.sequence.finish(),
            forms,
            shingles,
            unstemmed: analyzer.unstemmed() - unstemmed_before,
        };
        (number, analysed)
    }

    /// The vocabulary that numbers the terms of articles analysed under `number`.
    pub fn vocabulary(&self, number: usize) -> &Vocabulary {
        self.analyzers[number].1.vocabulary()
    }

    /// The vocabularies of the analysed articles, by their numbers.
    pub fn into_vocabularies(self) -> Vec<Vocabulary> {
        let analyzers = self.analyzers.into_iter();
        analyzers
            .map(|(_, analyzer)| analyzer.into_vocabulary())
            .collect()
    }

    fn analyzer_of(&mut self, lang: &Lang) -> usize {
        let known = self.analyzers.iter().position(|(known, _)| known == lang);
        known.unwrap_or_else(|| {
            self.analyzers.push((lang.clone(), Analyzer::new(lang)));
            self.analyzers.len() - 1
        })
    }
}

/// The counts of one article's terms, and the shortest word of each, in the order in which the terms first stand.
#[derive(Debug, Default)]
struct Tally {
    /// By term: its place in `counted`, plus one; 0 for a term that has not come yet.
    places: Vec<u32>,
    counted: Vec<Counted>,
    /// Words as long as the shortest at their time, and the places of their terms.
    as_short: Vec<(u32, Sense)>,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    /// The term, with the shortest word so far.
    sense: Sense,
    counts: FieldCounts,
}

impl Tally {
    /// Counts one occurrence.
    #[inline]
    fn add(&mut self, sense: Sense, field: Field) {
        let term = sense.term.index();
        if term >= self.places.len() {
            self.places.resize(term + 1024, 0);
        }
        let place = &mut self.places[term];
        if *place == 0 {
            self.counted.push(Counted {
                sense,
                counts: FieldCounts::default(),
            });
            *place = self.counted.len() as u32;
        }
        let place = *place - 1;
        let counted = &mut self.counted[place as usize];
        counted.counts.add(field);
        if sense.form != counted.sense.form {
            match sense.form.length().cmp(&counted.sense.form.length()) {
                Ordering::Less => counted.sense = sense,
                Ordering::Equal => self.as_short.push((place, sense)),
                Ordering::Greater => {}
            }
        }
    }

    /// The terms, and the forms of those that stand outside the body or repeatedly in it; empties the tally.
    fn take(&mut self, analyzer: &Analyzer) -> (TermBag, Box<str>) {
        for (place, sense) in self.as_short.drain(..) {
            let best = &mut self.counted[place as usize].sense;
            let as_short = best.form.length() == sense.form.length();
            if as_short && analyzer.form(sense) < analyzer.form(*best) {
                *best = sense;
            }
        }
        let mut forms = String::new();
        for counted in &self.counted {
            let sense = counted.sense;
            self.places[sense.term.index()] = 0;
            if counted.counts.is_prominent() && !sense.form.is_term() {
                let term = analyzer.vocabulary().term(sense.term);
                forms.extend([term, " ", analyzer.form(sense), " "]);
            }
        }
        let terms = self
            .counted
            .iter()
            .map(|counted| (counted.sense.term, counted.counts));
        let bag = TermBag::of(terms);
        self.counted.clear();
        (bag, forms.into_boxed_str())
    }
}
