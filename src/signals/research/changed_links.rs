//! The links of a site since some of its articles changed, beside those it had.

use std::collections::HashMap;

use super::links::{Linkage, Links, Met};
use crate::model::DocOrd;

/// The links of articles whose links changed, and of those they lead to or led to.
#[derive(Debug, Default)]
pub struct ChangedLinks {
    out: HashMap<DocOrd, Vec<DocOrd>>,
    into: HashMap<DocOrd, Vec<DocOrd>>,
    met: Met,
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

    /// Finds every article that links connect with `host`, and how, as [`Connections::each`](super::Connections::each) tells; it
    /// holds until the next call.
    pub fn connect(&mut self, links: &Links, host: DocOrd) {
        let mut met = std::mem::take(&mut self.met);
        met.clear();
        met.connect(
            host,
            |ord| self.outbound(links, ord),
            |ord| self.inbound(links, ord),
        );
        *met.at(host) = Linkage::default();
        self.met = met;
    }

    /// How `other` is connected with the host.
    pub fn linkage(&self, other: DocOrd) -> Linkage {
        let found = self.met.found.get(other.index());
        found.copied().unwrap_or_default()
    }

    /// The `most` articles that are connected with the host most strongly, strongest first, ties by ordinal.
    pub fn strongest(&self, most: usize) -> Vec<DocOrd> {
        let connected = self.met.touched.iter();
        let connected = connected.map(|&ord| (self.linkage(ord).strength(), ord));
        let mut connected: Vec<(f64, DocOrd)> =
            connected.filter(|&(strength, _)| strength > 0.0).collect();
        let order = |a: &(f64, DocOrd), b: &(f64, DocOrd)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if connected.len() > most {
            connected.select_nth_unstable_by(most, order);
            connected.truncate(most);
        }
        connected.sort_unstable_by(order);
        connected.into_iter().map(|(_, ord)| ord).collect()
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
            changed.connect(&before, host);
            let found = changed.strongest(before.graph().len());
            let mut met = 0;
            connections.each(host, |other, linkage| {
                met += 1;
                assert_eq!(changed.linkage(other).direct(), linkage.direct());
                assert!((changed.linkage(other).strength() - linkage.strength()).abs() < 1e-6);
            });
            assert_eq!(
                (found.len(), changed.degree(&before, host)),
                (met, after.degree(host))
            );
        }
    }
}
