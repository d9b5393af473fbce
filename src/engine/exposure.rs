//! Which panels keep a place for which article, so that no related article is left out of all of them: worked out over the
//! whole site when a generation is built.
//!
//! From the candidates as the shipped weights rank them without readers, dates and needs, so that it follows from the articles
//! alone. An article that stands in the upper half of many panels needs no place. Whatever a rule or a clock may keep out of a
//! panel at times is offered none there.

use std::collections::HashMap;

use super::candidates::lang_numbers;
use super::readers::ReadBeside;
use super::signals::{Host, Known, Opinions, is_evident};
use crate::index::{CandidateRow, HostSays, Rules};
use crate::model::{DocOrd, Entry, Period, Topic, parallel};
use crate::panel::{Costs, Offer, PLACES, WHOLE_PANEL, assign};
use crate::ranking::{SCORE_FLOOR, Theme, Weights, diversify, scored};

/// An article that stands in the upper half of so many times the wanted panels keeps enough of them whatever readers do.
const SAFE: usize = 2;
/// Says that an article is no card.
const NO_PAGE: u32 = u32::MAX;

/// What places are worked out from; all lists by ordinal.
#[derive(Debug)]
pub(super) struct Exposure<'a> {
    pub(super) entries: &'a [&'a Entry],
    pub(super) cards: &'a [bool],
    pub(super) clusters: &'a [DocOrd],
    pub(super) known: &'a [Known],
    pub(super) rules: &'a Rules,
    /// Whether what a host links may be on its cards.
    pub(super) linked_cards: bool,
    /// Panels that every article is to be in.
    pub(super) wanted: usize,
}

/// A page as readers of one language and version know it: of near-duplicates and twins one counts.
#[derive(Clone, Copy)]
struct Related {
    page: u32,
    ord: DocOrd,
    theme: Theme,
    score: f32,
}

/// The panel of a host by content and research: those of its upper half, then all others that are related to it, and what
/// its last places cost.
#[derive(Default)]
struct Drawn {
    upper: usize,
    related: Vec<(u32, f32)>,
    costs: Costs,
}

impl Exposure<'_> {
    /// The clusters that each host keeps a place for, by ordinal; none at all where nothing is wanted.
    pub(super) fn places(&self, candidates: &[Vec<CandidateRow>]) -> Vec<Vec<DocOrd>> {
        if self.wanted == 0 {
            return Vec::new();
        }
        let (pages, clusters) = self.pages();
        let themes = self.themes();
        let panels: Vec<Drawn> = parallel::map(candidates.len(), |host| {
            self.drawn(DocOrd(host as u32), &candidates[host], &pages, &themes)
        });
        let (rare, offers) = rare_pages(&panels, clusters.len(), SAFE * self.wanted);
        let offers: Vec<&[Offer]> = offers.iter().map(Vec::as_slice).collect();
        let costs = panels.iter().map(|panel| panel.costs).collect();
        let mut places = vec![Vec::new(); candidates.len()];
        for (page, hosts) in rare.iter().zip(assign(&offers, costs, self.wanted)) {
            for host in hosts {
                places[host as usize].push(clusters[*page as usize]);
            }
        }
        places.iter_mut().for_each(|list| list.sort_unstable());
        places
    }

    /// The page of every article that may be a card, and the cluster of every page.
    fn pages(&self) -> (Vec<u32>, Vec<DocOrd>) {
        let langs = lang_numbers(self.entries);
        let mut numbers = HashMap::new();
        let mut clusters = Vec::new();
        let pages = (0..self.entries.len() as u32).map(DocOrd).map(|ord| {
            let hidden = self.rules.hiding(ord).iter();
            let mut for_good = hidden.filter(|hidden| hidden.period == Period::ALWAYS);
            if !self.cards[ord.index()] || for_good.next().is_some() {
                return NO_PAGE;
            }
            let version = match self.rules.is_older(ord) {
                true => self.rules.version(ord),
                false => 0,
            };
            let cluster = self.clusters[ord.index()];
            let next = clusters.len() as u32;
            let page = numbers.entry((cluster, langs[ord.index()], version));
            *page.or_insert_with(|| {
                clusters.push(cluster);
                next
            })
        });
        (pages.collect(), clusters)
    }

    fn themes(&self) -> Vec<Theme> {
        let kinds = numbered(self.entries.iter().map(|entry| Some(entry.kind.as_str())));
        let topics = self.entries.iter().map(|entry| entry.topic.as_ref());
        let topics = numbered(topics.map(|topic| topic.map(Topic::as_str)));
        let themes = topics.into_iter().zip(kinds);
        themes
            .map(|(topic, kind)| Theme {
                topic,
                kind: kind.unwrap_or_default(),
            })
            .collect()
    }

    /// The panel of `host`; an empty one where it has none, or none at times, or is kept out of search engines.
    fn drawn(&self, host: DocOrd, rows: &[CandidateRow], pages: &[u32], themes: &[Theme]) -> Drawn {
        let entry = self.entries[host.index()];
        let rules = self.rules.of_host(host);
        let off = rules.iter().any(|rule| rule.says == HostSays::Off);
        if entry.draft || entry.noindex || off {
            return Drawn::default();
        }
        let known = Host::from(self.known[host.index()]);
        let weights = Weights::default();
        let read = ReadBeside::default();
        let related = rows.iter().filter_map(|row| {
            let page = pages[row.ord.index()];
            if page == NO_PAGE || !is_evident(row, &read, &weights) || !self.may_stand(host, row) {
                return None;
            }
            let opinions = Opinions::of(row, &read, &known, self.known[row.ord.index()]);
            let score = scored(&weights, &opinions.values, &opinions.evidence).get();
            (score >= SCORE_FLOOR).then_some(Related {
                page,
                ord: row.ord,
                theme: themes[row.ord.index()],
                score: score as f32,
            })
        });
        drawn(related.collect())
    }

    /// Whether no rule keeps the candidate of `row` out of the panel of `host`, ever.
    fn may_stand(&self, host: DocOrd, row: &CandidateRow) -> bool {
        let ord = row.ord;
        let own_version = || {
            let version = self.rules.version(host);
            version != 0 && version == self.rules.version(ord)
        };
        self.clusters[ord.index()] != self.clusters[host.index()]
            && (self.linked_cards || !row.linked)
            && (!self.rules.is_older(ord) || own_version())
            && self.rules.of_host(host).iter().all(|rule| match rule.says {
                HostSays::Block(card) | HostSays::Apart(card) => card != ord,
                HostSays::Off | HostSays::Pin(..) => true,
            })
    }
}

/// The panel that `related` makes.
fn drawn(mut related: Vec<Related>) -> Drawn {
    related.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.ord.cmp(&b.ord)));
    let mut seen = Vec::with_capacity(related.len());
    related.retain(|one| {
        let is_new = !seen.contains(&one.page);
        seen.push(one.page);
        is_new
    });
    let mut set = related.clone();
    diversify(
        &mut set,
        WHOLE_PANEL,
        |one| f64::from(one.score),
        |one| one.theme,
    );
    let upper = &set[..set.len().div_ceil(2)];
    let mut costs = Costs::default();
    if related.len() > WHOLE_PANEL {
        let last = set.iter().rev().take(PLACES);
        costs
            .iter_mut()
            .zip(last)
            .for_each(|(cost, one)| *cost = one.score);
    }
    let others = related
        .iter()
        .filter(|one| upper.iter().all(|other| other.page != one.page));
    let all = upper.iter().chain(others);
    Drawn {
        upper: upper.len(),
        related: all.map(|one| (one.page, one.score)).collect(),
        costs,
    }
}

/// Which of `count` pages stand in the upper half of fewer than `safe` panels, and the hosts of each.
fn rare_pages(panels: &[Drawn], count: usize, safe: usize) -> (Vec<u32>, Vec<Vec<Offer>>) {
    let (mut upper, mut hosts) = (vec![0u32; count], vec![0u32; count]);
    for panel in panels {
        for (place, &(page, _)) in panel.related.iter().enumerate() {
            hosts[page as usize] += 1;
            upper[page as usize] += u32::from(place < panel.upper);
        }
    }
    let rare = (0..count as u32).filter(|&page| (upper[page as usize] as usize) < safe);
    let rare: Vec<u32> = rare.collect();
    let mut place_of = vec![NO_PAGE; count];
    let mut offers = Vec::with_capacity(rare.len());
    for (place, &page) in rare.iter().enumerate() {
        place_of[page as usize] = place as u32;
        offers.push(Vec::with_capacity(hosts[page as usize] as usize));
    }
    for (host, panel) in (0..).zip(panels) {
        for &(page, score) in &panel.related {
            if let Some(offers) = offers.get_mut(place_of[page as usize] as usize) {
                offers.push(Offer { host, score });
            }
        }
    }
    (rare, offers)
}

/// Numbers that are equal for equal texts.
fn numbered<'t>(texts: impl Iterator<Item = Option<&'t str>>) -> Vec<Option<u32>> {
    let mut numbers = HashMap::new();
    let numbered = texts.map(|text| {
        let next = numbers.len() as u32;
        text.map(|text| *numbers.entry(text).or_insert(next))
    });
    numbered.collect()
}
