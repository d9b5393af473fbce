//! Where names lead in a generation and what differs from it by now, while that changes.

use crate::corpus::url::{normalise, resolve};
use crate::engine::overlay::Overlay;
use crate::engine::snapshot::Snapshot;
use crate::model::DocOrd;

/// A generation and what differs from it, as far as names and pages are looked up there.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) overlay: &'a Overlay,
}

impl Site<'_> {
    /// The article called `name`; else the names under which it may come.
    pub(super) fn named(&self, name: &str) -> Result<DocOrd, Vec<String>> {
        let key = normalise(name, &self.snapshot.config().own);
        let names = [Some(name.to_owned()), key];
        self.first(names.into_iter().flatten().collect())
    }

    /// The article that `link` in `from` leads to; else the names under which it may come.
    pub(super) fn linked(&self, link: &str, from: &str) -> Result<DocOrd, Vec<String>> {
        self.named(link).or_else(|mut names| {
            names.extend(resolve(link, from, &self.snapshot.config().own));
            self.first(names)
        })
    }

    fn first(&self, names: Vec<String>) -> Result<DocOrd, Vec<String>> {
        let mut names_of = names.iter();
        let found = names_of.find_map(|name| self.snapshot.at_beside(self.overlay, name));
        found.ok_or(names)
    }

    pub(super) fn id(&self, ord: DocOrd) -> &str {
        match self.overlay.entry(ord) {
            Some(entry) => entry.id,
            None if ord.index() < self.snapshot.serving().len() => self.snapshot.serving().id(ord),
            None => "",
        }
    }
}
