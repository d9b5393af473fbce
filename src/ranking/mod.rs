//! From raw signal values to scores: calibrate, blend, diversify, explain. Arithmetic only: no I/O, no clock, no articles.

mod blend;
mod boost;
mod calibrate;
mod diversify;
mod explain;

pub use blend::{Weights, contributions, opinion, scored};
pub use boost::{boosted, editors_part};
pub use calibrate::{calibrate, evidence};
pub use diversify::{Theme, diversify};
pub use explain::{SharedTerm, shared_terms};

/// Score below which nothing is called related.
pub const SCORE_FLOOR: f64 = 0.05;
