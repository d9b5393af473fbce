//! The panel's own words, in the languages that it speaks: what stands around the cards, and what a card says beside what its
//! article says of itself. `data-reason` is for programs and stays in English.

use crate::panel::Reason;

/// The words of one language.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) lang: &'static str,
    pub(super) heading: &'static str,
    /// The line below the list.
    pub(super) footer: &'static str,
    /// What stands in place of a list without cards.
    pub(super) empty: &'static str,
    /// What stands before and after the number of a match.
    pub(super) matching: (&'static str, &'static str),
    similar: &'static str,
    recommended: &'static str,
    picked: &'static str,
    latest: &'static str,
}

const ENGLISH: Labels = Labels {
    lang: "en",
    heading: "Related Tools & Recommendations",
    footer: "Recommendations combine user behavior, content similarity, research intelligence, and SEO optimization.",
    empty: "Nothing related yet.",
    matching: ("", "% match"),
    similar: "Similar content",
    recommended: "Recommended",
    picked: "Editor's pick",
    latest: "Latest",
};

const GERMAN: Labels = Labels {
    lang: "de",
    heading: "Verwandte Tools & Empfehlungen",
    footer: "In die Empfehlungen gehen Leserverhalten, inhaltliche Ähnlichkeit, Wissen über Zusammenhänge und SEO-Optimierung ein.",
    empty: "Noch nichts Verwandtes.",
    matching: ("", "\u{a0}% passend"),
    similar: "Ähnlicher Inhalt",
    recommended: "Empfohlen",
    picked: "Tipp der Redaktion",
    latest: "Neu erschienen",
};

const SPANISH: Labels = Labels {
    lang: "es",
    heading: "Herramientas relacionadas y recomendaciones",
    footer: "Las recomendaciones combinan el comportamiento de los lectores, la similitud del contenido, el conocimiento del tema y la optimización SEO.",
    empty: "Todavía no hay nada relacionado.",
    matching: ("", "\u{a0}% de afinidad"),
    similar: "Contenido similar",
    recommended: "Recomendado",
    picked: "Selección de la redacción",
    latest: "Novedad",
};

const FRENCH: Labels = Labels {
    lang: "fr",
    heading: "Outils associés et recommandations",
    footer: "Les recommandations combinent le comportement des lecteurs, la similarité des contenus, la connaissance du sujet et l’optimisation SEO.",
    empty: "Rien d’associé pour l’instant.",
    matching: ("", "\u{a0}% d’affinité"),
    similar: "Contenu similaire",
    recommended: "Recommandé",
    picked: "Choix de la rédaction",
    latest: "Nouveauté",
};

const JAPANESE: Labels = Labels {
    lang: "ja",
    heading: "関連ツールとおすすめ記事",
    footer: "おすすめは、読者の行動、内容の類似度、調査に基づく関連情報、SEO最適化を組み合わせて選ばれています。",
    empty: "関連記事はまだありません。",
    matching: ("一致度 ", "%"),
    similar: "似た内容",
    recommended: "おすすめ",
    picked: "編集部のおすすめ",
    latest: "新着",
};

const ALL: [&Labels; 5] = [&ENGLISH, &GERMAN, &SPANISH, &FRENCH, &JAPANESE];

impl Labels {
    /// Those of the first of `wanted` languages that has some, else the English ones. `de-AT` is German.
    pub(super) fn of<'a>(wanted: impl IntoIterator<Item = &'a str>) -> &'static Self {
        let named = |tag: &str| {
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            let is_named = |labels: &&&Labels| labels.lang.eq_ignore_ascii_case(primary);
            ALL.iter().find(is_named).copied()
        };
        wanted.into_iter().find_map(named).unwrap_or(&ENGLISH)
    }

    pub(super) fn reason(&self, reason: Reason) -> &'static str {
        match reason {
            Reason::SimilarContent => self.similar,
            Reason::Recommended => self.recommended,
            Reason::EditorsPick => self.picked,
            Reason::Latest => self.latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_has_words_is_spoken() {
        let lang = |wanted: &[&str]| Labels::of(wanted.iter().copied()).lang;
        assert_eq!(lang(&["de-AT", "fr"]), "de");
        assert_eq!(lang(&["it", "fr"]), "fr");
        assert_eq!(lang(&["JA_jp"]), "ja");
        assert_eq!(lang(&["it", "", "<script>"]), "en");
        assert_eq!(lang(&[]), "en");
    }

    #[test]
    fn english_labels_are_the_names_of_the_reasons() {
        for reason in [
            Reason::SimilarContent,
            Reason::Recommended,
            Reason::EditorsPick,
            Reason::Latest,
        ] {
            assert_eq!(ENGLISH.reason(reason), reason.label());
            let mut words: Vec<&str> = ALL.iter().map(|labels| labels.reason(reason)).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(
                words.len(),
                ALL.len(),
                "{reason:?} is said in every language"
            );
        }
    }
}
