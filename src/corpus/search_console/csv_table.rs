//! One table as CSV. Headers come in the language of whoever exports, so columns are told by what stands in them: any number
//! of dimensions, then clicks, impressions, click-through rate and position.

use super::{Dimension, Figures, SearchExport, number, rows_of};
use crate::model::{SearchRow, SearchTable};

/// Clicks, impressions, click-through rate, position.
const MEASURES: usize = 4;

/// Bad rows of a table that are told one by one.
const TOLD: usize = 5;

/// A table as it is written.
pub(super) struct Table {
    rows: Vec<csv::StringRecord>,
    /// What stands above the first column.
    pub(super) title: String,
    /// How many columns the header has, and so each row.
    columns: usize,
    notes: Vec<String>,
}

/// Reads a table that stands alone.
pub(super) fn read(text: &str) -> Result<SearchExport, String> {
    let table = Table::of(text)?;
    if table.columns <= MEASURES {
        return Err(format!(
            "found {} columns in the first line, expected a table of pages: addresses, then clicks, impressions, click-through rate and position",
            table.columns
        ));
    }
    let mut notes = Vec::new();
    let found = table.search_table(&mut notes);
    Ok(SearchExport {
        tables: found.into_iter().collect(),
        notes,
    })
}

impl Table {
    pub(super) fn of(text: &str) -> Result<Self, String> {
        let header = text.lines().next().unwrap_or_default();
        let delimiter = [b'\t', b';', b',']
            .into_iter()
            .max_by_key(|&sign| header.bytes().filter(|&byte| byte == sign).count())
            .expect("there are three");
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        let broken = |error: csv::Error| format!("found no CSV: {error}");
        let header = reader.headers().map_err(broken)?.clone();
        let rows: Vec<_> = reader.records().collect::<Result<_, _>>().map_err(broken)?;
        Ok(Self {
            title: header.get(0).unwrap_or_default().to_owned(),
            rows,
            columns: header.len(),
            notes: Vec::new(),
        }
        .with_whole_rows())
    }

    /// Leaves out the rows that are shorter or longer than the header.
    fn with_whole_rows(mut self) -> Self {
        let before = self.rows.len();
        self.rows.retain(|row| row.len() == self.columns);
        let dropped = before - self.rows.len();
        if dropped > 0 {
            self.notes.push(format!(
                "table {:?}: left out {dropped} {} without exactly {} columns",
                self.title,
                if dropped == 1 { "row" } else { "rows" },
                self.columns
            ));
        }
        self
    }

    /// What the dimensions are, by column.
    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let columns = self.rows.first().map_or(0, csv::StringRecord::len);
        (0..columns.saturating_sub(MEASURES))
            .map(|column| Dimension::of(&self.rows.iter().map(move |row| &row[column])))
            .collect()
    }

    /// The values of the first column.
    pub(super) fn firsts(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(|row| row.get(0))
    }

    /// The figures of the pages in it; `None` where it names none.
    pub(super) fn search_table(&self, notes: &mut Vec<String>) -> Option<SearchTable> {
        let dimensions = self.dimensions();
        let figures = self.figures(dimensions.len(), notes)?;
        let rows = rows_of(&dimensions, &figures);
        (!rows.is_empty()).then_some(SearchTable { period: None, rows })
    }

    /// The rows with their figures, `None` where these are not what they should be.
    fn figures(&self, dimensions: usize, notes: &mut Vec<String>) -> Option<Vec<Figures<'_>>> {
        notes.extend(self.notes.iter().cloned());
        if self.columns < dimensions + MEASURES {
            notes.push(format!(
                "table {:?}: found {} columns, expected clicks, impressions, click-through rate and position in the last four",
                self.title, self.columns
            ));
            return None;
        }
        let numeric = |column: usize| {
            self.rows
                .iter()
                .all(|row| number::decimal(&row[column]).is_some())
        };
        if (1..dimensions).any(numeric) {
            notes.push(format!(
                "table {:?} compares two periods; export one period and import it again",
                self.title
            ));
            return None;
        }
        let mut found = Vec::with_capacity(self.rows.len());
        let mut bad = 0;
        for row in &self.rows {
            let figure = |at: usize| &row[dimensions + at];
            let read = (
                number::count(figure(0)),
                number::count(figure(1)),
                number::decimal(figure(3)),
            );
            let (Some(clicks), Some(impressions), Some(position)) = read else {
                bad += 1;
                if bad <= TOLD {
                    let line = row.position().map_or(0, csv::Position::line);
                    notes.push(format!(
                        "line {line} of table {:?}: found {:?}, expected clicks, impressions, click-through rate and position as numbers",
                        self.title,
                        row.iter().skip(dimensions).collect::<Vec<_>>()
                    ));
                }
                continue;
            };
            found.push(Figures {
                keys: row.iter().take(dimensions).collect(),
                clicks,
                impressions,
                position,
            });
        }
        if bad > TOLD {
            notes.push(format!(
                "{} more rows of table {:?} have no numbers",
                bad - TOLD,
                self.title
            ));
        }
        Some(found)
    }
}

impl Table {
    /// The rows of a table of queries as those of one page.
    pub(super) fn of_page(&self, page: &str, notes: &mut Vec<String>) -> Option<SearchTable> {
        let figures = self.figures(1, notes)?;
        let rows = figures.into_iter().map(|row| SearchRow {
            page: page.to_owned(),
            query: row.keys.first().map(|&query| query.to_owned()),
            day: None,
            clicks: row.clicks,
            impressions: row.impressions,
            position: row.position,
        });
        Some(SearchTable {
            period: None,
            rows: rows.collect(),
        })
    }
}
