//! Which articles stand next to each other in a series: the series' own box links them, so a panel need not.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::model::{Appearance, Date, DocOrd, Entry, order};

/// Every two articles that follow each other in a series, either way round.
///
/// A series is in the order of `series_order`; articles without one stand behind, by the date of publication and then by
/// id, numbers in it by their value.
pub(super) fn series_neighbours(entries: &[&Entry]) -> Vec<(DocOrd, DocOrd)> {
    let mut series: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (ord, entry) in entries.iter().enumerate().filter(|(_, entry)| !entry.draft) {
        if let Some(name) = appearance(entry).and_then(|appearance| appearance.series.as_deref()) {
            let parts = series.entry((name, entry.lang.as_str())).or_default();
            parts.push(ord);
        }
    }
    let mut neighbours = Vec::new();
    for mut parts in series.into_values() {
        order::sort_by(&mut parts, |&a, &b| {
            by_order(entries[a], entries[b]).then(a.cmp(&b))
        });
        for two in parts.windows(2) {
            let (before, after) = (DocOrd(two[0] as u32), DocOrd(two[1] as u32));
            neighbours.extend([(before, after), (after, before)]);
        }
    }
    neighbours
}

fn appearance(entry: &Entry) -> Option<&Appearance> {
    entry.appearance.as_deref()
}

fn by_order(a: &Entry, b: &Entry) -> Ordering {
    let order = |entry: &Entry| {
        let given = appearance(entry).and_then(|appearance| appearance.series_order);
        given.unwrap_or(f64::INFINITY)
    };
    let date = |entry: &Entry| entry.published.map_or(i64::MAX, Date::seconds);
    order(a)
        .total_cmp(&order(b))
        .then(date(a).cmp(&date(b)))
        .then_with(|| by_number(a.id.as_str(), b.id.as_str()))
}

/// Compares two names so that `part-2` comes before `part-10`.
fn by_number(a: &str, b: &str) -> Ordering {
    pieces(a).cmp(&pieces(b))
}

/// Texts and the numbers between them; a number too large for one stays text.
fn pieces(name: &str) -> Vec<(Option<u64>, &str)> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits);
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push((piece.parse().ok(), piece));
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_compared_by_value() {
        let mut names = ["part-10", "part-9", "part", "part-2b", "part-2"];
        names.sort_by(|a, b| by_number(a, b));
        assert_eq!(names, ["part", "part-2", "part-2b", "part-9", "part-10"]);
    }
}
