//! Text to tokens: words, and the identifiers of developers kept whole beside their parts.
//!
//! A token is a maximal run of letters, digits and `_`, joined by `.`, `::` or `-` where letters or digits stand on both
//! sides: `std::vec::Vec`, `3.13`, `node.js`, `free-threaded`. `n+1`, `C#`, `C++` and `.NET` are single tokens as well.
//! The parts of a joined token, and of `camelCase` and `snake_case`, are reported after the whole. In scripts that put no
//! spaces between words, every two neighbouring letters are a token.

use unicode_normalization::char::is_combining_mark;

/// What the tokenizer found, in the spelling of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A plain word: may be a stop word, is stemmed.
    Word(&'a str),
    /// An identifier, version or operator name: neither stopped nor stemmed.
    Whole(&'a str),
}

/// Calls `emit` with every token of `text`, in order; a whole comes before its parts.
pub(super) fn tokenize<'a>(text: &'a str, mut emit: impl FnMut(Token<'a>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        // Nearly all of a text in English: runs of ASCII letters and digits that nothing is joined to.
        if byte.is_ascii_alphanumeric() {
            let end = at + plain_length(&bytes[at..]);
            if stands_alone(bytes, at, end) {
                emit_word(&text[at..end], &mut emit);
                at = end;
                continue;
            }
        } else if byte.is_ascii() && byte != b'_' {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        let first = rest.chars().next().expect("not at the end");
        if is_unspaced(first) {
            at += emit_bigrams(rest, &mut emit);
        } else if is_word(first) {
            let run = &rest[..run_length(rest)];
            if follows_dot(bytes, at) && run.starts_with(char::is_alphabetic) {
                emit_dotted(text, rest, run, &mut emit);
            }
            emit_run(run, &mut emit);
            at += run.len();
        } else {
            at += first.len_utf8();
        }
    }
}

fn plain_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(bytes.len())
}

/// Whether nothing before or after `bytes[start..end]` can belong to the same token. May say no where the answer is yes.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    let ends = match bytes.get(end) {
        None => true,
        Some(b'_' | b'+' | b'#') => false,
        Some(b'.' | b'-') => !joins(bytes.get(end + 1)),
        Some(b':') => bytes.get(end + 1) != Some(&b':'),
        Some(byte) => byte.is_ascii(),
    };
    ends && !follows_dot(bytes, start)
}

fn follows_dot(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] == b'.'
}

/// Letters, digits, the underscore, and marks: accents written separately, Indic vowel signs and viramas, joiners.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// The length in bytes of the joined run that starts at the first character of `text`.
fn run_length(text: &str) -> usize {
    let mut length = word_length(text);
    loop {
        let after = &text[length..];
        let joint = if after.starts_with("::") {
            2
        } else if after.starts_with(['.', '-'])
            || (after.starts_with('+') && is_short_sum(&text[..length], &after[1..]))
        {
            1
        } else {
            return length + operator_length(&text[..length], after);
        };
        match after[joint..].chars().next() {
            Some(c) if c.is_alphanumeric() => length += joint + word_length(&after[joint..]),
            _ => return length,
        }
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c) || is_unspaced(c))
        .unwrap_or(text.len())
}

/// Letters of scripts that put no spaces between words: Han, kana, Hangul (whose words carry their particles), Thai, Lao,
/// Khmer, Myanmar.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && c != '\u{30fb}'
}

/// Every two neighbours of the run at the head of `text`, or its only character; the length of the run in bytes.
fn emit_bigrams<'a>(text: &'a str, emit: &mut impl FnMut(Token<'a>)) -> usize {
    let run = text.split(|c| !is_unspaced(c)).next().unwrap_or_default();
    let mut starts = run.char_indices().map(|(at, _)| at);
    let (mut first, second) = (0, starts.nth(1));
    let Some(mut second) = second else {
        emit(Token::Word(run));
        return run.len();
    };
    for next in starts.chain([run.len()]) {
        emit(Token::Word(&run[first..next]));
        (first, second) = (second, next);
    }
    run.len()
}

/// `n+1` is a name; `first+second` is arithmetic.
fn is_short_sum(left: &str, right: &str) -> bool {
    left.len() == 1 && matches!(word_length(right), 1 | 2)
}

/// The `#` of `C#` and the `++` of `C++`, where nothing that makes a longer word follows.
fn operator_length(left: &str, after: &str) -> usize {
    let letter = left.len() == 1 && left.bytes().all(|b| b.is_ascii_alphabetic());
    let operator = if after.starts_with("++") {
        2
    } else if after.starts_with('#') {
        1
    } else {
        return 0;
    };
    let ends = !after[operator..].starts_with(|c: char| is_word(c) || c == '+' || c == '#');
    if letter && ends { operator } else { 0 }
}

/// `.NET` and `.gitignore`: a leading dot after a space belongs to the name.
fn emit_dotted<'a>(text: &'a str, rest: &'a str, run: &'a str, emit: &mut impl FnMut(Token<'a>)) {
    let start = text.len() - rest.len();
    let dot = start - 1;
    let opens = text[..dot]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || "([{\"'`,".contains(c));
    if opens {
        emit(Token::Whole(&text[dot..start + run.len()]));
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

    fn shown(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        tokenize(text, |token| {
            out.push(match token {
                Token::Word(word) => word.to_owned(),
                Token::Whole(whole) => format!("[{whole}]"),
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
