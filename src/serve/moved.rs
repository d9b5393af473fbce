//! What differs between two panels of one page: cards that rose, fell, came and left.

use std::collections::HashMap;

use crate::panel::Panel;

/// How a card stands beside where it stood before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Where it was.
    Stayed,
    /// So many places higher.
    Rose(usize),
    /// So many places lower.
    Fell(usize),
    /// It was not there.
    Came,
}

impl Move {
    /// In a word or two.
    pub(super) fn words(self) -> String {
        match self {
            Self::Stayed => String::new(),
            Self::Rose(places) => format!("\u{25b2} {places}"),
            Self::Fell(places) => format!("\u{25bc} {places}"),
            Self::Came => "new".to_owned(),
        }
    }

    /// The same for those who hear it.
    pub(super) fn told(self) -> String {
        let places = |places: usize| match places {
            1 => "1 place".to_owned(),
            more => format!("{more} places"),
        };
        match self {
            Self::Stayed => "where it was".to_owned(),
            Self::Rose(by) => format!("{} higher", places(by)),
            Self::Fell(by) => format!("{} lower", places(by)),
            Self::Came => "was not in the panel".to_owned(),
        }
    }

    /// As a class of style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Stayed => "stayed",
            Self::Rose(_) => "rose",
            Self::Fell(_) => "fell",
            Self::Came => "came",
        }
    }
}

/// The ids of the cards of `panel`, in their order.
pub(super) fn cards(panel: &Panel<'_>) -> Vec<String> {
    let ids = panel.cards.iter().map(|card| card.entry.id.to_owned());
    ids.collect()
}

/// How each card of `after` stands beside `before`.
pub(super) fn moves(before: &[String], after: &[String]) -> Vec<Move> {
    let places: HashMap<&String, usize> = before.iter().zip(0..).collect();
    let of = |(id, now): (&String, usize)| match places.get(id) {
        None => Move::Came,
        Some(&was) if was > now => Move::Rose(was - now),
        Some(&was) if was < now => Move::Fell(now - was),
        Some(_) => Move::Stayed,
    };
    after.iter().zip(0..).map(of).collect()
}

/// The cards of `before` that `after` has no more.
pub(super) fn left<'a>(before: &'a [String], after: &[String]) -> Vec<&'a String> {
    let gone = before.iter().filter(|id| !after.contains(id));
    gone.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_rise_fall_come_and_leave() {
        let ids = |ids: &[&str]| -> Vec<String> { ids.iter().map(|id| (*id).to_owned()).collect() };
        let (before, after) = (
            ids(&["/a", "/b", "/c", "/d"]),
            ids(&["/a", "/c", "/b", "/e"]),
        );
        let found = moves(&before, &after);
        let expected = [Move::Stayed, Move::Rose(1), Move::Fell(1), Move::Came];
        assert_eq!(found, expected);
        assert_eq!(left(&before, &after), ["/d"]);
    }
}
