//! A panel in the pieces of which JSON is made of it: what pages ask for. Its articles are not read into texts first, as they
//! stand in memory in the form in which they are sent.

use super::query::PanelQuery;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::index::Shown;
use crate::model::{DocOrd, MatchPercent, PerSignal, Score};
use crate::panel::{Fill, Reason};
use crate::ranking::editors_part;

/// A host and its cards, in the order in which they are shown; nothing is told of why.
#[derive(Debug)]
pub struct Pieces<'a> {
    /// The article whose panel this is.
    pub host: Shown<'a>,
    /// The cards.
    pub cards: Vec<Piece<'a>>,
    /// The generation that it was made from.
    pub generation: u64,
}

/// A card.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The article it leads to.
    pub shown: Shown<'a>,
    /// Why it is there.
    pub reason: Reason,
    /// How well it matches beside the best card; `None` for fill.
    pub percent: Option<MatchPercent>,
    /// Its score; `None` for fill.
    pub score: Option<Score>,
    /// What each signal gave to the score; `None` for fill.
    pub contributions: Option<PerSignal<f64>>,
    /// What editors added to the score, beside the signals; 0 where they said nothing.
    pub editor: f64,
}

impl<'a> Piece<'a> {
    fn of(place: &Fill, shown: Shown<'a>) -> Self {
        Self {
            shown,
            reason: place.reason,
            percent: place.related.map(|(percent, ..)| percent),
            score: place.related.map(|(_, score, _)| score),
            contributions: place.related.map(|(.., contributions)| contributions),
            editor: editors_part_of(place),
        }
    }
}

/// What editors added to the score of a place.
pub(super) fn editors_part_of(place: &Fill) -> f64 {
    place.related.map_or(0.0, |(_, score, contributions)| {
        editors_part(score, &contributions)
    })
}

impl Snapshot {
    /// What [`Snapshot::panel`] makes without evidence, in pieces.
    ///
    /// # Errors
    /// [`crate::error::Error::Damaged`] if a record cannot be read.
    pub fn pieces(&self, host: DocOrd, query: &PanelQuery) -> Result<Pieces<'_>> {
        let (places, _) = self.places(host, query);
        self.prefetch_entries(&places);
        let mut cards = Vec::with_capacity(places.len());
        for place in &places {
            cards.push(Piece::of(place, self.shown_of(place.ord)?));
        }
        Ok(Pieces {
            host: self.shown_of(host)?,
            cards,
            generation: self.generation(),
        })
    }
}
