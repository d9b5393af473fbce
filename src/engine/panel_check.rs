//! Whether panels keep the rules: every panel of an index is made, and held against what the files say now.
//!
//! What the files say is worked out anew, so a rule that an index was built or is read wrongly with shows, and so does an
//! index that is behind its files.

use std::collections::HashMap;

use super::query::PanelQuery;
use super::snapshot::Snapshot;
use crate::error::Result;
use crate::index::{HostSays, Rules};
use crate::model::{DocOrd, Entry, order};
use crate::panel::Reason;

/// The panels to look at.
#[derive(Debug)]
pub struct PanelCheck<'a> {
    /// What makes them.
    pub snapshot: &'a Snapshot,
    /// What is asked of each.
    pub query: PanelQuery,
}

/// What the files say of panels; all lists by the ordinals of the articles in them.
pub(super) struct Truth<'a> {
    pub(super) entries: &'a [&'a Entry],
    /// Which articles may be cards.
    pub(super) cards: &'a [bool],
    /// Articles that are the same page again have the same.
    pub(super) clusters: Vec<DocOrd>,
    pub(super) rules: Rules,
}

/// A card as a panel shows it.
struct Shown<'a> {
    id: &'a str,
    pinned: bool,
}

/// A panel, and all that might have been in it.
struct Made<'a> {
    shown: Vec<Shown<'a>>,
    /// Articles that are related to the host, whatever the rules say of them.
    related: Vec<&'a str>,
}

impl PanelCheck<'_> {
    /// What is wrong with the panels, each with the ordinal of its host; and how many panels there are.
    pub(super) fn run(&self, truth: &Truth<'_>) -> Result<(Vec<(usize, String)>, usize)> {
        let entries = truth.entries.iter().enumerate();
        let ords: HashMap<&str, usize> = entries
            .map(|(ord, entry)| (entry.id.as_str(), ord))
            .collect();
        let (mut found, mut panels) = (Vec::new(), 0);
        for host in self.snapshot.hosts() {
            // The panel of a page that is gone is nobody's.
            let Some(&ord) = ords.get(self.snapshot.id(host)) else {
                continue;
            };
            panels += 1;
            let panel = self.snapshot.panel(host, &self.query)?;
            let cards = panel.cards.iter();
            let made = Made {
                shown: cards
                    .map(|card| Shown {
                        id: card.entry.id,
                        pinned: card.reason == Reason::EditorsPick,
                    })
                    .collect(),
                related: self.snapshot.related_to(host, &self.query),
            };
            let one = Examination {
                truth,
                query: &self.query,
                ords: &ords,
                host: DocOrd(ord as u32),
            };
            found.extend(one.violations(&made).into_iter().map(|what| (ord, what)));
        }
        Ok((found, panels))
    }
}

/// One panel under examination.
struct Examination<'a> {
    truth: &'a Truth<'a>,
    query: &'a PanelQuery,
    ords: &'a HashMap<&'a str, usize>,
    host: DocOrd,
}

impl Examination<'_> {
    fn violations(&self, made: &Made<'_>) -> Vec<String> {
        let mut found = Vec::new();
        if self.is_off() {
            if !made.shown.is_empty() {
                found.push("shows cards, but is turned off".to_owned());
            }
            return found;
        }
        let pins = self.pins();
        let mut clusters: Vec<(DocOrd, &str)> = Vec::new();
        for (place, card) in (1..).zip(&made.shown) {
            let id = card.id;
            let mut tell = |what: &str| found.push(format!("shows {id} at place {place}, {what}"));
            let Some(&ord) = self.ords.get(id) else {
                tell("which is gone");
                continue;
            };
            let ord = DocOrd(ord as u32);
            if let Some(what) = self.wrong(ord, card.pinned) {
                tell(what);
            }
            if card.pinned && !pins.iter().any(|&(_, pin)| pin == ord) {
                tell("as an editor's pick that no editor has made");
            }
            let cluster = self.truth.clusters[ord.index()];
            match clusters.iter().find(|(other, _)| *other == cluster) {
                Some((_, other)) => tell(&format!("which is the same page as {other} beside it")),
                None => clusters.push((cluster, id)),
            }
        }
        found.extend(self.pins_out_of_place(&pins, made));
        found.extend(self.missing(&pins, made));
        found
    }

    /// The rules for this panel that hold.
    fn rules(&self) -> impl Iterator<Item = HostSays> + '_ {
        let rules = self.truth.rules.of_host(self.host).iter();
        let (began, now) = (self.query.began, self.query.now);
        let holding = rules.filter(move |rule| match rule.says {
            HostSays::Pin(..) => rule.period.holds(began, now),
            _ => rule.period.touches(began, now),
        });
        holding.map(|rule| rule.says)
    }

    fn is_off(&self) -> bool {
        self.rules().any(|says| says == HostSays::Off)
    }

    /// Why `ord` should not be in the panel.
    fn wrong(&self, ord: DocOrd, pinned: bool) -> Option<&'static str> {
        let truth = self.truth;
        let entry = truth.entries[ord.index()];
        let rules = &truth.rules;
        let (began, now) = (self.query.began, self.query.now);
        let version = |ord| rules.version(ord);
        let hidden = || {
            let mut hiding = rules.hiding(ord).iter();
            hiding.any(|hidden| hidden.period.touches(began, now))
        };
        let says = |wanted: HostSays| self.rules().any(|says| says == wanted);
        let checks: [(&dyn Fn() -> bool, &'static str); 9] = [
            (&|| ord == self.host, "which is the page itself"),
            (&|| entry.draft, "which is a draft"),
            (&|| entry.noindex, "which is noindex"),
            (
                &|| !truth.cards[ord.index()],
                "which has another page as its canonical",
            ),
            (
                &|| !entry.period().holds(began, now),
                "which has expired or has not started",
            ),
            (&hidden, "which is never to be recommended now"),
            (&|| says(HostSays::Block(ord)), "which is blocked"),
            (
                &|| truth.clusters[ord.index()] == truth.clusters[self.host.index()],
                "which is the same page: a translation, a version, a near-duplicate, or one with the same canonical",
            ),
            (
                &|| !pinned && says(HostSays::Apart(ord)),
                "which stands next to it in its series",
            ),
        ];
        let wrong = checks.iter().find(|(holds, _)| holds());
        let older = !pinned
            && rules.is_older(ord)
            && (version(self.host) == 0 || version(self.host) != version(ord));
        wrong
            .map(|(_, what)| *what)
            .or(older.then_some("of which a newer version is there"))
    }

    /// The pins that should show, by slot: one a slot.
    fn pins(&self) -> Vec<(u16, DocOrd)> {
        let mut pins: Vec<(u16, DocOrd)> = self
            .rules()
            .filter_map(|says| match says {
                HostSays::Pin(slot, row) => Some((slot, row.ord)),
                _ => None,
            })
            .collect();
        order::sort_by_key(&mut pins, |&(slot, _)| slot);
        pins.retain(|&(slot, ord)| {
            usize::from(slot) <= self.query.limit && self.wrong(ord, true).is_none()
        });
        pins.dedup_by_key(|(slot, _)| *slot);
        pins
    }

    /// A pin stands in its slot or, where the panel is shorter, at the end, with nothing but pins behind it.
    fn pins_out_of_place(&self, pins: &[(u16, DocOrd)], made: &Made<'_>) -> Vec<String> {
        let wrong = pins.iter().filter(|&&(slot, ord)| {
            let id = self.truth.entries[ord.index()].id.as_str();
            let slot = usize::from(slot);
            let at = made
                .shown
                .iter()
                .position(|card| card.pinned && card.id == id);
            at.is_none_or(|at| {
                let last =
                    made.shown.len() < slot && made.shown[at..].iter().all(|card| card.pinned);
                at + 1 != slot && !last
            })
        });
        wrong
            .map(|&(slot, ord)| {
                let id = &self.truth.entries[ord.index()].id;
                format!("does not have {id} in slot {slot}, where it is pinned")
            })
            .collect()
    }

    /// Whether there are fewer cards than there could be.
    fn missing(&self, pins: &[(u16, DocOrd)], made: &Made<'_>) -> Option<String> {
        let cluster = |ord: DocOrd| self.truth.clusters[ord.index()];
        let mut clusters: Vec<DocOrd> = pins.iter().map(|&(_, ord)| cluster(ord)).collect();
        for id in &made.related {
            if let Some(&ord) = self.ords.get(id) {
                let ord = DocOrd(ord as u32);
                if self.wrong(ord, false).is_none() && !clusters.contains(&cluster(ord)) {
                    clusters.push(cluster(ord));
                }
            }
        }
        let could = clusters.len().min(self.query.limit);
        let shown = made.shown.len();
        (shown < could).then(|| format!("shows {shown} cards, but could show {could}"))
    }
}

#[cfg(test)]
#[path = "panel_check_tests.rs"]
mod tests;
