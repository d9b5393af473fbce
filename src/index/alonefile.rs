//! The file of lone articles: what it takes to find the neighbours of one article beside those that a generation has, without
//! looking at all of them. Mapped, and read in few places for each article that comes.
//!
//! Terms and pieces of titles are found by their hashes, articles by lists of those in which a term weighs most.

mod lists;

use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

pub use lists::Lists;

use self::lists::{Weighted, is_marked};
use super::sections::{Sections, SectionsWriter};
use crate::error::Result;
use crate::model::DocOrd;
use crate::text::TermId;

const TERM_HASHES: u32 = 1;
const TERM_IDS: u32 = 2;
const IDF: u32 = 3;
const TEXT_STARTS: u32 = 4;
const TEXT_LISTS: u32 = 5;
const SAID_STARTS: u32 = 6;
const SAID: u32 = 7;
const SAID_SCALES: u32 = 8;
const GRAM_HASHES: u32 = 9;
const GRAM_IDF: u32 = 10;
const GRAM_STARTS: u32 = 11;
const GRAM_LISTS: u32 = 12;
const TITLE_STARTS: u32 = 13;
const TITLES: u32 = 14;
const TITLE_SCALES: u32 = 15;
const COLUMN_TERMS: u32 = 16;
const DIRECTIONS: u32 = 17;
const VECTORS: u32 = 18;
const LENGTHS: u32 = 19;
const SECTION_OF: u32 = 20;
const SECTION_PARENTS: u32 = 21;
const SECTION_VALUES: u32 = 22;
const SECTION_NAMES: u32 = 23;
// Names are two sections.
const LEAST: u32 = 25;
const SEEKER_STARTS: u32 = 26;
const SEEKERS: u32 = 27;
const REACHES: u32 = 28;

/// Bytes of a term that an article says it is about: its number, and how often it stands in title, topic and tags, summary.
const SAID_ENTRY: usize = 7;
/// Numbers of a latent vector.
pub const DIMENSIONS: usize = 64;
/// How often the place of a hash is guessed again by the one that was found, and the hashes before and behind the last guess that are
/// looked at first.
const GUESSES: usize = 2;
const NEAR_GUESS: usize = 8;
/// A piece of a title takes the lower bits of a number, how often it stands there, less one, the upper ones.
const GRAM_BITS: u32 = 28;

/// How often a term stands in the title, in topic and tags, and in the summary of an article; counts stop at 255.
pub type SaidCounts = [u8; 3];

/// What goes into the file. Lists of articles are by ordinal, those of terms by number.
#[derive(Debug, Default)]
pub struct AloneFileDraft<'a> {
    /// The hashes of the terms.
    pub terms: Vec<u64>,
    /// How much each counts.
    pub idf: &'a [f32],
    /// The articles in which each weighs most.
    pub champions: Lists<u8>,
    /// What each must weigh in an article for it to be one of these; terms behind the last have room for every article.
    pub least: Vec<f32>,
    /// The articles that look for others by each term, marked where it brings these in.
    pub seekers: Lists<u8>,
    /// How much an article must gather of what each article looks for, and how near it must come, to be found.
    pub reaches: Vec<[f32; 2]>,
    /// What each article says it is about.
    pub said: Lists<(TermId, SaidCounts)>,
    /// What makes rows of subject, summary, topic and tags one long.
    pub said_scales: Vec<[f32; 3]>,
    /// The hashes of the pieces of titles, ascending; a piece is numbered by its place.
    pub grams: Vec<u64>,
    /// How much each counts.
    pub gram_idf: Vec<f32>,
    /// The articles in whose titles each weighs most.
    pub gram_champions: Lists<u8>,
    /// The pieces of each title, and how often they stand there.
    pub titles: Lists<(u32, u32)>,
    /// What makes rows of titles one long.
    pub title_scales: Vec<f32>,
    /// The terms that latent vectors are made of, ascending; the direction of each.
    pub column_terms: Vec<u32>,
    /// As many as those.
    pub directions: &'a [[f32; DIMENSIONS]],
    /// The latent vector of each article and one over its length; none where nothing is learned.
    pub vectors: Vec<([i8; DIMENSIONS], f32)>,
    /// The deepest section of each article, one more than its number; 0 for none.
    pub section_of: Vec<u32>,
    /// The section around each section, one more than its number; 0 for none.
    pub section_parents: Vec<u32>,
    /// What it counts to be in each.
    pub section_values: &'a [f32],
    /// What each is called.
    pub section_names: Vec<&'a str>,
}

impl AloneFileDraft<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        let mut terms: Vec<(u64, u32)> = self.terms.iter().copied().zip(0..).collect();
        terms.sort_unstable();
        file.put_u64s(TERM_HASHES, terms.iter().map(|&(hash, _)| hash))?;
        file.put_u32s(TERM_IDS, terms.iter().map(|&(_, id)| id))?;
        file.put_f32s(IDF, self.idf.iter().copied())?;
        put_bytes(&mut file, (TEXT_STARTS, TEXT_LISTS), &self.champions)?;
        file.put_f32s(LEAST, self.least.iter().copied())?;
        put_bytes(&mut file, (SEEKER_STARTS, SEEKERS), &self.seekers)?;
        file.put_f32s(REACHES, self.reaches.iter().flatten().copied())?;
        file.put_u32s(SAID_STARTS, self.said.starts.iter().copied())?;
        let said = self.said.items.iter().map(|(term, counts)| {
            let mut bytes = [0; SAID_ENTRY];
            bytes[..4].copy_from_slice(&term.0.to_le_bytes());
            bytes[4..].copy_from_slice(counts);
            bytes
        });
        file.put_chunks(SAID, said)?;
        file.put_f32s(SAID_SCALES, self.said_scales.iter().flatten().copied())?;
        file.put_u64s(GRAM_HASHES, self.grams.iter().copied())?;
        file.put_f32s(GRAM_IDF, self.gram_idf.iter().copied())?;
        put_bytes(&mut file, (GRAM_STARTS, GRAM_LISTS), &self.gram_champions)?;
        file.put_u32s(TITLE_STARTS, self.titles.starts.iter().copied())?;
        let titles = self.titles.items.iter();
        let most = u32::MAX >> GRAM_BITS;
        let titles = titles.map(|&(gram, count)| (count - 1).min(most) << GRAM_BITS | gram);
        file.put_u32s(TITLES, titles)?;
        file.put_f32s(TITLE_SCALES, self.title_scales.iter().copied())?;
        file.put_u32s(COLUMN_TERMS, self.column_terms.iter().copied())?;
        file.put_f32s(DIRECTIONS, self.directions.iter().flatten().copied())?;
        let lines = self.vectors.iter();
        file.put_chunks(VECTORS, lines.map(|(line, _)| line.map(i8::cast_unsigned)))?;
        file.put_f32s(LENGTHS, self.vectors.iter().map(|&(_, length)| length))?;
        file.put_u32s(SECTION_OF, self.section_of.iter().copied())?;
        file.put_u32s(SECTION_PARENTS, self.section_parents.iter().copied())?;
        file.put_f32s(SECTION_VALUES, self.section_values.iter().copied())?;
        file.put_strings(SECTION_NAMES, &self.section_names)?;
        file.finish()
    }
}

fn put_bytes(file: &mut SectionsWriter, tags: (u32, u32), lists: &Lists<u8>) -> Result<()> {
    file.put_u32s(tags.0, lists.starts.iter().copied())?;
    file.put_chunks(tags.1, [&lists.items])
}

/// The hash by which a term or a piece of a title is found.
pub fn found_by(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// An open file of lone articles.
#[derive(Debug)]
pub struct AloneFile(Sections);

impl AloneFile {
    /// Opens and checks the file.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if it is not what was written.
    pub fn open(path: &Path) -> Result<Self> {
        let sections = Sections::open(path)?;
        sections.release();
        Ok(Self(sections))
    }

    /// The number of a term, if an article has it.
    pub fn term(&self, text: &str) -> Option<u32> {
        let place = self.place(TERM_HASHES, found_by(text))?;
        Some(self.0.u32(TERM_IDS, place))
    }

    /// The number of a piece of a title, if one has it.
    pub fn gram(&self, hash: u64) -> Option<u32> {
        Some(self.place(GRAM_HASHES, hash)? as u32)
    }

    fn place(&self, tag: u32, hash: u64) -> Option<usize> {
        place_of(self.0.records::<8>(tag), hash)
    }

    /// How many terms there are.
    pub fn terms(&self) -> usize {
        self.0.bytes(IDF).len() / 4
    }

    /// How many pieces of titles there are.
    pub fn grams(&self) -> usize {
        self.0.bytes(GRAM_IDF).len() / 4
    }

    /// How much the term numbered `term` counts.
    pub fn idf(&self, term: u32) -> f32 {
        self.0.f32(IDF, term as usize)
    }

    /// How much a piece of a title counts.
    pub fn gram_idf(&self, gram: u32) -> f32 {
        self.0.f32(GRAM_IDF, gram as usize)
    }

    /// The articles in which a term weighs most, and its weight in each.
    pub fn champions(&self, term: u32) -> impl Iterator<Item = (DocOrd, f32)> + '_ {
        self.weighted((TEXT_STARTS, TEXT_LISTS), term)
    }

    /// What a term must weigh in an article for it to be one of these.
    pub fn least(&self, term: u32) -> f32 {
        let least = self.0.records::<4>(LEAST).get(term as usize);
        least.map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
    }

    /// The articles that look for others by a term, its weight in each, and whether it brings these in.
    pub fn seekers(&self, term: u32) -> impl Iterator<Item = (DocOrd, f32, bool)> + '_ {
        let lists = self.weighted((SEEKER_STARTS, SEEKERS), term);
        lists.map(|(ord, weight)| (ord, weight, is_marked(weight)))
    }

    /// How much an article must gather of what each article looks for, and how near it must come, to be found.
    pub fn reaches(&self) -> impl Fn(DocOrd) -> [f32; 2] + '_ {
        let reaches = self.0.records::<8>(REACHES);
        move |ord: DocOrd| {
            let [a, b, c, d, e, f, g, h] = reaches[ord.index()];
            [[a, b, c, d], [e, f, g, h]].map(f32::from_le_bytes)
        }
    }

    /// The articles in whose titles a piece weighs most, and its weight in each.
    pub fn gram_champions(&self, gram: u32) -> impl Iterator<Item = (DocOrd, f32)> + '_ {
        self.weighted((GRAM_STARTS, GRAM_LISTS), gram)
    }

    fn weighted(&self, tags: (u32, u32), at: u32) -> Weighted<'_> {
        let range = self.range(tags.0, at);
        Weighted::of(self.0.bytes(tags.1).get(range).unwrap_or_default())
    }

    fn range(&self, starts: u32, at: u32) -> std::ops::Range<usize> {
        let start = |at| self.0.u32(starts, at) as usize;
        start(at as usize)..start(at as usize + 1)
    }

    /// What an article says it is about.
    pub fn said(&self, ord: DocOrd) -> impl Iterator<Item = (u32, SaidCounts)> + '_ {
        let entries = &self.0.records::<SAID_ENTRY>(SAID)[self.range(SAID_STARTS, ord.0)];
        entries.iter().map(|&[a, b, c, d, title, topic, summary]| {
            (u32::from_le_bytes([a, b, c, d]), [title, topic, summary])
        })
    }

    /// What makes its rows of subject, summary, topic and tags one long.
    pub fn said_scales(&self, ord: DocOrd) -> [f32; 3] {
        [0, 1, 2].map(|at| self.0.f32(SAID_SCALES, 3 * ord.index() + at))
    }

    /// The pieces of a title, and how often they stand there.
    pub fn title(&self, ord: DocOrd) -> impl Iterator<Item = (u32, u32)> + '_ {
        let entries = &self.0.records::<4>(TITLES)[self.range(TITLE_STARTS, ord.0)];
        entries.iter().map(|bytes| {
            let number = u32::from_le_bytes(*bytes);
            (number & !(u32::MAX << GRAM_BITS), (number >> GRAM_BITS) + 1)
        })
    }

    /// What makes its row one long.
    pub fn title_scale(&self, ord: DocOrd) -> f32 {
        self.0.f32(TITLE_SCALES, ord.index())
    }

    /// Whether latent vectors were learned.
    pub fn has_vectors(&self) -> bool {
        !self.0.bytes(VECTORS).is_empty()
    }

    /// The latent vector of an article and one over its length, where vectors were learned.
    pub fn vector(&self, ord: DocOrd) -> Option<([i8; DIMENSIONS], f32)> {
        let line = self.0.records::<DIMENSIONS>(VECTORS).get(ord.index())?;
        Some((line.map(u8::cast_signed), self.0.f32(LENGTHS, ord.index())))
    }

    /// The terms that latent vectors are made of, ascending.
    pub fn column_terms(&self) -> impl Iterator<Item = u32> + '_ {
        let terms = self.0.records::<4>(COLUMN_TERMS).iter();
        terms.map(|bytes| u32::from_le_bytes(*bytes))
    }

    /// The direction of one of these, by its place among them, as the file has it.
    pub fn direction(&self, column: u32) -> &[[u8; 4]] {
        let directions = self.0.records::<{ 4 * DIMENSIONS }>(DIRECTIONS);
        directions[column as usize].as_chunks().0
    }

    /// Has what an article says it is about, its title and its latent vector brought near.
    pub fn prefetch(&self, ord: DocOrd) {
        let said = &self.0.records::<SAID_ENTRY>(SAID)[self.range(SAID_STARTS, ord.0)];
        self.0.prefetch(said.as_flattened());
        let title = &self.0.records::<4>(TITLES)[self.range(TITLE_STARTS, ord.0)];
        self.0.prefetch(title.as_flattened());
        let vector = self.0.records::<DIMENSIONS>(VECTORS).get(ord.index());
        self.0.prefetch(vector.map_or(&[], |vector| vector));
    }

    /// The deepest section of an article.
    pub fn section(&self, ord: DocOrd) -> Option<u32> {
        self.0.u32(SECTION_OF, ord.index()).checked_sub(1)
    }

    /// The section around `section`.
    pub fn around(&self, section: u32) -> Option<u32> {
        self.0.u32(SECTION_PARENTS, section as usize).checked_sub(1)
    }

    /// What it counts to be in `section`.
    pub fn section_value(&self, section: u32) -> f32 {
        self.0.f32(SECTION_VALUES, section as usize)
    }

    /// What every section is called, and the one around it.
    pub fn sections(&self) -> impl Iterator<Item = (Option<u32>, &[u8])> {
        let all = 0..self.0.strings(SECTION_NAMES);
        all.map(|at| (self.around(at as u32), self.0.string(SECTION_NAMES, at)))
    }
}

/// The place of `hash` among `hashes`, which ascend. They are spread evenly, so it is near where its size says, and nearer where the
/// hash that is there says.
fn place_of(hashes: &[[u8; 8]], hash: u64) -> Option<usize> {
    let last = hashes.len().checked_sub(1)?;
    let at = |place: usize| u64::from_le_bytes(hashes[place]);
    let places_of = |distance: i128| ((distance * hashes.len() as i128) >> u64::BITS) as isize;
    let mut guess = places_of(hash.into()) as usize;
    for _ in 0..GUESSES {
        let distance = i128::from(hash) - i128::from(at(guess));
        guess = guess.saturating_add_signed(places_of(distance)).min(last);
    }
    let mut reach = NEAR_GUESS;
    let (low, high) = loop {
        let low = guess.saturating_sub(reach);
        let high = (guess + reach).min(hashes.len());
        let is_between = (low == 0 || at(low) <= hash) && (high == hashes.len() || at(high) > hash);
        if is_between {
            break (low, high);
        }
        reach *= 4;
    };
    let found = hashes[low..high].binary_search_by_key(&hash, |bytes| u64::from_le_bytes(*bytes));
    Some(low + found.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_found_where_it_stands_and_no_other_is() {
        let uneven = (0..3000u64).map(|number| number * 7);
        let spread = (0..3000u64).map(|number| found_by(&number.to_string()));
        for mut hashes in [Vec::new(), vec![9], uneven.collect(), spread.collect()] {
            hashes.sort_unstable();
            let bytes: Vec<[u8; 8]> = hashes.iter().map(|hash| hash.to_le_bytes()).collect();
            for (place, &hash) in hashes.iter().enumerate() {
                assert_eq!(place_of(&bytes, hash), Some(place));
                assert_eq!(place_of(&bytes, hash + 1), None);
            }
            assert_eq!(place_of(&bytes, u64::MAX), None);
        }
    }
}
