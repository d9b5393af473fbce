//! The signals of the ranking, one folder each, strangers to one another.
//!
//! Today there is one, [`content`]; the other three of [`SignalKind`](crate::model::SignalKind) have their place in the
//! blend and no evidence.

pub mod content;
