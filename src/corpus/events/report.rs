//! What came of a file: how much was read, and what was left out, counted by reason and told where a reader can act on it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Problem, Severity};

/// Problems that are kept of one file, and of one reason; the counts hold the rest.
const MOST_PROBLEMS: usize = 20;
const MOST_OF_A_REASON: u64 = 5;

/// Why a line gave no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is longer than a line may be.
    TooLong,
    /// It is none of what the file's first line promises: no JSON object, no line of an access log.
    Unreadable,
    /// It tells no time, or one that cannot be.
    Time,
    /// It tells no visitor.
    Visitor,
    /// It names no article.
    Article,
    /// It is of no known type.
    Type,
    /// One of the other keys has a value that cannot be meant.
    Value,
    /// The request is no HTTP: another protocol, or a scan.
    Garbage,
    /// The request reads no page (`POST`, `HEAD`).
    Method,
    /// The answer was no page: a redirect, an error.
    Status,
    /// The request is for a part of a page: a script, a picture.
    Asset,
    /// A robot asked, and robots were not wanted.
    Robot,
}

impl Reason {
    /// What the count of it is called.
    pub fn name(self) -> &'static str {
        match self {
            Reason::TooLong => "too long",
            Reason::Unreadable => "unreadable",
            Reason::Time => "no usable time",
            Reason::Visitor => "no usable visitor",
            Reason::Article => "no usable article",
            Reason::Type => "no known type",
            Reason::Value => "an impossible value",
            Reason::Garbage => "no HTTP request",
            Reason::Method => "another method than GET",
            Reason::Status => "no page was answered",
            Reason::Asset => "part of a page",
            Reason::Robot => "robots",
        }
    }

    /// How bad it is; `None` for what a log holds beside page views.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Reason::Method | Reason::Status | Reason::Asset | Reason::Robot => None,
            Reason::Garbage => Some(Severity::Warning),
            _ => Some(Severity::Error),
        }
    }
}

/// Why one line gave no event, and where in it that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub reason: Reason,
    /// 1-based column in characters.
    pub column: u64,
    /// What was found, what was expected and what to do; never an address, an agent or a visitor. Empty where there is
    /// nothing to tell.
    pub message: Cow<'static, str>,
}

impl Refused {
    /// At the beginning of the line.
    pub(super) fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason,
            column: 1,
            message: message.into(),
        }
    }

    /// The same, before the byte `at` of `line`.
    pub(super) fn at(mut self, line: &str, at: usize) -> Self {
        let before = line.get(..at).unwrap_or(line);
        self.column = before.chars().count() as u64 + 1;
        self
    }

    /// The same, at the key `key` of the JSON object `line`, if it is there.
    pub(super) fn at_key(self, line: &str, key: &str) -> Self {
        // A quote inside a text is escaped, so that what is found is a key or a value as a whole.
        let quoted = format!("\"{key}\"");
        let is_key = |at: &usize| line[at + quoted.len()..].trim_start().starts_with(':');
        let mut places = line.match_indices(&quoted).map(|(at, _)| at);
        match places.find(is_key) {
            Some(at) => self.at(line, at),
            None => self,
        }
    }
}

/// What came of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Lines that are not blank.
    pub lines: u64,
    /// Events that were handed out.
    pub events: u64,
    /// Lines that gave no event, by reason.
    pub left_out: BTreeMap<Reason, u64>,
    /// The first of what was wrong, in the order of lines.
    pub problems: Vec<Problem>,
    /// Page views of which the log tells the program that asked; robots that were left out are among them.
    pub agents: u64,
    /// Those of them that robots asked for.
    pub robots: u64,
    /// The earliest and the latest time of an event, in milliseconds since 1970-01-01 UTC.
    pub span: Option<(i64, i64)>,
}

impl Report {
    /// Lines that should have given an event and did not.
    pub fn refused(&self) -> u64 {
        let lost = self
            .left_out
            .iter()
            .filter(|(reason, _)| reason.severity() == Some(Severity::Error));
        lost.map(|(_, count)| count).sum()
    }

    /// The robots' share of the page views, where the log tells what asked.
    pub fn robot_share(&self) -> Option<f64> {
        (self.agents > 0).then(|| self.robots as f64 / self.agents as f64)
    }

    /// An event of the time `at` is handed out.
    pub(super) fn count(&mut self, at: i64) {
        self.events += 1;
        let (first, last) = self.span.unwrap_or((at, at));
        self.span = Some((first.min(at), last.max(at)));
    }

    /// A robot's view is left out.
    pub(super) fn drop_robot(&mut self) {
        *self.left_out.entry(Reason::Robot).or_default() += 1;
    }

    /// The line `line` of `path` gives none.
    pub(super) fn leave_out(&mut self, path: &str, line: u64, refused: &Refused) {
        let count = self.left_out.entry(refused.reason).or_default();
        *count += 1;
        let Some(severity) = refused.reason.severity() else {
            return;
        };
        if *count <= MOST_OF_A_REASON && self.problems.len() < MOST_PROBLEMS {
            let outcome = match severity {
                Severity::Error => "dropped",
                Severity::Info | Severity::Warning => "skipped",
            };
            let message = format!("{outcome}: {}", refused.message);
            self.problems
                .push(Problem::new(severity, path, message).at(line, refused.column));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_on_where_problems_end() {
        let mut report = Report::default();
        for line in 1..=40 {
            report.leave_out("a", line, &Refused::new(Reason::Time, "found none"));
            report.leave_out("a", line, &Refused::new(Reason::Garbage, "found noise"));
            report.leave_out("a", line, &Refused::new(Reason::Asset, ""));
            for reason in [Reason::Type, Reason::Value, Reason::Article] {
                report.leave_out("a", line, &Refused::new(reason, "found none"));
            }
        }
        assert_eq!(report.refused(), 160);
        assert_eq!(report.left_out[&Reason::Asset], 40);
        assert_eq!(report.problems.len(), MOST_PROBLEMS);
        assert_eq!(
            report.problems[1].to_string(),
            "a:1:1: warning: skipped: found noise"
        );
    }

    #[test]
    fn a_place_is_that_of_the_key() {
        let line = r#"{"é": "ts", "ts" : -1}"#;
        let refused = Refused::new(Reason::Time, "").at_key(line, "ts");
        assert_eq!(refused.column, 13);
        assert_eq!(refused.at_key(line, "from").column, 13);
    }
}
