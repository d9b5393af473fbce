//! A newcomer laid out by its terms and the pieces of its title, and the products of it with others.

use super::{Established, Lone, Newcomers, gram_idf};
use crate::index::SaidCounts;
use crate::model::DocOrd;
use crate::signals::content::alone_file::{SAID, weight};
use crate::signals::content::similarity::Likeness;

/// One newcomer laid out by terms and pieces, for others to look theirs up.
#[derive(Debug, Default)]
pub(super) struct Laid {
    /// The weight of each of its terms in the text, and whether it tells articles apart.
    text: Vec<(f32, bool)>,
    /// Its weight in subject, summary, and topic and tags, and what the term counts.
    said: Vec<([f32; 3], f32)>,
    /// The weight of each piece of its title times what the piece counts.
    title: Vec<f32>,
}

impl Laid {
    pub(super) fn lay_out(&mut self, all: &mut Newcomers, known: &Established<'_>, lone: &Lone) {
        for &(term, weight) in lone.text.iter().take(usize::from(u16::MAX)) {
            self.text.push((weight, all.tells(known, term)));
            self.said.push(Default::default());
            all.term_places[term as usize] = self.text.len() as u16;
        }
        for &(term, counts) in &lone.said {
            // A term that weighs nothing stands in no row.
            let Some(place) = usize::from(all.term_places[term as usize]).checked_sub(1) else {
                continue;
            };
            let idf = all.idf(known, term);
            let rows = SAID.iter().zip(lone.said_scales);
            let mut weights = rows.map(|(fields, scale)| weight(counts, fields) * idf * scale);
            self.said[place] = (
                std::array::from_fn(|_| weights.next().unwrap_or_default()),
                idf,
            );
        }
        for &(gram, count) in lone.title.iter().take(usize::from(u16::MAX)) {
            let idf = gram_idf(known, gram);
            self.title
                .push((count as f32).sqrt() * idf * lone.title_scale * idf);
            all.gram_places[gram as usize] = self.title.len() as u16;
        }
    }

    pub(super) fn clear(&self, all: &mut Newcomers, lone: &Lone) {
        for (term, _) in &lone.text {
            all.term_places[*term as usize] = 0;
        }
        for (gram, _) in &lone.title {
            all.gram_places[*gram as usize] = 0;
        }
    }

    /// The cosine of its text and that of `other`, and how many terms that tell articles apart both hold.
    pub(super) fn with_text(
        &self,
        all: &Newcomers,
        known: &Established<'_>,
        other: DocOrd,
    ) -> (f32, u8) {
        match all.get(other) {
            Some(newcomer) => self.text(all, newcomer.text.iter().copied()),
            None => self.text(all, known.terms.each(other)),
        }
    }

    /// The cosine of its title and that of `other`.
    pub(super) fn with_title(
        &self,
        all: &Newcomers,
        known: &Established<'_>,
        other: DocOrd,
    ) -> f32 {
        match all.get(other) {
            Some(newcomer) => self.title(all, newcomer.title.iter().copied(), newcomer.title_scale),
            None => self.title(
                all,
                known.alone.title(other),
                known.alone.title_scale(other),
            ),
        }
    }

    /// The likeness of `other`, with which its text has the cosine `text`.
    pub(super) fn with(&self, all: &Newcomers, other: &Lone, text: f32) -> Likeness<f32> {
        let [subject, summary, topics] =
            self.said(all, other.said.iter().copied(), other.said_scales);
        let title = self.title(all, other.title.iter().copied(), other.title_scale);
        likeness(text, [subject, summary, topics, title])
    }

    /// The same of an article of the generation.
    pub(super) fn with_known(
        &self,
        all: &Newcomers,
        known: &Established<'_>,
        (other, text): (DocOrd, f32),
    ) -> Likeness<f32> {
        let alone = known.alone;
        let [subject, summary, topics] =
            self.said(all, alone.said(other), alone.said_scales(other));
        let title = self.title(all, alone.title(other), alone.title_scale(other));
        likeness(text, [subject, summary, topics, title])
    }

    fn text(&self, all: &Newcomers, other: impl Iterator<Item = (u32, f32)>) -> (f32, u8) {
        let (mut sum, mut shared) = (0.0, 0u32);
        for (term, weight) in other {
            let place = usize::from(all.term_places[term as usize]);
            if place > 0 {
                let (own, tells) = self.text[place - 1];
                sum += own * weight;
                shared += u32::from(tells);
            }
        }
        (f32::min(sum, 1.0), shared.min(255) as u8)
    }

    fn said(
        &self,
        all: &Newcomers,
        other: impl Iterator<Item = (u32, SaidCounts)>,
        scales: [f32; 3],
    ) -> [f32; 3] {
        let mut sums = [0.0; 3];
        for (term, counts) in other {
            let place = usize::from(all.term_places[term as usize]);
            if place > 0 {
                let (own, idf) = self.said[place - 1];
                for (row, fields) in SAID.iter().enumerate() {
                    sums[row] += own[row] * weight(counts, fields) * idf * scales[row];
                }
            }
        }
        sums.map(|sum| f32::min(sum, 1.0))
    }

    fn title(&self, all: &Newcomers, other: impl Iterator<Item = (u32, u32)>, scale: f32) -> f32 {
        let mut sum = 0.0;
        for (gram, count) in other {
            let place = usize::from(all.gram_places[gram as usize]);
            if place > 0 {
                sum += self.title[place - 1] * (count as f32).sqrt() * scale;
            }
        }
        f32::min(sum, 1.0)
    }
}

/// What texts, and what is said of them, have in common; the rest is told elsewhere.
fn likeness(text: f32, [subject, summary, topics, title]: [f32; 4]) -> Likeness<f32> {
    Likeness {
        text,
        subject,
        summary,
        topics,
        title,
        ..Likeness::default()
    }
}
