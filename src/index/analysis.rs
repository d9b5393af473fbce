//! One article analysed: its text read once, its terms and shingles kept for everything that is built from them.

use serde::{Deserialize, Serialize};

use crate::corpus::Prose;
use crate::model::{Article, Entry, Lang};
use crate::text::{
    Analyzer, Field, FieldCounts, Sequence, SequenceBuilder, Shingles, TermBag, TermId, Vocabulary,
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
/// Made once for a thread and kept: its analyzers remember every word they have stemmed.
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
        let tally = &mut self.tally;
        let unstemmed_before = analyzer.unstemmed();
        let mut count = |field: Field, text: &str| {
            analyzer.scan(text, |term, form| tally.add(term, field, form));
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
            analyzer.scan(text, |term, form| {
                tally.add(term, field, form);
                sequence.push(term);
            });
            sequence.end_section();
        }
        let (terms, forms) = tally.take(analyzer.vocabulary());
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
    words: String,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    term: TermId,
    counts: FieldCounts,
    /// Where the shortest word begins in `words`, and its length.
    form: (u32, u8),
}

impl Tally {
    /// Counts one occurrence of `term`, written as `form` (at most 255 bytes; the case of ASCII letters does not matter).
    fn add(&mut self, term: TermId, field: Field, form: &str) {
        if term.index() >= self.places.len() {
            self.places.resize(term.index() + 1024, 0);
        }
        let place = &mut self.places[term.index()];
        if *place == 0 {
            self.counted.push(Counted {
                term,
                counts: FieldCounts::default(),
                form: (0, u8::MAX),
            });
            *place = self.counted.len() as u32;
        }
        let counted = &mut self.counted[*place as usize - 1];
        counted.counts.add(field);
        let (start, length) = (counted.form.0 as usize, usize::from(counted.form.1));
        if form.len() > length {
            return;
        }
        if form.len() == length && !comes_before(form, &self.words[start..start + length]) {
            return;
        }
        counted.form = (self.words.len() as u32, form.len() as u8);
        let added = self.words.len();
        self.words.push_str(form);
        self.words[added..].make_ascii_lowercase();
    }

    /// The terms, and the forms of those that stand outside the body or repeatedly in it; empties the tally.
    fn take(&mut self, vocabulary: &Vocabulary) -> (TermBag, Box<str>) {
        let mut forms = String::new();
        for counted in &self.counted {
            self.places[counted.term.index()] = 0;
            if !counted.counts.is_prominent() {
                continue;
            }
            let start = counted.form.0 as usize;
            let form = &self.words[start..start + usize::from(counted.form.1)];
            let term = vocabulary.term(counted.term);
            if term != form {
                forms.extend([term, " ", form, " "]);
            }
        }
        let terms = self
            .counted
            .iter()
            .map(|counted| (counted.term, counted.counts));
        let bag = TermBag::of(terms);
        self.counted.clear();
        self.words.clear();
        (bag, forms.into_boxed_str())
    }
}

/// Whether `form`, in small letters, comes before `other`, which is in small letters and as long.
fn comes_before(form: &str, other: &str) -> bool {
    let small = form.bytes().map(|byte| byte.to_ascii_lowercase());
    !form.eq_ignore_ascii_case(other) && small.lt(other.bytes())
}
