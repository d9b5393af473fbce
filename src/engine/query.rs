//! What is asked of a panel.

use crate::model::{DocOrd, Kind, Lang};
use crate::ranking::Weights;

/// Seconds.
const HOUR: i64 = 3600;

/// What is asked of a panel.
#[derive(Clone, Debug)]
pub struct PanelQuery {
    /// Cards at most.
    pub limit: usize,
    /// Only these kinds; empty: all.
    pub kinds: Vec<Kind>,
    /// Not these articles.
    pub exclude: Vec<DocOrd>,
    /// Only this language.
    pub lang: Option<Lang>,
    /// Only articles of these topics, by any of their names; empty: all.
    pub topics: Vec<String>,
    /// Only articles published then (unix seconds) or later.
    pub since: Option<i64>,
    /// What each signal counts.
    pub weights: Weights,
    /// Unix seconds; what is dated later is not among the latest.
    pub now: i64,
    /// Unix seconds; since then the panel is the same. What starts or ends in between holds for none of that time.
    pub began: i64,
    /// Whether cards carry their evidence.
    pub explain: bool,
    /// Whether the last places may go to articles that readers had little chance to see.
    pub exploring: bool,
    /// Whether articles that few panels show have the places that are reserved for them.
    pub reserving: bool,
}

impl PanelQuery {
    /// Twenty cards at `now` (unix seconds), all signals on, without exploration.
    pub fn at(now: i64) -> Self {
        Self {
            limit: 20,
            kinds: Vec::new(),
            exclude: Vec::new(),
            lang: None,
            topics: Vec::new(),
            since: None,
            weights: Weights::default(),
            now,
            began: now,
            explain: false,
            exploring: false,
            reserving: true,
        }
    }

    /// The same for all of the hour that ends at `now`.
    pub fn of_hour_before(now: i64) -> Self {
        Self {
            began: now - HOUR,
            ..Self::at(now)
        }
    }
}
