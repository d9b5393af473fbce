//! What the articles of a generation say of themselves and of one another, and what editors tell panels, as it was written: what a
//! rule says of an article that comes later is not known before it comes.
//!
//! It stands in the serving file, which a panel does not read it from.

use serde::{Deserialize, Serialize};

use super::sections::SectionsWriter;
use super::serving::Serving;
use crate::corpus::url::is_same_page;
use crate::error::Result;
use crate::model::{Appearance, DocOrd, Entry, Instruction};

const STATED: u32 = 28;

/// What one article says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The id or URL that stands for it, when it is another.
    pub canonical: Option<String>,
    /// Articles with one key are translations of one another.
    pub translation_key: Option<String>,
    /// When and where it may show.
    pub appearance: Option<Box<Appearance>>,
}

impl Statement {
    /// What `entry` says, unless that is nothing.
    pub fn of(entry: &Entry) -> Option<Self> {
        let statement = Self {
            canonical: (entry.canonical.clone())
                .filter(|canonical| !is_same_page(canonical, &entry.url)),
            translation_key: entry.translation_key.clone(),
            appearance: entry.appearance.clone(),
        };
        (statement != Self::default()).then_some(statement)
    }
}

/// What is said in a generation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// What editors' files tell panels, in their order.
    pub told: Vec<Instruction>,
    /// What articles say, by ordinal.
    pub articles: Vec<(DocOrd, Statement)>,
}

impl Stated {
    /// What `told` and the articles of `entries` say.
    pub fn of(told: Vec<Instruction>, entries: &[&Entry]) -> Self {
        let articles = (0..).map(DocOrd).zip(entries);
        let articles = articles.filter_map(|(ord, entry)| Some((ord, Statement::of(entry)?)));
        Self {
            told,
            articles: articles.collect(),
        }
    }

    pub(super) fn write(&self, file: &mut SectionsWriter) -> Result<()> {
        let bytes = postcard::to_stdvec(self).expect("plain data serialises");
        file.put_chunks(STATED, [bytes])
    }
}

impl Serving {
    /// What was said when the generation was built; nothing, where that was not kept yet.
    pub fn stated(&self) -> Stated {
        postcard::from_bytes(self.sections().bytes(STATED)).unwrap_or_default()
    }
}
