//! What a run found wrong in its input: reported with the place and the remedy, never a reason to stop.

use std::fmt;

use serde::Serialize;

/// Whether input was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is wrong; something may be put in order.
    Info,
    /// The file or record was indexed, though not quite as its author meant.
    Warning,
    /// The file or record was dropped.
    Error,
}

/// One finding, ordered by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file as the run named it.
    pub path: String,
    /// 1-based line; `None` where the file as a whole is meant.
    pub line: Option<u64>,
    /// 1-based column in characters.
    pub column: Option<u64>,
    /// Whether input was lost.
    pub severity: Severity,
    /// What was found, what was expected and what to do.
    pub message: String,
    /// The key of the record that it is about, where that is known.
    #[serde(skip)]
    pub field: Option<String>,
}

impl Problem {
    /// A finding about `path` as a whole.
    pub fn new(severity: Severity, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            column: None,
            severity,
            message: message.into(),
            field: None,
        }
    }

    /// The same finding, about the key `field` of a record; about the whole record where that is empty.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned()).filter(|field| !field.is_empty());
        self
    }

    /// The same finding, at a place.
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        f.write_str(&self.path)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {severity}: {}", self.message)
    }
}
