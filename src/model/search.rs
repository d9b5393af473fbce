//! What a search engine tells a site of its pages: figures by page, and by query and day where these are known.

use serde::{Deserialize, Serialize};

use super::Date;

/// How often pages were shown and opened in a period, as one export tells it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchTable {
    /// The first and the last day; `None` where the export does not say.
    pub period: Option<(Date, Date)>,
    /// The figures.
    pub rows: Vec<SearchRow>,
}

/// The figures of a page, or of a page and a query; of one day, or of the whole period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchRow {
    /// The address of the page, as it is written.
    pub page: String,
    /// What was searched for; `None` for all queries together.
    pub query: Option<String>,
    /// The day; `None` for the whole period.
    pub day: Option<Date>,
    /// How often the page was opened.
    pub clicks: u64,
    /// How often it was shown.
    pub impressions: u64,
    /// Its mean place among the results, from 1.
    pub position: f64,
}
