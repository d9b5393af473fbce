//! The assembly: builds generations from corpora, and answers from the current one.

mod assemble;
mod gather;
mod live;
mod plan;
mod pushed;
mod reindex;
mod snapshot;

pub use live::{Engine, Switch};
pub use pushed::{Incoming, Override, overrides};
pub use reindex::{Corpora, Progress, Reindex, Report};
pub use snapshot::{PanelQuery, SearchResult, Snapshot};
