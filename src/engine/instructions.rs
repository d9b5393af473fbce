//! What editors tell panels, for the articles of one generation: names become articles, contradictions become problems,
//! the rest becomes rules.
//!
//! What blocks wins: a card that is blocked and pinned does not show. Which of it holds is judged when a panel is made.

use std::collections::HashMap;

use super::gather::Place;
use super::names::Names;
use crate::corpus::Instructed;
use crate::index::Rules;
use crate::model::{ArticleId, Date, DocOrd, Entry, Instruction, Problem, Severity, Told};

/// An instruction whose articles are known.
struct Settled<'a> {
    path: &'a str,
    said: &'a Instruction,
    host: Option<DocOrd>,
    card: Option<DocOrd>,
}

impl Settled<'_> {
    /// Where it stands, for a message at another place.
    fn place(&self) -> String {
        format!("{}:{}", self.path, self.said.place.0)
    }

    fn problem(&self, severity: Severity, message: String) -> Problem {
        let (line, column) = self.said.place;
        Problem::new(severity, self.path, message).at(line, column)
    }

    fn warning(&self, message: String) -> Problem {
        self.problem(Severity::Warning, message)
    }

    fn meets(&self, other: &Self) -> bool {
        self.said.period.meets(other.said.period)
    }
}

/// Brings instructions and articles together.
pub(super) struct Settling<'a> {
    pub(super) entries: &'a [&'a Entry],
    pub(super) names: &'a Names<'a>,
    /// Which articles may be cards.
    pub(super) cards: &'a [bool],
    /// Where articles with instructions in their front matter were read.
    pub(super) places: &'a HashMap<ArticleId, Place>,
}

impl Settling<'_> {
    /// The rules that follow from `files` and from front matter, and what is wrong with them at `now` (unix seconds).
    pub(super) fn settle(&self, files: &[Instructed], now: i64) -> (Rules, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut settled = Vec::new();
        let of_files = files.iter().flat_map(|file| {
            file.instructions
                .iter()
                .map(|said| (file.path.as_str(), said))
        });
        let in_articles = self.entries.iter().flat_map(|entry| {
            let place = self.places.get(&entry.id);
            let path = place.map_or("", |place| place.path.as_str());
            entry.instructions().iter().map(move |said| (path, said))
        });
        for (path, said) in of_files.chain(in_articles) {
            match self.found(path, said) {
                Ok(found) => settled.push(found),
                Err(problem) => problems.push(problem),
            }
        }
        let mut pins = Pins::of(&settled);
        for (at, one) in settled.iter().enumerate() {
            problems.extend(self.contradiction(at, one, &mut pins));
            problems.extend(expired(one, now));
        }
        problems.sort();
        problems.dedup();
        (self.rules(&settled, &pins), problems)
    }

    fn found<'s>(&self, path: &'s str, said: &'s Instruction) -> Result<Settled<'s>, Problem> {
        let find = |name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => match self.names.find(name) {
                Some(ord) => Ok(Some(DocOrd(ord as u32))),
                None => Err(name.clone()),
            },
        };
        let (host, card) = match (find(&said.host), find(&said.card)) {
            (Ok(host), Ok(card)) => (host, card),
            (Err(name), _) | (_, Err(name)) => {
                let (line, column) = said.place;
                let message = format!(
                    "{}: names {name:?}, but no article is there; correct the name or remove it, until then it is left out",
                    said.told.name()
                );
                return Err(Problem::new(Severity::Warning, path, message).at(line, column));
            }
        };
        Ok(Settled {
            path,
            said,
            host,
            card,
        })
    }

    fn id(&self, ord: DocOrd) -> &ArticleId {
        &self.entries[ord.index()].id
    }

    /// What keeps `one` from doing anything, in the words of an editor.
    fn contradiction(&self, at: usize, one: &Settled<'_>, pins: &mut Pins<'_>) -> Option<Problem> {
        let (Told::Pin(_) | Told::Boost(_), Some(card)) = (one.said.told, one.card) else {
            return None;
        };
        let name = one.said.told.name();
        let entry = self.entries[card.index()];
        let reason = if entry.draft {
            Some("which is a draft; publish it".to_owned())
        } else if entry.noindex {
            Some("which is noindex; let it be found".to_owned())
        } else if !self.cards[card.index()] {
            Some("which has another page as its canonical".to_owned())
        } else if one.host == Some(card) {
            Some("which is the page itself; name another card".to_owned())
        } else if !entry.period().meets(one.said.period) {
            Some("which does not show at any time within these dates; correct them".to_owned())
        } else {
            None
        };
        if let Some(reason) = reason {
            pins.dropped[at] = true;
            let message = format!(
                "{name}: names {}, {reason}; or remove the {name}, until then it is left out",
                entry.id
            );
            return Some(one.warning(message));
        }
        let blocks = pins.blocks(one);
        let Told::Pin(slot) = one.said.told else {
            return blocks.map(|block| {
                one.warning(format!(
                    "boost: {} is kept out at {}, so the boost has no effect; remove one of them",
                    entry.id,
                    block.place()
                ))
            });
        };
        let host = one.host?;
        if let Some(block) = blocks {
            return Some(one.warning(format!(
                "pin: {} is pinned here and kept out at {}; what keeps it out counts, remove one of them",
                entry.id,
                block.place()
            )));
        }
        if let Some(off) = pins.off(one) {
            return Some(one.warning(format!(
                "pin: {} has no panel, as stated at {}, so the pin does not show; remove one of them",
                self.id(host),
                off.place()
            )));
        }
        let (other, what) = pins.rival(at, one, slot)?;
        let message = format!(
            "pin: the panel of {} has {what} at {} already; this one is left out while that holds, {}",
            self.id(host),
            other.place(),
            if what == TAKEN {
                "give it another slot"
            } else {
                "remove one of them"
            },
        );
        Some(one.warning(message))
    }

    fn rules(&self, settled: &[Settled<'_>], pins: &Pins<'_>) -> Rules {
        let mut rules = Rules::default();
        let standing = settled.iter().zip(&pins.dropped);
        let standing = standing
            .filter(|(one, dropped)| !**dropped || !matches!(one.said.told, Told::Pin(_)))
            .map(|(one, _)| one);
        for one in standing {
            rules.tell(one.said.told, one.said.period, one.host, one.card);
        }
        for (ord, entry) in (0..).map(DocOrd).zip(self.entries) {
            rules.keep_within(ord, entry.period());
        }
        rules
    }
}

/// An instruction that no longer holds, which is nobody's mistake.
fn expired(one: &Settled<'_>, now: i64) -> Option<Problem> {
    let end = one.said.period.end;
    (end <= now).then(|| {
        one.problem(
            Severity::Info,
            format!(
                "{}: expired on {}; it can be removed",
                one.said.told.name(),
                Date::from_seconds(end)
            ),
        )
    })
}

/// What a panel has already where two pins cannot both be.
const TAKEN: &str = "another pin in this slot";
const TWICE: &str = "a pin of this card";

/// What stands in a pin's way, looked up by host and card.
struct Pins<'a> {
    all: &'a [Settled<'a>],
    by_host: HashMap<DocOrd, Vec<usize>>,
    /// What keeps a card out of every panel.
    by_card: HashMap<DocOrd, Vec<usize>>,
    /// Pins that never show, by their places in `all`.
    dropped: Vec<bool>,
}

impl<'a> Pins<'a> {
    fn of(all: &'a [Settled<'a>]) -> Self {
        let mut pins = Self {
            all,
            by_host: HashMap::new(),
            by_card: HashMap::new(),
            dropped: vec![false; all.len()],
        };
        for (at, one) in all.iter().enumerate() {
            match (one.host, one.card) {
                (Some(host), _) => pins.by_host.entry(host).or_default().push(at),
                (None, Some(card)) => pins.by_card.entry(card).or_default().push(at),
                (None, None) => {}
            }
        }
        pins
    }

    fn of_host(&self, one: &Settled<'_>) -> impl Iterator<Item = (usize, &'a Settled<'a>)> + '_ {
        let places = one.host.and_then(|host| self.by_host.get(&host));
        places.into_iter().flatten().map(|&at| (at, &self.all[at]))
    }

    /// What keeps the card of `one` out of the panel.
    fn blocks(&self, one: &Settled<'_>) -> Option<&'a Settled<'a>> {
        let everywhere = one.card.and_then(|card| self.by_card.get(&card));
        let everywhere = everywhere.into_iter().flatten().map(|&at| &self.all[at]);
        let here = self
            .of_host(one)
            .map(|(_, other)| other)
            .filter(|other| other.card == one.card);
        here.chain(everywhere)
            .filter(|other| matches!(other.said.told, Told::Block | Told::NeverRecommend))
            .find(|other| other.meets(one))
    }

    /// What turns the panel of `one` off.
    fn off(&self, one: &Settled<'_>) -> Option<&'a Settled<'a>> {
        let mut here = self.of_host(one).map(|(_, other)| other);
        here.find(|other| other.said.told == Told::PanelOff && other.meets(one))
    }

    /// An earlier pin of the panel with the same slot or the same card.
    fn rival(
        &self,
        at: usize,
        one: &Settled<'_>,
        slot: u16,
    ) -> Option<(&'a Settled<'a>, &'static str)> {
        self.of_host(one)
            .take_while(|&(earlier, _)| earlier < at)
            .filter(|&(earlier, other)| !self.dropped[earlier] && other.meets(one))
            .find_map(|(_, other)| match other.said.told {
                Told::Pin(_) if other.card == one.card => Some((other, TWICE)),
                Told::Pin(taken) if taken == slot => Some((other, TAKEN)),
                _ => None,
            })
    }
}
