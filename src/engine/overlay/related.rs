//! Where articles that came stand among the others: what they have as candidates, and whose candidates they are.

use std::sync::Arc;

use super::Overlay;
use crate::engine::candidates::CANDIDATES;
use crate::index::{CandidateRow, Facts};
use crate::model::DocOrd;
use crate::text::TermId;

/// What is told of an article that was compared anew.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Seen {
    /// Its terms by number, and their weights.
    pub(in crate::engine) terms: Vec<(TermId, f32)>,
    /// The articles that it links, by ordinal.
    pub(in crate::engine) links: Vec<DocOrd>,
    /// The articles that its text names, by ordinal.
    pub(in crate::engine) names: Vec<DocOrd>,
}

/// Where an article stands among the others.
#[derive(Debug)]
pub(in crate::engine) struct Related {
    pub(in crate::engine) facts: Facts,
    /// Its candidates.
    pub(in crate::engine) rows: Vec<CandidateRow>,
    /// The articles that it is a candidate of, and what is kept of it there.
    pub(in crate::engine) hosts: Vec<(DocOrd, CandidateRow)>,
    /// Whether its text is much like the one that the generation has.
    pub(in crate::engine) stays: bool,
    pub(in crate::engine) seen: Seen,
}

/// `rows`, which are by ordinal, and one more; of too many the one whose text has the least in common goes.
fn with(rows: &[CandidateRow], row: CandidateRow) -> Arc<[CandidateRow]> {
    let (smaller, larger) = rows.split_at(rows.partition_point(|other| other.ord < row.ord));
    let all = || smaller.iter().chain([&row]).chain(larger).copied();
    if rows.len() < CANDIDATES {
        return all().collect();
    }
    let least = all().min_by(|a, b| a.content.total_cmp(&b.content).then(b.ord.cmp(&a.ord)));
    all()
        .filter(|row| least.is_none_or(|least| least.ord != row.ord))
        .collect()
}

impl Overlay {
    /// Takes up where the article at `ord` stands; `before` are the hosts that it was added to.
    pub(in crate::engine) fn relate(&mut self, ord: DocOrd, related: Related, before: &[DocOrd]) {
        self.facts.insert(ord.0, related.facts);
        let is_left = self.rows.has(ord.0) && !self.stay.has(ord.0);
        self.rows.insert(ord.0, related.rows.into());
        match related.stays {
            true => self.stay.insert(ord.0, ()),
            false => drop(self.stay.remove(ord.0)),
        }
        // Hosts of the generation that were without it have it again, and no panel of theirs that was made since is on it.
        if is_left && related.stays {
            self.changed_all = self.changes;
        }
        self.seen.insert(ord.0, Arc::new(related.seen));
        // What was added to it is among its own candidates now.
        self.beside.remove(ord.0);
        for host in before {
            if let Some(rows) = self.beside.get(host.0) {
                let left = rows.iter().copied().filter(|row| row.ord != ord).collect();
                self.beside.insert(host.0, left);
                self.touched.insert(host.0, self.changes);
            }
        }
        for (host, row) in related.hosts {
            let rows = with(self.beside(host), row);
            self.beside.insert(host.0, rows);
            self.touched.insert(host.0, self.changes);
        }
    }

    /// The articles that came and are candidates of `host`, by ordinal.
    fn beside(&self, host: DocOrd) -> &[CandidateRow] {
        self.beside.get(host.0).map_or(&[], |rows| rows)
    }

    /// Tells of the article at `ord`, if it was compared anew, that it links `targets`, which are by ordinal.
    pub(in crate::engine) fn link(&mut self, ord: DocOrd, targets: &[DocOrd]) {
        if let Some(seen) = self.seen.get(ord.0) {
            let seen = Seen {
                links: targets.to_vec(),
                ..Seen::clone(seen)
            };
            self.seen.insert(ord.0, Arc::new(seen));
        }
    }

    /// Tells of the article at `ord`, if it differs, how many links it has.
    pub(in crate::engine) fn count_links(&mut self, ord: DocOrd, links: u32) {
        let facts = self.facts.get(ord.0).filter(|facts| facts.links != links);
        if let Some(&facts) = facts {
            self.facts.insert(ord.0, Facts { links, ..facts });
            self.touched.insert(ord.0, self.changes);
        }
    }

    /// Whether no article was compared anew.
    #[inline]
    pub(in crate::engine) fn relates_nothing(&self) -> bool {
        self.rows.len() == 0
    }

    /// Whether the article was compared anew.
    #[inline]
    fn is_compared(&self, ord: DocOrd) -> bool {
        self.differs(ord) && self.rows.has(ord.0)
    }

    /// What is told of an article that was compared anew.
    pub(in crate::engine) fn seen(&self, ord: DocOrd) -> Option<&Seen> {
        self.seen.get(ord.0).map(|seen| &**seen)
    }

    /// The candidates of `host`, of which the generation has `mapped`. Of an article that was compared since counts what was found
    /// then, whatever was known of it before: the same as if it had come so at once. Only what is still like the generation's stays.
    pub(in crate::engine) fn candidates(
        &self,
        host: DocOrd,
        mapped: impl Iterator<Item = CandidateRow>,
    ) -> Vec<CandidateRow> {
        let beside = self.beside(host);
        let is_beside = |ord: DocOrd| beside.binary_search_by_key(&ord, |row| row.ord).is_ok();
        let stays = |ord: DocOrd| self.stay.has(ord.0) && !is_beside(ord);
        let mut rows: Vec<CandidateRow> = match self.rows.get(host.0) {
            Some(own) => {
                let since = self.changed.get(host.0).copied().unwrap_or_default();
                let is_later = |ord: DocOrd| {
                    let changed = self.changed.get(ord.0);
                    self.is_compared(ord) && changed.is_some_and(|&changed| changed > since)
                };
                let stands = |row: &&CandidateRow| match is_later(row.ord) {
                    true => stays(row.ord),
                    false => !is_beside(row.ord),
                };
                own.iter().filter(stands).copied().collect()
            }
            None => {
                let stands = |row: &CandidateRow| !self.is_compared(row.ord) || stays(row.ord);
                mapped.filter(stands).collect()
            }
        };
        rows.extend(beside);
        rows
    }

    /// The candidates that were found for `host` when it was compared anew.
    pub(in crate::engine) fn own(&self, host: DocOrd) -> Option<&[CandidateRow]> {
        match self.differs(host) {
            true => self.rows.get(host.0).map(|rows| &**rows),
            false => None,
        }
    }
}
