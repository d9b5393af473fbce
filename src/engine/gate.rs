//! Which of the events that browsers send are counted: those of known articles, of clicks and impressions those that a
//! panel vouches for, and of one reader no more than a reader can do.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::abuse::Why;
use super::snapshot::Snapshot;
use super::turned_away::{About, TurnedAway};
use crate::corpus::events::{EventRecord, Posted};
use crate::keys::{Sender, SiteKey};
use crate::model::{DAY, DigestMap, DocOrd, EventKind, KeyedHash};

const MINUTE: i64 = 60_000;
/// Events that a visitor may send in a minute; a page with a panel sends about twenty.
const EACH_MINUTE: u32 = 240;
/// Clicks and impressions of a day that are told apart; what is beyond is counted without.
const TOLD_APART: usize = 4 << 20;

/// Judges events as they come, of many senders at a time; keeps what it needs of one day.
#[derive(Debug, Default)]
pub struct Gate(Mutex<Day>);

/// Who, on which page, which card, what.
type Once = (KeyedHash, DocOrd, DocOrd, EventKind);

/// What came this day.
#[derive(Debug, Default)]
struct Day {
    minute: i64,
    sent: DigestMap<KeyedHash, u32>,
    day: i64,
    seen: HashSet<Once>,
    /// What was turned away and is not in a file yet.
    turned_away: TurnedAway,
}

/// Who sends an event, when, and what vouches for panels.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub sender: Sender,
    /// The key that signs panels.
    pub key: &'a SiteKey,
}

impl Gate {
    /// The event that `record` is worth, with names of `snapshot`, or why it is worth none.
    ///
    /// # Errors
    /// What the sender may be told.
    pub fn judge<'s>(
        &self,
        record: Posted<'_>,
        sent: &Sent<'_>,
        snapshot: &'s Snapshot,
    ) -> Result<EventRecord<'s>, String> {
        let read = record.event(sent.at, sent.sender);
        let (event, token) = read.map_err(|refused| refused.message.into_owned())?;
        let article = snapshot
            .find(&event.article)
            .map_err(|_| "article: it is none of this site's".to_owned())?;
        let visitor = sent.sender.visitor;
        let today = sent.at.div_euclid(DAY);
        let about = |host: Option<DocOrd>| About {
            from: host.map_or_else(String::new, |host| snapshot.id(host).to_owned()),
            article: snapshot.id(article).to_owned(),
        };
        if !self.day(|day| day.has_room(sent.at, visitor)) {
            let host = event
                .from
                .as_deref()
                .and_then(|from| snapshot.find(from).ok());
            let about = about(host);
            self.day(|day| day.turned_away.add(today, about, Why::Rate, 1));
            return Err("too many events in a minute".to_owned());
        }
        let named = event.from.as_deref().zip(token.as_deref());
        let vouched = named.and_then(|(from, token)| {
            let host = snapshot.find(from).ok()?;
            let key = sent.key;
            let place =
                key.place_in_panel(token, snapshot.id(host), snapshot.id(article), today)?;
            Some((host, place))
        });
        let plain = EventRecord {
            at: event.at,
            visitor: event.visitor,
            network: event.network,
            kind: event.kind,
            article: snapshot.id(article).into(),
            from: None,
            position: None,
            dwell: event.dwell,
            id: event.id,
        };
        match (plain.kind, vouched) {
            (EventKind::Impression, None) => {
                Err("panel: found no token that names this card in the panel of `from`".to_owned())
            }
            (EventKind::Click | EventKind::Impression, Some((host, place))) => {
                let once = (visitor, host, article, plain.kind);
                if !self.day(|day| day.is_first(sent.at, once)) {
                    // A panel that is looked at again is no abuse.
                    if plain.kind == EventKind::Click {
                        let about = about(Some(host));
                        self.day(|day| day.turned_away.add(today, about, Why::Repeated, 1));
                    }
                    return Err("it was counted today already".to_owned());
                }
                Ok(EventRecord {
                    from: Some(snapshot.id(host).into()),
                    position: Some(place),
                    ..plain
                })
            }
            // Whoever is there has read it, however the page was found.
            (EventKind::Click, None) => Ok(EventRecord {
                kind: EventKind::View,
                ..plain
            }),
            _ => Ok(plain),
        }
    }

    /// What was turned away since the last call.
    pub fn turned_away(&self) -> TurnedAway {
        self.day(|day| std::mem::take(&mut day.turned_away))
    }

    /// Looks at what came this day; held for no longer than that, as others wait.
    fn day<T>(&self, look: impl FnOnce(&mut Day) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Day {
    /// Takes note of an event of `visitor`; whether it may send that many in a minute.
    fn has_room(&mut self, at: i64, visitor: KeyedHash) -> bool {
        if at.div_euclid(MINUTE) != self.minute {
            self.minute = at.div_euclid(MINUTE);
            self.sent.clear();
        }
        let sent = self.sent.entry(visitor).or_default();
        *sent += 1;
        *sent <= EACH_MINUTE
    }

    /// Takes note of a click or an impression; whether it is the first of its like, or too many are told apart already.
    fn is_first(&mut self, at: i64, once: Once) -> bool {
        if at.div_euclid(DAY) != self.day {
            self.day = at.div_euclid(DAY);
            self.seen.clear();
        }
        self.seen.len() >= TOLD_APART || self.seen.insert(once)
    }
}
