//! The signals of the ranking, one folder each, strangers to one another.
//!
//! They are the four of [`SignalKind`](crate::model::SignalKind).

pub mod behavior;
pub mod content;
pub mod research;
pub mod seo;
