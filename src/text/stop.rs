//! Words that carry no subject, by language; the lists are data files.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::Lang;

/// A language and its list.
type List = (&'static str, &'static str);

/// The languages that have a list, by code: those that have a stemmer.
pub(super) const LISTS: [List; 18] = [
    ("ar", include_str!("data/stop.ar.txt")),
    ("da", include_str!("data/stop.da.txt")),
    ("de", include_str!("data/stop.de.txt")),
    ("el", include_str!("data/stop.el.txt")),
    ("en", include_str!("data/stop.en.txt")),
    ("es", include_str!("data/stop.es.txt")),
    ("fi", include_str!("data/stop.fi.txt")),
    ("fr", include_str!("data/stop.fr.txt")),
    ("hu", include_str!("data/stop.hu.txt")),
    ("it", include_str!("data/stop.it.txt")),
    ("nl", include_str!("data/stop.nl.txt")),
    ("no", include_str!("data/stop.no.txt")),
    ("pt", include_str!("data/stop.pt.txt")),
    ("ro", include_str!("data/stop.ro.txt")),
    ("ru", include_str!("data/stop.ru.txt")),
    ("sv", include_str!("data/stop.sv.txt")),
    ("ta", include_str!("data/stop.ta.txt")),
    ("tr", include_str!("data/stop.tr.txt")),
];

static WORDS: LazyLock<[HashSet<&'static str>; 18]> =
    LazyLock::new(|| LISTS.map(|(_, words)| words.split_whitespace().collect()));

/// Characters that make a Chinese bigram one of grammar.
const CHINESE_PARTICLES: [char; 12] = [
    '的', '了', '是', '在', '和', '也', '就', '都', '与', '及', '着', '们',
];

/// How a language tells words without a subject.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stops {
    /// By a list.
    Listed(usize),
    /// Bigrams written in hiragana alone are endings and particles.
    Japanese,
    /// Bigrams with a particle in them.
    Chinese,
    /// Not at all.
    None,
}

impl Stops {
    /// The way of `lang`.
    pub(super) fn of(lang: &Lang) -> Self {
        match lang.as_str() {
            "ja" => Stops::Japanese,
            "zh" => Stops::Chinese,
            code => LISTS
                .iter()
                .position(|&(listed, _)| listed == list_of(code))
                .map_or(Stops::None, Stops::Listed),
        }
    }

    /// Whether the folded `word` is one.
    pub(super) fn contain(self, word: &str) -> bool {
        match self {
            Stops::Listed(at) => WORDS[at].contains(word),
            Stops::Japanese => word.chars().all(|c| matches!(c, '\u{3041}'..='\u{309f}')),
            Stops::Chinese => word.chars().any(|c| CHINESE_PARTICLES.contains(&c)),
            Stops::None => false,
        }
    }
}

/// Bokmål and nynorsk share the Norwegian list.
fn list_of(code: &str) -> &str {
    match code {
        "nb" | "nn" => "no",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_with_a_stemmer_has_its_list() {
        for (code, words) in LISTS {
            let lang = Lang::new(code).expect("a language");
            assert!(
                super::super::stem::WordStemmer::of(&lang).is_some(),
                "{code}"
            );
            let stops = Stops::of(&lang);
            assert!(
                words.split_whitespace().all(|word| stops.contain(word)),
                "{code}"
            );
            assert!(!stops.contain("kubernetes"), "{code}");
        }
    }

    #[test]
    fn bigrams_of_grammar_are_stopped_in_japanese_and_chinese() {
        for (code, word, stopped) in [
            ("ja", "です", true),
            ("ja", "酵母", false),
            ("ja", "パン", false),
            ("zh", "我的", true),
            ("zh", "面包", false),
            ("nn", "ikkje", true),
            ("cy", "yn", false),
        ] {
            let lang = Lang::new(code).expect("a language");
            assert_eq!(Stops::of(&lang).contain(word), stopped, "{code} {word}");
        }
    }
}
