//! The candidates of every article: the union of what each signal finds, compared in full, the best kept.
//!
//! Text alone would miss what links connect, and links what only reads alike, so each signal brings its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::exposure::Exposure;
use super::names::{Linked, Names};
use super::readers::ReadBeside;
use super::reindex::Progress;
use super::signals::{Host, Known, Opinions};
use super::structure::Structure;
use super::topics::topic_table;
use crate::corpus::Editorial;
use crate::corpus::url::OwnHosts;
use crate::index::{Analyses, CandidateRow, HostSays, Rules, TopicTable};
use crate::model::{DocOrd, Entry, Graph, parallel};
use crate::ranking::{Weights, scored};
use crate::signals::content::{
    Comparison, Content, Likeness, Nearest, Neighbour, Reach, Search, nearest,
};
use crate::signals::research::topics::{TopicGraph, Walk};
use crate::signals::research::{Connections, Linkage, Links, RELATED_TOPICS, strength};

/// Candidates kept for each article.
pub(super) const CANDIDATES: usize = 100;
/// The last of these go to the strongest connections among the rest, so that the research signal can stand alone.
const BY_RESEARCH: usize = 20;
/// Those that their scores bring in where there are more.
pub(super) const BY_SCORE: usize = CANDIDATES - BY_RESEARCH;
/// Articles that topics bring in: the nearest by the walk between them.
pub(super) const BY_TOPICS: usize = 10;
/// Articles that only connections bring in, at most: those of the strongest connections.
pub(super) const CONNECTED: usize = 30;

/// A host and a candidate, with all that the signals know of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The candidate.
    pub ord: DocOrd,
    /// What the two have in common by themselves.
    pub likeness: Likeness<f32>,
    /// What links say of them.
    pub linkage: Linkage,
    /// How near their topics are, 0 to 1.
    pub by_topics: f32,
    /// Informative terms that both texts hold; stops at 255.
    pub shared_terms: u8,
}

/// What every signal knows of a site, and which of its articles may meet.
#[derive(Debug)]
pub struct Site {
    content: Content,
    links: Links,
    topics: TopicGraph,
    /// Near by text, and by title.
    near: Nearest,
    near_titles: Vec<Vec<Neighbour>>,
    known: Vec<Known>,
    meetings: Meetings,
}

/// Which articles may meet: a card and a host of one language, of versions of a page the one for readers of the host.
#[derive(Debug)]
struct Meetings {
    cards: Vec<bool>,
    langs: Vec<u16>,
    structure: Structure,
}

impl Meetings {
    fn may(&self, host: DocOrd, other: DocOrd) -> bool {
        self.cards[other.index()]
            && self.langs[host.index()] == self.langs[other.index()]
            && self.structure.versions.may_meet(host, other)
    }
}

impl Site {
    /// Learns all there is to know of `analyses`, whose articles may be called what `names` says.
    pub(super) fn of(
        analyses: &Analyses,
        names: &Names,
        structure: Structure,
        editorial: &Editorial,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Self {
        let entries: Vec<&Entry> = entries(analyses);
        let content = Content::of(analyses);
        let links = Links::of(links(analyses, names));
        let topics = TopicGraph::of(topic_table(analyses, links.graph(), editorial));
        let meetings = Meetings {
            cards: names.cards(&entries),
            langs: lang_numbers(&entries),
            structure,
        };
        let may_meet = |host, other| meetings.may(host, other);
        let text = content.text();
        let total = entries.len() as u64;
        let done = AtomicU64::new(0);
        let tell = |more| {
            progress(Progress::Compared {
                done: done.fetch_add(more, Ordering::Relaxed) + more,
                total,
            });
        };
        let search = Search::of_site(text.len());
        let near = nearest(text, &search, CANDIDATES, may_meet, tell);
        let near_titles = content.near_titles(may_meet);
        let known = (0..total as u32).map(DocOrd).map(|ord| Known {
            informative_terms: text.informative_terms(ord),
            links: links.degree(ord) as u32,
            reads: 0.0,
        });
        Self {
            known: known.collect(),
            near,
            near_titles,
            content,
            links,
            topics,
            meetings,
        }
    }

    /// Learns all there is to know of `analyses`, of a site with the hosts `own`, whose editors say nothing.
    pub fn learn(analyses: &Analyses, own: &OwnHosts) -> Self {
        let names = Names::of(&entries(analyses), own);
        let structure = Structure::default();
        Self::of(analyses, &names, structure, &Editorial::default(), &|_| {})
    }

    /// How many links of the site lead to an article and from it.
    pub fn link_count(&self, ord: DocOrd) -> u32 {
        self.known[ord.index()].links
    }

    /// The content signal.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// The topics and their relations.
    pub(super) fn topics(&self) -> &TopicTable {
        self.topics.table()
    }

    /// Which article links which.
    pub(super) fn links(&self) -> &Graph {
        self.links.graph()
    }

    /// The nearest articles of each by their texts.
    pub(super) fn near(&self) -> &[Vec<Neighbour>] {
        &self.near.lists
    }

    /// How far the search by texts of each article went.
    pub(super) fn reaches(&self) -> &[Reach] {
        &self.near.reaches
    }

    /// What the signals know of each article.
    pub(super) fn known(&self) -> &[Known] {
        &self.known
    }

    /// What the structure of the site keeps apart.
    pub(super) fn structure(&self) -> &Structure {
        &self.meetings.structure
    }

    /// Tells every pin of `rules` what signals know of its two articles, whatever brought them together.
    pub(super) fn weigh_pins(&self, rules: &mut Rules) {
        let mut pairing = None;
        for rule in &mut rules.hosts {
            if let HostSays::Pin(_, row) = &mut rule.says {
                let pairing = pairing.get_or_insert_with(|| Pairing::of(self));
                *row = self.row(&pairing.pair(rule.host, row.ord));
            }
        }
    }

    /// Which articles may be cards.
    pub(super) fn cards(&self) -> &[bool] {
        &self.meetings.cards
    }

    /// The places that panels with these `candidates` keep so that every article of `analyses` is in `wanted` of them, as if
    /// no page were another one's twin and editors said nothing: lists of articles, by host.
    pub fn places(
        &self,
        analyses: &Analyses,
        candidates: &[Vec<CandidateRow>],
        wanted: usize,
    ) -> Vec<Vec<DocOrd>> {
        let alone: Vec<DocOrd> = (0..self.known.len() as u32).map(DocOrd).collect();
        let exposure = Exposure {
            entries: &entries(analyses),
            cards: self.cards(),
            clusters: &alone,
            known: &self.known,
            rules: &Rules::default(),
            linked_cards: true,
            wanted,
        };
        exposure.places(candidates)
    }

    /// The candidates of every article, best first by the default weights, ties by ordinal; behind them those that would
    /// be a candidate of hardly any host.
    pub fn candidates(&self) -> Vec<Vec<CandidateRow>> {
        let mut candidates = parallel::map_with(
            self.known.len(),
            || Pairing::of(self),
            |pairing, host| {
                let host = DocOrd(host as u32);
                self.best(host, &pairing.pairs(host))
            },
        );
        self.look_back(&mut candidates);
        candidates
    }

    /// Whether a host may have `other` on a card.
    pub(super) fn may_meet(&self, host: DocOrd, other: DocOrd) -> bool {
        self.meetings.may(host, other)
    }

    /// What is kept of a pair.
    pub(super) fn row(&self, pair: &Pair) -> CandidateRow {
        CandidateRow {
            ord: pair.ord,
            content: self.content.value(&pair.likeness),
            research: strength(&pair.linkage, pair.by_topics) as f32,
            shared_terms: pair.shared_terms,
            linked: pair.linkage.linked,
            linking: pair.linkage.linking,
            related_topics: pair.by_topics >= RELATED_TOPICS,
        }
    }

    /// The best of `pairs` by the default weights, and of the rest those of the strongest connections.
    fn best(&self, host: DocOrd, pairs: &[Pair]) -> Vec<CandidateRow> {
        let rows = pairs.iter().map(|pair| self.row(pair));
        kept(self.known[host.index()], rows, |ord| {
            self.known[ord.index()]
        })
    }
}

/// The best of `rows` for a host of which `host` is known, and of the rest those of the strongest connections.
pub(super) fn kept(
    host: Known,
    rows: impl Iterator<Item = CandidateRow>,
    known: impl Fn(DocOrd) -> Known,
) -> Vec<CandidateRow> {
    let host = Host::from(host);
    let scored = rows.map(|row| (score(&row, &host, known(row.ord)), row));
    let mut scored: Vec<(f64, CandidateRow)> = scored.collect();
    scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.ord.cmp(&b.1.ord)));
    if scored.len() > CANDIDATES {
        let mut rest = scored.split_off(BY_SCORE);
        rest.sort_by(|a, b| b.1.research.total_cmp(&a.1.research));
        scored.extend(rest.drain(..BY_RESEARCH));
    }
    scored.into_iter().map(|(_, row)| row).collect()
}

/// What a candidate is worth by the default weights, apart from readers.
pub(super) fn score(row: &CandidateRow, host: &Host, candidate: Known) -> f64 {
    let opinions = Opinions::of(row, &ReadBeside::default(), host, candidate);
    scored(&Weights::default(), &opinions.values, &opinions.evidence).get()
}

/// Makes the pairs of one host after the other. One thread makes it once and uses it for all of its hosts.
#[derive(Debug)]
pub struct Pairing<'a> {
    site: &'a Site,
    comparison: Comparison<'a>,
    connections: Connections<'a>,
    walk: Walk<'a>,
    /// What is known of each article that was met; all as new between two hosts.
    met: Vec<Met>,
    /// The articles that were met.
    touched: Vec<DocOrd>,
}

impl<'a> Pairing<'a> {
    /// For the hosts of `site`.
    pub fn of(site: &'a Site) -> Self {
        Self {
            site,
            comparison: Comparison::of(&site.content),
            connections: Connections::of(&site.links),
            walk: site.topics.walk(),
            met: vec![Met::default(); site.known.len()],
            touched: Vec::new(),
        }
    }

    /// `host` with every article that a signal brings in, by ordinal.
    pub fn pairs(&mut self, host: DocOrd) -> Vec<Pair> {
        self.walk.restart(host);
        self.meet(host);
        self.touched.sort_unstable();
        self.comparison.begin(host);
        self.comparison.bring_near(&self.touched);
        let pairs = self.touched.drain(..).map(|ord| {
            let met = std::mem::take(&mut self.met[ord.index()]);
            let (likeness, shared_terms) = match met.near {
                Some(near) => (self.comparison.with_near(near), near.shared_terms),
                None => self.comparison.with(ord),
            };
            Pair {
                ord,
                likeness,
                linkage: met.linkage,
                by_topics: self.walk.to(ord),
                shared_terms,
            }
        });
        pairs.collect()
    }

    /// `host` with one other article, whether a signal brings it in or not.
    pub(super) fn pair(&mut self, host: DocOrd, ord: DocOrd) -> Pair {
        self.walk.restart(host);
        self.comparison.begin(host);
        let (likeness, shared_terms) = self.comparison.with(ord);
        let mut linkage = Linkage::default();
        self.connections.each(host, |other, found| {
            if other == ord {
                linkage = found;
            }
        });
        Pair {
            ord,
            likeness,
            linkage,
            by_topics: self.walk.to(ord),
            shared_terms,
        }
    }

    /// Meets every article that a signal brings in for `host`.
    fn meet(&mut self, host: DocOrd) {
        let site = self.site;
        for &near in &site.near.lists[host.index()] {
            self.at(near.ord).near = Some(near);
        }
        let titles = site.near_titles[host.index()].iter().map(|near| near.ord);
        for ord in titles.chain(site.content.named_around(host)) {
            if site.meetings.may(host, ord) {
                self.at(ord);
            }
        }
        let by_topics = self
            .walk
            .candidates(BY_TOPICS, |ord| site.meetings.may(host, ord));
        for ord in by_topics {
            self.at(ord);
        }
        let mut only_connected = Vec::new();
        self.connections.each(host, |ord, linkage| {
            let met = &mut self.met[ord.index()];
            if met.is_met {
                met.linkage = linkage;
            } else if site.meetings.may(host, ord) {
                only_connected.push((ord, linkage));
            }
        });
        only_connected.sort_unstable_by(|a, b| {
            let strengths = b.1.strength().total_cmp(&a.1.strength());
            strengths.then(a.0.cmp(&b.0))
        });
        only_connected.truncate(CONNECTED);
        for (ord, linkage) in only_connected {
            self.at(ord).linkage = linkage;
        }
    }

    /// What is known of `ord`, which is met by that.
    #[inline]
    fn at(&mut self, ord: DocOrd) -> &mut Met {
        let met = &mut self.met[ord.index()];
        if !met.is_met {
            met.is_met = true;
            self.touched.push(ord);
        }
        met
    }
}

/// What is known of a pair before it is compared.
#[derive(Clone, Debug, Default)]
struct Met {
    is_met: bool,
    near: Option<Neighbour>,
    linkage: Linkage,
}

/// What is kept of each article of `analyses` beside its text.
pub(super) fn entries(analyses: &Analyses) -> Vec<&Entry> {
    let articles = analyses.articles().iter();
    articles.map(|article| &article.entry).collect()
}

/// The links between the articles of `analyses`.
fn links(analyses: &Analyses, names: &Names) -> Graph {
    let articles = analyses.articles();
    let lists: Vec<Vec<DocOrd>> = parallel::map(articles.len(), |at| {
        let article = &articles[at];
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
    Graph::of(lists)
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
