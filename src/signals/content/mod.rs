//! The content signal: what two articles have in common by themselves.
//!
//! Articles become sparse rows of weighted terms. Candidates come from champion lists and are rescored exactly; then
//! every kind of likeness is measured for them and weighed into one value ([`Likeness`]).

mod addresses;
mod alone;
mod alone_file;
mod champions;
mod compare;
mod duplicates;
mod names;
mod neighbours;
mod product;
mod rows;
mod seekers;
mod semantic;
mod similarity;
mod titles;

pub use alone::{Compared, Established, Lone, Newcomers};
pub use compare::{Comparison, Content};
pub use duplicates::{Clusters, NearDuplicate, are_near_duplicates, near_duplicates};
pub use neighbours::{Nearest, Neighbour, Reach, Search, nearest, neighbours};
pub use rows::{Rows, Slot};
pub use semantic::Semantic;
pub use similarity::Likeness;

/// Evidence of the content signal about an article, `n / (n + k)` over its `n` informative terms.
pub const EVIDENCE: f64 = 1.0;
/// Informative terms two texts must share before content alone calls them related.
pub const LEAST_SHARED_TERMS: u8 = 2;
