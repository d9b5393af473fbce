//! Events in the journal: short records whose names are written out a few times a segment, each counted once, read from
//! any position and followed as they come.
//!
//! An event goes in and comes out as the model has it; nothing here knows what it is good for.

mod dedup;
mod erase;
mod id_file;
mod identity;
mod log;
mod names;
mod reader;
mod record;
#[cfg(test)]
mod tests;

pub use erase::erasures;
pub use id_file::{DoubtfulIds, doubtful_ids};
pub use identity::identity;
pub use log::Verdicts;
pub use reader::{EventReader, events_end, read_events, read_events_before};

pub(super) use erase::{erase, replace_of};
pub(super) use log::EventLog;
