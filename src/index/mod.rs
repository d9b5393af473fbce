//! What a reindex leaves on disk: generations, each a folder of views that can be deleted and built again.
//!
//! A generation holds the analysed articles (so that the next run analyses only what changed), the serving file (all that
//! a panel needs), the term file (all that an explanation needs), the topic file and the tantivy index of the search box. This is the only
//! module that knows tantivy, and `map` the only one that maps memory.

mod alonefile;
mod analyses;
mod analysis;
mod damage;
mod directory;
mod draft;
mod folder;
mod found;
mod generation;
mod manifest;
mod map;
mod matching;
mod packed;
mod reads;
mod records;
mod rules;
mod search;
mod sections;
mod serving;
mod shown;
mod stated;
mod termfile;
mod topics;
mod words;

pub use alonefile::{AloneFile, AloneFileDraft, DIMENSIONS, Lists, SaidCounts, found_by};
pub use analyses::{Analyses, KeptTexts, Part};
pub use analysis::{Analysed, Analyst, SourceId};
pub use draft::GenerationDraft;
pub use generation::{BuildLock, Generation, Generations, Readable};
pub use manifest::{FileDigest, Manifest};
pub use reads::{ReadDraft, ReadFile, ReadPlace};
pub use records::{CandidateRow, Facts};
pub use rules::{Boost, Hidden, HostRule, HostSays, Rules};
pub use search::{Found, Hit, SearchIndex, write_search_index};
pub use sections::FORMAT;
pub use serving::{Serving, ServingDraft};
pub use shown::{Shown, packed, shown};
pub use stated::{Stated, Statement};
pub use termfile::{TermFile, TermFileDraft};
pub use topics::{TopicRecord, TopicTable};
pub use words::Words;
