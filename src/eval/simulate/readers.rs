//! How readers behave: where they begin, what they look at and follow, how long they stay, when they leave.
//!
//! Cards are followed by the position-based model (Craswell, Zoeter, Taylor and Ramsey 2008, An experimental comparison of
//! click position-bias models): a reader looks at the card in place `k` with chance `1/k^b`, and follows what it looks at with
//! the chance that the truth tells. Each session has numbers of its own, so none changes another.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use super::Settings;
use super::relations::Relations;
use super::rhythm::Rhythm;
use super::truth::{BEST, Truth};
use crate::engine::{PanelQuery, Snapshot};
use crate::error::{Error, Result};
use crate::eval::random::{Choices, Random};
use crate::model::{DocOrd, EventKind};

/// Visitors who come more than once.
const RETURNING: f64 = 0.3;
/// The chance that such a visitor comes once more after the second time.
const COMES_AGAIN: f64 = 0.5;
/// The chance that a reader who has nothing open goes on to another page without a card.
const GOES_ON: f64 = 0.35;
/// Of these the share that goes on to something it likes; others go where everyone goes.
const GOES_ON_TO_LIKED: f64 = 0.6;
/// The chance that a reader of a page gets as far as its panel.
const REACHES_PANEL: f64 = 0.6;
/// The chance that a page which nobody likes is left at once; one that all like never is.
const BOUNCES: f64 = 0.7;
/// How well a first page fits its reader, 0 to 1.
const FIRST_FIT: f64 = 0.5;
/// Seconds that half of the readers of a fitting page stay, at most; half of that for one that does not fit at all.
const STAY: f64 = 70.0;
/// How much the time varies: two thirds lie within a factor of `e` to this.
const STAY_VARIES: f64 = 0.8;
/// Seconds after which a visit is a read.
const READ_AFTER: f64 = 30.0;
/// The chance that a reader likes a page that fits perfectly, and says so.
const LIKES: f64 = 0.02;
/// Pages of a session at most.
const MOST_PAGES: usize = 40;
/// Milliseconds for which a panel is the same.
const HOUR: i64 = 3_600_000;
/// What stands before the number of a stream for what a whole site has once.
const OF_SITE: u64 = 1 << 63;

/// One thing that one reader did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// The number of the visitor.
    pub visitor: u32,
    /// The number of the act among those of its session.
    pub number: u32,
    /// What.
    pub kind: EventKind,
    /// The article.
    pub article: DocOrd,
    /// The page whose panel led there.
    pub from: Option<DocOrd>,
    /// The 1-based place of the card in that panel.
    pub position: Option<u32>,
    /// How long the reader stayed, in milliseconds.
    pub dwell: Option<u32>,
}

/// The readers of a site.
#[derive(Debug)]
pub struct Simulation<'a> {
    snapshot: &'a Snapshot,
    settings: Settings,
    relations: Option<Relations>,
    /// The pages that readers begin with, in the byte order of their ids.
    pages: Vec<DocOrd>,
}

impl<'a> Simulation<'a> {
    /// Readers of the published pages of `snapshot`.
    ///
    /// # Errors
    /// [`Error::Failed`] if there are none.
    pub fn new(snapshot: &'a Snapshot, settings: Settings) -> Result<Self> {
        let pages: Vec<DocOrd> = snapshot.listed().collect();
        if pages.is_empty() {
            return Err(Error::Failed(
                "found no published page, expected one at least; run `readnext reindex --corpus PATH` first".to_owned(),
            ));
        }
        Ok(Self {
            snapshot,
            settings,
            relations: None,
            pages,
        })
    }

    /// The same readers, who like what `relations` tell, whatever their taste.
    pub fn who_like(self, relations: Relations) -> Self {
        Self {
            relations: Some(relations),
            ..self
        }
    }

    /// The site.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// How many readers come, and when.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The pages that readers begin with, in the byte order of their ids.
    pub fn pages(&self) -> &[DocOrd] {
        &self.pages
    }

    /// What readers of `host` like.
    pub fn truth(&self, host: DocOrd) -> Truth {
        if let Some(relations) = &self.relations {
            return Truth::told(self.snapshot, host, &self.pages, relations);
        }
        let Settings {
            until, seed, taste, ..
        } = self.settings;
        Truth::of(self.snapshot, host, until, seed, taste)
    }

    /// The articles of the cards that readers of `host` see, in their order; in the last places those of the hour of `at`
    /// (milliseconds since 1970), with exploration.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a record cannot be read.
    pub fn cards(&self, host: DocOrd, at: i64) -> Result<Vec<DocOrd>> {
        let exploring = self.settings.exploring;
        let query = PanelQuery {
            exploring,
            weights: self.settings.weights,
            ..PanelQuery::at(match exploring {
                true => (at.div_euclid(HOUR) + 1) * HOUR / 1000,
                false => self.settings.until,
            })
        };
        let panel = self.snapshot.panel(host, &query)?;
        let cards = panel.cards.iter();
        Ok(cards
            .filter_map(|card| self.snapshot.by_id(card.entry.id))
            .collect())
    }

    /// Hands what readers do to `each`, in the order of time.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a panel cannot be read, and what `each` returns.
    pub fn run(&self, each: &mut impl FnMut(&Act) -> Result<()>) -> Result<()> {
        let mut site = SiteOfReaders::of(self);
        let mut to_come = BinaryHeap::new();
        for visit in self.visits() {
            while let Some(act) = due(&mut to_come, visit.at) {
                each(&act)?;
            }
            Session::begin(&mut site, &visit, &mut to_come).run()?;
        }
        while let Some(act) = due(&mut to_come, i64::MAX) {
            each(&act)?;
        }
        Ok(())
    }

    /// The sessions, in the order in which they begin.
    fn visits(&self) -> Vec<Visit> {
        let rhythm = Rhythm::before(self.settings.until * 1000, self.settings.days);
        let mut visits = Vec::new();
        let Settings {
            first, visitors, ..
        } = self.settings;
        for visitor in first..first.saturating_add(visitors) {
            let mut random = Random::seeded(self.settings.seed, u64::from(visitor) << 16);
            let more = match random.happens(RETURNING) {
                true => 1 + random.times(COMES_AGAIN),
                false => 0,
            };
            visits.extend((0..=more).map(|number| Visit {
                at: rhythm.draw(&mut random),
                visitor,
                number: number as u16,
            }));
        }
        visits.sort_unstable();
        visits
    }
}

/// The first act of `to_come`, if it comes before `at`.
fn due(to_come: &mut BinaryHeap<Reverse<Act>>, at: i64) -> Option<Act> {
    to_come.peek().filter(|act| act.0.at < at)?;
    to_come.pop().map(|act| act.0)
}

/// When a session of a visitor begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Visit {
    at: i64,
    visitor: u32,
    number: u16,
}

/// What readers find: pages by popularity, and the panels that were looked up.
struct SiteOfReaders<'a> {
    simulation: &'a Simulation<'a>,
    /// Pages from the commonest to the rarest, and how common they are.
    popular: Vec<DocOrd>,
    popularity: Choices,
    hosts: HashMap<DocOrd, Host>,
}

/// A page as its readers know it.
struct Host {
    truth: Truth,
    /// The cards of its panel, and how much they like each.
    cards: Vec<(DocOrd, f64)>,
    /// The hour of these cards.
    hour: i64,
    /// Where they go without a card, and how much they like that.
    liked: Vec<DocOrd>,
    liking: Choices,
}

impl<'a> SiteOfReaders<'a> {
    fn of(simulation: &'a Simulation<'a>) -> Self {
        let mut popular = simulation.pages.clone();
        Random::seeded(simulation.settings.seed, OF_SITE).shuffle(&mut popular);
        // Zipf 1949: the page in place k is read 1/k as often as the first.
        let popularity = Choices::of((1..=popular.len()).map(|place| 1.0 / place as f64));
        Self {
            simulation,
            popular,
            popularity,
            hosts: HashMap::new(),
        }
    }

    fn popular_page(&self, random: &mut Random) -> DocOrd {
        let at = self.popularity.draw(random).unwrap_or(0);
        self.popular[at]
    }

    /// The page `ord` at `at`.
    fn host(&mut self, ord: DocOrd, at: i64) -> Result<&Host> {
        let hour = match self.simulation.settings.exploring {
            true => at.div_euclid(HOUR),
            false => 0,
        };
        if self.hosts.get(&ord).is_none_or(|host| host.hour != hour) {
            let truth = match self.hosts.remove(&ord) {
                Some(host) => host.truth,
                None => self.simulation.truth(ord),
            };
            let cards = self.simulation.cards(ord, at)?;
            let mut liked: Vec<DocOrd> = truth.alike().chain(cards.iter().copied()).collect();
            liked.sort_unstable();
            liked.dedup();
            let relevance = |card| truth.relevance(self.simulation.snapshot, card);
            let liking = Choices::of(liked.iter().map(|&card| relevance(card)));
            let rated = cards.into_iter().map(|card| (card, relevance(card)));
            let cards = rated.collect();
            let host = Host {
                truth,
                cards,
                hour,
                liked,
                liking,
            };
            self.hosts.insert(ord, host);
        }
        Ok(&self.hosts[&ord])
    }
}

/// A page that a reader opens.
struct Opened {
    page: DocOrd,
    from: Option<DocOrd>,
    /// How well it fits, 0 to 1.
    fit: f64,
}

/// One reader, from its first page to its last.
struct Session<'s, 'a> {
    site: &'s mut SiteOfReaders<'a>,
    acts: &'s mut BinaryHeap<Reverse<Act>>,
    random: Random,
    visitor: u32,
    now: i64,
    until: i64,
    number: u32,
    shuffled: bool,
    open: VecDeque<Opened>,
}

impl<'s, 'a> Session<'s, 'a> {
    fn begin(
        site: &'s mut SiteOfReaders<'a>,
        visit: &Visit,
        acts: &'s mut BinaryHeap<Reverse<Act>>,
    ) -> Self {
        let settings = site.simulation.settings;
        let stream = (u64::from(visit.visitor) << 16) + u64::from(visit.number) + 1;
        let mut random = Random::seeded(settings.seed, stream);
        let shuffled = random.happens(settings.shuffled);
        let first = Opened {
            page: match settings.begin {
                Some(page) => page,
                None => site.popular_page(&mut random),
            },
            from: None,
            fit: FIRST_FIT,
        };
        Self {
            site,
            acts,
            random,
            visitor: visit.visitor,
            now: visit.at,
            until: settings.until * 1000,
            number: 0,
            shuffled,
            open: VecDeque::from([first]),
        }
    }

    fn run(mut self) -> Result<()> {
        for _ in 0..MOST_PAGES {
            let Some(opened) = self.open.pop_front() else {
                break;
            };
            let stayed = self.look(&opened);
            if stayed && self.random.happens(REACHES_PANEL) {
                self.see_panel(opened.page)?;
            }
            if self.open.is_empty() && self.random.happens(GOES_ON) {
                let next = self.go_on(opened.page)?;
                self.open.extend(next);
            }
        }
        Ok(())
    }

    /// Views a page; whether the reader stays.
    fn look(&mut self, opened: &Opened) -> bool {
        let bounces = self.random.happens(BOUNCES * (1.0 - opened.fit));
        let seconds = if bounces {
            self.random.between(1.0, 9.0)
        } else {
            let median = STAY * (1.0 + opened.fit) / 2.0;
            self.random.around(median, STAY_VARIES).clamp(10.0, 1_200.0)
        };
        let view = Act {
            from: opened.from,
            dwell: Some((seconds * 1000.0) as u32),
            ..self.act(EventKind::View, opened.page)
        };
        self.did(view, 0.0);
        if seconds >= READ_AFTER {
            let read = self.act(EventKind::Read, opened.page);
            self.did(read, READ_AFTER);
        }
        if !bounces && self.random.happens(LIKES * opened.fit) {
            let like = self.act(EventKind::Like, opened.page);
            self.did(like, 0.9 * seconds);
        }
        self.now += (seconds * 1000.0) as i64;
        !bounces
    }

    /// Sees the panel of `host`, and opens what it follows.
    fn see_panel(&mut self, host: DocOrd) -> Result<()> {
        let mut cards = self.site.host(host, self.now)?.cards.clone();
        if self.shuffled {
            self.random.shuffle(&mut cards);
        }
        let in_panel = |act: Act, position| Act {
            from: Some(host),
            position: Some(position),
            ..act
        };
        for (&(card, _), position) in cards.iter().zip(1..) {
            let seen = self.act(EventKind::Impression, card);
            self.did(in_panel(seen, position), 0.0);
        }
        let bias = self.site.simulation.settings.bias;
        for ((card, relevance), position) in cards.into_iter().zip(1..) {
            if self
                .random
                .happens(relevance * libm::pow(f64::from(position), -bias))
            {
                self.now += self.random.between(800.0, 4_000.0) as i64;
                let followed = self.act(EventKind::Click, card);
                self.did(in_panel(followed, position), 0.0);
                self.open.push_back(Opened {
                    page: card,
                    from: Some(host),
                    fit: relevance / BEST,
                });
            }
        }
        self.now += 500;
        Ok(())
    }

    /// Goes on from `page` without a card: to what it likes, or to where everyone goes.
    fn go_on(&mut self, page: DocOrd) -> Result<Option<Opened>> {
        let to_liked = self.random.happens(GOES_ON_TO_LIKED);
        let popular = self.site.popular_page(&mut self.random);
        let snapshot = self.site.simulation.snapshot;
        let host = self.site.host(page, self.now)?;
        let liked = host.liking.draw(&mut self.random).map(|at| host.liked[at]);
        let next = liked.filter(|_| to_liked).unwrap_or(popular);
        let fit = host.truth.relevance(snapshot, next) / BEST;
        self.now += self.random.between(2_000.0, 20_000.0) as i64;
        Ok((next != page).then_some(Opened {
            page: next,
            from: None,
            fit,
        }))
    }

    /// An act of this reader at this time.
    fn act(&self, kind: EventKind, article: DocOrd) -> Act {
        Act {
            at: self.now,
            visitor: self.visitor,
            number: self.number,
            kind,
            article,
            from: None,
            position: None,
            dwell: None,
        }
    }

    /// Notes an act, so many seconds from now; none after the end of the time.
    fn did(&mut self, act: Act, after: f64) {
        self.number += 1;
        let at = act.at + (after * 1000.0) as i64;
        if at < self.until {
            self.acts.push(Reverse(Act { at, ..act }));
        }
    }
}
