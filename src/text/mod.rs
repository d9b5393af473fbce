//! From characters to terms: tell the language, tokenise, fold, drop stop words, stem, count.
//!
//! Every word of the index and of the similarity comes through [`Analyzer`], so both speak the same terms. Nothing here
//! knows what an article is.

mod analyzer;
mod background;
mod detect;
mod fields;
mod known;
mod names;
mod phrases;
mod runs;
mod sequence;
mod shingles;
mod stem;
mod stop;
mod tokens;
mod vocabulary;

pub use analyzer::{Analyzer, Form, Sense};
pub use background::Background;
pub use detect::detect;
pub use fields::{Field, FieldCounts, TermBag};
pub use names::{folded, likely, name_key, name_words, nearest};
pub use phrases::Phrases;
pub use sequence::{Section, Sequence, SequenceBuilder};
pub use shingles::Shingles;
pub use vocabulary::{TermId, Vocabulary};
