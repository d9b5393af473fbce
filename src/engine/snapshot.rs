//! One generation, open: finds articles, makes panels, searches. Immutable; a panel reads mapped memory only.

use std::collections::BTreeSet;
use std::sync::{OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::evidence::Explainer;
use super::filter::{Filter, Ruled};
use super::query::PanelQuery;
use super::readers::{ReadBeside, Readers, VISITORS};
use super::signals::{Known, Opinions, is_evident};
use super::turns::turns;
use super::watch::{Edition, Watch};
use crate::config::Config;
use crate::corpus::url::normalise;
use crate::error::{Error, Result};
use crate::index::{
    CandidateRow, Facts, Generation, Generations, SearchIndex, Serving, TopicTable,
};
use crate::model::{DocOrd, EntryView, Event, Score, SignalKind};
use crate::panel::{Card, Evidence, Fill, Panel, Ranked, compose, put_pins};
use crate::ranking::{SCORE_FLOOR, Theme, Weights, blend, editors_part};
use crate::signals::behavior::{Fold, Moment};
use crate::signals::seo;
use crate::text::Analyzer;

/// A generation, open for reading.
#[derive(Debug)]
pub struct Snapshot {
    generation: Generation,
    config: Config,
    complaint: Option<String>,
    edition: Edition,
    /// What readers did; held for writing only while a few events are counted.
    readers: RwLock<Readers>,
    /// Opened on first use; a view that is damaged says so each time, and panels go on without it.
    explainer: OnceLock<Result<Explainer>>,
    search: OnceLock<Result<SearchIndex>>,
}

/// An article that a search found.
#[derive(Clone, Debug)]
pub struct SearchResult<'a> {
    /// The article.
    pub entry: EntryView<'a>,
    /// Comparable within one answer.
    pub score: f32,
}

impl Snapshot {
    /// Opens the current generation or, where that is damaged, the newest other one that is whole; `None` where there is
    /// no index yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if no generation is whole, [`Error::Newer`] if the current one is of a newer format.
    pub fn open(generations: &Generations, config: &Config) -> Result<Option<Self>> {
        let readable = generations.readable()?;
        Ok(readable.map(|readable| Self {
            complaint: readable.complaint,
            ..Self::of(readable.generation, config)
        }))
    }

    /// Opens the current generation and no other; `None` where there is no index yet.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written, [`Error::Newer`] if it is of a newer format.
    pub fn open_current(generations: &Generations, config: &Config) -> Result<Option<Self>> {
        let generation = generations.current()?;
        Ok(generation.map(|generation| Self::of(generation, config)))
    }

    fn of(generation: Generation, config: &Config) -> Self {
        Self {
            generation,
            config: config.clone(),
            complaint: None,
            edition: Edition::default(),
            readers: RwLock::default(),
            explainer: OnceLock::new(),
            search: OnceLock::new(),
        }
    }

    /// Ranks by what `fold` counted of readers from now on.
    pub fn count(&self, fold: Fold) {
        let ids = self.generation.serving.ids();
        let readers = Readers::of(fold, ids, |name| self.named(name));
        *self.readers_mut() = readers;
    }

    /// Counts an event, which has the number `sequence` in the journal.
    pub fn count_more(&self, sequence: u64, event: &Event<'_>) {
        let find = |name: &str| self.named(name);
        self.readers_mut().apply(sequence, event, find);
    }

    /// What was counted of readers.
    pub fn counts(&self) -> Fold {
        self.readers().fold().clone()
    }

    /// The number in the journal of the next event to count.
    pub fn next_event(&self) -> u64 {
        self.readers().fold().next()
    }

    pub(super) fn readers(&self) -> RwLockReadGuard<'_, Readers> {
        self.readers.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers_mut(&self) -> RwLockWriteGuard<'_, Readers> {
        self.readers.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why this is not the generation that should serve, if it is not.
    pub fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// Opens and verifies what panels do not need, which is otherwise done on first use; what is damaged of it.
    pub fn check(&self) -> Vec<Error> {
        let explainer = self.explainer().err();
        explainer
            .into_iter()
            .chain(self.search_index().err())
            .collect()
    }

    /// The topics and their relations; read anew each time, panels go on without them.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was written.
    pub fn topics(&self) -> Result<TopicTable> {
        self.generation.topics()
    }

    /// What panels are made from.
    pub(super) fn serving(&self) -> &Serving {
        &self.generation.serving
    }

    /// The generation's number.
    pub fn generation(&self) -> u64 {
        self.generation.manifest.generation
    }

    /// How many articles there are, drafts included.
    pub fn len(&self) -> usize {
        self.generation.serving.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The published articles in the byte order of their ids.
    pub fn hosts(&self) -> impl Iterator<Item = DocOrd> + '_ {
        let serving = &self.generation.serving;
        (0..serving.len() as u32)
            .map(DocOrd)
            .filter(|&ord| serving.facts(ord).host)
    }

    /// The published articles that a list of the site's pages holds, in the byte order of their ids.
    pub fn listed(&self) -> impl Iterator<Item = DocOrd> + '_ {
        let serving = &self.generation.serving;
        self.hosts().filter(|&ord| !serving.facts(ord).noindex)
    }

    /// What is shown of an article.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    pub fn entry(&self, ord: DocOrd) -> Result<EntryView<'_>> {
        self.generation.serving.entry(ord)
    }

    /// The id of an article.
    pub fn id(&self, ord: DocOrd) -> &str {
        self.generation.serving.id(ord)
    }

    /// The published article whose id is `id`, byte for byte.
    pub fn by_id(&self, id: &str) -> Option<DocOrd> {
        let serving = &self.generation.serving;
        serving.by_id(id).filter(|&ord| serving.facts(ord).host)
    }

    /// The published article that `name` (an id, a path or an address) leads to.
    ///
    /// # Errors
    /// [`Error::UnknownArticle`].
    pub fn find(&self, name: &str) -> Result<DocOrd> {
        self.named(name)
            .filter(|&ord| self.generation.serving.facts(ord).host)
            .ok_or_else(|| Error::UnknownArticle(name.to_owned()))
    }

    /// Whether `name` (an id, a path or an address) leads to an article, published or not.
    pub fn knows(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// The article, published or not, that `name` leads to.
    fn named(&self, name: &str) -> Option<DocOrd> {
        let serving = &self.generation.serving;
        let by_address = || {
            let key = normalise(name, &self.config.own)?;
            serving.by_id(&key).or_else(|| serving.by_key(&key))
        };
        serving.by_id(name).or_else(by_address)
    }

    /// The panel of `host`.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a record cannot be read.
    pub fn panel(&self, host: DocOrd, query: &PanelQuery) -> Result<Panel<'_>> {
        let serving = &self.generation.serving;
        let facts = serving.facts(host);
        let ruled = Ruled::of(host, &facts, serving, query);
        let off = ruled.off;
        let filter = Filter::of(query, serving, (host, &facts), &ruled);
        let mut ranked = self.ranked(host, query, |row, read, facts| {
            is_evident(row, read, &query.weights) && filter.passes(row.ord, facts)
        });
        let fill = self
            .newest_for(host, query.now)
            .filter(|(ord, facts)| self.config.fill && filter.passes(*ord, facts))
            .map(|(ord, facts)| (ord, facts.cluster));
        let turns_of = |cards| turns(self.readers(), cards, host, self.id(host), query.now);
        let exploration = query.exploring.then_some(self.config.exploration);
        let exploration = exploration.and_then(turns_of);
        let exploration = exploration.as_ref();
        let places = if off {
            Vec::new()
        } else if ruled.pins.is_empty() {
            compose(facts.cluster, &ranked, fill, query.limit, exploration)
        } else {
            let pins = self.pins(host, &ruled, &filter, query, &ranked);
            let own: Vec<DocOrd> = pins
                .iter()
                .map(|pin| serving.facts(pin.ord).cluster)
                .collect();
            ranked.retain(|candidate| !own.contains(&candidate.cluster));
            let fill = fill.filter(|(_, cluster)| !own.contains(cluster));
            let mut places = compose(
                facts.cluster,
                &ranked,
                fill,
                query.limit - pins.len(),
                exploration,
            );
            put_pins(&mut places, &pins);
            places
        };
        for place in &places {
            serving.prefetch_entry(place.ord);
        }
        let mut cards = Vec::with_capacity(places.len());
        for place in &places {
            cards.push(self.card(host, place, query)?);
        }
        Ok(Panel {
            host: serving.entry(host)?,
            cards,
            off,
            generation: self.generation(),
        })
    }

    /// What a panel of `host` that is made after this call depends on.
    pub fn watch(&self, host: DocOrd) -> Watch {
        let serving = &self.generation.serving;
        let rows = serving.candidates(host).map(|row| row.ord);
        let pins = match serving.facts(host).ruled {
            true => Ruled::pinned(host, serving),
            false => Vec::new(),
        };
        self.readers().watch(&self.edition, host, rows.chain(pins))
    }

    /// Whether a panel that was made after `watch` was taken, of this snapshot or another, would be the same now.
    pub fn holds(&self, watch: &Watch) -> bool {
        self.readers().hold(&self.edition, watch)
    }

    /// All candidates of `host` that may be cards, best first, with no floor and no fill.
    pub fn ranking(&self, host: DocOrd, query: &PanelQuery) -> Vec<(DocOrd, Score)> {
        let serving = &self.generation.serving;
        let facts = serving.facts(host);
        let ruled = Ruled::of(host, &facts, serving, query);
        let filter = Filter::of(query, serving, (host, &facts), &ruled);
        let mut ranked = self.ranked(host, query, |row, _, facts| filter.passes(row.ord, facts));
        for candidate in &mut ranked {
            candidate.related = candidate.blended.score.get() > 0.0;
        }
        compose(
            facts.cluster,
            &ranked,
            std::iter::empty(),
            query.limit,
            None,
        )
        .into_iter()
        .filter_map(|place| place.related.map(|(_, score, _)| (place.ord, score)))
        .collect()
    }

    /// The best `limit` published articles for the words of `text`.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the search index cannot be used.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<SearchResult<'_>>> {
        let serving = &self.generation.serving;
        let index = self.search_index()?;
        // Drafts and noindex pages are in the index; ask for enough to leave them out.
        let hits = index.search(&self.query_words(text), limit + 100)?;
        hits.iter()
            .filter(|hit| serving.facts(hit.ord).card)
            .take(limit)
            .map(|hit| {
                Ok(SearchResult {
                    entry: serving.entry(hit.ord)?,
                    score: hit.score,
                })
            })
            .collect()
    }

    /// Each word of `text` as its terms in every language of the site; without the stop words of its main language.
    fn query_words(&self, text: &str) -> Vec<Vec<String>> {
        let main = &self.config.rules.lang;
        let others = self.generation.serving.langs().filter(|lang| lang != main);
        let mut own = Analyzer::new(main);
        let mut others: Vec<Analyzer> = others.map(|lang| Analyzer::new(&lang)).collect();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let mut terms = BTreeSet::new();
            own.terms(word, |term| {
                terms.insert(term.to_owned());
            });
            if terms.is_empty() {
                continue;
            }
            for analyzer in &mut others {
                analyzer.terms(word, |term| {
                    terms.insert(term.to_owned());
                });
            }
            words.push(terms.into_iter().collect());
        }
        words
    }

    fn explainer(&self) -> Result<&Explainer> {
        self.explainer
            .get_or_init(|| Explainer::of(self.generation.terms()?, self.generation.topics()?))
            .as_ref()
            .map_err(again)
    }

    fn search_index(&self) -> Result<&SearchIndex> {
        self.search
            .get_or_init(|| self.generation.search())
            .as_ref()
            .map_err(again)
    }

    /// The candidates of `host` for which `may_be_card` holds, with their scores.
    pub(super) fn ranked(
        &self,
        host: DocOrd,
        query: &PanelQuery,
        may_be_card: impl Fn(&CandidateRow, &ReadBeside, &Facts) -> bool,
    ) -> Vec<Ranked> {
        let serving = &self.generation.serving;
        serving.prefetch_candidates(host);
        let facts = serving.facts(host);
        let rows = serving.candidates(host);
        rows.clone().for_each(|row| serving.prefetch_facts(row.ord));
        let readers = self.readers();
        let now = Moment::new(query.now.saturating_mul(1000));
        let (reads, mut beside) = readers.beside(host, &now);
        let known = Known::of(&facts, reads);
        let asked = Asked::of(host, query, serving);
        let mut ranked = Vec::with_capacity(rows.len() + beside.len());
        // Of a host that nobody reads, how often others are read says nothing.
        let total = |ord| match reads {
            0.0 => 0.0,
            _ => readers.total(ord, &now),
        };
        // Gathered first: waiting for many places in memory at once takes hardly longer than for one.
        let totals: Vec<f64> = rows.clone().map(|row| total(row.ord)).collect();
        let rows = rows.zip(totals);
        for (row, total) in rows.filter(|(row, _)| self.config.linked_cards || !row.linked) {
            let place = beside.binary_search_by_key(&row.ord, |&(ord, _)| ord);
            let read = place.map_or(ReadBeside::default(), |place| {
                std::mem::take(&mut beside[place].1)
            });
            let facts = serving.facts(row.ord);
            if may_be_card(&row, &read, &facts) {
                let candidate = Known::of(&facts, total);
                ranked.push(rank(known, &row, &read, candidate, &facts, &asked));
            }
        }
        // Of those that are left the other signals know too little to have brought them in; whether the host links them is
        // not known.
        let brought = beside
            .iter()
            .filter(|(_, read)| self.config.linked_cards && read.pair.value() > 0.0);
        for (ord, read) in brought {
            let row = CandidateRow::unknown(*ord);
            let other = serving.facts(*ord);
            if other.lang == facts.lang && may_be_card(&row, read, &other) {
                let candidate = Known::of(&other, total(*ord));
                ranked.push(rank(known, &row, read, candidate, &other, &asked));
            }
        }
        if serving.has_boosts() {
            self.boost(host, query, &mut ranked);
        }
        ranked
    }

    /// The newest articles at `now`, those in the host's language first.
    fn newest_for(&self, host: DocOrd, now: i64) -> impl Iterator<Item = (DocOrd, Facts)> + '_ {
        let serving = &self.generation.serving;
        let own = serving.facts(host).lang;
        let in_language = move |wanted: bool| {
            let latest = serving.latest(now).map(|ord| (ord, serving.facts(ord)));
            latest.filter(move |(_, facts)| (facts.lang == own) == wanted)
        };
        in_language(true).chain(in_language(false))
    }

    /// What is known of `host` and `card`. What fewer than [`VISITORS`] did is not told.
    fn evidence(&self, host: DocOrd, card: DocOrd, query: &PanelQuery) -> Result<Vec<Evidence>> {
        let now = Moment::new(query.now.saturating_mul(1000));
        let read = self.readers().read_beside(host, card, &now);
        let by_readers = (read.visitors() >= VISITORS).then(|| Evidence {
            signal: SignalKind::Behavior,
            text: "read by visitors of this article".to_owned(),
        });
        let serving = &self.generation.serving;
        let known = self.explainer()?.evidence(host, card, serving)?;
        let by_need = seo::reasons(serving.facts(card).standing, today(query.now));
        let competes = serving.competitors(host).any(|(ord, _)| ord == card);
        let by_competition =
            competes.then(|| "searched for with the same words as this article".to_owned());
        let by_need = by_need
            .into_iter()
            .chain(by_competition)
            .map(|text| Evidence {
                signal: SignalKind::Seo,
                text,
            });
        Ok(by_readers.into_iter().chain(known).chain(by_need).collect())
    }

    fn card(&self, host: DocOrd, place: &Fill, query: &PanelQuery) -> Result<Card<'_>> {
        let evidence = if query.explain && place.related.is_some() {
            self.evidence(host, place.ord, query)?
        } else {
            Vec::new()
        };
        Ok(Card {
            entry: self.generation.serving.entry(place.ord)?,
            reason: place.reason,
            percent: place.related.map(|(percent, ..)| percent),
            score: place.related.map(|(_, score, _)| score),
            contributions: place.related.map(|(.., contributions)| contributions),
            editor: place.related.map_or(0.0, |(_, score, contributions)| {
                editors_part(score, &contributions)
            }),
            evidence,
        })
    }
}

/// A candidate with its score, for a host of which `host` is known; whether it passes the floor of scores.
#[inline(always)]
pub(super) fn rank(
    host: Known,
    row: &CandidateRow,
    read: &ReadBeside,
    candidate: Known,
    facts: &Facts,
    asked: &Asked<'_>,
) -> Ranked {
    let mut need = seo::need(facts.standing, row.linked, asked.today);
    if let Some(overlap) = asked.competes(row.ord) {
        need = need.beside_competitor(overlap);
    }
    let opinions = Opinions::of(row, read, host, candidate).with_need(need);
    let blended = blend(asked.weights, &opinions.values, &opinions.evidence);
    Ranked {
        ord: row.ord,
        cluster: facts.cluster,
        theme: Theme {
            topic: facts.topic,
            kind: facts.kind,
        },
        blended,
        looks: read.pair.looks() as f32,
        related: blended.score.get() >= SCORE_FLOOR,
    }
}

/// What is the same for all candidates of one panel.
pub(super) struct Asked<'a> {
    weights: &'a Weights,
    today: f32,
    /// The articles that compete with the host in search engines, by ordinal.
    competitors: Vec<(DocOrd, u8)>,
}

impl<'a> Asked<'a> {
    /// In the panel of `host`.
    pub(super) fn of(host: DocOrd, query: &'a PanelQuery, serving: &Serving) -> Self {
        Self {
            weights: &query.weights,
            today: today(query.now),
            competitors: serving.competitors(host).collect(),
        }
    }

    /// How much `ord` competes with the host, 0 to 1, if it does.
    fn competes(&self, ord: DocOrd) -> Option<f64> {
        let place = self.competitors.binary_search_by_key(&ord, |&(ord, _)| ord);
        place
            .ok()
            .map(|place| f64::from(self.competitors[place].1) / 255.0)
    }
}

/// Days from 1970-01-01 to `now`, in unix seconds.
pub(super) fn today(now: i64) -> f32 {
    (now / 86_400) as f32
}

/// The error of the first use, for the next one.
fn again(error: &Error) -> Error {
    match error {
        Error::Damaged(what) => Error::Damaged(what.clone()),
        other => Error::Failed(other.to_string()),
    }
}
