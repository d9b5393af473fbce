//! A generation from settled analyses: rows, neighbours, duplicates, lookups, files.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::candidates::{CANDIDATES, Sources};
use super::names::{Linked, Names};
use super::reindex::Progress;
use super::signals::Known;
use crate::corpus::url::OwnHosts;
use crate::error::Result;
use crate::index::{Analyses, GenerationDraft, ServingDraft, TermFileDraft, write_search_index};
use crate::model::{DocOrd, Entry, Graph};
use crate::signals::content::{Clusters, Content, Neighbour, Search, near_duplicates, neighbours};
use crate::signals::research::Links;

/// Writes every file of `draft` but its manifest.
pub(super) fn assemble(
    analyses: &Analyses,
    own: &OwnHosts,
    draft: &GenerationDraft,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<()> {
    let search_path = draft.search_path();
    std::thread::scope(|scope| {
        let search = scope.spawn(|| write_search_index(analyses, &search_path));
        let views = write_views(analyses, own, draft, progress);
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
    draft: &GenerationDraft,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<()> {
    let entries: Vec<&Entry> = analyses
        .articles()
        .iter()
        .map(|article| &article.entry)
        .collect();
    let names = Names::of(&entries, own);
    let cards = names.cards(&entries);
    let content = Content::of(analyses);
    let links = Links::of(links(analyses, &names));
    let total = entries.len() as u64;
    let done = AtomicU64::new(0);
    let langs = lang_numbers(&entries);
    let may_meet = |host: DocOrd, other: DocOrd| {
        cards[other.index()] && langs[host.index()] == langs[other.index()]
    };
    let text = content.text();
    let near = neighbours(
        text,
        &Search::of_site(text.len()),
        CANDIDATES,
        may_meet,
        |more| {
            progress(Progress::Compared {
                done: done.fetch_add(more, Ordering::Relaxed) + more,
                total,
            });
        },
    );
    let known: Vec<Known> = (0..total as u32)
        .map(DocOrd)
        .map(|ord| Known {
            informative_terms: text.informative_terms(ord),
            links: links.degree(ord) as u32,
        })
        .collect();
    let sources = Sources {
        content: &content,
        links: &links,
        near: &near,
        near_titles: &content.near_titles(may_meet),
        known: &known,
    };
    let candidates = sources.candidates(may_meet);
    let draft_file = ServingDraft {
        clusters: clusters(analyses, &names, &near),
        keys: names.into_keys(),
        informative_terms: known.iter().map(|known| known.informative_terms).collect(),
        link_counts: known.iter().map(|known| known.links).collect(),
        cards,
        candidates,
        entries,
    };
    draft_file.write(&draft.serving_path())?;
    let (starts, slots, row_weights, informative) = text.parts();
    let terms = TermFileDraft {
        terms: analyses.shown_words(),
        informative,
        starts,
        row_terms: slots.iter().map(|slot| slot.0),
        row_weights,
    };
    terms.write(&draft.terms_path())
}

/// The links between the articles of `analyses`.
fn links(analyses: &Analyses, names: &Names) -> Graph {
    let lists = analyses.articles().par_iter().map(|article| {
        let found =
            article
                .links
                .lines()
                .filter_map(|link| match names.linked(link, &article.entry) {
                    Linked::Article(ord) => Some(DocOrd(ord as u32)),
                    Linked::Nothing(_) | Linked::Elsewhere => None,
                });
        found.collect()
    });
    Graph::of(lists.collect::<Vec<Vec<DocOrd>>>())
}

/// Numbers that are equal for articles of one language: compared billions of times.
pub(super) fn lang_numbers(entries: &[&Entry]) -> Vec<u16> {
    let mut numbers = HashMap::new();
    let langs = entries.iter().map(|entry| entry.lang.as_str());
    langs
        .map(|lang| {
            let next = numbers.len() as u16;
            *numbers.entry(lang).or_insert(next)
        })
        .collect()
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
