//! From events to counts: a pure function of the events in the order of the journal. No clock, and no order of a hash table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::caps::Caps;
use super::decay::READ;
use super::held::Quarantine;
use super::propensity;
use super::row::{add_read, add_seen, advance};
use crate::corpus::url::are_one_page;
use crate::index::{ReadDraft, ReadFile, ReadPlace};
use crate::model::{
    DAY, Event, EventKind, HALF_LIVES, KeyedHash, Liked, NameOrd, ReadPair, ReadRow, Visit,
};

/// A pause as long as this ends a session, in milliseconds.
const SESSION_GAP: i64 = 30 * 60 * 1000;
/// Earlier reads of a session that a read is counted beside: the one before in full, the one before that half, and so on.
const WINDOW: usize = 5;
/// A read that came before counts one part in this many of one that came after.
pub(super) const BACKWARD: u32 = 10;
/// Articles that a visitor liked which a liked one is counted beside.
const LIKES: usize = 50;
/// Of more likes than these each counts less, so that who likes everything says no more than others.
const FEW_LIKES: u32 = 10;
/// Visitors whose likes are kept.
const LIKING_VISITORS: usize = 100_000;
/// Pages of other hosts that are told apart as pages before.
const ADDRESSES: u32 = 65_536;
/// A visit that is shorter is a bounce, in milliseconds.
const BOUNCE: u32 = 10_000;

/// What events have added up to: what a file holds, and what came after it.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    file: Option<Arc<ReadFile>>,
    names: Vec<String>,
    numbers: HashMap<String, NameOrd>,
    /// Rows that differ from those of the file.
    rows: HashMap<NameOrd, ReadRow>,
    open: OpenState,
}

/// What later events may still be joined to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenState {
    /// The number in the journal of the next event.
    pub next: u64,
    /// The latest moment of all events, in milliseconds since 1970.
    pub newest: i64,
    /// Visits of the last day.
    pub visits: BTreeMap<KeyedHash, Visit>,
    /// What visitors liked.
    pub liked: BTreeMap<KeyedHash, Liked>,
    /// What was added this day.
    pub caps: Caps,
    /// Names that are addresses with a host.
    pub addresses: u32,
}

impl Fold {
    /// Goes on from what `file` holds.
    ///
    /// Returns `None` if the file was counted by other rules, or holds something else.
    pub fn after(file: Arc<ReadFile>) -> Option<Self> {
        let open: OpenState = postcard::from_bytes(file.open_state()).ok()?;
        (file.place().rules == super::RULES).then(|| Self {
            file: Some(file),
            open,
            ..Self::default()
        })
    }

    /// Goes on from the checkpoint `file`, which knows no visitors. It may be of other rules: what it counted nobody can count
    /// again.
    pub fn after_checkpoint(file: Arc<ReadFile>) -> Self {
        let place = file.place();
        let mut open = OpenState {
            next: place.next,
            newest: place.newest,
            ..OpenState::default()
        };
        open.caps.go_on_to(place.newest);
        let addresses = file.in_order().filter(|(_, name)| is_address(name));
        open.addresses = addresses.count() as u32;
        Self {
            file: Some(file),
            open,
            ..Self::default()
        }
    }

    /// The number in the journal of the next event to count.
    pub fn next(&self) -> u64 {
        self.open.next
    }

    /// The latest moment of all events, in milliseconds since 1970; 0 if there was none.
    pub fn newest(&self) -> i64 {
        self.open.newest
    }

    /// What later events may still be joined to.
    pub(super) fn open(&self) -> &OpenState {
        &self.open
    }

    /// What was held back of what events should have added.
    pub fn held(&self) -> &Quarantine {
        &self.open.caps.held
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.in_file() + self.names.len()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of a number.
    pub fn name(&self, number: NameOrd) -> &str {
        match (&self.file, number.index().checked_sub(self.in_file())) {
            (Some(file), None) => file.name(number),
            (_, later) => &self.names[later.unwrap_or(number.index())],
        }
    }

    /// The names that the file holds, which have the first numbers, as bytes and in the order of these.
    pub fn filed_names(&self) -> impl Iterator<Item = (NameOrd, &[u8])> + '_ {
        self.file.iter().flat_map(|file| file.in_order())
    }

    /// How many names the file holds.
    pub fn in_file(&self) -> usize {
        self.file.as_ref().map_or(0, |file| file.len())
    }

    /// The number of a name, a new one if it has none.
    fn number(&mut self, name: &str) -> NameOrd {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let in_file = self.file.as_ref().and_then(|file| file.number(name));
        let number = in_file.unwrap_or_else(|| {
            let next = NameOrd(self.len() as u32);
            self.names.push(name.to_owned());
            self.open.addresses += u32::from(is_address(name.as_bytes()));
            next
        });
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of a page before; none for one more of the addresses that logs are full of.
    fn number_before(&mut self, name: &str) -> Option<NameOrd> {
        let known = || self.file.as_ref().and_then(|file| file.number(name));
        let refused = self.open.addresses >= ADDRESSES
            && is_address(name.as_bytes())
            && !self.numbers.contains_key(name)
            && known().is_none();
        (!refused).then(|| self.number(name))
    }

    /// The row of a name.
    pub fn row(&self, number: NameOrd) -> ReadRow {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), _) => row.clone(),
            (None, Some(file)) => file.row(number),
            (None, None) => ReadRow::default(),
        }
    }

    /// The row of a name without its pairs.
    pub fn head(&self, number: NameOrd) -> ReadRow {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), _) => ReadRow {
                pairs: Vec::new(),
                ..*row
            },
            (None, Some(file)) => file.head(number),
            (None, None) => ReadRow::default(),
        }
    }

    /// Calls `each` with all pairs of a name, by partner.
    pub fn each_pair(&self, number: NameOrd, each: impl FnMut(ReadPair)) {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), _) => row.pairs.iter().copied().for_each(each),
            (None, Some(file)) => file.pairs(number).for_each(each),
            (None, None) => {}
        }
    }

    /// The total of a name in the long run, and the period from which it counts.
    pub fn long_run(&self, number: NameOrd) -> (u64, u16) {
        let head = self.head(number);
        (head.totals[HALF_LIVES - 1], head.periods[HALF_LIVES - 1])
    }

    /// The file, if it has a row of this name.
    fn filed(&self, number: NameOrd) -> Option<&ReadFile> {
        let file = self.file.as_deref();
        file.filter(|file| number.index() < file.len())
    }

    /// All that was counted, in the form in which a file holds it; `erasures` is how often something had been erased from
    /// the journal, and `checkpoint` the number of the first event that is not in the checkpoint it goes on from.
    pub fn draft(&self, erasures: u64, checkpoint: u64) -> ReadDraft<'_> {
        let open = postcard::to_stdvec(&self.open).expect("plain data serialises");
        self.draft_of(erasures, checkpoint, open, |row| {
            advance(row, self.open.newest);
        })
    }

    /// What was counted without anything that is of a visitor, for a checkpoint of all events before `next` with `note`.
    ///
    /// A pair whose visitors are fewer than are told apart has none from now on, so that one who comes again is not taken for
    /// another one.
    pub fn checkpoint(&self, next: u64, erasures: u64, note: Vec<u8>) -> ReadDraft<'_> {
        let mut draft = self.draft_of(erasures, next, note, |row| {
            advance(row, self.open.newest);
            for pair in &mut row.pairs {
                let all = pair.visitors.iter().all(|&mark| mark != 0);
                // Of as many as are told apart it is known that they are so many.
                pair.visitors = if all { [1, 2, 3] } else { [0; 3] };
            }
        });
        draft.place.next = next;
        draft
    }

    fn draft_of(
        &self,
        erasures: u64,
        checkpoint: u64,
        open: Vec<u8>,
        bring: impl Fn(&mut ReadRow),
    ) -> ReadDraft<'_> {
        let numbers = || (0..self.len() as u32).map(NameOrd);
        let rows = numbers().map(|number| {
            let mut row = self.row(number);
            bring(&mut row);
            row
        });
        ReadDraft {
            place: ReadPlace {
                next: self.open.next,
                newest: self.open.newest,
                rules: super::RULES,
                erasures,
                checkpoint,
            },
            names: numbers().map(|number| self.name(number)).collect(),
            rows: rows.collect(),
            open,
        }
    }

    /// Counts `event`, which has the number `sequence` in the journal; calls `touched` with every name whose row changes.
    pub fn apply(&mut self, sequence: u64, event: &Event<'_>, touched: &mut dyn FnMut(NameOrd)) {
        self.open.next = sequence + 1;
        self.go_on_to(event.at);
        let article = self.number(event.article);
        let from = event.from.and_then(|from| self.number_before(from));
        match (event.kind, from) {
            (EventKind::Impression, Some(from)) => {
                let chance = propensity(event.position);
                add_seen(self.row_mut(from), article, chance, event.at);
                touched(from);
            }
            // Seen on no known page: nothing that a pair could be told by.
            (EventKind::Impression, None) => {}
            _ => self.read(event, article, from, touched),
        }
        if matches!(event.kind, EventKind::Like | EventKind::Bookmark) {
            self.like(event, article, touched);
        }
    }

    /// What is kept for a day only is dropped when a day has passed.
    fn go_on_to(&mut self, at: i64) {
        let before = self.open.newest.div_euclid(DAY);
        self.open.newest = self.open.newest.max(at);
        if self.open.newest.div_euclid(DAY) > before {
            self.open.caps.go_on_to(self.open.newest);
            let oldest = self.open.newest - DAY;
            self.open.visits.retain(|_, visit| visit.at >= oldest);
            if self.open.liked.len() > LIKING_VISITORS {
                let mut moments: Vec<i64> =
                    self.open.liked.values().map(|liked| liked.at).collect();
                moments.sort_unstable();
                let oldest = moments[moments.len() - LIKING_VISITORS];
                self.open.liked.retain(|_, liked| liked.at > oldest);
            }
        }
    }

    /// Counts a read of `article` beside what its reader read before it.
    fn read(
        &mut self,
        event: &Event<'_>,
        article: NameOrd,
        from: Option<NameOrd>,
        touched: &mut dyn FnMut(NameOrd),
    ) {
        let visits = &self.open.visits;
        let visit = visits.get(&event.visitor);
        let visit = visit.filter(|visit| (event.at - visit.at).abs() <= SESSION_GAP);
        let last = visit.and_then(|visit| visit.recent.last().copied());
        // A log names the page before by its address and the same page by its path when it is read.
        let from = from.filter(|&from| {
            let is_other = |page| !are_one_page(self.name(from), self.name(page));
            is_other(article) && last.is_none_or(is_other)
        });
        let is_new = visit.is_none();
        let visit = self.open.visits.entry(event.visitor).or_default();
        if is_new {
            visit.recent.clear();
        }
        visit.at = event.at;
        visit.recent.extend(from);
        let before: Vec<NameOrd> = visit.recent.iter().rev().take(WINDOW).copied().collect();
        if before.first() != Some(&article) {
            visit.recent.push(article);
        }
        let surplus = visit.recent.len().saturating_sub(WINDOW);
        visit.recent.drain(..surplus);
        let worth = worth(event);
        for (other, distance) in before.into_iter().zip(1..) {
            if other != article {
                let units = worth / distance;
                self.count(event, other, article, units);
                self.count(event, article, other, units / BACKWARD);
                touched(other);
                touched(article);
            }
        }
    }

    /// Counts a liked article beside the others that its reader liked.
    fn like(&mut self, event: &Event<'_>, article: NameOrd, touched: &mut dyn FnMut(NameOrd)) {
        let liked = self.open.liked.entry(event.visitor).or_default();
        liked.at = liked.at.max(event.at);
        if liked.articles.contains(&article) {
            return;
        }
        let others = liked.articles.clone();
        liked.articles.push(article);
        let surplus = liked.articles.len().saturating_sub(LIKES);
        liked.articles.drain(..surplus);
        let units = worth(event) * FEW_LIKES / FEW_LIKES.max(others.len() as u32);
        for other in others {
            self.count(event, other, article, units);
            self.count(event, article, other, units);
            touched(other);
            touched(article);
        }
    }

    fn count(&mut self, event: &Event<'_>, host: NameOrd, read: NameOrd, units: u32) {
        let granted = self.open.caps.grant(event, (host, read), units);
        if granted > 0 {
            // The upper bits of a keyed hash are as good as any others; 0 stands for nobody.
            let mark = ((event.visitor.0 >> 48) as u16).max(1);
            add_read(self.row_mut(host), read, granted, event.at, mark);
        }
    }

    fn row_mut(&mut self, number: NameOrd) -> &mut ReadRow {
        let file = self.file.as_ref();
        self.rows.entry(number).or_insert_with(|| {
            let known = file.filter(|file| number.index() < file.len());
            known.map_or_else(ReadRow::default, |file| file.row(number))
        })
    }
}

/// Whether a name is an address with a host.
fn is_address(name: &[u8]) -> bool {
    name.windows(3).any(|bytes| bytes == b"://")
}

/// What a read counts that follows another one directly, in fixed point.
fn worth(event: &Event<'_>) -> u32 {
    let bounced = event.dwell.is_some_and(|dwell| dwell < BOUNCE);
    match event.kind {
        EventKind::Impression => 0,
        EventKind::View | EventKind::Read | EventKind::Click if bounced => READ / 5,
        EventKind::View | EventKind::Read | EventKind::Click => READ,
        EventKind::Comment => READ * 3 / 2,
        EventKind::Like | EventKind::Bookmark | EventKind::Share => READ * 2,
    }
}

#[cfg(test)]
mod tests {
    use super::super::decay::Moment;
    use super::super::value::Reads;
    use super::*;

    const NOW: i64 = 20_000 * DAY;

    /// A read of `article` by `visitor`, `seconds` after a fixed moment.
    fn read(visitor: u64, article: &'static str, seconds: i64) -> Event<'static> {
        Event {
            at: NOW + seconds * 1000,
            visitor: KeyedHash(visitor << 48),
            network: None,
            kind: EventKind::View,
            article,
            from: None,
            position: None,
            dwell: None,
            id: None,
        }
    }

    fn folded(events: &[Event<'_>]) -> Fold {
        let mut fold = Fold::default();
        for (sequence, event) in (1..).zip(events) {
            fold.apply(sequence, event, &mut |_| {});
        }
        fold
    }

    /// Reads of `article` beside `host`, in hundredths.
    fn reads(fold: &Fold, host: &str, article: &str) -> i64 {
        let number = |name: &str| {
            (0..fold.len() as u32)
                .map(NameOrd)
                .find(|&n| fold.name(n) == name)
        };
        let (Some(host), Some(article)) = (number(host), number(article)) else {
            return 0;
        };
        let row = fold.row(host);
        let worth = Reads::of(&row, &Moment::new(fold.newest()));
        let pair = row.pairs.iter().find(|pair| pair.partner == article);
        pair.map_or(0, |pair| (worth.long_run(pair) * 100.0).round() as i64)
    }

    #[test]
    fn what_follows_counts_by_its_distance_and_what_came_before_a_tenth_of_it() {
        let names = ["/a", "/b", "/c", "/d", "/e", "/f", "/g"];
        let events: Vec<Event<'_>> = names
            .iter()
            .zip(0..)
            .map(|(name, at)| read(1, name, at))
            .collect();
        let fold = folded(&events);
        let after: Vec<i64> = names.iter().map(|name| reads(&fold, "/a", name)).collect();
        assert_eq!(after, [0, 100, 50, 33, 25, 20, 0]);
        assert_eq!(reads(&fold, "/b", "/a"), 10);
        assert_eq!(reads(&fold, "/c", "/a"), 5);
    }

    #[test]
    fn a_pause_ends_a_session_and_another_reader_is_another_one() {
        let fold = folded(&[read(1, "/a", 0), read(2, "/b", 1), read(1, "/c", 1801)]);
        for (host, article) in [("/a", "/b"), ("/a", "/c"), ("/b", "/c")] {
            assert_eq!(reads(&fold, host, article), 0);
        }
        let fold = folded(&[read(1, "/a", 0), read(1, "/a", 5), read(1, "/b", 1800)]);
        assert_eq!(reads(&fold, "/a", "/b"), 100);
    }

    #[test]
    fn a_click_follows_the_page_it_names_and_a_bounce_counts_little() {
        let click = Event {
            kind: EventKind::Click,
            from: Some("/h"),
            ..read(1, "/a", 0)
        };
        let bounced = Event {
            dwell: Some(3000),
            ..read(1, "/b", 10)
        };
        let fold = folded(&[read(1, "/h", -5), click, bounced]);
        assert_eq!(reads(&fold, "/h", "/a"), 100);
        assert_eq!(reads(&fold, "/a", "/b"), 20);
        assert_eq!(reads(&folded(&[click]), "/h", "/a"), 100);
    }

    #[test]
    fn the_page_before_is_one_page_by_its_address_and_by_its_path() {
        let follow = |article, from, at| Event {
            from: Some(from),
            ..read(1, article, at)
        };
        let fold = folded(&[
            read(1, "/a", 0),
            follow("/b", "https://example.org/a/", 10),
            follow("/c", "https://example.org/b?page=2", 30),
        ]);
        assert_eq!(reads(&fold, "/a", "/b"), 100);
        assert_eq!(reads(&fold, "/b", "/c"), 100);
        assert_eq!(reads(&fold, "/a", "/c"), 50);
        assert_eq!(reads(&fold, "https://example.org/a/", "/b"), 0);
        // Loaded anew.
        let fold = folded(&[follow("/b", "https://example.org/b", 0)]);
        assert_eq!(reads(&fold, "https://example.org/b", "/b"), 0);
    }

    #[test]
    fn pages_of_other_hosts_are_names_up_to_a_bound() {
        let mut fold = Fold::default();
        let count = u64::from(ADDRESSES) + 100;
        for turn in 0..count {
            let from = format!("https://search.example/?q={turn}");
            let event = Event {
                from: Some(&from),
                ..read(turn, "/a", turn as i64)
            };
            fold.apply(turn + 1, &event, &mut |_| {});
        }
        assert_eq!(fold.len(), ADDRESSES as usize + 1);
        // One that is known, a path, and an article count as ever.
        for (turn, from) in (count..).zip(["https://search.example/?q=7", "/b"]) {
            let event = Event {
                from: Some(from),
                ..read(turn, "/c", turn as i64)
            };
            fold.apply(turn + 1, &event, &mut |_| {});
            assert_eq!(reads(&fold, from, "/c"), 100, "{from}");
        }
        assert_eq!(fold.len(), ADDRESSES as usize + 3);
    }

    #[test]
    fn likes_count_across_a_visitors_whole_history_in_either_direction() {
        let like = |article, at| Event {
            kind: EventKind::Like,
            ..read(1, article, at)
        };
        let days = 40 * 86_400;
        let fold = folded(&[like("/a", 0), read(1, "/x", days / 2), like("/b", days)]);
        let (there, back) = (reads(&fold, "/a", "/b"), reads(&fold, "/b", "/a"));
        assert!(there == back && there == 200, "{there} {back}");
        assert_eq!(reads(&fold, "/a", "/x"), 0);
    }

    #[test]
    fn going_on_from_a_file_is_as_having_counted_all_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        std::fs::create_dir(data.join("index")).expect("made");
        let names = ["/a", "/b", "/c", "/d", "/e"];
        let mut state = 7u64;
        let events: Vec<Event<'_>> = (0..2000)
            .map(|turn| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let drawn = (state >> 33) as usize;
                Event {
                    kind: EventKind::ALL[drawn % 8],
                    network: drawn.is_multiple_of(3).then_some(KeyedHash(5)),
                    from: drawn.is_multiple_of(5).then_some(names[drawn % 4]),
                    ..read(drawn as u64 % 7, names[drawn % 5], turn * 3600)
                }
            })
            .collect();
        let whole = folded(&events);
        for cut in [0, 1, 777, 1999] {
            folded(&events[..cut])
                .draft(0, 0)
                .publish(data)
                .expect("published");
            let file = ReadFile::open(data).expect("whole").expect("there");
            let mut fold = Fold::after(Arc::new(file)).expect("of these rules");
            for (sequence, event) in (1 + cut as u64..).zip(&events[cut..]) {
                fold.apply(sequence, event, &mut |_| {});
            }
            assert_eq!(fold.open, whole.open, "cut at {cut}");
            assert_eq!(
                fold.draft(0, 0).rows,
                whole.draft(0, 0).rows,
                "cut at {cut}"
            );
        }
    }
}
