//! How often each term stands in each field of one article.

use serde::{Deserialize, Serialize};

use super::TermId;

/// The parts of an article that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The title.
    Title,
    /// The headings inside the body.
    Headings,
    /// Topic and tags.
    Topic,
    /// The summary, if the author gave one.
    Summary,
    /// The rest of the text.
    Body,
}

impl Field {
    /// All fields, in storage order.
    pub const ALL: [Field; 5] = [
        Field::Title,
        Field::Headings,
        Field::Topic,
        Field::Summary,
        Field::Body,
    ];
}

/// Occurrences of one term by field, in the order of [`Field::ALL`]; a count stops at 65,535.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldCounts([u16; 5]);

impl FieldCounts {
    /// One more occurrence in `field`.
    pub fn add(&mut self, field: Field) {
        let count = &mut self.0[field as usize];
        *count = count.saturating_add(1);
    }

    /// Occurrences in `field`.
    pub fn get(&self, field: Field) -> u16 {
        self.0[field as usize]
    }

    /// Whether the term stands outside the body, or repeatedly in it.
    pub fn is_prominent(&self) -> bool {
        Field::ALL
            .iter()
            .any(|&field| self.get(field) >= if field == Field::Body { 2 } else { 1 })
    }

    /// `sum over fields of weights[field] * count[field]`, in field order.
    pub fn weighted(&self, weights: &[f32; 5]) -> f32 {
        self.0
            .iter()
            .zip(weights)
            .map(|(&count, weight)| f32::from(count) * weight)
            .sum()
    }
}

/// The terms of one article, each once, in ascending order of [`TermId`].
pub type TermBag = Vec<(TermId, FieldCounts)>;
