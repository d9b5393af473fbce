//! Lays the journal's records over a generation, one after another in the order of the journal.
//!
//! A panic costs the record at which it came and nothing else: the next time all others are laid anew.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::arrivals::{Arrivals, differing, gone, stands};
use super::neighbourhood::Neighbourhood;
use super::overlay::Overlay;
use super::pushed::Written;
use super::sayings::Sayings;
use super::snapshot::Snapshot;
use crate::error::{Result, contain};
use crate::model::{ArticleId, DocOrd, Problem};

/// Whoever lays them, and what is known of those that were laid.
#[derive(Debug, Default)]
pub(super) struct Laying {
    neighbourhood: Neighbourhood,
    /// What is said of articles and by them; made with the first that is laid.
    sayings: Option<Sayings>,
    /// Records before this number were laid.
    end: u64,
    /// The ordinals of new articles.
    ords: HashMap<ArticleId, DocOrd>,
    /// The articles that were compared with the others.
    compared: HashSet<DocOrd>,
    /// How long those took that were laid last.
    took: Vec<Duration>,
    /// The record that is being laid, and those that are left out, as one broke off at them.
    at: Option<u64>,
    left_out: HashSet<u64>,
}

impl Laying {
    /// The number of the first record that was not laid.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Knows nothing of what was laid, and begins with the record of number `end`: those before it are in the generation.
    pub(super) fn begin_anew(&mut self, end: u64) {
        self.left_out.extend(self.at.take());
        self.neighbourhood = Neighbourhood::default();
        self.sayings = None;
        self.end = end;
        self.ords.clear();
        self.compared.clear();
    }

    /// Whether it broke off the last time; then it begins anew, without the record at which it did.
    pub(super) fn broke_off(&mut self) -> bool {
        let broke_off = self.at.is_some();
        if broke_off {
            self.begin_anew(0);
        }
        broke_off
    }

    /// Lays `records`, which are in the order of the journal, over `snapshot`; how long each took that was compared with others.
    pub(super) fn lay(
        &mut self,
        snapshot: &Snapshot,
        overlay: &mut Overlay,
        records: Vec<(u64, Arc<Written>)>,
    ) -> Vec<Duration> {
        self.each(records, |laying, written| {
            if stands(snapshot, &written) {
                laying.lay_one(snapshot, overlay, &written);
            }
        });
        std::mem::take(&mut self.took)
    }

    fn each<T>(&mut self, all: Vec<(u64, T)>, mut lay: impl FnMut(&mut Self, T)) {
        for (sequence, one) in all {
            if !self.left_out.contains(&sequence) {
                self.at = Some(sequence);
                lay(self, one);
                self.at = None;
            }
            self.end = sequence + 1;
        }
    }

    fn lay_one(&mut self, snapshot: &Snapshot, overlay: &mut Overlay, written: &Written) {
        let known = snapshot.serving().by_id(written.id.as_str());
        let ord = known.or_else(|| self.ords.get(&written.id).copied());
        let Some(piece) = &written.piece else {
            if let Some(ord) = ord {
                overlay.put(gone(snapshot, overlay, ord), false);
                let sayings = heard(&mut self.sayings, snapshot);
                sayings.hear(snapshot, overlay, ord, None);
                sayings.unite(snapshot, overlay, ord);
                // As below.
                let _ = self.neighbourhood.forget(snapshot, overlay, ord);
                self.compared.remove(&ord);
            }
            return;
        };
        let read = piece.read(&snapshot.config().rules);
        // What was let into the journal can be read; another configuration changes no more than a language.
        let Some(article) = read.article else {
            return;
        };
        let ord = ord.unwrap_or_else(|| {
            let next = DocOrd((snapshot.serving().len() + self.ords.len()) as u32);
            self.ords.insert(written.id.clone(), next);
            next
        });
        let begun = Instant::now();
        let (number, analysed) = self.neighbourhood.analyse(article);
        let differing = differing(snapshot, overlay, ord, analysed.entry.clone());
        overlay.put(differing, known.is_none());
        let words = self.neighbourhood.words(number, &analysed);
        overlay.put_text(ord, words, piece.hash());
        let sayings = heard(&mut self.sayings, snapshot);
        sayings.hear(snapshot, overlay, ord, Some(&analysed.entry));
        if self.has_room(ord, snapshot.config().compared) {
            heard(&mut self.sayings, snapshot).part(snapshot, overlay, ord);
            // Where what it is compared with is damaged, which `check` told, it has the candidates it had.
            let _ = (self.neighbourhood).relate(snapshot, overlay, ord, (number, &analysed));
            self.took.push(begun.elapsed());
        }
        heard(&mut self.sayings, snapshot).unite(snapshot, overlay, ord);
    }

    /// Whether the article at `ord` is one of the `most` that are compared beside one generation; from now on it is, if there is
    /// room. Each takes some 20 kB, and a switch to the next compares those again that are not in it. Of more the facts alone are
    /// laid.
    fn has_room(&mut self, ord: DocOrd, most: usize) -> bool {
        if self.compared.len() < most {
            self.compared.insert(ord);
        }
        self.compared.contains(&ord)
    }
}

impl Snapshot {
    /// The same with the articles laid over it that came to the journal of `data` since it was built, as a server lays them;
    /// and what of the journal is damaged.
    ///
    /// # Errors
    /// [`Error::Newer`](crate::error::Error::Newer) if a later readnext wrote the journal,
    /// [`Error::Failed`](crate::error::Error::Failed) if it cannot be read.
    pub fn with_newcomers(self, data: &Path) -> Result<(Self, Vec<Problem>)> {
        let (arrivals, problems) = Arrivals::since(data, self.manifest().pushed)?;
        let fresh = arrivals.after(0, usize::MAX);
        if fresh.is_empty() {
            return Ok((self, problems));
        }
        let mut laying = Laying::default();
        let overlay = loop {
            let laid = contain(AssertUnwindSafe(|| {
                let mut overlay = Overlay::default();
                laying.lay(&self, &mut overlay, fresh.clone());
                overlay
            }));
            match laid {
                Some(overlay) => break overlay,
                None => laying.begin_anew(0),
            }
        };
        Ok((self.with(overlay), problems))
    }
}

/// What was said in the generation, and has been since.
fn heard<'a>(sayings: &'a mut Option<Sayings>, snapshot: &Snapshot) -> &'a mut Sayings {
    sayings.get_or_insert_with(|| Sayings::of(snapshot))
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn beyond_so_many_articles_none_is_compared_that_was_not_until_all_begins_anew() {
        let mut laying = Laying::default();
        assert!((0..9).all(|ord| laying.has_room(DocOrd(ord), 9)));
        assert!(!laying.has_room(DocOrd(9), 9));
        assert!(laying.has_room(DocOrd(7), 9));
        laying.begin_anew(0);
        assert!(laying.has_room(DocOrd(9), 9));
    }

    #[test]
    fn a_panic_costs_the_record_at_which_it_came_and_no_other() {
        let mut laying = Laying::default();
        let id = ArticleId::new("/laid").expect("an id");
        let mut laid = Vec::new();
        let all = || [1, 2, 3].map(|sequence| (sequence, sequence)).to_vec();
        let mut lay = |laying: &mut Laying| {
            let lay = |laying: &mut Laying, one| {
                laying.ords.insert(id.clone(), DocOrd(0));
                assert_ne!(one, 2, "found a record that cannot be laid");
                laid.push(one);
            };
            catch_unwind(AssertUnwindSafe(|| laying.each(all(), lay)))
        };
        assert!(lay(&mut laying).is_err());
        assert!(laying.broke_off() && laying.ords.is_empty());
        assert!(lay(&mut laying).is_ok());
        assert!(!laying.broke_off());
        assert_eq!(laid, [1, 1, 3]);
    }
}
