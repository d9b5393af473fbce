//! The topic file: what topics a site has, how they relate, who says so, and which articles belong to them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::damage::damaged;
use super::sections::{Sections, SectionsWriter};
use crate::error::Result;
use crate::model::{Relation, TopicOrd};

const TOPICS: u32 = 1;
const RELATIONS: u32 = 2;
const ROW_STARTS: u32 = 3;
const ROW_TOPICS: u32 = 4;
const ROW_WEIGHTS: u32 = 5;

/// A topic of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicRecord {
    /// What it is called.
    pub name: String,
    /// What else it is called.
    pub aliases: Vec<String>,
    /// Whether the editors' file names it.
    pub editorial: bool,
    /// How many articles name it.
    pub articles: u32,
}

/// All that is kept of a site's topics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicTable {
    /// The topics by [`TopicOrd`].
    pub topics: Vec<TopicRecord>,
    /// How they relate, by `from`, `to` and kind.
    pub relations: Vec<Relation>,
    /// Where each article's row starts in the two lists below; one more at the end.
    pub starts: Vec<u32>,
    /// The topics of every article, ascending within a row.
    pub members: Vec<TopicOrd>,
    /// How much the article belongs to the topic, 0 to 1.
    pub weights: Vec<f32>,
}

impl TopicTable {
    /// Writes the file.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut file = SectionsWriter::create(path)?;
        file.put_chunks(TOPICS, [encoded(&self.topics)])?;
        file.put_chunks(RELATIONS, [encoded(&self.relations)])?;
        file.put_u32s(ROW_STARTS, self.starts.iter().copied())?;
        file.put_u32s(ROW_TOPICS, self.members.iter().map(|topic| topic.0))?;
        file.put_f32s(ROW_WEIGHTS, self.weights.iter().copied())?;
        file.finish()
    }

    /// Reads what [`TopicTable::write`] wrote.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if it is not what was written.
    pub fn read(path: &Path) -> Result<Self> {
        let file = Sections::open(path)?;
        let unreadable = |_| damaged(path, "cannot be read");
        let numbers = |tag| (0..file.bytes(tag).len() / 4).map(move |index| (tag, index));
        Ok(Self {
            topics: postcard::from_bytes(file.bytes(TOPICS)).map_err(unreadable)?,
            relations: postcard::from_bytes(file.bytes(RELATIONS)).map_err(unreadable)?,
            starts: numbers(ROW_STARTS)
                .map(|(tag, index)| file.u32(tag, index))
                .collect(),
            members: numbers(ROW_TOPICS)
                .map(|(tag, index)| TopicOrd(file.u32(tag, index)))
                .collect(),
            weights: numbers(ROW_WEIGHTS)
                .map(|(tag, index)| file.f32(tag, index))
                .collect(),
        })
    }
}

fn encoded(values: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(values).expect("plain data serialises")
}
