//! How far panels reach: which articles they show, how often, and which pages nothing else leads to.

use std::collections::BTreeMap;

use crate::engine::Snapshot;
use crate::model::DocOrd;

/// Articles in no panel that are named.
const NAMED: usize = 30;
/// Numbers of panels that are told together: from the first of each on, up to the next.
const STEPS: [usize; 8] = [0, 1, 2, 3, 6, 11, 21, 51];

/// What panels show of the articles that may be cards.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Articles that no other page links to.
    pub orphans_before: usize,
    /// Those of them that are a related card nowhere.
    pub orphans_after: usize,
    /// Numbers of panels, and how many articles are a related card in so many.
    pub spread: Vec<(String, usize)>,
    /// The first of the articles that are a related card nowhere, in the byte order of their ids.
    pub unseen: Vec<DocOrd>,
    /// How many these are in all.
    pub unseen_in_all: usize,
}

impl Reach {
    /// That of panels whose related cards are `related`, each as often as it is shown.
    pub(super) fn of(snapshot: &Snapshot, related: impl Iterator<Item = DocOrd>) -> Self {
        let mut panels: BTreeMap<DocOrd, usize> = snapshot.listed().map(|ord| (ord, 0)).collect();
        for card in related {
            if let Some(panels) = panels.get_mut(&card) {
                *panels += 1;
            }
        }
        let mut reach = Self {
            spread: steps().map(|step| (step, 0)).collect(),
            ..Self::default()
        };
        for (&ord, &panels) in &panels {
            let orphan = snapshot.inbound(ord) == 0;
            reach.orphans_before += usize::from(orphan);
            reach.orphans_after += usize::from(orphan && panels == 0);
            let step = STEPS.partition_point(|&first| first <= panels) - 1;
            reach.spread[step].1 += 1;
            if panels == 0 {
                reach.unseen_in_all += 1;
                if reach.unseen.len() < NAMED {
                    reach.unseen.push(ord);
                }
            }
        }
        reach
    }
}

/// The steps in words.
fn steps() -> impl Iterator<Item = String> {
    let ends = STEPS[1..].iter().map(Some).chain([None]);
    STEPS.iter().zip(ends).map(|(&first, next)| match next {
        Some(&next) if next == first + 1 => first.to_string(),
        Some(&next) => format!("{first} to {}", next - 1),
        None => format!("{first} or more"),
    })
}
