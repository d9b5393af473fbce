//! What differs from a generation since it was built: articles that are new, changed or gone, and the candidates that go
//! with them. Immutable; a snapshot looks here before it looks into the mapped files.
//!
//! A changed article keeps its ordinal, a new one gets one behind those of the generation and keeps it until the next.

mod related;
mod ruling;

use std::sync::Arc;

pub(super) use related::{Related, Seen};
use ruling::Ruling;

use super::shared::{Named, Shared};
use super::watch::Watch;
use crate::index::{CandidateRow, Facts, Shown, Words, packed, shown};
use crate::model::{DocOrd, Entry, EntryView, Lang};
use crate::text::name_key;

/// Numbers of kinds, topics and languages that no article of the generation has begin here.
const NEW_NAMES: u32 = 1 << 24;

/// What a snapshot sees instead of what its generation holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlay {
    /// What rules and signals need to know of the articles that differ.
    facts: Shared<Facts>,
    /// A bit for each ordinal that is among them: most are not, and panels ask for every candidate.
    differs: Vec<u64>,
    /// What is shown of those that are there, and the same as a panel writes it.
    entries: Shared<(Arc<Entry>, Arc<[u8]>)>,
    /// What searches find those by that are there, and the digests of the pieces that they were read from.
    words: Shared<Arc<Words>>,
    origins: Shared<u128>,
    /// The new articles, and their ordinals by their ids.
    added: Shared<()>,
    /// Of which version of the site each of them is, as the generation numbers versions; 0 for none.
    versions: Shared<u32>,
    ids: Named<DocOrd>,
    /// The ordinals of all that differ by the normal forms of their addresses, and these by ordinal.
    keys: Named<DocOrd>,
    keys_of: Shared<Arc<[Arc<str>]>>,
    /// All candidates of the articles that were compared anew.
    rows: Shared<Arc<[CandidateRow]>>,
    /// Those of them that are candidates of an article, by ordinal.
    beside: Shared<Arc<[CandidateRow]>>,
    /// The change that last added to or took from these.
    touched: Shared<u64>,
    /// Those that the hosts which they had keep as they were, where nothing else is known.
    stay: Shared<()>,
    /// What explanations say of the articles that were compared anew.
    seen: Shared<Arc<Seen>>,
    /// What is said of articles since they changed.
    ruling: Ruling,
    /// Dated articles among those that differ and may be cards, newest first, ties by ordinal.
    latest: Vec<(i64, DocOrd)>,
    /// Kinds, topics and languages that are new; each is numbered by its place.
    names: Vec<String>,
    /// Those that are gone.
    gone: Shared<()>,
    /// How many changes there were, which of them was the last of each article, and the last that may change any panel.
    changes: u64,
    changed: Shared<u64>,
    changed_all: u64,
}

/// An article that differs from what the generation holds.
#[derive(Clone, Debug)]
pub(super) struct Differing {
    pub(super) ord: DocOrd,
    pub(super) facts: Facts,
    /// `None` for one that is gone.
    pub(super) entry: Option<Arc<Entry>>,
    /// Normal forms of its addresses.
    pub(super) keys: Vec<String>,
    /// The version of the site that its address says it is of, from 1; 0 for none.
    pub(super) version: u32,
    /// Whether it is where and what it was, in other words.
    pub(super) only_words: bool,
}

impl Overlay {
    /// Takes an article up, in the place of what is known of its ordinal; `is_new` where the generation has none.
    pub(super) fn put(&mut self, article: Differing, is_new: bool) {
        let Differing {
            ord,
            facts,
            entry,
            keys,
            version,
            only_words,
        } = article;
        self.changes += 1;
        self.changed.insert(ord.0, self.changes);
        if !only_words {
            self.changed_all = self.changes;
        }
        if self.facts.has(ord.0) {
            self.latest.retain(|&(_, other)| other != ord);
        }
        for key in self.keys_of.remove(ord.0).iter().flat_map(|keys| &**keys) {
            self.keys.remove(key);
        }
        self.facts.insert(ord.0, facts);
        let word = ord.index() / 64;
        self.differs.resize(self.differs.len().max(word + 1), 0);
        self.differs[word] |= 1 << (ord.index() % 64);
        // One that is gone keeps its name, for whoever still counts its readers.
        let Some(entry) = entry else {
            self.gone.insert(ord.0, ());
            self.words.remove(ord.0);
            self.origins.remove(ord.0);
            return;
        };
        self.gone.remove(ord.0);
        if is_new {
            self.added.insert(ord.0, ());
            self.versions.insert(ord.0, version);
            self.ids.insert_new(&entry.id.as_str().into(), ord);
        }
        let keys = keys.into_iter().map(Arc::from);
        let own: Arc<[Arc<str>]> = keys.filter(|key| self.keys.insert_new(key, ord)).collect();
        self.keys_of.insert(ord.0, own);
        if let Some(published) = entry.published.filter(|_| facts.card) {
            let dated = (-published.seconds(), ord);
            let place = self.latest.partition_point(|other| *other < dated);
            self.latest.insert(place, dated);
        }
        let shown = packed(&entry.view()).into();
        self.entries.insert(ord.0, (entry, shown));
    }

    /// Says what the article at `ord`, which differs and is there, is found by, and the digest of the piece it was read from.
    pub(super) fn put_text(&mut self, ord: DocOrd, words: Words, origin: u128) {
        self.words.insert(ord.0, Arc::new(words));
        self.origins.insert(ord.0, origin);
    }

    /// What searches find the articles by that differ and are there.
    pub(super) fn words(&self) -> impl Iterator<Item = (DocOrd, &Words)> {
        let ords = self.words.numbers();
        ords.filter_map(|ord| Some((DocOrd(ord), &**self.words.get(ord)?)))
    }

    /// The digest of the piece that an article which differs was read from.
    pub(super) fn origin(&self, ord: DocOrd) -> Option<u128> {
        self.origins.get(ord.0).copied()
    }

    /// The version of the site that a new article is of, from 1; 0 for none.
    pub(super) fn version(&self, ord: DocOrd) -> u32 {
        self.versions.get(ord.0).copied().unwrap_or_default()
    }

    /// How many changes there were.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    /// Whether no change since matters to `watch`.
    pub(super) fn holds(&self, watch: &Watch) -> bool {
        let is_later = |ord: &DocOrd| {
            let last = self.changed.get(ord.0);
            self.differs(*ord) && last.is_some_and(|&last| last > watch.changes)
        };
        let host_is_touched = || {
            let host = watch.on.first();
            let last = host.and_then(|host| self.touched.get(host.0));
            last.is_some_and(|&last| last > watch.changes)
        };
        watch.changes == self.changes
            || !watch.on_all
                && self.changed_all <= watch.changes
                && !watch.on.iter().any(is_later)
                && !host_is_touched()
    }

    /// Whether `keys` are all the addresses that an article that differs has here.
    pub(super) fn has_keys(&self, ord: DocOrd, keys: &[String]) -> bool {
        let own = self.keys_of.get(ord.0);
        let mut own = own.iter().flat_map(|own| own.iter());
        own.all(|own| keys.iter().any(|key| **key == **own))
    }

    /// Whether the article is no more.
    pub(super) fn is_gone(&self, ord: DocOrd) -> bool {
        self.gone.has(ord.0)
    }

    /// The number of a kind, a topic or a language that no article of the generation has.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        self.named(name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            NEW_NAMES + self.names.len() as u32 - 1
        })
    }

    /// The same, where an article that differs has it.
    pub(super) fn named(&self, name: &str) -> Option<u32> {
        let place = self.names.iter().position(|other| other == name);
        place.map(|place| NEW_NAMES + place as u32)
    }

    /// The numbers of new names that are `name`, however it is written.
    pub(super) fn called(&self, name: &str) -> impl Iterator<Item = u32> {
        let wanted = name_key(name);
        let names = (NEW_NAMES..).zip(&self.names);
        let those = names.filter(move |(_, name)| name_key(name) == wanted);
        those.map(|(number, _)| number)
    }

    /// The languages that no article of the generation is in.
    pub(super) fn langs(&self) -> impl Iterator<Item = Lang> {
        let numbers = self.facts.numbers().filter_map(|ord| self.facts.get(ord));
        let mut new: Vec<u32> = numbers.map(|facts| facts.lang).collect();
        new.retain(|&number| number >= NEW_NAMES);
        new.sort_unstable();
        new.dedup();
        let names = new.into_iter();
        names.filter_map(|number| Lang::new(self.names.get((number - NEW_NAMES) as usize)?))
    }

    /// Facts of an article that differs.
    #[inline]
    pub(super) fn facts(&self, ord: DocOrd) -> Option<Facts> {
        match self.differs(ord) {
            true => self.facts.get(ord.0).copied(),
            false => None,
        }
    }

    /// Whether the article is another than the generation has, new or gone.
    #[inline]
    pub(super) fn differs(&self, ord: DocOrd) -> bool {
        let word = self.differs.get(ord.index() / 64);
        word.is_some_and(|word| word >> (ord.index() % 64) & 1 == 1)
    }

    /// What is shown of an article that differs and is there.
    #[inline]
    pub(super) fn entry(&self, ord: DocOrd) -> Option<EntryView<'_>> {
        if !self.differs(ord) {
            return None;
        }
        self.entries.get(ord.0).map(|(entry, _)| entry.view())
    }

    /// The same as a panel writes it.
    #[inline]
    pub(super) fn shown_of(&self, ord: DocOrd) -> Option<Shown<'_>> {
        if !self.differs(ord) {
            return None;
        }
        self.entries
            .get(ord.0)
            .and_then(|(_, packed)| shown(packed))
    }

    /// The new article whose id is `id`, byte for byte.
    pub(super) fn by_id(&self, id: &str) -> Option<DocOrd> {
        self.ids.get(id).copied()
    }

    /// The article to whose address the normal form `key` belongs now.
    pub(super) fn by_key(&self, key: &str) -> Option<DocOrd> {
        self.keys.get(key).copied()
    }

    /// The new articles, by ordinal.
    pub(super) fn added(&self) -> impl Iterator<Item = DocOrd> + '_ {
        self.added.numbers().map(DocOrd)
    }

    /// How many articles are new.
    pub(super) fn count_added(&self) -> usize {
        self.added.len()
    }

    /// `latest` of the generation, the newest at `now` first, with the articles that differ at their places.
    pub(super) fn latest<'a>(
        &'a self,
        latest: impl Iterator<Item = (i64, DocOrd)> + 'a,
        now: i64,
    ) -> impl Iterator<Item = DocOrd> + 'a {
        let own = self.latest.iter().copied();
        let mut own = own.filter(move |&(falling, _)| -falling <= now).peekable();
        let mut base = latest.filter(|(_, ord)| !self.differs(*ord)).peekable();
        std::iter::from_fn(move || {
            let is_own = match (own.peek(), base.peek()) {
                (Some(own), Some(base)) => own < base,
                (own, _) => own.is_some(),
            };
            if is_own { own.next() } else { base.next() }.map(|(_, ord)| ord)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Standing;

    const MOVED: DocOrd = DocOrd(0);
    const HOST: DocOrd = DocOrd(1);
    const NEWCOMER: DocOrd = DocOrd(2);

    fn facts(ord: DocOrd) -> Facts {
        Facts {
            cluster: ord,
            informative_terms: 9,
            links: 0,
            kind: 0,
            lang: 0,
            topic: None,
            card: true,
            host: true,
            noindex: false,
            ruled: false,
            hidden: false,
            older: false,
            reserves: false,
            standing: Standing::default(),
        }
    }

    fn row(ord: DocOrd) -> CandidateRow {
        CandidateRow {
            ord,
            content: 0.5,
            research: 0.0,
            shared_terms: 3,
            linked: false,
            linking: false,
            related_topics: false,
        }
    }

    impl Overlay {
        /// Another text of `ord`, with candidates and no hosts, which may be like that of the generation.
        fn comes(&mut self, ord: DocOrd, rows: &[DocOrd], stays: bool) {
            let differing = Differing {
                ord,
                facts: facts(ord),
                entry: None,
                keys: Vec::new(),
                version: 0,
                only_words: true,
            };
            self.put(differing, false);
            let related = Related {
                facts: facts(ord),
                rows: rows.iter().map(|&ord| row(ord)).collect(),
                hosts: Vec::new(),
                stays,
                seen: Seen {
                    terms: Vec::new(),
                    links: Vec::new(),
                    names: Vec::new(),
                },
            };
            self.relate(ord, related, &[]);
        }

        fn shown(&self, host: DocOrd, mapped: &[DocOrd]) -> Vec<DocOrd> {
            let rows = self.candidates(host, mapped.iter().map(|&ord| row(ord)));
            rows.into_iter().map(|row| row.ord).collect()
        }

        fn watch(&self, host: DocOrd, mapped: &[DocOrd]) -> Watch {
            let on = [host].into_iter().chain(self.shown(host, mapped));
            Watch {
                editions: [0; 2],
                changes: self.changes,
                on_all: false,
                next: 0,
                site: (0, 0),
                on: on.collect(),
            }
        }
    }

    #[test]
    fn a_kept_panel_does_not_hold_once_a_candidate_that_left_it_is_put_back() {
        let mut overlay = Overlay::default();
        overlay.comes(MOVED, &[], false);
        assert!(overlay.shown(HOST, &[MOVED]).is_empty());
        let kept = overlay.watch(HOST, &[MOVED]);
        overlay.comes(MOVED, &[], true);
        assert_eq!(overlay.shown(HOST, &[MOVED]), [MOVED]);
        assert!(!overlay.holds(&kept));
        // A mended text says nothing to panels that it is not in.
        let of_others = overlay.watch(HOST, &[]);
        overlay.comes(MOVED, &[], true);
        assert!(overlay.holds(&of_others));
    }

    #[test]
    fn a_host_that_was_compared_anew_keeps_what_is_still_like_the_generation() {
        let mut overlay = Overlay::default();
        overlay.comes(NEWCOMER, &[MOVED], false);
        overlay.comes(MOVED, &[], true);
        assert_eq!(overlay.shown(NEWCOMER, &[]), [MOVED]);
        overlay.comes(MOVED, &[], false);
        assert!(overlay.shown(NEWCOMER, &[]).is_empty());
        // What it saw of it is no more so, until it is compared again.
        overlay.comes(MOVED, &[], false);
        assert!(overlay.shown(NEWCOMER, &[]).is_empty());
        overlay.comes(NEWCOMER, &[MOVED], false);
        assert_eq!(overlay.shown(NEWCOMER, &[]), [MOVED]);
    }
}
