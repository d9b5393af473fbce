//! A generation from settled analyses: rows, neighbours, duplicates, lookups, files.

use std::collections::HashMap;

use super::candidates::{Site, entries};
use super::names::Names;
use super::reindex::Progress;
use crate::corpus::Editorial;
use crate::corpus::url::OwnHosts;
use crate::error::Result;
use crate::index::{Analyses, GenerationDraft, ServingDraft, TermFileDraft, write_search_index};
use crate::model::{Date, DocOrd, Entry, Graph, Standing};
use crate::ranking::calibrate;
use crate::signals::content::{Clusters, Neighbour, near_duplicates};
use crate::signals::seo;

/// Writes every file of `draft` but its manifest.
pub(super) fn assemble(
    analyses: &Analyses,
    own: &OwnHosts,
    editorial: &Editorial,
    draft: &GenerationDraft,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<()> {
    let search_path = draft.search_path();
    std::thread::scope(|scope| {
        let search = scope.spawn(|| write_search_index(analyses, &search_path));
        let views = write_views(analyses, own, editorial, draft, progress);
        let search = search
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        views.and(search)
    })?;
    analyses.write(&draft.analyses_path())
}

fn write_views(
    analyses: &Analyses,
    own: &OwnHosts,
    editorial: &Editorial,
    draft: &GenerationDraft,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<()> {
    let entries = entries(analyses);
    let names = Names::of(&entries, own);
    let site = Site::of(analyses, &names, editorial, progress);
    site.topics().write(&draft.topics_path())?;
    let known = site.known().iter();
    let draft_file = ServingDraft {
        clusters: clusters(analyses, &names, site.near()),
        keys: names.into_keys(),
        informative_terms: known.clone().map(|known| known.informative_terms).collect(),
        standings: standings(&entries, site.links()),
        link_counts: known.map(|known| known.links).collect(),
        cards: site.cards().to_vec(),
        candidates: site.candidates(),
        entries,
    };
    draft_file.write(&draft.serving_path())?;
    let (starts, slots, row_weights, informative) = site.content().text().parts();
    let terms = TermFileDraft {
        terms: analyses.shown_words(),
        informative,
        starts,
        row_terms: slots.iter().map(|slot| slot.0),
        row_weights,
        links: site.links(),
        names: site.content().names(),
    };
    terms.write(&draft.terms_path())
}

/// Where every article stands.
fn standings(entries: &[&Entry], links: &Graph) -> Vec<Standing> {
    let (authority, inbound) = (seo::authority(links), links.reversed());
    let linked = !links.parts().1.is_empty();
    let standing = |(ord, entry): (u32, &&Entry)| {
        let ord = DocOrd(ord);
        let changed = entry.updated.max(entry.published);
        let day = |date: Date| u16::try_from(date.seconds().div_euclid(86_400)).ok();
        Standing {
            authority: linked.then(|| share(calibrate(authority[ord.index()], seo::AUTHORITY))),
            inbound: inbound.targets(ord).len().min(255) as u8,
            opportunity: None,
            changed: changed.and_then(day),
            half_life: seo::half_life(&entry.kind),
        }
    };
    (0..).zip(entries).map(standing).collect()
}

/// A share of 0 to 1 in parts of 255.
fn share(share: f64) -> u8 {
    (share * 255.0).round().clamp(0.0, 255.0) as u8
}

/// Near-duplicates, translations of one another, and pages with the page that stands for them.
fn clusters(analyses: &Analyses, names: &Names, near: &[Vec<Neighbour>]) -> Vec<DocOrd> {
    let mut clusters = Clusters::singletons(analyses.articles().len());
    let shingles: Vec<_> = analyses
        .articles()
        .iter()
        .map(|article| &article.shingles)
        .collect();
    for pair in near_duplicates(&shingles, near) {
        clusters.join(pair.first, pair.second);
    }
    let mut first_with: HashMap<&str, usize> = HashMap::new();
    for (ord, article) in analyses.articles().iter().enumerate() {
        if let Some(key) = &article.entry.translation_key {
            clusters.join(*first_with.entry(key).or_insert(ord), ord);
        }
        if let Some(other) = names.canonical(&article.entry) {
            clusters.join(other, ord);
        }
    }
    clusters.names()
}
