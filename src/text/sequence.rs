//! The terms of an article in the order of its words, packed: what phrases are looked for in.

use super::TermId;
use super::fields::{put, take};

/// The parts of a text that a phrase does not cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// The title.
    Title,
    /// The summary, if the author gave one.
    Summary,
    /// The text without its headings.
    Body,
}

impl Section {
    /// All sections, in storage order.
    pub const ALL: [Section; 3] = [Section::Title, Section::Summary, Section::Body];
}

/// Bytes of a term, of most texts.
const BYTES_A_TERM: usize = 2;

/// The terms of title, summary and body in the order in which they stand, stop words left out.
///
/// Layout: LEB128 of `id + 1` for each term, a 0 after each section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence(Box<[u8]>);

impl Sequence {
    /// The terms of one section.
    pub fn section(&self, wanted: Section) -> impl Iterator<Item = TermId> + '_ {
        let all = self
            .iter()
            .skip_while(move |&(section, _)| section < wanted);
        all.take_while(move |&(section, _)| section == wanted)
            .map(|(_, term)| term)
    }

    /// All terms with the section they stand in.
    pub fn iter(&self) -> impl Iterator<Item = (Section, TermId)> + '_ {
        let mut rest = &*self.0;
        let mut section = 0;
        std::iter::from_fn(move || {
            loop {
                match take(&mut rest)? {
                    0 => section += 1,
                    number => {
                        let section = Section::ALL.get(section)?;
                        return Some((*section, TermId((number - 1) as u32)));
                    }
                }
            }
        })
    }

    /// All of these one after the other, under the numbers that `number` gives the terms.
    pub fn numbered(&self, number: impl Fn(TermId) -> TermId) -> Vec<(Section, TermId)> {
        let mut all = Vec::with_capacity(self.0.len() / BYTES_A_TERM);
        let terms = self.iter();
        all.extend(terms.map(|(section, term)| (section, number(term))));
        all
    }

    /// The same sequence under the numbers that `number` gives the terms.
    #[must_use]
    pub fn renumbered(&self, number: impl Fn(TermId) -> TermId) -> Self {
        let mut builder = SequenceBuilder(Vec::with_capacity(self.0.len()));
        let mut rest = &*self.0;
        while let Some(next) = take(&mut rest) {
            match next {
                0 => builder.end_section(),
                next => builder.push(number(TermId((next - 1) as u32))),
            }
        }
        builder.finish()
    }

    /// The packed sequence, for writing.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`Sequence::as_bytes`] gave, read again.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

/// Packs a sequence, section by section.
#[derive(Debug, Default)]
pub struct SequenceBuilder(Vec<u8>);

impl SequenceBuilder {
    /// The next term.
    #[inline]
    pub fn push(&mut self, term: TermId) {
        put(&mut self.0, u64::from(term.0) + 1);
    }

    /// What follows belongs to the next section.
    pub fn end_section(&mut self) {
        self.0.push(0);
    }

    /// What was packed; the builder is empty again.
    pub fn finish(&mut self) -> Sequence {
        let sequence = Sequence(self.0.as_slice().into());
        self.0.clear();
        sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_told_apart_and_renumbered() {
        let mut builder = SequenceBuilder::default();
        builder.push(TermId(7));
        builder.end_section();
        builder.end_section();
        for id in [0, 300, 7] {
            builder.push(TermId(id));
        }
        let sequence = builder.finish();
        let ids = |sequence: &Sequence, section| -> Vec<u32> {
            sequence.section(section).map(|term| term.0).collect()
        };
        assert_eq!(ids(&sequence, Section::Title), [7]);
        assert_eq!(ids(&sequence, Section::Summary), [0; 0]);
        assert_eq!(ids(&sequence, Section::Body), [0, 300, 7]);
        assert_eq!(Sequence::from_bytes(sequence.as_bytes()), sequence);
        let doubled = sequence.renumbered(|term| TermId(2 * term.0));
        assert_eq!(ids(&doubled, Section::Body), [0, 600, 14]);
        assert_eq!(ids(&doubled, Section::Title), [14]);
        assert_eq!(builder.finish(), Sequence::default());
    }
}
