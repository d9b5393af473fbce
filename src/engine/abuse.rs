//! What was held back of what readers sent, by day and pair of articles: for a report, and of nobody.

use std::cmp::Ordering;
use std::path::Path;

use serde::Serialize;

use super::counted::Counted;
use super::turned_away::{TurnedAway, path};
use crate::error::Result;
use crate::model::{Date, Problem, Severity, order};
use crate::signals::behavior::{HeldBack, HeldReason};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Why something did not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// The visitor had added its share to the pair that day.
    Visitor,
    /// The network had added its share to the pair that day.
    Network,
    /// The visitor had added to as many pairs as one may in a day.
    Pairs,
    /// More events in a minute than a reader sends.
    Rate,
    /// The visitor had clicked that card that day.
    Repeated,
}

impl Why {
    /// The reason in a word.
    pub fn name(self) -> &'static str {
        match self {
            Why::Visitor => "visitor",
            Why::Network => "network",
            Why::Pairs => "pairs",
            Why::Rate => "rate",
            Why::Repeated => "repeated",
        }
    }
}

impl From<HeldReason> for Why {
    fn from(reason: HeldReason) -> Self {
        match reason {
            HeldReason::Visitor => Why::Visitor,
            HeldReason::Network => Why::Network,
            HeldReason::Pairs => Why::Pairs,
        }
    }
}

/// What was held back of one pair on one day for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Withheld {
    /// The UTC day.
    pub day: String,
    /// The page it would have counted beside; none where the event named none.
    pub from: Option<String>,
    /// The article it would have counted for; none for all that are not told apart.
    pub article: Option<String>,
    /// Why it did not count; none for all that are not told apart.
    pub why: Option<Why>,
    /// Events.
    pub events: u64,
    /// Reads that these would have added; none for events that were turned away unread.
    pub reads: Option<f64>,
}

/// What was held back lately.
#[derive(Clone, Debug, Default)]
pub struct Abuse {
    /// By day, the latest first; of a day the most first.
    pub withheld: Vec<Withheld>,
    /// What was found damaged on the way.
    pub problems: Vec<Problem>,
}

impl Abuse {
    /// What was held back of what was sent to `data`: events of the journal, and what never got there. No lock is taken.
    ///
    /// # Errors
    /// As [`Counted::load`].
    pub fn load(data: &Path) -> Result<Self> {
        let counted = Counted::load(data, i64::MAX)?;
        let fold = &counted.fold;
        let mut withheld = Vec::new();
        let row = |day: i64, held: HeldBack| Withheld {
            day: name_of(day),
            from: None,
            article: None,
            why: None,
            events: held.events,
            reads: Some(held.reads()),
        };
        for (day, held) in fold.held().days() {
            let pairs = held.pairs.iter();
            withheld.extend(pairs.map(|(((host, article), reason), held)| Withheld {
                from: Some(fold.name(*host).to_owned()),
                article: Some(fold.name(*article).to_owned()),
                why: Some((*reason).into()),
                ..row(day, *held)
            }));
            if held.others.events > 0 {
                withheld.push(row(day, held.others));
            }
        }
        let mut problems = counted.problems;
        let turned_away = TurnedAway::load(data)?.unwrap_or_else(|| {
            let told = "is not what was written: what was turned away before is unknown, and the next writer begins a new file";
            problems.push(Problem::new(
                Severity::Warning,
                path(data).display().to_string(),
                told,
            ));
            TurnedAway::default()
        });
        for (day, about, why, events) in turned_away.lines() {
            let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            withheld.push(Withheld {
                day: name_of(day),
                from: named(&about.from),
                article: named(&about.article),
                why: Some(why),
                events,
                reads: None,
            });
        }
        order::sort_by(&mut withheld, Withheld::before);
        Ok(Self { withheld, problems })
    }
}

impl Withheld {
    fn before(&self, other: &Self) -> Ordering {
        let reads = |row: &Self| row.reads.unwrap_or_default();
        let last = |row: &Self| row.article.is_none();
        (other.day.cmp(&self.day))
            .then_with(|| last(self).cmp(&last(other)))
            .then_with(|| other.events.cmp(&self.events))
            .then_with(|| reads(other).total_cmp(&reads(self)))
            .then_with(|| self.article.cmp(&other.article))
            .then_with(|| self.from.cmp(&other.from))
            .then_with(|| self.why.cmp(&other.why))
    }
}

/// The date of a day, in days since 1970.
pub(super) fn name_of(day: i64) -> String {
    Date::from_parts(day * DAY, false).to_string()
}
