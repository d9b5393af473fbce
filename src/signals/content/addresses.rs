//! Where an article stands on its site: two articles in one small section have more in common than two in a large one.
//!
//! The value of two articles is `ln(N / n) / ln(N)` for the deepest section of their URLs that holds both, with n articles
//! in it: 0 for the whole site, near 1 for a section of these two. Numbers and dates in a path are no sections, and
//! neither are a first segment that is the language of the page and one that is its kind: these say what it is, not what it
//! is about.

use std::collections::HashMap;

use crate::model::{DocOrd, Entry, Kind, Lang, order};

/// The sections of every article's URL.
#[derive(Debug)]
pub(super) struct Addresses {
    /// Sections of each article, the widest first, as numbers.
    sections: Vec<Box<[u32]>>,
    /// Value of each section.
    pub(super) values: Vec<f32>,
    /// What each section is called, and the one around it; one that is in none has `u32::MAX` there.
    pub(super) names: Vec<(u32, Box<str>)>,
}

impl Addresses {
    /// The sections of `articles`, whose URLs are paths or whole addresses.
    pub(super) fn of<'a>(articles: impl Iterator<Item = &'a Entry>) -> Self {
        Self::of_pages(articles.map(|entry| (entry.url.as_str(), &entry.lang, &entry.kind)))
    }

    fn of_pages<'a>(pages: impl Iterator<Item = (&'a str, &'a Lang, &'a Kind)>) -> Self {
        let mut numbers: HashMap<(u32, Box<str>), u32> = HashMap::new();
        let mut counts: Vec<u32> = Vec::new();
        let sections: Vec<Box<[u32]>> = pages
            .map(|(url, lang, kind)| {
                let mut inside = u32::MAX;
                let chain = sections_of(url, lang, kind).map(|name| {
                    let fresh = counts.len() as u32;
                    inside = *numbers.entry((inside, name.into())).or_insert(fresh);
                    if inside == fresh {
                        counts.push(0);
                    }
                    counts[inside as usize] += 1;
                    inside
                });
                chain.collect()
            })
            .collect();
        let articles = sections.len() as f64;
        let value = |&count: &u32| {
            let share = libm::log(articles / f64::from(count)) / libm::log(articles.max(2.0));
            share as f32
        };
        Self {
            values: counts.iter().map(value).collect(),
            names: names(numbers),
            sections,
        }
    }

    /// The deepest section of an article.
    pub(super) fn deepest(&self, ord: DocOrd) -> Option<u32> {
        self.sections[ord.index()].last().copied()
    }

    /// What the addresses of two articles have in common, 0 to 1.
    pub(super) fn shared(&self, a: DocOrd, b: DocOrd) -> f32 {
        let pairs = self.sections[a.index()]
            .iter()
            .zip(&self.sections[b.index()]);
        let last = pairs.take_while(|(a, b)| a == b).last();
        last.map_or(0.0, |(&section, _)| self.values[section as usize])
    }
}

/// The names of sections by their numbers.
fn names(numbers: HashMap<(u32, Box<str>), u32>) -> Vec<(u32, Box<str>)> {
    let mut named: Vec<_> = numbers.into_iter().collect();
    order::sort_by_key(&mut named, |&(_, number)| number);
    named.into_iter().map(|(name, _)| name).collect()
}

/// The folders of an address that are sections; the last segment names the article itself.
pub(super) fn sections_of<'a>(
    url: &'a str,
    lang: &Lang,
    kind: &Kind,
) -> impl Iterator<Item = &'a str> {
    let path = url.split_once("://").map_or(url, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let mut names = folders
        .split('/')
        .filter(|name| !name.is_empty() && !is_date_or_number(name))
        .peekable();
    names.next_if(|name| Lang::new(name).as_ref() == Some(lang));
    names.next_if(|name| *name == kind.as_str());
    names
}

/// `2024`, `05`, `2024-05-17`.
fn is_date_or_number(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_common_section_counts_more_than_a_large_one_and_dates_do_not_count() {
        let urls = [
            "/docs/net/a",
            "/docs/net/b/",
            "/docs/gui/c",
            "https://other.org/docs/gui/d?x=/y",
            "/2024/05/e",
            "/2024/05/f",
            "/docs",
            "/docs/gui/sub/g",
            "/howto/h",
            "/howto/i",
        ];
        let addresses = addresses(&urls);
        let shared = |a, b| addresses.shared(DocOrd(a), DocOrd(b));
        assert!((shared(0, 1) - libm::log(5.0) as f32 / libm::log(10.0) as f32).abs() < 1e-6);
        assert!(shared(2, 3) > shared(0, 2) && shared(0, 2) > 0.0);
        assert!(shared(2, 3) < shared(0, 1));
        assert_eq!(shared(4, 5), 0.0);
        assert_eq!(shared(6, 0), 0.0);
        assert_eq!(shared(8, 9), 0.0);
        assert_eq!(shared(2, 7), shared(2, 3));
    }

    #[test]
    fn days_languages_and_kinds_are_no_sections() {
        for folder in [
            "/2025-08-26",
            "/howto/2025-08-26",
            "/2024/05",
            "/en",
            "/en-us/howto",
            "/howto",
        ] {
            let urls = [
                format!("{folder}/a"),
                format!("{folder}/b"),
                "/c".to_owned(),
            ];
            let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
            assert_eq!(
                addresses(&urls).shared(DocOrd(0), DocOrd(1)),
                0.0,
                "{folder}"
            );
        }
        // Below them sections are told as if they were not there.
        let urls = ["/en/howto/net/a", "/en/howto/net/b", "/en/howto/gui/c"];
        assert!(addresses(&urls).shared(DocOrd(0), DocOrd(1)) > 0.0);
        assert_eq!(addresses(&urls).shared(DocOrd(0), DocOrd(2)), 0.0);
    }

    #[test]
    fn a_site_of_one_article_has_no_sections_to_share() {
        assert_eq!(addresses(&["/a/b"]).shared(DocOrd(0), DocOrd(0)), 0.0);
    }

    /// Those of how-to pages in English.
    fn addresses(urls: &[&str]) -> Addresses {
        let (lang, kind) = (Lang::english(), Kind::new("howto").expect("a kind"));
        Addresses::of_pages(urls.iter().map(|&url| (url, &lang, &kind)))
    }
}
