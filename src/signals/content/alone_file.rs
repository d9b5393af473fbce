//! What the content signal leaves of a site for articles that come alone later: all that one more is compared with.

use super::champions::Champions;
use super::compare::{Content, TITLE_SEARCH};
use super::neighbours::{Reach, Search};
use super::rows::{FieldWeights, Rows, SUBJECT, SUMMARY, Slot, TOPIC_AND_TAGS, scale_of};
use super::seekers::seekers;
use crate::index::{AloneFileDraft, Analyses, Lists, SaidCounts, found_by};
use crate::model::DocOrd;
use crate::text::{Field, FieldCounts, TermId};

/// The fields that rows of subject, of summary, and of topic and tags are made of.
pub(super) const SAID: [FieldWeights; 3] = [SUBJECT, SUMMARY, TOPIC_AND_TAGS];

impl Content {
    /// What goes into the file of lone articles of `analyses`, which this was learned from; each looked as far for others as
    /// `reaches` says.
    pub fn alone(&self, analyses: &Analyses, reaches: &[Reach]) -> AloneFileDraft<'_> {
        let search = Search::of_site(self.text.len());
        let slots = (0..self.text.slots() as u32).map(Slot);
        let (champions, least) = lists(&self.text, search.champions, slots);
        let reaches = reaches.iter().map(|reach| [reach.gathered, reach.cosine]);
        let mut draft = AloneFileDraft {
            terms: analyses.vocabulary().iter().map(found_by).collect(),
            idf: &self.idf,
            champions,
            least,
            seekers: match search.both_ways {
                true => seekers(&self.text, &search),
                false => Lists::default(),
            },
            reaches: reaches.collect(),
            section_values: &self.addresses.values,
            ..AloneFileDraft::default()
        };
        for article in analyses.articles() {
            let said = said(article.terms.iter());
            draft
                .said_scales
                .push(scales(&said, |term| self.idf[term as usize]));
            draft.said.push(
                said.into_iter()
                    .map(|(term, counts)| (TermId(term), counts)),
            );
        }
        self.put_titles(&mut draft);
        self.put_sections(&mut draft);
        if let Some(semantic) = &self.semantic {
            draft.column_terms.clone_from(&semantic.terms);
            draft.directions = &semantic.directions;
            draft.vectors = semantic.parts();
        }
        draft
    }

    fn put_titles(&self, draft: &mut AloneFileDraft<'_>) {
        let titles = &self.titles;
        let mut order: Vec<u32> = (0..titles.grams.len() as u32).collect();
        order.sort_unstable_by_key(|&gram| titles.grams[gram as usize]);
        let mut places = vec![0; order.len()];
        for (place, &gram) in (0..).zip(&order) {
            places[gram as usize] = place;
        }
        draft.grams = order
            .iter()
            .map(|&gram| titles.grams[gram as usize])
            .collect();
        draft.gram_idf = order
            .iter()
            .map(|&gram| titles.idf[gram as usize])
            .collect();
        let slots = order.iter().map(|&gram| Slot(gram));
        draft.gram_champions = lists(&titles.rows, TITLE_SEARCH.champions, slots).0;
        let mut counts = titles.counts.iter().copied();
        for ord in (0..titles.rows.len() as u32).map(DocOrd) {
            let (slots, _) = titles.rows.row(ord);
            let pieces = slots.iter().zip(counts.by_ref());
            let pieces: Vec<(u32, u32)> = pieces
                .map(|(slot, count)| (places[slot.index()], count))
                .collect();
            let weights = pieces
                .iter()
                .map(|&(gram, count)| (count as f32).sqrt() * draft.gram_idf[gram as usize]);
            draft.title_scales.push(scale_of(weights) as f32);
            draft.titles.push(pieces);
        }
    }

    fn put_sections<'a>(&'a self, draft: &mut AloneFileDraft<'a>) {
        let addresses = &self.addresses;
        let articles = (0..self.text.len() as u32).map(DocOrd);
        let deepest = articles.map(|ord| addresses.deepest(ord).map_or(0, |section| section + 1));
        draft.section_of = deepest.collect();
        let names = addresses.names.iter();
        let parents = names.clone().map(|&(around, _)| around.wrapping_add(1));
        draft.section_parents = parents.collect();
        draft.section_names = names.map(|(_, name)| &**name).collect();
    }
}

/// The articles in which each slot of `order` weighs most, and what it must weigh for that, as far as some have no room. One that
/// a single article has leads to it: one more may have it.
pub(super) fn lists(
    rows: &Rows,
    most: usize,
    order: impl Iterator<Item = Slot>,
) -> (Lists<u8>, Vec<f32>) {
    let champions = Champions::of(rows, most);
    let mut only = vec![(DocOrd(0), 0.0); rows.slots()];
    for ord in (0..rows.len() as u32).map(DocOrd) {
        let (slots, weights) = rows.row(ord);
        for (slot, &weight) in slots.iter().zip(weights) {
            only[slot.index()] = (ord, weight);
        }
    }
    let (mut lists, mut least) = (Lists::default(), Vec::new());
    for slot in order {
        let list = champions.list(slot);
        match list {
            [] => lists.push_weighted(&only[slot.index()..=slot.index()]),
            list => lists.push_weighted(list),
        }
        let weights = list.iter().map(|&(_, weight)| weight);
        least.push(match list.len() < most {
            true => 0.0,
            false => weights.fold(f32::INFINITY, f32::min),
        });
    }
    least.truncate(
        least.len()
            - least
                .iter()
                .rev()
                .take_while(|&&least| least == 0.0)
                .count(),
    );
    (lists, least)
}

/// The terms that an article says it is about.
pub(super) fn said(terms: impl Iterator<Item = (TermId, FieldCounts)>) -> Vec<(u32, SaidCounts)> {
    let counted = terms.map(|(term, counts)| {
        let fields = [Field::Title, Field::Topic, Field::Summary];
        let counts = fields.map(|field| counts.get(field).min(u16::from(u8::MAX)) as u8);
        (term.0, counts)
    });
    counted
        .filter(|(_, counts)| counts.iter().any(|&count| count > 0))
        .collect()
}

/// What makes rows of `said` one long.
pub(super) fn scales(said: &[(u32, SaidCounts)], idf: impl Fn(u32) -> f32) -> [f32; 3] {
    SAID.map(|fields| {
        let weights = said
            .iter()
            .map(|&(term, counts)| weight(counts, &fields) * idf(term));
        scale_of(weights) as f32
    })
}

/// What a term weighs by the fields it stands in, apart from its own weight.
pub(super) fn weight(counts: SaidCounts, fields: &FieldWeights) -> f32 {
    let [title, topic, summary] = counts.map(f32::from);
    let [of_title, _, of_topic, of_summary, _] = fields;
    (title * of_title + topic * of_topic + summary * of_summary).sqrt()
}
