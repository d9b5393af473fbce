//! The neighbours of one article that came alone: what it is compared with, what it keeps of them, and whose candidate it is.
//!
//! What a reindex does for all articles is done here for one, with the same values and the same limits, beside the articles of the
//! generation and those that came since.

use std::collections::{HashMap, HashSet};

use super::candidates::{BY_SCORE, BY_TOPICS, CANDIDATES, CONNECTED, kept, score};
use super::copies::cluster;
use super::give_way::give_way;
use super::ground::Ground;
use super::look_back::{FEWEST_HOSTS, relates};
use super::mentions::Called;
use super::overlay::{Overlay, Related, Seen};
use super::signals::{Host, Known};
use super::snapshot::Snapshot;
use super::waiting_links::WaitingLinks;
use crate::corpus::Prose;
use crate::corpus::url::normalise;
use crate::error::Result;
use crate::index::{Analysed, Analyst, CandidateRow, Facts, SourceId, Words};
use crate::model::{Article, DocOrd, Entry, Topic, TopicOrd};
use crate::signals::content::{Compared, Likeness, Newcomers};
use crate::signals::research::topics::Walk;
use crate::signals::research::{ChangedLinks, Linkage, RELATED_TOPICS, strength};
use crate::text::{Section, Shingles, TermId, name_key};

/// Cosine of the text of an article and the one in the generation from which hosts of that keep it though it did not find them.
const AS_BEFORE: f32 = 0.7;

/// Connected articles that are looked at for each that may be brought in, as some may be no candidates.
const PASSED_OVER: usize = 3;

/// The articles that came alone since a generation was built.
#[derive(Debug, Default)]
pub(super) struct Neighbourhood {
    analyst: Analyst,
    /// Made with the first of them.
    beside: Option<Beside>,
}

/// An article that came and another one: what is kept of that for the one, and of the one for that.
struct Pair {
    there: CandidateRow,
    back: CandidateRow,
}

/// What is known of them beside those of the generation.
#[derive(Debug)]
struct Beside {
    newcomers: Newcomers,
    links: ChangedLinks,
    waiting: WaitingLinks,
    /// What topics are called, and the topics by their names as they are compared.
    called: Called,
    topic_names: HashMap<String, TopicOrd>,
    topics: HashMap<DocOrd, Vec<(TopicOrd, f32)>>,
    shingles: HashMap<DocOrd, Shingles>,
    /// The articles that each was added to as a candidate.
    hosts: HashMap<DocOrd, Vec<DocOrd>>,
}

impl Neighbourhood {
    /// Analyses `article`; the number is that of the vocabulary of its terms.
    pub(super) fn analyse(&mut self, article: Article) -> (usize, Analysed) {
        let prose = Prose::of(&article.body, article.format);
        let shingles = Shingles::of(&[&article.title, &prose.headings, &prose.text]);
        self.analyst
            .analyse(article, &prose, shingles, SourceId(0), 0)
    }

    /// What searches find an article by that was analysed under `number`.
    pub(super) fn words(&self, number: usize, article: &Analysed) -> Words {
        Words::of(&article.terms, self.analyst.vocabulary(number))
    }

    /// Finds the neighbours of the article at `ord`, which `overlay` has, among those of `snapshot` and of `overlay`.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if what it is compared with is not what was written.
    pub(super) fn relate(
        &mut self,
        snapshot: &Snapshot,
        overlay: &mut Overlay,
        ord: DocOrd,
        (number, article): (usize, &Analysed),
    ) -> Result<()> {
        let ground = Ground::of(snapshot)?;
        let beside = Beside::made(&mut self.beside, &ground)?;
        let vocabulary = self.analyst.vocabulary(number);
        let (lone, terms) = beside
            .newcomers
            .see(&ground.known, article, (number, vocabulary));
        give_way();
        beside.newcomers.put(&ground.known, ord, lone);
        beside.shingles.insert(ord, article.shingles.clone());
        beside.link(&ground, overlay, ord, article);
        give_way();
        let topics = beside.topics_of(&ground, article, &terms);
        beside.topics.insert(ord, topics);
        let before = beside.hosts.remove(&ord).unwrap_or_default();
        let related = beside.related(&ground, overlay, ord, &article.entry);
        let hosts = related.hosts.iter().map(|&(host, _)| host).collect();
        beside.hosts.insert(ord, hosts);
        overlay.relate(ord, related, &before);
        Ok(())
    }

    /// Lets go of the article at `ord`, which is no more; that counts for those that come later, though none came before.
    ///
    /// # Errors
    /// As [`relate`](Self::relate).
    pub(super) fn forget(
        &mut self,
        snapshot: &Snapshot,
        overlay: &mut Overlay,
        ord: DocOrd,
    ) -> Result<()> {
        let ground = Ground::of(snapshot)?;
        let beside = Beside::made(&mut self.beside, &ground)?;
        beside.newcomers.remove(ord);
        beside.waiting.drop_of(ord);
        beside.relink(&ground, overlay, ord, Vec::new());
        beside.shingles.remove(&ord);
        Ok(())
    }
}

impl Beside {
    fn made<'a>(beside: &'a mut Option<Self>, ground: &Ground<'_>) -> Result<&'a mut Self> {
        Ok(match beside {
            Some(beside) => beside,
            none => none.insert(Self::of(ground)?),
        })
    }

    fn of(ground: &Ground<'_>) -> Result<Self> {
        let topics = &ground.topics.table().topics;
        let names = || {
            let topics = (0..).map(TopicOrd).zip(topics);
            topics.flat_map(|(ord, topic)| {
                let names = [&topic.name].into_iter().chain(&topic.aliases);
                names.map(move |name| (ord, name.as_str()))
            })
        };
        let alone = ground.known.alone;
        Ok(Self {
            newcomers: Newcomers::beside(&ground.known)?,
            links: ChangedLinks::default(),
            waiting: WaitingLinks::default(),
            called: Called::of(names(), |term| alone.term(term).map(TermId)),
            topic_names: names().map(|(ord, name)| (name_key(name), ord)).collect(),
            topics: HashMap::new(),
            shingles: HashMap::new(),
            hosts: HashMap::new(),
        })
    }

    /// Takes note of the links of an article, and of those that waited for it, which `overlay` tells of then.
    fn link(
        &mut self,
        ground: &Ground<'_>,
        overlay: &mut Overlay,
        ord: DocOrd,
        article: &Analysed,
    ) {
        self.waiting.drop_of(ord);
        let mut targets = Vec::new();
        for link in article.links.lines() {
            match ground.leads(overlay, link, &article.entry) {
                Ok(target) => targets.push(target),
                Err(Some(path)) => self.waiting.add(ord, path),
                Err(None) => {}
            }
        }
        self.relink(ground, overlay, ord, targets);
        let own = &ground.snapshot.config().own;
        let aliases = article.entry.aliases.iter().map(String::as_str);
        let addresses = [article.entry.url.as_str(), article.entry.id.as_str()];
        let keys = addresses.into_iter().chain(aliases);
        for key in keys.filter_map(|address| normalise(address, own)) {
            for from in self.waiting.take(&key) {
                let mut targets = self.links.outbound(ground.links, from).to_vec();
                targets.push(ord);
                self.relink(ground, overlay, from, targets);
                overlay.link(from, self.links.outbound(ground.links, from));
            }
        }
    }

    /// From now on `ord` links `targets`; articles that came before have more links by that, or fewer.
    fn relink(
        &mut self,
        ground: &Ground<'_>,
        overlay: &mut Overlay,
        ord: DocOrd,
        targets: Vec<DocOrd>,
    ) {
        let mut told = self.links.outbound(ground.links, ord).to_vec();
        told.extend(&targets);
        told.push(ord);
        self.links.put(ground.links, ord, targets);
        for ord in told {
            overlay.count_links(ord, self.links.degree(ground.links, ord) as u32);
        }
    }

    /// The topics that an article says it is about, and those that its text names.
    fn topics_of(
        &self,
        ground: &Ground<'_>,
        article: &Analysed,
        terms: &[(Section, TermId)],
    ) -> Vec<(TopicOrd, f32)> {
        let topic = |name: &str| self.topic_names.get(&name_key(name)).copied();
        let own = article
            .entry
            .topic
            .as_ref()
            .map(Topic::as_str)
            .and_then(topic);
        let tags: Vec<TopicOrd> = article.tags.lines().filter_map(topic).collect();
        let mentions = self.called.in_article(article, terms);
        ground.topics.topics_of(own, &tags, &mentions)
    }

    /// Where the article at `ord` stands.
    fn related(
        &mut self,
        ground: &Ground<'_>,
        overlay: &Overlay,
        ord: DocOrd,
        entry: &Entry,
    ) -> Related {
        let mut facts = Facts {
            cluster: ground.snapshot.cluster_beside(overlay, ord),
            ..ground.facts(overlay, ord)
        };
        facts.links = self.links.degree(ground.links, ord) as u32;
        let lone = self.newcomers.get(ord);
        facts.informative_terms = lone.map_or(0, |lone| lone.informative_terms);
        let mut walk = ground.topics.walk();
        walk.restart_from(ord, ground.place_of(entry.id.as_str()), &self.topics[&ord]);
        self.links.connect(ground.links, ord);
        let (compared, brought) = self.compared(ground, overlay, ord, &mut walk);
        facts.cluster = cluster(ground, overlay, (ord, facts), (&self.shingles, &compared));
        let pairs: Vec<Pair> = compared
            .iter()
            .map(|&(other, likeness, shared_terms)| {
                let by_topics = match self.topics.get(&other) {
                    Some(row) => walk.to_row(row),
                    None => walk.to(other),
                };
                let row = |ord, likeness: Likeness<f32>, linkage: Linkage| CandidateRow {
                    ord,
                    content: likeness.of_site(ground.known.alone.has_vectors()),
                    research: strength(&linkage, by_topics) as f32,
                    shared_terms,
                    linked: linkage.linked,
                    linking: linkage.linking,
                    related_topics: by_topics >= RELATED_TOPICS,
                };
                let linkage = self.links.linkage(other);
                Pair {
                    there: row(other, likeness, linkage),
                    back: row(ord, likeness.turned(), linkage.turned()),
                }
            })
            .collect();
        let known = |other| Known::of(&ground.facts(overlay, other), 0.0);
        let rows = pairs[..brought].iter().map(|pair| pair.there);
        let rows = kept(Known::of(&facts, 0.0), rows, known);
        let stays = self.is_as_before(ground, ord);
        let hosts = self.hosts_of(ground, overlay, (ord, facts, stays), &pairs, &rows);
        let terms = lone_terms(&self.newcomers, ord);
        let links = self.links.outbound(ground.links, ord).to_vec();
        Related {
            facts,
            rows,
            hosts,
            stays,
            seen: Seen {
                terms,
                links,
                names: self.newcomers.named_by(ord).to_vec(),
            },
        }
    }

    /// Whether the text of an article is still much like the one that the generation has.
    fn is_as_before(&mut self, ground: &Ground<'_>, ord: DocOrd) -> bool {
        if ord.index() >= ground.known.articles {
            return false;
        }
        let compared = self.newcomers.with_before(&ground.known, ord);
        compared.is_some_and(|cosine| cosine >= AS_BEFORE)
    }

    /// The article with every other that a signal brings in, which are so many, and with its candidates in the generation.
    fn compared(
        &mut self,
        ground: &Ground<'_>,
        overlay: &Overlay,
        ord: DocOrd,
        walk: &mut Walk<'_>,
    ) -> (Vec<Compared>, usize) {
        let own = ground.facts(overlay, ord);
        let may_meet =
            |other| ground.may_meet(overlay, (ord, &own), (other, &ground.facts(overlay, other)));
        let mut others = self.newcomers.named_around(ord, &ground.known);
        others.retain(|&other| may_meet(other));
        others.extend(walk.candidates(BY_TOPICS, may_meet));
        give_way();
        let mut found = self.newcomers.near(&ground.known, ord, &others, may_meet);
        give_way();
        let is_met = |found: &[Compared], other: DocOrd| {
            found.binary_search_by_key(&other, |&(ord, ..)| ord).is_ok()
        };
        // Of those that were met as many may be passed over.
        let strongest = self.links.strongest(found.len() + PASSED_OVER * CONNECTED);
        let only = strongest
            .into_iter()
            .filter(|&other| !is_met(&found, other));
        let only = only.filter(|&other| may_meet(other));
        let mut more: Vec<DocOrd> = only.take(CONNECTED).collect();
        more.sort_unstable();
        found.extend(self.newcomers.with(&ground.known, ord, &more));
        let brought = found.len();
        let serving = ground.snapshot.serving();
        let mapped = (ord.index() < serving.len()).then(|| serving.candidates(ord));
        let mapped = mapped.into_iter().flatten().map(|row| row.ord);
        let mut before: Vec<DocOrd> = mapped.filter(|&other| !overlay.is_gone(other)).collect();
        before.sort_unstable();
        let met: HashSet<DocOrd> = found.iter().map(|&(ord, ..)| ord).collect();
        before.retain(|other| !met.contains(other));
        found.extend(self.newcomers.with(&ground.known, ord, &before));
        (found, brought)
    }

    /// The articles that have it among their candidates, and what is kept of it there.
    fn hosts_of(
        &self,
        ground: &Ground<'_>,
        overlay: &Overlay,
        (ord, facts, stays): (DocOrd, Facts, bool),
        pairs: &[Pair],
        own: &[CandidateRow],
    ) -> Vec<(DocOrd, CandidateRow)> {
        if !facts.card {
            return Vec::new();
        }
        let serving = ground.snapshot.serving();
        let had = |host: DocOrd| {
            let is_mapped = stays && host.index() < serving.len();
            is_mapped && serving.candidates(host).any(|row| row.ord == ord)
        };
        let mapped = pairs.iter().map(|pair| pair.there.ord);
        for host in mapped.filter(|host| host.index() < serving.len()) {
            serving.prefetch_candidate(host, BY_SCORE - 1);
            serving.prefetch_candidate(host, CANDIDATES - 1);
        }
        let mut hosts: Vec<(DocOrd, CandidateRow)> = Vec::new();
        let mut others: Vec<(DocOrd, CandidateRow)> = Vec::new();
        for pair in pairs {
            let (host, row) = (pair.there.ord, pair.back);
            let its = ground.facts(overlay, host);
            if !ground.may_meet(overlay, (host, &its), (ord, &facts)) {
                continue;
            }
            let candidate = Known::of(&facts, 0.0);
            let is_taken = takes(ground, overlay, (host, &its), &row, candidate) || had(host);
            if is_taken { &mut hosts } else { &mut others }.push((host, row));
        }
        // Like a reindex, which sees to it that every article is a candidate of some.
        let few = own.iter().filter(|row| relates(row));
        for host in few.map(|row| row.ord) {
            if hosts.len() >= FEWEST_HOSTS {
                break;
            }
            hosts.extend(others.extract_if(.., |(other, _)| *other == host));
        }
        hosts.sort_unstable_by_key(|&(host, _)| host);
        hosts
    }
}

/// Whether `row` would be among the candidates that are kept of `host`.
fn takes(
    ground: &Ground<'_>,
    overlay: &Overlay,
    (host, its): (DocOrd, &Facts),
    row: &CandidateRow,
    candidate: Known,
) -> bool {
    let serving = ground.snapshot.serving();
    let own = overlay.own(host);
    let at = |place: usize| match own {
        Some(own) => own.get(place).copied(),
        None if host.index() < serving.len() => serving.candidate(host, place),
        None => None,
    };
    let Some(last) = at(CANDIDATES - 1) else {
        return row.content > 0.0 || row.research > 0.0;
    };
    let host = Host::from(Known::of(its, 0.0));
    let is_better = |weakest: CandidateRow| {
        let other = Known::of(&ground.facts(overlay, weakest.ord), 0.0);
        score(row, &host, candidate) > score(&weakest, &host, other)
    };
    at(BY_SCORE - 1).is_some_and(is_better) || row.research > last.research
}

/// The terms of a newcomer, by number.
fn lone_terms(newcomers: &Newcomers, ord: DocOrd) -> Vec<(TermId, f32)> {
    let text = newcomers.get(ord).map_or(&[][..], |lone| lone.text());
    let mut terms: Vec<_> = text
        .iter()
        .map(|&(term, weight)| (TermId(term), weight))
        .collect();
    terms.sort_unstable_by_key(|&(term, _)| term);
    terms
}
