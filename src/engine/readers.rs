//! What readers did, as a snapshot sees it: the counts of events, joined with the articles that their names lead to.

use std::collections::BTreeMap;

use super::room::{BESIDE, borrowed};
use super::site_reads::SiteReads;
use super::watch::{Edition, Watch};
use crate::model::{DocOrd, NameOrd, ReadPair};
use crate::signals::behavior::{Before, Counts, Moment, PairReads, Reads, long_run};

/// Visitors that must have read a pair before it is called related for that alone, or named as evidence.
pub(super) const VISITORS: usize = 3;

/// The counts, joined with the articles of one generation.
#[derive(Debug, Default)]
pub(super) struct Readers {
    counts: Counts,
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
    /// The `counts` for the articles with `ids`, in their order; other names `find` looks up.
    pub(super) fn of<'a>(
        counts: Counts,
        ids: impl ExactSizeIterator<Item = &'a [u8]>,
        find: impl Fn(&str) -> Option<DocOrd>,
    ) -> Self {
        let count = ids.len();
        // Most names are ids: walking along both takes a fraction of looking each up.
        let mut ids = (0..).map(DocOrd).zip(ids).peekable();
        let mut articles = vec![None; counts.in_file()];
        for (name, text) in counts.filed_names() {
            while ids.next_if(|&(_, id)| id < text).is_some() {}
            let same = ids.peek().filter(|&&(_, id)| id == text);
            let same = same.map(|&(ord, _)| ord);
            articles[name.index()] = same.or_else(|| find(counts.name(name)));
        }
        let mut readers = Self {
            counts,
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
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Goes on to `later`, where the rows of `changed` are others: each since the event of that number, by name. `found` are the
    /// articles of the names that are new. The rows from before are left in `before`.
    pub(super) fn go_on_to(
        &mut self,
        later: &Counts,
        changed: &[(NameOrd, u64)],
        found: Vec<Option<DocOrd>>,
        before: &mut Vec<Before>,
    ) {
        let names = changed.iter().map(|&(name, _)| name);
        self.counts.go_on_to(later, names, before);
        found.into_iter().for_each(|article| self.name(article));
        for &(name, sequence) in changed {
            if let Some(ord) = self.articles[name.index()] {
                self.sum(ord);
                // An article that is newer than the generation stands behind its own.
                self.changed.resize(self.totals.len(), 0);
                self.changed[ord.index()] = self.changed[ord.index()].max(sequence);
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
            self.counts.each_pair(name, |pair| {
                on.extend(self.articles[pair.partner.index()]);
            });
        }
        Watch {
            editions: [snapshot.number(), self.edition.number()],
            changes: 0,
            on_all: false,
            next: self.counts.next(),
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
            && (watch.next == self.counts.next() || counted && watch.on.iter().all(same))
    }

    /// What readers say of `host` and each article that is read beside it, by ordinal; and how often others are.
    pub(super) fn beside(&self, host: DocOrd, now: &Moment) -> (f64, Vec<(DocOrd, ReadBeside)>) {
        let mut found = borrowed(&BESIDE);
        let mut total = 0.0;
        let site = self.site.worth(now);
        for name in self.names_of(host) {
            let reads = Reads::of(&self.counts.head(name), now);
            total += reads.total();
            self.counts.each_pair(name, |pair| {
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
            .for_each(|name| self.counts.prefetch(name));
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
        for number in self.articles.len()..self.counts.len() {
            let name = NameOrd(number as u32);
            let article = find(self.counts.name(name));
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

    /// Of `most` names from the number `from` on those that lead to no article; `None` behind the last.
    pub(super) fn unknown(&self, from: usize, most: usize) -> Option<Vec<(NameOrd, String)>> {
        let those = self.articles.get(from..)?.iter().take(most);
        let numbers = (from as u32..).map(NameOrd).zip(those);
        let unknown = numbers.filter(|(_, article)| article.is_none());
        let named = unknown.map(|(name, _)| (name, self.counts.name(name).to_owned()));
        Some(named.collect())
    }

    /// Takes note that `name`, which led to none, leads to the article `ord`.
    pub(super) fn leads(&mut self, name: NameOrd, ord: DocOrd) {
        let article = self.articles.get_mut(name.index());
        if let Some(none @ None) = article {
            *none = Some(ord);
            self.lead(name, ord);
            self.sum(ord);
        }
    }

    /// Adds up the totals of all names of an article, from the latest period of any.
    fn sum(&mut self, ord: DocOrd) {
        let mut sum = (0u64, 0);
        for name in self.names_of(ord) {
            let (reads, of) = self.counts.long_run(name);
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
