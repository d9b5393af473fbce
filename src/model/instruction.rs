//! What editors tell panels: this card here, that one never, these a little higher, for as long as they say.

use serde::{Deserialize, Serialize};

use super::Date;

/// The most that a boost adds to a score or takes from it.
pub const LARGEST_BOOST: f64 = 0.3;
/// The last slot that a pin can have: no panel is longer.
pub const LAST_SLOT: u16 = 100;

/// One thing that an editor tells panels, by the names of articles as they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// What is to be done.
    pub told: Told,
    /// The article whose panel is meant; `None`: every panel.
    pub host: Option<String>,
    /// The card that is meant; `None`: the panel as a whole.
    pub card: Option<String>,
    /// How long it holds.
    pub period: Period,
    /// 1-based line and column where it stands.
    pub place: (u64, u64),
}

/// What is to be done with a card or a panel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Told {
    /// The card stands at this place of the panel, from 1.
    Pin(u16),
    /// The card does not stand in the panel.
    Block,
    /// So much is added to the score of the card.
    Boost(f64),
    /// The page has no panel.
    PanelOff,
    /// The card stands in no panel.
    NeverRecommend,
}

impl Told {
    /// What it is called where editors write it.
    pub fn name(self) -> &'static str {
        match self {
            Told::Pin(_) => "pin",
            Told::Block => "block",
            Told::Boost(_) => "boost",
            Told::PanelOff => "panel-off",
            Told::NeverRecommend => "never-recommend",
        }
    }
}

/// A stretch of time, in unix seconds: from its start on, before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first second.
    pub start: i64,
    /// The first second after it.
    pub end: i64,
}

impl Period {
    /// All time.
    pub const ALWAYS: Self = Self {
        start: i64::MIN,
        end: i64::MAX,
    };

    /// From `starts` on, until `expires`; where one is missing, without a bound there.
    pub fn of(starts: Option<Date>, expires: Option<Date>) -> Self {
        Self {
            start: starts.map_or(i64::MIN, Date::seconds),
            end: expires.map_or(i64::MAX, Date::seconds),
        }
    }

    /// Whether it holds the whole time from `began` until `now`; a moment, where the two are one.
    ///
    /// A server makes the same panel for an hour. What holds for a part of it only does not hold, so that nothing shows
    /// before its start or after its end.
    pub fn holds(self, began: i64, now: i64) -> bool {
        self.start <= began && (now < self.end || began < now && now == self.end)
    }

    /// Whether it holds at some moment from `began` until `now`.
    pub fn touches(self, began: i64, now: i64) -> bool {
        self.start < now.max(began.saturating_add(1)) && began < self.end
    }

    /// Whether the two have a moment in common.
    pub fn meets(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Whether there is no moment in it.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_for_a_part_of_an_hour_does_not_hold_in_it_and_is_touched_by_it() {
        let period = Period {
            start: 100,
            end: 200,
        };
        for (began, now, holds, touches) in [
            (100, 100, true, true),
            (199, 199, true, true),
            (200, 200, false, false),
            (99, 99, false, false),
            (100, 200, true, true),
            (90, 110, false, true),
            (190, 210, false, true),
            (90, 100, false, false),
            (200, 210, false, false),
        ] {
            assert_eq!(period.holds(began, now), holds, "holds {began} {now}");
            assert_eq!(period.touches(began, now), touches, "touches {began} {now}");
        }
        assert!(Period::ALWAYS.holds(0, 0) && Period::ALWAYS.touches(0, 0));
        assert!(
            !period.meets(Period {
                start: 200,
                end: 300
            }) && period.meets(Period::ALWAYS)
        );
    }
}
