//! Small counters and tables in sled, the embedded key-value store: views only, healed by being thrown away.
//!
//! Today it holds the catalogue of corpus files that `reindex` compares with the disk. This is the only module that knows
//! sled.

mod apart;
mod catalog;

pub use catalog::{Catalog, FileStamp};
