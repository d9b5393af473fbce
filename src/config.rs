//! Settings: flags over environment `READNEXT_*` over `readnext.toml` over defaults, checked once.

mod keep_out;
mod service;
mod weights;

use std::env;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::corpus::Rules;
use crate::corpus::url::OwnHosts;
use crate::error::{Error, Result};
use crate::model::Lang;
use crate::ranking::Weights;

pub use keep_out::KeepOut;
pub use weights::{Learned, SiteWeights, WeightsFrom, parse_weights};

pub use service::Service;

/// Cards of a panel that are explored by default.
const EXPLORATION: usize = 1;
/// The same at most: a quarter of the largest panel.
const MOST_EXPLORATION: usize = 25;

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
    /// What is kept out of panels because it stands elsewhere, or is the same page again.
    pub keep_out: KeepOut,
    /// Proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Networks,
    /// Whether events with `DNT: 1` are left out, as those with `Sec-GPC: 1` always are.
    pub do_not_track: bool,
    /// Days after which events are added up and removed; they stay where it is not set.
    pub retention_days: Option<u32>,
    /// How the HTTP service answers.
    pub service: Service,
    /// What each signal counts, where somebody says so.
    pub weights: Option<Weights>,
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
            keep_out: KeepOut::default(),
            trusted_proxies: Networks::default(),
            do_not_track: false,
            retention_days: None,
            service: Service::default(),
            weights: None,
        }
    }
}

/// `readnext.toml` as it is written; a key that is not here is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    site: Option<OneOrMany>,
    language: Option<String>,
    kinds: Vec<String>,
    fill: Option<bool>,
    linked_cards: Option<bool>,
    exploration: Option<i64>,
    keep_out: KeepOut,
    trusted_proxies: Vec<String>,
    do_not_track: Option<bool>,
    retention_days: Option<u32>,
    serve: service::Table,
    weights: Option<weights::Table>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Config {
    /// Reads `file`, or `data/readnext.toml` if that exists, then the environment.
    ///
    /// # Errors
    /// [`Error::Config`] with the place and what was expected.
    pub fn load(data: &Path, file: Option<&Path>) -> Result<Self> {
        let default = data.join("readnext.toml");
        let read = match file {
            Some(file) => read_file(file)?,
            None if default.exists() => read_file(&default)?,
            None => File::default(),
        };
        let sites = match read.site {
            None => Vec::new(),
            Some(OneOrMany::One(site)) => vec![site],
            Some(OneOrMany::Many(sites)) => sites,
        };
        let sites = variable("READNEXT_SITE")
            .map_or(sites, |text| text.split(',').map(str::to_owned).collect());
        let proxies = variable("READNEXT_TRUSTED_PROXIES").map_or(read.trusted_proxies, |text| {
            text.split(',').map(|part| part.trim().to_owned()).collect()
        });
        let trusted_proxies = Networks::parse(&proxies).map_err(|found| {
            Error::Config(format!(
                "trusted_proxies: found {found:?}, expected an address or a network such as \"10.0.0.0/8\""
            ))
        })?;
        let mut config = Self {
            trusted_proxies,
            retention_days: retention(read.retention_days)?,
            do_not_track: switch("READNEXT_DO_NOT_TRACK", read.do_not_track, false)?,
            own: OwnHosts(sites.iter().map(|site| host_of(site)).collect()),
            fill: switch("READNEXT_FILL", read.fill, true)?,
            keep_out: read.keep_out,
            linked_cards: switch("READNEXT_LINKED_CARDS", read.linked_cards, true)?,
            exploration: exploration(read.exploration)?,
            service: Service::of(read.serve)?,
            weights: weights::by_hand(read.weights)?,
            ..Self::default()
        };
        config.rules.kinds = read.kinds;
        if let Some(language) = variable("READNEXT_LANGUAGE").or(read.language) {
            config.rules.lang = Lang::new(&language).ok_or_else(|| {
                Error::Config(format!(
                    "language: found {language:?}, expected a code such as \"en\" or \"de\""
                ))
            })?;
        }
        Ok(config)
    }
}

/// The days that events are kept, as the environment has it or, where that says nothing, the file.
fn retention(read: Option<u32>) -> Result<Option<u32>> {
    let (name, found) = match variable("READNEXT_RETENTION_DAYS") {
        Some(value) => ("READNEXT_RETENTION_DAYS", Some(value)),
        None => ("retention_days", read.map(|days| days.to_string())),
    };
    let days = |value: String| match value.parse() {
        Ok(days) if days > 0 => Ok(days),
        _ => Err(Error::Config(format!(
            "{name}: found {value:?}, expected a whole number of days from 1 on; leave it out to keep all events"
        ))),
    };
    found.map(days).transpose()
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// A setting as the environment has it or, where that says nothing, the file, or else as it is by default.
fn switch(name: &str, read: Option<bool>, default: bool) -> Result<bool> {
    match variable(name) {
        None => Ok(read.unwrap_or(default)),
        Some(value) => value
            .parse()
            .map_err(|_| Error::Config(format!("{name}: found {value:?}, expected true or false"))),
    }
}

/// The setting `exploration`, as the environment or the file has it.
fn exploration(read: Option<i64>) -> Result<usize> {
    let found = variable("READNEXT_EXPLORATION").or(read.map(|cards| cards.to_string()));
    let Some(found) = found else {
        return Ok(EXPLORATION);
    };
    let cards = found.parse().ok();
    cards.filter(|&cards| cards <= MOST_EXPLORATION).ok_or_else(|| {
        Error::Config(format!(
            "exploration: found {found}, expected a number of cards from 0 (off) to {MOST_EXPLORATION}"
        ))
    })
}

fn read_file(path: &Path) -> Result<File> {
    let text = fs::read_to_string(path)
        .map_err(|error| Error::Config(format!("cannot read {}: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| Error::Config(format!("{}: {error}", path.display())))
}

/// `https://docs.example.org:8080/` is `docs.example.org`.
fn host_of(site: &str) -> String {
    let rest = site
        .trim()
        .split_once("://")
        .map_or(site.trim(), |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.split(':').next().unwrap_or_default().to_owned()
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
            "# Corpus roots of `readnext reindex`; a line removed here is a root forgotten.\n{text}"
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

    #[test]
    fn hosts_are_taken_from_addresses() {
        for (site, host) in [
            ("https://docs.example.org:8080/", "docs.example.org"),
            ("example.org", "example.org"),
            ("//x.org/path", "x.org"),
        ] {
            assert_eq!(host_of(site.trim_start_matches("//")), host);
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("readnext.toml"), "sites = 'x'\n").expect("written");
        let error = Config::load(folder.path(), None).expect_err("unknown key");
        assert!(
            matches!(&error, Error::Config(text) if text.contains("sites")),
            "{error}"
        );
    }
}
