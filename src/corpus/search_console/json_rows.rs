//! What the API answers: `{"rows": [{"keys": [...], "clicks": ..., "impressions": ..., "ctr": ..., "position": ...}]}`, one
//! answer or a list of them, also a line each. The answer does not name its dimensions, so they are told by their values.
//! `startDate` and `endDate` of the request may stand beside the rows.

use serde::Deserialize;

use super::{Dimension, Figures, SearchExport, number, rows_of};
use crate::model::{Date, SearchTable};

#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    Many(Vec<Answer>),
    One(Answer),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    rows: Vec<Row>,
    start_date: Option<String>,
    end_date: Option<String>,
}

/// The figures are whole numbers that the API writes as fractions.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    keys: Vec<String>,
    clicks: f64,
    impressions: f64,
    position: f64,
}

pub(super) fn read(text: &str) -> Result<SearchExport, String> {
    let mut export = SearchExport::default();
    let answers = serde_json::Deserializer::from_str(text).into_iter::<Answers>();
    for answers in answers {
        let answers = answers.map_err(|error| {
            format!("found JSON that is no answer of the Search Console API ({error}); expected rows with keys, clicks, impressions and position")
        })?;
        match answers {
            Answers::Many(many) => many.iter().for_each(|answer| export.add(answer)),
            Answers::One(one) => export.add(&one),
        }
    }
    Ok(export)
}

impl SearchExport {
    fn add(&mut self, answer: &Answer) {
        let width = answer.rows.first().map_or(0, |row| row.keys.len());
        let (even, uneven): (Vec<&Row>, Vec<&Row>) =
            answer.rows.iter().partition(|row| row.keys.len() == width);
        if !uneven.is_empty() {
            self.notes.push(format!(
                "{} rows do not have the {width} keys of the first and were left out",
                uneven.len()
            ));
        }
        let dimensions: Vec<Dimension> = (0..width)
            .map(|at| Dimension::of(&even.iter().map(move |row| row.keys[at].as_str())))
            .collect();
        let whole = |number: f64| number.max(0.0).round() as u64;
        let figures: Vec<Figures<'_>> = even
            .iter()
            .map(|row| Figures {
                keys: row.keys.iter().map(String::as_str).collect(),
                clicks: whole(row.clicks),
                impressions: whole(row.impressions),
                position: row.position,
            })
            .collect();
        let period = self.period(answer);
        self.tables.push(SearchTable {
            period,
            rows: rows_of(&dimensions, &figures),
        });
    }

    /// The days that stand beside the rows, in their order.
    fn period(&mut self, answer: &Answer) -> Option<(Date, Date)> {
        let day = |text: &Option<String>| text.as_deref().and_then(number::day);
        let (first, last) = day(&answer.start_date).zip(day(&answer.end_date))?;
        if first > last {
            self.notes.push(format!(
                "found startDate {first} after endDate {last}, expected the first day before the last; the days were left out"
            ));
            return None;
        }
        Some((first, last))
    }
}
