//! The behavior signal: which articles are read after one another, and which cards are followed where they are seen.

mod caps;
mod changed_row;
mod counts;
mod decay;
mod digest;
mod fold;
mod held;
mod open;
mod places;
mod row;
mod value;

pub use caps::Caps;
pub use counts::{Before, Counts};
pub use decay::Moment;
pub use fold::Fold;
pub use held::{Day, HeldBack, HeldReason, Quarantine};
pub use open::{CheckpointState, OpenState};
pub use places::{Examination, Places};
pub use value::{HostReads, PairReads, Reads, long_run, novelty};

/// The version of the rules by which events are counted; counts by other rules are not gone on from.
pub const RULES: u64 = 6;
