//! The serving file: everything that a panel needs, in one mapped file.

use std::collections::BTreeSet;
use std::path::Path;

use super::sections::{Sections, SectionsWriter};
use crate::error::{Error, Result};
use crate::model::{Date, DocOrd, Entry, Kind, Lang, Topic};

// Section tags; a pair of string sections takes two.
const IDS: u32 = 1;
const ENTRIES: u32 = 3;
const KEYS: u32 = 5;
const KEY_ORDS: u32 = 7;
const LANGS: u32 = 8;
const CLUSTERS: u32 = 9;
const INFORMATIVE: u32 = 10;
const FLAGS: u32 = 11;
const PUBLISHED: u32 = 12;
const LATEST: u32 = 13;
const ROW_STARTS: u32 = 14;
const ROW_ORDS: u32 = 15;
const ROW_CONTENT: u32 = 16;
const ROW_SHARED: u32 = 17;
const LANG_NAMES: u32 = 18;
const KINDS: u32 = 20;
const KIND_NAMES: u32 = 21;
const ROW_RESEARCH: u32 = 23;
const ROW_RELATIONS: u32 = 24;
const LINK_COUNTS: u32 = 25;
const TOPICS: u32 = 26;
const TOPIC_NAMES: u32 = 27;

const CARD: u8 = 1;
const HOST: u8 = 2;

const LINKED: u8 = 1;
const LINKING: u8 = 2;
const RELATED_TOPICS: u8 = 4;

/// One candidate of an article, with the raw value of every signal that has one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandidateRow {
    /// The candidate.
    pub ord: DocOrd,
    /// Value of the content signal, 0 to 1.
    pub content: f32,
    /// Raw value of the research signal: the strength of the connection, from 0.
    pub research: f32,
    /// Informative terms that both texts hold; stops at 255.
    pub shared_terms: u8,
    /// Whether the article links the candidate.
    pub linked: bool,
    /// Whether the candidate links the article.
    pub linking: bool,
    /// Whether their topics relate them.
    pub related_topics: bool,
}

impl CandidateRow {
    /// Links between the two, 0 to 2.
    pub fn direct_links(&self) -> u32 {
        u32::from(self.linked) + u32::from(self.linking)
    }
}

/// What goes into a serving file. All lists are indexed by [`DocOrd`].
#[derive(Debug, Default)]
pub struct ServingDraft<'a> {
    /// The articles, in the byte order of their ids.
    pub entries: Vec<&'a Entry>,
    /// Further names of articles: normal forms of URLs and aliases.
    pub keys: Vec<(String, DocOrd)>,
    /// The smallest ordinal among an article's near-duplicates, translations and canonical twins, itself included.
    pub clusters: Vec<DocOrd>,
    /// How many informative terms an article has.
    pub informative_terms: Vec<u32>,
    /// How many links of the site lead to an article and from it.
    pub link_counts: Vec<u32>,
    /// Whether an article may stand on a card.
    pub cards: Vec<bool>,
    /// The candidates of each article, by ordinal.
    pub candidates: Vec<Vec<CandidateRow>>,
}

impl ServingDraft<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        let entries = || self.entries.iter().copied();
        file.put_strings(IDS, entries().map(|entry| entry.id.as_str()))?;
        let record = |entry: &Entry| postcard::to_stdvec(entry).expect("plain data serialises");
        file.put_strings(ENTRIES, entries().map(record))?;
        let mut keys: Vec<&(String, DocOrd)> = self.keys.iter().collect();
        keys.sort();
        keys.dedup_by(|a, b| a.0 == b.0);
        file.put_strings(KEYS, keys.iter().map(|(key, _)| key))?;
        file.put_u32s(KEY_ORDS, keys.iter().map(|(_, ord)| ord.0))?;
        let langs = entries().map(|entry| entry.lang.as_str());
        put_names(&mut file, LANGS, LANG_NAMES, langs)?;
        let kinds = entries().map(|entry| entry.kind.as_str());
        put_names(&mut file, KINDS, KIND_NAMES, kinds)?;
        let topics = entries().map(|entry| entry.topic.as_ref().map_or("", Topic::as_str));
        put_names(&mut file, TOPICS, TOPIC_NAMES, topics)?;
        file.put_u32s(CLUSTERS, self.clusters.iter().map(|ord| ord.0))?;
        file.put_u32s(INFORMATIVE, self.informative_terms.iter().copied())?;
        file.put_u32s(LINK_COUNTS, self.link_counts.iter().copied())?;
        let flag = |(entry, &card): (&Entry, &bool)| {
            [if card { CARD } else { 0 } | if entry.draft { 0 } else { HOST }]
        };
        file.put_chunks(FLAGS, entries().zip(&self.cards).map(flag))?;
        let published = |entry: &Entry| entry.published.map_or(i64::MIN, Date::seconds);
        let moments = entries().map(|entry| published(entry).cast_unsigned());
        file.put_u64s(PUBLISHED, moments)?;
        file.put_u32s(LATEST, self.latest().into_iter().map(|ord| ord as u32))?;
        self.put_candidates(&mut file)?;
        file.finish()
    }

    /// Dated articles that may be cards, newest first, ties by id.
    fn latest(&self) -> Vec<usize> {
        let mut dated: Vec<(i64, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|&(ord, _)| self.cards[ord])
            .filter_map(|(ord, entry)| Some((-entry.published?.seconds(), ord)))
            .collect();
        dated.sort_unstable();
        dated.into_iter().map(|(_, ord)| ord).collect()
    }

    fn put_candidates(&self, file: &mut SectionsWriter) -> Result<()> {
        let mut starts = vec![0u64];
        for row in &self.candidates {
            starts.push(starts.last().expect("never empty") + row.len() as u64);
        }
        file.put_u64s(ROW_STARTS, starts)?;
        let all = || self.candidates.iter().flatten();
        file.put_u32s(ROW_ORDS, all().map(|row| row.ord.0))?;
        file.put_f32s(ROW_CONTENT, all().map(|row| row.content))?;
        file.put_f32s(ROW_RESEARCH, all().map(|row| row.research))?;
        let relations = |row: &CandidateRow| {
            let flag = |holds, bit| if holds { bit } else { 0 };
            [flag(row.linked, LINKED)
                | flag(row.linking, LINKING)
                | flag(row.related_topics, RELATED_TOPICS)]
        };
        file.put_chunks(ROW_RELATIONS, all().map(relations))?;
        file.put_chunks(ROW_SHARED, all().map(|row| [row.shared_terms]))
    }
}

/// Names as numbers: `numbers` holds one for each article, `names` what they stand for, in byte order.
fn put_names<'a>(
    file: &mut SectionsWriter,
    numbers: u32,
    names: u32,
    of: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    let distinct: BTreeSet<&str> = of.clone().collect();
    let distinct: Vec<&str> = distinct.into_iter().collect();
    let number = |name| distinct.binary_search(&name).expect("listed above") as u32;
    file.put_u32s(numbers, of.map(number))?;
    file.put_strings(names, &distinct)
}

/// An open serving file.
#[derive(Debug)]
pub struct Serving(Sections);

impl Serving {
    /// Opens and checks the file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn open(path: &Path) -> Result<Self> {
        Sections::open(path).map(Self)
    }

    /// How many articles there are.
    pub fn len(&self) -> usize {
        self.0.strings(IDS)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The article whose id is `id`, byte for byte.
    pub fn by_id(&self, id: &str) -> Option<DocOrd> {
        self.find(IDS, id).map(|index| DocOrd(index as u32))
    }

    /// The article that the normal form of an address leads to.
    pub fn by_key(&self, key: &str) -> Option<DocOrd> {
        self.find(KEYS, key)
            .map(|index| DocOrd(self.0.u32(KEY_ORDS, index)))
    }

    /// The id of an article.
    pub fn id(&self, ord: DocOrd) -> &str {
        std::str::from_utf8(self.0.string(IDS, ord.index())).expect("ids are written as UTF-8")
    }

    /// All that is kept of an article.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    pub fn entry(&self, ord: DocOrd) -> Result<Entry> {
        postcard::from_bytes(self.0.string(ENTRIES, ord.index()))
            .map_err(|_| Error::Damaged(format!("the record of {:?} cannot be read", self.id(ord))))
    }

    /// A number that is equal for articles of one language.
    pub fn lang(&self, ord: DocOrd) -> u32 {
        self.0.u32(LANGS, ord.index())
    }

    /// The number of a language; `None` if no article has it.
    pub fn lang_number(&self, lang: &Lang) -> Option<u32> {
        self.find(LANG_NAMES, lang.as_str())
            .map(|index| index as u32)
    }

    /// The languages of the articles.
    pub fn langs(&self) -> impl Iterator<Item = Lang> + '_ {
        (0..self.0.strings(LANG_NAMES))
            .filter_map(|index| std::str::from_utf8(self.0.string(LANG_NAMES, index)).ok())
            .filter_map(Lang::new)
    }

    /// A number that is equal for articles of one kind.
    pub fn kind(&self, ord: DocOrd) -> u32 {
        self.0.u32(KINDS, ord.index())
    }

    /// The number of a kind; `None` if no article has it.
    pub fn kind_number(&self, kind: &Kind) -> Option<u32> {
        self.find(KIND_NAMES, kind.as_str())
            .map(|index| index as u32)
    }

    /// A number that is equal for articles of one topic; `None` for no topic.
    pub fn topic(&self, ord: DocOrd) -> Option<u32> {
        let number = self.0.u32(TOPICS, ord.index());
        (!self.0.string(TOPIC_NAMES, number as usize).is_empty()).then_some(number)
    }

    /// The smallest ordinal among an article's near-duplicates, translations and canonical twins.
    pub fn cluster(&self, ord: DocOrd) -> DocOrd {
        DocOrd(self.0.u32(CLUSTERS, ord.index()))
    }

    /// How many informative terms an article has.
    pub fn informative_terms(&self, ord: DocOrd) -> u32 {
        self.0.u32(INFORMATIVE, ord.index())
    }

    /// How many links of the site lead to an article and from it.
    pub fn link_count(&self, ord: DocOrd) -> u32 {
        self.0.u32(LINK_COUNTS, ord.index())
    }

    /// Whether an article may stand on a card: published, indexable, and no other page stands for it.
    pub fn may_be_card(&self, ord: DocOrd) -> bool {
        self.0.bytes(FLAGS)[ord.index()] & CARD != 0
    }

    /// Whether an article has a panel: not a draft.
    pub fn may_be_host(&self, ord: DocOrd) -> bool {
        self.0.bytes(FLAGS)[ord.index()] & HOST != 0
    }

    /// Dated articles that may be cards, the newest at `now` (unix seconds) first.
    pub fn latest(&self, now: i64) -> impl Iterator<Item = DocOrd> + '_ {
        (0..self.0.bytes(LATEST).len() / 4)
            .map(|index| DocOrd(self.0.u32(LATEST, index)))
            .filter(move |&ord| self.published(ord) <= now)
    }

    /// The candidates of an article.
    pub fn candidates(&self, ord: DocOrd) -> impl Iterator<Item = CandidateRow> + '_ {
        let start = self.0.u64(ROW_STARTS, ord.index()) as usize;
        let end = self.0.u64(ROW_STARTS, ord.index() + 1) as usize;
        (start..end).map(|index| CandidateRow {
            ord: DocOrd(self.0.u32(ROW_ORDS, index)),
            content: self.0.f32(ROW_CONTENT, index),
            research: self.0.f32(ROW_RESEARCH, index),
            shared_terms: self.0.bytes(ROW_SHARED)[index],
            linked: self.0.bytes(ROW_RELATIONS)[index] & LINKED != 0,
            linking: self.0.bytes(ROW_RELATIONS)[index] & LINKING != 0,
            related_topics: self.0.bytes(ROW_RELATIONS)[index] & RELATED_TOPICS != 0,
        })
    }

    fn published(&self, ord: DocOrd) -> i64 {
        self.0.u64(PUBLISHED, ord.index()).cast_signed()
    }

    fn find(&self, tag: u32, wanted: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.0.strings(tag));
        while low < high {
            let middle = low + (high - low) / 2;
            match self.0.string(tag, middle).cmp(wanted.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}
