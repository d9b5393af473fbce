//! Learning what each signal should count from what readers of the site followed.
//!
//! Time is cut: what came first is only counted, what came next is learned from, the last part tells whether that was worth it.
//! Whatever is shown or followed in a part is rated by signals that know nothing later than its beginning. There is no clock:
//! the same journal, index and settings give the same weights.

mod choices;
mod model;
mod parts;
mod search;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Serialize;

use super::intervals::{Interval, ratio_interval};
use super::steps::Steps;
use crate::engine::Snapshot;
use crate::error::Result;
use crate::model::{KeyedHash, Problem};
use crate::ranking::Weights;
use choices::{Choice, Shown};
use model::Model;

/// Clicks on cards from which on these alone count; below it reads that follow another one do as well. What readers do in
/// panels is what panels are for; how they move elsewhere follows menus and links as well.
const ENOUGH_CLICKS: usize = 300;
/// Choices of readers below which nothing is learned.
const LEAST_LEARNED: usize = 100;
/// Held-out choices, and visitors who made them, below which nothing is believed.
const LEAST_HELD_OUT: usize = 50;
const LEAST_VISITORS: usize = 20;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// On held-out choices the learned weights rank better, beyond chance.
    Better,
    /// They do not.
    NotBetter,
    /// Too few choices to tell.
    TooFew,
}

/// Learned weights and how they do on what they were not learned from.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// The weights that served so far.
    pub in_force: Weights,
    /// The weights that were learned; those in force where there was too little to learn from.
    pub learned: Weights,
    /// Choices that were learned from.
    pub choices: usize,
    /// Of these, those in a panel of which is known what it showed.
    pub in_panels: usize,
    /// Held-out choices.
    pub held_out: usize,
    /// Visitors who made them.
    pub visitors: usize,
    /// From when on choices are held out, and the last one, in milliseconds since 1970.
    pub held_out_time: (i64, i64),
    /// What of the held-out choices stands in the right order; `None` where there are too few.
    pub orders: Option<Orders>,
    /// What came of it.
    pub verdict: Verdict,
    /// What of the journal is damaged.
    pub problems: Vec<Problem>,
}

/// The share of pairs of cards in the right order on held-out choices: of two cards that were looked at the followed one stands
/// higher. Visitors are drawn anew for the intervals.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Orders {
    /// By the weights in force.
    pub in_force: Interval,
    /// By the learned ones.
    pub learned: Interval,
    /// What the learned ones add.
    pub difference: Interval,
}

impl Tuned {
    /// Learns from the journal of `data`, up to `until` (milliseconds since 1970), for the site of `snapshot`, on which
    /// `in_force` counts now.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if the journal cannot be read.
    pub fn of(data: &Path, snapshot: &Snapshot, in_force: Weights, until: i64) -> Result<Self> {
        let Steps {
            mut steps,
            problems,
        } = Steps::read(data, snapshot, until)?;
        let clicks = steps.iter().filter(|step| step.position.is_some());
        if clicks.count() >= ENOUGH_CLICKS {
            steps.retain(|step| step.position.is_some());
        }
        let parts = parts::cut(&steps);
        let shown = Shown::read(data, snapshot, parts.steps())?;
        let mut learned_from = Vec::new();
        for part in &parts.learned {
            learned_from.extend(choices::of(
                data,
                snapshot,
                &shown,
                part,
                Some(choices::OTHERS),
            )?);
        }
        let mut held_out = Vec::new();
        for part in &parts.held_out {
            held_out.extend(choices::of(data, snapshot, &shown, part, None)?);
        }
        let visitors: HashSet<KeyedHash> = held_out.iter().map(|choice| choice.visitor).collect();
        let enough = learned_from.len() >= LEAST_LEARNED
            && held_out.len() >= LEAST_HELD_OUT
            && visitors.len() >= LEAST_VISITORS;
        let learned = match enough {
            true => search::best(&Model::of(&learned_from)),
            false => in_force,
        };
        let orders = orders(&held_out, &in_force, &learned).filter(|_| enough);
        let verdict = match orders {
            Some(orders) if orders.difference.low > 0.0 => Verdict::Better,
            Some(_) => Verdict::NotBetter,
            None => Verdict::TooFew,
        };
        Ok(Self {
            in_force,
            learned,
            choices: learned_from.len(),
            in_panels: learned_from.iter().filter(|one| one.in_panel).count(),
            held_out: held_out.len(),
            visitors: visitors.len(),
            held_out_time: parts.held_out_time(),
            orders,
            verdict,
            problems,
        })
    }
}

fn orders(held_out: &[Choice], in_force: &Weights, learned: &Weights) -> Option<Orders> {
    // In the order in which visitors are met: samples do not depend on the hashes that stand for them.
    let mut places: HashMap<KeyedHash, usize> = HashMap::new();
    let mut sums: Vec<[f64; 3]> = Vec::new();
    for choice in held_out {
        let place = *places.entry(choice.visitor).or_insert(sums.len());
        if place == sums.len() {
            sums.push([0.0; 3]);
        }
        let [before, after, all] = &mut sums[place];
        let (right, pairs) = choice.in_order(in_force);
        *before += right;
        *after += choice.in_order(learned).0;
        *all += pairs;
    }
    let interval = |of: fn(&[f64; 3]) -> f64| {
        let units: Vec<(f64, f64)> = sums.iter().map(|sums| (of(sums), sums[2])).collect();
        ratio_interval(&units)
    };
    Some(Orders {
        in_force: interval(|sums| sums[0])?,
        learned: interval(|sums| sums[1])?,
        difference: interval(|sums| sums[1] - sums[0])?,
    })
}
