//! The signals of the ranking, one folder each, strangers to one another.
//!
//! Today [`content`] ranks; the other three of [`SignalKind`](crate::model::SignalKind) have their place in the blend and
//! no evidence. Of [`research`] the graph of topics is there.

pub mod content;
pub mod research;
