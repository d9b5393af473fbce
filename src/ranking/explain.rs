//! Why two texts are alike: the terms that make up their cosine.

use crate::model::order;
use crate::text::TermId;

/// A term that two articles share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharedTerm {
    /// The term.
    pub term: TermId,
    /// Its part of the cosine; the parts of all shared terms add up to it.
    pub part: f32,
}

/// The shared terms of two rows (each by ascending term), the largest part first, ties by term.
pub fn shared_terms(host: &[(TermId, f32)], candidate: &[(TermId, f32)]) -> Vec<SharedTerm> {
    let mut host = host.iter().copied().peekable();
    let mut shared = Vec::new();
    for &(term, weight) in candidate {
        while host.next_if(|&(other, _)| other < term).is_some() {}
        if let Some((_, other)) = host.next_if(|&(other, _)| other == term) {
            let part = weight * other;
            shared.push(SharedTerm { term, part });
        }
    }
    order::sort_by(&mut shared, |a, b| {
        b.part.total_cmp(&a.part).then(a.term.cmp(&b.term))
    });
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_products_and_come_largest_first() {
        let row = |row: &[(u32, f32)]| -> Vec<(TermId, f32)> {
            row.iter()
                .map(|&(term, weight)| (TermId(term), weight))
                .collect()
        };
        let shared = shared_terms(
            &row(&[(1, 0.5), (3, 0.5), (5, 1.0)]),
            &row(&[(0, 1.0), (1, 0.5), (5, 0.5), (9, 1.0)]),
        );
        let parts: Vec<(u32, f32)> = shared
            .iter()
            .map(|shared| (shared.term.0, shared.part))
            .collect();
        assert_eq!(parts, [(5, 0.5), (1, 0.25)]);
    }
}
