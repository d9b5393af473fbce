//! Terms as numbers, and numbers as terms.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: HashMap<Box<str>, TermId>,
    terms: Vec<Box<str>>,
}

impl Vocabulary {
    /// The number of `term`, given on first sight.
    ///
    /// # Panics
    /// Past 2^32 terms, which is more than memory holds.
    pub fn intern(&mut self, term: &str) -> TermId {
        if let Some(&id) = self.ids.get(term) {
            return id;
        }
        let id = TermId(u32::try_from(self.terms.len()).expect("fewer than 2^32 terms"));
        self.ids.insert(term.into(), id);
        self.terms.push(term.into());
        id
    }

    /// The number of `term`, if it has one.
    pub fn get(&self, term: &str) -> Option<TermId> {
        self.ids.get(term).copied()
    }

    /// The term numbered `id`.
    ///
    /// # Panics
    /// If `id` is of another vocabulary.
    pub fn term(&self, id: TermId) -> &str {
        &self.terms[id.index()]
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// All terms in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().map(|term| &**term)
    }
}
