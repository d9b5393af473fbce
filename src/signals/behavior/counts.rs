//! What events have added up to, as it is read: the rows of a file, and those that are others by now.
//!
//! Whoever counts has one and whoever reads has another. Rows are shared by the two, so that bringing the reader's up to date is handing
//! over those that changed, and a copy costs no row.

use std::collections::HashMap;
use std::sync::Arc;

use super::changed_row::{ChangedRow, Filed};
use super::open::OpenState;
use super::places::Examination;
use super::row::{add_read, add_seen};
use crate::index::ReadFile;
use crate::model::{HALF_LIVES, NameOrd, ReadPair, ReadRow};

/// What a file holds, and what came after it.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    file: Option<Arc<ReadFile>>,
    names: Vec<Arc<str>>,
    /// Rows that differ from those of the file.
    rows: Arc<HashMap<NameOrd, Arc<ChangedRow>>>,
    next: u64,
    examination: Examination,
}

/// A row that was gone on from.
#[derive(Debug)]
pub struct Before(#[expect(dead_code, reason = "it is there to be freed")] Arc<ChangedRow>);

impl Counts {
    /// Those of `file`, with which `open` is.
    pub(super) fn in_file_of(file: Arc<ReadFile>, open: &OpenState) -> Self {
        let mut counts = Self {
            file: Some(file),
            ..Self::default()
        };
        counts.goes_on(open);
        counts
    }

    /// Takes up what of `open` is read beside the rows.
    pub(super) fn goes_on(&mut self, open: &OpenState) {
        self.next = open.next;
        self.examination = open.places.examination();
    }

    /// Brings these up to `later`, which has gone on from these and has other rows for `changed` alone: they are its from now on.
    /// `before` has room for the rows that these had, which take a while to free.
    pub fn go_on_to(
        &mut self,
        later: &Self,
        changed: impl Iterator<Item = NameOrd>,
        before: &mut Vec<Before>,
    ) {
        let known = self.names.len();
        self.names.extend_from_slice(&later.names[known..]);
        let rows = Arc::make_mut(&mut self.rows);
        for number in changed {
            if let Some(row) = later.rows.get(&number) {
                before.extend(rows.insert(number, Arc::clone(row)).map(Before));
            }
        }
        self.next = later.next;
        self.examination = later.examination;
    }

    /// How readers look at the places of panels, as far as the site has told.
    pub fn examination(&self) -> Examination {
        self.examination
    }

    /// The number in the journal of the next event to count.
    pub fn next(&self) -> u64 {
        self.next
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

    /// The number of a name that the file holds.
    pub(super) fn filed_number(&self, name: &str) -> Option<NameOrd> {
        self.file.as_ref()?.number(name)
    }

    /// Takes a name up that there is none like; its number.
    pub(super) fn add_name(&mut self, name: Arc<str>) -> NameOrd {
        self.names.push(name);
        NameOrd(self.len() as u32 - 1)
    }

    /// The row of a name.
    pub fn row(&self, number: NameOrd) -> ReadRow {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), filed) => row.whole(filed),
            (None, Some((file, number))) => file.row(number),
            (None, None) => ReadRow::default(),
        }
    }

    /// The row of a name without its pairs.
    pub fn head(&self, number: NameOrd) -> ReadRow {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), _) => row.head(),
            (None, Some((file, number))) => file.head(number),
            (None, None) => ReadRow::default(),
        }
    }

    /// Calls `each` with all pairs of a name, by partner.
    pub fn each_pair(&self, number: NameOrd, each: impl FnMut(ReadPair)) {
        match (self.rows.get(&number), self.filed(number)) {
            (Some(row), filed) => row.each_pair(filed, each),
            (None, Some((file, number))) => file.pairs(number).for_each(each),
            (None, None) => {}
        }
    }

    /// Has the memory behind [`Counts::each_pair`] brought near, where it is in the file.
    pub fn prefetch(&self, number: NameOrd) {
        if let Some((file, number)) = self.filed(number) {
            file.prefetch(number);
        }
    }

    /// The total of a name in the long run, and the period from which it counts.
    pub fn long_run(&self, number: NameOrd) -> (u64, u16) {
        let head = self.head(number);
        (head.totals[HALF_LIVES - 1], head.periods[HALF_LIVES - 1])
    }

    /// The row of a name in the file, if that has one.
    fn filed(&self, number: NameOrd) -> Filed<'_> {
        let file = self.file.as_deref()?;
        (number.index() < file.len()).then_some((file, number))
    }

    /// Adds reads to a row, as [`add_read`] does.
    pub(super) fn add_read(
        &mut self,
        number: NameOrd,
        partner: NameOrd,
        (units, mark): (u32, u16),
        at: i64,
    ) {
        self.change(number, partner, at, |row| {
            add_read(row, partner, units, at, mark);
        });
    }

    /// Adds to a row that a card was seen, as [`add_seen`] does.
    pub(super) fn add_seen(&mut self, number: NameOrd, partner: NameOrd, chance: f64, at: i64) {
        self.change(number, partner, at, |row| {
            add_seen(row, partner, chance, at);
        });
    }

    /// Has a row changed; others who have it keep it as it was.
    fn change(
        &mut self,
        number: NameOrd,
        partner: NameOrd,
        at: i64,
        change: impl FnOnce(&mut ReadRow),
    ) {
        let file = self.file.as_deref();
        let filed = file.filter(|file| number.index() < file.len());
        let filed = filed.map(|file| (file, number));
        let rows = Arc::make_mut(&mut self.rows).entry(number);
        let row = rows.or_insert_with(|| Arc::new(ChangedRow::of(filed)));
        let row = Arc::make_mut(row);
        row.advance(at);
        row.change(filed, partner, change);
    }

    /// How many pairs are held beside the file.
    #[cfg(test)]
    pub(super) fn held_pairs(&self) -> usize {
        self.rows.values().map(|row| row.held_pairs()).sum()
    }
}
