//! The analyzer: tokens folded, stopped and stemmed for a language, behind a bounded word-to-stem cache.
//!
//! Stemming every token costs as much as all else together; most tokens are words seen before, so their stem is looked up.

use std::collections::HashMap;
use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::stem::{Stemmed, WordStemmer};
use super::stop::is_stop_word;
use super::tokens::{Token, tokenize};
use crate::model::Lang;

/// Words the cache holds before it starts anew; about 4 MB.
const CACHE_WORDS: usize = 1 << 16;
/// Longest term in bytes; what is longer is data (keys, hashes, encoded blobs), not language.
const LONGEST_TERM: usize = 64;

/// Turns text of one language into terms.
pub struct Analyzer {
    lang: Lang,
    stemmer: Option<WordStemmer>,
    cache: HashMap<Box<str>, Cached>,
    folded: String,
    unstemmed: u64,
}

/// What the cache knows of a folded word.
enum Cached {
    Stop,
    Term { term: Box<str>, unstemmable: bool },
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer")
            .field("lang", &self.lang)
            .field("cached", &self.cache.len())
            .field("unstemmed", &self.unstemmed)
            .finish_non_exhaustive()
    }
}

impl Analyzer {
    /// An analyzer for `lang`: stemmed where rust-stemmers knows the language, generic elsewhere.
    pub fn new(lang: &Lang) -> Self {
        Self {
            lang: lang.clone(),
            stemmer: WordStemmer::of(lang),
            cache: HashMap::new(),
            folded: String::new(),
            unstemmed: 0,
        }
    }

    /// Calls `emit` with every term of `text`, in order.
    pub fn terms(&mut self, text: &str, mut emit: impl FnMut(&str)) {
        self.terms_and_forms(text, |term, _| emit(term));
    }

    /// Calls `emit` with every term of `text` and the folded word that it stands for, in order.
    pub fn terms_and_forms(&mut self, text: &str, mut emit: impl FnMut(&str, &str)) {
        let mut folded = std::mem::take(&mut self.folded);
        tokenize(text, |token| match token {
            Token::Word(word) => {
                fold(word, &self.lang, &mut folded);
                if let Some(term) = self.term_of(&folded) {
                    emit(term, &folded);
                }
            }
            Token::Whole(whole) => {
                fold(whole, &self.lang, &mut folded);
                if (1..=LONGEST_TERM).contains(&folded.len()) {
                    emit(&folded, &folded);
                }
            }
        });
        self.folded = folded;
    }

    /// How many words passed unstemmed so far because the stemmer failed on them.
    pub fn unstemmed(&self) -> u64 {
        self.unstemmed
    }

    fn term_of(&mut self, word: &str) -> Option<&str> {
        if word.is_empty() || word.len() > LONGEST_TERM {
            return None;
        }
        if !self.cache.contains_key(word) {
            if self.cache.len() >= CACHE_WORDS {
                self.cache.clear();
            }
            let entry = analyse(word, &self.lang, self.stemmer.as_ref());
            self.cache.insert(word.into(), entry);
        }
        match self.cache.get(word)? {
            Cached::Stop => None,
            Cached::Term { term, unstemmable } => {
                self.unstemmed += u64::from(*unstemmable);
                Some(term)
            }
        }
    }
}

fn analyse(word: &str, lang: &Lang, stemmer: Option<&WordStemmer>) -> Cached {
    if is_stop_word(lang, word) {
        return Cached::Stop;
    }
    let stemmed = stemmer
        .filter(|_| word.chars().all(char::is_alphabetic))
        .map(|stemmer| stemmer.stem(word));
    match stemmed {
        Some(Stemmed::Stem(stem)) if !stem.is_empty() => Cached::Term {
            term: stem.into(),
            unstemmable: false,
        },
        other => Cached::Term {
            term: word.into(),
            unstemmable: other == Some(Stemmed::Unstemmable),
        },
    }
}

/// Lower case and compatibility forms (NFKC); in English accents go too, so that `naïve` meets `naive`.
fn fold(word: &str, lang: &Lang, out: &mut String) {
    out.clear();
    if word.is_ascii() {
        out.push_str(word);
        out.make_ascii_lowercase();
    } else if lang.as_str() == "en" {
        out.extend(
            word.nfkd()
                .filter(|&c| !is_combining_mark(c))
                .flat_map(char::to_lowercase),
        );
    } else {
        out.extend(word.nfkc().flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(lang: &str, text: &str) -> (Vec<String>, u64) {
        let mut analyzer = Analyzer::new(&Lang::new(lang).expect("a language"));
        let mut out = Vec::new();
        analyzer.terms(text, |term| out.push(term.to_owned()));
        (out, analyzer.unstemmed())
    }

    #[test]
    fn english_words_are_stopped_and_stemmed() {
        let (found, _) = terms(
            "en",
            "The databases were running naïve queries on C# and std::vec::Vec",
        );
        assert_eq!(
            found,
            [
                "databas",
                "run",
                "naiv",
                "queri",
                "c#",
                "std::vec::vec",
                "std",
                "vec",
                "vec"
            ]
        );
    }

    #[test]
    fn a_word_the_stemmer_fails_on_passes_as_it_is_and_is_counted() {
        let (found, unstemmed) = terms("el", "αντιθετεισα αντιθετεισα");
        assert_eq!(found, ["αντιθετεισα", "αντιθετεισα"]);
        assert_eq!(unstemmed, 2);
    }

    #[test]
    fn unknown_languages_are_folded_only() {
        assert_eq!(terms("cy", "Ysgrifennu CÔD").0, ["ysgrifennu", "côd"]);
    }

    #[test]
    fn blobs_are_not_terms() {
        assert!(terms("en", &"x".repeat(200_000)).0.is_empty());
    }
}
