//! A card and its panel, as every output shows them.

use crate::model::{EntryView, MatchPercent, PerSignal, Score, SignalKind};

/// Why a card is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Content gives at least as much as the other signals together.
    SimilarContent,
    /// The other signals together give more than content.
    Recommended,
    /// An editor wants it there.
    EditorsPick,
    /// Fill: among the newest articles, related or not.
    Latest,
}

impl Reason {
    /// The words on the card.
    pub fn label(self) -> &'static str {
        match self {
            Reason::SimilarContent => "Similar content",
            Reason::Recommended => "Recommended",
            Reason::EditorsPick => "Editor's pick",
            Reason::Latest => "Latest",
        }
    }

    /// The reason of a related card, from what each signal gave to its score.
    pub fn of(contributions: &PerSignal<f64>) -> Self {
        let content = contributions[SignalKind::Content];
        if contributions.sum() - content > content {
            Reason::Recommended
        } else {
            Reason::SimilarContent
        }
    }
}

/// One thing known about a card, in words a reader understands.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The signal it belongs to.
    pub signal: SignalKind,
    /// The sentence: "shares pandas, dataframe and memory".
    pub text: String,
}

/// A card of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Card<'a> {
    /// The article it leads to.
    pub entry: EntryView<'a>,
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
    /// What is known about it; empty unless it was asked for.
    pub evidence: Vec<Evidence>,
}

/// A host article and its cards, in the order in which they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel<'a> {
    /// The article whose panel this is.
    pub host: EntryView<'a>,
    /// The cards.
    pub cards: Vec<Card<'a>>,
    /// Whether an editor has turned it off.
    pub off: bool,
    /// The generation that it was made from.
    pub generation: u64,
}
