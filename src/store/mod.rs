//! Small tables in sled, the embedded key-value store: views only, healed by being thrown away.
//!
//! It holds the catalogue of corpus and journal files that `reindex` compares with the disk. This is the only module that knows
//! sled.

mod apart;
mod catalog;

pub use catalog::{Catalog, FileStamp};
