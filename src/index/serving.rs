//! The serving file: everything that a panel needs, in one mapped file.

mod draft;

use std::cmp::Ordering;
use std::path::Path;
use std::sync::OnceLock;

use super::directory::Directory;
use super::found::Found;
use super::records::{self, CandidateRow, Facts};
use super::sections::Sections;
use super::shown::{Shown, packed_id, shown, unpacked};
use crate::error::{Error, Result};
use crate::model::{DocOrd, EntryView, Kind, Lang, Topic};
use crate::text::name_key;
pub use draft::ServingDraft;

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
// 28 is what was stated.

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
    let place = before(length, |place| at(place).is_lt());
    (place < length && at(place).is_eq()).then_some(place)
}
