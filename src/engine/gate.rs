//! Which of the events that browsers send are counted: those of known articles, of clicks and impressions those that a
//! panel vouches for, and of one reader no more than a reader can do.

use std::collections::{HashMap, HashSet};

use super::snapshot::Snapshot;
use crate::corpus::events::{EventRecord, posted};
use crate::keys::{Sender, SiteKey};
use crate::model::{DocOrd, EventKind, KeyedHash};

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// Events that a visitor may send in a minute; a page with a panel sends about twenty.
const EACH_MINUTE: u32 = 240;
/// Clicks and impressions of a day that are told apart; what is beyond is counted without.
const TOLD_APART: usize = 4 << 20;

/// Judges events as they come; keeps what it needs of one day.
#[derive(Debug, Default)]
pub struct Gate {
    minute: i64,
    sent: HashMap<KeyedHash, u32>,
    day: i64,
    seen: HashSet<(KeyedHash, DocOrd, DocOrd, EventKind)>,
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
    /// The event that `record` is worth, or why it is worth none.
    ///
    /// # Errors
    /// What the sender may be told.
    pub fn judge(
        &mut self,
        record: &str,
        sent: &Sent<'_>,
        snapshot: &Snapshot,
    ) -> Result<EventRecord<'static>, String> {
        self.go_on_to(sent.at);
        let (event, token) =
            posted(record, sent.at, sent.sender).map_err(|refused| refused.message.into_owned())?;
        let article = snapshot
            .find(&event.article)
            .map_err(|_| "article: it is none of this site's".to_owned())?;
        if !self.has_room(sent.sender.visitor) {
            return Err("too many events in a minute".to_owned());
        }
        let named = event.from.as_deref().zip(token.as_deref());
        let vouched = named.and_then(|(from, token)| {
            let host = snapshot.find(from).ok()?;
            let day = sent.at.div_euclid(DAY);
            let key = sent.key;
            let place = key.place_in_panel(token, snapshot.id(host), snapshot.id(article), day)?;
            Some((host, place))
        });
        let id = snapshot.id(article).to_owned();
        let plain = EventRecord {
            article: id.into(),
            from: None,
            position: None,
            ..event.into_owned()
        };
        match (plain.kind, vouched) {
            (EventKind::Impression, None) => {
                Err("panel: found no token that names this card in the panel of `from`".to_owned())
            }
            (EventKind::Click | EventKind::Impression, Some((host, place))) => {
                let once = (sent.sender.visitor, host, article, plain.kind);
                if self.seen.len() < TOLD_APART && !self.seen.insert(once) {
                    return Err("it was counted today already".to_owned());
                }
                Ok(EventRecord {
                    from: Some(snapshot.id(host).to_owned().into()),
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

    fn go_on_to(&mut self, at: i64) {
        if at.div_euclid(MINUTE) != self.minute {
            self.minute = at.div_euclid(MINUTE);
            self.sent.clear();
        }
        if at.div_euclid(DAY) != self.day {
            self.day = at.div_euclid(DAY);
            self.seen.clear();
        }
    }

    fn has_room(&mut self, visitor: KeyedHash) -> bool {
        let sent = self.sent.entry(visitor).or_default();
        *sent += 1;
        *sent <= EACH_MINUTE
    }
}
