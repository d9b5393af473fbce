//! Why two texts are alike: the terms that make up their cosine.

use std::collections::BTreeMap;

use crate::text::TermId;

/// A term that two articles share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedTerm {
    /// The term.
    pub term: TermId,
    /// Its part of the cosine; the parts of all shared terms add up to it.
    pub part: f32,
}

/// The shared terms of two rows (each by ascending slot), the largest part first, ties by term.
///
/// Slot s stands for term `s % terms`; a term that is shared in several slots gives the sum of their products.
pub fn shared_terms(
    host: &[(u32, f32)],
    candidate: &[(u32, f32)],
    terms: usize,
) -> Vec<SharedTerm> {
    let mut host = host.iter().copied().peekable();
    let mut parts: BTreeMap<u32, f32> = BTreeMap::new();
    for &(slot, weight) in candidate {
        while host.next_if(|&(other, _)| other < slot).is_some() {}
        if let Some((_, other)) = host.next_if(|&(other, _)| other == slot) {
            *parts.entry(slot % terms as u32).or_default() += weight * other;
        }
    }
    let mut shared: Vec<SharedTerm> = parts
        .into_iter()
        .map(|(term, part)| SharedTerm {
            term: TermId(term),
            part,
        })
        .collect();
    shared.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.term.cmp(&b.term)));
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_products_summed_over_slots_and_come_largest_first() {
        let shared = shared_terms(
            &[(1, 0.5), (3, 0.5), (5, 1.0), (11, 0.5)],
            &[(0, 1.0), (1, 0.5), (5, 0.5), (9, 1.0), (11, 1.0)],
            10,
        );
        let parts: Vec<(u32, f32)> = shared
            .iter()
            .map(|shared| (shared.term.0, shared.part))
            .collect();
        assert_eq!(parts, [(1, 0.75), (5, 0.5)]);
    }
}
