//! Which articles a panel in the terminal may hold, by the names that the HTTP API has for it.

use clap::Args;

use crate::engine::{PanelQuery, Snapshot};
use crate::error::{Error, Result};
use crate::model::{Date, Kind, Lang};

#[derive(Debug, Args)]
pub(super) struct Filters {
    /// Only these kinds, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    kind: Vec<String>,
    /// Only articles of these topics, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    topic: Vec<String>,
    /// Only this language, such as en
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    /// Only articles published on this day or later: 2025-08-26 or RFC 3339
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Not these articles (ids, paths or addresses), separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Not these articles, which were already read, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    seen: Vec<String>,
}

impl Filters {
    /// Whether there are any.
    pub(super) fn are_some(&self) -> bool {
        let lists = [&self.kind, &self.topic, &self.exclude, &self.seen];
        lists.iter().any(|list| !list.is_empty()) || self.lang.is_some() || self.since.is_some()
    }

    /// Asks `query` for these articles of `snapshot` alone.
    pub(super) fn narrow(&self, query: &mut PanelQuery, snapshot: &Snapshot) -> Result<()> {
        query.kinds = self
            .kind
            .iter()
            .filter_map(|kind| Kind::new(kind))
            .collect();
        for kind in &query.kinds {
            if let Some(meant) = snapshot.meant_kind(kind) {
                return Err(Error::Usage(format!(
                    "--kind: found {:?}, which no article has; did you mean {meant}?",
                    kind.as_str()
                )));
            }
        }
        query.topics.clone_from(&self.topic);
        if let Some(lang) = &self.lang {
            query.lang = Some(Lang::new(lang).ok_or_else(|| {
                Error::Usage(format!(
                    "--lang: found {lang:?}, expected a code such as en"
                ))
            })?);
        }
        if let Some(since) = &self.since {
            let date = Date::parse(since).ok_or_else(|| {
                Error::Usage(format!(
                    "--since: found {since:?}, expected 2025-08-26 or RFC 3339"
                ))
            })?;
            query.since = Some(date.seconds());
        }
        let left_out = self.exclude.iter().chain(&self.seen);
        // An article that does not exist is left out already.
        query.exclude = left_out
            .filter_map(|name| snapshot.find(name).ok())
            .collect();
        Ok(())
    }
}
