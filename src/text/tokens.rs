//! Runs to tokens: words, and the identifiers of developers kept whole beside their parts.
//!
//! `std::vec::Vec`, `3.13`, `node.js`, `free-threaded`, `n+1`, `C#`, `C++` and `.NET` are single tokens. The parts of a
//! joined token, and of `camelCase` and `snake_case`, are reported after the whole.

use super::runs::is_unspaced;

/// What the tokenizer found, in the spelling of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A plain word: may be a stop word, is stemmed.
    Word(&'a str),
    /// An identifier, version or operator name: neither stopped nor stemmed.
    Whole(&'a str),
}

/// Calls `emit` with every token of `run`, one of those that [`runs`](super::runs::runs) finds; a whole comes before its parts.
pub(super) fn tokens<'a>(run: &'a str, mut emit: impl FnMut(Token<'a>)) {
    match run.chars().next() {
        Some('.') => emit(Token::Whole(run)),
        Some(first) if is_unspaced(first) => emit(Token::Word(run)),
        _ => emit_run(run, &mut emit),
    }
}

fn emit_run<'a>(run: &'a str, emit: &mut impl FnMut(Token<'a>)) {
    let run = run.trim_matches('_');
    if run.is_empty() {
        return;
    }
    let joined = run.contains(['_', '.', ':', '-', '+', '#']);
    if !joined {
        emit_word(run, emit);
        return;
    }
    emit(Token::Whole(run));
    if run.bytes().all(|b| b.is_ascii_digit() || b == b'.') || run.contains(['+', '#']) {
        return; // the parts of a version or of an operator name mean nothing alone
    }
    for part in run
        .split(['_', '.', ':', '-'])
        .filter(|part| !part.is_empty())
    {
        emit_word(part, emit);
    }
}

/// A word; where its case changes inside (`useEffect`, `HTTPServer`), the whole and its parts.
fn emit_word<'a>(word: &'a str, emit: &mut impl FnMut(Token<'a>)) {
    let mut start = 0;
    for at in 1..word.len() {
        if opens_part(word.as_bytes(), at) {
            if start == 0 {
                emit(Token::Whole(word));
            }
            emit(Token::Word(&word[start..at]));
            start = at;
        }
    }
    emit(Token::Word(&word[start..]));
}

/// Whether a capital at `at` begins a part: after a small letter, or as the last capital before small letters. The plural
/// of an abbreviation (`URLs`) is one part.
fn opens_part(word: &[u8], at: usize) -> bool {
    let small = |at: usize| word.get(at).is_some_and(u8::is_ascii_lowercase);
    word[at].is_ascii_uppercase() && (small(at - 1) || (at > 1 && small(at + 1) && small(at + 2)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::runs::runs;

    fn shown(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        runs(text, |run, _| {
            tokens(run, |token| {
                out.push(match token {
                    Token::Word(word) => word.to_owned(),
                    Token::Whole(whole) => format!("[{whole}]"),
                });
            });
        });
        out
    }

    #[test]
    fn identifiers_stay_whole_beside_their_parts() {
        for (text, tokens) in [
            (
                "std::vec::Vec",
                vec!["[std::vec::Vec]", "std", "vec", "Vec"],
            ),
            ("useEffect()", vec!["[useEffect]", "use", "Effect"]),
            ("the n+1 problem", vec!["the", "[n+1]", "problem"]),
            ("C# and C++, F#.", vec!["[C#]", "and", "[C++]", "[F#]"]),
            ("Python 3.13.", vec!["Python", "[3.13]"]),
            ("on .NET now", vec!["on", "[.NET]", "NET", "now"]),
            ("Node.js", vec!["[Node.js]", "Node", "js"]),
            ("array_map", vec!["[array_map]", "array", "map"]),
            ("__init__", vec!["init"]),
            (
                "URLs and DataFrame",
                vec!["URLs", "and", "[DataFrame]", "Data", "Frame"],
            ),
            ("HTTPServer", vec!["[HTTPServer]", "HTTP", "Server"]),
            ("end. Next", vec!["end", "Next"]),
            ("first+second", vec!["first", "second"]),
            ("free-threaded", vec!["[free-threaded]", "free", "threaded"]),
            ("C#sharp a++b", vec!["C", "sharp", "a", "b"]),
            ("größe straße", vec!["größe", "straße"]),
            ("", vec![]),
            ("... -- ::", vec![]),
        ] {
            assert_eq!(shown(text), tokens, "{text}");
        }
    }
}
