//! Several settings side by side on the same judgments, and how sure their differences are.

use super::intervals::{Interval, paired_interval};
use super::judgments::{Judgments, Run};
use super::measures::{Measure, PerMeasure, distinct, measures};
use crate::engine::{PanelQuery, Snapshot};
use crate::model::{DocOrd, parallel};
use crate::ranking::Weights;

/// What of a setting is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// Its rankings: all candidates, whatever stands in panels.
    Rankings,
    /// The related cards of its panels.
    Panels {
        /// Whether articles that few panels show have the places that are reserved for them.
        reserving: bool,
    },
}

/// A way to rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// What it is called.
    pub name: String,
    /// What each signal counts.
    pub weights: Weights,
    /// What is measured.
    pub measured: Measured,
}

impl Setting {
    /// The articles that it relates to `host`, best first.
    fn related(&self, snapshot: &Snapshot, host: DocOrd, query: &PanelQuery) -> Vec<DocOrd> {
        match self.measured {
            Measured::Rankings => {
                let ranking = snapshot.ranking(host, query).into_iter();
                ranking.map(|(ord, _)| ord).collect()
            }
            Measured::Panels { reserving } => {
                let query = PanelQuery {
                    reserving,
                    ..query.clone()
                };
                snapshot.shown(host, &query)
            }
        }
    }
}

/// What a setting or a run is worth.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is called.
    pub name: String,
    /// The weights; `None` for a run.
    pub weights: Option<Weights>,
    /// The mean over the queries.
    pub measures: PerMeasure<Interval>,
    /// The mean difference to the first row, query by query; `None` for the first row itself.
    pub difference: Option<PerMeasure<Interval>>,
}

/// Settings on the same queries.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Queries with a judgment.
    pub queries: usize,
    /// Relevant articles of these.
    pub judgments: usize,
    /// Queries that are no article of the site, and count 0.
    pub unknown: usize,
    /// The first one is what the others are compared with.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// Ranks the articles that are `queries` of `judgments`, to the depth that `query` asks for, by each of `settings`; those
    /// that nothing is relevant to are passed over. `baseline` (a name and a run) is the first row, if there is one.
    pub fn of(
        snapshot: &Snapshot,
        query: &PanelQuery,
        judgments: &Judgments,
        queries: &[String],
        settings: &[Setting],
        baseline: Option<(&str, &Run)>,
    ) -> Self {
        let judged: Vec<_> = queries
            .iter()
            .filter_map(|id| Some((id.as_str(), judgments.of(id)?)))
            .collect();
        let mut values: Vec<(String, Option<Weights>, Vec<PerMeasure<f64>>)> = Vec::new();
        if let Some((name, run)) = baseline {
            let found = judged.iter();
            let found = found.map(|(id, relevant)| measures(relevant, &run.of(id)));
            values.push((name.to_owned(), None, found.collect()));
        }
        for setting in settings {
            let query = PanelQuery {
                weights: setting.weights,
                ..query.clone()
            };
            let found = parallel::map(judged.len(), |at| {
                let (id, relevant) = &judged[at];
                let related = snapshot
                    .by_id(id)
                    .map(|host| setting.related(snapshot, host, &query));
                let ids = related.iter().flatten().map(|&ord| snapshot.id(ord));
                measures(relevant, &distinct(id, ids, query.limit))
            });
            values.push((setting.name.clone(), Some(setting.weights), found));
        }
        let first = values.first().map(|(.., first)| first.clone());
        let rows = values
            .iter()
            .enumerate()
            .map(|(place, (name, weights, own))| Row {
                name: name.clone(),
                weights: *weights,
                measures: PerMeasure::from_fn(|measure| {
                    mean(own.iter().map(|values| values[measure]))
                }),
                difference: first.as_ref().filter(|_| place > 0).map(|first| {
                    PerMeasure::from_fn(|measure| {
                        let pairs = own.iter().zip(first);
                        mean(pairs.map(|(own, first)| own[measure] - first[measure]))
                    })
                }),
            });
        Self {
            queries: judged.len(),
            judgments: judged.iter().map(|(_, relevant)| relevant.len()).sum(),
            unknown: judged
                .iter()
                .filter(|(id, _)| snapshot.by_id(id).is_none())
                .count(),
            rows: rows.collect(),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Interval {
    let values: Vec<f64> = values.collect();
    paired_interval(&values).unwrap_or_default()
}

impl PerMeasure<Interval> {
    /// Each measure with its value.
    pub fn each(&self) -> impl Iterator<Item = (Measure, &Interval)> {
        Measure::ALL
            .into_iter()
            .map(|measure| (measure, &self[measure]))
    }
}
