//! When and where an article may show: its own times, its series, the page it is a version of, what its author tells panels.
//! Most articles say nothing of this.

use serde::{Deserialize, Serialize};

use super::{Date, Instruction, Period};

/// What an article says of when and where it shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Appearance {
    /// Before this it is on no card.
    pub starts: Option<Date>,
    /// From this on it is on no card.
    pub expires: Option<Date>,
    /// The series it is a part of.
    pub series: Option<String>,
    /// Its place in the series.
    pub series_order: Option<f64>,
    /// The page that it is a version of: equal for all versions.
    pub version_of: Option<String>,
    /// Which version it is.
    pub version: Option<String>,
    /// What its front matter tells panels.
    pub instructions: Vec<Instruction>,
}

impl Appearance {
    /// When it may be on a card.
    pub fn period(&self) -> Period {
        Period::of(self.starts, self.expires)
    }

    /// Itself, unless it says nothing.
    pub fn kept(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}
