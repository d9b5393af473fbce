//! What the links between articles say: who links whom, who is linked by the same pages, who links the same pages.
//!
//! Co-citation (Small 1973) counts the pages that link both articles, each damped by how much it links, so that an index
//! page says little; bibliographic coupling (Kessler 1963) counts the pages that both link, each damped by how often it is
//! linked, so that the home page says little.

use crate::model::{DocOrd, Graph};

/// A page with more links than this, out or in, is navigation and says nothing about two articles it has in common.
const NAVIGATION: usize = 1000;

/// What a link from the host to the candidate counts.
const LINKED: f64 = 0.40;
/// What a link from the candidate to the host counts.
const LINKING: f64 = 0.25;
/// What one common page counts that links nothing else but these two, times two.
const COCITATION: f64 = 0.60;
/// What one common target counts that nothing else links but these two, times two.
const COUPLING: f64 = 0.45;

/// The links of a site.
#[derive(Debug)]
pub struct Links {
    out: Graph,
    into: Graph,
}

/// What links say about two articles.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Linkage {
    /// The host links the candidate.
    pub linked: bool,
    /// The candidate links the host.
    pub linking: bool,
    /// `sum over pages p that link both of 1 / outdegree(p)`.
    pub cocitation: f32,
    /// `sum over pages q that both link of 1 / indegree(q)`.
    pub coupling: f32,
}

impl Linkage {
    /// The raw strength of the connection, 0 (none) upwards.
    pub fn strength(&self) -> f64 {
        LINKED * f64::from(u8::from(self.linked))
            + LINKING * f64::from(u8::from(self.linking))
            + COCITATION * f64::from(self.cocitation)
            + COUPLING * f64::from(self.coupling)
    }

    /// The same with host and candidate in each other's place.
    pub fn turned(self) -> Self {
        Self {
            linked: self.linking,
            linking: self.linked,
            ..self
        }
    }

    /// Links between the two themselves, 0 to 2.
    pub fn direct(&self) -> u32 {
        u32::from(self.linked) + u32::from(self.linking)
    }
}

impl Links {
    /// The links of a site in which article i links the targets of i in `out`.
    pub fn of(out: Graph) -> Self {
        Self {
            into: out.reversed(),
            out,
        }
    }

    /// Which article links which.
    pub fn graph(&self) -> &Graph {
        &self.out
    }

    /// What links say about two articles, one pair at a time; the same as [`Connections::each`] says of them, but for the
    /// order of additions.
    pub fn between(&self, host: DocOrd, other: DocOrd) -> Linkage {
        let damped = |pages: Vec<DocOrd>, degree: &dyn Fn(DocOrd) -> usize| {
            let degrees = pages.into_iter().map(degree);
            let telling = degrees.filter(|&degree| degree <= NAVIGATION);
            telling.map(|degree| 1.0 / degree as f32).sum()
        };
        Linkage {
            linked: self.out.leads(host, other),
            linking: self.out.leads(other, host),
            cocitation: damped(self.linking_both(host, other), &|page| self.out(page).len()),
            coupling: damped(self.linked_by_both(host, other), &|page| {
                self.into(page).len()
            }),
        }
    }

    /// The pages that link both articles, by ordinal.
    pub fn linking_both(&self, a: DocOrd, b: DocOrd) -> Vec<DocOrd> {
        common(self.into(a), self.into(b))
    }

    /// The pages that both articles link, by ordinal.
    pub fn linked_by_both(&self, a: DocOrd, b: DocOrd) -> Vec<DocOrd> {
        common(self.out(a), self.out(b))
    }

    /// How many links `ord` has, out and in.
    pub fn degree(&self, ord: DocOrd) -> usize {
        self.out.targets(ord).len() + self.into.targets(ord).len()
    }

    /// The pages that `ord` links.
    pub fn out(&self, ord: DocOrd) -> &[DocOrd] {
        self.out.targets(ord)
    }

    /// The pages that link `ord`.
    pub fn into(&self, ord: DocOrd) -> &[DocOrd] {
        self.into.targets(ord)
    }
}

/// What two ascending lists have in common.
fn common(a: &[DocOrd], b: &[DocOrd]) -> Vec<DocOrd> {
    let held = a.iter().copied();
    held.filter(|ord| b.binary_search(ord).is_ok()).collect()
}

/// Looks up the connections of one host after the other.
#[derive(Debug)]
pub struct Connections<'a> {
    links: &'a Links,
    met: Met,
}

impl<'a> Connections<'a> {
    /// For the hosts of `links`.
    pub fn of(links: &'a Links) -> Self {
        Self {
            links,
            met: Met::default(),
        }
    }

    /// Every article that links connect with `host`, and how; each once, in the order in which they were met.
    pub fn each(&mut self, host: DocOrd, mut each: impl FnMut(DocOrd, Linkage)) {
        let links = self.links;
        self.met
            .connect(host, |ord| links.out(ord), |ord| links.into(ord));
        let Met { found, touched } = &mut self.met;
        for ord in touched.drain(..) {
            let linkage = std::mem::take(&mut found[ord.index()]);
            if ord != host {
                each(ord, linkage);
            }
        }
    }
}

/// The articles that are connected with one host.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// All as new but for those that were touched.
    pub(super) found: Vec<Linkage>,
    pub(super) touched: Vec<DocOrd>,
}

impl Met {
    pub(super) fn clear(&mut self) {
        for ord in self.touched.drain(..) {
            self.found[ord.index()] = Linkage::default();
        }
    }

    /// Meets every article that is connected with `host`, where an article links those that `out` tells and is linked by those
    /// that `into` tells. The host itself may be among them.
    pub(super) fn connect<'l>(
        &mut self,
        host: DocOrd,
        out: impl Fn(DocOrd) -> &'l [DocOrd],
        into: impl Fn(DocOrd) -> &'l [DocOrd],
    ) {
        for &target in out(host) {
            self.at(target).linked = true;
            let inbound = into(target);
            if inbound.len() <= NAVIGATION {
                for &other in inbound {
                    self.at(other).coupling += 1.0 / inbound.len() as f32;
                }
            }
        }
        for &page in into(host) {
            self.at(page).linking = true;
            let outbound = out(page);
            if outbound.len() <= NAVIGATION {
                for &other in outbound {
                    self.at(other).cocitation += 1.0 / outbound.len() as f32;
                }
            }
        }
    }

    pub(super) fn at(&mut self, ord: DocOrd) -> &mut Linkage {
        if self.found.len() <= ord.index() {
            self.found.resize(ord.index() + 1, Linkage::default());
        }
        let linkage = &mut self.found[ord.index()];
        if *linkage == Linkage::default() {
            self.touched.push(ord);
        }
        linkage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(lists: &[&[u32]]) -> Links {
        let lists = lists
            .iter()
            .map(|list| list.iter().map(|&ord| DocOrd(ord)).collect());
        Links::of(Graph::of(lists))
    }

    fn between(links: &Links, host: u32, other: u32) -> Linkage {
        let mut found = Linkage::default();
        Connections::of(links).each(DocOrd(host), |ord, linkage| {
            if ord == DocOrd(other) {
                found = linkage;
            }
        });
        found
    }

    #[test]
    fn each_kind_of_connection_is_counted_and_damped() {
        let links = links(&[&[1, 2], &[2], &[], &[1, 2, 0], &[0]]);
        assert_eq!(
            between(&links, 0, 1),
            Linkage {
                linked: true,
                linking: false,
                cocitation: 1.0 / 3.0,
                coupling: 1.0 / 3.0,
            }
        );
        assert_eq!(between(&links, 0, 4).direct(), 1);
        assert!(between(&links, 0, 4).linking);
        assert_eq!(between(&links, 4, 2), Linkage::default());
    }

    #[test]
    fn one_pair_alone_is_told_the_same() {
        let links = links(&[&[1, 2, 4], &[2, 4], &[0], &[1, 2, 0], &[0, 2]]);
        for (host, other) in (0..5).flat_map(|host| (0..5).map(move |other| (host, other))) {
            if host != other {
                let alone = links.between(DocOrd(host), DocOrd(other));
                let met = between(&links, host, other);
                assert!((alone.strength() - met.strength()).abs() < 1e-6);
                assert_eq!(alone.direct(), met.direct());
            }
        }
    }

    #[test]
    fn every_page_is_met_once_and_never_the_host() {
        let links = links(&[&[1, 2], &[0, 2], &[0, 1]]);
        let mut met = Vec::new();
        let mut connections = Connections::of(&links);
        for _ in 0..2 {
            met.clear();
            connections.each(DocOrd(0), |ord, _| met.push(ord));
            met.sort_unstable();
            assert_eq!(met, [DocOrd(1), DocOrd(2)]);
        }
    }

    #[test]
    fn one_more_link_between_two_articles_never_weakens_their_connection() {
        let before = links(&[&[2], &[2, 3], &[], &[0, 1]]);
        let after = links(&[&[1, 2], &[2, 3], &[], &[0, 1]]);
        let strength = |links: &Links| between(links, 0, 1).strength();
        assert!(strength(&after) > strength(&before));
    }
}
