//! Markdown made shallow: marks of quotes and lists beyond any that an author means are left out.
//!
//! For each line a parser asks every open quote and list whether the line goes on with it. A line of a thousand marks
//! before a thousand lines without any is a million questions, so the depth is bounded before the parser begins.

use std::borrow::Cow;

use memchr::memchr;

/// Marks of quotes and lists in front of a line.
const MOST_MARKS: usize = 100;
/// Columns of marks and spaces in front of a line: nesting by indentation is bounded by these.
const MOST_COLUMNS: usize = 400;

/// What is said of a text with deeper marks.
pub(super) const TOO_DEEP: &str = "found more than 100 quotes or lists inside one another; the marks beyond are left out, the words are read";

/// `body` without the marks that are too deep, and the byte where the first of those stood.
pub(super) fn shallow(body: &str) -> (Cow<'_, str>, Option<usize>) {
    let mut kept = String::new();
    let mut copied = 0;
    let mut first = None;
    let mut at = 0;
    while at < body.len() {
        let rest = &body.as_bytes()[at..];
        let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = &body[at..at + length];
        if line.len() > MOST_MARKS
            && let Some(cut) = cut(line)
        {
            kept.push_str(&body[copied..at + cut.start]);
            copied = at + cut.end;
            if cut.has_marks {
                first.get_or_insert(at + cut.start);
            }
        }
        at += line.len();
    }
    if copied == 0 {
        return (Cow::Borrowed(body), None);
    }
    kept.push_str(&body[copied..]);
    (Cow::Owned(kept), first)
}

struct Cut {
    start: usize,
    end: usize,
    has_marks: bool,
}

/// What of the marks and spaces that `line` begins with is too much.
fn cut(line: &str) -> Option<Cut> {
    let bytes = line.as_bytes();
    let (mut marks, mut columns, mut at) = (0, 0, 0);
    let mut start = None;
    let mut has_marks = false;
    while let Some((length, is_mark)) = mark(&bytes[at..]) {
        marks += usize::from(is_mark);
        columns += if bytes[at] == b'\t' { 4 } else { length };
        if marks > MOST_MARKS || columns > MOST_COLUMNS {
            start.get_or_insert(at);
            has_marks |= is_mark;
        }
        at += length;
    }
    let start = start?;
    (!is_rule(line)).then_some(Cut {
        start,
        end: at,
        has_marks,
    })
}

/// The length of the space or mark that `rest` begins with, and whether it is a mark.
fn mark(rest: &[u8]) -> Option<(usize, bool)> {
    let ends = |at: usize| matches!(rest.get(at), None | Some(b' ' | b'\t' | b'\n'));
    match rest.first()? {
        b' ' | b'\t' => Some((1, false)),
        b'>' => Some((1, true)),
        b'-' | b'*' | b'+' if ends(1) => Some((1, true)),
        b'0'..=b'9' => {
            let digits = rest.iter().take(10).take_while(|b| b.is_ascii_digit());
            let length = digits.count();
            let closed = matches!(rest.get(length), Some(b'.' | b')')) && ends(length + 1);
            closed.then_some((length + 1, true))
        }
        _ => None,
    }
}

/// A line across the page opens nothing, however many signs it has.
fn is_rule(line: &str) -> bool {
    ["-", "*"].iter().any(|sign| {
        line.trim()
            .replace([' ', '\t'], "")
            .replace(sign, "")
            .is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_beyond_the_bound_are_left_out_and_words_are_not() {
        for mark in ["> ", ">", "- ", "* ", "1. ", "10) ", "> - "] {
            let text = format!("one\n{}two\nthree", mark.repeat(1000));
            let (kept, first) = shallow(&text);
            assert!(kept.len() < 600, "{mark}: {}", kept.len());
            assert!(kept.ends_with("two\nthree"), "{mark}");
            assert!(first.is_some_and(|at| at > 100), "{mark}");
        }
    }

    #[test]
    fn ordinary_text_stays_what_it_is() {
        for text in [
            "",
            "> > quoted\n",
            "---\n",
            &"- ".repeat(300),
            &format!("{}word", "> ".repeat(100)),
            &format!("{}\n", "1.5 million ".repeat(50)),
            &"**bold** ".repeat(100),
        ] {
            assert_eq!(shallow(text), (Cow::Borrowed(text), None));
        }
        let indented = format!("{}x", " ".repeat(1000));
        let (kept, first) = shallow(&indented);
        assert_eq!((kept.len(), first), (401, None));
    }
}
