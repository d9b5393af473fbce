//! What every article of a site can be called, and where links lead.

use std::collections::HashMap;

use crate::corpus::url::{OwnHosts, is_same_page, normalise, resolve};
use crate::model::{DocOrd, Entry};

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// To an article of the site, by its ordinal.
    Article(usize),
    /// To this path of the site, where no article is.
    Nothing(String),
    /// To another site, or to a place in the same page.
    Elsewhere,
}

/// What every article can be called.
#[derive(Debug)]
pub(super) struct Names<'a> {
    own: &'a OwnHosts,
    ids: HashMap<&'a str, usize>,
    keys: Vec<(String, DocOrd)>,
    key_ords: HashMap<String, usize>,
}

impl<'a> Names<'a> {
    /// Normal forms of URLs and aliases; an id is never shadowed, and of two claims to a name a URL beats an alias and
    /// then the smaller id wins.
    pub(super) fn of(entries: &[&'a Entry], own: &'a OwnHosts) -> Self {
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

    /// The article that `address` names: an id byte for byte, else a path or an address of the site's own.
    pub(super) fn find(&self, address: &str) -> Option<usize> {
        let exact = self.ids.get(address).copied();
        exact.or_else(|| self.at(&normalise(address, self.own)?))
    }

    /// The same on other own hosts.
    pub(super) fn find_on(&self, address: &str, own: &OwnHosts) -> Option<usize> {
        self.find(address)
            .or_else(|| self.at(&normalise(address, own)?))
    }

    fn at(&self, key: &str) -> Option<usize> {
        let id = self.ids.get(key);
        id.or_else(|| self.key_ords.get(key)).copied()
    }

    /// The article that `link`, as it stands in `from`, leads to.
    pub(super) fn linked(&self, link: &str, from: &Entry) -> Linked {
        if let Some(&ord) = self.ids.get(link) {
            return Linked::Article(ord);
        }
        let candidates = resolve(link, &from.url, self.own);
        let found = candidates.iter().find_map(|candidate| self.at(candidate));
        match (found, candidates.into_iter().next()) {
            (Some(ord), _) => Linked::Article(ord),
            (None, Some(path)) => Linked::Nothing(path),
            (None, None) => Linked::Elsewhere,
        }
    }

    /// The article that stands for `entry`, where that is known.
    pub(super) fn canonical(&self, entry: &Entry) -> Option<usize> {
        let canonical = entry.canonical.as_deref()?;
        self.find(canonical)
            .or_else(|| match self.linked(canonical, entry) {
                Linked::Article(ord) => Some(ord),
                Linked::Nothing(_) | Linked::Elsewhere => None,
            })
    }

    /// Which articles may be cards: not a draft, not noindex, and no other page stands for them.
    pub(super) fn cards(&self, entries: &[&Entry]) -> Vec<bool> {
        let articles = entries.iter().enumerate();
        articles
            .map(|(ord, entry)| {
                let stands_elsewhere = match (&entry.canonical, self.canonical(entry)) {
                    (None, _) => false,
                    (Some(_), Some(found)) => found != ord,
                    (Some(canonical), None) => !is_own_path(canonical, entry),
                };
                !entry.draft && !entry.noindex && !stands_elsewhere
            })
            .collect()
    }

    /// The names that are no ids, and the articles they lead to.
    pub(super) fn into_keys(self) -> Vec<(String, DocOrd)> {
        self.keys
    }
}

/// Whether `canonical` is the address of `entry` itself on a host that the site did not declare.
pub(super) fn is_own_path(canonical: &str, entry: &Entry) -> bool {
    is_same_page(canonical, &entry.url)
}
