//! Which articles are versions of one page, and which of them is the newest.
//!
//! A reader of version 1.2 is shown pages of 1.2; every other reader is shown the newest version of each page.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::corpus::url::{OwnHosts, normalise};
use crate::model::{DocOrd, Entry, Period, order};

/// Where a page is on the way from the oldest to the newest; ordered so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// `next`, `dev`: not released.
    Unreleased,
    /// Numbers of a version, and whether it is no pre-release.
    Numbered(Vec<u32>, bool),
    /// `latest`.
    Latest,
    /// `stable`, `current`.
    Stable,
    /// The page without a version in its address.
    Unversioned,
}

/// The versions of a site's pages; all lists by ordinal, and empty where no page has another version.
#[derive(Debug, Default)]
pub(super) struct Versions {
    /// Equal for versions of one page, from 1; 0 for a page without another.
    families: Vec<u32>,
    /// Equal for articles of one version of one part of the site, from 1; 0 for none.
    pub(super) numbers: Vec<u32>,
    /// Whether a newer version is there.
    pub(super) older: Vec<bool>,
    /// Which family has a page of which version.
    members: HashSet<(u32, u32)>,
}

/// A version in the address of an article, or in its front matter.
struct Found {
    /// The same for all versions of the page.
    page: (String, String),
    label: String,
    age: Age,
}

impl Versions {
    /// Finds versions among `entries`, of which those in `cards` may be cards.
    pub(super) fn of(entries: &[&Entry], cards: &[bool], own: &OwnHosts) -> Self {
        let addresses: Vec<String> = entries
            .iter()
            .map(|entry| normalise(&entry.url, own).unwrap_or_else(|| entry.url.clone()))
            .collect();
        let found: Vec<Option<Found>> = entries
            .iter()
            .zip(&addresses)
            .map(|(entry, address)| stated(entry).or_else(|| in_address(address)))
            .collect();
        let families = families(&addresses, &found);
        if families.is_empty() {
            return Self::default();
        }
        let mut versions = Self {
            families: vec![0; entries.len()],
            numbers: numbers(&found),
            older: vec![false; entries.len()],
            members: HashSet::new(),
        };
        for (family, members) in (1..).zip(&families) {
            let newest = newest(members, entries, cards);
            for (_, ord) in members {
                versions.families[*ord] = family;
                versions.older[*ord] = newest.is_some_and(|newest| newest != *ord);
                if cards[*ord] {
                    versions.members.insert((family, versions.numbers[*ord]));
                }
            }
        }
        versions
    }

    /// Whether the card `other` is the version of its page that readers of `host` should see.
    pub(super) fn may_meet(&self, host: DocOrd, other: DocOrd) -> bool {
        let Some(&family) = self
            .families
            .get(other.index())
            .filter(|family| **family != 0)
        else {
            return true;
        };
        let (own, its) = (self.numbers[host.index()], self.numbers[other.index()]);
        match self.older[other.index()] {
            true => own != 0 && own == its,
            false => own == 0 || own == its || !self.members.contains(&(family, own)),
        }
    }

    /// The families of articles that are versions of one page, each by its ordinals.
    pub(super) fn families(&self) -> impl Iterator<Item = (u32, usize)> + '_ {
        let families = self.families.iter().copied().zip(0..);
        families.filter(|&(family, _)| family != 0)
    }
}

/// Articles that are versions of one page, with how new they are; only where there are two or more.
fn families(addresses: &[String], found: &[Option<Found>]) -> Vec<Vec<(Age, usize)>> {
    let mut by_page: BTreeMap<&(String, String), Vec<(Age, usize)>> = BTreeMap::new();
    for (ord, found) in found.iter().enumerate() {
        if let Some(found) = found {
            let members = by_page.entry(&found.page).or_default();
            members.push((found.age.clone(), ord));
        }
    }
    // `latest` or `next` in an address is a word unless a numbered version stands beside it.
    by_page.retain(|page, members| {
        page.0.is_empty()
            || members
                .iter()
                .any(|(age, _)| matches!(age, Age::Numbered(..)))
    });
    if by_page.is_empty() {
        return Vec::new();
    }
    let unversioned: HashMap<&str, usize> = addresses
        .iter()
        .enumerate()
        .filter(|(ord, _)| found[*ord].is_none())
        .map(|(ord, address)| (address.as_str(), ord))
        .collect();
    for ((before, after), members) in &mut by_page {
        if let Some(&ord) = unversioned.get(format!("{before}{after}").as_str()) {
            members.push((Age::Unversioned, ord));
        }
    }
    by_page
        .into_values()
        .filter(|members| members.len() > 1)
        .collect()
}

/// Numbers that are equal for one version of one part of the site.
fn numbers(found: &[Option<Found>]) -> Vec<u32> {
    let labels = found.iter().flatten();
    let labels: BTreeSet<(&str, &str)> = labels
        .map(|found| (found.page.0.as_str(), found.label.as_str()))
        .collect();
    let labels: HashMap<_, u32> = labels.into_iter().zip(1..).collect();
    found
        .iter()
        .map(|found| {
            let found = found.as_ref();
            found.map_or(0, |found| {
                labels[&(found.page.0.as_str(), found.label.as_str())]
            })
        })
        .collect()
}

/// The newest that may be a card, of those without a time of their own first; ties by id.
fn newest(members: &[(Age, usize)], entries: &[&Entry], cards: &[bool]) -> Option<usize> {
    let may = |ord: usize| cards[ord];
    let always = |ord: usize| may(ord) && entries[ord].period() == Period::ALWAYS;
    let among = |which: &dyn Fn(usize) -> bool| {
        let mut all: Vec<&(Age, usize)> = members.iter().filter(|(_, ord)| which(*ord)).collect();
        order::sort_by(&mut all, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        all.first().map(|(_, ord)| *ord)
    };
    among(&always).or_else(|| among(&may))
}

/// The version that an article's author states; the part before the page is empty.
fn stated(entry: &Entry) -> Option<Found> {
    let appearance = entry.appearance.as_ref()?;
    let page = appearance.version_of.as_ref()?;
    let label = appearance
        .version
        .clone()
        .unwrap_or_default()
        .to_lowercase();
    let age = match label.as_str() {
        "" => Age::Unversioned,
        label => numbered(label, 1)
            .or_else(|| named(label))
            .unwrap_or(Age::Unreleased),
    };
    Some(Found {
        page: (String::new(), format!("\0{page}")),
        label,
        age,
    })
}

/// The version in an address.
fn in_address(address: &str) -> Option<Found> {
    let (start, end, age) = segment(address)?;
    let name = address[start..end].trim_end_matches('/');
    Some(Found {
        page: (address[..start].to_owned(), address[end..].to_owned()),
        label: name.trim_start_matches(['v', 'V']).to_lowercase(),
        age,
    })
}

/// The folder in which an address says that all pages are of one version, with the slash behind it.
pub(super) fn folder(address: &str) -> Option<&str> {
    segment(address).map(|(_, end, _)| &address[..end])
}

/// The folders of versions among `addresses`: the parts of the site that have any, and how each of theirs is called.
pub(super) fn folders<'a>(addresses: impl Iterator<Item = &'a str>) -> Folders {
    let mut folders = Folders::default();
    for address in addresses {
        if let Some((start, end, _)) = segment(address) {
            let named = folders.entry(address[..start].to_owned()).or_default();
            if !named.contains(&address[start..end]) {
                named.insert(address[start..end].to_owned());
            }
        }
    }
    folders
}

/// Folders of versions by the part of the site that they are in, with the slash behind both.
pub(super) type Folders = BTreeMap<String, BTreeSet<String>>;

/// The addresses that the page at `address` may have in another version, or without one.
pub(super) fn elsewhere(address: &str, folders: &Folders) -> Vec<String> {
    let of_part = |part: &str, page: &str| {
        let named = folders.get(part).into_iter().flatten();
        let in_folder = named.map(|folder| format!("{part}{folder}{page}"));
        in_folder.chain([format!("{part}{page}")]).collect()
    };
    match segment(address) {
        Some((start, end, _)) => of_part(&address[..start], &address[end..]),
        None => folders
            .keys()
            .filter_map(|part| Some((part, address.strip_prefix(part.as_str())?)))
            .flat_map(|(part, page)| -> Vec<String> { of_part(part, page) })
            .collect(),
    }
}

/// The address that the page at `other` has in the version in whose folder `host` is; `None` where that is of no version, or the two
/// are in other parts of the site.
pub(super) fn of_the_same(host: &str, other: &str) -> Option<String> {
    let (start, end, _) = segment(host)?;
    let page = match segment(other) {
        Some((its, page, _)) => (other[..its] == host[..start]).then(|| &other[page..])?,
        None => other.strip_prefix(&host[..start])?,
    };
    Some(format!("{}{page}", &host[..end]))
}

/// Where the first segment of an address that is a version and has a page behind it begins, where that page begins, and how new it is.
fn segment(address: &str) -> Option<(usize, usize, Age)> {
    let mut start = 0;
    for segment in address.split_inclusive('/') {
        let end = start + segment.len();
        let name = segment.strip_suffix('/')?;
        let age = match name.strip_prefix(['v', 'V']) {
            Some(number) => numbered(number, 1).or_else(|| named(name)),
            None => numbered(name, 2).or_else(|| named(name)),
        };
        if let (Some(age), true) = (age, start > 0 && end < address.len()) {
            return Some((start, end, age));
        }
        start = end;
    }
    None
}

/// `1.2`, `1.x`, `2.0-rc1` as numbers, of which there are at least `least`.
fn numbered(text: &str, least: usize) -> Option<Age> {
    let (numbers, early) = text
        .split_once('-')
        .map_or((text, None), |(numbers, early)| (numbers, Some(early)));
    if early.is_some_and(|early| !early.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return None;
    }
    let parts = numbers.split('.').map(|part| match part {
        "x" | "X" => Some(u32::MAX),
        part if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse().ok(),
        _ => None,
    });
    let parts: Vec<u32> = parts.collect::<Option<_>>()?;
    let is_number = parts.len() >= least && parts[0] != u32::MAX;
    is_number.then_some(Age::Numbered(parts, early.is_none()))
}

fn named(text: &str) -> Option<Age> {
    Some(match text.to_lowercase().as_str() {
        "next" | "dev" | "main" | "master" | "nightly" | "edge" | "unreleased" => Age::Unreleased,
        "latest" => Age::Latest,
        "stable" | "current" => Age::Stable,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_addresses_and_years_and_pages_do_not() {
        for (address, label) in [
            ("/docs/v1.2/install", Some("1.2")),
            ("/docs/1.x/a/b", Some("1.x")),
            ("/v2/install", Some("2")),
            ("/pwsh/7.4/x/y", Some("7.4")),
            ("/en/latest/install", Some("latest")),
            ("/2.0-rc1/install", Some("2.0-rc1")),
            ("/2024/install", None),
            ("/2024-05/install", None),
            ("/releases/v1.2", None),
            ("/guide/node.js/install", None),
            ("/videos/install", None),
        ] {
            let found = in_address(address);
            assert_eq!(
                found.map(|found| found.label).as_deref(),
                label,
                "{address}"
            );
        }
    }

    #[test]
    fn a_page_has_its_address_in_each_version() {
        for (host, other, own) in [
            ("/docs/v1.2/a", "/docs/2.0/b/c", Some("/docs/v1.2/b/c")),
            ("/docs/1.2/a", "/docs/b", Some("/docs/1.2/b")),
            ("/docs/a", "/docs/2.0/b", None),
            ("/docs/1.2/a", "/api/2.0/b", None),
            ("/docs/1.2/a", "/api/b", None),
        ] {
            let found = of_the_same(host, other);
            assert_eq!(found.as_deref(), own, "{other} for {host}");
        }
    }

    #[test]
    fn the_newest_is_told_from_older_ones() {
        let age = |text: &str| numbered(text, 1).or_else(|| named(text)).expect(text);
        let rising = [
            "next", "1.2", "1.10-rc1", "1.10", "1.x", "2", "latest", "stable",
        ];
        for two in rising.windows(2) {
            assert!(age(two[0]) < age(two[1]), "{two:?}");
        }
        assert!(age("stable") < Age::Unversioned);
    }
}
