//! Which cluster an article belongs to that came alone: whose text it has, nearly, and whose it had.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::ground::Ground;
use super::overlay::Overlay;
use crate::index::Facts;
use crate::model::DocOrd;
use crate::signals::content::{Compared, are_near_duplicates};
use crate::text::Shingles;

/// The cluster of the article at `ord`: the one it was in, if it has nearly the text of one there; else that of another whose text
/// it has; else the one it was in, if it was not in it for its text alone. `texts` are those that came.
pub(super) fn cluster(
    ground: &Ground<'_>,
    overlay: &Overlay,
    (ord, facts): (DocOrd, Facts),
    (texts, compared): (&HashMap<DocOrd, Shingles>, &[Compared]),
) -> DocOrd {
    let own = texts.get(&ord);
    let Some(own) = own.filter(|_| ground.snapshot.config().keep_out.near_duplicates) else {
        return facts.cluster;
    };
    let known = ground.known.texts;
    let is_twin = |&(other, likeness, _): &Compared| {
        let newcomer = texts.get(&other);
        let length = newcomer.map_or_else(|| known.shingle_count(other), Shingles::len);
        let theirs = || newcomer.cloned().unwrap_or_else(|| known.shingles(other));
        are_near_duplicates(likeness.text, own, length, theirs)
    };
    let cluster = |other: DocOrd| ground.snapshot.cluster_beside(overlay, other);
    let is_mate = |other: &Compared| cluster(other.0) == facts.cluster;
    if compared
        .iter()
        .any(|other| is_mate(other) && is_twin(other))
    {
        return facts.cluster;
    }
    let apart = StoodApart::of(ground, ord);
    let stood_apart = |other: DocOrd| {
        let apart = apart.as_ref();
        apart.is_some_and(|apart| apart.from(ground, other))
    };
    let twin = compared
        .iter()
        .find(|other| !is_mate(other) && is_twin(other) && !stood_apart(other.0));
    match twin {
        Some(&(other, ..)) => cluster(other),
        None if was_a_copy(ground, (ord, facts), compared) => alone(ord, facts.cluster),
        None => facts.cluster,
    }
}

/// Whether the generation has the article together with one of `compared` because their texts were nearly the same there.
fn was_a_copy(ground: &Ground<'_>, (ord, facts): (DocOrd, Facts), compared: &[Compared]) -> bool {
    let (serving, texts) = (ground.snapshot.serving(), ground.known.texts);
    if ord.index() >= serving.len() {
        return false;
    }
    let of_generation = compared.iter().map(|&(other, ..)| other);
    let mut together = of_generation
        .filter(|other| other.index() < serving.len())
        .filter(|&other| serving.facts(other).cluster == facts.cluster)
        .peekable();
    if together.peek().is_none() {
        return false;
    }
    let before = texts.shingles(ord);
    together.any(|other| {
        let length = texts.shingle_count(other);
        are_near_duplicates(1.0, &before, length, || texts.shingles(other))
    })
}

/// An article of the generation with the text that it has there. Of many pages that are nearly the same each is compared with the
/// nearest alone, so a build does not find all; what it did not find it will not find the next time either.
struct StoodApart {
    ord: DocOrd,
    text: OnceCell<Shingles>,
}

impl StoodApart {
    fn of(ground: &Ground<'_>, ord: DocOrd) -> Option<Self> {
        let is_known = ord.index() < ground.snapshot.serving().len();
        is_known.then(|| Self {
            ord,
            text: OnceCell::new(),
        })
    }

    /// Whether it had nearly the same text as `other` and was in another cluster.
    fn from(&self, ground: &Ground<'_>, other: DocOrd) -> bool {
        let (serving, texts) = (ground.snapshot.serving(), ground.known.texts);
        if other.index() >= serving.len()
            || serving.facts(self.ord).cluster == serving.facts(other).cluster
        {
            return false;
        }
        let own = self.text.get_or_init(|| texts.shingles(self.ord));
        are_near_duplicates(1.0, own, texts.shingle_count(other), || {
            texts.shingles(other)
        })
    }
}

/// The name of the cluster of an article that left the one called `before`: its own ordinal, if the others do not go by that.
pub(super) fn alone(ord: DocOrd, before: DocOrd) -> DocOrd {
    match before == ord {
        true => DocOrd(u32::MAX - ord.0),
        false => ord,
    }
}
