//! Every setting, once: its key, what it is counted in, what it is by default, and what it does. Reading, `config show`
//! and `docs/configuration.md` all go by this table.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use toml::Value;

use super::hosts::host_of;
use super::{Config, Networks, keep_out, service, weights};
use crate::model::Lang;
use crate::text::likely;

/// Cards of a panel that are explored at most: a quarter of the largest panel.
const MOST_EXPLORATION: u32 = 25;

/// Panels that an article may be promised at most.
const MOST_EXPOSURE: u32 = 10;
const MOST_COMPARED: u32 = 100_000;

/// What the names of all environment variables of readnext begin with.
const PREFIX: &str = "READNEXT_";

/// What a setting makes of a value, or what was expected instead.
type Taken = Result<(), String>;

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key in `readnext.toml`; of a key inside of a table, both with a dot between.
    pub key: &'static str,
    /// What it is counted in or made of.
    pub unit: &'static str,
    /// What it is where nobody says anything, as TOML. It also says what is expected: a switch, a number, a text, a list.
    pub default: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Puts a value into the configuration.
    pub(super) take: fn(&mut Config, &Given) -> Taken,
}

/// All settings, in the order in which they are shown.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS
        .iter()
        .chain(keep_out::SETTINGS)
        .chain(service::SETTINGS)
}

/// The settings that are in no table.
static SETTINGS: &[Setting] = &[
    Setting {
        key: "site",
        unit: "hosts",
        default: "[]",
        about: "the hosts whose addresses are the site's own",
        take: |config, given| {
            config.own.0 = given.hosts()?;
            config.rules.own = config.own.clone();
            Ok(())
        },
    },
    Setting {
        key: "language",
        unit: "language code",
        default: "\"en\"",
        about: "the language of articles that declare none and whose text does not tell",
        take: |config, given| {
            let language = given.text("a code such as \"en\" or \"de\"")?;
            config.rules.lang =
                Lang::new(language).ok_or_else(|| given.not("a code such as \"en\" or \"de\""))?;
            Ok(())
        },
    },
    Setting {
        key: "kinds",
        unit: "kinds",
        default: "[]",
        about: "kinds of your own, taken from the first segment of a URL",
        take: |config, given| {
            config.rules.kinds = given.list()?;
            Ok(())
        },
    },
    Setting {
        key: "fill",
        unit: "switch",
        default: "true",
        about: "fill panels up with the newest articles",
        take: |config, given| {
            config.fill = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "linked_cards",
        unit: "switch",
        default: "true",
        about: "let cards show what the page links already",
        take: |config, given| {
            config.linked_cards = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "exploration",
        unit: "cards",
        default: "1",
        about: "cards of a panel for articles that readers had little chance to see; 0: none",
        take: |config, given| {
            config.exploration = given.number(0, MOST_EXPLORATION)? as usize;
            Ok(())
        },
    },
    Setting {
        key: "exposure",
        unit: "panels",
        default: "3",
        about: "panels that every article stands in which is related to so many pages; 0: whatever comes",
        take: |config, given| {
            config.exposure = given.number(0, MOST_EXPOSURE)? as usize;
            Ok(())
        },
    },
    Setting {
        key: "listen",
        unit: "address",
        default: "\"127.0.0.1:7878\"",
        about: "the address that a server listens at; port 0 lets the system choose",
        take: |config, given| {
            const EXPECTED: &str = "an address with a port such as \"127.0.0.1:7878\"";
            let text = given.text(EXPECTED)?;
            config.listen = text
                .parse::<SocketAddr>()
                .map_err(|_| given.not(EXPECTED))?;
            Ok(())
        },
    },
    Setting {
        key: "trusted_proxies",
        unit: "networks",
        default: "[]",
        about: "proxies that are believed who a request comes from",
        take: |config, given| {
            config.trusted_proxies = Networks::parse(&given.list()?).map_err(|found| {
                format!("found {found:?}, expected an address or a network such as \"10.0.0.0/8\"")
            })?;
            Ok(())
        },
    },
    Setting {
        key: "do_not_track",
        unit: "switch",
        default: "false",
        about: "leave out events with DNT: 1, as those with Sec-GPC: 1 always are",
        take: |config, given| {
            config.do_not_track = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "retention_days",
        unit: "days",
        default: "0",
        about: "days after which events are added up and removed; 0: they stay",
        take: |config, given| {
            let days = given.number(0, u32::MAX)?;
            config.retention_days = (days > 0).then_some(days);
            Ok(())
        },
    },
    Setting {
        key: "rebuild_percent",
        unit: "percent",
        default: "1.0",
        about: "articles that changed from which a server builds the next generation",
        take: |config, given| {
            let number = given
                .0
                .as_float()
                .or(given.0.as_integer().map(|whole| whole as f64));
            config.rebuild.percent = number
                .filter(|&percent| percent > 0.0 && percent <= 100.0)
                .ok_or_else(|| given.not("more than 0 and at most 100"))?;
            Ok(())
        },
    },
    Setting {
        key: "rebuild_seconds",
        unit: "seconds",
        default: "900",
        about: "how long a server lets a changed article wait for the next generation",
        take: |config, given| {
            let seconds = given.number(0, u32::MAX)?;
            config.rebuild.after = Duration::from_secs(seconds.into());
            Ok(())
        },
    },
    Setting {
        key: "compared",
        unit: "articles",
        default: "3000",
        about: "articles that a server compares with all others beside one generation",
        take: |config, given| {
            config.compared = given.number(0, MOST_COMPARED)? as usize;
            Ok(())
        },
    },
    Setting {
        key: "weights",
        unit: "weights",
        default: "{}",
        about: "what each signal counts; none: as learned or, where nothing was learned, as shipped",
        take: |config, given| {
            config.weights = weights::by_hand(&given.0)?;
            Ok(())
        },
    },
];

/// The environment variable that was most likely meant by `name`, which readnext does not read; `others` are those that set
/// no setting. None for the names that Kubernetes gives to the pods beside a service that is called readnext.
pub fn meant_variable(name: &str, others: &[&str]) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    if ["SERVICE_", "PORT"].iter().any(|of| rest.starts_with(of)) {
        return None;
    }
    let of_settings = settings().map(Setting::variable);
    let known: Vec<String> = of_settings
        .chain(others.iter().map(|&other| other.to_owned()))
        .collect();
    if known.iter().any(|known| known == name) {
        return None;
    }
    let without_table = known
        .iter()
        .find(|known| known.ends_with(&format!("_{rest}")) && !rest.is_empty());
    let names = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
    let by_letters = || likely(rest, names).map(|meant| format!("{PREFIX}{meant}"));
    without_table.cloned().or_else(by_letters)
}

impl Setting {
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.to_uppercase().replace('.', "_"))
    }

    /// The value that `text` in an environment variable stands for: lists have commas between.
    pub(super) fn of_variable(&self, text: &str) -> Given {
        let text = text.trim();
        let string = || Value::String(text.to_owned());
        let value = match self.by_default().0 {
            Value::Boolean(_) => text.parse().map_or_else(|_| string(), Value::Boolean),
            Value::Integer(_) => text.parse().map_or_else(|_| string(), Value::Integer),
            Value::Float(_) => text.parse().map_or_else(|_| string(), Value::Float),
            Value::Array(_) => {
                let parts = text
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty());
                Value::Array(parts.map(|part| Value::String(part.to_owned())).collect())
            }
            _ => string(),
        };
        Given(value)
    }

    /// The value where nobody says anything.
    pub(super) fn by_default(&self) -> Given {
        let document = format!("value = {}", self.default);
        let mut table: toml::Table = document.parse().expect("defaults are TOML");
        Given(table.remove("value").expect("it was just put there"))
    }
}

/// A value as somebody gave it. As text it is TOML.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Given(pub(super) Value);

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Given {
    /// Says that this is not what was `expected`.
    pub(super) fn not(&self, expected: &str) -> String {
        format!("found {}, expected {expected}", self.0)
    }

    /// A switch.
    pub(super) fn switch(&self) -> Result<bool, String> {
        self.0.as_bool().ok_or_else(|| self.not("true or false"))
    }

    /// A text, which is to be what `expected` says.
    pub(super) fn text(&self, expected: &str) -> Result<&str, String> {
        self.0.as_str().ok_or_else(|| self.not(expected))
    }

    /// A whole number from `least` to `most`.
    pub(super) fn number(&self, least: u32, most: u32) -> Result<u32, String> {
        let number = self.0.as_integer().and_then(|n| u32::try_from(n).ok());
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| match most {
                u32::MAX => self.not(&format!("a whole number from {least} on")),
                most => self.not(&format!("a whole number from {least} to {most}")),
            })
    }

    /// A list of hosts; an address gives its host.
    pub(super) fn hosts(&self) -> Result<Vec<String>, String> {
        self.list()?.iter().map(|text| host_of(text)).collect()
    }

    /// A list of texts; one text is a list of one.
    pub(super) fn list(&self) -> Result<Vec<String>, String> {
        let not = || self.not("a text or a list of texts");
        match &self.0 {
            Value::String(one) => Ok(vec![one.clone()]),
            Value::Array(many) => many
                .iter()
                .map(|one| one.as_str().map(str::to_owned).ok_or_else(not))
                .collect(),
            _ => Err(not()),
        }
    }
}
