//! The links of a site since some of its articles changed, beside those it had.

use std::collections::HashMap;

use super::links::{Linkage, Links, NAVIGATION};
use crate::model::DocOrd;

/// The links of articles whose links changed, and of those they lead to or led to.
#[derive(Debug, Default)]
pub struct ChangedLinks {
    out: HashMap<DocOrd, Vec<DocOrd>>,
    into: HashMap<DocOrd, Vec<DocOrd>>,
}

impl ChangedLinks {
    /// The articles that `ord` links.
    pub fn outbound<'a>(&'a self, links: &'a Links, ord: DocOrd) -> &'a [DocOrd] {
        match self.out.get(&ord) {
            Some(changed) => changed,
            None if ord.index() < links.graph().len() => links.out(ord),
            None => &[],
        }
    }

    /// The articles that link `ord`.
    pub fn inbound<'a>(&'a self, links: &'a Links, ord: DocOrd) -> &'a [DocOrd] {
        match self.into.get(&ord) {
            Some(changed) => changed,
            None if ord.index() < links.graph().len() => links.into(ord),
            None => &[],
        }
    }

    /// From now on `ord` links `targets`.
    pub fn put(&mut self, links: &Links, ord: DocOrd, mut targets: Vec<DocOrd>) {
        targets.sort_unstable();
        targets.dedup();
        targets.retain(|&target| target != ord);
        let before = self.outbound(links, ord).to_vec();
        let gone = before
            .iter()
            .filter(|target| targets.binary_search(target).is_err());
        let fresh = targets
            .iter()
            .filter(|target| before.binary_search(target).is_err());
        for &target in gone.chain(fresh) {
            let mut into = match self.into.remove(&target) {
                Some(into) => into,
                None => self.inbound(links, target).to_vec(),
            };
            match into.binary_search(&ord) {
                Ok(place) => {
                    into.remove(place);
                }
                Err(place) => into.insert(place, ord),
            }
            self.into.insert(target, into);
        }
        self.out.insert(ord, targets);
    }

    /// How many links `ord` has, out and in.
    pub fn degree(&self, links: &Links, ord: DocOrd) -> usize {
        self.outbound(links, ord).len() + self.inbound(links, ord).len()
    }

    /// Every article that links connect with `host`, and how, as [`Connections::each`](super::Connections::each) tells.
    pub fn connections(&self, links: &Links, host: DocOrd) -> HashMap<DocOrd, Linkage> {
        let mut found: HashMap<DocOrd, Linkage> = HashMap::new();
        for &target in self.outbound(links, host) {
            found.entry(target).or_default().linked = true;
            let inbound = self.inbound(links, target);
            if inbound.len() <= NAVIGATION {
                for &other in inbound {
                    found.entry(other).or_default().coupling += 1.0 / inbound.len() as f32;
                }
            }
        }
        for &page in self.inbound(links, host) {
            found.entry(page).or_default().linking = true;
            let outbound = self.outbound(links, page);
            if outbound.len() <= NAVIGATION {
                for &other in outbound {
                    found.entry(other).or_default().cocitation += 1.0 / outbound.len() as f32;
                }
            }
        }
        found.remove(&host);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Graph;
    use crate::signals::research::Connections;

    #[test]
    fn links_that_changed_connect_as_if_they_had_been_so_from_the_first() {
        let of = |lists: &[&[u32]]| {
            let lists = lists.iter();
            let lists = lists.map(|list| list.iter().map(|&ord| DocOrd(ord)).collect());
            Links::of(Graph::of(lists))
        };
        let before = of(&[&[1, 2], &[2], &[], &[1, 2, 0], &[0]]);
        let after = of(&[&[1, 4], &[2], &[0], &[1, 2, 0], &[0]]);
        let mut changed = ChangedLinks::default();
        changed.put(
            &before,
            DocOrd(0),
            vec![DocOrd(4), DocOrd(1), DocOrd(1), DocOrd(0)],
        );
        changed.put(&before, DocOrd(2), vec![DocOrd(3)]);
        changed.put(&before, DocOrd(2), vec![DocOrd(0)]);
        let mut connections = Connections::of(&after);
        for host in (0..5).map(DocOrd) {
            let found = changed.connections(&before, host);
            let mut met = 0;
            connections.each(host, |other, linkage| {
                met += 1;
                assert_eq!(found[&other].direct(), linkage.direct());
                assert!((found[&other].strength() - linkage.strength()).abs() < 1e-6);
            });
            assert_eq!(
                (found.len(), changed.degree(&before, host)),
                (met, after.degree(host))
            );
        }
    }
}
