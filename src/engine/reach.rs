//! How the site reaches its pages, apart from any reader: links, who is related to whom, who competes, and what keeps an
//! article off cards. What `report seo` is made of.

use super::query::PanelQuery;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::model::{DocOrd, Graph, order};

/// What keeps a published article off every card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptOff {
    /// It is kept out of lists and search engines.
    NoIndex,
    /// Another page stands for it.
    StandsElsewhere,
    /// It has expired or has not started, or an editor keeps it out.
    Hidden,
}

/// A page as readers of one language and version know it: equal for near-duplicates and twins, of which a panel shows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Page {
    /// The smallest ordinal among the twins.
    cluster: DocOrd,
    lang: u32,
    /// That of a page of which there is a newer one; 0 for others.
    version: u32,
}

impl Snapshot {
    /// What keeps `ord` off every card at `query.now`, if anything does.
    pub fn kept_off(&self, ord: DocOrd, query: &PanelQuery) -> Option<KeptOff> {
        let facts = self.facts(ord);
        let hidden = || self.is_hidden(ord, query.began, query.now);
        match (facts.noindex, facts.card) {
            (true, _) => Some(KeptOff::NoIndex),
            (false, false) => Some(KeptOff::StandsElsewhere),
            (false, true) => (facts.hidden && hidden()).then_some(KeptOff::Hidden),
        }
    }

    /// The page that `ord` is a member of.
    pub fn page(&self, ord: DocOrd) -> Page {
        let facts = self.facts(ord);
        let version = match facts.older {
            true => self.serving().version(ord),
            false => 0,
        };
        Page {
            cluster: facts.cluster,
            lang: facts.lang,
            version,
        }
    }

    /// Which article links which, as the generation knows it.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if that is not what was written.
    pub fn links(&self) -> Result<Graph> {
        self.terms()?.links()
    }

    /// Pairs of articles that compete in search engines and how much, 0 to 1, the strongest first, ties by ordinal.
    pub fn competing(&self) -> Vec<(DocOrd, DocOrd, f64)> {
        let serving = self.serving();
        let all = (0..serving.len() as u32).map(DocOrd).flat_map(|one| {
            let others = serving
                .competitors(one)
                .filter(move |&(other, _)| one < other);
            others.map(move |(other, overlap)| (one, other, f64::from(overlap) / 255.0))
        });
        let mut found: Vec<_> = all.collect();
        // Stable: pairs of one overlap stay by ordinal.
        order::sort_by(&mut found, |a, b| b.2.total_cmp(&a.2));
        found
    }

    /// Whether search engines show an article, as far as they told.
    pub fn is_searched(&self, ord: DocOrd) -> bool {
        self.facts(ord).standing.opportunity.is_some()
    }
}
