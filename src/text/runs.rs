//! Text to runs: the pieces of a text whose terms depend on nothing but their own letters.
//!
//! A run is a maximal sequence of letters, digits and `_`, joined by `.`, `::` or `-` where letters or digits stand on both
//! sides: `std::vec::Vec`, `3.13`, `free-threaded`; `n+1`, `C#` and `C++` are runs, and `.NET` is one before `NET`. In
//! scripts that put no spaces between words, every two neighbouring letters are a run. What stands once in a text of
//! English stands a thousand times in a site, so all that follows is looked up by the letters of a run as they are.

use unicode_normalization::char::is_combining_mark;

use super::known::Key;

/// Calls `each` with every run of `text`, in order, and the key of those that are short enough to have one.
#[inline]
pub(super) fn runs<'a>(text: &'a str, mut each: impl FnMut(&'a str, Option<Key>)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match KINDS[usize::from(byte)] {
            Kind::Plain => {
                // Nearly all of a text in English: letters and digits that nothing is joined to.
                let (key, length) = plain_run(bytes, at);
                let end = at + length;
                if stands_alone(bytes, at, end) {
                    each(&text[at..end], key);
                    // What ends such a run begins none.
                    at = end + 1;
                } else {
                    at = careful(text, at, &mut each);
                }
            }
            Kind::Gap | Kind::Joint => at += 1,
            Kind::Other => at = careful(text, at, &mut each),
        }
    }
}

/// What a byte may be to a run.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// An ASCII letter or digit.
    Plain,
    /// ASCII that belongs to no run.
    Gap,
    /// ASCII that may join two parts of a run, or belong to its end.
    Joint,
    /// The underscore, and all that is not ASCII.
    Other,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Kind::Plain,
            b'.' | b'-' | b':' | b'+' | b'#' => Kind::Joint,
            b'_' => Kind::Other,
            _ => Kind::Gap,
        };
        byte += 1;
    }
    kinds
};

/// The length of the letters and digits that stand at `at`, and their key.
#[inline]
pub(super) fn plain_run(bytes: &[u8], at: usize) -> (Option<Key>, usize) {
    let rest = &bytes[at..];
    let window = match rest.first_chunk::<{ Key::LONGEST }>() {
        Some(window) => *window,
        None => {
            let mut window = [0; Key::LONGEST];
            window[..rest.len()].copy_from_slice(rest);
            window
        }
    };
    let window = u128::from_le_bytes(window);
    let others =
        u128::from(others(window as u64)) | u128::from(others((window >> 64) as u64)) << 64;
    if others != 0 {
        let length = others.trailing_zeros() as usize / 8;
        return (Some(Key::of_first(window, length)), length);
    }
    let beyond = rest[Key::LONGEST..].iter();
    let more = beyond
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let key = (more == 0).then(|| Key::of_first(window, Key::LONGEST));
    (key, Key::LONGEST + more)
}

/// The highest bit of each byte of `bytes` that is no ASCII letter or digit; all eight are looked at by the same additions.
#[inline]
fn others(bytes: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    // The highest bit of a byte below 128 after this is set where the byte is at least `least`.
    let at_least = |bytes: u64, least: u8| bytes + u64::from(0x80 - least) * EACH;
    let ascii = bytes & !HIGH;
    let small = ascii | (0x20 * EACH);
    let letters = at_least(small, b'a') & !at_least(small, b'z' + 1);
    let digits = at_least(ascii, b'0') & !at_least(ascii, b'9' + 1);
    !((letters | digits) & !bytes) & HIGH
}

/// Whether nothing before or after `bytes[start..end]` can belong to the same run. May say no where the answer is yes.
#[inline]
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let joins =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    let ends = match bytes.get(end) {
        None => true,
        Some(&byte) => match KINDS[usize::from(byte)] {
            Kind::Gap => true,
            Kind::Joint => match byte {
                b'.' | b'-' => !joins(bytes.get(end + 1)),
                b':' => bytes.get(end + 1) != Some(&b':'),
                _ => false,
            },
            Kind::Plain | Kind::Other => false,
        },
    };
    ends && !follows_dot(bytes, start)
}

#[inline]
fn follows_dot(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] == b'.'
}

/// Goes on from `at` character by character: calls `each` with the runs that begin there; where they end.
fn careful<'a>(text: &'a str, at: usize, each: &mut impl FnMut(&'a str, Option<Key>)) -> usize {
    let rest = &text[at..];
    let first = rest.chars().next().expect("not at the end");
    if is_unspaced(first) {
        return at + each_bigram(rest, each);
    }
    if !is_word(first) {
        return at + first.len_utf8();
    }
    let end = at + run_length(rest);
    let mut run = |start: usize| each(&text[start..end], Key::of(&text[start..end]));
    if is_dotted(text, at) {
        run(at - 1);
    }
    run(at);
    end
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
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = text.bytes().position(|byte| !plain(&byte));
    match end {
        None => text.len(),
        Some(end) if text.as_bytes()[end].is_ascii() => end,
        Some(end) => {
            let rest = &text[end..];
            let length = rest.find(|c| !is_word(c) || is_unspaced(c));
            end + length.unwrap_or(rest.len())
        }
    }
}

/// Letters of scripts that put no spaces between words: Han, kana, Hangul (whose words carry their particles), Thai, Lao,
/// Khmer, Myanmar.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
        && c != '\u{30fb}'
}

/// Every two neighbours of the letters at the head of `text`, or the only one; the length of all of them in bytes.
fn each_bigram<'a>(text: &'a str, each: &mut impl FnMut(&'a str, Option<Key>)) -> usize {
    let letters = text.split(|c| !is_unspaced(c)).next().unwrap_or_default();
    let mut whole = |bigram: &'a str| each(bigram, Key::of(bigram));
    let mut starts = letters.char_indices().map(|(at, _)| at);
    let (mut first, second) = (0, starts.nth(1));
    let Some(mut second) = second else {
        whole(letters);
        return letters.len();
    };
    for next in starts.chain([letters.len()]) {
        whole(&letters[first..next]);
        (first, second) = (second, next);
    }
    letters.len()
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

/// `.NET` and `.gitignore`: a leading dot after a space belongs to the name. `text[start..]` begins with the letters behind it.
fn is_dotted(text: &str, start: usize) -> bool {
    if !follows_dot(text.as_bytes(), start) || !text[start..].starts_with(char::is_alphabetic) {
        return false;
    }
    let before = text[..start - 1].chars().next_back();
    before.is_none_or(|c| c.is_whitespace() || "([{\"'`,".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs of `text` and their keys, all by the careful way.
    fn read_carefully(text: &str) -> Vec<(&str, Option<Key>)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            at = careful(text, at, &mut |run, key| found.push((run, key)));
        }
        found
    }

    #[test]
    fn the_quick_way_finds_what_the_careful_way_finds() {
        let pieces = [
            "a",
            "The",
            "word",
            "sixteen_letters_",
            "abcdefghijklmnop",
            "abcdefghijklmnopq",
            "HTTPServer",
            "3",
            "13",
            " ",
            "  ",
            ".",
            "..",
            "-",
            ":",
            "::",
            "+",
            "++",
            "#",
            "_",
            "(",
            "\n",
            "\0",
            "\u{7f}",
            "\u{80}",
            "ä",
            "größe",
            "e\u{301}",
            "パン",
            "面",
            "का",
            "\u{200d}",
            "🦀",
            "\u{a0}",
            "İ",
        ];
        // A fixed walk through the pieces (Knuth, volume 2, section 3.3.4): every pair meets, most threes do.
        let mut state = 1u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            let mut found = Vec::new();
            runs(&text, |run, key| found.push((run, key)));
            assert_eq!(found, read_carefully(&text), "{text:?}");
        }
    }

    #[test]
    fn every_byte_is_told_from_letters_and_digits_in_every_place() {
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut bytes = [b'x'; 8];
                bytes[place] = byte;
                let expected = u64::from(!byte.is_ascii_alphanumeric()) << (8 * place + 7);
                assert_eq!(
                    others(u64::from_le_bytes(bytes)),
                    expected,
                    "{byte} at {place}"
                );
            }
        }
    }
}
