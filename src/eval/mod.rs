//! What tells how good panels are: readers whose taste is known, and measures of agreement.

mod kendall;
pub mod simulate;

pub use kendall::kendall_tau;
