//! One article that comes by itself, seen as the content signal sees all others, and found its nearest among them.
//!
//! Terms weigh what they weigh in the generation; one that no article of it has weighs what a term of one article does. Values differ
//! from those of a generation in the last digits only, as sums run in another order.

mod finders;
mod gather;
mod laid;
mod meet;
mod postings;

use std::collections::HashMap;

use self::finders::Sought;
use self::gather::Gathering;
use self::laid::Laid;
use self::postings::Postings;
use crate::error::Result;
use crate::index::{AloneFile, Analysed, DIMENSIONS, KeptTexts, SaidCounts, TermFile, found_by};
use crate::model::{DocOrd, Entry, NumberMap};
use crate::signals::content::addresses::sections_of;
use crate::signals::content::alone_file::{said, scales};
use crate::signals::content::names::NamedBy;
use crate::signals::content::neighbours::{Reach, Search};
use crate::signals::content::rows::{WHOLE_TEXT, scale_of, weight_of_new};
use crate::signals::content::seekers::walked;
use crate::signals::content::semantic::line_of;
use crate::signals::content::similarity::Likeness;
use crate::signals::content::titles::each_gram;
use crate::text::{Phrases, Section, TermId, Vocabulary};

/// Articles that are near by their texts are kept as candidates up to here.
const NEAR_TEXTS: usize = 100;

/// What is known of the articles of a generation.
#[derive(Debug)]
pub struct Established<'a> {
    /// Their rows.
    pub terms: &'a TermFile,
    /// All else that an article is compared by.
    pub alone: &'a AloneFile,
    /// Their texts.
    pub texts: &'a KeptTexts,
    /// How many there are.
    pub articles: usize,
}

/// An article, its likeness to a newcomer, and how many informative terms both hold (stops at 255).
pub type Compared = (DocOrd, Likeness<f32>, u8);

/// An article that came by itself.
#[derive(Clone, Debug, Default)]
pub struct Lone {
    /// Which it is of all that came.
    number: u32,
    /// Its terms and their weights, in the order in which they first stand.
    text: Vec<(u32, f32)>,
    /// Those that tell articles apart.
    pub informative_terms: u32,
    said: Vec<(u32, SaidCounts)>,
    said_scales: [f32; 3],
    title: Vec<(u32, u32)>,
    title_scale: f32,
    vector: Option<([i8; DIMENSIONS], f32)>,
    section: Option<u32>,
    /// The articles that its text names, by ordinal.
    names: Vec<DocOrd>,
    /// How far its search by text went.
    reach: Reach,
}

impl Lone {
    /// Its terms and their weights; numbers beyond those of the generation are of terms that no article of it has.
    pub fn text(&self) -> &[(u32, f32)] {
        &self.text
    }
}

/// All articles that came by themselves since a generation was built, and what is used for each that comes.
#[derive(Debug)]
pub struct Newcomers {
    naming: NamedBy,
    /// Titles, by ordinal, in terms; of those that are everyday words none.
    titles: Phrases,
    /// The articles that the text of each newcomer names, by ordinal.
    names: NumberMap<DocOrd, Vec<DocOrd>>,
    sections: HashMap<(Option<u32>, Box<[u8]>), u32>,
    /// Terms and pieces of titles that no article of the generation has.
    terms: Vocabulary,
    /// What each of those terms counts, and whether it tells articles apart.
    fresh: Vec<(f32, bool)>,
    grams: HashMap<u64, u32>,
    /// By the vocabulary of an analyst and the number there: the number here.
    numbers: HashMap<usize, Vec<u32>>,
    lone: NumberMap<DocOrd, Lone>,
    /// Those that hold a term, or a piece of a title.
    by_term: Postings,
    by_gram: Postings,
    /// Whether the article at an ordinal is a newcomer, or was one.
    is_new: Vec<bool>,
    /// What lists of the generation, and what newcomers, gave in one search.
    of_known: Gathering,
    of_new: Gathering,
    /// By what others look for: of newcomers by term, and what of all of it one has.
    by_seeker: NumberMap<u32, Vec<(DocOrd, f32, bool)>>,
    sought: Sought,
    /// The one that is compared, and one more than the place of each term, and piece, in its lists; 0 where it has none.
    laid: Laid,
    term_places: Vec<u16>,
    gram_places: Vec<u16>,
    /// By term: one more than its place among those that latent vectors are made of; 0 for all others.
    columns: Vec<u32>,
    /// How many came.
    came: u32,
}

impl Newcomers {
    /// None yet beside `known`.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if names cannot be read.
    pub fn beside(known: &Established<'_>) -> Result<Self> {
        let sections = known.alone.sections().zip(0..);
        let naming = NamedBy::of(&known.terms.names()?);
        let mut of_known = Gathering::default();
        of_known.grow(known.articles);
        let mut sought = Sought::default();
        sought.grow(known.articles);
        Ok(Self {
            titles: titles(known, &naming),
            names: NumberMap::default(),
            naming,
            sections: sections
                .map(|((around, name), section)| ((around, name.into()), section))
                .collect(),
            terms: Vocabulary::default(),
            fresh: Vec::new(),
            grams: HashMap::new(),
            numbers: HashMap::new(),
            lone: NumberMap::default(),
            by_term: Postings::with_room(known.alone.terms()),
            by_gram: Postings::with_room(known.alone.grams()),
            is_new: vec![false; known.articles],
            of_known,
            of_new: Gathering::default(),
            by_seeker: NumberMap::default(),
            sought,
            term_places: vec![0; known.alone.terms()],
            laid: Laid::default(),
            gram_places: vec![0; known.alone.grams()],
            columns: columns(known.alone),
            came: 0,
        })
    }

    /// The newcomer at `ord`.
    pub fn get(&self, ord: DocOrd) -> Option<&Lone> {
        match self.is_new.get(ord.index()) {
            Some(true) => self.lone.get(&ord),
            _ => None,
        }
    }

    /// Sees `article`, whose terms `vocabulary` numbers, which is that of number `analyst`, as one of this generation; with
    /// the terms of its text as they follow each other.
    pub fn see(
        &mut self,
        known: &Established<'_>,
        article: &Analysed,
        (analyst, vocabulary): (usize, &Vocabulary),
    ) -> (Lone, Vec<(Section, TermId)>) {
        self.number(known, analyst, vocabulary);
        let numbers = &self.numbers[&analyst];
        let number = |term: TermId| TermId(numbers[term.index()]);
        let sequence = article.sequence.numbered(number);
        let terms = article.terms.iter();
        let counted = terms.map(|(term, counts)| (numbers[term.index()], counts));
        let counted: Vec<_> = counted.collect();
        let idf = |term| self.idf(known, term);
        let weighted = counted.iter().map(|&(term, counts)| {
            let count: f32 = counts.weighted(&WHOLE_TEXT);
            (term, count.sqrt() * idf(term))
        });
        let mut text: Vec<(u32, f32)> = weighted.filter(|&(_, weight)| weight > 0.0).collect();
        let scale = scale_of(text.iter().map(|&(_, weight)| weight));
        for (_, weight) in &mut text {
            *weight = (f64::from(*weight) * scale) as f32;
        }
        let informative = text.iter().filter(|(term, _)| self.tells(known, *term));
        let informative_terms = informative.count() as u32;
        let said = said(
            counted
                .into_iter()
                .map(|(term, counts)| (TermId(term), counts)),
        );
        let said_scales = scales(&said, idf);
        let vector = known
            .alone
            .has_vectors()
            .then(|| self.folded(known.alone, &text));
        let section = self.section(&article.entry);
        let title = self.pieces(known, &article.entry.title);
        let weights = title
            .iter()
            .map(|&(gram, count)| (count as f32).sqrt() * gram_idf(known, gram));
        let mut names = Vec::new();
        self.titles.each_in(&sequence, |ord, section| {
            if section == Section::Body {
                names.push(DocOrd(ord as u32));
            }
        });
        names.sort_unstable();
        names.dedup();
        self.came += 1;
        let lone = Lone {
            number: self.came,
            names,
            reach: Reach::default(),
            informative_terms,
            said_scales,
            vector,
            section,
            title_scale: scale_of(weights) as f32,
            text,
            said,
            title,
        };
        (lone, sequence)
    }

    /// Takes `lone` up at `ord`, in place of what was there.
    pub fn put(&mut self, known: &Established<'_>, ord: DocOrd, mut lone: Lone) {
        self.remove(ord);
        let mut names = std::mem::take(&mut lone.names);
        names.retain(|&named| named != ord);
        self.names.insert(ord, names);
        for (term, weight, opens) in looked_for(known, &lone) {
            let list = self.by_seeker.entry(term).or_default();
            list.push((ord, weight, opens));
        }
        let length = self.is_new.len().max(ord.index() + 1);
        self.of_new.grow(length);
        self.sought.grow(length);
        self.is_new.resize(length, false);
        self.is_new[ord.index()] = true;
        self.by_term.add(ord, lone.text.iter().copied());
        let pieces = lone.title.iter().map(|&(gram, count)| {
            let weight = (count as f32).sqrt() * gram_idf(known, gram) * lone.title_scale;
            (gram, weight)
        });
        self.by_gram.add(ord, pieces);
        self.lone.insert(ord, lone);
    }

    /// Lets go of the newcomer at `ord`.
    pub fn remove(&mut self, ord: DocOrd) {
        let Some(before) = self.lone.remove(&ord) else {
            return;
        };
        self.names.remove(&ord);
        let terms = before.text.iter().map(|&(term, _)| term);
        self.by_term.remove(ord, terms);
        for (term, _) in &before.text {
            if let Some(list) = self.by_seeker.get_mut(term) {
                list.retain(|&(other, ..)| other != ord);
            }
        }
        let pieces = before.title.iter().map(|&(gram, _)| gram);
        self.by_gram.remove(ord, pieces);
    }

    /// The articles that are named in the text of `ord`, or whose texts name it, as far as the generation knows.
    pub fn named_around(&self, ord: DocOrd, known: &Established<'_>) -> Vec<DocOrd> {
        let host = Some(ord).filter(|ord| ord.index() < known.articles);
        let names = self.named_by(ord).to_vec();
        self.naming.around_naming(names, host).collect()
    }

    /// The articles that the text of the newcomer at `ord` names, by ordinal.
    pub fn named_by(&self, ord: DocOrd) -> &[DocOrd] {
        self.names.get(&ord).map_or(&[], |names| names)
    }

    /// The cosine of the text of the newcomer at `ord` and the one that the generation has.
    pub fn with_before(&mut self, known: &Established<'_>, ord: DocOrd) -> Option<f32> {
        let lone = self.lone.remove(&ord)?;
        self.lay_out(known, &lone);
        let (cosine, _) = self.laid.with_text(self, known, ord);
        self.lone.insert(ord, lone);
        Some(cosine)
    }

    /// The latent vector of a row.
    fn folded(&self, alone: &AloneFile, text: &[(u32, f32)]) -> ([i8; DIMENSIONS], f32) {
        let mut sums = [0.0; DIMENSIONS];
        for &(term, weight) in text {
            let column = self.columns.get(term as usize).copied().unwrap_or_default();
            let Some(column) = column.checked_sub(1) else {
                continue;
            };
            let direction = alone.direction(column);
            for (sum, part) in sums.iter_mut().zip(direction) {
                *sum += weight * f32::from_le_bytes(*part);
            }
        }
        line_of(&sums)
    }

    /// The deepest section of the generation that an article is in.
    fn section(&self, entry: &Entry) -> Option<u32> {
        let mut inside = None;
        for name in sections_of(&entry.url, &entry.lang, &entry.kind) {
            match self.sections.get(&(inside, name.as_bytes().into())) {
                Some(&section) => inside = Some(section),
                None => break,
            }
        }
        inside
    }

    /// Numbers the terms of an analyst's vocabulary that have no number yet.
    fn number(&mut self, known: &Established<'_>, analyst: usize, vocabulary: &Vocabulary) {
        let numbers = self.numbers.entry(analyst).or_default();
        for number in numbers.len()..vocabulary.len() {
            let term = vocabulary.term(TermId(number as u32));
            let number = known.alone.term(term).unwrap_or_else(|| {
                let fresh = self.terms.intern(term);
                if self.fresh.len() == fresh.index() {
                    self.fresh.push(weight_of_new(term, known.articles));
                }
                known.alone.terms() as u32 + fresh.0
            });
            numbers.push(number);
        }
        let terms = known.alone.terms() + self.terms.len();
        self.term_places.resize(terms, 0);
    }

    fn idf(&self, known: &Established<'_>, term: u32) -> f32 {
        match term.checked_sub(known.alone.terms() as u32) {
            None => known.alone.idf(term),
            Some(fresh) => self.fresh[fresh as usize].0,
        }
    }

    fn tells(&self, known: &Established<'_>, term: u32) -> bool {
        match term.checked_sub(known.alone.terms() as u32) {
            None => known.terms.is_informative(TermId(term)),
            Some(fresh) => self.fresh[fresh as usize].1,
        }
    }

    /// The pieces of `title`, and how often they stand there.
    fn pieces(&mut self, known: &Established<'_>, title: &str) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        each_gram(title, |gram| {
            let hash = found_by(gram);
            let fresh = (known.alone.grams() + self.grams.len()) as u32;
            let number = known.alone.gram(hash);
            all.push(number.unwrap_or_else(|| *self.grams.entry(hash).or_insert(fresh)));
        });
        all.sort_unstable();
        self.gram_places
            .resize(known.alone.grams() + self.grams.len(), 0);
        let runs = all.chunk_by(|a, b| a == b);
        runs.map(|run| (run[0], run.len() as u32)).collect()
    }
}

/// The terms by which `lone` looks for others, and whether each brings these in; none where nobody is told of whom finds it.
fn looked_for(known: &Established<'_>, lone: &Lone) -> Vec<(u32, f32, bool)> {
    let search = Search::of_site(known.articles);
    match search.both_ways {
        true => walked(lone.text.iter().copied(), &search).collect(),
        false => Vec::new(),
    }
}

/// The titles of all articles in terms, but those that may be everyday words: whatever a tenth of the articles name has no
/// term that tells articles apart.
fn titles(known: &Established<'_>, naming: &NamedBy) -> Phrases {
    let all = (0..known.articles as u32).map(DocOrd);
    Phrases::of(all.map(|ord| {
        let title: Vec<TermId> = known.texts.sequence(ord).section(Section::Title).collect();
        let tells = |term: &TermId| known.terms.is_informative(*term);
        match naming.is_named(ord) || title.iter().any(tells) {
            true => title,
            false => Vec::new(),
        }
    }))
}

/// By term, one more than its place among those that latent vectors are made of.
fn columns(alone: &AloneFile) -> Vec<u32> {
    let mut columns = vec![0; alone.terms()];
    for (term, place) in alone.column_terms().zip(1..) {
        columns[term as usize] = place;
    }
    columns
}

/// What a piece of a title counts; one that no title of the generation has is in one.
fn gram_idf(known: &Established<'_>, gram: u32) -> f32 {
    match (gram as usize) < known.alone.grams() {
        true => known.alone.gram_idf(gram),
        false => libm::log1p(known.articles as f64) as f32,
    }
}
