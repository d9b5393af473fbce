//! How often each term stands in each field of one article, and all terms of an article packed.

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
        let [title, headings, topic, summary, body] = self.0;
        body > 1 || title > 0 || headings > 0 || topic > 0 || summary > 0
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

/// The terms of one article, each once, packed: an article of 200 terms takes 600 bytes.
///
/// Layout of a term: LEB128 of `2 * id + 1` if it stands once, in the body; else of `2 * id`, then a byte with a bit for
/// each field that it stands in, then the LEB128 count of each of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermBag(Box<[u8]>);

const ONCE_IN_BODY: FieldCounts = FieldCounts([0, 0, 0, 0, 1]);

impl TermBag {
    /// Packs `terms`, in their order.
    pub fn of(terms: impl ExactSizeIterator<Item = (TermId, FieldCounts)>) -> Self {
        let mut bytes = Vec::with_capacity(4 * terms.len());
        for (term, counts) in terms {
            let once = counts == ONCE_IN_BODY;
            put(&mut bytes, u64::from(term.0) << 1 | u64::from(once));
            if once {
                continue;
            }
            let fields = counts.0.iter().enumerate();
            bytes.push(fields.fold(0, |mask, (at, &count)| mask | u8::from(count > 0) << at));
            for &count in counts.0.iter().filter(|&&count| count > 0) {
                put(&mut bytes, u64::from(count));
            }
        }
        Self(bytes.into_boxed_slice())
    }

    /// The terms, in the order in which they were packed.
    pub fn iter(&self) -> impl Iterator<Item = (TermId, FieldCounts)> + '_ {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let head = take(&mut rest)?;
            let term = TermId((head >> 1) as u32);
            if head & 1 == 1 {
                return Some((term, ONCE_IN_BODY));
            }
            let (&mask, after) = rest.split_first()?;
            rest = after;
            let mut counts = FieldCounts::default();
            for (at, count) in counts.0.iter_mut().enumerate() {
                if mask >> at & 1 == 1 {
                    *count = take(&mut rest)? as u16;
                }
            }
            Some((term, counts))
        })
    }

    /// The same terms in the same order under the numbers that `number` gives them.
    #[must_use]
    pub fn renumbered(&self, number: impl Fn(TermId) -> TermId) -> Self {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut rest = &*self.0;
        while let Some(head) = take(&mut rest) {
            let term = number(TermId((head >> 1) as u32));
            put(&mut bytes, u64::from(term.0) << 1 | head & 1);
            if head & 1 == 1 {
                continue;
            }
            let counts = counts_length(rest);
            bytes.extend_from_slice(&rest[..counts]);
            rest = &rest[counts..];
        }
        Self(bytes.into_boxed_slice())
    }

    /// The packed bytes, for writing.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What [`TermBag::as_bytes`] gave, read again.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

/// The length of the mask and the counts that `rest` begins with.
fn counts_length(rest: &[u8]) -> usize {
    let Some((mask, counts)) = rest.split_first() else {
        return 0;
    };
    let mut left = mask.count_ones();
    let ends = counts.iter().position(|&byte| {
        left -= u32::from(byte < 0x80);
        left == 0
    });
    1 + ends.map_or(counts.len(), |at| at + 1)
}

pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The LEB128 number at the head of `rest`; `None` at the end.
pub(super) fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_every_term_and_count() {
        let terms: Vec<(TermId, FieldCounts)> = [
            (0, [0, 0, 0, 0, 1]),
            (7, [1, 0, 0, 0, 0]),
            (u32::MAX, [1, 2, 300, 65_535, 127]),
            (128, [0, 0, 0, 0, 2]),
        ]
        .into_iter()
        .map(|(term, counts)| (TermId(term), FieldCounts(counts)))
        .collect();
        let bag = TermBag::of(terms.iter().copied());
        assert_eq!(bag.iter().collect::<Vec<_>>(), terms);
        assert_eq!(TermBag::from_bytes(bag.as_bytes()), bag);
        let moved = bag.renumbered(|term| TermId(u32::MAX - term.0));
        let expected = terms
            .iter()
            .map(|&(term, counts)| (TermId(u32::MAX - term.0), counts));
        assert_eq!(
            moved.iter().collect::<Vec<_>>(),
            expected.collect::<Vec<_>>()
        );
        assert_eq!(TermBag::default().iter().next(), None);
    }
}
