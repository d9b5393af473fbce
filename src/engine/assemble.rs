//! A generation from settled analyses: rows, neighbours, duplicates, lookups, files.

use std::collections::HashMap;

use super::candidates::{Site, entries};
use super::editors::Editors;
use super::exposure::Exposure;
use super::gather::Place;
use super::instructions::Settling;
use super::names::Names;
use super::reindex::Progress;
use super::search_data::SearchData;
use super::structure::Structure;
use crate::config::{Config, KeepOut};
use crate::error::Result;
use crate::index::{
    Analyses, GenerationDraft, Rules, ServingDraft, Stated, TermFileDraft, TopicTable,
    write_search_index,
};
use crate::model::{ArticleId, DocOrd, Entry, Graph, Problem, Standing};
use crate::ranking::calibrate;
use crate::signals::content::{Clusters, Neighbour, near_duplicates};
use crate::signals::seo::{self, Demand};
use crate::text::name_key;

/// What a generation is made of beside its analysed articles.
#[derive(Debug)]
pub(super) struct Assembly<'a> {
    pub(super) config: &'a Config,
    pub(super) editors: &'a Editors,
    /// What search engines told.
    pub(super) search: &'a SearchData,
    /// Where articles were read that tell panels something.
    pub(super) places: &'a HashMap<ArticleId, Place>,
    /// Unix seconds; nothing of the generation depends on it, only what is said of instructions that have expired.
    pub(super) now: i64,
}

impl Assembly<'_> {
    /// Writes every file of `draft` but its manifest; what contradicts itself of what panels are told.
    pub(super) fn write(
        &self,
        analyses: &Analyses,
        draft: &GenerationDraft,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Problem>> {
        let search_path = draft.search_path();
        let problems = std::thread::scope(|scope| {
            let search = scope.spawn(|| write_search_index(analyses, &search_path));
            let views = self.write_views(analyses, draft, progress);
            let search = search
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            views.and_then(|problems| search.map(|()| problems))
        })?;
        analyses.write(&draft.analyses_path())?;
        Ok(problems)
    }

    fn write_views(
        &self,
        analyses: &Analyses,
        draft: &GenerationDraft,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Problem>> {
        let entries = entries(analyses);
        let names = Names::of(&entries, &self.config.own);
        let structure = Structure::of(&entries, &names, self.config);
        let site = Site::of(analyses, &names, structure, &self.editors.topics, progress);
        let settling = Settling {
            entries: &entries,
            names: &names,
            cards: site.cards(),
            places: self.places,
        };
        let (mut rules, problems) = settling.settle(&self.editors.instructed, self.now);
        site.structure().add_to(&mut rules);
        site.weigh_pins(&mut rules);
        rules.settle();
        let known = (self.config, self.search);
        let files = self.editors.instructed.iter();
        let told = files.flat_map(|file| file.instructions.iter().cloned());
        let said = (rules, Stated::of(told.collect(), &entries));
        write_site(analyses, entries, names, &site, said, known, draft)?;
        Ok(problems)
    }
}

fn write_site(
    analyses: &Analyses,
    entries: Vec<&Entry>,
    names: Names<'_>,
    site: &Site,
    (rules, stated): (Rules, Stated),
    (config, search): (&Config, &SearchData),
    draft: &GenerationDraft,
) -> Result<()> {
    site.topics().write(&draft.topics_path())?;
    let demands = search.demands(&names, &config.own, entries.len());
    let known = site.known().iter();
    let clusters = clusters(
        analyses,
        &names,
        site.structure(),
        site.near(),
        config.keep_out,
    );
    let candidates = site.candidates();
    let exposure = Exposure {
        entries: &entries,
        cards: site.cards(),
        clusters: &clusters,
        known: site.known(),
        rules: &rules,
        linked_cards: config.linked_cards,
        wanted: config.exposure,
    };
    let draft_file = ServingDraft {
        reserved: exposure.places(&candidates),
        clusters,
        topic_aliases: topic_aliases(site.topics()),
        rules,
        stated,
        keys: names.into_keys(),
        informative_terms: known.clone().map(|known| known.informative_terms).collect(),
        standings: standings(&entries, site.links(), &demands),
        competitors: in_parts(seo::competitors(&demands)),
        link_counts: known.map(|known| known.links).collect(),
        cards: site.cards().to_vec(),
        candidates,
        entries,
    };
    draft_file.write(&draft.serving_path())?;
    // The candidates of all articles take more memory than what is left to write.
    drop(draft_file);
    let (starts, slots, row_weights, informative) = site.content().text().parts();
    let terms = TermFileDraft {
        terms: analyses.shown_words(),
        informative,
        starts,
        row_terms: slots.iter().map(|slot| slot.0),
        row_weights,
        links: site.links(),
        names: site.content().names(),
        origins: analyses
            .articles()
            .iter()
            .map(|article| (article.source, article.hash))
            .collect(),
    };
    terms.write(&draft.terms_path())?;
    let alone = site.content().alone(analyses, site.reaches());
    alone.write(&draft.alone_path())
}

/// Every alias of a topic with every other name of it, as names are compared.
fn topic_aliases(table: &TopicTable) -> Vec<(String, String)> {
    let topics = table
        .topics
        .iter()
        .filter(|topic| !topic.aliases.is_empty());
    topics
        .flat_map(|topic| {
            let names = [&topic.name].into_iter().chain(&topic.aliases);
            let keys: Vec<String> = names.map(|name| name_key(name)).collect();
            let pairs = keys
                .iter()
                .flat_map(|a| keys.iter().map(move |b| (a.clone(), b.clone())));
            pairs.filter(|(a, b)| a != b).collect::<Vec<_>>()
        })
        .collect()
}

/// Where every article stands.
fn standings(entries: &[&Entry], links: &Graph, demands: &[Demand]) -> Vec<Standing> {
    let usual = usual(demands);
    let (authority, inbound) = (seo::authority(links), links.reversed());
    let linked = !links.parts().1.is_empty();
    let standing = |(ord, entry): (u32, &&Entry)| {
        let ord = DocOrd(ord);
        let demand = demands.get(ord.index());
        let opportunity = demand.filter(|demand| demand.impressions > 0.0);
        let opportunity = opportunity.map(|demand| demand.opportunity(usual));
        Standing {
            authority: linked.then(|| share(calibrate(authority[ord.index()], seo::AUTHORITY))),
            inbound: inbound.targets(ord).len().min(255) as u8,
            opportunity: opportunity.map(|(much, _)| share(much)),
            why: opportunity.and_then(|(_, why)| why),
            changed: changed(entry),
            half_life: seo::half_life(&entry.kind),
        }
    };
    (0..).zip(entries).map(standing).collect()
}

/// The day of the last change of an article, in days since 1970-01-01.
pub(super) fn changed(entry: &Entry) -> Option<u16> {
    let changed = entry.updated.max(entry.published)?;
    u16::try_from(changed.seconds().div_euclid(86_400)).ok()
}

/// How often a page is shown that is shown at all, on the average.
fn usual(demands: &[Demand]) -> f64 {
    let shown: Vec<f64> = demands
        .iter()
        .map(|demand| demand.impressions)
        .filter(|&shown| shown > 0.0)
        .collect();
    shown.iter().sum::<f64>() / shown.len().max(1) as f64
}

/// Overlaps as shares in parts of 255.
fn in_parts(lists: Vec<Vec<(DocOrd, f64)>>) -> Vec<Vec<(DocOrd, u8)>> {
    let parts = |list: Vec<(DocOrd, f64)>| {
        list.into_iter()
            .map(|(ord, overlap)| (ord, share(overlap)))
            .collect()
    };
    lists.into_iter().map(parts).collect()
}

/// A share of 0 to 1 in parts of 255.
fn share(share: f64) -> u8 {
    (share * 255.0).round().clamp(0.0, 255.0) as u8
}

/// Near-duplicates, translations and versions of one another, and pages with the page that stands for them; as far as
/// `keep_out` keeps them apart.
pub(super) fn clusters(
    analyses: &Analyses,
    names: &Names,
    structure: &Structure,
    near: &[Vec<Neighbour>],
    keep_out: KeepOut,
) -> Vec<DocOrd> {
    let mut clusters = Clusters::singletons(analyses.articles().len());
    let shingles: Vec<_> = analyses
        .articles()
        .iter()
        .map(|article| &article.shingles)
        .collect();
    if keep_out.near_duplicates {
        for pair in near_duplicates(&shingles, near) {
            clusters.join(pair.first, pair.second);
        }
    }
    structure.join(&mut clusters);
    let mut first_with: HashMap<&str, usize> = HashMap::new();
    for (ord, article) in analyses.articles().iter().enumerate() {
        if let (Some(key), true) = (&article.entry.translation_key, keep_out.translations) {
            clusters.join(*first_with.entry(key).or_insert(ord), ord);
        }
        if let (Some(other), true) = (names.canonical(&article.entry), keep_out.canonical_twins) {
            clusters.join(other, ord);
        }
    }
    clusters.names()
}
