//! The content signal: what two texts share.
//!
//! Articles become sparse rows of weighted terms; the similarity of two articles is the product of their rows. Candidates
//! come from champion lists and are rescored exactly.

mod champions;
mod duplicates;
mod neighbours;
mod rows;
mod semantic;

pub use duplicates::{Clusters, NearDuplicate, near_duplicates};
pub use neighbours::{Neighbour, Search, neighbours};
pub use rows::{Rows, Slot};
pub use semantic::Semantic;

/// Calibration of the cosine, `x / (x + k)`: a cosine of `k` scores one half.
pub const CALIBRATION: f64 = 0.25;
/// Evidence of the content signal about an article, `n / (n + k)` over its `n` informative terms.
pub const EVIDENCE: f64 = 5.0;
/// Informative terms two texts must share before content alone calls them related.
pub const LEAST_SHARED_TERMS: u8 = 2;
