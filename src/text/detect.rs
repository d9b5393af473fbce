//! Which language a text is in, when nobody says.
//!
//! A page about software is full of names that belong to no language, so letters alone mislead. What does tell is its
//! grammar: the share of words that are on a language's stop list. Only a text that no list explains is given to
//! whatlang, which knows scripts and the letter trigrams of many more languages.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use whatlang::Script;

use super::stop::LISTS;
use crate::model::Lang;

/// Words that are looked at.
const WORDS: usize = 250;
/// Different stop words of a language that a text must hold to be in it: one `de` is a name.
const LEAST_STOPS: u32 = 4;
/// Share of stop words from which a text is in a language.
const GRAMMAR: f64 = 0.12;
/// How much better than the site's own language another must explain a text.
const MARGIN: f64 = 1.2;
/// Words in Latin letters that whatlang needs to be believed.
const LEAST_LATIN_WORDS: usize = 20;

/// For each stop word the languages that have it, a bit each, in the order of [`LISTS`].
static LANGUAGES_OF: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut languages = HashMap::new();
    for (bit, (_, words)) in LISTS.iter().enumerate() {
        for word in words.split_whitespace() {
            *languages.entry(word).or_insert(0) |= 1 << bit;
        }
    }
    languages
});

/// The language of `text`, or `site`, the language of the site, where the text does not say clearly that it is another.
pub fn detect(text: &str, site: &Lang) -> Lang {
    let grammar = Grammar::of(text);
    if let Some(best) = grammar.best(site) {
        return best;
    }
    let Some(found) = whatlang::detect(text).filter(whatlang::Info::is_reliable) else {
        return site.clone();
    };
    // A text in Latin letters whose language has a list would have been explained by it.
    let told = |code: &str| {
        found.script() != Script::Latin
            || (grammar.words >= LEAST_LATIN_WORDS
                && LISTS.iter().all(|(listed, _)| *listed != code))
    };
    code_of(found.lang())
        .filter(|code| told(code))
        .and_then(Lang::new)
        .unwrap_or_else(|| site.clone())
}

/// What the stop words of a text say.
#[derive(Default)]
struct Grammar {
    words: usize,
    /// By language: its stop words, how many different ones, and all with a word that n languages share counting one n-th.
    stops: [u32; LISTS.len()],
    different: [u32; LISTS.len()],
    evidence: [f64; LISTS.len()],
}

impl Grammar {
    fn of(text: &str) -> Self {
        let mut grammar = Self::default();
        let mut met = HashSet::new();
        let words = text.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| word.chars().any(char::is_alphabetic));
        for word in words.take(WORDS) {
            grammar.words += 1;
            let lower = word.to_lowercase();
            let Some((stop, &languages)) = LANGUAGES_OF.get_key_value(lower.as_str()) else {
                continue;
            };
            // A single letter is a variable as often as a word.
            let new = stop.chars().nth(1).is_some() && met.insert(*stop);
            let part = 1.0 / f64::from(languages.count_ones());
            for bit in 0..LISTS.len() {
                if languages >> bit & 1 == 1 {
                    grammar.stops[bit] += 1;
                    grammar.different[bit] += u32::from(new);
                    grammar.evidence[bit] += part;
                }
            }
        }
        grammar
    }

    /// The language that explains most words, if one explains enough; `site` unless it is clearly another.
    fn best(&self, site: &Lang) -> Option<Lang> {
        let best = (0..LISTS.len()).max_by(|&a, &b| {
            // Of equals the first in the list.
            self.evidence[a]
                .total_cmp(&self.evidence[b])
                .then(b.cmp(&a))
        })?;
        if self.different[best] < LEAST_STOPS || self.share_of(best) < GRAMMAR {
            return None;
        }
        let own = LISTS.iter().position(|(code, _)| *code == site.as_str());
        let clear = own.is_none_or(|own| self.evidence[best] > MARGIN * self.evidence[own]);
        if clear {
            Lang::new(LISTS[best].0)
        } else {
            Some(site.clone())
        }
    }

    fn share_of(&self, language: usize) -> f64 {
        f64::from(self.stops[language]) / self.words.max(1) as f64
    }
}

/// The two-letter code, as sites write it. Left out are a few languages in Latin letters, Welsh and Latin among them, that
/// lists of identifiers are taken for more often than texts are written in them.
fn code_of(lang: whatlang::Lang) -> Option<&'static str> {
    use whatlang::Lang as L;
    Some(match lang {
        L::Afr => "af",
        L::Amh => "am",
        L::Ara => "ar",
        L::Aze => "az",
        L::Bel => "be",
        L::Ben => "bn",
        L::Bul => "bg",
        L::Cat => "ca",
        L::Ces => "cs",
        L::Cmn => "zh",
        L::Dan => "da",
        L::Deu => "de",
        L::Ell => "el",
        L::Epo => "eo",
        L::Est => "et",
        L::Fin => "fi",
        L::Fra => "fr",
        L::Guj => "gu",
        L::Heb => "he",
        L::Hin => "hi",
        L::Hrv => "hr",
        L::Hun => "hu",
        L::Hye => "hy",
        L::Ind => "id",
        L::Ita => "it",
        L::Jpn => "ja",
        L::Kan => "kn",
        L::Kat => "ka",
        L::Khm => "km",
        L::Kor => "ko",
        L::Lav => "lv",
        L::Lit => "lt",
        L::Mal => "ml",
        L::Mar => "mr",
        L::Mkd => "mk",
        L::Mya => "my",
        L::Nep => "ne",
        L::Nld => "nl",
        L::Nob => "no",
        L::Ori => "or",
        L::Pan => "pa",
        L::Pes => "fa",
        L::Pol => "pl",
        L::Por => "pt",
        L::Ron => "ro",
        L::Rus => "ru",
        L::Sin => "si",
        L::Slk => "sk",
        L::Slv => "sl",
        L::Spa => "es",
        L::Srp => "sr",
        L::Swe => "sv",
        L::Tam => "ta",
        L::Tel => "te",
        L::Tha => "th",
        L::Tuk => "tk",
        L::Tur => "tr",
        L::Ukr => "uk",
        L::Urd => "ur",
        L::Uzb => "uz",
        L::Vie => "vi",
        L::Yid => "yi",
        L::Zul => "zu",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(text: &str, site: &str) -> String {
        let site = Lang::new(site).expect("a language");
        detect(text, &site).as_str().to_owned()
    }

    #[test]
    fn a_sentence_in_each_language_is_told_whatever_the_site_speaks() {
        for (code, text) in [
            (
                "ar",
                "يجب أن نترك العجين في مكان دافئ حتى الصباح، ثم نضعه في الفرن مع قليل من الماء لكي يصبح الخبز طريا.",
            ),
            (
                "da",
                "Dejen skal stå et lunt sted natten over, og næste morgen er den blevet dobbelt så stor, men pas på, at den ikke løber ud over kanten af skålen.",
            ),
            (
                "de",
                "Der Teig muss über Nacht an einem warmen Ort stehen, und am nächsten Morgen ist er doppelt so groß, wenn die Hefe noch frisch war.",
            ),
            (
                "el",
                "Το ζυμάρι πρέπει να μείνει σε ζεστό μέρος όλη τη νύχτα και το πρωί θα έχει διπλασιαστεί, αν η μαγιά ήταν φρέσκια.",
            ),
            (
                "en",
                "The dough has to stand in a warm place over night, and in the morning it will have doubled if the yeast was still fresh.",
            ),
            (
                "es",
                "La masa tiene que reposar en un lugar cálido durante toda la noche, y por la mañana habrá doblado su tamaño si la levadura estaba fresca.",
            ),
            (
                "fi",
                "Taikinan on seistävä yön yli lämpimässä paikassa, ja aamulla se on kaksinkertaistunut, jos hiiva oli vielä tuoretta eikä huone ollut liian kylmä.",
            ),
            (
                "fr",
                "La pâte doit rester dans un endroit chaud pendant la nuit, et le matin elle aura doublé de volume si la levure était encore fraîche.",
            ),
            (
                "hu",
                "A tésztának egész éjjel meleg helyen kell állnia, és reggelre a duplájára nő, ha az élesztő még friss volt, de ne hagyjuk kiszáradni.",
            ),
            (
                "it",
                "La pasta deve riposare in un luogo caldo per tutta la notte, e al mattino sarà raddoppiata se il lievito era ancora fresco.",
            ),
            (
                "nl",
                "Het deeg moet een nacht op een warme plek staan, en de volgende ochtend is het twee keer zo groot als de gist nog vers was.",
            ),
            (
                "no",
                "Deigen må stå på et lunt sted over natten, og neste morgen har den blitt dobbelt så stor hvis gjæren fortsatt var fersk, men ikke la den tørke ut.",
            ),
            (
                "pt",
                "A massa precisa de ficar num lugar quente durante a noite, e de manhã terá dobrado de tamanho se o fermento ainda estava fresco.",
            ),
            (
                "ro",
                "Aluatul trebuie să stea peste noapte într-un loc cald, iar dimineața va fi de două ori mai mare dacă drojdia era încă proaspătă.",
            ),
            (
                "ru",
                "Тесто должно постоять в тёплом месте всю ночь, и утром оно станет вдвое больше, если дрожжи были ещё свежими.",
            ),
            (
                "sv",
                "Degen ska stå på en varm plats över natten, och nästa morgon har den blivit dubbelt så stor om jästen fortfarande var färsk.",
            ),
            (
                "ta",
                "மாவை இரவு முழுவதும் ஒரு சூடான இடத்தில் வைக்க வேண்டும், காலையில் அது இரண்டு மடங்கு ஆகிவிடும்.",
            ),
            (
                "tr",
                "Hamur bütün gece sıcak bir yerde durmalı ve maya hâlâ tazeyse sabaha kadar iki katına çıkmış olur, ama çok da beklememek gerekir.",
            ),
            (
                "ja",
                "生地は一晩暖かい場所に置いておくと、朝には二倍の大きさになります。",
            ),
            ("zh", "面团要在温暖的地方放一夜，第二天早上它会变成两倍大。"),
            (
                "ko",
                "반죽은 따뜻한 곳에 밤새 두어야 하며 아침이면 두 배로 커집니다.",
            ),
            (
                "pl",
                "Ciasto musi stać przez noc w ciepłym miejscu, a rano będzie dwa razy większe, jeżeli drożdże były jeszcze świeże i nikt nie otwierał okna w kuchni.",
            ),
            (
                "uk",
                "Тісто має постояти у теплому місці всю ніч, і вранці воно стане вдвічі більшим, якщо дріжджі були ще свіжими.",
            ),
        ] {
            for site in ["en", "de", "ja"] {
                assert_eq!(detected(text, site), code, "a site in {site}: {text}");
            }
        }
    }

    #[test]
    fn what_says_nothing_is_in_the_language_of_the_site() {
        for text in [
            "",
            "kubectl",
            "WM_PAINT 0x000F HWND LPARAM WPARAM",
            "array_map array_filter array_reduce usort uasort uksort strlen strpos substr implode explode str_replace preg_match preg_split json_encode json_decode",
            "Berlin Paris Roma Madrid",
            "x b c i d s e a o y x b c i d s e a o y",
        ] {
            assert_eq!(detected(text, "en"), "en", "{text}");
            assert_eq!(detected(text, "fr"), "fr", "{text}");
        }
    }
}
