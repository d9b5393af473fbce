//! Every form of an export, as Search Console writes it in some language, and what is none.

use std::io::Write as _;

use super::*;
use crate::model::Date;

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("begun");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("finished").into_inner()
}

fn row(page: &str, query: Option<&str>, figures: (u64, u64, f64)) -> SearchRow {
    SearchRow {
        page: page.to_owned(),
        query: query.map(str::to_owned),
        day: None,
        clicks: figures.0,
        impressions: figures.1,
        position: figures.2,
    }
}

#[test]
fn an_archive_in_another_language_gives_pages_and_their_period() {
    let bytes = zipped(&[
        (
            "Diagramm.csv",
            "Datum,Klicks,Impressionen,CTR,Position\n2026-05-01,3,90,\"3,3 %\",\"8,1\"\n2026-05-03,1,10,10 %,7\n",
        ),
        (
            "Suchanfragen.csv",
            "Häufigste Suchanfragen,Klicks,Impressionen,CTR,Position\nmühle,3,90,\"3,3 %\",\"8,1\"\n",
        ),
        (
            "Seiten.csv",
            "Häufigste Seiten,Klicks,Impressionen,CTR,Position\nhttps://x.org/a,4,\"1.234\",\"0,3 %\",\"8,1\"\nhttps://x.org/b,0,7,0 %,20\n",
        ),
        (
            "Geräte.csv",
            "Gerät,Klicks,Impressionen,CTR,Position\nMobil,1,2,50 %,3\n",
        ),
        ("Filter.csv", "Filter,Wert\nSuchtyp,Web\n"),
    ]);
    let export = read_search_export(&bytes).expect("read");
    assert_eq!(export.notes, [""; 0]);
    let [table] = export.tables.as_slice() else {
        panic!("{:?}", export.tables)
    };
    let day = |text| Date::parse(text).expect("a date");
    assert_eq!(table.period, Some((day("2026-05-01"), day("2026-05-03"))));
    assert_eq!(
        table.rows,
        [
            row("https://x.org/a", None, (4, 1234, 8.1)),
            row("https://x.org/b", None, (0, 7, 20.0)),
        ]
    );
}

#[test]
fn an_archive_of_one_page_tells_its_queries() {
    let bytes = zipped(&[
        (
            "Queries.csv",
            "Top queries,Clicks,Impressions,CTR,Position\nburr grinder,1,20,5%,9.5\n",
        ),
        (
            "Pages.csv",
            "Top pages,Clicks,Impressions,CTR,Position\nhttps://x.org/a,1,30,3.3%,9\n",
        ),
    ]);
    let export = read_search_export(&bytes).expect("read");
    let rows: Vec<&SearchRow> = export.tables.iter().flat_map(|table| &table.rows).collect();
    assert_eq!(
        rows,
        [
            &row("https://x.org/a", None, (1, 30, 9.0)),
            &row("https://x.org/a", Some("burr grinder"), (1, 20, 9.5)),
        ]
    );
}

#[test]
fn the_answer_of_the_api_is_told_by_its_values_and_devices_are_added_up() {
    let text = r#"{"startDate": "2026-06-01", "endDate": "2026-06-30", "rows": [
        {"keys": ["https://x.org/a", "mill", "DESKTOP"], "clicks": 1.0, "impressions": 10.0, "ctr": 0.1, "position": 4.0},
        {"keys": ["https://x.org/a", "mill", "MOBILE"], "clicks": 2.0, "impressions": 30.0, "ctr": 0.06, "position": 8.0}]}"#;
    let export = read_search_export(text.as_bytes()).expect("read");
    assert_eq!(
        export.tables[0].rows,
        [row("https://x.org/a", Some("mill"), (3, 40, 7.0))]
    );
    assert!(export.tables[0].period.is_some());
}

#[test]
fn what_is_no_export_says_what_it_is() {
    for (bytes, said) in [
        (&b"PK\x03\x04broken"[..], "download the export again"),
        (b"\xff\xfe\x00", "neither a zip archive nor UTF-8"),
        (
            b"{\"rows\": [{\"keys\": 3}]}",
            "no answer of the Search Console API",
        ),
    ] {
        let error = read_search_export(bytes).expect_err("no export");
        assert!(error.contains(said), "{error}");
    }
    let export =
        read_search_export(b"Top queries,Clicks,Impressions,CTR,Position\nmill,1,2,50%,3\n")
            .expect("read");
    assert!(export.tables.is_empty() && export.notes[0].contains("no table names pages"));
    let compared = b"Page,a,b,c,d,e,f,g,h\nhttps://x.org/a,1,2,3,4,5%,6%,7,8\n";
    let export = read_search_export(compared).expect("read");
    assert!(
        export.notes[0].contains("compares two periods"),
        "{:?}",
        export.notes
    );
    let bad = b"Page,Clicks,Impressions,CTR,Position\nhttps://x.org/a,some,2,3%,4\nhttps://x.org/b,1,2,50%,4\n";
    let export = read_search_export(bad).expect("read");
    assert_eq!(export.tables[0].rows.len(), 1);
    assert!(export.notes[0].contains("line 2"), "{:?}", export.notes);
}
