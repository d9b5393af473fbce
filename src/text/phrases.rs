//! Phrases looked for in sequences of terms: which titles or names does a text hold?
//!
//! A trie over terms, walked from every place of the sequence. Phrases are a few terms long, so this costs about one
//! look-up a place.

use super::{Section, TermId};
use crate::model::NumberMap;

/// A set of phrases.
#[derive(Debug, Default)]
pub struct Phrases {
    /// By term: the node of phrases that begin with it, if there is one.
    first: Vec<Node>,
    /// The node behind a node and a term.
    next: NumberMap<u64, Node>,
    edges: Edges,
    /// The phrases by the node at which they end; by node, where its own begin among them.
    ended: Vec<u32>,
    starts: Vec<u32>,
}

/// A place in the trie: its number, and in the lowest bit whether a phrase ends there. Most of the places that a text comes by end
/// none, so nothing is looked up for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Node(u32);

impl Node {
    /// Before the first term; from a term on it stands for none.
    const ROOT: Self = Self(0);

    fn of(number: usize) -> Self {
        Self((number as u32) << 1)
    }

    fn number(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn ends_some(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Phrases {
    /// The phrases in their order; an empty one is never found.
    pub fn of<P: IntoIterator<Item = TermId>>(phrases: impl IntoIterator<Item = P>) -> Self {
        let mut all = Self::default();
        let mut ends: Vec<(Node, u32)> = Vec::new();
        let mut nodes = 1;
        for (number, phrase) in (0..).zip(phrases) {
            let mut node = Node::ROOT;
            for term in phrase {
                node = all.node_behind(node, term, &mut nodes);
            }
            if node != Node::ROOT {
                ends.push((node, number));
            }
        }
        ends.sort_unstable_by_key(|&(node, number)| (node.number(), number));
        all.edges = Edges::of(all.next.keys().copied(), all.next.len());
        all.end(&ends, nodes);
        all
    }

    fn node_behind(&mut self, node: Node, term: TermId, nodes: &mut usize) -> Node {
        let fresh = Node::of(*nodes);
        let found = if node == Node::ROOT {
            if term.index() >= self.first.len() {
                self.first.resize(term.index() + 1, Node::ROOT);
            }
            let first = &mut self.first[term.index()];
            if *first == Node::ROOT {
                *first = fresh;
            }
            *first
        } else {
            *self.next.entry(edge(node, term)).or_insert(fresh)
        };
        *nodes += usize::from(found == fresh);
        found
    }

    /// Takes note where phrases end, by node.
    fn end(&mut self, ends: &[(Node, u32)], nodes: usize) {
        let mut counts = vec![0; nodes];
        for (node, _) in ends {
            counts[node.number()] += 1;
        }
        for node in self.first.iter_mut().chain(self.next.values_mut()) {
            node.0 |= u32::from(counts[node.number()] > 0);
        }
        let mut before = 0;
        let starts = counts.into_iter().chain([0]);
        let starts = starts.map(|count: u32| {
            let start = before;
            before += count;
            start
        });
        self.starts = starts.collect();
        self.ended = ends.iter().map(|&(_, number)| number).collect();
    }

    /// Calls `found` with the number of each phrase in `terms`, those of a text, and the section it stands in, at each of its places.
    pub fn each_in(&self, terms: &[(Section, TermId)], mut found: impl FnMut(usize, Section)) {
        for (at, &(section, term)) in terms.iter().enumerate() {
            let mut node = self.first.get(term.index()).copied().unwrap_or_default();
            let mut rest = terms[at + 1..].iter();
            while node != Node::ROOT {
                if node.ends_some() {
                    for &phrase in self.ending_at(node) {
                        found(phrase as usize, section);
                    }
                }
                node = match rest.next() {
                    Some(&(other, term)) if other == section => self.behind(node, term),
                    _ => Node::ROOT,
                };
            }
        }
    }

    fn behind(&self, node: Node, term: TermId) -> Node {
        let edge = edge(node, term);
        if !self.edges.may_hold(edge) {
            return Node::ROOT;
        }
        self.next.get(&edge).copied().unwrap_or_default()
    }

    fn ending_at(&self, node: Node) -> &[u32] {
        let [start, end] = [0, 1].map(|after| self.starts[node.number() + after] as usize);
        &self.ended[start..end]
    }
}

/// A node and a term as one number.
fn edge(node: Node, term: TermId) -> u64 {
    (node.number() as u64) << 32 | u64::from(term.0)
}

/// Bits of a filter for each edge: one edge in eight or more that there are not passes.
const BITS_AN_EDGE: usize = 8;

/// Which edges there may be (Bloom 1970, with one bit an edge). Titles begin with common words, so nearly each word of a text is followed
/// to the next, and nearly none of them further: bits of all edges are near where the table of edges is far.
#[derive(Debug)]
struct Edges(Vec<u64>);

impl Default for Edges {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl Edges {
    /// Those of `edges`, which are so `many`.
    fn of(edges: impl Iterator<Item = u64>, many: usize) -> Self {
        let words = (many * BITS_AN_EDGE).div_ceil(u64::BITS as usize);
        let mut bits = vec![0; words.next_power_of_two()];
        for edge in edges {
            let (word, bit) = Self::place(edge, bits.len());
            bits[word] |= bit;
        }
        Self(bits)
    }

    fn may_hold(&self, edge: u64) -> bool {
        let (word, bit) = Self::place(edge, self.0.len());
        self.0[word] & bit != 0
    }

    /// The word of an edge among so many, and the bit in it, from the upper half of a product (Knuth, volume 3, section 6.4).
    fn place(edge: u64, words: usize) -> (usize, u64) {
        let spread = (edge ^ edge >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let spread = (spread ^ edge).wrapping_mul(0xd134_2543_de82_ef95) >> 24;
        ((spread >> 6) as usize & (words - 1), 1 << (spread & 63))
    }
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
        let terms = builder.finish().numbered(|term| term);
        phrases.each_in(&terms, |phrase, section| {
            found.push((phrase, section));
        });
        let body = Section::Body;
        assert_eq!(found, [(0, body), (3, body), (1, body), (1, body)]);
    }

    #[test]
    fn each_place_of_each_of_many_phrases_is_found_and_no_other() {
        // A fixed walk (Knuth, volume 2, section 3.3.4) over few terms, so that phrases begin alike and stand in one another.
        let mut state = 5u64;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % most
        };
        let mut terms =
            |length: u64| -> Vec<TermId> { (0..length).map(|_| TermId(next(12) as u32)).collect() };
        let all: Vec<Vec<TermId>> = (0..3000).map(|number| terms(1 + number % 5)).collect();
        let text = terms(2000);
        let mut builder = SequenceBuilder::default();
        builder.end_section();
        builder.end_section();
        text.iter().for_each(|&term| builder.push(term));
        let mut found = Vec::new();
        let phrases = Phrases::of(all.iter().cloned());
        let terms = builder.finish().numbered(|term| term);
        phrases.each_in(&terms, |phrase, _| found.push(phrase));
        let mut expected = Vec::new();
        for (number, phrase) in all.iter().enumerate() {
            let places = text.windows(phrase.len()).filter(|place| *place == phrase);
            expected.extend(places.map(|_| number));
        }
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}
