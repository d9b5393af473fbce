//! What editors and structure say of panels, in the serving file: rules of hosts, rules of cards, boosts, versions.
//!
//! Only articles that are marked in their facts have any, so a site without pays for one bit of what is read anyway.

use super::records::{CandidateRow, ROW};
use super::sections::SectionsWriter;
use super::serving::Serving;
use crate::error::Result;
use crate::model::{DocOrd, Period, Told, order};

const HOST_RULES: u32 = 15;
const HIDDEN: u32 = 16;
const BOOSTS: u32 = 17;
const VERSIONS: u32 = 18;

/// Says "every host" in a boost.
const ANY: u32 = u32::MAX;

/// Something about the panel of one host, while `period` holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostRule {
    /// The article whose panel it is.
    pub host: DocOrd,
    /// When it holds.
    pub period: Period,
    /// What it says.
    pub says: HostSays,
}

/// What a rule says of a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HostSays {
    /// There is none.
    Off,
    /// Not this card, whatever else is said of it.
    Block(DocOrd),
    /// Not this card unless an editor pins it: it stands elsewhere on the page.
    Apart(DocOrd),
    /// This card stands at this slot, from 1; with what signals know of the pair.
    Pin(u16, CandidateRow),
}

/// A card that stands in no panel while `period` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The card.
    pub card: DocOrd,
    /// When it is hidden.
    pub period: Period,
}

/// So much is added to the score of a card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boost {
    /// The card.
    pub card: DocOrd,
    /// In the panel of this article; `None`: in all.
    pub host: Option<DocOrd>,
    /// How much.
    pub by: f64,
    /// When it holds.
    pub period: Period,
}

/// All rules of a generation.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Those of hosts, in the order in which they count.
    pub hosts: Vec<HostRule>,
    /// Those of cards.
    pub hidden: Vec<Hidden>,
    /// Boosts.
    pub boosts: Vec<Boost>,
    /// A number that is equal for articles of one version of one part of the site, from 1; 0 for none. Empty where no page
    /// has versions.
    pub versions: Vec<u32>,
    /// Whether a newer version of the article is there; empty where no page has versions.
    pub older: Vec<bool>,
}

const HOST_RULE: usize = 24 + ROW;
const HIDING: usize = 20;
const BOOST: usize = 32;

impl Rules {
    /// Adds what an editor tells of these articles.
    pub fn tell(&mut self, told: Told, period: Period, host: Option<DocOrd>, card: Option<DocOrd>) {
        let mut of_host = |says| {
            let rule = |host| HostRule { host, period, says };
            self.hosts.extend(host.map(rule));
        };
        match (told, card) {
            (Told::PanelOff, _) => of_host(HostSays::Off),
            (Told::Pin(slot), Some(card)) => {
                of_host(HostSays::Pin(slot, CandidateRow::unknown(card)));
            }
            (Told::Block, Some(card)) if host.is_some() => of_host(HostSays::Block(card)),
            (Told::Block | Told::NeverRecommend, Some(card)) => {
                self.hidden.push(Hidden { card, period });
            }
            (Told::Boost(by), Some(card)) => self.boosts.push(Boost {
                card,
                host,
                by,
                period,
            }),
            (Told::Pin(_) | Told::Block | Told::NeverRecommend | Told::Boost(_), None) => {}
        }
    }

    /// Hides `card` outside its own `period`.
    pub fn keep_within(&mut self, card: DocOrd, period: Period) {
        let before = Period {
            end: period.start,
            ..Period::ALWAYS
        };
        let after = Period {
            start: period.end,
            ..Period::ALWAYS
        };
        let outside = [before, after].into_iter();
        let outside = outside.filter(|period| !period.is_empty());
        (self.hidden).extend(outside.map(|period| Hidden { card, period }));
    }

    /// Sorts them as they are looked up; of one host and kind the earlier still counts first.
    pub fn settle(&mut self) {
        order::sort_by_key(&mut self.hosts, |rule| rule.host);
        order::sort_by_key(&mut self.hidden, |hidden| hidden.card);
        order::sort_by_key(&mut self.boosts, |boost| (boost.card, boost.host));
    }

    /// Whether `ord` has a rule as a host.
    pub fn of_host(&self, ord: DocOrd) -> &[HostRule] {
        of(&self.hosts, ord, |rule| rule.host)
    }

    /// When `ord` is hidden as a card.
    pub fn hiding(&self, ord: DocOrd) -> &[Hidden] {
        of(&self.hidden, ord, |hidden| hidden.card)
    }

    /// Whether a newer version of `ord` is there.
    pub fn is_older(&self, ord: DocOrd) -> bool {
        self.older.get(ord.index()).copied().unwrap_or_default()
    }

    /// The version of `ord`, from 1; 0 for none.
    pub fn version(&self, ord: DocOrd) -> u32 {
        self.versions.get(ord.index()).copied().unwrap_or_default()
    }

    pub(super) fn write(&self, file: &mut SectionsWriter) -> Result<()> {
        file.put_chunks(HOST_RULES, self.hosts.iter().map(|rule| rule.to_bytes()))?;
        file.put_chunks(HIDDEN, self.hidden.iter().map(|hidden| hidden.to_bytes()))?;
        file.put_chunks(BOOSTS, self.boosts.iter().map(|boost| boost.to_bytes()))?;
        file.put_u32s(VERSIONS, self.versions.iter().copied())
    }
}

/// Those of `ord` in a list that is sorted by what `key` gives.
fn of<T>(sorted: &[T], ord: DocOrd, key: impl Fn(&T) -> DocOrd) -> &[T] {
    let start = sorted.partition_point(|one| key(one) < ord);
    let length = sorted[start..].partition_point(|one| key(one) == ord);
    &sorted[start..start + length]
}

impl Serving {
    /// The rules of `host`, in the order in which they count.
    pub fn host_rules(&self, host: DocOrd) -> impl Iterator<Item = HostRule> + '_ {
        let all = self.sections().records::<HOST_RULE>(HOST_RULES);
        of(all, host, |bytes| ord_at(bytes, 0))
            .iter()
            .map(HostRule::from_bytes)
    }

    /// Whether `card` is hidden at some moment from `began` until `now`.
    pub fn is_hidden(&self, card: DocOrd, began: i64, now: i64) -> bool {
        let all = self.sections().records::<HIDING>(HIDDEN);
        of(all, card, |bytes| ord_at(bytes, 0))
            .iter()
            .any(|bytes| period_at(bytes, 4).touches(began, now))
    }

    /// Whether any card has a boost.
    pub fn has_boosts(&self) -> bool {
        !self.sections().records::<BOOST>(BOOSTS).is_empty()
    }

    /// What is added to the score of `card` in the panel of `host` from `began` until `now`.
    pub fn boost(&self, host: DocOrd, card: DocOrd, began: i64, now: i64) -> f64 {
        let all = self.sections().records::<BOOST>(BOOSTS);
        let boosts = of(all, card, |bytes| ord_at(bytes, 0)).iter();
        boosts
            .map(Boost::from_bytes)
            .filter(|boost| boost.host.is_none_or(|of| of == host))
            .filter(|boost| boost.period.holds(began, now))
            .map(|boost| boost.by)
            .sum()
    }

    /// Whether any page has versions.
    pub fn has_versions(&self) -> bool {
        !self.sections().bytes(VERSIONS).is_empty()
    }

    /// A number that is equal for articles of one version, from 1; 0 for none.
    pub fn version(&self, ord: DocOrd) -> u32 {
        let bytes = self.sections().bytes(VERSIONS);
        if bytes.is_empty() {
            return 0;
        }
        self.sections().u32(VERSIONS, ord.index())
    }
}

fn ord_at(bytes: &[u8], at: usize) -> DocOrd {
    DocOrd(u32_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

fn period_at(bytes: &[u8], at: usize) -> Period {
    Period {
        start: i64::from_le_bytes(array_at(bytes, at)),
        end: i64::from_le_bytes(array_at(bytes, at + 8)),
    }
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn put_period(bytes: &mut [u8], at: usize, period: Period) {
    put(bytes, at, &period.start.to_le_bytes());
    put(bytes, at + 8, &period.end.to_le_bytes());
}

impl HostRule {
    fn to_bytes(self) -> [u8; HOST_RULE] {
        let (kind, row) = match self.says {
            HostSays::Off => (0, CandidateRow::unknown(self.host)),
            HostSays::Block(card) => (1, CandidateRow::unknown(card)),
            HostSays::Apart(card) => (2, CandidateRow::unknown(card)),
            HostSays::Pin(slot, row) => (2 + u32::from(slot), row),
        };
        let mut bytes = [0; HOST_RULE];
        put(&mut bytes, 0, &self.host.0.to_le_bytes());
        put(&mut bytes, 4, &kind.to_le_bytes());
        put_period(&mut bytes, 8, self.period);
        put(&mut bytes, 24, &row.to_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; HOST_RULE]) -> Self {
        let row = CandidateRow::from_bytes(&array_at(bytes, 24));
        Self {
            host: ord_at(bytes, 0),
            period: period_at(bytes, 8),
            says: match u32_at(bytes, 4) {
                0 => HostSays::Off,
                1 => HostSays::Block(row.ord),
                2 => HostSays::Apart(row.ord),
                kind => HostSays::Pin((kind - 2) as u16, row),
            },
        }
    }
}

impl Hidden {
    fn to_bytes(self) -> [u8; HIDING] {
        let mut bytes = [0; HIDING];
        put(&mut bytes, 0, &self.card.0.to_le_bytes());
        put_period(&mut bytes, 4, self.period);
        bytes
    }
}

impl Boost {
    fn to_bytes(self) -> [u8; BOOST] {
        let mut bytes = [0; BOOST];
        put(&mut bytes, 0, &self.card.0.to_le_bytes());
        let host = self.host.map_or(ANY, |host| host.0);
        put(&mut bytes, 4, &host.to_le_bytes());
        put(&mut bytes, 8, &self.by.to_le_bytes());
        put_period(&mut bytes, 16, self.period);
        bytes
    }

    fn from_bytes(bytes: &[u8; BOOST]) -> Self {
        let host = u32_at(bytes, 4);
        Self {
            card: ord_at(bytes, 0),
            host: (host != ANY).then_some(DocOrd(host)),
            by: f64::from_le_bytes(array_at(bytes, 8)),
            period: period_at(bytes, 16),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let row = CandidateRow {
            content: 0.5,
            shared_terms: 9,
            ..CandidateRow::unknown(DocOrd(70_000))
        };
        let period = Period { start: -5, end: 7 };
        for says in [
            HostSays::Off,
            HostSays::Block(DocOrd(3)),
            HostSays::Apart(DocOrd(4)),
            HostSays::Pin(1, row),
            HostSays::Pin(100, row),
        ] {
            let rule = HostRule {
                host: DocOrd(2),
                period,
                says,
            };
            assert_eq!(HostRule::from_bytes(&rule.to_bytes()), rule);
        }
        for host in [None, Some(DocOrd(9))] {
            let boost = Boost {
                card: DocOrd(1),
                host,
                by: -0.25,
                period,
            };
            assert_eq!(Boost::from_bytes(&boost.to_bytes()), boost);
        }
    }

    #[test]
    fn rules_are_found_by_their_article() {
        let hidden = [1, 1, 4].map(|card| Hidden {
            card: DocOrd(card),
            period: Period::ALWAYS,
        });
        let found = |ord| of(&hidden, DocOrd(ord), |one| one.card).len();
        assert_eq!([0, 1, 2, 4, 5].map(found), [0, 2, 0, 1, 0]);
    }
}
