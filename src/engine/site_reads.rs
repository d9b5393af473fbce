//! How much is read on the whole site, beside which a pair that is read often is no surprise.

use std::collections::BTreeMap;

use crate::signals::behavior::{Moment, long_run};

/// Leading bits that are told: panels are made of the sum, so it must not move with every event.
const BITS: u32 = 4;

/// The sum of the reads of all articles, in fixed point, by the period from which they count.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteReads(BTreeMap<u16, u64>);

impl SiteReads {
    /// Replaces what an article has added: reads in fixed point and the period from which they count.
    pub(super) fn replace(&mut self, (before, of): (u64, u16), (after, since): (u64, u16)) {
        if let Some(sum) = self.0.get_mut(&of) {
            *sum = sum.saturating_sub(before);
        }
        if after > 0 {
            let sum = self.0.entry(since).or_default();
            *sum = sum.saturating_add(after);
        }
    }

    /// The sum, brought to the latest period and rounded down to an eighth at most, and that period.
    pub(super) fn rounded(&self) -> (u64, u16) {
        let latest = self.0.keys().next_back().copied().unwrap_or_default();
        let brought = self.0.iter().map(|(&of, &reads)| {
            let passed = u32::from(latest - of);
            reads.checked_shr(passed).unwrap_or(0)
        });
        let sum = brought.fold(0u64, u64::saturating_add);
        let low = (u64::BITS - sum.leading_zeros()).saturating_sub(BITS);
        (sum >> low << low, latest)
    }

    /// What that is worth at `now`, in reads.
    pub(super) fn worth(&self, now: &Moment) -> f64 {
        match self.rounded() {
            (0, _) => 0.0,
            (sum, of) => long_run(sum, of, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_of_the_latest_period_and_moves_in_steps() {
        let mut site = SiteReads::default();
        assert_eq!(site.rounded(), (0, 0));
        site.replace((0, 0), (1000, 3));
        site.replace((0, 0), (1000, 4));
        // 1,500 lies between 1,408 and 1,536.
        assert_eq!(site.rounded(), (1408, 4));
        site.replace((1000, 4), (1020, 4));
        assert_eq!(site.rounded(), (1408, 4));
        site.replace((1000, 3), (100, 5));
        assert_eq!(site.rounded(), (576, 5));
    }
}
