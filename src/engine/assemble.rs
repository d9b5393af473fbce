//! A generation from settled analyses: rows, neighbours, duplicates, lookups, files.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::reindex::Progress;
use crate::corpus::url::{OwnHosts, normalise};
use crate::error::Result;
use crate::index::{
    Analyses, CandidateRow, GenerationDraft, ServingDraft, TermFileDraft, write_search_index,
};
use crate::model::{DocOrd, Entry};
use crate::signals::content::{Clusters, Neighbour, Rows, Search, duplicate_clusters, neighbours};

/// Candidates kept for each article.
const CANDIDATES: usize = 100;

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
    let cards: Vec<bool> = (0..entries.len())
        .map(|ord| names.may_be_card(&entries, ord))
        .collect();
    let rows = Rows::of(analyses);
    let total = entries.len() as u64;
    let done = AtomicU64::new(0);
    let langs = lang_numbers(&entries);
    let near = neighbours(
        &rows,
        &Search::default(),
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
        keys: names.keys,
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
fn lang_numbers(entries: &[&Entry]) -> Vec<u16> {
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
    duplicate_clusters(&shingles, near, &mut clusters);
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

/// What every article can be called.
struct Names<'a> {
    own: &'a OwnHosts,
    ids: HashMap<&'a str, usize>,
    keys: Vec<(String, DocOrd)>,
    key_ords: HashMap<String, usize>,
}

impl<'a> Names<'a> {
    /// Normal forms of URLs and aliases; an id is never shadowed, and of two claims to a name a URL beats an alias and
    /// then the smaller id wins.
    fn of(entries: &[&'a Entry], own: &'a OwnHosts) -> Self {
        let ids: HashMap<&str, usize> = entries
            .iter()
            .enumerate()
            .map(|(ord, entry)| (entry.id.as_str(), ord))
            .collect();
        let mut names = Self {
            own,
            ids,
            keys: Vec::new(),
            key_ords: HashMap::new(),
        };
        for (ord, entry) in entries.iter().enumerate() {
            names.claim(&entry.url, ord);
            names.claim(entry.id.as_str(), ord);
        }
        for (ord, entry) in entries.iter().enumerate() {
            for alias in &entry.aliases {
                names.claim(alias, ord);
            }
        }
        names
    }

    fn claim(&mut self, address: &str, ord: usize) {
        let Some(key) = normalise(address, self.own) else {
            return;
        };
        if self.ids.contains_key(key.as_str()) || self.key_ords.contains_key(&key) {
            return;
        }
        self.keys.push((key.clone(), DocOrd(ord as u32)));
        self.key_ords.insert(key, ord);
    }

    fn find(&self, address: &str) -> Option<usize> {
        let exact = self.ids.get(address).copied();
        exact.or_else(|| {
            let key = normalise(address, self.own)?;
            self.ids
                .get(key.as_str())
                .or_else(|| self.key_ords.get(&key))
                .copied()
        })
    }

    /// The article that stands for `entry`, where that is known.
    fn canonical(&self, entry: &Entry) -> Option<usize> {
        self.find(entry.canonical.as_deref()?)
    }

    /// Not a draft, not noindex, and no other page stands for it.
    fn may_be_card(&self, entries: &[&Entry], ord: usize) -> bool {
        let entry = entries[ord];
        let elsewhere =
            entry
                .canonical
                .as_deref()
                .is_some_and(|canonical| match self.find(canonical) {
                    Some(found) => found != ord,
                    None => !is_own_path(canonical, entry),
                });
        !entry.draft && !entry.noindex && !elsewhere
    }
}

/// Whether `canonical` is the address of `entry` itself on a host that the site did not declare.
fn is_own_path(canonical: &str, entry: &Entry) -> bool {
    let path = |address: &str| {
        let rest = address.split_once("://").map_or(address, |(_, rest)| {
            rest.find('/').map_or("", |at| &rest[at..])
        });
        rest.trim_end_matches('/').to_owned()
    };
    path(canonical) == path(&entry.url)
}
