//! Readers of a site who do not exist, for demos and measurements: what they like is known, so what is learned from them can
//! be compared with it.
//!
//! A snapshot and a seed go in. Out come what readers did, in the order of time and never all in memory, what they like, and
//! an access log of the same readers among robots. There is no clock: the same site and settings give the same bytes.

mod access_log;

mod readers;
mod records;
mod relations;
mod rhythm;
mod robots;
mod truth;

pub use access_log::AccessLog;
pub use readers::{Act, Simulation};
pub use records::{write_record, write_truth};
pub use relations::Relations;
pub use robots::RobotKind;
pub use truth::{Taste, Truth};

use crate::model::DocOrd;
use crate::ranking::Weights;

/// How many readers come, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What all chance comes from.
    pub seed: u64,
    /// Visitors in all.
    pub visitors: u32,
    /// The number of the first visitor: others of the same seed are other readers who like the same.
    pub first: u32,
    /// The days over which they come.
    pub days: u32,
    /// The end of these days, in unix seconds; panels are as of this time.
    pub until: i64,
    /// The share of sessions that see the cards of a panel in any order. What is followed then tells what is liked apart
    /// from what ranks high.
    pub shuffled: f64,
    /// The exponent `b` of the chance `1 / k^b` that readers look at the card in place k.
    pub bias: f64,
    /// What readers like.
    pub taste: Taste,
    /// What each signal counts in the panels that they see.
    pub weights: Weights,
    /// Whether the last places of panels change by the hour, as a server shows them.
    pub exploring: bool,
    /// The page with which every session begins; each reader begins where many do, if there is none.
    pub begin: Option<DocOrd>,
}

impl Settings {
    /// A thousand visitors in the four weeks before `until` (unix seconds), who see panels as they are.
    pub fn until(until: i64, seed: u64) -> Self {
        Self {
            seed,
            visitors: 1_000,
            first: 0,
            days: 28,
            until,
            shuffled: 0.0,
            bias: 1.0,
            taste: Taste::Mixed,
            weights: Weights::default(),
            exploring: false,
            begin: None,
        }
    }
}
