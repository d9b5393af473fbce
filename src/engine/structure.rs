//! What the structure of a site keeps apart: neighbours in a series, and versions of one page.

use super::names::Names;
use super::series::series_neighbours;
use super::versions::Versions;
use crate::config::Config;
use crate::index::{HostRule, HostSays, Rules};
use crate::model::{DocOrd, Entry, Period};
use crate::signals::content::Clusters;

/// Neighbours in a series and versions of one page, as far as the site keeps them apart.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// Both ways round.
    pub(super) neighbours: Vec<(DocOrd, DocOrd)>,
    pub(super) versions: Versions,
}

impl Structure {
    /// The structure of the site of `entries`.
    pub(super) fn of(entries: &[&Entry], names: &Names<'_>, config: &Config) -> Self {
        let keep_out = config.keep_out;
        let mut structure = Self::default();
        if keep_out.series_neighbours {
            structure.neighbours = series_neighbours(entries);
        }
        if keep_out.older_versions {
            structure.versions = Versions::of(entries, &names.cards(entries), &config.own);
        }
        structure
    }

    /// Adds what it says of panels.
    pub(super) fn add_to(&self, rules: &mut Rules) {
        let apart = self.neighbours.iter().map(|&(host, other)| HostRule {
            host,
            period: Period::ALWAYS,
            says: HostSays::Apart(other),
        });
        rules.hosts.extend(apart);
        rules.versions.clone_from(&self.versions.numbers);
        rules.older.clone_from(&self.versions.older);
    }

    /// Joins the versions of every page.
    pub(super) fn join(&self, clusters: &mut Clusters) {
        let mut first: Vec<usize> = Vec::new();
        for (family, ord) in self.versions.families() {
            let family = family as usize;
            if first.len() <= family {
                first.resize(family + 1, usize::MAX);
            }
            if first[family] == usize::MAX {
                first[family] = ord;
            }
            clusters.join(first[family], ord);
        }
    }
}
