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
    #[inline]
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

/// Adds `value` as LEB128. Without a step for each byte: how many there are is hard to foresee for a processor.
#[inline]
pub(super) fn put(bytes: &mut Vec<u8>, mut value: u64) {
    if value < 1 << 28 {
        let pairs = value & 0x3fff | (value & 0x0fff_c000) << 2;
        let sevens = pairs & 0x007f_007f | (pairs & 0x3f80_3f80) << 1;
        let more = (63 - (value | 1).leading_zeros()) / 7;
        let marks = 0x8080_8080 & ((1u64 << (8 * more)) - 1);
        let start = bytes.len();
        bytes.extend_from_slice(&((sevens | marks) as u32).to_le_bytes());
        bytes.truncate(start + 1 + more as usize);
        return;
    }
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The LEB128 number at the head of `rest`; `None` at the end.
#[inline]
pub(super) fn take(rest: &mut &[u8]) -> Option<u64> {
    if let Some((head, _)) = rest.split_first_chunk() {
        let head = u32::from_le_bytes(*head);
        let ends = !head & 0x8080_8080;
        if ends != 0 {
            let length = ends.trailing_zeros() / 8 + 1;
            let sevens = head & 0x7f7f_7f7f & (u32::MAX >> (32 - 8 * length));
            let pairs = sevens & 0x007f_007f | (sevens & 0x7f00_7f00) >> 1;
            *rest = &rest[length as usize..];
            return Some(u64::from(pairs & 0x3fff | (pairs & 0x3fff_0000) >> 2));
        }
    }
    take_by_bytes(rest)
}

fn take_by_bytes(rest: &mut &[u8]) -> Option<u64> {
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

    #[test]
    fn numbers_of_every_length_come_back_wherever_they_stand() {
        let numbers: Vec<u64> = (0..64)
            .flat_map(|bits| [(1u64 << bits) - 1, 1 << bits, (1 << bits) + 1])
            .collect();
        let mut bytes = Vec::new();
        for &number in &numbers {
            let before = bytes.len();
            put(&mut bytes, number);
            let length = (64 - (number | 1).leading_zeros() as usize).div_ceil(7);
            assert_eq!(bytes.len() - before, length, "{number}");
        }
        let (mut quick, mut by_bytes) = (&*bytes, &*bytes);
        for &number in &numbers {
            assert_eq!(take(&mut quick), Some(number));
            assert_eq!(take_by_bytes(&mut by_bytes), Some(number));
        }
        assert_eq!((take(&mut quick), take(&mut by_bytes)), (None, None));
    }
}
