//! What search engines told of the site, as the articles of a generation.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::names::Names;
use super::snapshot::Snapshot;
use crate::config::Config;
use crate::corpus::url::{OwnHosts, host_of, normalise};
use crate::corpus::{SearchExport, read_search_export};
use crate::error::{Error, Result};
use crate::journal::{keep_search, search_tables};
use crate::model::{Date, DocOrd, Problem, SearchTable, order};
use crate::signals::seo::{Demand, demands};

/// Every import that is kept.
#[derive(Debug, Default)]
pub(super) struct SearchData(Vec<SearchTable>);

impl SearchData {
    /// Reads the imports of a data folder, and tells which are damaged.
    pub(super) fn load(data: &Path) -> Result<(Self, Vec<Problem>)> {
        let (tables, problems) = search_tables(data)?;
        Ok((Self(tables), problems))
    }

    /// What they say of each of `count` articles; nothing where there are none.
    pub(super) fn demands(&self, names: &Names<'_>, own: &OwnHosts, count: usize) -> Vec<Demand> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let own = with_property(own, &self.0);
        demands(&self.0, count, |page| {
            names.find_on(page, &own).map(|ord| DocOrd(ord as u32))
        })
    }
}

/// What an import of search data brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SearchImported {
    /// Whether it says anything new.
    pub new: bool,
    /// How many figures it holds.
    pub figures: usize,
    /// How many addresses are articles of the site; `None` where there is no index yet.
    pub matched: Option<usize>,
    /// The addresses that are none, most shown first.
    pub unmatched: Vec<String>,
    /// What could not be used, and why.
    pub notes: Vec<String>,
}

/// Keeps what an export of Search Console says, and tells which of its pages `snapshot` knows. `period` is that of the
/// tables that do not tell theirs.
///
/// # Errors
/// [`Error::Usage`] if `bytes` are no export, [`Error::Failed`] if it cannot be kept.
pub fn import_search(
    data: &Path,
    config: &Config,
    snapshot: Option<&Snapshot>,
    bytes: &[u8],
    period: Option<(Date, Date)>,
) -> Result<SearchImported> {
    let SearchExport { mut tables, notes } = read_search_export(bytes).map_err(Error::Usage)?;
    for table in &mut tables {
        table.period = table.period.or(period);
    }
    let own = with_property(&config.own, &tables);
    let mut shown: BTreeMap<&str, u64> = BTreeMap::new();
    for row in tables.iter().flat_map(|table| &table.rows) {
        *shown.entry(&row.page).or_default() += row.impressions;
    }
    let known = |page: &str, snapshot: &Snapshot| {
        let path = normalise(page, &own);
        snapshot.knows(page) || path.is_some_and(|path| snapshot.knows(&path))
    };
    let mut unmatched: Vec<(&str, u64)> = match snapshot {
        Some(snapshot) => {
            let pages = shown.iter().map(|(page, shown)| (*page, *shown));
            pages.filter(|(page, _)| !known(page, snapshot)).collect()
        }
        None => Vec::new(),
    };
    order::sort_by_key(&mut unmatched, |&(_, shown)| Reverse(shown));
    Ok(SearchImported {
        new: !tables.is_empty() && keep_search(data, &tables)?,
        figures: tables.iter().map(|table| table.rows.len()).sum(),
        matched: snapshot.map(|_| shown.len() - unmatched.len()),
        unmatched: unmatched
            .into_iter()
            .map(|(page, _)| page.to_owned())
            .collect(),
        notes,
    })
}

/// The site's own hosts, and the one that most of the pages in `tables` are on: exports hold whole addresses, whether or not
/// the site is named in the settings.
pub(super) fn with_property(own: &OwnHosts, tables: &[SearchTable]) -> OwnHosts {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in tables.iter().flat_map(|table| &table.rows) {
        if let Some(host) = host_of(&row.page) {
            *counts.entry(host).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(host, count)| (count, host));
    let property = most.map(|(host, _)| host.to_owned());
    OwnHosts(own.0.iter().cloned().chain(property).collect())
}
