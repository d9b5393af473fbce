//! What goes into a serving file, and how it is laid out there.

use std::collections::BTreeSet;
use std::path::Path;

use super::{
    COMPETITOR_STARTS, COMPETITORS, ENTRIES, FACTS, KEY_ORDS, KEYS, KIND_NAMES, LANG_NAMES, LATEST,
    PUBLISHED, RESERVED, RESERVED_STARTS, ROW_STARTS, ROWS, TOPIC_KEYS, TOPIC_NAMES, TOPIC_NUMBERS,
};
use crate::error::Result;
use crate::index::records::{CandidateRow, Facts};
use crate::index::rules::Rules;
use crate::index::sections::SectionsWriter;
use crate::index::shown::packed;
use crate::index::stated::Stated;
use crate::model::{Date, DocOrd, Entry, Standing, Topic};
use crate::text::name_key;

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
    /// Where an article stands in its site and in search engines.
    pub standings: Vec<Standing>,
    /// Whether an article may stand on a card.
    pub cards: Vec<bool>,
    /// The articles that each competes with in search engines and by how much, in parts of 255; empty where nothing is
    /// known of that.
    pub competitors: Vec<Vec<(DocOrd, u8)>>,
    /// The clusters that the panel of each article keeps a place for; empty where none keeps any.
    pub reserved: Vec<Vec<DocOrd>>,
    /// The candidates of each article, by ordinal.
    pub candidates: Vec<Vec<CandidateRow>>,
    /// What editors and structure say of panels.
    pub rules: Rules,
    /// What was said that newcomers may change the sense of.
    pub stated: Stated,
    /// Further names of topics: what is another name of what, both as they are compared.
    pub topic_aliases: Vec<(String, String)>,
}

impl ServingDraft<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        let entries = || self.entries.iter().copied();
        file.put_strings(ENTRIES, entries().map(|entry| packed(&entry.view())))?;
        let mut keys: Vec<&(String, DocOrd)> = self.keys.iter().collect();
        keys.sort();
        keys.dedup_by(|a, b| a.0 == b.0);
        // A key that is the article's URL stands in its record and not here.
        let texts = keys.iter().copied().map(|(key, ord)| {
            let is_url = self.entries[ord.index()].url == *key;
            if is_url { "" } else { key.as_str() }
        });
        file.put_strings(KEYS, texts)?;
        file.put_u32s(KEY_ORDS, keys.iter().map(|(_, ord)| ord.0))?;
        let langs = Names::of(entries().map(|entry| entry.lang.as_str()));
        let kinds = Names::of(entries().map(|entry| entry.kind.as_str()));
        let topics = Names::of(entries().filter_map(topic));
        file.put_strings(LANG_NAMES, &langs.0)?;
        file.put_strings(KIND_NAMES, &kinds.0)?;
        file.put_strings(TOPIC_NAMES, &topics.0)?;
        let facts = entries().enumerate().map(|(ord, entry)| Facts {
            cluster: self.clusters[ord],
            informative_terms: self.informative_terms[ord],
            links: self.link_counts[ord],
            kind: kinds.number(entry.kind.as_str()),
            topic: topic(entry).map(|topic| topics.number(topic)),
            lang: langs.number(entry.lang.as_str()),
            card: self.cards[ord],
            host: !entry.draft,
            noindex: entry.noindex,
            ruled: !self.rules.of_host(DocOrd(ord as u32)).is_empty(),
            hidden: !self.rules.hiding(DocOrd(ord as u32)).is_empty(),
            older: self.rules.is_older(DocOrd(ord as u32)),
            reserves: self.reserved.get(ord).is_some_and(|list| !list.is_empty()),
            standing: self.standings[ord],
        });
        file.put_chunks(FACTS, facts.map(Facts::to_bytes))?;
        let published = |entry: &Entry| entry.published.map_or(i64::MIN, Date::seconds);
        let moments = entries().map(|entry| published(entry).cast_unsigned());
        file.put_u64s(PUBLISHED, moments)?;
        file.put_u32s(LATEST, self.latest().into_iter().map(|ord| ord as u32))?;
        self.put_candidates(&mut file)?;
        self.put_competitors(&mut file)?;
        self.put_reserved(&mut file)?;
        self.rules.write(&mut file)?;
        self.stated.write(&mut file)?;
        self.put_topic_keys(&topics, &mut file)?;
        file.finish()
    }

    /// Dated articles that may be cards, of versions the newest, newest first, ties by id.
    fn latest(&self) -> Vec<usize> {
        let mut dated: Vec<(i64, usize)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|&(ord, _)| self.cards[ord] && !self.rules.is_older(DocOrd(ord as u32)))
            .filter_map(|(ord, entry)| Some((-entry.published?.seconds(), ord)))
            .collect();
        dated.sort_unstable();
        dated.into_iter().map(|(_, ord)| ord).collect()
    }

    fn put_topic_keys(&self, topics: &Names<'_>, file: &mut SectionsWriter) -> Result<()> {
        let keys = topic_keys(topics, &self.topic_aliases);
        file.put_strings(TOPIC_KEYS, keys.iter().map(|(key, _)| key.as_str()))?;
        file.put_u32s(TOPIC_NUMBERS, keys.iter().map(|&(_, number)| number))
    }

    fn put_candidates(&self, file: &mut SectionsWriter) -> Result<()> {
        file.put_u32s(ROW_STARTS, starts(&self.candidates))?;
        let rows = self.candidates.iter().flatten();
        file.put_chunks(ROWS, rows.map(|row| row.to_bytes()))
    }

    fn put_competitors(&self, file: &mut SectionsWriter) -> Result<()> {
        file.put_u32s(COMPETITOR_STARTS, starts(&self.competitors))?;
        let all = self.competitors.iter().flatten();
        file.put_u64s(
            COMPETITORS,
            all.map(|&(ord, share)| u64::from(ord.0) << 8 | u64::from(share)),
        )
    }

    fn put_reserved(&self, file: &mut SectionsWriter) -> Result<()> {
        file.put_u32s(RESERVED_STARTS, starts(&self.reserved))?;
        file.put_u32s(RESERVED, self.reserved.iter().flatten().map(|ord| ord.0))
    }
}

/// Where each of `lists` starts when they stand one after the other, and where the last one ends.
fn starts<T>(lists: &[Vec<T>]) -> Vec<u32> {
    let mut starts = vec![0];
    for list in lists {
        starts.push(starts.last().expect("never empty") + list.len() as u32);
    }
    starts
}

/// The forms in which topics are compared, aliases among them, each with the number of a topic.
fn topic_keys(topics: &Names<'_>, aliases: &[(String, String)]) -> BTreeSet<(String, u32)> {
    let named = topics.0.iter().map(|name| name_key(name)).zip(0..);
    let mut keys: BTreeSet<(String, u32)> = named.collect();
    let also = aliases.iter().flat_map(|(alias, name)| {
        let from = (name.clone(), 0);
        let same = keys.range(from..).take_while(move |(key, _)| key == name);
        same.map(move |&(_, number)| (alias.clone(), number))
    });
    let also: Vec<(String, u32)> = also.collect();
    keys.extend(also);
    keys
}

fn topic(entry: &Entry) -> Option<&str> {
    entry.topic.as_ref().map(Topic::as_str)
}

/// Names as numbers: their places in byte order.
struct Names<'a>(Vec<&'a str>);

impl<'a> Names<'a> {
    fn of(names: impl Iterator<Item = &'a str>) -> Self {
        let distinct: BTreeSet<&str> = names.collect();
        Self(distinct.into_iter().collect())
    }

    fn number(&self, name: &str) -> u32 {
        self.0.binary_search(&name).expect("one of them") as u32
    }
}
