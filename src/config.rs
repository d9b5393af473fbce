//! Settings: flags over environment `READNEXT_*` over `readnext.toml` over defaults, checked once.

mod hosts;
mod keep_out;
mod service;
mod settings;
mod weights;

pub use keep_out::KeepOut;
pub use service::{LogForm, LoggedRequests, Service};
pub use settings::{Given, Setting, meant_variable, settings};
pub use weights::{Learned, SiteWeights, WeightsFrom, parse_weights};

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::corpus::Rules;
use crate::corpus::url::OwnHosts;
use crate::error::{Error, Result};
use crate::ranking::Weights;
use crate::text::likely;

/// Cards of a panel that are explored by default.
const EXPLORATION: usize = 1;
/// Panels that every related article is to be in by default.
const EXPOSURE: usize = 3;

/// What a site sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Hosts whose addresses are the site's own.
    pub own: OwnHosts,
    /// What the site declares about its articles.
    pub rules: Rules,
    /// Whether panels are filled up with the newest articles.
    pub fill: bool,
    /// Whether an article that the host links already may be on a card.
    pub linked_cards: bool,
    /// Cards of a panel that go to articles which readers had little chance to see.
    pub exploration: usize,
    /// Panels that every article is to be in which has so many hosts.
    pub exposure: usize,
    /// What is kept out of panels because it stands elsewhere, or is the same page again.
    pub keep_out: KeepOut,
    /// The address that a server listens at.
    pub listen: SocketAddr,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Networks,
    /// Whether events with `DNT: 1` are left out, as those with `Sec-GPC: 1` always are.
    pub do_not_track: bool,
    /// Days after which events are added up and removed; they stay where it is not set.
    pub retention_days: Option<u32>,
    /// When a server builds the next generation.
    pub rebuild: Due,
    /// Articles that a server compares with all others beside one generation.
    pub compared: usize,
    /// How the HTTP service answers.
    pub service: Service,
    /// What each signal counts, where somebody says so.
    pub weights: Option<Weights>,
}

/// When a server builds the next generation: whichever comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// Percent of the articles that changed.
    pub percent: f64,
    /// How long ago the first of them changed.
    pub after: Duration,
}

impl Default for Due {
    fn default() -> Self {
        Self {
            percent: 1.0,
            after: Duration::from_secs(15 * 60),
        }
    }
}

/// Networks of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u32)>);

impl Networks {
    /// Reads `192.0.2.1`, `10.0.0.0/8`, `::1` and their like; or tells which of `texts` is none.
    ///
    /// # Errors
    /// The text that is neither an address nor a network.
    pub fn parse(texts: &[String]) -> std::result::Result<Self, String> {
        let network = |text: &String| {
            let (address, length) = text.split_once('/').unwrap_or((text, ""));
            let address: IpAddr = address.trim().parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let length = match length.trim() {
                "" => most,
                length => length.parse().ok().filter(|length| *length <= most)?,
            };
            Some((address, length))
        };
        let networks = texts
            .iter()
            .map(|text| network(text).ok_or_else(|| text.clone()));
        networks.collect::<std::result::Result<_, _>>().map(Self)
    }

    /// Whether `address` lies in one of them.
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0
            .iter()
            .any(|&(network, length)| match (network, address) {
                (IpAddr::V4(network), IpAddr::V4(address)) => {
                    let differing = network.to_bits() ^ address.to_bits();
                    differing.leading_zeros() >= length
                }
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    let differing = network.to_bits() ^ address.to_bits();
                    differing.leading_zeros() >= length
                }
                _ => false,
            })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            own: OwnHosts::default(),
            rules: Rules::default(),
            fill: true,
            linked_cards: true,
            exploration: EXPLORATION,
            exposure: EXPOSURE,
            keep_out: KeepOut::default(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7878)),
            trusted_proxies: Networks::default(),
            do_not_track: false,
            retention_days: None,
            rebuild: Due::default(),
            compared: 3000,
            service: Service::default(),
            weights: None,
        }
    }
}

/// Where the value of a setting is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody says anything.
    Default,
    /// A line of the settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Variable(name) => f.write_str(name),
        }
    }
}

/// A setting with its value.
#[derive(Clone, Debug)]
pub struct SetValue {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value.
    pub value: Given,
    /// Where that is from.
    pub origin: Origin,
}

/// The configuration, and where each part of it is from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Every setting, in the order of [`settings`].
    pub values: Vec<SetValue>,
}

impl Config {
    /// Reads `file`, or `data/readnext.toml` if that exists, then the environment.
    ///
    /// # Errors
    /// [`Error::Config`] with the place and what was expected.
    pub fn load(data: &Path, file: Option<&Path>) -> Result<Self> {
        Loaded::read(data, file).map(|loaded| loaded.config)
    }
}

impl Loaded {
    /// The same as [`Config::load`], with where each value is from.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(data: &Path, file: Option<&Path>) -> Result<Self> {
        let default = data.join("readnext.toml");
        let file = match file {
            Some(file) => File::read(file)?,
            None if default.exists() => File::read(&default)?,
            None => File::default(),
        };
        let mut config = Config::default();
        let mut values = Vec::new();
        for setting in settings() {
            let (given, origin) = given(setting, &file);
            (setting.take)(&mut config, &given).map_err(|told| {
                Error::Config(match &origin {
                    Origin::Variable(name) => format!("{name}: {told}"),
                    place => format!("{place}: {}: {told}", setting.key),
                })
            })?;
            values.push(SetValue {
                setting,
                value: given,
                origin,
            });
        }
        Ok(Self { config, values })
    }
}

/// The value of `setting`: of the environment or, where that says nothing, of `file`, or else the one by default.
fn given(setting: &Setting, file: &File) -> (Given, Origin) {
    let name = setting.variable();
    if let Some(text) = env::var(&name).ok().filter(|value| !value.is_empty()) {
        return (setting.of_variable(&text), Origin::Variable(name));
    }
    match file.keys.get(setting.key) {
        Some((value, line)) => {
            let origin = Origin::File {
                path: file.path.clone(),
                line: *line,
            };
            (Given(value.clone()), origin)
        }
        None => (setting.by_default(), Origin::Default),
    }
}

/// A settings file: the value of every key and the line of that. Keys inside of tables are joined with dots.
#[derive(Debug, Default)]
struct File {
    path: PathBuf,
    keys: BTreeMap<String, (toml::Value, usize)>,
}

impl File {
    fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Config(format!("cannot read {}: {error}", path.display())))?;
        let broken = |error: toml::de::Error| Error::Config(format!("{}: {error}", path.display()));
        let table: toml::Table = toml::from_str(&text).map_err(broken)?;
        let places = DeTable::parse(&text).map_err(broken)?;
        let mut file = Self {
            path: path.to_owned(),
            keys: BTreeMap::new(),
        };
        file.put("", &table, places.get_ref(), &text)?;
        Ok(file)
    }

    /// Puts the keys of `table` below `under`, which must be those of settings.
    fn put(
        &mut self,
        under: &str,
        table: &toml::Table,
        places: &DeTable<'_>,
        text: &str,
    ) -> Result<()> {
        for (name, place) in places {
            let key = format!("{under}{}", name.get_ref());
            let line = 1 + text[..name.span().start].matches('\n').count();
            let value = &table[name.get_ref().as_ref()];
            if settings().any(|setting| setting.key == key) {
                self.keys.insert(key, (value.clone(), line));
                continue;
            }
            let inside = format!("{key}.");
            let known = settings().any(|setting| setting.key.starts_with(&inside));
            match (value, place.get_ref()) {
                (toml::Value::Table(table), DeValue::Table(places)) if known => {
                    self.put(&inside, table, places, text)?;
                }
                _ => return Err(self.unknown(&key, line)),
            }
        }
        Ok(())
    }

    fn unknown(&self, key: &str, line: usize) -> Error {
        let meant = likely(key, settings().map(|setting| setting.key));
        let meant = meant.map_or_else(String::new, |meant| format!(", did you mean {meant:?}"));
        Error::Config(format!(
            "{}:{line}: found the unknown key {key:?}{meant}; `readnext config show` lists all keys",
            self.path.display(),
        ))
    }
}

/// `sources.toml`: the corpus roots of the runs so far.
#[derive(Debug, Default, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct SourcesFile {
    roots: Vec<String>,
}

/// The corpus roots that a data folder remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    path: PathBuf,
    /// Absolute paths, in the order in which they were first given.
    pub roots: Vec<String>,
}

impl Sources {
    /// Reads `data/sources.toml`; no file is no roots.
    ///
    /// # Errors
    /// [`Error::Config`] if it is there and cannot be read.
    pub fn load(data: &Path) -> Result<Self> {
        let path = data.join("sources.toml");
        let roots = match fs::read_to_string(&path) {
            Ok(text) => {
                let file: SourcesFile = toml::from_str(&text)
                    .map_err(|error| Error::Config(format!("{}: {error}", path.display())))?;
                file.roots
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(Error::Config(format!(
                    "cannot read {}: {error}",
                    path.display()
                )));
            }
        };
        Ok(Self { path, roots })
    }

    /// Remembers `roots` instead.
    ///
    /// # Errors
    /// [`Error::Failed`] if the file cannot be written.
    pub fn save(&mut self, roots: Vec<String>) -> Result<()> {
        if roots == self.roots {
            return Ok(());
        }
        self.roots = roots;
        let file = SourcesFile {
            roots: self.roots.clone(),
        };
        let text = toml::to_string(&file).expect("a list of strings is TOML");
        let text = format!(
            "# Corpus roots of `readnext reindex`; remove a root here to forget it and its articles.\n{text}"
        );
        // Beside it first: a run that dies leaves the roots that were there.
        let beside = self.path.with_extension("toml.new");
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, &self.path))
            .map_err(|error| {
                let _ = fs::remove_file(&beside);
                Error::io("write", &self.path, &error)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a settings file with `text` comes to.
    fn read(text: &str) -> Result<Loaded> {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("readnext.toml"), text).expect("written");
        Loaded::read(folder.path(), None)
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line_and_the_nearest_key() {
        for (text, line, key, meant) in [
            ("sites = 'x'\n", 1, "sites", "site"),
            (
                "fill = true\n\nlinkedcards = true\n",
                3,
                "linkedcards",
                "linked_cards",
            ),
            ("[trusted]\nproxy = 'x'\n", 1, "trusted", "trusted_proxies"),
        ] {
            let told = read(text).expect_err("unknown key").to_string();
            let expected = format!(
                "readnext.toml:{line}: found the unknown key {key:?}, did you mean {meant:?}"
            );
            assert!(told.contains(&expected), "{told}");
        }
    }

    #[test]
    fn what_is_of_another_shape_is_told_with_its_line() {
        for (text, told) in [
            (
                "\nfill = 'yes'",
                ":2: fill: found \"yes\", expected true or false",
            ),
            ("site = 3", ":1: site: found 3, expected a text or a list"),
            (
                "language = '?'",
                ":1: language: found \"?\", expected a code",
            ),
            (
                "listen = '7878'",
                ":1: listen: found \"7878\", expected an address",
            ),
            (
                "trusted_proxies = ['10.0.0.0/99']",
                ":1: trusted_proxies: found \"10.0.0.0/99\"",
            ),
        ] {
            let found = read(text).expect_err(text).to_string();
            assert!(found.contains(told), "{found}");
        }
    }

    #[test]
    fn the_defaults_of_the_table_are_those_of_the_code() {
        let mut config = Config::default();
        for setting in settings() {
            (setting.take)(&mut config, &setting.by_default()).expect(setting.key);
        }
        assert_eq!(config, Config::default());
    }

    #[test]
    fn what_a_variable_holds_is_of_the_shape_of_the_default() {
        let given = |key: &str, text: &str| {
            let setting = settings().find(|setting| setting.key == key);
            setting.expect(key).of_variable(text)
        };
        assert_eq!(given("fill", "false").switch(), Ok(false));
        assert!(given("fill", "no").switch().is_err());
        let list = Ok(vec!["a.org".to_owned(), "b.org".to_owned()]);
        assert_eq!(given("site", "a.org, b.org,").list(), list);
    }
}
