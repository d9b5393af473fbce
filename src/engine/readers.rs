//! What readers did, as a snapshot sees it: the counts of events, joined with the articles that their names lead to.

use std::collections::BTreeMap;

use super::room::{BESIDE, borrowed};
use super::site_reads::SiteReads;
use super::watch::{Edition, Watch};
use crate::model::{DocOrd, Event, NameOrd, ReadPair};
use crate::signals::behavior::{Fold, Moment, PairReads, Reads, long_run};

/// Visitors that must have read a pair before it is called related for that alone, or named as evidence.
pub(super) const VISITORS: usize = 3;

/// The counts, joined with the articles of one generation.
#[derive(Debug, Default)]
pub(super) struct Readers {
    fold: Fold,
    /// How many articles there are.
    count: usize,
    /// The article of every name, if it leads to one.
    articles: Vec<Option<DocOrd>>,
    /// The first name of every article; empty until there is one.
    names: Vec<Option<NameOrd>>,
    /// The other names of articles.
    more: BTreeMap<DocOrd, Vec<NameOrd>>,
    /// Reads beside every article in the long run; empty until there is a name.
    totals: Vec<Total>,
    /// The same of all articles.
    site: SiteReads,
    /// The number of the last event that changed what is counted of an article; empty until there was one.
    changed: Vec<u64>,
    edition: Edition,
}

/// Reads in fixed point, above the period from which they count: one number, as a panel looks at those of a hundred articles.
#[derive(Clone, Copy, Debug, Default)]
struct Total(u64);

impl Total {
    /// So many `reads`, or as many as there is room for, which are billions, from the period `of`.
    fn new(reads: u64, of: u16) -> Self {
        Self((reads.min(u64::MAX >> u16::BITS) << u16::BITS) | u64::from(of))
    }

    fn parts(self) -> (u64, u16) {
        (self.0 >> u16::BITS, self.0 as u16)
    }
}

/// What readers say of a host and a candidate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReadBeside {
    /// What the value of the signal comes from.
    pub(super) pair: PairReads,
    /// Reads in the long run.
    pub(super) reads: f64,
    /// Reads beside all articles in the long run.
    pub(super) site: f64,
    /// Marks of the first visitors; 0 for none.
    marks: [u16; VISITORS],
}

impl Readers {
    /// The counts of `fold` for the articles with `ids`, in their order; other names `find` looks up.
    pub(super) fn of<'a>(
        fold: Fold,
        ids: impl ExactSizeIterator<Item = &'a [u8]>,
        find: impl Fn(&str) -> Option<DocOrd>,
    ) -> Self {
        let count = ids.len();
        // Most names are ids: walking along both takes a fraction of looking each up.
        let mut ids = (0..).map(DocOrd).zip(ids).peekable();
        let mut articles = vec![None; fold.in_file()];
        for (name, text) in fold.filed_names() {
            while ids.next_if(|&(_, id)| id < text).is_some() {}
            let same = ids.peek().filter(|&&(_, id)| id == text);
            let same = same.map(|&(ord, _)| ord);
            articles[name.index()] = same.or_else(|| find(fold.name(name)));
        }
        let mut readers = Self {
            fold,
            count,
            ..Self::default()
        };
        articles
            .into_iter()
            .for_each(|article| readers.name(article));
        readers.join(find);
        for ord in 0..readers.totals.len() {
            readers.sum(DocOrd(ord as u32));
        }
        readers
    }

    /// What events have added up to.
    pub(super) fn fold(&self) -> &Fold {
        &self.fold
    }

    /// Counts an event, which has the number `sequence` in the journal.
    pub(super) fn apply(
        &mut self,
        sequence: u64,
        event: &Event<'_>,
        find: impl Fn(&str) -> Option<DocOrd>,
    ) {
        let mut touched = Vec::new();
        self.fold.apply(sequence, event, &mut |name| {
            if !touched.contains(&name) {
                touched.push(name);
            }
        });
        self.join(find);
        for name in touched {
            if let Some(ord) = self.articles[name.index()] {
                self.sum(ord);
                // An article that is newer than the generation stands behind its own.
                self.changed.resize(self.totals.len(), 0);
                self.changed[ord.index()] = sequence;
            }
        }
    }

    /// What the panel of `host` is made of at the moment: the counts of the host, of `candidates` and of whatever the host is
    /// read beside.
    pub(super) fn watch(
        &self,
        snapshot: &Edition,
        host: DocOrd,
        candidates: impl Iterator<Item = DocOrd>,
    ) -> Watch {
        let mut on = vec![host];
        on.extend(candidates);
        for name in self.names_of(host) {
            self.fold.each_pair(name, |pair| {
                on.extend(self.articles[pair.partner.index()]);
            });
        }
        Watch {
            editions: [snapshot.number(), self.edition.number()],
            changes: 0,
            on_all: false,
            next: self.fold.next(),
            site: self.site.rounded(),
            on: on.into(),
        }
    }

    /// Whether nothing has changed of what `watch` is on.
    pub(super) fn hold(&self, snapshot: &Edition, watch: &Watch) -> bool {
        let same = |ord: &DocOrd| {
            let changed = self.changed.get(ord.index());
            changed.is_none_or(|&at| at < watch.next)
        };
        // The first event of all makes a difference to every panel: from then on readers tell something.
        let counted = watch.next > 0;
        watch.editions == [snapshot.number(), self.edition.number()]
            && watch.site == self.site.rounded()
            && (watch.next == self.fold.next() || counted && watch.on.iter().all(same))
    }

    /// What readers say of `host` and each article that is read beside it, by ordinal; and how often others are.
    pub(super) fn beside(&self, host: DocOrd, now: &Moment) -> (f64, Vec<(DocOrd, ReadBeside)>) {
        let mut found = borrowed(&BESIDE);
        let mut total = 0.0;
        let site = self.site.worth(now);
        for name in self.names_of(host) {
            let reads = Reads::of(&self.fold.head(name), now);
            total += reads.total();
            self.fold.each_pair(name, |pair| {
                if let Some(ord) = self.articles[pair.partner.index()].filter(|&ord| ord != host) {
                    found.push((ord, ReadBeside::of(&reads, &pair, site)));
                }
            });
        }
        // Most stand in order: names and articles do. Stable, so that an article with several names is summed in one order.
        if !found.is_sorted_by_key(|&(ord, _)| ord) {
            found.sort_by_key(|&(ord, _)| ord);
        }
        found.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1.add(&later.1);
            }
            same
        });
        (total, found)
    }

    /// What readers say of `host` and `card`.
    pub(super) fn read_beside(&self, host: DocOrd, card: DocOrd, now: &Moment) -> ReadBeside {
        let (_, found) = self.beside(host, now);
        let place = found.binary_search_by_key(&card, |&(ord, _)| ord);
        place.map_or(ReadBeside::default(), |place| found[place].1)
    }

    /// Has the memory behind [`Readers::beside`] brought near.
    pub(super) fn prefetch(&self, host: DocOrd) {
        self.names_of(host)
            .for_each(|name| self.fold.prefetch(name));
    }

    /// How often other articles are read beside `ord`.
    pub(super) fn total(&self, ord: DocOrd, now: &Moment) -> f64 {
        // Of none as of many: which it is nobody can tell beforehand, and to ask would be to wait.
        let total = self.totals.get(ord.index()).copied();
        let (reads, of) = total.unwrap_or_default().parts();
        long_run(reads, of, now)
    }

    /// All names of an article.
    fn names_of(&self, ord: DocOrd) -> impl Iterator<Item = NameOrd> + '_ {
        let first = self.names.get(ord.index()).copied().flatten();
        first
            .into_iter()
            .chain(self.more.get(&ord).into_iter().flatten().copied())
    }

    /// Looks up the names that are new.
    fn join(&mut self, find: impl Fn(&str) -> Option<DocOrd>) {
        for number in self.articles.len()..self.fold.len() {
            let name = NameOrd(number as u32);
            let article = find(self.fold.name(name));
            self.name(article);
        }
    }

    /// Takes note of the article of the next name.
    fn name(&mut self, article: Option<DocOrd>) {
        if let Some(ord) = article {
            let name = NameOrd(self.articles.len() as u32);
            self.lead(name, ord);
        }
        self.articles.push(article);
    }

    /// Takes note that `name` leads to `ord`, which may be newer than the generation.
    fn lead(&mut self, name: NameOrd, ord: DocOrd) {
        let count = self.names.len().max(self.count).max(ord.index() + 1);
        self.names.resize(count, None);
        self.totals.resize(count, Total::default());
        match &mut self.names[ord.index()] {
            Some(_) => self.more.entry(ord).or_default().push(name),
            first => *first = Some(name),
        }
    }

    /// Looks names up again that led to no article.
    pub(super) fn look_again(&mut self, find: impl Fn(&str) -> Option<DocOrd>) {
        for number in 0..self.articles.len() {
            let name = NameOrd(number as u32);
            if self.articles[number].is_none()
                && let Some(ord) = find(self.fold.name(name))
            {
                self.articles[number] = Some(ord);
                self.lead(name, ord);
                self.sum(ord);
            }
        }
    }

    /// Adds up the totals of all names of an article, from the latest period of any.
    fn sum(&mut self, ord: DocOrd) {
        let mut sum = (0u64, 0);
        for name in self.names_of(ord) {
            let (reads, of) = self.fold.long_run(name);
            let later = of.max(sum.1);
            let brought =
                |reads: u64, of: u16| reads.checked_shr(u32::from(later - of)).unwrap_or(0);
            sum = (
                brought(sum.0, sum.1).saturating_add(brought(reads, of)),
                later,
            );
        }
        let sum = Total::new(sum.0, sum.1);
        let before = std::mem::replace(&mut self.totals[ord.index()], sum);
        self.site.replace(before.parts(), sum.parts());
    }
}

impl ReadBeside {
    fn of(reads: &Reads, pair: &ReadPair, site: f64) -> Self {
        Self {
            pair: reads.pair(pair),
            reads: reads.long_run(pair),
            site,
            marks: pair.visitors,
        }
    }

    /// Visitors that are told apart, at most [`VISITORS`].
    pub(super) fn visitors(&self) -> usize {
        self.marks.iter().filter(|&&mark| mark != 0).count()
    }

    /// Joins what is known of the same article by another name.
    fn add(&mut self, other: &Self) {
        self.pair.add(other.pair);
        self.reads += other.reads;
        for mark in other.marks.into_iter().filter(|&mark| mark != 0) {
            let mut places = self.marks.iter_mut();
            if let Some(place) = places.find(|place| **place == 0 || **place == mark) {
                *place = mark;
            }
        }
    }
}
