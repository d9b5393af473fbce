//! Names as they are compared: the words of a name, folded, so that `GitHub Actions` and `github-actions` are one.
//!
//! Nothing is stemmed and no stop word is dropped: a name is a name. What stands in names of software (`C++`, `C#`, `.NET`,
//! `Node.js`, `3.13`) stays.

use unicode_normalization::UnicodeNormalization;

/// Most characters of a name that [`nearest`] looks at.
const COMPARED: usize = 80;
/// Of so many letters one may be wrong in a name that [`likely`] knows.
const LETTERS_A_SLIP: usize = 3;

/// The words of `text` as they are written.
pub fn name_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '#' | '.'))
        .map(trimmed)
        .filter(|word| word.contains(char::is_alphanumeric))
}

/// `word` in the form in which words of names are compared.
pub fn folded(word: &str) -> String {
    word.nfkc().flat_map(char::to_lowercase).collect()
}

/// The form in which whole names are compared; empty if `name` has neither letter nor digit.
pub fn name_key(name: &str) -> String {
    let words: Vec<String> = name_words(name).map(folded).collect();
    words.join(" ")
}

/// What belongs to a sentence and not to the word in it.
fn trimmed(word: &str) -> &str {
    let word = word.trim_end_matches('.').trim_start_matches(['#', '+']);
    let name = word.trim_start_matches('.');
    if word.len() - name.len() == 1 {
        word
    } else {
        name
    }
}

/// The name among `names` that is most like `wrong`: one that begins with it, else the one with the fewest letters added, left
/// out or changed (Levenshtein 1966); ties to the first. For few names, one of which must be meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = compared(wrong);
    let names = names.into_iter();
    names.min_by_key(|name| slips(&wrong, &compared(name)))
}

/// The nearest name among `names`, if `wrong` can be a slip of it. For many names, or where others may be meant.
pub fn likely<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = compared(wrong);
    let most = (letters.len() / LETTERS_A_SLIP).max(1);
    nearest(wrong, names).filter(|name| slips(&letters, &compared(name)) <= most)
}

/// How many letters of `wrong` are not those of `name`; what is left out at its end counts as one.
fn slips(wrong: &[char], name: &[char]) -> usize {
    if !wrong.is_empty() && name.starts_with(wrong) {
        return usize::from(name.len() > wrong.len());
    }
    edits(wrong, name)
}

fn compared(name: &str) -> Vec<char> {
    name_key(name).chars().take(COMPARED).collect()
}

fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (name, key) in [
            ("GitHub Actions", "github actions"),
            ("github-actions", "github actions"),
            ("  github_actions ", "github actions"),
            ("Node.js,", "node.js"),
            ("Python 3.13.", "python 3.13"),
            ("C++", "c++"),
            ("#C#", "c#"),
            (".NET", ".net"),
            ("...and", "and"),
            ("WSL\u{a0}2", "wsl 2"),
            ("ＡＰＩ", "api"),
            ("バージョン管理", "バージョン管理"),
            ("?!", ""),
        ] {
            assert_eq!(name_key(name), key, "{name:?}");
        }
    }

    #[test]
    fn the_nearest_name_is_what_was_meant() {
        let names = ["PostgreSQL", "Redis", "Rust", "GitHub Actions"];
        for (wrong, meant) in [
            ("postgres", "PostgreSQL"),
            ("Postgressql", "PostgreSQL"),
            ("redit", "Redis"),
            ("github-action", "GitHub Actions"),
            ("rust", "Rust"),
        ] {
            assert_eq!(nearest(wrong, names), Some(meant), "{wrong}");
            assert_eq!(likely(wrong, names), Some(meant), "{wrong}");
        }
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn a_name_that_is_far_from_all_was_none_of_them() {
        let names = ["PostgreSQL", "Redis", "Rust", "GitHub Actions"];
        for wrong in ["xyzzy", "", "?", "Kubernetes", "ruby", "actions of GitHub"] {
            assert_eq!(likely(wrong, names), None, "{wrong}");
        }
    }
}
