//! A newcomer compared with others, kind by kind: those that come near it by text and title, and those that it is told to meet.

use super::{Compared, Established, Lone, NEAR_TEXTS, Newcomers};
use crate::model::DocOrd;
use crate::signals::content::compare::NEAR_TITLES;
use crate::signals::content::neighbours::{Neighbour, Reach, Search, last_cosine, order};
use crate::signals::content::semantic::cosine;
use crate::signals::content::similarity::Likeness;

impl Newcomers {
    /// The likeness of the newcomer at `ord` and those that come near it by text and title, and `others`; with the informative
    /// terms that both hold. Only articles for which `may_meet` holds are told.
    pub fn near(
        &mut self,
        known: &Established<'_>,
        ord: DocOrd,
        others: &[DocOrd],
        may_meet: impl Fn(DocOrd) -> bool,
    ) -> Vec<Compared> {
        let Some(mut lone) = self.lone.remove(&ord) else {
            return Vec::new();
        };
        let titles = self.near_titles(known, (ord, &lone), &may_meet);
        self.lay_out(known, &lone);
        // Of what was gathered by text or title alone those are kept that are nearest by it.
        let near = self.near_by_text(known, (ord, &mut lone), &may_meet);
        let by_title = |other| self.laid.with_title(self, known, other);
        let mut all: Vec<DocOrd> = near.iter().map(|near| near.ord).collect();
        all.extend(nearest(&titles, NEAR_TITLES, by_title));
        all.extend(others);
        all.sort_unstable();
        all.dedup();
        let found = self.compare(known, (ord, &lone), (&all, &near));
        self.lone.insert(ord, lone);
        found
    }

    /// The nearest by text to `lone`, which is laid out, by ordinal: those that it finds, and on a large site those that find it and
    /// are as near as the last of these.
    fn near_by_text(
        &mut self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &mut Lone),
        may_meet: &impl Fn(DocOrd) -> bool,
    ) -> Vec<Neighbour> {
        let search = Search::of_site(known.articles);
        let (mut texts, gathered) = self.near_texts(known, (ord, &*lone), &search, may_meet);
        let mut near = self.measured(known, &texts);
        order(&mut near, NEAR_TEXTS);
        let cosine = last_cosine(&near, NEAR_TEXTS);
        lone.reach = Reach { gathered, cosine };
        if search.both_ways {
            let mut finders = self.finders(known, (ord, &*lone), may_meet);
            texts.sort_unstable();
            finders.retain(|finder| texts.binary_search(finder).is_err());
            let found = self.measured(known, &finders);
            let reaches = self.reaches(known);
            let keeps = |found: &Neighbour| found.cosine >= cosine.max(reaches(found.ord).cosine);
            near.extend(found.into_iter().filter(keeps));
            order(&mut near, NEAR_TEXTS);
        }
        near.sort_unstable_by_key(|near| near.ord);
        near
    }

    /// `others` with the cosines of their texts and the one that is laid out.
    fn measured(&self, known: &Established<'_>, others: &[DocOrd]) -> Vec<Neighbour> {
        bring_near(known, others, |other| known.terms.prefetch(other));
        let measured = others.iter().map(|&ord| {
            let (cosine, shared_terms) = self.laid.with_text(self, known, ord);
            Neighbour {
                ord,
                cosine,
                shared_terms,
            }
        });
        measured.collect()
    }

    /// The likeness of the newcomer at `ord` and `others`.
    pub fn with(
        &mut self,
        known: &Established<'_>,
        ord: DocOrd,
        others: &[DocOrd],
    ) -> Vec<Compared> {
        if others.is_empty() {
            return Vec::new();
        }
        let Some(lone) = self.lone.remove(&ord) else {
            return Vec::new();
        };
        self.lay_out(known, &lone);
        let found = self.compare(known, (ord, &lone), (others, &[]));
        self.lone.insert(ord, lone);
        found
    }

    /// The likeness of `lone`, which is laid out, and `others`, whose texts have been measured already as far as they are `near`;
    /// both are by ordinal.
    fn compare(
        &self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        (others, near): (&[DocOrd], &[Neighbour]),
    ) -> Vec<Compared> {
        let mut near = near.iter().peekable();
        bring_near(known, others, |other| {
            known.terms.prefetch(other);
            known.alone.prefetch(other);
        });
        let compared = others.iter().map(|&other| {
            let (text, shared) = match near.next_if(|near| near.ord == other) {
                Some(near) => (near.cosine, near.shared_terms),
                None => self.laid.with_text(self, known, other),
            };
            let likeness = Likeness {
                semantic: self.semantic(known, lone, other),
                address: self.shared_section(known, lone, other),
                names: self.names(known, ord, other),
                named: self.names(known, other, ord),
                ..self.laid.with(self, known, other, text)
            };
            (other, likeness, shared)
        });
        compared.collect()
    }

    fn semantic(&self, known: &Established<'_>, lone: &Lone, other: DocOrd) -> f32 {
        let vector = match self.get(other) {
            Some(newcomer) => newcomer.vector,
            None => known.alone.vector(other),
        };
        let both = lone.vector.as_ref().zip(vector.as_ref());
        both.map_or(0.0, |(one, other)| cosine(one, other))
    }

    fn names(&self, known: &Established<'_>, one: DocOrd, other: DocOrd) -> f32 {
        let is_known = |ord: DocOrd| ord.index() < known.articles;
        let is_new = self.is_new.get(one.index()) == Some(&true);
        match is_new.then(|| self.names.get(&one)).flatten() {
            Some(names) if names.binary_search(&other).is_ok() => self.naming.value_of(other),
            Some(_) => 0.0,
            None if is_known(one) && is_known(other) => self.naming.names(one, other),
            None => 0.0,
        }
    }

    /// What it counts to share the deepest section that both are in.
    fn shared_section(&self, known: &Established<'_>, lone: &Lone, other: DocOrd) -> f32 {
        let other = match self.get(other) {
            Some(newcomer) => newcomer.section,
            None => known.alone.section(other),
        };
        let chain =
            |from: Option<u32>| std::iter::successors(from, |&section| known.alone.around(section));
        let mut common = chain(lone.section).filter(|&own| chain(other).any(|its| its == own));
        common
            .next()
            .map_or(0.0, |section| known.alone.section_value(section))
    }
}

/// Has what the generation knows of those of `ords` that are in it brought near: waiting for many takes hardly longer than for one.
fn bring_near(known: &Established<'_>, ords: &[DocOrd], bring: impl Fn(DocOrd)) {
    let mapped = ords.iter().filter(|ord| ord.index() < known.articles);
    mapped.for_each(|&ord| bring(ord));
}

/// The `most` of `ords` for which `by` gives most, ties by ordinal; in no order.
fn nearest(ords: &[DocOrd], most: usize, by: impl Fn(DocOrd) -> f32) -> Vec<DocOrd> {
    let mut all: Vec<(f32, DocOrd)> = ords.iter().map(|&ord| (by(ord), ord)).collect();
    if all.len() > most {
        all.select_nth_unstable_by(most, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        all.truncate(most);
    }
    all.into_iter().map(|(_, ord)| ord).collect()
}
