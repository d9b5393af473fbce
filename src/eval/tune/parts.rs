//! Time cut into parts: what is only counted, what is learned from, what is held out.

use crate::eval::steps::Step;

/// The part of all steps that is only counted.
const COUNTED: f64 = 0.2;
/// The part that is held out.
const HELD_OUT: f64 = 0.25;
/// Steps that are learned from, and that are held out, at most; the last ones.
const MOST_LEARNED: usize = 10_000;
const MOST_HELD_OUT: usize = 5_000;
/// Parts of the time to learn from, and of the held-out one: in each, signals know what came before it.
const PARTS_LEARNED: usize = 3;
const PARTS_HELD_OUT: usize = 2;

/// The parts of the time, each in the order of time.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) learned: Vec<&'a [Step]>,
    pub(super) held_out: Vec<&'a [Step]>,
}

/// Cuts `steps`, which stand in the order of time.
pub(super) fn cut(steps: &[Step]) -> Parts<'_> {
    let at = |share: f64| (steps.len() as f64 * share) as usize;
    let (counted, held_out) = (at(COUNTED), at(1.0 - HELD_OUT));
    let learned = &steps[counted..held_out];
    let held_out = &steps[held_out..];
    let last = |steps: &'_ [Step], most| steps.len().saturating_sub(most);
    Parts {
        learned: in_parts(&learned[last(learned, MOST_LEARNED)..], PARTS_LEARNED),
        held_out: in_parts(&held_out[last(held_out, MOST_HELD_OUT)..], PARTS_HELD_OUT),
    }
}

fn in_parts(steps: &[Step], parts: usize) -> Vec<&[Step]> {
    let size = steps.len().div_ceil(parts).max(1);
    steps.chunks(size).collect()
}

impl<'a> Parts<'a> {
    /// All that is learned from or held out.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Step> {
        let parts = self.learned.iter().chain(&self.held_out);
        parts.flat_map(|part| part.iter())
    }

    /// When the held-out time begins, and its last step, in milliseconds since 1970.
    pub(super) fn held_out_time(&self) -> (i64, i64) {
        let steps = || self.held_out.iter().flat_map(|part| part.iter());
        let (first, last) = (steps().next(), steps().last());
        let at = |step: Option<&Step>| step.map_or(0, |step| step.at);
        (at(first), at(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DocOrd, KeyedHash};

    #[test]
    fn the_last_part_is_held_out_and_nothing_of_it_is_learned_from() {
        let steps: Vec<Step> = (0..30_000)
            .map(|at| Step {
                at,
                visitor: KeyedHash(1),
                host: DocOrd(0),
                card: DocOrd(1),
                position: None,
            })
            .collect();
        for (count, learned, held_out) in [(100, 55, 25), (30_000, 10_000, 5_000), (0, 0, 0)] {
            let parts = cut(&steps[..count]);
            let sum = |parts: &[&[Step]]| parts.iter().map(|part| part.len()).sum::<usize>();
            assert_eq!(
                (sum(&parts.learned), sum(&parts.held_out)),
                (learned, held_out)
            );
            if let (Some(learned), Some(held_out)) = (parts.learned.last(), parts.held_out.first())
            {
                assert!(learned[learned.len() - 1].at < held_out[0].at);
                assert_eq!(parts.held_out_time(), (held_out[0].at, count as i64 - 1));
            }
        }
    }
}
