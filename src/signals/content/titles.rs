//! Titles as rows of character 3- and 4-grams: what words and stems do not see, such as identifiers that begin alike,
//! versions, and compounds.
//!
//! The weight of gram g in a title is `sqrt(tf) * ln(1 + N / df(g))`. Grams run over words, so the order of words counts a
//! little.

use std::collections::HashMap;

use super::rows::{Rows, Slot};
use crate::index::found_by;

/// Lengths of the grams, in characters.
const GRAM_LENGTHS: [usize; 2] = [3, 4];

/// The titles of a site as rows, and the pieces that they are made of.
#[derive(Debug)]
pub(super) struct Titles {
    pub(super) rows: Rows,
    /// How often the piece of each place of the rows stands there.
    pub(super) counts: Vec<u32>,
    /// The hash of each piece.
    pub(super) grams: Vec<u64>,
    /// What each piece counts.
    pub(super) idf: Vec<f32>,
}

/// The rows of `titles`, article by article.
#[cfg(test)]
fn title_rows<'a>(titles: impl Iterator<Item = &'a str>) -> Rows {
    Titles::of(titles).rows
}

impl Titles {
    /// Those of `titles`, article by article.
    pub(super) fn of<'a>(titles: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers: HashMap<Box<str>, u32> = HashMap::new();
        let mut frequencies: Vec<u32> = Vec::new();
        let mut counted: Vec<Vec<(Slot, f32)>> = Vec::new();
        let mut grams: Vec<u32> = Vec::new();
        let mut counts = Vec::new();
        for title in titles {
            grams.clear();
            each_gram(title, |gram| {
                let fresh = numbers.len() as u32;
                let number = match numbers.get(gram) {
                    Some(&number) => number,
                    None => {
                        numbers.insert(gram.into(), fresh);
                        frequencies.push(0);
                        fresh
                    }
                };
                grams.push(number);
            });
            grams.sort_unstable();
            let runs = grams.chunk_by(|a, b| a == b);
            counted.push(
                runs.map(|run| {
                    frequencies[run[0] as usize] += 1;
                    counts.push(run.len() as u32);
                    (Slot(run[0]), (run.len() as f32).sqrt())
                })
                .collect(),
            );
        }
        let articles = counted.len() as f64;
        let idf: Vec<f32> = frequencies
            .iter()
            .map(|&df| libm::log1p(articles / f64::from(df)) as f32)
            .collect();
        for (slot, weight) in counted.iter_mut().flatten() {
            *weight *= idf[slot.index()];
        }
        let mut hashes = vec![0; idf.len()];
        for (gram, &number) in &numbers {
            hashes[number as usize] = found_by(gram);
        }
        Self {
            rows: Rows::of_lists(&counted, idf.len()),
            counts,
            grams: hashes,
            idf,
        }
    }
}

/// Calls `each` with every gram of `title` in small letters, with one blank around and between words.
pub(super) fn each_gram(title: &str, mut each: impl FnMut(&str)) {
    let mut text = String::from(" ");
    for word in title.split_whitespace() {
        text.extend(word.chars().flat_map(char::to_lowercase));
        text.push(' ');
    }
    let ends: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    for length in GRAM_LENGTHS {
        for window in ends.windows(length + 1) {
            each(&text[window[0]..window[length]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DocOrd;

    #[test]
    fn grams_run_over_words_and_scripts() {
        let mut grams = Vec::new();
        each_gram("Ab  Ö", |gram| grams.push(gram.to_owned()));
        assert_eq!(grams, [" ab", "ab ", "b ö", " ö ", " ab ", "ab ö", "b ö "]);
        each_gram("", |gram| panic!("{gram}"));
    }

    #[test]
    fn identifiers_that_begin_alike_are_near() {
        let titles = ["array_map", "array_walk", "strlen", ""];
        let rows = title_rows(titles.into_iter());
        let product = |a: u32, b: u32| -> f32 {
            let (slots, weights) = rows.row(DocOrd(a));
            let (others, other_weights) = rows.row(DocOrd(b));
            let pairs = slots.iter().zip(weights).map(|(slot, weight)| {
                let at = others.iter().position(|other| other == slot);
                at.map_or(0.0, |at| weight * other_weights[at])
            });
            pairs.sum()
        };
        assert!((product(0, 0) - 1.0).abs() < 1e-6);
        assert!(product(0, 1) > 0.2);
        assert_eq!(product(0, 2), 0.0);
        assert_eq!(product(3, 3), 0.0);
    }
}
