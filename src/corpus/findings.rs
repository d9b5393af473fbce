//! What a reader finds wrong with one piece, each finding at the place of the field it is about.

use super::record::Read;
use super::tree::Tree;
use crate::model::{Article, Date, Format, Lang, Problem, Severity};

/// Line and column of a field, by its key.
type Place<'a> = Box<dyn Fn(&str) -> (u64, u64) + 'a>;

/// Keys without meaning that are named of one piece, and characters that are shown of each.
const MOST_KEYS: usize = 20;
const LONGEST_KEY: usize = 40;

/// Findings about the piece that is being read.
pub(super) struct Findings<'a> {
    path: &'a str,
    place: Place<'a>,
    problems: Vec<Problem>,
    unknown_keys: Vec<String>,
}

impl<'a> Findings<'a> {
    /// No findings yet about `path`, whose fields stand where `place` says.
    pub(super) fn new(path: &'a str, place: impl Fn(&str) -> (u64, u64) + 'a) -> Self {
        Self {
            path,
            place: Box::new(place),
            problems: Vec::new(),
            unknown_keys: Vec::new(),
        }
    }

    /// From here on fields stand where `place` says.
    pub(super) fn look_at(&mut self, place: impl Fn(&str) -> (u64, u64) + 'a) {
        self.place = Box::new(place);
    }

    /// Something is not as its author meant, at a line and column.
    pub(super) fn warn_at(&mut self, line: u64, column: u64, message: impl Into<String>) {
        let problem = Problem::new(Severity::Warning, self.path, message);
        self.problems.push(problem.at(line, column));
    }

    /// Line and column of the field `key`.
    pub(super) fn place_of(&self, key: &str) -> (u64, u64) {
        (self.place)(key)
    }

    /// The field `key` is not as its author meant.
    pub(super) fn warn(&mut self, key: &str, message: impl Into<String>) {
        let (line, column) = (self.place)(key);
        let problem = Problem::new(Severity::Warning, self.path, message);
        self.problems.push(problem.at(line, column).about(key));
    }

    /// The piece is lost, because of the field `key`.
    pub(super) fn drop(&mut self, key: &str, reason: impl AsRef<str>) {
        let (line, column) = (self.place)(key);
        let message = format!("dropped: {}", reason.as_ref());
        let problem = Problem::new(Severity::Error, self.path, message);
        self.problems.push(problem.at(line, column).about(key));
    }

    /// The key means nothing here.
    pub(super) fn unknown(&mut self, key: &str) {
        let key: String = key.chars().take(LONGEST_KEY).collect();
        if self.unknown_keys.len() < MOST_KEYS {
            self.unknown_keys.push(key);
        }
    }

    /// A date, or a warning that says how dates are written.
    pub(super) fn date(&mut self, key: &str, text: Option<&str>) -> Option<Date> {
        let text = text?;
        let date = Date::parse(text);
        if date.is_none() {
            let text = shown(text);
            self.warn(key, format!("{key}: found {text}, which is no date; expected 2025-08-26 or RFC 3339; the date is left out"));
        }
        date
    }

    /// A number, or a warning that says so.
    pub(super) fn number(&mut self, key: &str, text: Option<&str>) -> Option<f64> {
        let text = text?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            let text = shown(text);
            self.warn(
                key,
                format!("{key}: found {text}, expected a number; it is left out"),
            );
        }
        number
    }

    /// True or false, or a warning that says so.
    pub(super) fn truth(&mut self, key: &str, value: &Tree) -> Option<bool> {
        let text = value.text()?;
        let truth = value.truth();
        if truth.is_none() {
            let text = shown(text);
            self.warn(
                key,
                format!("{key}: found {text}, expected true or false; it is left out"),
            );
        }
        truth
    }

    /// A language, or a warning that says how languages are written.
    pub(super) fn lang(&mut self, key: &str, text: Option<&str>) -> Option<Lang> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        let lang = Lang::new(text);
        if lang.is_none() {
            let text = shown(text);
            self.warn(key, format!("{key}: found {text}, expected a code such as \"en\" or \"de\"; the language is left open"));
        }
        lang
    }

    /// A format, or a warning that names the three there are, and says what is done `otherwise`.
    pub(super) fn format(
        &mut self,
        key: &str,
        text: Option<&str>,
        otherwise: &str,
    ) -> Option<Format> {
        let text = text?;
        let format = match text.trim().to_ascii_lowercase().as_str() {
            "markdown" | "md" => Some(Format::Markdown),
            "html" => Some(Format::Html),
            "text" => Some(Format::Text),
            _ => None,
        };
        if format.is_none() {
            let text = shown(text);
            self.warn(
                key,
                format!("{key}: found {text}, expected markdown, html or text; {otherwise}"),
            );
        }
        format
    }

    /// `text` as one line without control characters, cut with a warning where it is longer than `most` characters; `None`
    /// if nothing is left.
    pub(super) fn name(&mut self, key: &str, text: &str, most: usize) -> Option<String> {
        let text = if text.contains(char::is_control) {
            let words = text.split(|c: char| c.is_whitespace() || c.is_control());
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            words.join(" ")
        } else {
            text.trim().to_owned()
        };
        let Some((end, _)) = text.char_indices().nth(most) else {
            return (!text.is_empty()).then_some(text);
        };
        let count = text.chars().count();
        self.warn(
            key,
            format!(
                "{key}: found {count} characters, expected at most {most}; it is cut, shorten it"
            ),
        );
        Some(format!("{}…", text[..end].trim_end()))
    }

    /// What came of the piece.
    pub(super) fn into_read(self, article: Option<Article>) -> Read {
        Read {
            article,
            problems: self.problems,
            unknown_keys: self.unknown_keys,
        }
    }
}

/// A value as it is quoted in a message.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_of_bounded_length() {
        let mut findings = Findings::new("a.md", |_| (3, 1));
        let mut name = |text: &str| findings.name("title", text, 5);
        for (given, kept) in [
            (" a b ", Some("a b")),
            ("a\u{1b}[1m\n\tb", Some("a [1m…")),
            ("\n \u{7}", None),
            ("abcdefg", Some("abcde…")),
        ] {
            assert_eq!(name(given).as_deref(), kept, "{given:?}");
        }
        let problems = findings.into_read(None).problems;
        assert_eq!((problems.len(), problems[0].line), (2, Some(3)));
    }
}
