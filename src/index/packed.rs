//! The packed terms of a field as text, and the tantivy tokenizer that unpacks them.
//!
//! A term that stands n times is one entry of eight ASCII characters, and n tokens. Spelling every occurrence out and
//! splitting it again would cost as much as the indexing.

use std::sync::Arc;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::text::{TermId, Vocabulary};

/// Characters of an entry, seven bits each: the number above, the count in the last three.
const ENTRY: usize = 8;
const COUNT_BITS: u32 = 21;

/// Adds `term`, which stands `count` times, to `text`; nothing if it does not stand there.
pub(super) fn pack(term: TermId, count: u16, text: &mut String) {
    if count > 0 {
        let value = u64::from(term.0) << COUNT_BITS | u64::from(count);
        let entry: [u8; ENTRY] = std::array::from_fn(|place| (value >> (7 * place)) as u8 & 127);
        text.push_str(std::str::from_utf8(&entry).expect("seven bits are ASCII"));
    }
}

fn unpack(entry: &[u8; ENTRY]) -> (TermId, u64) {
    let places = entry.iter().enumerate();
    let value = places.fold(0, |value, (place, &byte)| {
        value | u64::from(byte) << (7 * place)
    });
    (
        TermId((value >> COUNT_BITS) as u32),
        value & ((1 << COUNT_BITS) - 1),
    )
}

/// Unpacks what [`pack`] packed.
#[derive(Clone)]
pub(super) struct PackedTerms {
    vocabulary: Arc<Vocabulary>,
    token: Token,
}

impl PackedTerms {
    /// Unpacks terms numbered by `vocabulary`.
    pub(super) fn new(vocabulary: &Arc<Vocabulary>) -> Self {
        Self {
            vocabulary: Arc::clone(vocabulary),
            token: Token::default(),
        }
    }
}

impl Tokenizer for PackedTerms {
    type TokenStream<'a> = Unpacked<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Unpacked<'a> {
        self.token.reset();
        Unpacked {
            vocabulary: &self.vocabulary,
            token: &mut self.token,
            rest: text.as_bytes(),
            left: 0,
        }
    }
}

pub(super) struct Unpacked<'a> {
    vocabulary: &'a Vocabulary,
    token: &'a mut Token,
    rest: &'a [u8],
    left: u64,
}

impl TokenStream for Unpacked<'_> {
    fn advance(&mut self) -> bool {
        if self.left == 0 {
            let Some((entry, rest)) = self.rest.split_first_chunk() else {
                return false;
            };
            self.rest = rest;
            let (term, count) = unpack(entry);
            self.left = count;
            let term = self.vocabulary.term(term);
            self.token.text.clear();
            self.token.text.push_str(term);
        }
        self.left -= 1;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_comes_out_as_often_as_it_stands() {
        let mut vocabulary = Vocabulary::default();
        let [once, never, often] = ["once", "never", "often"].map(|term| vocabulary.intern(term));
        let mut text = String::new();
        pack(once, 1, &mut text);
        pack(never, 0, &mut text);
        pack(often, 3, &mut text);
        let mut tokenizer = PackedTerms::new(&Arc::new(vocabulary));
        let mut found = Vec::new();
        tokenizer
            .token_stream(&text)
            .process(&mut |token| found.push((token.position, token.text.clone())));
        let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["once", "often", "often", "often"]);
        assert!(
            found
                .iter()
                .enumerate()
                .all(|(at, (position, _))| at == *position)
        );
    }

    #[test]
    fn the_largest_number_and_count_fit() {
        let mut text = String::new();
        pack(TermId(u32::MAX), u16::MAX, &mut text);
        let entry = text.as_bytes().first_chunk().expect("one entry");
        assert_eq!(unpack(entry), (TermId(u32::MAX), u64::from(u16::MAX)));
    }
}
