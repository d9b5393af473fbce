//! What panels do for a site: who is found by links alone and with panels, who stands in how many panels, and what keeps the
//! others out.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::clicks::{Paths, inbound, paths};
use super::exposure::gini;
use crate::engine::{DeadLink, KeptOff, Page, PanelQuery, Snapshot};
use crate::error::Result;
use crate::model::{DocOrd, Graph, parallel};

/// Numbers of panels that are counted together: from each of these to the next.
const STEPS: [usize; 9] = [0, 1, 2, 3, 6, 11, 21, 51, 101];

/// Where readers come in.
#[derive(Clone, Debug, Serialize)]
pub struct Entries {
    /// How they are known.
    pub by: &'static str,
    /// Their ids.
    pub pages: Vec<String>,
}

/// A page that no other page links.
#[derive(Clone, Debug, Serialize)]
pub struct Orphan {
    /// Its id.
    pub page: String,
    /// The panels that it stands in.
    pub panels: usize,
}

/// Pages that stand in about as many panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The fewest panels.
    pub from: usize,
    /// The most; null for any number.
    pub to: Option<usize>,
    /// The pages.
    pub pages: usize,
}

impl Share {
    /// From so many panels to so many, in words.
    pub fn span(&self) -> String {
        match self.to {
            Some(to) if to == self.from => to.to_string(),
            Some(to) => format!("{} to {to}", self.from),
            None => format!("{} and more", self.from),
        }
    }
}

/// How panels are shared out among pages.
#[derive(Clone, Debug, Serialize)]
pub struct Shares {
    /// Panels that every page is to stand in that is related to so many.
    pub wanted: usize,
    /// Cards of a panel.
    pub limit: usize,
    /// Pages by the panels that they stand in.
    pub by_panels: Vec<Share>,
    /// The Gini coefficient of how likely the pages are looked at, over all panels alike; null where nothing is related.
    pub gini: Option<f64>,
}

/// What keeps a page out of panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is noindex.
    Noindex,
    /// Another page stands for it as its canonical.
    StandsElsewhere,
    /// It has expired, has not started, or an editor keeps it out.
    Hidden,
    /// A near-duplicate or twin of it stands in the panels.
    Twin,
    /// It is related to fewer pages.
    FewHosts,
    /// The panels that it is related to have no room for it.
    NoRoom,
}

/// A page in fewer panels than it should be, or in none.
#[derive(Clone, Debug, Serialize)]
pub struct Rare {
    /// Its id.
    pub page: String,
    /// The panels that it, or a twin of it, stands in.
    pub panels: usize,
    /// The pages that it, or a twin of it, is related to.
    pub hosts: usize,
    /// What keeps it out.
    pub why: Why,
    /// The twin that stands in for it.
    pub instead: Option<String>,
}

impl Rare {
    /// Whether it is kept out on purpose: no panel is meant to show it.
    pub fn is_meant(&self) -> bool {
        matches!(self.why, Why::Noindex | Why::StandsElsewhere | Why::Hidden)
    }

    /// Why the page is left out, in words.
    pub fn words(&self) -> String {
        match self.why {
            Why::Noindex => "noindex".to_owned(),
            Why::StandsElsewhere => match &self.instead {
                Some(other) => format!("{other} stands for it"),
                None => "another page stands for it".to_owned(),
            },
            Why::Hidden => "hidden at this time, or by an editor".to_owned(),
            Why::Twin => match &self.instead {
                Some(other) => format!("{other}, which is the same, is shown instead"),
                None => "a page that is the same is shown instead".to_owned(),
            },
            Why::FewHosts => match self.hosts {
                0 => "related to no page".to_owned(),
                1 => "related to one page".to_owned(),
                hosts => format!("related to {hosts} pages"),
            },
            Why::NoRoom => format!("no room in the panels of {} pages", self.hosts),
        }
    }
}

/// Two pages that search engines show for the same queries.
#[derive(Clone, Debug, Serialize)]
pub struct Competing {
    /// One of them.
    pub one: String,
    /// The other.
    pub other: String,
    /// The sum over queries of the smaller of the shares that the query has of either page's impressions.
    pub overlap: f64,
    /// Whether one stands in the panel of the other.
    pub in_panel: bool,
}

/// What panels do for a site.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    /// Published pages that search engines and cards may show.
    pub pages: usize,
    /// Where readers come in.
    pub entries: Entries,
    /// What leads to the pages without panels.
    pub links: Paths,
    /// What leads to them by links and the related cards of panels.
    pub links_and_panels: Paths,
    /// The pages that no other page links, by id.
    pub orphans: Vec<Orphan>,
    /// How panels are shared out.
    pub exposure: Shares,
    /// Pages in fewer panels than wanted, and why, by id.
    pub rare: Vec<Rare>,
    /// Pages that compete, the strongest first.
    pub competing: Vec<Competing>,
    /// Links that lead nowhere.
    pub dead_links: Vec<DeadLink>,
}

/// The panel of a page: what it shows, and all that is related.
struct Panel {
    host: DocOrd,
    shown: Vec<DocOrd>,
    related: Vec<DocOrd>,
}

impl Reach {
    /// That of the site of `snapshot` with the panels that `query` gives, where every page is to stand in `wanted` panels, for
    /// readers who come in at `entries`; with none given, where the home page, searches or links say.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if a file of the generation is not what was written.
    pub fn of(
        snapshot: &Snapshot,
        query: &PanelQuery,
        wanted: usize,
        entries: &[DocOrd],
    ) -> Result<Self> {
        let hosts: Vec<DocOrd> = snapshot.hosts().collect();
        let known = snapshot.links()?;
        // Of a page that came since the generation was built nobody knows yet which others link it.
        let counts =
            |page: &DocOrd| page.index() < known.len() && snapshot.kept_off(*page, query).is_none();
        let pages: Vec<DocOrd> = snapshot.listed().filter(counts).collect();
        let panels: Vec<Panel> = parallel::map(hosts.len(), |at| Panel {
            host: hosts[at],
            shown: snapshot.shown(hosts[at], query),
            related: snapshot.related(hosts[at], query),
        });
        let links = published(snapshot, &known);
        let cards = with_panels(&links, &panels);
        let (by, entries) = entries_of(snapshot, &links, &pages, entries);
        let counts = Counts::of(snapshot, &panels);
        let id = |ord: DocOrd| snapshot.id(ord).to_owned();
        let linked = inbound(&links);
        let orphans = pages
            .iter()
            .filter(|page| linked[page.index()] == 0 && !entries.contains(page));
        Ok(Self {
            pages: pages.len(),
            links: paths(&links, &pages, &entries),
            links_and_panels: paths(&cards, &pages, &entries),
            orphans: orphans
                .map(|&page| Orphan {
                    page: id(page),
                    panels: counts.own[page.index()],
                })
                .collect(),
            exposure: counts.shares(snapshot, query, &pages, &panels, wanted),
            rare: counts.rare(snapshot, query, &hosts, wanted),
            competing: competing(snapshot, &cards),
            dead_links: snapshot.dead_links()?,
            entries: Entries {
                by,
                pages: entries.into_iter().map(id).collect(),
            },
        })
    }
}

/// `links` without those of articles that are not published, and with none of those that came since.
fn published(snapshot: &Snapshot, links: &Graph) -> Graph {
    let all = (0..snapshot.len() as u32).map(DocOrd);
    let is_known = |from: DocOrd| from.index() < links.len() && !snapshot.visibility(from).draft;
    Graph::of(all.map(|from| match is_known(from) {
        true => links.targets(from).to_vec(),
        false => Vec::new(),
    }))
}

/// `links` with the related cards of all panels.
fn with_panels(links: &Graph, panels: &[Panel]) -> Graph {
    let all = (0..links.len() as u32).map(DocOrd);
    let mut lists: Vec<Vec<DocOrd>> = all.map(|from| links.targets(from).to_vec()).collect();
    for panel in panels {
        lists[panel.host.index()].extend_from_slice(&panel.shown);
    }
    Graph::of(lists)
}

/// Where readers come in, and how that is known.
fn entries_of(
    snapshot: &Snapshot,
    links: &Graph,
    pages: &[DocOrd],
    given: &[DocOrd],
) -> (&'static str, Vec<DocOrd>) {
    if !given.is_empty() {
        return ("given", given.to_vec());
    }
    if let Ok(home) = snapshot.find("/") {
        return ("the home page", vec![home]);
    }
    let searched = pages.iter().copied();
    let searched: Vec<DocOrd> = searched
        .filter(|&page| snapshot.is_searched(page))
        .collect();
    if !searched.is_empty() {
        return ("what search engines show", searched);
    }
    let linking = pages
        .iter()
        .map(|&page| (links.targets(page).len(), Reverse(page)));
    match linking.max() {
        Some((1.., Reverse(page))) => ("the page that links most", vec![page]),
        _ => ("nothing: no page links another", Vec::new()),
    }
}

fn competing(snapshot: &Snapshot, cards: &Graph) -> Vec<Competing> {
    let pairs = snapshot.competing().into_iter();
    pairs
        .map(|(one, other, overlap)| Competing {
            one: snapshot.id(one).to_owned(),
            other: snapshot.id(other).to_owned(),
            overlap,
            in_panel: cards.leads(one, other) || cards.leads(other, one),
        })
        .collect()
}

/// Panels and hosts, of articles and of the pages that they are members of.
struct Counts {
    /// The panels that each article stands in.
    own: Vec<usize>,
    pages: HashMap<Page, Standing>,
}

/// How often a page is shown and might be.
#[derive(Clone, Copy, Default)]
struct Standing {
    panels: usize,
    hosts: usize,
    /// The member that stands in most panels, and in how many.
    shown: Option<(usize, DocOrd)>,
}

impl Counts {
    fn of(snapshot: &Snapshot, panels: &[Panel]) -> Self {
        let mut counts = Self {
            own: vec![0; snapshot.len()],
            pages: HashMap::new(),
        };
        for panel in panels {
            if snapshot.visibility(panel.host).noindex {
                continue;
            }
            for &ord in &panel.shown {
                counts.own[ord.index()] += 1;
                counts.pages.entry(snapshot.page(ord)).or_default().panels += 1;
            }
            let pages = panel.related.iter().map(|&ord| snapshot.page(ord));
            let mut pages: Vec<Page> = pages.collect();
            pages.sort_unstable();
            pages.dedup();
            for page in pages {
                counts.pages.entry(page).or_default().hosts += 1;
            }
        }
        for (ord, &own) in (0..).map(DocOrd).zip(&counts.own) {
            if own > 0 {
                let standing = counts.pages.entry(snapshot.page(ord)).or_default();
                let more = standing.shown.is_none_or(|(most, _)| own > most);
                standing.shown = if more {
                    Some((own, ord))
                } else {
                    standing.shown
                };
            }
        }
        counts
    }

    fn shares(
        &self,
        snapshot: &Snapshot,
        query: &PanelQuery,
        pages: &[DocOrd],
        panels: &[Panel],
        wanted: usize,
    ) -> Shares {
        let looked = snapshot.examination();
        let mut looks = vec![0.0; snapshot.len()];
        for panel in panels {
            for (&ord, place) in panel.shown.iter().zip(1..) {
                looks[ord.index()] += looked.chance(Some(place));
            }
        }
        let (mut by_panels, mut looked_at) = (Vec::new(), Vec::new());
        for (place, &from) in STEPS.iter().enumerate() {
            let to = STEPS.get(place + 1).map(|next| next - 1);
            by_panels.push(Share { from, to, pages: 0 });
        }
        for page in pages {
            let panels = self.own[page.index()];
            let step = STEPS.partition_point(|&from| from <= panels) - 1;
            by_panels[step].pages += 1;
            looked_at.push(looks[page.index()]);
        }
        Shares {
            wanted,
            limit: query.limit,
            by_panels,
            gini: gini(&looked_at),
        }
    }

    fn rare(
        &self,
        snapshot: &Snapshot,
        query: &PanelQuery,
        hosts: &[DocOrd],
        wanted: usize,
    ) -> Vec<Rare> {
        let rare = hosts.iter().filter_map(|&ord| {
            let own = self.own[ord.index()];
            let page = self.pages.get(&snapshot.page(ord)).copied();
            let page = page.unwrap_or_default();
            let twin = page.shown.filter(|&(_, other)| own == 0 && other != ord);
            let why = match (snapshot.kept_off(ord, query), twin) {
                (Some(KeptOff::NoIndex), _) => Why::Noindex,
                (Some(KeptOff::StandsElsewhere), _) => Why::StandsElsewhere,
                (Some(KeptOff::Hidden), _) => Why::Hidden,
                (None, Some(_)) => Why::Twin,
                (None, None) if page.panels >= wanted.max(1) => return None,
                (None, None) if page.hosts < wanted.max(1) => Why::FewHosts,
                (None, None) => Why::NoRoom,
            };
            let is_off = !matches!(why, Why::Twin | Why::FewHosts | Why::NoRoom);
            Some(Rare {
                page: snapshot.id(ord).to_owned(),
                panels: if is_off { 0 } else { page.panels },
                hosts: if is_off { 0 } else { page.hosts },
                why,
                instead: twin.map(|(_, other)| snapshot.id(other).to_owned()),
            })
        });
        rare.collect()
    }
}
