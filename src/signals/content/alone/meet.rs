//! A newcomer compared with others, kind by kind: those that come near it by text and title, and those that it is told to meet.

use super::{Compared, Established, Lone, NEAR_TEXTS, Newcomers};
use crate::model::DocOrd;
use crate::signals::content::compare::NEAR_TITLES;
use crate::signals::content::neighbours::Search;
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
        let Some(lone) = self.lone.remove(&ord) else {
            return Vec::new();
        };
        let search = Search::of_site(known.articles);
        let texts = self.near_texts(known, (ord, &lone), &search, &may_meet);
        let titles = self.near_titles(known, (ord, &lone), &may_meet);
        self.lay_out(known, &lone);
        // Of what was gathered by text or title alone those are kept that are nearest by it.
        bring_near(known, &texts, |other| known.terms.prefetch(other));
        let by_text = |&other| (other, self.laid.with_text(self, known, other));
        let measured = nearest(texts.iter().map(by_text).collect(), NEAR_TEXTS, |text| {
            text.0
        });
        let by_title = |&other| (other, self.laid.with_title(self, known, other));
        let by_title = nearest(
            titles.iter().map(by_title).collect(),
            NEAR_TITLES,
            |&title| title,
        );
        let mut all: Vec<DocOrd> = measured.iter().map(|&(other, _)| other).collect();
        all.extend(by_title.iter().map(|&(other, _)| other));
        all.extend(others);
        all.sort_unstable();
        all.dedup();
        let found = self.compare(known, (ord, &lone), &all, &measured);
        self.lone.insert(ord, lone);
        found
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
        let found = self.compare(known, (ord, &lone), others, &[]);
        self.lone.insert(ord, lone);
        found
    }

    /// The likeness of `lone` and `others`, which are by ordinal, as are those whose texts were `measured` already.
    fn compare(
        &self,
        known: &Established<'_>,
        (ord, lone): (DocOrd, &Lone),
        others: &[DocOrd],
        measured: &[(DocOrd, (f32, u8))],
    ) -> Vec<Compared> {
        bring_near(known, others, |other| {
            known.terms.prefetch(other);
            known.alone.prefetch(other);
        });
        let mut measured = measured.iter().peekable();
        let compared = others.iter().map(|&other| {
            let (text, shared) = match measured.next_if(|&&(next, _)| next == other) {
                Some(&(_, text)) => text,
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

/// The `most` of `all` of which `by` tells most, ties by ordinal; by ordinal.
fn nearest<T>(mut all: Vec<(DocOrd, T)>, most: usize, by: impl Fn(&T) -> f32) -> Vec<(DocOrd, T)> {
    if all.len() > most {
        all.select_nth_unstable_by(most, |(a, one), (b, other)| {
            by(other).total_cmp(&by(one)).then(a.cmp(b))
        });
        all.truncate(most);
    }
    all.sort_unstable_by_key(|&(ord, _)| ord);
    all
}
