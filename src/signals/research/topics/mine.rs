//! Relations that articles show without stating them: pages that compare or combine topics, articles that name both more
//! often than chance explains, links between their articles.
//!
//! What editors state is added; what they overrule is left out.

use std::collections::BTreeMap;

use super::catalogue::{Catalogue, Held, Labels};
use super::membership::{Memberships, Mention, Place};
use super::significance::{expected, signed_ratio};
use crate::corpus::Editorial;
use crate::index::{TopicRecord, TopicTable};
use crate::model::{DocOrd, Graph, Origin, Relation, RelationKind, TopicOrd, order, parallel};

/// Strength of a relation that an editor states.
const STATED: f64 = 1.0;
/// Pages that compare or combine two topics, of which a relation has half its strength.
const PAGES_HALF: f64 = 1.0;
/// Topics that a page may compare; a longer list compares nothing.
const MOST_COMPARED: usize = 8;
/// Log-likelihood ratio from which a count is no chance: one in a thousand pairs gets there by chance (chi squared, one degree
/// of freedom).
const SIGNIFICANT: f64 = 10.83;
/// Articles or links that two topics must have in common, whatever the ratio says.
const LEAST_TOGETHER: u64 = 2;
/// Ratio at which a relation by mentions has half its strength.
const MENTIONS_HALF: f64 = 40.0;
/// Links beyond chance at which a relation by links has half its strength.
const LINKS_HALF: f64 = 5.0;
/// Tags of an article without a topic that its links speak for, the rarest.
const MOST_MAIN: usize = 3;
/// Articles that are kept as evidence of a relation.
const MOST_EVIDENCE: usize = 8;

/// What was found in the articles, by their ordinals.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    /// What they say of themselves.
    pub labels: &'a [Labels<'a>],
    /// The topics that they name.
    pub mentions: &'a [Vec<Mention>],
    /// The other articles that they link to, each once.
    pub links: &'a Graph,
}

type Key = (TopicOrd, TopicOrd, RelationKind);

/// The topics of `catalogue` with all their relations.
pub fn mine(catalogue: &Catalogue, editorial: &Editorial, found: &Findings<'_>) -> TopicTable {
    let memberships = Memberships::of(catalogue, found.mentions);
    let rows = Rows::of(&memberships, catalogue.len());
    let mut relations: BTreeMap<Key, Relation> = BTreeMap::new();
    let mined = by_pages(catalogue, found)
        .into_iter()
        .chain(by_mentions(&rows))
        .chain(by_links(catalogue, &memberships, &rows, found.links));
    for relation in mined {
        relations.insert((relation.from, relation.to, relation.kind), relation);
    }
    for &(a, b) in &editorial.overruled {
        let pair = pair(catalogue.of_editors[a], catalogue.of_editors[b]);
        relations.retain(|&(from, to, _), _| (from, to) != pair);
    }
    for stated in &editorial.relations {
        let (from, to) = (
            catalogue.of_editors[stated.from],
            catalogue.of_editors[stated.to],
        );
        let (from, to) = if stated.kind.is_mutual() {
            pair(from, to)
        } else {
            (from, to)
        };
        let articles = relations
            .remove(&(from, to, stated.kind))
            .map_or_else(Vec::new, |mined| mined.articles);
        let relation = Relation {
            from,
            to,
            kind: stated.kind,
            strength: STATED as f32,
            origin: Origin::Editors,
            source: stated.source.clone(),
            articles,
        };
        relations.insert((from, to, stated.kind), relation);
    }
    let topics = catalogue.topics().iter().zip(&memberships.articles);
    TopicTable {
        topics: topics
            .map(|(topic, &articles)| TopicRecord {
                name: topic.name.clone(),
                aliases: topic.aliases.clone(),
                editorial: topic.editorial,
                articles,
            })
            .collect(),
        relations: relations.into_values().collect(),
        starts: memberships.starts,
        members: memberships.topics,
        weights: memberships.weights,
    }
}

fn pair(a: TopicOrd, b: TopicOrd) -> (TopicOrd, TopicOrd) {
    (a.min(b), a.max(b))
}

/// `x / (x + half)`.
fn strength(x: f64, half: f64) -> f32 {
    (x / (x + half)) as f32
}

/// Which articles name which topics, both ways round.
struct Rows<'a> {
    memberships: &'a Memberships,
    /// The articles of each topic, ascending.
    articles: Vec<Vec<u32>>,
}

impl<'a> Rows<'a> {
    fn of(memberships: &'a Memberships, topics: usize) -> Self {
        let mut articles = vec![Vec::new(); topics];
        let rows = Self {
            memberships,
            articles: Vec::new(),
        };
        for article in 0..rows.len() {
            for topic in rows.row(article) {
                articles[topic.index()].push(article as u32);
            }
        }
        Self { articles, ..rows }
    }

    fn len(&self) -> usize {
        self.memberships.starts.len() - 1
    }

    fn row(&self, article: usize) -> &'a [TopicOrd] {
        let starts = &self.memberships.starts;
        &self.memberships.topics[starts[article] as usize..starts[article + 1] as usize]
    }

    fn holds(&self, article: usize, topic: TopicOrd) -> bool {
        self.row(article).binary_search(&topic).is_ok()
    }
}

/// Compare and alternatives pages say that the topics in their title can take each other's place, integration pages that they
/// go together.
fn by_pages(catalogue: &Catalogue, found: &Findings<'_>) -> Vec<Relation> {
    let mut pages: BTreeMap<Key, Vec<DocOrd>> = BTreeMap::new();
    for (ord, labels) in found.labels.iter().enumerate() {
        let kind = match labels.kind.as_str() {
            "compare" | "alternatives" => RelationKind::AlternativeTo,
            "integration" => RelationKind::IntegratesWith,
            _ => continue,
        };
        let in_title = found.mentions.get(ord).into_iter().flatten();
        let in_title = in_title.filter(|mention| mention.place == Place::Title);
        let mut named: Vec<TopicOrd> = in_title
            .map(|mention| mention.topic)
            .chain(catalogue.held[ord].topic)
            .filter(|&topic| catalogue.topic(topic).subject)
            .collect();
        named.sort_unstable();
        named.dedup();
        if named.len() > MOST_COMPARED {
            continue;
        }
        for (place, &from) in named.iter().enumerate() {
            for &to in &named[place + 1..] {
                let pages = pages.entry((from, to, kind)).or_default();
                pages.push(DocOrd(ord as u32));
            }
        }
    }
    let relations = pages.into_iter().map(|((from, to, kind), mut articles)| {
        let strength = strength(articles.len() as f64, PAGES_HALF);
        articles.truncate(MOST_EVIDENCE);
        Relation {
            from,
            to,
            kind,
            strength,
            origin: match kind {
                RelationKind::IntegratesWith => Origin::IntegrationPages,
                _ => Origin::ComparePages,
            },
            source: None,
            articles,
        }
    });
    relations.collect()
}

/// Topics that articles name together more often than chance explains.
fn by_mentions(rows: &Rows<'_>) -> Vec<Relation> {
    let topics = rows.articles.len();
    let found: Vec<Vec<Relation>> = parallel::map_with(
        topics,
        || Counts::new(topics),
        |counts, from| {
            for &article in &rows.articles[from] {
                for &to in rows.row(article as usize) {
                    if to.index() > from {
                        counts.add(to);
                    }
                }
            }
            let counted = counts.take().into_iter();
            counted
                .filter_map(|(to, both)| mentioned(rows, TopicOrd(from as u32), to, both))
                .collect()
        },
    );
    found.into_iter().flatten().collect()
}

fn mentioned(rows: &Rows<'_>, from: TopicOrd, to: TopicOrd, both: u64) -> Option<Relation> {
    if both < LEAST_TOGETHER {
        return None;
    }
    let (one, other) = (&rows.articles[from.index()], &rows.articles[to.index()]);
    let ratio = signed_ratio(
        both,
        one.len() as u64,
        other.len() as u64,
        rows.len() as u64,
    );
    let articles = one
        .iter()
        .filter(|article| other.binary_search(article).is_ok());
    (ratio >= SIGNIFICANT).then(|| Relation {
        from,
        to,
        kind: RelationKind::MentionedWith,
        strength: strength(ratio, MENTIONS_HALF),
        origin: Origin::Mentions,
        source: None,
        articles: articles
            .take(MOST_EVIDENCE)
            .map(|&article| DocOrd(article))
            .collect(),
    })
}

/// Topics whose articles link to one another more often than chance explains. A link within what two articles have in
/// common says nothing.
fn by_links(
    catalogue: &Catalogue,
    memberships: &Memberships,
    rows: &Rows<'_>,
    links: &Graph,
) -> Vec<Relation> {
    let topics = catalogue.len();
    let main: Vec<Vec<TopicOrd>> = catalogue
        .held
        .iter()
        .map(|held| main_topics(held, memberships))
        .collect();
    let mut of_main: Vec<Vec<u32>> = vec![Vec::new(); topics];
    let (mut out, mut into) = (vec![0u64; topics], vec![0u64; topics]);
    let mut total = 0;
    for article in 0..links.len() {
        let targets = links.targets(DocOrd(article as u32));
        for topic in &main[article] {
            of_main[topic.index()].push(article as u32);
            out[topic.index()] += targets.len() as u64;
        }
        total += targets.len() as u64;
        for topic in targets.iter().flat_map(|target| &main[target.index()]) {
            into[topic.index()] += 1;
        }
    }
    let says = |article: usize, target: DocOrd, from: TopicOrd, to: TopicOrd| {
        from != to && !rows.holds(article, to) && !rows.holds(target.index(), from)
    };
    let found: Vec<Vec<(TopicOrd, TopicOrd, f64)>> = parallel::map_with(
        topics,
        || Counts::new(topics),
        |counts, from| {
            let topic = TopicOrd(from as u32);
            for &article in &of_main[from] {
                for &target in links.targets(DocOrd(article)) {
                    for &to in &main[target.index()] {
                        if says(article as usize, target, topic, to) {
                            counts.add(to);
                        }
                    }
                }
            }
            let counted = counts.take().into_iter().filter(|&(to, both)| {
                let ratio = signed_ratio(both, out[from], into[to.index()], total);
                both >= LEAST_TOGETHER && ratio >= SIGNIFICANT
            });
            counted
                .map(|(to, both)| {
                    let chance = expected(out[from], into[to.index()], total);
                    (topic, to, both as f64 - chance)
                })
                .collect()
        },
    );
    let mut beyond: BTreeMap<(TopicOrd, TopicOrd), f64> = BTreeMap::new();
    for (from, to, excess) in found.into_iter().flatten() {
        *beyond.entry(pair(from, to)).or_default() += excess;
    }
    let evidence = |from: TopicOrd, to: TopicOrd| {
        of_main[from.index()].iter().copied().filter({
            let (main, says) = (&main, &says);
            move |&article| {
                links.targets(DocOrd(article)).iter().any(|&target| {
                    main[target.index()].contains(&to) && says(article as usize, target, from, to)
                })
            }
        })
    };
    let relations = beyond.into_iter().map(|((from, to), excess)| {
        let one = evidence(from, to).take(MOST_EVIDENCE);
        let mut articles: Vec<DocOrd> = one
            .chain(evidence(to, from).take(MOST_EVIDENCE))
            .map(DocOrd)
            .collect();
        articles.sort_unstable();
        articles.dedup();
        articles.truncate(MOST_EVIDENCE);
        Relation {
            from,
            to,
            kind: RelationKind::LinkedWith,
            strength: strength(excess, LINKS_HALF),
            origin: Origin::Links,
            source: None,
            articles,
        }
    });
    relations.collect()
}

/// The topics that the links of an article speak for: its own or, where it has none, the tags that fewest articles name.
fn main_topics(held: &Held, memberships: &Memberships) -> Vec<TopicOrd> {
    if let Some(topic) = held.topic {
        return vec![topic];
    }
    let mut tags = held.tags.clone();
    order::sort_by_key(&mut tags, |&tag| (memberships.articles[tag.index()], tag));
    tags.truncate(MOST_MAIN);
    tags
}

/// Counts by topic, used again for one topic after the other.
struct Counts {
    counts: Vec<u64>,
    touched: Vec<TopicOrd>,
}

impl Counts {
    fn new(topics: usize) -> Self {
        Self {
            counts: vec![0; topics],
            touched: Vec::new(),
        }
    }

    fn add(&mut self, topic: TopicOrd) {
        let count = &mut self.counts[topic.index()];
        if *count == 0 {
            self.touched.push(topic);
        }
        *count += 1;
    }

    /// What was counted, by ascending topic; empties the counts.
    fn take(&mut self) -> Vec<(TopicOrd, u64)> {
        self.touched.sort_unstable();
        let counted = self
            .touched
            .iter()
            .map(|&topic| (topic, std::mem::take(&mut self.counts[topic.index()])));
        let counted = counted.collect();
        self.touched.clear();
        counted
    }
}
