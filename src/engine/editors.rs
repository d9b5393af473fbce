//! What the editors of all roots say: of topics, and to panels.

use crate::corpus::{Editorial, EditorsFile, Instructed, instructed};
use crate::model::Problem;

/// The files of all roots: of those as well that keep their articles in a run, so that a generation is the same whichever
/// run built it.
#[derive(Clone, Debug, Default)]
pub(super) struct EditorsFiles {
    /// Each `topics.toml`.
    pub(super) topics: Vec<EditorsFile>,
    /// Each `editorial.toml`.
    pub(super) editorial: Vec<EditorsFile>,
}

/// What editors say.
#[derive(Debug, Default)]
pub(super) struct Editors {
    /// Of topics.
    pub(super) topics: Editorial,
    /// To panels.
    pub(super) instructed: Vec<Instructed>,
}

impl EditorsFiles {
    /// A text that is another for other files.
    pub(super) fn key(&self) -> String {
        let digests = [&self.topics, &self.editorial].map(|files| EditorsFile::digest(files));
        digests.map(|digest| format!("{digest:016x}")).join(" ")
    }

    /// What they say, and what is wrong with them.
    pub(super) fn read(&self) -> (Editors, Vec<Problem>) {
        let (topics, mut problems) = Editorial::read(&self.topics);
        let (instructed, slips) = instructed(&self.editorial);
        problems.extend(slips);
        (Editors { topics, instructed }, problems)
    }
}
