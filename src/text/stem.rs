//! Words to stems, by rust-stemmers alone, in all of its languages.
//!
//! The crate panics on some words (Greek `αντιθετεισα` is one): such a word passes unstemmed, quietly.

use std::panic::AssertUnwindSafe;

use rust_stemmers::{Algorithm, Stemmer};

use crate::error::contain;
use crate::model::Lang;

/// What became of a word.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stemmed {
    /// Its stem.
    Stem(String),
    /// The stemmer failed on it, so it stays as it is.
    Unstemmable,
}

/// The stemmer of one language.
pub(super) struct WordStemmer(Stemmer);

impl WordStemmer {
    /// The stemmer of `lang`; `None` where there is none, and words stay as they are.
    pub(super) fn of(lang: &Lang) -> Option<Self> {
        let algorithm = match lang.as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return None,
        };
        Some(Self(Stemmer::create(algorithm)))
    }

    /// Stems a folded word.
    pub(super) fn stem(&self, word: &str) -> Stemmed {
        let stemmer = AssertUnwindSafe(&self.0);
        match contain(|| stemmer.stem(word).into_owned()) {
            Some(stem) => Stemmed::Stem(stem),
            None => Stemmed::Unstemmable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_breaks_the_stemmer_is_contained() {
        let greek = WordStemmer::of(&Lang::new("el").expect("a language")).expect("a stemmer");
        assert_eq!(greek.stem("αντιθετεισα"), Stemmed::Unstemmable);
        assert_eq!(greek.stem("και"), Stemmed::Stem("κα".into()));
    }
}
