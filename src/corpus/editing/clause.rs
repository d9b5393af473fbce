//! The keys of one instruction, checked: which articles, how much, from when until when.

use crate::corpus::findings::shown;
use crate::corpus::tree::Tree;
use crate::model::{Date, Instruction, LARGEST_BOOST, LAST_SLOT, Period, Told};
use crate::text::nearest;

/// What an instruction begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Pin,
    Block,
    Boost,
    PanelOff,
    NeverRecommend,
}

impl Verb {
    pub(super) const NAMES: [&'static str; 5] =
        ["pin", "block", "boost", "panel-off", "never-recommend"];

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match plain(name).as_str() {
            "pin" => Self::Pin,
            "block" => Self::Block,
            "boost" => Self::Boost,
            "panel-off" => Self::PanelOff,
            "never-recommend" => Self::NeverRecommend,
            _ => return None,
        })
    }

    /// What its value may be in front matter.
    pub(super) fn expects(self) -> &'static str {
        match self {
            Self::Pin => "the name of an article, or a table with card, slot, starts, expires",
            Self::Block => "the name of an article, or a table with card, starts, expires",
            Self::Boost => "a number, or a table with by, starts, expires",
            Self::PanelOff | Self::NeverRecommend => {
                "true or false, or a table with starts, expires"
            }
        }
    }

    /// The keys that mean something, those that must stand first; in front matter the article itself is known.
    fn keys(self, own: bool) -> &'static [&'static str] {
        match (self, own) {
            (Self::Pin, false) => &["card", "host", "slot", "starts", "expires", "note"],
            (Self::Pin, true) => &["card", "slot", "starts", "expires", "note"],
            (Self::Block, false) => &["card", "host", "starts", "expires", "note"],
            (Self::Block, true) => &["card", "starts", "expires", "note"],
            (Self::Boost, false) => &["card", "by", "host", "starts", "expires", "note"],
            (Self::Boost, true) => &["by", "starts", "expires", "note"],
            (Self::PanelOff, false) => &["host", "starts", "expires", "note"],
            (Self::NeverRecommend, false) => &["card", "starts", "expires", "note"],
            (Self::PanelOff | Self::NeverRecommend, true) => &["starts", "expires", "note"],
        }
    }

    fn needs(self, own: bool) -> &'static [&'static str] {
        let keys = self.keys(own);
        let count = match (self, own) {
            (Self::Pin | Self::Boost, false) => 2,
            (Self::PanelOff | Self::NeverRecommend, true) => 0,
            _ => 1,
        };
        &keys[..count]
    }
}

/// A name as it is compared: `Never_Recommend` is `never-recommend`.
pub(super) fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', ' '], "-")
}

/// The entries of one instruction.
pub(super) struct Clause<'a> {
    pub(super) verb: Verb,
    /// Whether it stands in the front matter of the article it is about.
    pub(super) own: bool,
    /// The slot of a pin that names none.
    pub(super) slot: u16,
    pub(super) entries: &'a [(String, Tree)],
    pub(super) place: &'a dyn Fn(&str) -> (u64, u64),
    pub(super) slips: &'a mut Vec<((u64, u64), String)>,
}

/// The values of a clause so far.
struct Values {
    hosts: Vec<String>,
    cards: Vec<String>,
    slot: u16,
    by: Option<f64>,
    starts: Option<Date>,
    expires: Option<Date>,
}

impl Clause<'_> {
    /// The instructions that it gives: one for each host and card; none where something needed is missing or wrong.
    pub(super) fn read(mut self) -> Vec<Instruction> {
        let mut values = Values {
            hosts: Vec::new(),
            cards: Vec::new(),
            slot: self.slot,
            by: None,
            starts: None,
            expires: None,
        };
        let mut usable = true;
        for (written, value) in self.entries {
            usable &= self.take(written, value, &mut values);
        }
        let needed = self.verb.needs(self.own);
        let missing = needed.iter().find(|key| {
            let mut written = self.entries.iter().map(|(written, _)| spelled(written));
            !written.any(|written| written == **key)
        });
        if let (Some(key), true) = (missing, usable) {
            let message = format!(
                "found no {key}; expected {}; it is left out",
                needed.join(" and ")
            );
            return self.refuse("", message);
        }
        if !usable {
            return Vec::new();
        }
        let period = Period::of(values.starts, values.expires);
        if period.is_empty() {
            return self.refuse(
                "expires",
                "expires before it starts; correct the dates, until then it never holds".to_owned(),
            );
        }
        self.instructions(&values, period)
    }

    fn refuse(&mut self, key: &str, message: String) -> Vec<Instruction> {
        self.slips.push(((self.place)(key), message));
        Vec::new()
    }

    /// Takes one key; whether the instruction can be used with what stands there.
    fn take(&mut self, written: &str, value: &Tree, values: &mut Values) -> bool {
        let key = spelled(written);
        let known = self.verb.keys(self.own);
        if !known.contains(&key.as_str()) {
            let meant = nearest(&key, known.iter().copied()).unwrap_or_default();
            let message = format!(
                "found {}, expected {}; did you mean {meant:?}? it is left out",
                shown(written),
                known.join(", ")
            );
            self.refuse(written, message);
            return true;
        }
        let wrong = match key.as_str() {
            "host" => names(value, &mut values.hosts),
            "card" => names(value, &mut values.cards),
            "slot" => set(&mut values.slot, slot(value)).then_some("a whole number from 1 to 100"),
            "by" => set(&mut values.by, number(value).map(Some))
                .then_some("a number from -0.3 to 0.3 that is not 0"),
            "starts" => set(&mut values.starts, date(value).map(Some)).then_some(DATES),
            "expires" => set(&mut values.expires, date(value).map(Some)).then_some(DATES),
            _ => None,
        };
        if let Some(expected) = wrong {
            let found = value
                .text()
                .map_or_else(|| "something else".to_owned(), shown);
            let message = format!(
                "{written}: found {found}, expected {expected}; the {} is left out, correct it",
                self.verb_name()
            );
            self.refuse(written, message);
        }
        wrong.is_none()
    }

    fn verb_name(&self) -> &'static str {
        Verb::NAMES[self.verb as usize]
    }

    fn instructions(&mut self, values: &Values, period: Period) -> Vec<Instruction> {
        let by = values.by.unwrap_or_default();
        if by.abs() > LARGEST_BOOST {
            let message = format!(
                "by: found {by}, expected {LARGEST_BOOST} at most either way; it is taken as that"
            );
            self.refuse("by", message);
        }
        let open = |names: &[String]| match names {
            [] => vec![None],
            names => names.iter().cloned().map(Some).collect(),
        };
        let key = self.verb.needs(self.own).first().copied().unwrap_or("");
        let place = (self.place)(key);
        let mut read = Vec::new();
        for host in open(&values.hosts) {
            for (after, card) in (0..).zip(open(&values.cards)) {
                let slot = values.slot.saturating_add(after);
                let told = match self.verb {
                    Verb::Pin if slot > LAST_SLOT => continue,
                    Verb::Pin => Told::Pin(slot),
                    Verb::Block => Told::Block,
                    Verb::Boost => Told::Boost(by.clamp(-LARGEST_BOOST, LARGEST_BOOST)),
                    Verb::PanelOff => Told::PanelOff,
                    Verb::NeverRecommend => Told::NeverRecommend,
                };
                let host = host.clone();
                read.push(Instruction {
                    told,
                    host,
                    card,
                    period,
                    place,
                });
            }
        }
        read
    }
}

const DATES: &str = "a date such as 2025-08-26, or RFC 3339";

/// The key that `written` stands for.
fn spelled(written: &str) -> String {
    match plain(written).as_str() {
        "start" => "starts".to_owned(),
        "expire" | "expiry" | "until" => "expires".to_owned(),
        other => other.to_owned(),
    }
}

/// Puts `found` into `field`; whether there is nothing to put.
fn set<T>(field: &mut T, found: Option<T>) -> bool {
    match found {
        Some(found) => *field = found,
        None => return true,
    }
    false
}

/// Adds the names in `value`, a name or a list of them; what was expected, if that is something else.
fn names(value: &Tree, all: &mut Vec<String>) -> Option<&'static str> {
    let single = std::slice::from_ref(value);
    let items = match value {
        Tree::List(items) => items.as_slice(),
        _ => single,
    };
    for item in items {
        match item.text() {
            Some(name) if !name.chars().any(char::is_control) => all.push(name.to_owned()),
            _ => return Some("an id, a path or an address, or a list of these"),
        }
    }
    all.is_empty().then_some("at least one article")
}

fn slot(value: &Tree) -> Option<u16> {
    let slot = value.text()?.parse().ok()?;
    (1..=LAST_SLOT).contains(&slot).then_some(slot)
}

fn number(value: &Tree) -> Option<f64> {
    let number: f64 = value.text()?.parse().ok()?;
    (number.is_finite() && number != 0.0).then_some(number)
}

fn date(value: &Tree) -> Option<Date> {
    Date::parse(value.text()?)
}
