//! The journal: what was pushed and lies in no corpus file, and what readers did, kept in append-only segments in the data
//! folder.
//!
//! It is the truth, everything under `index/` is a view: a record is acknowledged once it is on the disk, and never
//! changed or removed. One writer at a time holds the journal; readers take no lock and read beside it. Nothing here knows
//! what an article is, or what an event is good for.

mod change;
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
mod writer;

pub use change::Change;
pub use events::{EventReader, Verdicts, erasures, events_end, identity, read_events};
pub use folder::files;
pub use reader::{ArticleReader, read};
pub use search::{keep_search, search_files, search_tables};
pub use standing::{Standing, StandingFile};
pub use writer::{Hold, Journal, hold};
