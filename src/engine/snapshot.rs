//! One generation, open: finds articles, makes panels, searches. Immutable; a panel reads mapped memory only.

use std::path::Path;
use std::sync::{Arc, OnceLock, RwLockReadGuard};

use super::counted::publish;
use super::counting::{Counting, Told};
use super::evidence::Explainer;
use super::filter::{Filter, Ruled};
use super::overlay::Overlay;
use super::pieces::editors_part_of;
use super::query::PanelQuery;
use super::rank::today;
use super::readers::{Readers, VISITORS};
use super::suggest::Titles;
use super::watch::{Edition, Watch};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::index::{
    AloneFile, Facts, Generation, Generations, KeptTexts, Manifest, ReadFile, SearchIndex, Serving,
    TermFile, TopicTable,
};
use crate::model::{DocOrd, Event, Score, SignalKind};
use crate::panel::{Card, Evidence, Fill, Panel, Reserved, compose};
use crate::signals::behavior::{Examination, Fold, Moment};
use crate::signals::seo;

/// A generation, open for reading.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) generation: Arc<Generation>,
    pub(super) config: Arc<Config>,
    complaint: Option<String>,
    /// What differs from the generation since it was built.
    pub(super) overlay: Overlay,
    edition: Arc<Edition>,
    /// What readers did.
    told: Arc<Told>,
    /// Opened on first use; a view that is damaged says so each time, and panels go on without it.
    explainer: Arc<OnceLock<Result<Explainer>>>,
    pub(super) search: Arc<OnceLock<Result<SearchIndex>>>,
    alone: Arc<OnceLock<Result<(AloneFile, KeptTexts)>>>,
    /// What the articles are called; made on first use.
    pub(super) titles: OnceLock<Titles>,
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
            generation: Arc::new(generation),
            config: Arc::new(config.clone()),
            complaint: None,
            overlay: Overlay::default(),
            edition: Arc::default(),
            told: Arc::default(),
            explainer: Arc::default(),
            search: Arc::default(),
            alone: Arc::default(),
            titles: OnceLock::new(),
        }
    }

    /// The same generation, from which `overlay` tells what differs now. What readers do is counted in both.
    pub(super) fn with(&self, overlay: Overlay) -> Self {
        let snapshot = Self {
            generation: Arc::clone(&self.generation),
            config: Arc::clone(&self.config),
            complaint: self.complaint.clone(),
            overlay,
            edition: Arc::clone(&self.edition),
            told: Arc::clone(&self.told),
            explainer: Arc::clone(&self.explainer),
            search: Arc::clone(&self.search),
            alone: Arc::clone(&self.alone),
            titles: OnceLock::new(),
        };
        if snapshot.overlay.count_added() > self.overlay.count_added() {
            snapshot.told.look_again(|name| snapshot.named(name));
        }
        snapshot
    }

    /// What differs from the generation.
    pub(super) fn overlay(&self) -> &Overlay {
        &self.overlay
    }

    /// The files of the generation.
    pub(super) fn serving(&self) -> &Serving {
        &self.generation.serving
    }

    /// What the generation was built from.
    pub(super) fn manifest(&self) -> &Manifest {
        &self.generation.manifest
    }

    /// The settings.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// What rules and signals need to know of an article.
    #[inline]
    pub(super) fn facts(&self, ord: DocOrd) -> Facts {
        self.facts_beside(&self.overlay, ord)
    }

    /// The same where `overlay` is what differs.
    #[inline]
    pub(super) fn facts_beside(&self, overlay: &Overlay, ord: DocOrd) -> Facts {
        let differing = overlay.facts(ord);
        let facts = differing.unwrap_or_else(|| self.generation.serving.facts(ord));
        overlay.united(ord, facts)
    }

    /// Ranks by what `fold` counted of readers from now on.
    pub fn count(&self, fold: Fold) {
        let ids = self.generation.serving.ids();
        let readers = Readers::of(fold.counts().clone(), ids, |name| self.named(name));
        self.told.replace(fold, readers);
    }

    /// Counts an event, which has the number `sequence` in the journal.
    pub fn count_more(&self, sequence: u64, event: &Event<'_>) {
        self.counting().add(sequence, event);
    }

    /// Counts events from now on.
    pub(super) fn counting(&self) -> Counting<'_, impl Fn(&str) -> Option<DocOrd>> {
        self.told.counting(|name| self.named(name))
    }

    /// How readers look at the places of panels, as far as they have told.
    pub fn examination(&self) -> Examination {
        self.readers().counts().examination()
    }

    /// What was counted of readers.
    pub fn counts(&self) -> Fold {
        self.told.fold()
    }

    /// Puts what was counted into the read file of `data` and goes on from there; `false` where that is of somebody else by
    /// then. Nobody may count meanwhile.
    pub(super) fn file_counts(&self, data: &Path, erasures: u64, checkpoint: u64) -> Result<bool> {
        let fold = self.told.fold();
        publish(&fold, erasures, checkpoint, data)?;
        let file = ReadFile::open(data)?;
        let file = file.filter(|file| file.place().next == fold.next());
        let filed = file.map(|file| fold.in_file_of(Arc::new(file)));
        drop(fold);
        let is_filed = filed.is_some();
        filed.into_iter().for_each(|fold| self.count(fold));
        Ok(is_filed)
    }

    /// The number in the journal of the next event to count.
    pub fn next_event(&self) -> u64 {
        self.readers().counts().next()
    }

    pub(super) fn readers(&self) -> RwLockReadGuard<'_, Readers> {
        self.told.shown()
    }

    /// Why this is not the generation that should serve, if it is not.
    pub fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    /// Opens and verifies what panels do not need, which is otherwise done on first use; what is damaged of it.
    pub fn check(&self) -> Vec<Error> {
        let explainer = self.explainer().err();
        let search = self.search_index().err();
        let alone = self.alone().err();
        explainer.into_iter().chain(search).chain(alone).collect()
    }

    /// The topics and their relations; read anew each time, panels go on without them.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was written.
    pub fn topics(&self) -> Result<TopicTable> {
        self.generation.topics()
    }

    /// The generation's number.
    pub fn generation(&self) -> u64 {
        self.generation.manifest.generation
    }

    /// How many articles there are, drafts included.
    pub fn len(&self) -> usize {
        self.generation.serving.len() + self.overlay.count_added()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The panel of `host`.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a record cannot be read.
    pub fn panel(&self, host: DocOrd, query: &PanelQuery) -> Result<Panel<'_>> {
        let (places, off) = self.places(host, query);
        self.prefetch_entries(&places);
        let mut cards = Vec::with_capacity(places.len());
        for place in &places {
            cards.push(self.card(host, place, query)?);
        }
        Ok(Panel {
            host: self.entry(host)?,
            cards,
            off,
            generation: self.generation(),
        })
    }

    /// Has what is shown at `places` brought near.
    pub(super) fn prefetch_entries(&self, places: &[Fill]) {
        let serving = &self.generation.serving;
        let mapped = serving.len();
        for place in places.iter().filter(|place| place.ord.index() < mapped) {
            serving.prefetch_entry(place.ord);
        }
    }

    /// What a panel of `host` that is made after this call depends on.
    pub fn watch(&self, host: DocOrd) -> Watch {
        let serving = &self.generation.serving;
        let pins = Ruled::pinned(host, &self.facts(host), self);
        let mapped = (host.index() < serving.len()).then(|| serving.candidates(host));
        let own = self.overlay.candidates(host, mapped.into_iter().flatten());
        let rows: Vec<DocOrd> = own.iter().map(|row| row.ord).chain(pins).collect();
        let watch = self.readers().watch(&self.edition, host, rows.into_iter());
        Watch {
            changes: self.overlay.changes(),
            ..watch
        }
    }

    /// Whether a panel that was made after `watch` was taken, of this snapshot or another, would be the same now.
    pub fn holds(&self, watch: &Watch) -> bool {
        self.overlay.holds(watch) && self.readers().hold(&self.edition, watch)
    }

    /// All candidates of `host` that may be cards, best first, with no floor and no fill.
    pub fn ranking(&self, host: DocOrd, query: &PanelQuery) -> Vec<(DocOrd, Score)> {
        let facts = self.facts(host);
        let ruled = Ruled::of(host, &facts, self, query);
        let filter = Filter::of(query, self, (host, &facts), &ruled);
        let mut ranked = self.ranked(host, query, |row, _, facts| filter.passes(row.ord, facts));
        for candidate in &mut ranked {
            candidate.related = candidate.score.get() > 0.0;
        }
        compose(
            facts.cluster,
            &ranked,
            &query.weights,
            std::iter::empty(),
            query.limit,
            &Reserved::default(),
            None,
        )
        .into_iter()
        .filter_map(|place| place.related.map(|(_, score, _)| (place.ord, score)))
        .collect()
    }

    /// The term file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub(super) fn terms(&self) -> Result<&TermFile> {
        Ok(self.explainer()?.terms())
    }

    /// What one article more is compared with; from then on every name of the others is found at once, as links name many.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not what was written.
    pub(super) fn alone(&self) -> Result<&(AloneFile, KeptTexts)> {
        self.alone
            .get_or_init(|| {
                self.generation.serving.learn_names();
                Ok((self.generation.alone()?, self.generation.texts()?))
            })
            .as_ref()
            .map_err(again)
    }

    pub(super) fn explainer(&self) -> Result<&Explainer> {
        self.explainer
            .get_or_init(|| Explainer::of(self.generation.terms()?, self.generation.topics()?))
            .as_ref()
            .map_err(again)
    }

    /// What is known of `host` and `card`. What fewer than [`VISITORS`] did is not told.
    fn evidence(&self, host: DocOrd, card: DocOrd, query: &PanelQuery) -> Result<Vec<Evidence>> {
        let now = Moment::new(query.now.saturating_mul(1000));
        let read = self.readers().read_beside(host, card, &now);
        let by_readers = (read.visitors() >= VISITORS).then(|| Evidence {
            signal: SignalKind::Behavior,
            text: "read by visitors of this article".to_owned(),
        });
        let known = self.explainer()?;
        let known = known.evidence(host, card, &self.generation.serving, &self.overlay)?;
        let by_need = seo::reasons(self.facts(card).standing, today(query.now));
        let mut competitors = self.generation.serving.competitors(host);
        let by_competition = competitors
            .any(|(ord, _)| ord == card)
            .then(|| "searched for with the same words as this article".to_owned());
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
            entry: self.entry(place.ord)?,
            reason: place.reason,
            percent: place.related.map(|(percent, ..)| percent),
            score: place.related.map(|(_, score, _)| score),
            contributions: place.related.map(|(.., contributions)| contributions),
            editor: editors_part_of(place),
            evidence,
        })
    }
}

/// The error of the first use, for the next one.
pub(super) fn again(error: &Error) -> Error {
    match error {
        Error::Damaged(what) => Error::Damaged(what.clone()),
        other => Error::Failed(other.to_string()),
    }
}
