//! What readers do with panels, and what panels show: click-through by place, kind and reason, coverage, exposure, and names
//! that lead to no article.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use super::exposure::gini;
use super::intervals::{Interval, wilson};
use super::steps::Names;
use crate::engine::{PanelQuery, Snapshot, trimmed_until};
use crate::error::Result;
use crate::journal::read_events;
use crate::model::{DAY, Date, DocOrd, Event, EventKind, Problem, order, parallel};

/// Places that have a row of their own; lower ones share one.
const PLACES: u32 = 20;

/// How often cards were seen, and how often they were followed.
#[derive(Clone, Debug, Serialize)]
pub struct Rate {
    /// The place, kind or reason.
    pub name: String,
    /// Times that a card came into view.
    pub seen: u64,
    /// Clicks.
    pub clicks: u64,
    /// Clicks over times seen, with bounds of 95%; null where no card was seen, or fewer than were clicked.
    pub rate: Option<Interval>,
}

/// What panels show now.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Coverage {
    /// Published pages, which have a panel each.
    pub pages: usize,
    /// Those whose panel is full of related cards.
    pub full: usize,
    /// Cards of a full panel.
    pub limit: usize,
    /// Articles that may be cards.
    pub articles: usize,
    /// Those that are a related card somewhere.
    pub shown: usize,
    /// The Gini coefficient of how likely the articles are looked at, over all panels alike; null where nothing is related.
    pub gini: Option<f64>,
}

/// What readers did on a day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Day {
    /// The UTC day, in days since 1970-01-01.
    pub day: i64,
    /// Pages that were opened.
    pub views: u64,
    /// Pages that were read.
    pub reads: u64,
    /// Cards that came into view.
    pub seen: u64,
    /// Cards that were followed.
    pub clicks: u64,
}

/// A name in events that leads to no published article.
#[derive(Clone, Debug, Serialize)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// Events that have it as their article, or as where they came from.
    pub events: u64,
}

/// What readers do with panels, and what panels show.
#[derive(Clone, Debug, Serialize)]
pub struct Habits {
    /// Events in all.
    pub events: u64,
    /// The exponent `b` of the chance `1 / k^b` that readers look at the card in place k.
    pub examination: f64,
    /// By the place of the card.
    pub by_position: Vec<Rate>,
    /// By the kind of the article.
    pub by_kind: Vec<Rate>,
    /// By the reason that the card has now.
    pub by_reason: Vec<Rate>,
    /// What panels show now.
    pub coverage: Coverage,
    /// What readers did, day by day; days on which nothing was done are left out.
    #[serde(skip)]
    pub by_day: Vec<Day>,
    /// Names of no article, those of most events first.
    pub unknown: Vec<Unknown>,
    /// Until when events were added that are in a checkpoint and not in these figures.
    #[serde(skip)]
    pub trimmed_until: Option<Date>,
    /// What of the journal is damaged.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// The cards of a page: the article, the label of its reason, and whether it is related.
type Cards = Vec<(DocOrd, &'static str, bool)>;

impl Habits {
    /// Whether some cards were followed more often than they are known to be seen.
    pub fn lacks_impressions(&self) -> bool {
        let rates = [&self.by_position, &self.by_kind, &self.by_reason];
        rates.into_iter().flatten().any(|row| row.clicks > row.seen)
    }

    /// Those of the readers in the journal of `data` until `query.now`, and of the panels that `query` gives on `snapshot`.
    ///
    /// # Errors
    /// [`Error::Failed`](crate::error::Error::Failed) if the journal cannot be read,
    /// [`Error::Damaged`](crate::error::Error::Damaged) if a panel cannot.
    pub fn of(data: &Path, snapshot: &Snapshot, query: &PanelQuery) -> Result<Self> {
        let hosts: Vec<DocOrd> = snapshot.hosts().collect();
        let panels = parallel::map(hosts.len(), |at| cards(snapshot, hosts[at], query));
        let panels: Vec<Cards> = panels.into_iter().collect::<Result<_>>()?;
        let mut counts = Counts::default();
        let panels_of: HashMap<DocOrd, &Cards> = hosts.iter().copied().zip(&panels).collect();
        let mut names = Names::of(snapshot);
        let until = query.now.saturating_mul(1000);
        let problems = read_events(data, 0, |_, event| {
            if event.at <= until {
                counts.count(event, snapshot, &mut names, &panels_of)?;
            }
            Ok(())
        })?;
        let mut unknown: Vec<Unknown> = counts
            .unknown
            .into_iter()
            .map(|(name, events)| Unknown { name, events })
            .collect();
        // Stable: names of as many events stay in byte order.
        order::sort_by_key(&mut unknown, |one| std::cmp::Reverse(one.events));
        Ok(Self {
            events: counts.events,
            examination: snapshot.examination().exponent(),
            by_position: rates(counts.by_position, |place| match place {
                0..=PLACES => place.to_string(),
                _ => format!("beyond {PLACES}"),
            }),
            by_kind: rates(counts.by_kind, |kind| kind),
            by_reason: rates(counts.by_reason, str::to_owned),
            coverage: coverage(snapshot, &panels, query.limit),
            by_day: counts.by_day.into_values().collect(),
            unknown,
            trimmed_until: trimmed_until(data)?.map(|until| Date::from_parts(until, false)),
            problems,
        })
    }
}

fn cards(snapshot: &Snapshot, host: DocOrd, query: &PanelQuery) -> Result<Cards> {
    let panel = snapshot.panel(host, query)?;
    let cards = panel.cards.iter().filter_map(|card| {
        let ord = snapshot.by_id(card.entry.id)?;
        Some((ord, card.reason.label(), card.percent.is_some()))
    });
    Ok(cards.collect())
}

fn coverage(snapshot: &Snapshot, panels: &[Cards], limit: usize) -> Coverage {
    let looked = snapshot.examination();
    let mut exposure: BTreeMap<DocOrd, f64> = snapshot.listed().map(|ord| (ord, 0.0)).collect();
    for cards in panels {
        for (&(ord, _, related), place) in cards.iter().zip(1..) {
            if related {
                *exposure.entry(ord).or_default() += looked.chance(Some(place));
            }
        }
    }
    let related = |cards: &Cards| cards.iter().filter(|(.., related)| *related).count();
    let exposure: Vec<f64> = exposure.into_values().collect();
    Coverage {
        pages: panels.len(),
        full: panels
            .iter()
            .filter(|cards| related(cards) >= limit)
            .count(),
        limit,
        articles: exposure.len(),
        shown: exposure.iter().filter(|&&looks| looks > 0.0).count(),
        gini: gini(&exposure),
    }
}

/// Times seen, and clicks.
type Pair = [u64; 2];

#[derive(Default)]
struct Counts {
    events: u64,
    by_day: BTreeMap<i64, Day>,
    by_position: BTreeMap<u32, Pair>,
    by_kind: BTreeMap<String, Pair>,
    by_reason: BTreeMap<&'static str, Pair>,
    unknown: BTreeMap<String, u64>,
}

impl Counts {
    fn count_day(&mut self, event: &Event<'_>) {
        let day = event.at.div_euclid(DAY);
        let of_day = self.by_day.entry(day).or_default();
        of_day.day = day;
        match event.kind {
            EventKind::View => of_day.views += 1,
            EventKind::Read => of_day.reads += 1,
            EventKind::Impression => of_day.seen += 1,
            EventKind::Click => of_day.clicks += 1,
            _ => {}
        }
    }

    fn count(
        &mut self,
        event: &Event<'_>,
        snapshot: &Snapshot,
        names: &mut Names<'_>,
        panels: &HashMap<DocOrd, &Cards>,
    ) -> Result<()> {
        self.events += 1;
        self.count_day(event);
        let card = names.find(event.article);
        let host = event.from.and_then(|from| names.find(from));
        for (name, found) in [(Some(event.article), card), (event.from, host)] {
            if let (Some(name), None) = (name, found) {
                *self.unknown.entry(name.to_owned()).or_default() += 1;
            }
        }
        let column = match event.kind {
            EventKind::Impression => 0,
            EventKind::Click => 1,
            _ => return Ok(()),
        };
        // A click without a place is on a link somewhere.
        let (Some(host), Some(card), Some(position)) = (host, card, event.position) else {
            return Ok(());
        };
        let kind = snapshot.entry(card)?.kind;
        let shown = panels.get(&host).into_iter().flat_map(|cards| cards.iter());
        let mut reasons = shown.filter(|(ord, ..)| *ord == card);
        let reason = reasons.next().map_or("not in the panel now", |one| one.1);
        self.by_position
            .entry(position.min(PLACES + 1))
            .or_default()[column] += 1;
        self.by_kind.entry(kind.to_owned()).or_default()[column] += 1;
        self.by_reason.entry(reason).or_default()[column] += 1;
        Ok(())
    }
}

fn rates<K>(counts: BTreeMap<K, Pair>, name: impl Fn(K) -> String) -> Vec<Rate> {
    let rows = counts.into_iter().map(|(key, [seen, clicks])| Rate {
        name: name(key),
        seen,
        clicks,
        rate: wilson(clicks, seen),
    });
    rows.collect()
}
