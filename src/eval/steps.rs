//! Where readers went next: clicks on cards, and reads that follow another one, from the events of the journal.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use crate::engine::Snapshot;
use crate::error::Result;
use crate::journal::read_events;
use crate::model::{DAY, DocOrd, Event, EventKind, KeyedHash, Problem};

/// A pause as long as this ends a session, in milliseconds: what comes later follows nothing.
pub(super) const SESSION_GAP: i64 = 30 * 60 * 1000;
/// Steps that are looked at, the last ones.
const MOST: usize = 200_000;

/// A reader of one page went on to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    /// Milliseconds since 1970.
    pub(super) at: i64,
    /// Who.
    pub(super) visitor: KeyedHash,
    /// The page.
    pub(super) host: DocOrd,
    /// The page that came next.
    pub(super) card: DocOrd,
    /// The 1-based place of its card, where one was followed.
    pub(super) position: Option<u32>,
}

/// Steps, in the order of time.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// One for each visitor, pair and day (UTC): the first.
    pub(super) steps: Vec<Step>,
    /// What of the journal is damaged.
    pub(super) problems: Vec<Problem>,
}

impl Steps {
    /// The last steps between published articles of `snapshot` in the journal of `data`, none later than `until`
    /// (milliseconds since 1970).
    pub(super) fn read(data: &Path, snapshot: &Snapshot, until: i64) -> Result<Self> {
        let mut names = Names::of(snapshot);
        let mut last: HashMap<KeyedHash, (i64, DocOrd)> = HashMap::new();
        let mut steps = Vec::new();
        let problems = read_events(data, 0, |_, event| {
            if event.at <= until && leads_on(event.kind) {
                let card = names.find(event.article);
                let host = match event.from {
                    Some(from) => names.find(from),
                    None => last
                        .get(&event.visitor)
                        .filter(|(at, _)| (0..=SESSION_GAP).contains(&(event.at - at)))
                        .map(|&(_, before)| before),
                };
                if let Some(card) = card {
                    last.insert(event.visitor, (event.at, card));
                }
                steps.extend(step(event, host, card));
                if steps.len() >= 2 * MOST {
                    keep_last(&mut steps);
                }
            }
            Ok(())
        })?;
        keep_last(&mut steps);
        let mut seen = HashSet::new();
        steps.retain(|step| {
            let day = step.at.div_euclid(DAY);
            seen.insert((step.visitor, step.host, step.card, day))
        });
        Ok(Self { steps, problems })
    }
}

/// Whether an event of this kind says that somebody went to the article.
fn leads_on(kind: EventKind) -> bool {
    matches!(kind, EventKind::View | EventKind::Click | EventKind::Read)
}

fn step(event: &Event<'_>, host: Option<DocOrd>, card: Option<DocOrd>) -> Option<Step> {
    let (host, card) = (host?, card?);
    (host != card).then_some(Step {
        at: event.at,
        visitor: event.visitor,
        host,
        card,
        position: event.position.filter(|_| event.kind == EventKind::Click),
    })
}

fn keep_last(steps: &mut Vec<Step>) {
    steps.sort_unstable();
    let early = steps.len().saturating_sub(MOST);
    steps.drain(..early);
}

/// The published articles that the names of events lead to, each looked up once.
pub(super) struct Names<'a> {
    snapshot: &'a Snapshot,
    found: BTreeMap<String, Option<DocOrd>>,
}

impl<'a> Names<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            found: BTreeMap::new(),
        }
    }

    pub(super) fn find(&mut self, name: &str) -> Option<DocOrd> {
        if let Some(&found) = self.found.get(name) {
            return found;
        }
        let found = self.snapshot.find(name).ok();
        self.found.insert(name.to_owned(), found);
        found
    }
}
