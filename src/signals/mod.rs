//! The signals of the ranking, one folder each, strangers to one another.
//!
//! Of the four of [`SignalKind`](crate::model::SignalKind), [`content`] and [`research`] say something; the other two have
//! their place in the blend and no evidence.

pub mod behavior;
pub mod content;
pub mod research;
