//! Articles that come over HTTP while a server runs: what a write becomes in the journal, and what the journal's records
//! since the generation was built change in its panels.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::assemble::changed;
use super::names::is_own_path;
use super::overlay::{Differing, Overlay};
use super::pushed::{Pushed, Written, digest_of};
use super::snapshot::Snapshot;
use super::versions;
use crate::corpus::url::{normalise, resolve};
use crate::error::{Error, Result};
use crate::index::Facts;
use crate::journal::{ArticleReader, Change};
use crate::model::{Article, ArticleId, Date, DocOrd, Entry, Problem, Standing};
use crate::signals::seo;

/// Newcomers whose times are kept.
const TOLD: usize = 4096;

/// What a write does to the articles there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was none of this id.
    Created,
    /// There was another.
    Updated,
    /// It is there already, word for word.
    Unchanged,
    /// It is gone.
    Deleted,
}

/// A write that was checked and is not yet kept.
#[derive(Clone, Debug)]
pub struct Write {
    /// The article's id.
    pub id: String,
    /// What it does.
    pub outcome: Outcome,
    /// The record for the journal; `None` where it says nothing new.
    pub payload: Option<Vec<u8>>,
    /// What of it is not as its author meant.
    pub warnings: Vec<Problem>,
}

/// Writes that were checked before and are not yet kept: of each id the digest of the last record. One that is judged after
/// them is judged by them.
#[derive(Debug, Default)]
pub struct Earlier(HashMap<ArticleId, u128>);

/// The journal's article records, followed as they come. Whoever has a write to judge waits for this: nothing is compared here.
#[derive(Debug)]
pub(super) struct Arrivals {
    reader: ArticleReader,
    pushed: Pushed,
    /// The last record of each id that is not in the generation, by number, and that number by id.
    records: BTreeMap<u64, Arc<Written>>,
    since: HashMap<ArticleId, u64>,
    /// Records before this number need no rebuild.
    settled: u64,
    /// When the first one came that does.
    waiting: Option<Instant>,
    /// How long the last newcomers took, in microseconds.
    took: VecDeque<u32>,
}

impl Arrivals {
    /// Nothing of the journal of `data` is read yet.
    pub(super) fn of(data: &Path) -> Self {
        Self::read_by(ArticleReader::open(data))
    }

    /// The records of the journal of `data` that are not in a generation which has those before the number `built`, for who
    /// judges no write; and what is damaged among them.
    pub(super) fn since(data: &Path, built: u64) -> Result<(Self, Vec<Problem>)> {
        let mut arrivals = Self::read_by(ArticleReader::after(data, built));
        let problems = arrivals.poll(built)?;
        Ok((arrivals, problems))
    }

    fn read_by(reader: ArticleReader) -> Self {
        Self {
            reader,
            pushed: Pushed::default(),
            records: BTreeMap::new(),
            since: HashMap::new(),
            settled: 0,
            waiting: None,
            took: VecDeque::new(),
        }
    }

    /// Reads what came; records before the number `built` are in the generation. What is damaged in the journal.
    pub(super) fn poll(&mut self, built: u64) -> Result<Vec<Problem>> {
        let (pushed, records, since) = (&mut self.pushed, &mut self.records, &mut self.since);
        let waiting = &mut self.waiting;
        let read = self.reader.poll(|sequence, payload| {
            match pushed.read(sequence, payload) {
                Some(written) if sequence >= built => {
                    waiting.get_or_insert_with(Instant::now);
                    if let Some(before) = since.insert(written.id.clone(), sequence) {
                        records.remove(&before);
                    }
                    records.insert(sequence, Arc::new(written));
                }
                _ => {}
            }
            Ok(())
        });
        let mut problems = read?;
        problems.append(&mut self.pushed.problems);
        Ok(problems)
    }

    /// The records from the number `end` on, in the order of the journal, `most` at most.
    pub(super) fn after(&self, end: u64, most: usize) -> Vec<(u64, Arc<Written>)> {
        let records = self.records.range(end..).take(most);
        records
            .map(|(sequence, written)| (*sequence, Arc::clone(written)))
            .collect()
    }

    /// Lets go of the records before the number `built`: a generation that has them serves.
    pub(super) fn switch(&mut self, built: u64) {
        self.records = self.records.split_off(&built);
        self.since.retain(|_, sequence| *sequence >= built);
        self.settle(built);
    }

    /// Takes note how long articles took to analyse and compare.
    pub(super) fn took(&mut self, times: &[Duration]) {
        let micros = times.iter().map(Duration::as_micros);
        let micros = micros.map(|micros| micros.try_into().unwrap_or(u32::MAX));
        self.took.extend(micros);
        let surplus = self.took.len().saturating_sub(TOLD);
        self.took.drain(..surplus);
    }

    /// How long it took to analyse and compare each of the last newcomers, in microseconds, the shortest first.
    pub(super) fn times(&self) -> Vec<u32> {
        let mut times: Vec<u32> = self.took.iter().copied().collect();
        times.sort_unstable();
        times
    }

    /// The last record of `id` that is not in the generation.
    fn last(&self, id: &ArticleId) -> Option<&Written> {
        let written = self.records.get(self.since.get(id)?)?;
        Some(written)
    }

    /// How many articles differ from the generation and wait for a rebuild, and since when.
    pub(super) fn waiting(&self) -> (usize, Option<Instant>) {
        let waits = self.records.range(self.settled..);
        (waits.count(), self.waiting)
    }

    /// The number behind the last record that was read.
    pub(super) fn end(&self) -> u64 {
        self.pushed.end()
    }

    /// Says that records before the number `end` need no rebuild.
    pub(super) fn settle(&mut self, end: u64) {
        self.settled = self.settled.max(end);
        let waits = self.records.range(self.settled..).next();
        self.waiting = waits.map(|_| Instant::now());
    }

    /// What it is to write `record`, under the id `given` if there is one, on line `line` of what came.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub(super) fn put(
        &self,
        snapshot: &Snapshot,
        (article, record): (Article, String),
        warnings: Vec<Problem>,
        earlier: &mut Earlier,
    ) -> Write {
        let id = article.id;
        let over = self.over(snapshot, &id);
        let digest = digest_of(&record);
        let before = earlier.0.insert(id.clone(), digest);
        let same = match before {
            Some(before) => before == digest,
            None => self
                .pushed
                .last(&id)
                .is_some_and(|last| last.digest == Some(digest) && last.over == over),
        };
        let is_there = before.is_some() || self.is_there(snapshot, &id);
        let change = Change::Put {
            id: id.as_str(),
            record: &record,
            over,
        };
        Write {
            outcome: match (same, is_there) {
                (true, _) => Outcome::Unchanged,
                (false, true) => Outcome::Updated,
                (false, false) => Outcome::Created,
            },
            payload: (!same).then(|| change.to_bytes()),
            id: id.to_string(),
            warnings,
        }
    }

    /// What it is to delete the article whose id or own address is `name`. An alias deletes nothing: whoever says again that a page
    /// is gone would else delete the one that took its place.
    ///
    /// # Errors
    /// [`Error::UnknownArticle`].
    pub(super) fn delete(&self, snapshot: &Snapshot, name: &str) -> Result<Write> {
        let unknown = || Error::UnknownArticle(name.to_owned());
        let named = snapshot.named(name);
        let named = named.filter(|&ord| is_own_address(snapshot, ord, name));
        let named = named.map(|ord| snapshot.id(ord));
        let id = ArticleId::new(named.unwrap_or(name)).ok_or_else(unknown)?;
        if !self.is_there(snapshot, &id) {
            return Err(unknown());
        }
        let change = Change::Delete {
            id: id.as_str(),
            over: self.over(snapshot, &id),
        };
        Ok(Write {
            payload: Some(change.to_bytes()),
            outcome: Outcome::Deleted,
            id: id.to_string(),
            warnings: Vec::new(),
        })
    }

    /// Whether there is an article of this id, published or not.
    pub(super) fn is_there(&self, snapshot: &Snapshot, id: &ArticleId) -> bool {
        let in_generation = || snapshot.serving().by_id(id.as_str()).is_some();
        match self.last(id) {
            Some(written) if stands(snapshot, written) => written.piece.is_some(),
            _ => in_generation(),
        }
    }

    /// Whether the article of this id came over HTTP or on standard input.
    pub(super) fn is_pushed(&self, snapshot: &Snapshot, id: &ArticleId) -> bool {
        match self.last(id) {
            Some(written) if stands(snapshot, written) => true,
            _ => {
                snapshot.serving().by_id(id.as_str()).is_some() && piece_of(snapshot, id).is_none()
            }
        }
    }

    /// The digest of the corpus piece that a record of `id` is written over.
    fn over(&self, snapshot: &Snapshot, id: &ArticleId) -> Option<u128> {
        piece_of(snapshot, id).or_else(|| self.pushed.last(id)?.over)
    }
}

/// Whether `name` is the id of an article, or the address at which it stands.
fn is_own_address(snapshot: &Snapshot, ord: DocOrd, name: &str) -> bool {
    let own = &snapshot.config().own;
    let address = normalise(name, own);
    let stands_at = |at: &str| address.is_some() && normalise(at, own) == address;
    let id = snapshot.id(ord);
    id == name || stands_at(id) || snapshot.entry(ord).is_ok_and(|entry| stands_at(entry.url))
}

/// The digest of the corpus piece from which the generation has the article `id`.
fn piece_of(snapshot: &Snapshot, id: &ArticleId) -> Option<u128> {
    let ord = snapshot.serving().by_id(id.as_str())?;
    let (source, digest) = snapshot.terms().ok()?.origin(ord);
    let journal = snapshot.manifest().sources.len().saturating_sub(1);
    (usize::from(source.0) < journal).then_some(digest)
}

/// Whether a record was written later than the corpus piece that the generation has under its id.
pub(super) fn stands(snapshot: &Snapshot, written: &Written) -> bool {
    let piece = piece_of(snapshot, &written.id);
    piece.is_none() || piece == written.over
}

/// An article that is no more.
pub(super) fn gone(snapshot: &Snapshot, overlay: &Overlay, ord: DocOrd) -> Differing {
    let facts = overlay.facts(ord).unwrap_or_else(|| snapshot.facts(ord));
    Differing {
        ord,
        facts: Facts {
            card: false,
            host: false,
            ..facts
        },
        entry: None,
        keys: Vec::new(),
        version: 0,
        only_words: false,
    }
}

/// An article that is new, or another than the generation has.
pub(super) fn differing(
    snapshot: &Snapshot,
    overlay: &mut Overlay,
    ord: DocOrd,
    entry: Entry,
) -> Differing {
    let serving = snapshot.serving();
    let before = (ord.index() < serving.len()).then(|| serving.facts(ord));
    let kind = serving.kind_number(&entry.kind);
    let lang = serving.lang_number(&entry.lang);
    let topic = entry.topic.as_ref().map(|topic| {
        let known = serving.topic_number(topic);
        known.unwrap_or_else(|| overlay.number(topic.as_str()))
    });
    let facts = Facts {
        cluster: before.map_or(ord, |before| before.cluster),
        informative_terms: before.map_or(0, |before| before.informative_terms),
        links: before.map_or(0, |before| before.links),
        kind: kind.unwrap_or_else(|| overlay.number(entry.kind.as_str())),
        lang: lang.unwrap_or_else(|| overlay.number(entry.lang.as_str())),
        topic,
        card: !entry.draft && !entry.noindex && !stands_elsewhere(snapshot, &entry),
        host: !entry.draft,
        noindex: entry.noindex,
        // What is said of it is heard next; its versions are looked for again for the next generation.
        ruled: before.is_some_and(|before| before.ruled),
        hidden: before.is_some_and(|before| before.hidden),
        older: before.is_some_and(|before| before.older),
        reserves: before.is_some_and(|before| before.reserves),
        standing: standing(before.map(|before| before.standing), &entry),
    };
    let own = &snapshot.config().own;
    let addresses = entry.aliases.iter().map(String::as_str);
    let addresses = [entry.url.as_str(), entry.id.as_str()]
        .into_iter()
        .chain(addresses);
    let keys: Vec<String> = addresses
        .filter_map(|address| normalise(address, own))
        .collect();
    Differing {
        only_words: is_as_before(snapshot, overlay, (ord, &facts), &entry, &keys),
        ord,
        facts,
        entry: Some(Arc::new(entry)),
        version: keys.first().map_or(0, |address| version(snapshot, address)),
        keys,
    }
}

/// The version of the site that `address` is in a folder of, from 1; 0 for none.
fn version(snapshot: &Snapshot, address: &str) -> u32 {
    let folder = versions::folder(address);
    folder.map_or(0, |folder| snapshot.serving().version_in(folder))
}

/// Whether an article is where and what it was, so that no other than its own panel and those it is a candidate of can change.
fn is_as_before(
    snapshot: &Snapshot,
    overlay: &Overlay,
    (ord, facts): (DocOrd, &Facts),
    entry: &Entry,
    keys: &[String],
) -> bool {
    let serving = snapshot.serving();
    let mapped = || (ord.index() < serving.len()).then(|| serving.facts(ord));
    let Some(before) = overlay.facts(ord).or_else(mapped) else {
        return false;
    };
    let published = match overlay.entry(ord) {
        Some(entry) => entry.published.map(Date::seconds),
        None => Some(serving.published(ord)).filter(|&at| at != i64::MIN),
    };
    let leads_here = |key: &String| snapshot.at_beside(overlay, key) == Some(ord);
    // What a reindex counts of its words and links is told to those who show it.
    let before = Facts {
        standing: facts.standing,
        informative_terms: facts.informative_terms,
        links: facts.links,
        cluster: facts.cluster,
        // Whoever hides it says so to all panels.
        hidden: facts.hidden,
        ..before
    };
    !overlay.is_gone(ord)
        && *facts == before
        && entry.published.map(Date::seconds) == published
        && keys.iter().all(leads_here)
        && overlay.has_keys(ord, keys)
}

/// Where an article stands, as far as that follows from itself; links and searches are counted for the next generation.
fn standing(before: Option<Standing>, entry: &Entry) -> Standing {
    Standing {
        changed: changed(entry),
        half_life: seo::half_life(&entry.kind),
        ..before.unwrap_or_default()
    }
}

/// Whether another page stands for this one.
fn stands_elsewhere(snapshot: &Snapshot, entry: &Entry) -> bool {
    let Some(canonical) = &entry.canonical else {
        return false;
    };
    let own = &snapshot.config().own;
    let mut paths = resolve(canonical, &entry.url, own).into_iter();
    let found = snapshot
        .named(canonical)
        .or_else(|| paths.find_map(|path| snapshot.at(&path)));
    match found {
        Some(found) => snapshot.id(found) != entry.id.as_str(),
        None => !is_own_path(canonical, entry),
    }
}
