//! The assembly: builds generations from corpora, and answers from the current one.

mod assemble;
mod candidates;
mod check;
mod counted;
mod evidence;
mod findings;
mod gate;
mod gather;
mod import;
mod live;
mod loan;
mod mentions;
mod names;
mod plan;
mod pushed;
mod readers;
mod recorder;
mod reindex;
mod signals;
mod snapshot;
mod topic_list;
mod topics;
mod turns;

pub use candidates::{Pair, Pairing, Site};
pub use check::Check;
pub use counted::Counted;
pub use findings::{Concern, Finding, Findings, counts};
pub use gate::{Gate, Sent};
pub use import::{Import, Imported};
pub use live::{Engine, Followed, Switch};
pub use loan::{Borrowed, Lender};
pub use pushed::Incoming;
pub use recorder::Recorder;
pub use reindex::{Corpora, Progress, Reindex, Report};
pub use snapshot::{PanelQuery, SearchResult, Snapshot};
pub use topic_list::{TopicDetail, TopicList, TopicRelation, TopicSummary};
