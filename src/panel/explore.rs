//! Exploration: a few of the last places of a panel go to candidates that readers had little chance to see, in turn.
//!
//! In come the set that ranking chose and all candidates; out comes the set with at most a few exchanged. Who has a turn is
//! drawn from a seed, so the same seed gives the same set. Nothing here knows what time it is or what readers did.

use super::compose::Ranked;
use super::reserve::{best_first, last_ones};
use crate::model::DocOrd;

/// One card of so many at most is explored.
const ONE_IN: usize = 4;
/// Candidates past the set that have turns.
const REACH: usize = 40;

/// Who has a turn, and how many.
#[expect(missing_debug_implementations, reason = "a function shows nothing")]
pub struct Exploration<'a> {
    /// Cards at most.
    pub cards: usize,
    /// What turns are drawn from.
    pub seed: u64,
    /// How little readers had the chance to tell of a candidate, 0 to 1: the more, the more turns; of 0 none.
    pub novelty: Box<dyn Fn(&Ranked) -> f64 + 'a>,
}

impl Exploration<'_> {
    /// Exchanges the last of `set` for those of `all` that have a turn. Both stand by falling score, ties by id, and so does
    /// what is left; the upper half is never touched, and neither are those that are `held`.
    pub(super) fn exchange<'r>(
        &self,
        set: &mut Vec<&'r Ranked>,
        all: &[&'r Ranked],
        held: &[DocOrd],
    ) {
        let last = last_ones(set, self.cards.min(set.len() / ONE_IN), held);
        let cards = last.len();
        if cards == 0 {
            return;
        }
        let highest = score(set[(set.len() - 1) / 2]);
        let mut gone: Vec<&Ranked> = Vec::with_capacity(cards);
        set.retain(|one| {
            let goes = last.contains(&one.ord);
            if goes {
                gone.push(one);
            }
            !goes
        });
        let mut stay = set.iter().map(|stays| stays.ord).peekable();
        // The last of the set have turns as well; they would be shown less than those behind them otherwise.
        let others = all
            .iter()
            .filter(|one| stay.next_if_eq(&one.ord).is_none() && score(one) <= highest);
        let mut drawn: Vec<(f64, &Ranked)> = Vec::with_capacity(cards + 1);
        for &one in others.take(cards + REACH) {
            let longest = match drawn.get(cards - 1) {
                Some(&(wait, _)) => wait,
                None => f64::INFINITY,
            };
            if let Some(wait) = self.wait(one, longest) {
                // The better one first where two wait as long.
                let at = drawn.partition_point(|&(other, _)| other <= wait);
                drawn.insert(at, (wait, one));
                drawn.truncate(cards);
            }
        }
        let missing = cards - drawn.len();
        let untold = gone
            .into_iter()
            .filter(|one| drawn.iter().all(|(_, other)| other.ord != one.ord));
        for one in drawn
            .iter()
            .map(|&(_, one)| one)
            .chain(untold.take(missing))
        {
            let at = set.partition_point(|other| best_first(other, one).is_lt());
            set.insert(at, one);
        }
    }

    /// How long a candidate waits for its turn: the first has it. Whose weight is `score^2 * novelty` is first in proportion
    /// to it (Efraimidis and Spirakis 2006, Weighted random sampling with a reservoir). `None` if it has no turn, or would
    /// wait for `longest` at least.
    fn wait(&self, one: &Ranked, longest: f64) -> Option<f64> {
        let bits = mixed(self.seed ^ u64::from(one.ord.0)) >> 11;
        let share = (bits as f64 + 0.5) / (1u64 << 53) as f64;
        let most = score(one) * score(one);
        // 1 - x is never more than -ln x: most are out before what readers did is looked up.
        if 1.0 - share >= longest * most {
            return None;
        }
        let weight = most * (self.novelty)(one);
        let wait = -libm::log(share) / weight;
        (weight > 0.0 && wait < longest).then_some(wait)
    }
}

fn score(one: &Ranked) -> f64 {
    one.score.get()
}

/// The finisher of SplitMix64 (Steele, Lea and Flood 2014): neighbours in are strangers out.
fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}
