//! How far readers and crawlers have to go: which pages nothing leads to, and clicks from where they come in.

use std::collections::VecDeque;

use serde::Serialize;

use crate::model::{DocOrd, Graph};

/// What leads to the pages of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paths {
    /// Pages that no other page leads to; where readers come in is none of them.
    pub orphans: usize,
    /// Pages that one other page leads to.
    pub near_orphans: usize,
    /// How many pages are so many clicks away from where readers come in, from 0 on; empty where nobody knows where that is.
    pub by_clicks: Vec<usize>,
    /// Pages that no clicks lead to from there.
    pub unreachable: usize,
}

/// How many other pages lead to each article.
pub(super) fn inbound(graph: &Graph) -> Vec<u32> {
    let mut counts = vec![0; graph.len()];
    for target in graph.parts().1 {
        counts[target.index()] += 1;
    }
    counts
}

/// What leads to `pages` by `graph`, for readers who come in at `entries`.
pub(super) fn paths(graph: &Graph, pages: &[DocOrd], entries: &[DocOrd]) -> Paths {
    let inbound = inbound(graph);
    let with = |count| {
        let led_to = pages
            .iter()
            .filter(|page| !entries.contains(page) && inbound[page.index()] == count);
        led_to.count()
    };
    let mut found = Paths {
        orphans: with(0),
        near_orphans: with(1),
        ..Paths::default()
    };
    if entries.is_empty() {
        return found;
    }
    let clicks = clicks(graph, entries);
    for page in pages {
        match clicks[page.index()] {
            None => found.unreachable += 1,
            Some(clicks) => {
                let rows = found.by_clicks.len().max(clicks + 1);
                found.by_clicks.resize(rows, 0);
                found.by_clicks[clicks] += 1;
            }
        }
    }
    found
}

/// The fewest clicks from any of `entries` to every article.
fn clicks(graph: &Graph, entries: &[DocOrd]) -> Vec<Option<usize>> {
    let mut clicks = vec![None; graph.len()];
    let mut next: VecDeque<DocOrd> = entries.iter().copied().collect();
    for entry in entries {
        clicks[entry.index()] = Some(0);
    }
    while let Some(from) = next.pop_front() {
        let further = clicks[from.index()].map(|clicks| clicks + 1);
        for &to in graph.targets(from) {
            if clicks[to.index()].is_none() {
                clicks[to.index()] = further;
                next.push_back(to);
            }
        }
    }
    clicks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_are_the_fewest_and_pages_without_a_way_are_counted() {
        let ords = |list: &[u32]| list.iter().map(|&ord| DocOrd(ord)).collect::<Vec<_>>();
        // 0 leads to 1 and 2, both to 3, that to 4; 5 and 6 lead to one another, 7 stands alone.
        let graph = Graph::of([
            ords(&[1, 2]),
            ords(&[3]),
            ords(&[3]),
            ords(&[4]),
            ords(&[]),
            ords(&[6]),
            ords(&[5]),
            ords(&[]),
        ]);
        let pages = ords(&[0, 1, 2, 3, 4, 5, 6, 7]);
        let found = paths(&graph, &pages, &ords(&[0]));
        let wanted = Paths {
            orphans: 1,
            near_orphans: 5,
            by_clicks: vec![1, 2, 1, 1],
            unreachable: 3,
        };
        assert_eq!(found, wanted);
        assert_eq!(paths(&graph, &pages, &ords(&[0, 5])).unreachable, 1);
        let nowhere = paths(&graph, &pages, &[]);
        assert_eq!((nowhere.orphans, nowhere.unreachable), (2, 0));
        assert!(nowhere.by_clicks.is_empty());
    }
}
