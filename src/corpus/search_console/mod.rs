//! Search Console exports: the zip archive or the CSV tables that its pages offer, and the answers of its API as JSON. A
//! table without pages says nothing of articles and is passed over.

mod archive;
mod csv_table;
mod json_rows;
mod number;

use crate::model::{SearchRow, SearchTable};

/// An export of a longer file would be none of one site's.
const LARGEST: usize = 512 << 20;

/// What an export holds.
#[derive(Debug, Default)]
pub struct SearchExport {
    /// The figures of pages.
    pub tables: Vec<SearchTable>,
    /// What could not be used, and why.
    pub notes: Vec<String>,
}

/// Reads an export in whatever form it is.
///
/// # Errors
/// What was found in place of an export.
pub fn read_search_export(bytes: &[u8]) -> Result<SearchExport, String> {
    if bytes.len() > LARGEST {
        return Err(format!(
            "found {} bytes, expected at most {LARGEST}; export a shorter period",
            bytes.len()
        ));
    }
    let text = || {
        str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).map_err(|_| {
            "found bytes that are neither a zip archive nor UTF-8 text; expected an export of Search Console".to_owned()
        })
    };
    let mut export = if bytes.starts_with(b"PK\x03\x04") {
        archive::read(bytes)?
    } else if text()?.trim_start().starts_with(['{', '[']) {
        json_rows::read(text()?)?
    } else {
        csv_table::read(text()?)?
    };
    export.tables.retain(|table| !table.rows.is_empty());
    if export.tables.is_empty() {
        export.notes.push(
            "no table names pages; export the Pages tab, or ask the API for the dimension page"
                .to_owned(),
        );
    }
    Ok(export)
}

/// Whether a text is the address of a page.
fn is_page(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with('/')
}

/// What the values of one dimension are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Page,
    Day,
    Device,
    Country,
    Query,
}

impl Dimension {
    /// The dimension that all `values` fit.
    fn of<'a>(values: &(impl Iterator<Item = &'a str> + Clone)) -> Self {
        let all = |fits: &dyn Fn(&str) -> bool| values.clone().all(fits);
        let is_country =
            |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_lowercase());
        if all(&is_page) {
            Self::Page
        } else if all(&|text| number::day(text).is_some()) {
            Self::Day
        } else if all(&|text| matches!(text, "DESKTOP" | "MOBILE" | "TABLET")) {
            Self::Device
        } else if all(&is_country) {
            Self::Country
        } else {
            Self::Query
        }
    }
}

/// A row as it is written: the values of its dimensions, and its figures.
struct Figures<'a> {
    keys: Vec<&'a str>,
    clicks: u64,
    impressions: u64,
    position: f64,
}

/// The rows of pages: those of all devices and countries together. None where no dimension is the page.
fn rows_of(dimensions: &[Dimension], figures: &[Figures<'_>]) -> Vec<SearchRow> {
    let place = |wanted| dimensions.iter().position(|&dimension| dimension == wanted);
    let Some(page) = place(Dimension::Page) else {
        return Vec::new();
    };
    let (query, day) = (place(Dimension::Query), place(Dimension::Day));
    let mut found = std::collections::BTreeMap::new();
    for row in figures {
        let key = (
            row.keys[page],
            query.map(|at| row.keys[at]),
            day.and_then(|at| number::day(row.keys[at])),
        );
        let (clicks, impressions, places) = found.entry(key).or_insert((0, 0, 0.0));
        *clicks += row.clicks;
        *impressions += row.impressions;
        *places += row.position * row.impressions as f64;
    }
    let rows = found.into_iter();
    rows.map(
        |((page, query, day), (clicks, impressions, places))| SearchRow {
            page: page.to_owned(),
            query: query.map(str::to_owned),
            day,
            clicks,
            impressions,
            position: places / (impressions.max(1)) as f64,
        },
    )
    .collect()
}

#[cfg(test)]
mod tests;
