//! Phrases looked for in sequences of terms: which titles or names does a text hold?
//!
//! A trie over terms, walked from every place of the sequence. Phrases are a few terms long, so this costs about one
//! look-up a place.

use super::{Section, Sequence, TermId};
use crate::model::NumberMap;

/// A set of phrases.
#[derive(Debug, Default)]
pub struct Phrases {
    /// By term: the node of phrases that begin with it, 0 for none.
    first: Vec<u32>,
    /// The node behind a node and a term.
    next: NumberMap<u64, u32>,
    /// The phrases that end at each node.
    ends: Vec<Vec<u32>>,
}

impl Phrases {
    /// The phrases in their order; an empty one is never found.
    pub fn of<P: IntoIterator<Item = TermId>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let mut all = Self {
            ends: vec![Vec::new()],
            ..Self::default()
        };
        for (number, phrase) in phrases.into_iter().enumerate() {
            let mut node = 0;
            for term in phrase {
                node = all.node_behind(node, term);
            }
            if node > 0 {
                all.ends[node as usize].push(number as u32);
            }
        }
        all
    }

    fn node_behind(&mut self, node: u32, term: TermId) -> u32 {
        let fresh = self.ends.len() as u32;
        let found = if node == 0 {
            if term.index() >= self.first.len() {
                self.first.resize(term.index() + 1, 0);
            }
            let first = &mut self.first[term.index()];
            if *first == 0 {
                *first = fresh;
            }
            *first
        } else {
            *self.next.entry(edge(node, term)).or_insert(fresh)
        };
        if found == fresh {
            self.ends.push(Vec::new());
        }
        found
    }

    /// Calls `found` with the number of each phrase in `sequence` and the section it stands in, at each of its places.
    pub fn each_in(&self, sequence: &Sequence, mut found: impl FnMut(usize, Section)) {
        let terms: Vec<(Section, TermId)> = sequence.iter().collect();
        for (at, &(section, term)) in terms.iter().enumerate() {
            let mut node = self.first.get(term.index()).copied().unwrap_or_default();
            let mut rest = &terms[at + 1..];
            while node > 0 {
                for &phrase in &self.ends[node as usize] {
                    found(phrase as usize, section);
                }
                let Some((&(other, term), after)) = rest.split_first() else {
                    break;
                };
                if other != section {
                    break;
                }
                rest = after;
                node = self
                    .next
                    .get(&edge(node, term))
                    .copied()
                    .unwrap_or_default();
            }
        }
    }
}

/// A node and a term as one number.
fn edge(node: u32, term: TermId) -> u64 {
    u64::from(node) << 32 | u64::from(term.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SequenceBuilder;

    #[test]
    fn phrases_are_found_within_a_section_and_inside_one_another() {
        let phrase = |ids: &[u32]| ids.iter().map(|&id| TermId(id)).collect::<Vec<_>>();
        let phrases = Phrases::of([
            phrase(&[1, 2]),
            phrase(&[2]),
            phrase(&[]),
            phrase(&[1, 2, 3]),
            phrase(&[4, 1]),
        ]);
        let mut builder = SequenceBuilder::default();
        builder.push(TermId(4));
        builder.end_section();
        builder.end_section();
        for id in [1, 1, 2, 3, 9, 2] {
            builder.push(TermId(id));
        }
        let mut found = Vec::new();
        phrases.each_in(&builder.finish(), |phrase, section| {
            found.push((phrase, section));
        });
        let body = Section::Body;
        assert_eq!(found, [(0, body), (3, body), (1, body), (1, body)]);
    }
}
