//! The analyzer: tokens folded, stopped and stemmed for a language, behind a bounded word-to-stem cache.
//!
//! Stemming every token costs as much as all else together; most tokens are words seen before, so their stem is looked up.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::recent::Recent;
use super::stem::{Stemmed, WordStemmer};
use super::stop::Stops;
use super::tokens::{Token, tokenize};
use super::vocabulary::{TermId, Vocabulary};
use crate::model::Lang;

/// Words the cache holds before it starts anew; about 50 MB.
const CACHE_WORDS: usize = 1 << 20;
/// Longest term in bytes; what is longer is data (keys, hashes, encoded blobs), not language.
const LONGEST_TERM: usize = 64;

/// Turns text of one language into terms, and numbers them.
pub struct Analyzer {
    lang: Lang,
    stops: Stops,
    stemmer: Option<WordStemmer>,
    vocabulary: Vocabulary,
    words: Vocabulary,
    meanings: Vec<Meaning>,
    recent: Recent,
    folded: String,
    unstemmed: u64,
}

/// What the cache knows of a folded word.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    Stop,
    Term(TermId),
    /// The stemmer failed on it.
    Unstemmed(TermId),
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer")
            .field("lang", &self.lang)
            .field("terms", &self.vocabulary.len())
            .field("cached", &self.words.len())
            .field("unstemmed", &self.unstemmed)
            .finish_non_exhaustive()
    }
}

impl Analyzer {
    /// An analyzer for `lang`: stemmed where rust-stemmers knows the language, generic elsewhere.
    pub fn new(lang: &Lang) -> Self {
        Self {
            lang: lang.clone(),
            stops: Stops::of(lang),
            stemmer: WordStemmer::of(lang),
            vocabulary: Vocabulary::default(),
            words: Vocabulary::default(),
            meanings: Vec::new(),
            recent: Recent::default(),
            folded: String::new(),
            unstemmed: 0,
        }
    }

    /// Calls `emit` with every term of `text`, in order.
    pub fn terms(&mut self, text: &str, mut emit: impl FnMut(&str)) {
        let mut found = Vec::new();
        self.scan(text, |term, _| found.push(term));
        for term in found {
            emit(self.vocabulary.term(term));
        }
    }

    /// Calls `emit` with the number of every term of `text` and the word that it stands for, in order. The word is folded,
    /// but for the case of ASCII letters.
    pub fn scan(&mut self, text: &str, mut emit: impl FnMut(TermId, &str)) {
        let mut folded = std::mem::take(&mut self.folded);
        let turkish = self.lang.as_str() == "tr";
        tokenize(text, |token| match token {
            // Nearly all words: met before, and nothing but their case to fold.
            Token::Word(word)
                if !turkish
                    && word.is_ascii()
                    && let Some(meaning) = self.recent.get_unfolded(word) =>
            {
                if let Some(term) = self.count(meaning) {
                    emit(term, word);
                }
            }
            Token::Word(word) => {
                fold(word, &self.lang, &mut folded);
                if let Some(term) = self.term_of(&folded) {
                    emit(term, &folded);
                }
            }
            Token::Whole(whole) => {
                fold(whole, &self.lang, &mut folded);
                if (1..=LONGEST_TERM).contains(&folded.len()) {
                    emit(self.vocabulary.intern(&folded), &folded);
                }
            }
        });
        self.folded = folded;
    }

    /// How many words passed unstemmed so far because the stemmer failed on them.
    pub fn unstemmed(&self) -> u64 {
        self.unstemmed
    }

    /// The terms met so far, by number.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The terms met, by number.
    pub fn into_vocabulary(self) -> Vocabulary {
        self.vocabulary
    }

    fn term_of(&mut self, word: &str) -> Option<TermId> {
        if word.is_empty() || word.len() > LONGEST_TERM {
            return None;
        }
        let meaning = match self.recent.get(word) {
            Some(known) => known,
            None => {
                let meaning = match self.meanings.get(self.words.intern(word).index()) {
                    Some(&known) => known,
                    None => self.learn(word),
                };
                self.recent.put(word, meaning);
                meaning
            }
        };
        self.count(meaning)
    }

    /// The term of a meaning, if it is not stopped.
    fn count(&mut self, meaning: Meaning) -> Option<TermId> {
        match meaning {
            Meaning::Stop => None,
            Meaning::Term(term) => Some(term),
            Meaning::Unstemmed(term) => {
                self.unstemmed += 1;
                Some(term)
            }
        }
    }

    /// Finds the meaning of `word`, the newest in the cache.
    fn learn(&mut self, word: &str) -> Meaning {
        if self.words.len() > CACHE_WORDS {
            self.words.clear();
            self.meanings.clear();
            self.recent.clear();
            self.words.intern(word);
        }
        let meaning = self.meaning(word);
        self.meanings.push(meaning);
        meaning
    }

    fn meaning(&mut self, word: &str) -> Meaning {
        if self.stops.contain(word) {
            return Meaning::Stop;
        }
        let stemmed = self
            .stemmer
            .as_ref()
            .filter(|_| {
                word.chars()
                    .all(|c| c.is_alphabetic() || is_combining_mark(c))
            })
            .map(|stemmer| stemmer.stem(word));
        match stemmed {
            Some(Stemmed::Stem(stem)) if !stem.is_empty() => {
                Meaning::Term(self.vocabulary.intern(&stem))
            }
            Some(Stemmed::Unstemmable) => Meaning::Unstemmed(self.vocabulary.intern(word)),
            _ => Meaning::Term(self.vocabulary.intern(word)),
        }
    }
}

/// Lower case and compatibility forms (NFKC). Beyond that in English without accents, so that `naïve` meets `naive`; in
/// Arabic without vowel signs and stretching; in Turkish with its own two letters i.
fn fold(word: &str, lang: &Lang, out: &mut String) {
    out.clear();
    let turkish = lang.as_str() == "tr";
    if word.is_ascii() && !(turkish && word.contains('I')) {
        out.push_str(word);
        out.make_ascii_lowercase();
        return;
    }
    match lang.as_str() {
        "en" => out.extend(lower(word.nfkd().filter(|&c| !is_combining_mark(c)))),
        "ar" => out.extend(lower(word.nfkc().filter(|&c| !is_arabic_mark(c)))),
        "tr" => out.extend(lower(word.nfkc().map(|c| match c {
            'I' => 'ı',
            'İ' => 'i',
            other => other,
        }))),
        _ => out.extend(lower(word.nfkc())),
    }
}

fn lower(letters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    letters.flat_map(char::to_lowercase)
}

/// Vowel signs, and the stroke that stretches a word.
fn is_arabic_mark(c: char) -> bool {
    matches!(c, '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
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
    fn words_meet_their_stems_and_stop_lists_in_their_own_spelling() {
        for (lang, text, wanted) in [
            (
                "de",
                "Die Datenbanken und der Server",
                vec!["datenbank", "serv"],
            ),
            (
                "fr",
                "L'utilisation des bases de données",
                vec!["utilis", "bas", "don"],
            ),
            ("tr", "Işık İçin kitaplar", vec!["ışık", "kitap"]),
            ("ta", "மற்றும்", vec![]),
            ("ar", "جدًا كِتَاب", vec!["كتاب"]),
            (
                "ja",
                "パン生地をこねる",
                vec!["パン", "ン生", "生地", "地を"],
            ),
            ("ja", "酵", vec!["酵"]),
            ("zh", "面包的做法", vec!["面包", "做法"]),
            ("ko", "반죽은", vec!["반죽", "죽은"]),
            ("ja", "Rustで書く", vec!["rust", "で書", "書く"]),
        ] {
            assert_eq!(terms(lang, text).0, wanted, "{lang} {text}");
        }
    }

    #[test]
    fn blobs_are_not_terms() {
        assert!(terms("en", &"x".repeat(200_000)).0.is_empty());
    }
}
