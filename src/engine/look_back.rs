//! Articles that hardly any host found: a page may be near to others that all have nearer ones, and would be shown nowhere.

use std::collections::HashMap;

use super::candidates::{Pairing, Site};
use super::readers::ReadBeside;
use super::signals::is_evident;
use crate::index::CandidateRow;
use crate::model::{DocOrd, parallel};
use crate::ranking::Weights;

/// Hosts that an article is to be a candidate of, if it has as many candidates itself.
pub(super) const FEWEST_HOSTS: usize = 5;

impl Site {
    /// Adds articles that are candidates of few hosts to those that they have among their own candidates, the best first.
    pub(super) fn look_back(&self, candidates: &mut [Vec<CandidateRow>]) {
        let mut hosts = vec![0usize; candidates.len()];
        for row in candidates.iter().flatten().filter(|row| relates(row)) {
            hosts[row.ord.index()] += 1;
        }
        let lists = &*candidates;
        let few = (0..lists.len() as u32).map(DocOrd).filter(|ord| {
            let cards = self.cards();
            cards[ord.index()] && hosts[ord.index()] < FEWEST_HOSTS
        });
        let few: Vec<DocOrd> = few.collect();
        let found: Vec<Vec<(DocOrd, CandidateRow)>> = parallel::map_with(
            few.len(),
            || Pairing::of(self),
            |pairing, at| {
                let ord = few[at];
                let missing = FEWEST_HOSTS - hosts[ord.index()];
                let own = lists[ord.index()].iter().filter(|row| relates(row));
                let others = own.map(|row| row.ord).filter(|&host| {
                    let knows = lists[host.index()].iter().any(|row| row.ord == ord);
                    !knows && self.may_meet(host, ord)
                });
                let pairs = others.map(|host| (host, self.row(&pairing.pair(host, ord))));
                pairs
                    .filter(|(_, row)| relates(row))
                    .take(missing)
                    .collect()
            },
        );
        let mut added: HashMap<DocOrd, Vec<CandidateRow>> = HashMap::new();
        for (host, row) in found.into_iter().flatten() {
            added.entry(host).or_default().push(row);
        }
        for (host, rows) in added {
            candidates[host.index()].extend(rows);
        }
    }
}

/// Whether the pair may be called related, whatever its score.
pub(super) fn relates(row: &CandidateRow) -> bool {
    is_evident(row, &ReadBeside::default(), &Weights::default())
}
