//! From counts to the value of a pair: the half-lives mixed by how much there is of each, the exposure taken into account.

use super::decay::{Moment, SEEN};
use super::fold::BACKWARD;
use crate::model::{HALF_LIVES, ReadPair, ReadRow};

/// Reads of a pair at which it has half of the highest value.
const CALIBRATION: f64 = 2.0;
/// Reads of an article by a half-life at which this half-life and the longer ones count the same.
const MIX: f64 = 200.0;
/// Clicks that a card gets on the average for being seen once in the first place.
const CLICKS_WHEN_SEEN: f64 = 0.02;
/// What a read that is expected of a candidate as popular as it is counts, in reads that it takes for the same value.
const POPULAR: f64 = 0.5;
/// Reads of the host at which half of what it is read with is known.
const HOST_EVIDENCE: f64 = 2.0;
/// The same of the candidate.
const CANDIDATE_EVIDENCE: f64 = 0.3;
/// What the host's reads say of a candidate that has none: less than of one that readers had the choice to read.
const UNREAD: f64 = 0.65;

/// Reads of an article at which exploration shows it half as readily as one that nobody read.
const KNOWN: f64 = 1.0;
/// Looks at a card in a panel after which exploration leaves it: as many as bring a click on the average.
const LOOKED_AT: f64 = 50.0;

/// What an article's row is worth at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Reads {
    /// What a unit of each counter is worth in reads.
    factors: [f64; HALF_LIVES],
    totals: [f64; HALF_LIVES],
}

impl Reads {
    /// What the row with the head `head` is worth at `now`.
    pub fn of(head: &ReadRow, now: &Moment) -> Self {
        let factors = std::array::from_fn(|which| now.worth(which, head.periods[which]));
        let totals = std::array::from_fn(|which| head.totals[which] as f64 * factors[which]);
        Self { factors, totals }
    }

    /// Reads beside the article in the long run.
    pub fn total(&self) -> f64 {
        self.totals[HALF_LIVES - 1]
    }

    /// Reads of a pair in the long run.
    pub fn long_run(&self, pair: &ReadPair) -> f64 {
        f64::from(pair.reads[HALF_LIVES - 1]) * self.factors[HALF_LIVES - 1]
    }

    /// What the counters of a pair come to.
    ///
    /// Of each half-life counts what the shorter ones leave: `N / (N + MIX)` of it, where `N` are the reads of all other
    /// pairs, so that no read of this one makes less of it.
    pub fn pair(&self, pair: &ReadPair) -> PairReads {
        let mut reads = 0.0;
        let mut left = 1.0;
        for which in 0..HALF_LIVES {
            let own = f64::from(pair.reads[which]) * self.factors[which];
            let share = if which + 1 < HALF_LIVES {
                let others = (self.totals[which] - own).max(0.0);
                left * others / (others + MIX)
            } else {
                left
            };
            reads += share * own;
            left -= share;
        }
        PairReads {
            reads,
            seen: f64::from(pair.seen) * self.factors[SEEN],
        }
    }
}

/// What counts of a pair, however many names its articles have.
#[derive(Clone, Copy, Debug, Default)]
pub struct PairReads {
    /// Reads, of all half-lives as they are mixed.
    reads: f64,
    /// Times that the card was looked at.
    seen: f64,
}

impl PairReads {
    /// Joins what was counted of the pair by other names.
    pub fn add(&mut self, other: Self) {
        self.reads += other.reads;
        self.seen += other.seen;
    }

    /// Times that the card was looked at.
    pub fn looks(&self) -> f64 {
        self.seen
    }

    /// Whether it was read.
    pub fn is_read(&self) -> bool {
        self.reads > 0.0
    }

    /// The value of the pair, 0 to 1: `n / (n + k)`, where `n` are its reads and `k` grows with how often it was only seen, and
    /// with the reads expected of it.
    pub fn value(&self, expected: f64) -> f64 {
        if self.reads > 0.0 {
            let only_seen = CLICKS_WHEN_SEEN * self.seen;
            self.reads / (self.reads + CALIBRATION + only_seen + POPULAR * expected)
        } else {
            0.0
        }
    }
}

/// What a total in the long run, counted from the period `of`, is worth at `now`, in reads.
pub fn long_run(total: u64, of: u16, now: &Moment) -> f64 {
    total as f64 * now.worth(HALF_LIVES - 1, of)
}

/// Reads of a candidate beside a host that are no surprise: `host` and `candidate` are the reads beside either, `pair` those of
/// the candidate beside the host, `site` those beside all articles. Were the two strangers, the candidate would have its share
/// of what is read beside the host. The pair is left out of either, so that a read of it expects no more of it.
#[inline]
fn expected(host: f64, candidate: f64, pair: f64, site: f64) -> f64 {
    if site > 0.0 {
        (host - pair).max(0.0) * (candidate - pair).max(0.0) / site
    } else {
        0.0
    }
}

/// How much so many reads tell, where `k` of them tell half of what there is.
#[inline]
fn known(reads: f64, k: f64) -> f64 {
    if reads > 0.0 {
        reads / (reads + k)
    } else {
        0.0
    }
}

/// What the reads beside a host say of any pair with it, so that most of a panel's candidates, which were never read beside
/// it, ask for no division.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostReads {
    reads: f64,
    known: f64,
}

impl HostReads {
    /// Of a host with so many `reads` beside it.
    pub fn of(reads: f64) -> Self {
        Self {
            reads,
            known: known(reads, HOST_EVIDENCE),
        }
    }

    /// How much readers tell of a pair apart from itself, 0 to 1: `candidate` are the reads beside the candidate, `pair` those
    /// of it beside the host. What these have added to either is left out, so that one more of them changes the value alone.
    /// Where a candidate was never read, what its host's readers did is evidence in part.
    #[inline]
    pub fn evidence(&self, candidate: f64, pair: f64) -> f64 {
        let host = match pair {
            0.0 => self.known,
            _ => known(self.reads - pair, HOST_EVIDENCE),
        };
        if host <= 0.0 {
            return 0.0;
        }
        let candidate = known(candidate - pair / f64::from(BACKWARD), CANDIDATE_EVIDENCE);
        host * (UNREAD + (1.0 - UNREAD) * candidate)
    }

    /// The value of a pair that was read so, 0 to 1, beside the reads that are expected of it on a site with `site`.
    #[inline]
    pub fn value(&self, candidate: f64, reads: f64, site: f64, pair: &PairReads) -> f64 {
        match pair.is_read() {
            true => pair.value(expected(self.reads, candidate, reads, site)),
            false => 0.0,
        }
    }
}

/// How little readers had the chance to tell of an article, 0 to 1: `reads` are those beside it, `looks` those at its card
/// in one panel.
pub fn novelty(reads: f64, looks: f64) -> f64 {
    KNOWN / (KNOWN + reads) * (1.0 - looks / LOOKED_AT).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::super::decay::READ;
    use super::super::places::Examination;
    use super::super::row::{add_read, add_seen};
    use super::*;
    use crate::model::{DAY, NameOrd};

    const NOW: i64 = 20_000 * DAY;

    fn value(row: &ReadRow, partner: u32, now: i64) -> f64 {
        let pair = row.pairs.iter().find(|pair| pair.partner.0 == partner);
        pair.map_or(0.0, |pair| {
            Reads::of(row, &Moment::new(now)).pair(pair).value(0.0)
        })
    }

    #[test]
    fn a_read_more_never_lowers_its_pair_whatever_was_read_before() {
        let mut state = 1u64;
        let mut next = |bound: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % bound
        };
        for _ in 0..300 {
            let mut row = ReadRow::default();
            for _ in 0..next(300) {
                let at = NOW - next(1500) as i64 * DAY;
                add_read(&mut row, NameOrd(next(4) as u32), READ, at, 1);
            }
            let before = value(&row, 1, NOW);
            add_read(&mut row, NameOrd(1), READ, NOW - next(400) as i64 * DAY, 1);
            assert!(value(&row, 1, NOW) >= before, "{row:?}");
        }
    }

    #[test]
    fn a_busy_site_forgets_in_weeks_and_a_quiet_one_in_years() {
        let (mut busy, mut quiet) = (ReadRow::default(), ReadRow::default());
        for turn in 0..20 {
            add_read(&mut quiet, NameOrd(1), READ, NOW - 180 * DAY + turn, 1);
        }
        for turn in 0..2000 {
            add_read(&mut busy, NameOrd(1), READ / 10, NOW - 180 * DAY + turn, 1);
        }
        for turn in 0..20_000 {
            add_read(&mut busy, NameOrd(2), READ, NOW - turn * DAY / 1000, 1);
        }
        assert!(value(&quiet, 1, NOW) > 0.85);
        let forgotten = value(&busy, 1, NOW) / value(&quiet, 1, NOW);
        assert!(forgotten < 0.5, "{forgotten}");
    }

    #[test]
    fn what_is_seen_and_not_followed_falls_and_a_low_place_is_no_fault() {
        let mut row = ReadRow::default();
        for partner in [1, 2, 3] {
            for _ in 0..4 {
                add_read(&mut row, NameOrd(partner), READ, NOW, 1);
            }
        }
        let looked = Examination::default();
        for _ in 0..1000 {
            add_seen(&mut row, NameOrd(2), looked.chance(Some(1)), NOW);
            add_seen(&mut row, NameOrd(3), looked.chance(Some(10)), NOW);
        }
        let [untold, first, tenth] = [1, 2, 3].map(|partner| value(&row, partner, NOW));
        assert!(untold > tenth && tenth > first && first > 0.0);
    }

    #[test]
    fn what_everybody_reads_is_no_surprise_and_a_read_of_the_pair_expects_no_more() {
        let read = |reads: f64, popularity: f64| {
            let pair = PairReads { reads, seen: 0.0 };
            pair.value(expected(100.0, popularity, reads, 1_000.0))
        };
        assert!(read(5.0, 500.0) < read(5.0, 50.0) && read(5.0, 500.0) > 0.0);
        assert_eq!(read(5.0, 5.0), 5.0 / 7.0);
        for reads in 1..60 {
            // Of a read of the pair the candidate gets a tenth, of a like all of it.
            for back in [0.1, 1.0] {
                let popularity = |reads: f64| 30.0 + reads * back;
                let before = read(f64::from(reads), popularity(f64::from(reads)));
                let more = f64::from(reads + 1);
                assert!(read(more, popularity(more)) > before, "{reads} {back}");
            }
        }
        assert_eq!(expected(10.0, 10.0, 0.0, 0.0), 0.0);
    }

    #[test]
    fn evidence_is_nothing_for_a_host_without_readers_and_less_for_a_candidate_without() {
        assert_eq!(HostReads::of(0.0).evidence(100.0, 0.0), 0.0);
        let read = HostReads::of(100.0);
        assert!(read.evidence(0.0, 0.0) < 0.65 && read.evidence(0.0, 0.0) > 0.6);
        assert!(read.evidence(100.0, 0.0) > 0.97);
    }

    #[test]
    fn a_read_of_the_pair_is_no_evidence_apart_from_it() {
        let now = Moment::new(NOW);
        let (mut host, mut candidate) = (ReadRow::default(), ReadRow::default());
        add_read(&mut host, NameOrd(7), READ, NOW - DAY, 1);
        add_read(&mut candidate, NameOrd(8), READ / 5, NOW - DAY, 1);
        let told = |host: &ReadRow, candidate: &ReadRow| {
            let pair = host.pairs.iter().find(|pair| pair.partner.0 == 1);
            let host = Reads::of(host, &now);
            let reads = pair.map_or(0.0, |pair| host.long_run(pair));
            HostReads::of(host.total()).evidence(Reads::of(candidate, &now).total(), reads)
        };
        let before = told(&host, &candidate);
        for _ in 0..40 {
            add_read(&mut host, NameOrd(1), READ, NOW, 2);
            add_read(&mut candidate, NameOrd(0), READ / BACKWARD, NOW, 2);
            assert!((told(&host, &candidate) - before).abs() < 1e-4);
        }
    }
}
