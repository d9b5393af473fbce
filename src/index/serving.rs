//! The serving file: everything that a panel needs, in one mapped file.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use super::directory::Directory;
use super::found::Found;
use super::records::{self, CandidateRow, Facts};
use super::rules::Rules;
use super::sections::{Sections, SectionsWriter};
use super::shown::{Shown, packed, packed_id, shown, unpacked};
use crate::error::{Error, Result};
use crate::model::{Date, DocOrd, Entry, EntryView, Kind, Lang, Standing, Topic};
use crate::text::name_key;

// Section tags; a pair of string sections takes two.
const ENTRIES: u32 = 1;
const KEYS: u32 = 3;
const KEY_ORDS: u32 = 5;
const FACTS: u32 = 6;
const LANG_NAMES: u32 = 7;
const KIND_NAMES: u32 = 9;
const PUBLISHED: u32 = 11;
const LATEST: u32 = 12;
const ROW_STARTS: u32 = 13;
const ROWS: u32 = 14;
// 15 to 18 are those of rules.
const TOPIC_KEYS: u32 = 19;
const TOPIC_NUMBERS: u32 = 21;
const TOPIC_NAMES: u32 = 22;
const COMPETITOR_STARTS: u32 = 24;
const COMPETITORS: u32 = 25;
const RESERVED_STARTS: u32 = 26;
const RESERVED: u32 = 27;

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
    /// Further names of topics: what is another name of what, both as they are compared.
    pub topic_aliases: Vec<(String, String)>,
}

impl ServingDraft<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be written.
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
}

impl ServingDraft<'_> {
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

/// An open serving file, and where ids were found in it; once they were learnt, where every id and every key stands.
#[derive(Debug)]
pub struct Serving(Sections, Found, OnceLock<[Directory; 2]>);

impl Serving {
    /// Opens and checks the file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub fn open(path: &Path) -> Result<Self> {
        let sections = Sections::open(path)?;
        let articles = sections.strings(ENTRIES);
        Ok(Self(sections, Found::with_room(articles), OnceLock::new()))
    }

    /// How many articles there are.
    pub fn len(&self) -> usize {
        self.0.strings(ENTRIES)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Learns where every name stands. From then on none is searched for, nor one that is none, which links and addresses mostly are
    /// at first.
    pub fn learn_names(&self) {
        self.2.get_or_init(|| {
            let keys = (0..self.0.strings(KEYS)).map(|at| self.key(at));
            [Directory::of(self.ids()), Directory::of(keys)]
        });
    }

    /// The article whose id is `id`, byte for byte.
    pub fn by_id(&self, id: &str) -> Option<DocOrd> {
        let id = id.as_bytes();
        let is_called = |ord: DocOrd| {
            // Most likely it is, and a panel asks for these next.
            self.prefetch_facts(ord);
            self.prefetch_candidates(ord);
            self.id_bytes(ord.index()) == id
        };
        let ord = |at| DocOrd(at as u32);
        if let Some([ids, _]) = self.2.get() {
            return ids.find(id, |at| is_called(ord(at))).map(ord);
        }
        let search = || find(self.len(), |at| self.id_bytes(at).cmp(id));
        (self.1).or_search(id, is_called, || search().map(ord))
    }

    /// How many articles come before the id `id`, byte by byte.
    pub fn before(&self, id: &str) -> usize {
        before(self.len(), |at| self.id_bytes(at) < id.as_bytes())
    }

    /// The article that the normal form of an address leads to.
    pub fn by_key(&self, key: &str) -> Option<DocOrd> {
        let key = key.as_bytes();
        let found = match self.2.get() {
            Some([_, keys]) => keys.find(key, |at| self.key(at) == key),
            None => find(self.0.strings(KEYS), |at| self.key(at).cmp(key)),
        };
        found.map(|at| self.of_key(at))
    }

    /// The version of the site that articles are of whose addresses begin with `folder`, from 1; 0 where there are none, or of none.
    pub fn version_in(&self, folder: &str) -> u32 {
        let ids = within(folder, self.len(), |at| self.id_bytes(at));
        let ids = ids.map(|at| DocOrd(at as u32));
        let keys = within(folder, self.0.strings(KEYS), |at| self.key(at));
        let mut inside = ids.chain(keys.map(|at| self.of_key(at)));
        // Another address of an article may lie in the folder of another version.
        let is_own = |ord: &DocOrd| {
            let entry = self.entry(*ord);
            entry.is_ok_and(|entry| entry.url.contains(folder))
        };
        inside.find(is_own).map_or(0, |ord| self.version(ord))
    }

    fn of_key(&self, at: usize) -> DocOrd {
        DocOrd(self.0.u32(KEY_ORDS, at))
    }

    fn key(&self, at: usize) -> &[u8] {
        match self.0.string(KEYS, at) {
            b"" => {
                let entry = self.entry(self.of_key(at));
                entry.map_or(&b""[..], |entry| entry.url.as_bytes())
            }
            text => text,
        }
    }

    /// The id of an article.
    pub fn id(&self, ord: DocOrd) -> &str {
        str::from_utf8(self.id_bytes(ord.index())).unwrap_or_default()
    }

    /// The ids of all articles as bytes, in their order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &[u8]> + '_ {
        (0..self.len()).map(|at| self.id_bytes(at))
    }

    fn id_bytes(&self, at: usize) -> &[u8] {
        packed_id(self.0.string(ENTRIES, at)).unwrap_or_default()
    }

    /// What is shown of an article.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    #[inline]
    pub fn entry(&self, ord: DocOrd) -> Result<EntryView<'_>> {
        unpacked(self.0.string(ENTRIES, ord.index())).ok_or_else(|| unreadable(ord))
    }

    /// The same as a panel writes it.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    #[inline]
    pub fn shown(&self, ord: DocOrd) -> Result<Shown<'_>> {
        shown(self.0.string(ENTRIES, ord.index())).ok_or_else(|| unreadable(ord))
    }

    /// Has the memory behind [`Serving::entry`] brought near: waiting for many at once takes hardly longer than for one.
    pub fn prefetch_entry(&self, ord: DocOrd) {
        self.0.prefetch(self.0.string(ENTRIES, ord.index()));
    }

    /// Has the memory behind [`Serving::candidates`] brought near.
    pub fn prefetch_candidates(&self, ord: DocOrd) {
        self.0.prefetch(self.rows(ord).as_flattened());
    }

    /// Has the memory behind [`Serving::facts`] brought near.
    #[inline]
    pub fn prefetch_facts(&self, ord: DocOrd) {
        let facts = self.0.records::<{ records::FACTS }>(FACTS);
        self.0.prefetch_line(&facts[ord.index()]);
    }

    /// What rules and signals need to know of an article.
    #[inline]
    pub fn facts(&self, ord: DocOrd) -> Facts {
        Facts::from_bytes(&self.0.records(FACTS)[ord.index()])
    }

    /// The number of a language; `None` if no article has it.
    pub fn lang_number(&self, lang: &Lang) -> Option<u32> {
        self.named(LANG_NAMES, lang.as_str())
    }

    /// The number of a kind; `None` if no article has it.
    pub fn kind_number(&self, kind: &Kind) -> Option<u32> {
        self.named(KIND_NAMES, kind.as_str())
    }

    /// The kinds that articles have.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        let names = (0..self.0.strings(KIND_NAMES)).map(|at| self.0.string(KIND_NAMES, at));
        names.filter_map(|name| str::from_utf8(name).ok())
    }

    /// The number of a topic; `None` if no article has it.
    pub fn topic_number(&self, topic: &Topic) -> Option<u32> {
        self.named(TOPIC_NAMES, topic.as_str())
    }

    /// The numbers of the topics called `name`, however that is written; none if no article has such a topic.
    pub fn topic_numbers(&self, name: &str) -> Vec<u32> {
        let wanted = name_key(name);
        let key = |at| self.0.string(TOPIC_KEYS, at);
        let count = self.0.strings(TOPIC_KEYS);
        let some = find(count, |at| key(at).cmp(wanted.as_bytes()));
        let Some(some) = some else { return Vec::new() };
        let is_same = |&at: &usize| key(at) == wanted.as_bytes();
        let before = (0..some).rev().take_while(is_same);
        let after = (some..count).take_while(is_same);
        let numbers = before.chain(after);
        numbers.map(|at| self.0.u32(TOPIC_NUMBERS, at)).collect()
    }

    /// The languages of the articles.
    pub fn langs(&self) -> impl Iterator<Item = Lang> + '_ {
        (0..self.0.strings(LANG_NAMES))
            .filter_map(|index| std::str::from_utf8(self.0.string(LANG_NAMES, index)).ok())
            .filter_map(Lang::new)
    }

    /// Dated articles that may be cards, the newest at `now` (unix seconds) first, each behind the negative of its moment.
    pub fn dated(&self, now: i64) -> impl Iterator<Item = (i64, DocOrd)> + '_ {
        (0..self.0.bytes(LATEST).len() / 4)
            .map(|index| DocOrd(self.0.u32(LATEST, index)))
            .map(|ord| (-self.published(ord), ord))
            .filter(move |&(falling, _)| -falling <= now)
    }

    /// The candidates of an article.
    pub fn candidates(
        &self,
        ord: DocOrd,
    ) -> impl ExactSizeIterator<Item = CandidateRow> + Clone + '_ {
        self.rows(ord).iter().map(CandidateRow::from_bytes)
    }

    /// The candidate at `place` among those of an article, the best of which is at 0.
    pub fn candidate(&self, ord: DocOrd, place: usize) -> Option<CandidateRow> {
        self.rows(ord).get(place).map(CandidateRow::from_bytes)
    }

    /// Has the memory behind [`Serving::candidate`] brought near.
    pub fn prefetch_candidate(&self, ord: DocOrd, place: usize) {
        let row = self.rows(ord).get(place);
        self.0.prefetch(row.map_or(&[], |row| row));
    }

    fn rows(&self, ord: DocOrd) -> &[[u8; records::ROW]] {
        let start = self.0.u32(ROW_STARTS, ord.index()) as usize;
        let end = self.0.u32(ROW_STARTS, ord.index() + 1) as usize;
        &self.0.records(ROWS)[start..end]
    }

    /// The articles that an article competes with in search engines, by ordinal, and by how much, in parts of 255.
    pub fn competitors(&self, ord: DocOrd) -> impl Iterator<Item = (DocOrd, u8)> + '_ {
        let known = self.0.bytes(COMPETITOR_STARTS).len() / 4 > ord.index() + 1;
        let start = |ord| self.0.u32(COMPETITOR_STARTS, ord) as usize;
        let range = if known {
            start(ord.index())..start(ord.index() + 1)
        } else {
            0..0
        };
        range.map(|at| {
            let number = self.0.u64(COMPETITORS, at);
            (DocOrd((number >> 8) as u32), number as u8)
        })
    }

    /// The clusters that the panel of an article with [`Facts::reserves`] keeps a place for.
    pub fn reserved(&self, ord: DocOrd) -> impl Iterator<Item = DocOrd> + '_ {
        let start = |ord| self.0.u32(RESERVED_STARTS, ord) as usize;
        let range = start(ord.index())..start(ord.index() + 1);
        range.map(|at| DocOrd(self.0.u32(RESERVED, at)))
    }

    /// When an article was published, in unix seconds; the least number where that is not known.
    pub fn published(&self, ord: DocOrd) -> i64 {
        self.0.u64(PUBLISHED, ord.index()).cast_signed()
    }

    /// The sections of the file.
    pub(super) fn sections(&self) -> &Sections {
        &self.0
    }

    /// The place of `name` among the strings at `tag`, which stand in byte order.
    fn named(&self, tag: u32, name: &str) -> Option<u32> {
        let wanted = name.as_bytes();
        let found = find(self.0.strings(tag), |at| self.0.string(tag, at).cmp(wanted));
        found.map(|index| index as u32)
    }
}

fn unreadable(ord: DocOrd) -> Error {
    Error::Damaged(format!("the record of article {} cannot be read", ord.0))
}

/// The places of the names that begin with `folder`, of so many that are in order.
fn within<'a>(
    folder: &str,
    length: usize,
    name: impl Fn(usize) -> &'a [u8],
) -> impl Iterator<Item = usize> {
    let first = before(length, |at| name(at) < folder.as_bytes());
    (first..length).take_while(move |&at| name(at).starts_with(folder.as_bytes()))
}

/// How many of `length` places come before one; they are the first, and `comes_before` holds for them alone.
fn before(length: usize, comes_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        match comes_before(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

/// The one of `length` places in order that is neither less nor greater than what is looked for.
fn find(length: usize, at: impl Fn(usize) -> Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        match at(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(middle),
        }
    }
    None
}
