//! Terms as numbers, and numbers as terms.

use std::fmt;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// A term of one vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TermId(pub u32);

impl TermId {
    /// The id as an index into per-term arrays.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of terms, numbered in the order in which they came.
///
/// The texts stand one after the other in one string and the table holds numbers only, because a million terms in
/// boxes of their own cost more memory than the articles.
#[derive(Clone, Default)]
pub struct Vocabulary {
    table: HashTable<Interned>,
    ends: Vec<u32>,
    text: String,
}

/// A number, and where its term stands in the text, so that a look-up need not go by the list of ends.
#[derive(Clone, Copy)]
struct Interned {
    id: TermId,
    start: u32,
    end: u32,
}

impl Interned {
    #[inline]
    fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Vocabulary {
    /// No terms yet, and room for `terms` of them in `bytes` of text.
    pub fn with_capacity(terms: usize, bytes: usize) -> Self {
        Self {
            table: HashTable::with_capacity(terms),
            ends: Vec::with_capacity(terms),
            text: String::with_capacity(bytes),
        }
    }

    /// The length of all terms together in bytes.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// The number of `term`, given on first sight.
    ///
    /// # Panics
    /// Past 2^32 terms or 4 GiB of text, which is more than one analysis holds.
    pub fn intern(&mut self, term: &str) -> TermId {
        let Self { table, ends, text } = self;
        let entry = table.entry(
            hash(term),
            |found| found.of(text) == term,
            |found| hash(found.of(text)),
        );
        match entry {
            Entry::Occupied(found) => found.get().id,
            Entry::Vacant(free) => {
                let id = TermId(u32::try_from(ends.len()).expect("fewer than 2^32 terms"));
                let start = text.len() as u32;
                text.push_str(term);
                let end = u32::try_from(text.len()).expect("less than 4 GiB of terms");
                ends.push(end);
                free.insert(Interned { id, start, end });
                id
            }
        }
    }

    /// The terms that `terms` brings, no two of them equal, numbered in their order; `bytes` of text together.
    pub fn of_distinct<'a>(terms: impl ExactSizeIterator<Item = &'a str>, bytes: usize) -> Self {
        let mut all = Self::with_capacity(terms.len(), bytes);
        for term in terms {
            let id = TermId(all.ends.len() as u32);
            let start = all.text.len() as u32;
            all.text.push_str(term);
            let end = u32::try_from(all.text.len()).expect("less than 4 GiB of terms");
            all.ends.push(end);
            let text = &all.text;
            all.table
                .insert_unique(hash(term), Interned { id, start, end }, |found| {
                    hash(found.of(text))
                });
        }
        all
    }

    /// The number of `term`, if it has one.
    pub fn get(&self, term: &str) -> Option<TermId> {
        let found = self
            .table
            .find(hash(term), |found| found.of(&self.text) == term);
        found.map(|found| found.id)
    }

    /// The term numbered `id`.
    ///
    /// # Panics
    /// If `id` is of another vocabulary.
    #[inline]
    pub fn term(&self, id: TermId) -> &str {
        let start = match id.index() {
            0 => 0,
            index => self.ends[index - 1],
        };
        &self.text[start as usize..self.ends[id.index()] as usize]
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All terms in the order of their numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len() as u32).map(|id| self.term(TermId(id)))
    }

    /// Forgets every term and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.table.clear();
        self.ends.clear();
        self.text.clear();
    }
}

fn hash(term: &str) -> u64 {
    xxh3_64(term.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_terms_have_one_number() {
        let mut vocabulary = Vocabulary::default();
        let ids: Vec<u32> = ["a", "", "b", "a", "", "ä"]
            .iter()
            .map(|term| vocabulary.intern(term).0)
            .collect();
        assert_eq!(ids, [0, 1, 2, 0, 1, 3]);
        assert_eq!(vocabulary.iter().collect::<Vec<_>>(), ["a", "", "b", "ä"]);
        assert_eq!(vocabulary.get("b"), Some(TermId(2)));
        assert_eq!(vocabulary.get("c"), None);
        for number in 0..10_000u32 {
            vocabulary.intern(&number.to_string());
        }
        assert_eq!(
            vocabulary.get("9999").map(|id| vocabulary.term(id)),
            Some("9999")
        );
    }
}
