//! The journal: what was pushed and lies in no corpus file, and what readers did, kept in append-only segments in the data
//! folder.
//!
//! It is the truth, everything under `index/` is a view: a record is acknowledged once it is on the disk, and then stays
//! unless a visitor is erased, a site wants old events gone, or a later record of the same article stands. One writer at a time holds the journal; readers take no lock and read beside it. Nothing here knows
//! what an article is, or what an event is good for.

mod change;
mod compact;
mod damage;
mod events;
mod folder;
mod kind;
mod log;
mod reader;
mod search;
mod segment;
mod standing;
#[cfg(test)]
mod tests;
mod trim;
mod writer;

pub use change::Change;
pub use damage::{Damage, What, damage};
pub use events::{
    DoubtfulIds, EventReader, Verdicts, doubtful_ids, erasures, events_end, identity, read_events,
    read_events_before,
};
pub use folder::{Checkpoint, checkpoint, files};
pub use reader::{ArticleReader, read};
pub use search::{keep_search, search_files, search_tables};
pub use standing::{Standing, StandingFile};
pub use trim::{Expired, checkpoint_draft, expired};
pub use writer::{Hold, Journal, hold};
