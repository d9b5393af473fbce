//! How near two articles are by their topics, which articles are nearest, and why.

use super::membership::{Mention, damped, damping, given};
use super::walk::{DAMPING, Related, strength};
use crate::index::TopicTable;
use crate::model::{DocOrd, Relation, TopicOrd, order};

/// Topics whose articles are looked at for the candidates of an article, those where its walk is strongest.
const OPENED: usize = 8;
/// Articles of each that are looked at, so that a topic of thousands costs no more than one of hundreds.
const OPENED_ARTICLES: usize = 48;
/// Articles that are passed over for each that is looked at, where most may not be candidates.
const PASSED_OVER: usize = 4;

/// The graph of topics with the articles that belong to them.
#[derive(Debug)]
pub struct TopicGraph {
    table: TopicTable,
    related: Related,
    damping: Vec<f64>,
    /// The articles of each topic, those that belong to it most first, equal ones ascending.
    articles: Vec<Vec<(f32, DocOrd)>>,
}

/// The walk from one article's topics, ready to be compared with many articles.
#[derive(Debug)]
pub struct Walk<'a> {
    graph: &'a TopicGraph,
    host: DocOrd,
    /// The place in the order of ids around which equals are looked at.
    around: DocOrd,
    /// What the walk is worth at each topic.
    at: Vec<f32>,
    /// The topics that it reaches, ascending.
    reached: Vec<TopicOrd>,
    /// The round of [`Walk::candidates`] in which each article was looked at last.
    seen: Vec<u32>,
    round: u32,
}

/// Why two articles are near by their topics, in the step that gives most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why<'a> {
    /// Both belong to this topic.
    Shared(TopicOrd),
    /// The host belongs to this topic, which relates to a topic of the other.
    Related(TopicOrd, &'a Relation),
    /// The host belongs to this topic, which relates to a topic that relates to one of the other.
    Through(TopicOrd, &'a Relation, &'a Relation),
}

impl TopicGraph {
    /// The graph of `table`.
    pub fn of(table: TopicTable) -> Self {
        let articles = table.starts.len().saturating_sub(1);
        let damping: Vec<f64> = table
            .topics
            .iter()
            .map(|topic| damping(topic.articles, articles))
            .collect();
        let related = Related::of(&table.relations, &damping);
        let mut graph = Self {
            articles: vec![Vec::new(); table.topics.len()],
            table,
            related,
            damping,
        };
        for ord in (0..articles as u32).map(DocOrd) {
            for (topic, weight) in row(&graph.table, ord) {
                graph.articles[topic.index()].push((weight, ord));
            }
        }
        for articles in &mut graph.articles {
            order::sort_by(articles, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        graph
    }

    /// What it was made of.
    pub fn table(&self) -> &TopicTable {
        &self.table
    }

    /// The name of a topic.
    pub fn name(&self, topic: TopicOrd) -> &str {
        &self.table.topics[topic.index()].name
    }

    /// How near `candidate` is to `host` by their topics, 0 to 1: `x / (1 + x)` of the sum `x` over the topics of both of
    /// weight times relatedness times weight.
    pub fn relatedness(&self, host: DocOrd, candidate: DocOrd) -> f32 {
        let sum = row(&self.table, candidate)
            .map(|(to, weight)| {
                let walk: f32 = row(&self.table, host)
                    .map(|(from, of_host)| of_host * self.related.get(from, to))
                    .sum();
                walk * weight
            })
            .sum();
        bounded(sum)
    }

    /// A walk that starts nowhere until [`Walk::restart`]; cheaper than [`TopicGraph::relatedness`] for many candidates, and
    /// equal to it.
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            graph: self,
            host: DocOrd(u32::MAX),
            around: DocOrd(u32::MAX),
            at: vec![0.0; self.table.topics.len()],
            reached: Vec::new(),
            seen: vec![0; self.table.starts.len().saturating_sub(1)],
            round: 0,
        }
    }

    /// The topics of an article that says it is about `topic` and `tags`, and names what `mentions` say.
    pub fn topics_of(
        &self,
        topic: Option<TopicOrd>,
        tags: &[TopicOrd],
        mentions: &[Mention],
    ) -> Vec<(TopicOrd, f32)> {
        damped(given(topic, tags, mentions), &self.damping)
    }

    /// Why `candidate` is near `host`; `None` where no walk of two steps leads from the one to the other.
    pub fn why(&self, host: DocOrd, candidate: DocOrd) -> Option<Why<'_>> {
        let mut best: Option<(f64, Why<'_>)> = None;
        for (from, of_host) in row(&self.table, host) {
            for (to, weight) in row(&self.table, candidate) {
                let Some((walk, why)) = self.way(from, to) else {
                    continue;
                };
                let gives = f64::from(of_host) * walk * f64::from(weight);
                if gives > 0.0 && best.is_none_or(|(most, _)| gives > most) {
                    best = Some((gives, why));
                }
            }
        }
        best.map(|(_, why)| why)
    }

    /// `why` in words: `both on pandas`, `pandas integrates with Dask`.
    pub fn words(&self, why: &Why<'_>) -> String {
        let said = |relation: &Relation, first: TopicOrd| {
            let (from, to) = relation.seen_from(first);
            relation.kind.words(self.name(from), self.name(to))
        };
        match *why {
            Why::Shared(topic) => format!("both on {}", self.name(topic)),
            Why::Related(first, relation) => said(relation, first),
            Why::Through(first, one, other) => {
                let through = if one.from == first { one.to } else { one.from };
                format!("{}, {}", said(one, first), said(other, through))
            }
        }
    }

    /// The best way from one topic to another in two steps at most, and what it is worth.
    fn way(&self, from: TopicOrd, to: TopicOrd) -> Option<(f64, Why<'_>)> {
        if from == to {
            return Some((1.0, Why::Shared(from)));
        }
        if self.related.get(from, to) == 0.0 {
            return None;
        }
        if let Some((walk, relation)) = self.step(from, to) {
            return Some((walk, Why::Related(from, relation)));
        }
        let mut best: Option<(f64, Why<'_>)> = None;
        for &(through, _) in self.related.row(from) {
            let steps = self.step(from, through).zip(self.step(through, to));
            let Some(((first, one), (second, other))) = steps else {
                continue;
            };
            let walk = first * self.damping[through.index()] * second;
            if walk > 0.0 && best.is_none_or(|(most, _)| walk > most) {
                best = Some((walk, Why::Through(from, one, other)));
            }
        }
        best
    }

    /// The strongest relation of two topics, and what a step along it is worth.
    fn step(&self, a: TopicOrd, b: TopicOrd) -> Option<(f64, &Relation)> {
        let mut best: Option<(f64, &Relation)> = None;
        for (from, to) in [(a, b), (b, a)] {
            let relations = &self.table.relations;
            let first = relations.partition_point(|other| (other.from, other.to) < (from, to));
            let same = relations[first..].iter();
            for relation in same.take_while(|other| (other.from, other.to) == (from, to)) {
                let walk = DAMPING * strength(relation);
                if best.is_none_or(|(most, _)| walk > most) {
                    best = Some((walk, relation));
                }
            }
        }
        best
    }
}

impl Walk<'_> {
    /// Starts from another article, in the same memory.
    pub fn restart(&mut self, host: DocOrd) {
        for topic in self.reached.drain(..) {
            self.at[topic.index()] = 0.0;
        }
        (self.host, self.around) = (host, host);
        let graph = self.graph;
        self.fill(row(&graph.table, host));
    }

    /// Starts from an article that belongs to the topics of `row`, and has `around` as its neighbour in the order of ids.
    pub fn restart_from(&mut self, host: DocOrd, around: DocOrd, row: &[(TopicOrd, f32)]) {
        for topic in self.reached.drain(..) {
            self.at[topic.index()] = 0.0;
        }
        (self.host, self.around) = (host, around);
        self.fill(row.iter().copied());
    }

    /// How near an article is that belongs to the topics of `row`.
    pub fn to_row(&self, row: &[(TopicOrd, f32)]) -> f32 {
        let parts = row
            .iter()
            .map(|&(topic, weight)| self.at[topic.index()] * weight);
        bounded(parts.sum())
    }

    /// How near `candidate` is.
    #[inline]
    pub fn to(&self, candidate: DocOrd) -> f32 {
        if candidate.index() + 1 >= self.graph.table.starts.len() {
            return 0.0;
        }
        let row = row(&self.graph.table, candidate);
        bounded(
            row.map(|(topic, weight)| self.at[topic.index()] * weight)
                .sum(),
        )
    }

    /// The `most` articles that `fits` lets through and that are nearest, nearest first, ties by id.
    ///
    /// Of each topic the articles are looked at that belong to it most and, among equals, lie nearest to the host in
    /// the order of ids, which is that of a site's sections.
    pub fn candidates(&mut self, most: usize, fits: impl Fn(DocOrd) -> bool) -> Vec<DocOrd> {
        let mut topics: Vec<(f32, TopicOrd)> = self
            .reached
            .iter()
            .filter_map(|&topic| {
                let (weight, _) = self.graph.articles[topic.index()].first()?;
                Some((self.at[topic.index()] * weight, topic))
            })
            .collect();
        topics.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.round += 1;
        if let Some(seen) = self.seen.get_mut(self.host.index()) {
            *seen = self.round;
        }
        let mut found: Vec<(f32, DocOrd)> = Vec::with_capacity(OPENED * OPENED_ARTICLES);
        for &(_, topic) in topics.iter().take(OPENED) {
            self.open(topic, &fits, &mut found);
        }
        let order = |a: &(f32, DocOrd), b: &(f32, DocOrd)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if found.len() > most && most > 0 {
            found.select_nth_unstable_by(most - 1, order);
        }
        found.truncate(most);
        found.sort_unstable_by(order);
        found.into_iter().map(|(_, ord)| ord).collect()
    }

    /// Adds the articles of `topic` that are looked at and were not yet.
    fn open(
        &mut self,
        topic: TopicOrd,
        fits: &impl Fn(DocOrd) -> bool,
        found: &mut Vec<(f32, DocOrd)>,
    ) {
        let graph = self.graph;
        let mut left = OPENED_ARTICLES;
        let mut patience = OPENED_ARTICLES * (1 + PASSED_OVER);
        let mut rest = graph.articles[topic.index()].as_slice();
        while let Some(&(heaviest, _)) = rest.first() {
            let (equals, lighter) =
                rest.split_at(rest.partition_point(|&(weight, _)| weight >= heaviest));
            rest = lighter;
            let mut after = equals.partition_point(|&(_, ord)| ord < self.around);
            let mut before = after;
            for _ in 0..equals.len() {
                if left == 0 || patience == 0 {
                    return;
                }
                let ord = nearer(equals, self.around, &mut before, &mut after);
                patience -= 1;
                if ord == self.host || !fits(ord) {
                    continue;
                }
                left -= 1;
                let seen = &mut self.seen[ord.index()];
                if *seen != self.round {
                    *seen = self.round;
                    let near = self.to(ord);
                    if near > 0.0 {
                        found.push((near, ord));
                    }
                }
            }
        }
    }

    fn fill(&mut self, topics: impl Iterator<Item = (TopicOrd, f32)>) {
        for (from, of_host) in topics {
            for &(to, related) in self.graph.related.row(from) {
                let at = &mut self.at[to.index()];
                if *at == 0.0 {
                    self.reached.push(to);
                }
                *at += of_host * related;
            }
        }
        self.reached.sort_unstable();
        self.reached.dedup();
    }
}

/// The next of `articles` outwards from the host, of which those from `before` to `after` are taken; there is one left.
fn nearer(
    articles: &[(f32, DocOrd)],
    host: DocOrd,
    before: &mut usize,
    after: &mut usize,
) -> DocOrd {
    let distance = |at: usize| articles[at].1.0.abs_diff(host.0);
    let back =
        *after == articles.len() || (*before > 0 && distance(*before - 1) <= distance(*after));
    if back {
        *before -= 1;
        articles[*before].1
    } else {
        *after += 1;
        articles[*after - 1].1
    }
}

/// The topics of an article and its weights in them.
fn row(table: &TopicTable, article: DocOrd) -> impl Iterator<Item = (TopicOrd, f32)> {
    let (start, end) = (
        table.starts[article.index()],
        table.starts[article.index() + 1],
    );
    let range = start as usize..end as usize;
    let topics = table.members[range.clone()].iter().copied();
    topics.zip(table.weights[range].iter().copied())
}

fn bounded(sum: f32) -> f32 {
    sum / (1.0 + sum)
}
