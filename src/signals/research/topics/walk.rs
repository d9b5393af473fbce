//! How near two topics are: the walks from the one to the other along relations, shorter and stronger ones counting more.
//!
//! A truncated Katz index (Katz 1953). Nothing is divided by the number or the strength of a topic's relations: a further
//! relation would then take from the others, and knowing more must never lower anything. A hub is damped by the
//! number of articles that name it instead, which no relation changes; and nothing is cut at a number, only at a value.

use crate::model::{Relation, RelationKind, TopicOrd, parallel};

/// What is left of a walk at each step.
pub(super) const DAMPING: f64 = 0.5;
/// Steps of a walk at most.
const STEPS: usize = 3;
/// What a relation counts that is a matter of counting only, beside one that names its kind.
const COUNTED: f64 = 0.6;
/// Walks and relatedness below this are nothing.
const LEAST: f64 = 0.01;

/// The relatedness of every two topics, 0 to 1, where it is not 0.
#[derive(Debug, Default)]
pub(super) struct Related {
    /// By ascending topic, the topic itself with 1 among them.
    rows: Vec<Vec<(TopicOrd, f32)>>,
}

impl Related {
    /// Walks along `relations`; `damping` says for each topic what passes through it.
    pub(super) fn of(relations: &[Relation], damping: &[f64]) -> Self {
        let steps = steps(relations, damping.len());
        let rows = parallel::map_with(
            damping.len(),
            || vec![0.0; damping.len()],
            |sums, from| row(from, &steps, damping, sums),
        );
        Self { rows }
    }

    /// The topics near `topic`, itself among them.
    pub(super) fn row(&self, topic: TopicOrd) -> &[(TopicOrd, f32)] {
        &self.rows[topic.index()]
    }

    pub(super) fn get(&self, from: TopicOrd, to: TopicOrd) -> f32 {
        let row = self.row(from);
        let found = row.binary_search_by_key(&to, |&(topic, _)| topic);
        found.map_or(0.0, |at| row[at].1)
    }
}

/// The topics that each topic is related to by itself, and how strongly: `1 - product over relations of (1 - strength)`.
fn steps(relations: &[Relation], topics: usize) -> Vec<Vec<(usize, f64)>> {
    let mut steps: Vec<Vec<(usize, f64)>> = vec![Vec::new(); topics];
    for relation in relations {
        let strength = strength(relation);
        for (from, to) in [(relation.from, relation.to), (relation.to, relation.from)] {
            steps[from.index()].push((to.index(), strength));
        }
    }
    for row in &mut steps {
        row.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        row.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = 1.0 - (1.0 - kept.1) * (1.0 - later.1);
            }
            same
        });
    }
    steps
}

/// What a relation counts in a walk.
pub(super) fn strength(relation: &Relation) -> f64 {
    let counted = matches!(
        relation.kind,
        RelationKind::MentionedWith | RelationKind::LinkedWith
    );
    f64::from(relation.strength) * if counted { COUNTED } else { 1.0 }
}

/// The topics near `from`; `sums` holds zeros before and after.
fn row(
    from: usize,
    steps: &[Vec<(usize, f64)>],
    damping: &[f64],
    sums: &mut [f64],
) -> Vec<(TopicOrd, f32)> {
    let mut near: Vec<(usize, f64)> = Vec::new();
    let mut at = vec![(from, 1.0)];
    for step in 0..STEPS {
        let mut touched = Vec::new();
        for &(topic, walk) in &at {
            let passes = if step == 0 {
                walk
            } else {
                walk * damping[topic]
            };
            for &(to, strength) in &steps[topic] {
                if sums[to] == 0.0 {
                    touched.push(to);
                }
                sums[to] += passes * DAMPING * strength;
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let walks = touched
            .iter()
            .map(|&to| (to, std::mem::take(&mut sums[to])));
        at = walks.filter(|&(_, walk)| walk >= LEAST).collect();
        near.extend(at.iter().filter(|&&(to, _)| to != from));
    }
    near.sort_by_key(|&(to, _)| to);
    let mut row: Vec<(TopicOrd, f32)> = near
        .chunk_by(|a, b| a.0 == b.0)
        .map(|walks| {
            let sum: f64 = walks.iter().map(|&(_, walk)| walk).sum();
            (TopicOrd(walks[0].0 as u32), (1.0 - libm::exp(-sum)) as f32)
        })
        .collect();
    let place = row.partition_point(|&(topic, _)| topic.index() < from);
    row.insert(place, (TopicOrd(from as u32), 1.0));
    row
}
