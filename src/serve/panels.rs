//! Rendered panels, kept: asked for again with the same words, a panel is sent as it was made until something that it shows,
//! or that it was made of, changes.
//!
//! A panel is kept under the path and query that asked for it, so that finding it reads no parameter. It is of one hour, and of
//! one state of what it was made of (`engine/watch.rs`). Once there is no room left, one that is asked for once is not kept: it
//! would drive out another and most likely not be asked for again.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Response, Uri, header};
use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, Weighter};

use super::App;
use super::apart;
use super::fragment::fragment_parts;
use super::kept::Kept;
use super::parameters::RelatedRequest;
use super::rejection::Rejection;
use super::room;
use super::wire::{panel_parts, pieces_parts};
use crate::engine::{Snapshot, Watch};
use crate::ranking::Weights;

/// The longest path and query under which a panel is kept.
const LONGEST: usize = 1024;
/// Bytes of a panel of twenty cards, compressed ones included; how many panels there is room for follows from it.
const USUAL: usize = 20 << 10;

/// The panels that are kept.
#[derive(Debug)]
pub(super) struct Panels {
    cache: Cache<Box<str>, Arc<Made>, Weight, RandomState, Full>,
    full: Full,
    /// What was asked for lately, each by a hash at the place that another one leads to. As many as there is room for: one that
    /// is asked for less often would be driven out before it is asked for again.
    lately: Box<[AtomicU32]>,
    hasher: RandomState,
    /// Whether brotli is being made of one; others wait for a later request.
    compressing: AtomicBool,
}

/// A panel that was made.
#[derive(Debug)]
struct Made {
    kept: Kept,
    watch: Watch,
    of: Moment,
}

/// A panel that was written just now: its bytes, the hash of what it shows and, where it is to be kept, what it depends on.
struct Written {
    body: Bytes,
    hash: u64,
    watch: Option<Watch>,
}

/// What is one for all panels: the clock, by the hour, and the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Moment {
    now: i64,
    weights: Weights,
}

/// How a panel is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
}

/// Whether a panel had to make room for another.
#[derive(Clone, Debug, Default)]
struct Full(Arc<AtomicBool>);

impl Lifecycle<Box<str>, Arc<Made>> for Full {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: Box<str>, _: Arc<Made>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Box<str>, Arc<Made>> for Weight {
    fn weight(&self, key: &Box<str>, made: &Arc<Made>) -> u64 {
        (key.len() + size_of::<Made>() + made.kept.size() + made.watch.size()) as u64
    }
}

impl Panels {
    /// Room for `bytes` of panels.
    pub(super) fn of(bytes: usize) -> Self {
        let (full, hasher) = (Full::default(), RandomState::new());
        let places = bytes / USUAL;
        Self {
            cache: Cache::with(places, bytes as u64, Weight, hasher.clone(), full.clone()),
            full,
            lately: (0..places.max(1)).map(|_| AtomicU32::new(0)).collect(),
            hasher,
            compressing: AtomicBool::new(false),
        }
    }

    /// Whether the panel that `asked` asks for is to be kept: there is room, or it was asked for a short while ago.
    fn lets_in(&self, asked: &str) -> bool {
        if !self.full.0.load(Ordering::Relaxed) {
            return true;
        }
        let hash = self.hasher.hash_one(asked);
        let (place, mark) = (hash as usize % self.lately.len(), (hash >> 32) as u32);
        self.lately[place].swap(mark, Ordering::Relaxed) == mark
    }

    /// How many are kept, and their bytes.
    pub(super) fn size(&self) -> (u64, u64) {
        (self.cache.len() as u64, self.cache.weight())
    }
}

impl App {
    /// Answers a request for the panel that `uri` asks for.
    pub(super) fn panel(
        self: &Arc<Self>,
        uri: &Uri,
        headers: &HeaderMap,
        form: Form,
    ) -> Result<Response<Body>, Rejection> {
        let mut answer = self.answered(uri, headers, form)?;
        let caching = self.settings.load().cache_control.clone();
        answer.headers_mut().insert(header::CACHE_CONTROL, caching);
        Ok(answer)
    }

    /// The panel as it was made before, if that is how it would be made now.
    fn answered(
        self: &Arc<Self>,
        uri: &Uri,
        headers: &HeaderMap,
        form: Form,
    ) -> Result<Response<Body>, Rejection> {
        let asked = uri.path_and_query().map_or("", |asked| asked.as_str());
        let current = self.engine.snapshot();
        let of = Moment {
            now: Self::now(),
            weights: self.weights.get(),
        };
        let found = self.panels.cache.get(asked);
        let known = found.is_some();
        let still = |made: &Arc<Made>| made.of == of && current.1.holds(&made.watch);
        if let Some(made) = found.filter(still) {
            self.metrics.hits.add(1);
            if made.kept.wants_brotli(headers) {
                self.compress(&made);
            }
            return Ok(made.kept.answer(headers));
        }
        self.metrics.made.add(1);
        let keeps = asked.len() <= LONGEST && (known || self.panels.lets_in(asked));
        let (kept, watch) = self.make(uri, form, &current.1, of, keeps)?;
        let answer = kept.answer(headers);
        if let Some(watch) = watch {
            let made = Arc::new(Made { kept, watch, of });
            self.panels.cache.insert(asked.into(), made);
        }
        Ok(answer)
    }

    /// The panel as it is now and, where it is to be kept, what it depends on.
    fn make(
        &self,
        uri: &Uri,
        form: Form,
        snapshot: &Snapshot,
        of: Moment,
        keeps: bool,
    ) -> Result<(Kept, Option<Watch>), Rejection> {
        let request = RelatedRequest::parse(uri, snapshot, of.weights, of.now)?;
        // Before the panel is: what is counted meanwhile makes it one of the past.
        let watch = keeps.then(|| snapshot.watch(request.host));
        let made = match form {
            Form::Json if !request.query.explain => self.in_pieces(&request, snapshot, watch)?,
            _ => self.in_words(&request, form, snapshot, watch)?,
        };
        let kind = match form {
            Form::Json => "application/json",
            Form::Html => "text/html; charset=utf-8",
        };
        Ok((Kept::new(kind, made.body, made.hash), made.watch))
    }

    /// A panel as pages ask for it.
    fn in_pieces(
        &self,
        request: &RelatedRequest,
        snapshot: &Snapshot,
        watch: Option<Watch>,
    ) -> Result<Written, Rejection> {
        let panel = snapshot.pieces(request.host, &request.query)?;
        let cards = panel.cards.iter();
        let watch = watch.map(|watch| watch.over(cards.clone().map(|card| card.reason)));
        let ids = cards.map(|card| card.shown.id);
        let events = self.events.as_ref();
        let token = events.map(|events| events.token(panel.host.id, ids));
        // What is kept has its own room, of its own size.
        let (body, hash) = match watch {
            Some(_) => {
                let (mut body, hash) = pieces_parts(&panel, token.as_deref(), Vec::new());
                body.shrink_to_fit();
                (body.into(), hash)
            }
            None => {
                let (body, hash) = pieces_parts(&panel, token.as_deref(), room::borrowed());
                (room::sent(body), hash)
            }
        };
        Ok(Written { body, hash, watch })
    }

    /// A panel with evidence, or as HTML.
    fn in_words(
        &self,
        request: &RelatedRequest,
        form: Form,
        snapshot: &Snapshot,
        watch: Option<Watch>,
    ) -> Result<Written, Rejection> {
        let panel = snapshot.panel(request.host, &request.query)?;
        let watch = watch.map(|watch| watch.over(panel.cards.iter().map(|card| card.reason)));
        let token = self.token(&panel);
        let (body, hash) = match form {
            Form::Json => panel_parts(&panel, token.as_deref(), request.query.explain),
            Form::Html => fragment_parts(&panel, token.as_deref(), request.labels.as_deref()),
        };
        let body = body.into();
        Ok(Written { body, hash, watch })
    }

    /// Has brotli made of `made`, unless it is being made of another one.
    fn compress(self: &Arc<Self>, made: &Arc<Made>) {
        if self.panels.compressing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (app, made) = (Arc::clone(self), Arc::clone(made));
        apart::begun(move || {
            made.kept.make_brotli();
            app.panels.compressing.store(false, Ordering::Release);
        });
    }
}
