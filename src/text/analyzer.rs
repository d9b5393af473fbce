//! The analyzer: runs to terms, folded, stopped and stemmed for a language, behind what it knows of the runs met before.
//!
//! Taking a run apart, folding it and stemming its words costs many times what a look-up costs, and nearly all runs were met
//! before.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::known::{Key, Known};
use super::runs::runs;
use super::stem::{Stemmed, WordStemmer};
use super::stop::Stops;
use super::tokens::{Token, tokens};
use super::vocabulary::{TermId, Vocabulary};
use crate::model::Lang;

/// Runs and words that are remembered before an analyzer starts anew; about 80 MB.
const REMEMBERED: usize = 1 << 20;
/// Longest term in bytes; what is longer is data (keys, hashes, encoded blobs), not language.
const LONGEST_TERM: usize = 64;

/// Turns text of one language into terms, and numbers them.
pub struct Analyzer {
    lang: Lang,
    stops: Stops,
    stemmer: Option<WordStemmer>,
    vocabulary: Vocabulary,
    /// Words, folded, and what each means.
    words: Vocabulary,
    meanings: Vec<Meaning>,
    known: Known,
    /// What runs of several tokens mean, one after the other.
    several: Vec<Meaning>,
    folded: String,
    unstemmed: u64,
}

/// What is known of a run or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Stop,
    Term(Sense),
    /// The stemmer failed on it.
    Unstemmed(Sense),
    /// What a run of several tokens means: so many of [`Analyzer::several`], from a place on.
    Several(u32, u32),
}

/// A term, and the word that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sense {
    /// The term.
    pub term: TermId,
    /// The word.
    pub form: Form,
}

/// A word that stood for a term, by its length and its number among the words of an analyzer that was not told to
/// [make room](Analyzer::make_room) meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form(u32);

impl Form {
    const LENGTH_SHIFT: u32 = 24;
    /// The number of a word that is the term itself.
    const TERM_ITSELF: u32 = (1 << Self::LENGTH_SHIFT) - 1;

    fn of(number: u32, length: usize) -> Self {
        debug_assert!(length <= LONGEST_TERM);
        Self((length as u32) << Self::LENGTH_SHIFT | number.min(Self::TERM_ITSELF))
    }

    /// The length of the word in bytes.
    #[inline]
    pub fn length(self) -> u32 {
        self.0 >> Self::LENGTH_SHIFT
    }

    /// Whether the word is the term itself.
    pub fn is_term(self) -> bool {
        self.number() == Self::TERM_ITSELF
    }

    fn number(self) -> u32 {
        self.0 & Self::TERM_ITSELF
    }
}

impl Sense {
    /// A term that is its own word, of `length` bytes.
    pub(super) fn of_term(term: TermId, length: usize) -> Self {
        let form = Form::of(Form::TERM_ITSELF, length);
        Self { term, form }
    }
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analyzer")
            .field("lang", &self.lang)
            .field("terms", &self.vocabulary.len())
            .field("known", &self.known.len())
            .field("words", &self.words.len())
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
            known: Known::default(),
            several: Vec::new(),
            folded: String::new(),
            unstemmed: 0,
        }
    }

    /// Calls `emit` with every term of `text`, in order.
    pub fn terms(&mut self, text: &str, mut emit: impl FnMut(&str)) {
        let mut found = Vec::new();
        self.scan(text, |sense| found.push(sense.term));
        for term in found {
            emit(self.vocabulary.term(term));
        }
    }

    /// Calls `emit` with the number of every term of `text` and the word that it stands for, in order.
    #[inline]
    pub fn scan(&mut self, text: &str, mut emit: impl FnMut(Sense)) {
        runs(text, |run, key| {
            let key = match key {
                Some(key) => key,
                None if run.len() <= LONGEST_TERM => Key::of_long(run),
                None => return self.scan_long(run, &mut emit),
            };
            let meaning = match self.known.get(key) {
                Some(meaning) => meaning,
                None => self.learn(run, key),
            };
            match meaning {
                Meaning::Term(sense) => emit(sense),
                Meaning::Stop => {}
                Meaning::Unstemmed(sense) => {
                    self.unstemmed += 1;
                    emit(sense);
                }
                Meaning::Several(from, count) => {
                    for at in from..from + count {
                        if let Some(sense) = self.count(self.several[at as usize]) {
                            emit(sense);
                        }
                    }
                }
            }
        });
    }

    /// Forgets what runs and words mean if that grew too large: memory stays bounded whatever is read. The numbers of terms
    /// stay, those of words do not.
    pub fn make_room(&mut self) {
        self.forget_beyond(REMEMBERED);
    }

    fn forget_beyond(&mut self, most: usize) {
        if self.known.len().max(self.words.len()) > most {
            self.known.clear();
            self.several.clear();
            self.words.clear();
            self.meanings.clear();
        }
    }

    /// How many words passed unstemmed so far because the stemmer failed on them.
    pub fn unstemmed(&self) -> u64 {
        self.unstemmed
    }

    /// The word that stood for the term of `sense`, in small letters.
    pub fn form(&self, sense: Sense) -> &str {
        if sense.form.is_term() {
            self.vocabulary.term(sense.term)
        } else {
            self.words.term(TermId(sense.form.number()))
        }
    }

    /// The terms met so far, by number.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The terms met, by number.
    pub fn into_vocabulary(self) -> Vocabulary {
        self.vocabulary
    }

    /// The tokens of a run that is too long to be remembered.
    fn scan_long(&mut self, run: &str, emit: &mut impl FnMut(Sense)) {
        tokens(run, |token| {
            let meaning = self.meaning_of(token);
            if let Some(sense) = self.count(meaning) {
                emit(sense);
            }
        });
    }

    /// The sense of a single meaning, if it is not stopped.
    fn count(&mut self, meaning: Meaning) -> Option<Sense> {
        match meaning {
            Meaning::Term(sense) => Some(sense),
            Meaning::Unstemmed(sense) => {
                self.unstemmed += 1;
                Some(sense)
            }
            Meaning::Stop | Meaning::Several(..) => None,
        }
    }

    /// Finds what `run` means, and remembers it.
    #[inline(never)]
    fn learn(&mut self, run: &str, key: Key) -> Meaning {
        let from = self.several.len();
        tokens(run, |token| match self.meaning_of_unknown(token) {
            Meaning::Stop => {}
            meaning => self.several.push(meaning),
        });
        let meaning = match self.several[from..] {
            [] => Meaning::Stop,
            [only] => only,
            ref all => Meaning::Several(from as u32, all.len() as u32),
        };
        if !matches!(meaning, Meaning::Several(..)) {
            self.several.truncate(from);
        }
        self.known.put(key, meaning);
        meaning
    }

    /// What a token of a longer run means. A short word means what it means as a run of its own.
    fn meaning_of(&mut self, token: Token<'_>) -> Meaning {
        if let Token::Word(word) = token
            && let Some(key) = Key::of(word)
        {
            return match self.known.get(key) {
                Some(meaning) => meaning,
                None => self.learn(word, key),
            };
        }
        self.meaning_of_unknown(token)
    }

    fn meaning_of_unknown(&mut self, token: Token<'_>) -> Meaning {
        let mut folded = std::mem::take(&mut self.folded);
        let (Token::Word(text) | Token::Whole(text)) = token;
        fold(text, &self.lang, &mut folded);
        let meaning = match token {
            _ if folded.is_empty() || folded.len() > LONGEST_TERM => Meaning::Stop,
            Token::Whole(_) => Meaning::Term(self.itself(&folded)),
            Token::Word(_) => self.meaning_of_word(&folded),
        };
        self.folded = folded;
        meaning
    }

    /// What the folded `word` means, looked up or found out.
    fn meaning_of_word(&mut self, word: &str) -> Meaning {
        let number = self.words.intern(word);
        if let Some(&known) = self.meanings.get(number.index()) {
            return known;
        }
        let meaning = self.meaning(word, number);
        self.meanings.push(meaning);
        meaning
    }

    fn meaning(&mut self, word: &str, number: TermId) -> Meaning {
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
            Some(Stemmed::Stem(stem)) if !stem.is_empty() && stem != word => Meaning::Term(Sense {
                term: self.vocabulary.intern(&stem),
                form: Form::of(number.0, word.len()),
            }),
            Some(Stemmed::Unstemmable) => Meaning::Unstemmed(self.itself(word)),
            _ => Meaning::Term(self.itself(word)),
        }
    }

    /// The sense of a word that is its own term.
    fn itself(&mut self, word: &str) -> Sense {
        Sense::of_term(self.vocabulary.intern(word), word.len())
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
    fn what_is_forgotten_is_learnt_again_under_the_same_numbers() {
        let mut analyzer = Analyzer::new(&Lang::english());
        let text = "Running HTTPServer on std::vec::Vec, running the naïve_implementation of sixteen_letters_and_more";
        let mut scanned = |room: usize| {
            analyzer.forget_beyond(room);
            let mut senses = Vec::new();
            analyzer.scan(text, |sense| senses.push(sense));
            let words = senses.iter().map(|&sense| analyzer.form(sense).to_owned());
            let words: Vec<String> = words.collect();
            let terms: Vec<TermId> = senses.iter().map(|sense| sense.term).collect();
            (terms, words, analyzer.known.len(), analyzer.words.len())
        };
        let first = scanned(REMEMBERED);
        assert_eq!(first.1[..4], ["running", "httpserver", "http", "server"]);
        assert_eq!(scanned(REMEMBERED), first);
        assert_eq!(scanned(0), first);
    }

    #[test]
    fn blobs_are_not_terms() {
        assert!(terms("en", &"x".repeat(200_000)).0.is_empty());
    }
}
