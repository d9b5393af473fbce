//! The assembly: builds generations from corpora, and answers from the current one.

mod assemble;
mod check;
mod findings;
mod gather;
mod live;
mod mentions;
mod names;
mod plan;
mod pushed;
mod reindex;
mod snapshot;
mod topic_list;
mod topics;

pub use check::Check;
pub use findings::{Concern, Finding, Findings, counts};
pub use live::{Engine, Switch};
pub use pushed::Incoming;
pub use reindex::{Corpora, Progress, Reindex, Report};
pub use snapshot::{PanelQuery, SearchResult, Snapshot};
pub use topic_list::{TopicDetail, TopicList, TopicRelation, TopicSummary};
