//! The generation as one article that came alone is compared with it: its files, and what differs from them by now.

use super::overlay::Overlay;
use super::snapshot::Snapshot;
use super::versions;
use crate::corpus::url::{normalise, resolve};
use crate::error::Result;
use crate::index::{AloneFile, Facts, KeptTexts};
use crate::model::{DocOrd, Entry};
use crate::signals::content::Established;
use crate::signals::research::Links;
use crate::signals::research::topics::TopicGraph;

/// The generation, as far as newcomers are compared with it.
pub(super) struct Ground<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) known: Established<'a>,
    pub(super) links: &'a Links,
    pub(super) topics: &'a TopicGraph,
}

impl<'a> Ground<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Result<Self> {
        let explainer = snapshot.explainer()?;
        let (alone, texts): &(AloneFile, KeptTexts) = snapshot.alone()?;
        Ok(Self {
            snapshot,
            known: Established {
                terms: explainer.terms(),
                alone,
                texts,
                articles: snapshot.serving().len(),
            },
            links: explainer.links(),
            topics: explainer.topics(),
        })
    }

    pub(super) fn facts(&self, overlay: &Overlay, ord: DocOrd) -> Facts {
        self.snapshot.facts_beside(overlay, ord)
    }

    /// Whether the second of two articles, each with its facts, may be a card of the first.
    pub(super) fn may_meet(
        &self,
        overlay: &Overlay,
        (host, own): (DocOrd, &Facts),
        (other, its): (DocOrd, &Facts),
    ) -> bool {
        host != other
            && its.card
            && its.lang == own.lang
            && match self.snapshot.version_beside(overlay, host) {
                0 => !its.older,
                read => {
                    read == self.snapshot.version_beside(overlay, other)
                        || !its.older && !self.is_there_for(overlay, host, other)
                }
            }
    }

    /// Whether the page `other` is there in the version that readers of `host` read, as far as addresses tell.
    fn is_there_for(&self, overlay: &Overlay, host: DocOrd, other: DocOrd) -> bool {
        let address = |ord: DocOrd| {
            let mapped = || self.snapshot.serving().entry(ord).map(|entry| entry.url);
            let url = match overlay.entry(ord) {
                Some(entry) => Some(entry.url),
                None => mapped().ok(),
            };
            url.and_then(|url| normalise(url, &self.snapshot.config().own))
        };
        let own = address(host).zip(address(other));
        let own = own.and_then(|(host, other)| versions::of_the_same(&host, &other));
        let serving = self.snapshot.serving();
        let found = own.and_then(|own| serving.by_id(&own).or_else(|| serving.by_key(&own)));
        found.is_some_and(|found| self.facts(overlay, found).card)
    }

    /// How many articles of the generation come before `id`, in the place of the last of them.
    pub(super) fn place_of(&self, id: &str) -> DocOrd {
        DocOrd(self.snapshot.serving().before(id) as u32)
    }

    /// The article that `link`, as it stands in `from`, leads to; else the path it leads to.
    pub(super) fn leads(
        &self,
        overlay: &Overlay,
        link: &str,
        from: &Entry,
    ) -> std::result::Result<DocOrd, Option<String>> {
        if let Some(ord) = self.snapshot.there(overlay, link) {
            return Ok(ord);
        }
        let paths = resolve(link, &from.url, &self.snapshot.config().own);
        let found = paths
            .iter()
            .find_map(|path| self.snapshot.at_beside(overlay, path));
        found.ok_or_else(|| paths.into_iter().next())
    }
}
