//! Search demand: how often search engines show each page, at which place, and how seldom it is opened there.

use std::collections::BTreeMap;

use crate::model::{Date, DocOrd, Opportunity, SearchRow, SearchTable};

/// The days on which Search Console told too many impressions, and what an impression of these days counts.
const OVERREPORTED: (&str, &str) = ("2025-05-13", "2026-04-27");
const OVERREPORTED_WORTH: f64 = 0.5;

/// The last place on the first page of results, and on the second.
const FIRST_PAGE: f64 = 10.0;
const SECOND_PAGE: f64 = 20.0;

/// Clicks an impression at place p brings on the average: `0.3 / p^1.1`, which falls from .30 to .024 on the first page.
const CLICKS_AT_FIRST: f64 = 0.3;
const CLICKS_FALL: f64 = 1.1;

/// What search engines tell of one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    /// How often it was shown, what is over-reported weighed down.
    pub impressions: f64,
    /// How often it was opened.
    pub clicks: f64,
    /// Its mean place among the results, from 1.
    pub position: f64,
    /// How often it was shown for each query, by the query's number.
    pub queries: BTreeMap<u32, f64>,
}

impl Demand {
    /// How much more readers the page could have, 0 to 1, beside pages that are shown `usual` times, and why. A page that
    /// is shown often, on the second page of results or opened more seldom than others at its place, has the most.
    pub fn opportunity(&self, usual: f64) -> (f64, Option<Opportunity>) {
        if self.impressions <= 0.0 || self.position > SECOND_PAGE {
            return (0.0, None);
        }
        let wanted = self.impressions / (self.impressions + usual);
        if self.position > FIRST_PAGE {
            return (wanted, Some(Opportunity::SecondPage));
        }
        let expected = CLICKS_AT_FIRST / libm::pow(self.position.max(1.0), CLICKS_FALL);
        let missed = (1.0 - self.clicks / self.impressions / expected).max(0.0);
        let why = (missed > 0.5).then_some(Opportunity::SeldomOpened);
        (wanted * missed, why)
    }
}

/// What all exports together say of the articles, in the order in which they were imported: of two that tell of the same
/// days the later one counts. `find` looks up the article of an address.
pub fn demands(
    tables: &[SearchTable],
    count: usize,
    find: impl Fn(&str) -> Option<DocOrd>,
) -> Vec<Demand> {
    let mut numbers = BTreeMap::new();
    let mut by_query: BTreeMap<DocOrd, Sum> = BTreeMap::new();
    let mut by_page: BTreeMap<DocOrd, Sum> = BTreeMap::new();
    let mut demands = vec![Demand::default(); count];
    for (row, worth) in counted(tables) {
        let Some(ord) = find(&row.page) else { continue };
        let sums = match &row.query {
            Some(query) => {
                let next = numbers.len() as u32;
                let number = *numbers.entry(query.as_str()).or_insert(next);
                let shown = demands[ord.index()].queries.entry(number).or_default();
                *shown += row.impressions as f64 * worth;
                &mut by_query
            }
            None => &mut by_page,
        };
        sums.entry(ord).or_default().add(row, worth);
    }
    // Rare queries are left out of a page's queries, so the page as a whole knows more where it is told.
    for (ord, sum) in by_query.into_iter().chain(by_page) {
        let demand = &mut demands[ord.index()];
        if sum.impressions >= demand.impressions && sum.impressions > 0.0 {
            demand.impressions = sum.impressions;
            demand.clicks = sum.clicks;
            demand.position = sum.places / sum.impressions;
        }
    }
    demands
}

#[derive(Default)]
struct Sum {
    clicks: f64,
    impressions: f64,
    places: f64,
}

impl Sum {
    fn add(&mut self, row: &SearchRow, worth: f64) {
        let impressions = row.impressions as f64 * worth;
        self.clicks += row.clicks as f64;
        self.impressions += impressions;
        self.places += row.position * impressions;
    }
}

/// The days that something tells of, the last included.
type Period = Option<(Date, Date)>;

/// The rows that count and what an impression of each does.
fn counted(tables: &[SearchTable]) -> Vec<(&SearchRow, f64)> {
    let mut by_day = BTreeMap::new();
    let mut found: Vec<(&SearchRow, f64)> = Vec::new();
    for (number, table) in tables.iter().enumerate() {
        let later = &tables[number + 1..];
        for row in &table.rows {
            match row.day {
                Some(day) => {
                    by_day.insert((&row.page, &row.query, day), row);
                }
                None if later
                    .iter()
                    .any(|later| tells_again(later, table.period, row)) => {}
                None => found.push((row, worth(table.period))),
            }
        }
    }
    let days = by_day.into_iter();
    found.extend(days.map(|((.., day), row)| (row, worth(Some((day, day))))));
    found
}

/// Whether `later` tells of the same days and the same thing as a row of `period`.
fn tells_again(later: &SearchTable, period: Period, row: &SearchRow) -> bool {
    let overlap = match (later.period, period) {
        (Some((from, to)), Some((first, last))) => from <= last && first <= to,
        _ => true,
    };
    let same = |other: &SearchRow| {
        other.day.is_none()
            && other.query.is_some() == row.query.is_some()
            && (row.query.is_none() || other.page == row.page)
    };
    overlap && later.rows.iter().any(same)
}

/// What an impression of `period` counts: less as far as it falls into the days that tell too many.
fn worth(period: Period) -> f64 {
    let Some((from, to)) = period else { return 1.0 };
    let day = |text| Date::parse(text).map_or(0, Date::seconds) / 86_400;
    let (first, last) = (day(OVERREPORTED.0), day(OVERREPORTED.1));
    let (from, to) = (from.seconds() / 86_400, to.seconds() / 86_400);
    let days = (to - from + 1).max(1);
    let told = (to.min(last) - from.max(first) + 1).clamp(0, days);
    1.0 - (1.0 - OVERREPORTED_WORTH) * told as f64 / days as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(
        period: Option<(&str, &str)>,
        rows: &[(&str, Option<&str>, u64, u64, f64)],
    ) -> SearchTable {
        let day = |text| Date::parse(text).expect("a date");
        let rows = rows
            .iter()
            .map(|&(page, query, clicks, impressions, position)| SearchRow {
                page: page.to_owned(),
                query: query.map(str::to_owned),
                day: None,
                clicks,
                impressions,
                position,
            });
        SearchTable {
            period: period.map(|(from, to)| (day(from), day(to))),
            rows: rows.collect(),
        }
    }

    fn of(tables: &[SearchTable]) -> Vec<Demand> {
        demands(tables, 2, |page| match page {
            "/a" => Some(DocOrd(0)),
            "/b" => Some(DocOrd(1)),
            _ => None,
        })
    }

    #[test]
    fn of_exports_of_the_same_days_the_later_counts_and_others_add_up() {
        let march = || {
            table(
                Some(("2025-03-01", "2025-03-31")),
                &[("/a", None, 1, 100, 5.0)],
            )
        };
        let april = table(
            Some(("2025-04-01", "2025-04-30")),
            &[("/a", None, 3, 300, 9.0)],
        );
        let twice = of(&[march(), march(), april]);
        assert_eq!(twice[0].impressions, 400.0);
        assert_eq!(twice[0].position, 8.0);
        assert_eq!(twice[1], Demand::default());
    }

    #[test]
    fn a_page_knows_more_than_its_queries_and_days_of_doubt_count_half() {
        let period = Some(("2025-06-01", "2025-06-30"));
        let queries = table(
            period,
            &[
                ("/a", Some("mill"), 1, 40, 5.0),
                ("/b", Some("mill"), 0, 10, 5.0),
            ],
        );
        let pages = table(period, &[("/a", None, 2, 100, 6.0)]);
        let found = of(&[queries, pages]);
        assert_eq!(found[0].impressions, 50.0);
        assert_eq!(found[0].clicks, 2.0);
        assert_eq!(
            found[1].queries.keys().collect::<Vec<_>>(),
            found[0].queries.keys().collect::<Vec<_>>()
        );
    }

    #[test]
    fn the_second_page_and_few_clicks_are_opportunities_and_a_good_result_is_none() {
        let of = |clicks, position| {
            let demand = Demand {
                impressions: 1000.0,
                clicks,
                position,
                queries: BTreeMap::new(),
            };
            demand.opportunity(100.0)
        };
        let (second, why) = of(5.0, 14.0);
        assert_eq!(why, Some(Opportunity::SecondPage));
        let (seldom, told) = of(10.0, 3.0);
        assert_eq!(told, Some(Opportunity::SeldomOpened));
        let (fine, none) = of(200.0, 2.0);
        assert!(second > 0.9 && seldom > 0.7 && fine == 0.0 && none.is_none());
        assert_eq!(of(0.0, 60.0), (0.0, None));
    }
}
