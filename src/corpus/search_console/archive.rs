//! The zip archive that the export button gives: a table each for days, queries, pages, countries and devices.

use std::io::{Cursor, Read};

use super::csv_table::Table;
use super::{Dimension, SearchExport, number};
use crate::model::SearchTable;

/// A table that is longer unpacked is none of Search Console's, whose exports end at 1,000 rows.
const LARGEST_TABLE: u64 = 64 << 20;

/// How the header of the table of queries begins, in small letters, in the languages of the export.
const QUERY_TITLES: &[&str] = &[
    "top queries",
    "queries",
    "query",
    "häufigste suchanfragen",
    "suchanfrage",
    "principales consultas",
    "consultas",
    "requêtes",
    "query principali",
    "query più",
    "principais consultas",
    "populairste zoekopdrachten",
    "zoekopdracht",
    "najczęstsze zapytania",
    "zapytania",
    "популярные запросы",
    "запрос",
    "上位のクエリ",
    "クエリ",
    "热门查询",
    "查询",
    "인기 검색어",
    "검색어",
    "en popüler sorgular",
    "sorgu",
];

pub(super) fn read(bytes: &[u8]) -> Result<SearchExport, String> {
    let broken = |error: zip::result::ZipError| {
        format!("found a zip archive that cannot be read ({error}); download the export again")
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut export = SearchExport::default();
    let mut tables = Vec::new();
    for place in 0..archive.len() {
        let file = archive.by_index(place).map_err(broken)?;
        let name = file.name().map_err(broken)?.into_owned();
        if !name.to_lowercase().ends_with(".csv") {
            continue;
        }
        let mut text = String::new();
        let read = file.take(LARGEST_TABLE).read_to_string(&mut text);
        match read
            .map_err(|error| error.to_string())
            .and_then(|_| Table::of(text.strip_prefix('\u{feff}').unwrap_or(&text)))
        {
            Ok(table) => tables.push(table),
            Err(error) => export.notes.push(format!("{name}: {error}")),
        }
    }
    let days = tables
        .iter()
        .find(|table| table.dimensions() == [Dimension::Day]);
    let period = days.and_then(|table| {
        let days: Vec<_> = table.firsts().filter_map(number::day).collect();
        Some((*days.iter().min()?, *days.iter().max()?))
    });
    let mut pages: Vec<SearchTable> = tables
        .iter()
        .filter(|table| table.dimensions().contains(&Dimension::Page))
        .filter_map(|table| table.search_table(&mut export.notes))
        .collect();
    // An export that was filtered to one page tells the queries of that page.
    if let [SearchTable { rows, .. }] = pages.as_slice()
        && let [only] = rows.as_slice()
        && let Some(queries) = tables.iter().find(|table| is_of_queries(table))
    {
        pages.extend(queries.of_page(&only.page.clone(), &mut export.notes));
    }
    export.tables = pages;
    for table in &mut export.tables {
        table.period = period;
    }
    Ok(export)
}

/// Whether the rows are queries: the header says so in one of the languages.
fn is_of_queries(table: &Table) -> bool {
    let title = table.title.to_lowercase();
    QUERY_TITLES.iter().any(|known| title.starts_with(known))
}
