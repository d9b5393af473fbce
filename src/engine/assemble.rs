//! A generation from settled analyses: rows, neighbours, duplicates, lookups, files.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::names::Names;
use super::reindex::Progress;
use super::topics::topic_table;
use crate::corpus::Editorial;
use crate::corpus::url::OwnHosts;
use crate::error::Result;
use crate::index::{
    Analyses, CandidateRow, GenerationDraft, ServingDraft, TermFileDraft, write_search_index,
};
use crate::model::{DocOrd, Entry};
use crate::signals::content::{Clusters, Neighbour, Rows, Search, near_duplicates, neighbours};

/// Candidates kept for each article.
const CANDIDATES: usize = 100;

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
    let entries: Vec<&Entry> = analyses
        .articles()
        .iter()
        .map(|article| &article.entry)
        .collect();
    let names = Names::of(&entries, own);
    let cards = names.cards(&entries);
    topic_table(analyses, &names, editorial).write(&draft.topics_path())?;
    let rows = Rows::of(analyses);
    let total = entries.len() as u64;
    let done = AtomicU64::new(0);
    let langs = lang_numbers(&entries);
    let near = neighbours(
        &rows,
        &Search::of_site(rows.len()),
        CANDIDATES,
        |host, other| cards[other.index()] && langs[host.index()] == langs[other.index()],
        |more| {
            progress(Progress::Compared {
                done: done.fetch_add(more, Ordering::Relaxed) + more,
                total,
            });
        },
    );
    let draft_file = ServingDraft {
        clusters: clusters(analyses, &names, &near),
        keys: names.into_keys(),
        informative_terms: (0..total as u32)
            .map(|ord| rows.informative_terms(DocOrd(ord)))
            .collect(),
        cards,
        candidates: near
            .iter()
            .map(|row| row.iter().map(candidate).collect())
            .collect(),
        entries,
    };
    draft_file.write(&draft.serving_path())?;
    let (starts, slots, row_weights, informative) = rows.parts();
    let terms = TermFileDraft {
        terms: analyses.shown_words(),
        informative,
        starts,
        row_slots: slots.iter().map(|slot| slot.0),
        row_weights,
    };
    terms.write(&draft.terms_path())
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

fn candidate(near: &Neighbour) -> CandidateRow {
    CandidateRow {
        ord: near.ord,
        content: near.cosine,
        shared_terms: near.shared_terms,
    }
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
