//! From events to counts: a pure function of the events in the order of the journal. No clock, and no order of a hash table.

use std::ops::Deref;
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_128;

use super::counts::Counts;
use super::decay::READ;
use super::held::Quarantine;
use super::open::{CheckpointState, OpenState};
use super::row::advance;
use crate::corpus::url::are_one_page;
use crate::index::{ReadDraft, ReadFile, ReadPlace};
use crate::model::{DigestMap, Event, EventKind, NameOrd, ReadRow};

/// A pause as long as this ends a session, in milliseconds.
const SESSION_GAP: i64 = 30 * 60 * 1000;
/// Earlier reads of a session that a read is counted beside: the one before in full, the one before that half, and so on. As many as
/// a visit [remembers](crate::model::RECENT).
const WINDOW: usize = 5;
/// A read that came before counts one part in this many of one that came after.
pub(super) const BACKWARD: u32 = 10;
/// Articles that a visitor liked which a liked one is counted beside.
const LIKES: usize = 50;
/// Of more likes than these each counts less, so that who likes everything says no more than others.
const FEW_LIKES: u32 = 10;
/// Pages of other hosts that are told apart as pages before.
const ADDRESSES: u32 = 65_536;
/// A visit that is shorter is a bounce, in milliseconds.
const BOUNCE: u32 = 10_000;

/// What events have added up to, and what the next ones go on from.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    counts: Counts,
    // What is large is shared with copies of this until one of them counts more.
    /// The numbers of names that came, by their digests: a busy site has as many as articles.
    numbers: Arc<DigestMap<u128, NameOrd>>,
    open: Arc<OpenState>,
}

impl Deref for Fold {
    type Target = Counts;

    fn deref(&self) -> &Counts {
        &self.counts
    }
}

impl Fold {
    /// Goes on from what `file` holds.
    ///
    /// Returns `None` if the file was counted by other rules, or holds something else.
    pub fn after(file: Arc<ReadFile>) -> Option<Self> {
        let open: OpenState = postcard::from_bytes(file.open_state()).ok()?;
        (file.place().rules == super::RULES).then(|| Self {
            counts: Counts::in_file_of(file, &open),
            open: Arc::new(open),
            ..Self::default()
        })
    }

    /// Goes on from the checkpoint `file`, which knows no visitors. It may be of other rules: what it counted nobody can count
    /// again.
    pub fn after_checkpoint(file: Arc<ReadFile>) -> Self {
        let place = file.place();
        let state = CheckpointState::of(&file);
        let mut open = OpenState {
            next: place.next,
            newest: place.newest,
            places: state.places,
            ..OpenState::default()
        };
        open.caps.go_on_to(place.newest);
        let addresses = file.in_order().filter(|(_, name)| is_address(name));
        open.addresses = addresses.count() as u32;
        Self {
            counts: Counts::in_file_of(file, &open),
            open: Arc::new(open),
            ..Self::default()
        }
    }

    /// The same counts, now that `file` holds them.
    pub fn in_file_of(&self, file: Arc<ReadFile>) -> Self {
        Self {
            counts: Counts::in_file_of(file, &self.open),
            open: Arc::clone(&self.open),
            ..Self::default()
        }
    }

    /// What events have added up to.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The latest moment of all events, in milliseconds since 1970; 0 if there was none.
    pub fn newest(&self) -> i64 {
        self.open.newest
    }

    /// What later events may still be joined to.
    pub(super) fn open(&self) -> &OpenState {
        &self.open
    }

    fn open_mut(&mut self) -> &mut OpenState {
        Arc::make_mut(&mut self.open)
    }

    /// What was held back of what events should have added.
    pub fn held(&self) -> &Quarantine {
        &self.open.caps.held
    }

    /// The number of a name, a new one if it has none.
    fn number(&mut self, name: &str) -> NameOrd {
        let digest = xxh3_128(name.as_bytes());
        if let Some(&number) = self.numbers.get(&digest) {
            return number;
        }
        let number = self.counts.filed_number(name).unwrap_or_else(|| {
            self.open_mut().addresses += u32::from(is_address(name.as_bytes()));
            self.counts.add_name(name.into())
        });
        Arc::make_mut(&mut self.numbers).insert(digest, number);
        number
    }

    /// The number of a page before; none for one more of the addresses that logs are full of.
    fn number_before(&mut self, name: &str) -> Option<NameOrd> {
        let known = || self.counts.filed_number(name);
        let refused = self.open.addresses >= ADDRESSES
            && is_address(name.as_bytes())
            && !self.numbers.contains_key(&xxh3_128(name.as_bytes()))
            && known().is_none();
        (!refused).then(|| self.number(name))
    }

    /// All that was counted, in the form in which a file holds it; `erasures` is how often something had been erased from
    /// the journal, and `checkpoint` the number of the first event that is not in the checkpoint it goes on from.
    pub fn draft(&self, erasures: u64, checkpoint: u64) -> ReadDraft<'_> {
        let open = postcard::to_stdvec(&*self.open).expect("plain data serialises");
        self.draft_of(erasures, checkpoint, open, |_| {})
    }

    /// What was counted without anything that is of a visitor, for a checkpoint of all events before `next`, the last of which
    /// was added at `until` (unix seconds).
    ///
    /// A pair whose visitors are fewer than are told apart has none from now on, so that one who comes again is not taken for
    /// another one.
    pub fn checkpoint(&self, next: u64, erasures: u64, until: u64) -> ReadDraft<'_> {
        let state = CheckpointState {
            until,
            places: self.open.places.clone(),
        };
        let state = postcard::to_stdvec(&state).expect("plain data serialises");
        let mut draft = self.draft_of(erasures, next, state, |row| {
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
        bring: impl Fn(&mut ReadRow) + 'static,
    ) -> ReadDraft<'_> {
        let numbers = (0..self.len() as u32).map(NameOrd);
        let row = move |number| {
            let mut row = self.row(number);
            advance(&mut row, self.open.newest);
            bring(&mut row);
            row
        };
        ReadDraft {
            place: ReadPlace {
                next: self.open.next,
                newest: self.open.newest,
                rules: super::RULES,
                erasures,
                checkpoint,
            },
            names: numbers.map(|number| self.name(number)).collect(),
            row: Box::new(row),
            open,
        }
    }

    /// Counts `event`, which has the number `sequence` in the journal; calls `touched` with every name whose row changes.
    pub fn apply(&mut self, sequence: u64, event: &Event<'_>, touched: &mut dyn FnMut(NameOrd)) {
        let open = self.open_mut();
        open.next = sequence + 1;
        open.go_on_to(event.at);
        self.counts.goes_on(&self.open);
        let article = self.number(event.article);
        let from = event.from.and_then(|from| self.number_before(from));
        match (event.kind, from) {
            (EventKind::Impression, Some(from)) => {
                let chance = self.examination().chance(event.position);
                self.counts.add_seen(from, article, chance, event.at);
                self.open_mut().places.seen(from, article, event.position);
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

    /// Counts a read of `article` beside what its reader read before it.
    fn read(
        &mut self,
        event: &Event<'_>,
        article: NameOrd,
        from: Option<NameOrd>,
        touched: &mut dyn FnMut(NameOrd),
    ) {
        let visit = Arc::make_mut(&mut self.open).visit(event.visitor);
        if (event.at - visit.at).abs() > SESSION_GAP {
            visit.recent.clear();
        }
        let last = visit.recent.last().copied();
        let panel_of = from.filter(|_| event.kind == EventKind::Click);
        // A log names the page before by its address and the same page by its path when it is read.
        let counts = &self.counts;
        let from = from.filter(|&from| {
            let is_other = |page| !are_one_page(counts.name(from), counts.name(page));
            is_other(article) && last.is_none_or(is_other)
        });
        visit.at = event.at;
        from.into_iter().for_each(|from| visit.recent.push(from));
        let before = visit.recent;
        if before.last() != Some(&article) {
            visit.recent.push(article);
        }
        let worth = worth(event);
        for (&other, distance) in before.iter().rev().take(WINDOW).zip(1..) {
            if other != article {
                let units = worth / distance;
                let counts = self.count(event, other, article, units);
                if counts && distance == 1 && Some(other) == panel_of {
                    self.open_mut()
                        .places
                        .followed(other, article, event.position);
                }
                self.count(event, article, other, units / BACKWARD);
                touched(other);
                touched(article);
            }
        }
    }

    /// Counts a liked article beside the others that its reader liked.
    fn like(&mut self, event: &Event<'_>, article: NameOrd, touched: &mut dyn FnMut(NameOrd)) {
        let liked = self.open_mut().liked.entry(event.visitor).or_default();
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

    /// Counts a read beside `host`, as far as the day allows; whether anything of it counts.
    fn count(&mut self, event: &Event<'_>, host: NameOrd, read: NameOrd, units: u32) -> bool {
        let granted = self.open_mut().caps.grant(event, (host, read), units);
        if granted > 0 {
            // The upper bits of a keyed hash are as good as any others; 0 stands for nobody.
            let mark = ((event.visitor.0 >> 48) as u16).max(1);
            self.counts.add_read(host, read, (granted, mark), event.at);
        }
        granted > 0
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
#[path = "fold_tests.rs"]
mod tests;
