//! What tells how good panels are: readers whose taste is known, human judgments, clicks that were held out, and measures.

mod clicks;
mod compare;
mod exposure;
mod habits;
mod held_out;
mod intervals;
mod judgments;
mod kendall;
mod measures;
mod random;
mod reach;
pub mod simulate;
mod steps;
pub mod tune;

pub use clicks::Paths;
pub use compare::{Comparison, Measured, Row, Setting};
pub use exposure::gini;
pub use habits::{Coverage, Day, Habits, Rate, Unknown};
pub use held_out::HeldOut;
pub use intervals::{Interval, paired_interval, wilson};
pub use judgments::{Judgments, Run, read_queries};
pub use kendall::kendall_tau;
pub use measures::{Measure, PerMeasure, measures};
pub use reach::{Competing, Entries, Orphan, Rare, Reach, Share, Shares, Why};
