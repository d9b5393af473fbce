//! Plain data: the words that every other floor speaks. No I/O, no clock, no third-party types in the open.

mod appearance;
mod article;
mod date;
mod digest;
mod entry;
mod event;
mod graph;
mod id;
mod instruction;
mod json_text;
mod kind;
mod numbers;
mod problem;
mod reads;
mod relation;
mod score;
mod search;
mod standing;

pub use appearance::Appearance;
pub use article::{Article, Format};
pub use date::Date;
pub use digest::{DigestMap, DigestSet};
pub use entry::{Entry, EntryView};
pub use event::{DAY, Event, EventKind, KeyedHash};
pub use graph::Graph;
pub use id::{ArticleId, DocOrd, Lang, Topic};
pub use instruction::{Instruction, LARGEST_BOOST, LAST_SLOT, Period, Told};
pub use json_text::push_json;
pub use kind::Kind;
pub use numbers::NumberMap;
pub use problem::{Problem, Severity};
pub use reads::{HALF_LIVES, Liked, NameOrd, RECENT, ReadPair, ReadRow, Recent, Visit};
pub use relation::{Origin, Relation, RelationKind, TopicOrd};
pub use score::{MatchPercent, PerSignal, Score, SignalKind};
pub use search::{SearchRow, SearchTable};
pub use standing::{Opportunity, STANDING, Standing};
