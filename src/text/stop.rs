//! Words that carry no subject, by language; the lists are data files.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::model::Lang;

static ENGLISH: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("data/stop.en.txt")
        .split_whitespace()
        .collect()
});

/// Whether the folded `word` is a stop word of `lang`.
pub(super) fn is_stop_word(lang: &Lang, word: &str) -> bool {
    lang.as_str() == "en" && ENGLISH.contains(word)
}
