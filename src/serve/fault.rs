//! What is wrong with a request, as problem documents say it, and where: a parameter, a field of a record, a place in a body.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{self, Severity};

/// What every error is answered with (RFC 9457).
#[derive(Serialize, ToSchema)]
#[cfg_attr(
    not(test),
    allow(
        dead_code,
        reason = "what the description shows; `rejection.rs` writes it"
    )
)]
pub(super) struct Problem {
    /// Always `about:blank`.
    r#type: &'static str,
    /// The name of the status.
    title: &'static str,
    status: u16,
    /// What is wrong, for programs.
    code: &'static str,
    /// What is wrong, for people.
    detail: String,
    /// By which the server's log names the request, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
    /// Where it is wrong: a parameter, a field of a record, a place in the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

/// Something that is wrong, and where.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(super) struct Fault {
    /// The field of the record (RFC 6901); empty for the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pointer: Option<String>,
    /// The parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<String>,
    /// The line of the body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    line: Option<usize>,
    /// The column in that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    column: Option<usize>,
    /// What was found, what was expected and what to do.
    detail: String,
}

impl Fault {
    /// Of the parameter `name`.
    pub(super) fn of_parameter(name: &str, detail: &str) -> Self {
        Self {
            parameter: Some(name.to_owned()),
            detail: detail.to_owned(),
            ..Self::default()
        }
    }

    /// At a place in the body.
    pub(super) fn at_place(line: usize, column: usize, detail: &str) -> Self {
        Self {
            // Of an empty body the parser says 0.
            line: Some(line.max(1)),
            column: Some(column.max(1)),
            detail: detail.to_owned(),
            ..Self::default()
        }
    }

    /// Of a whole record.
    pub(super) fn of_record(detail: String) -> Self {
        Self {
            pointer: Some(String::new()),
            detail,
            ..Self::default()
        }
    }

    /// What reading a record found, as far as it is of `severity`.
    pub(super) fn of_problems(problems: &[model::Problem], severity: Severity) -> Vec<Self> {
        let those = problems
            .iter()
            .filter(|problem| problem.severity == severity);
        let fault = |problem: &model::Problem| {
            let field = problem.field.as_deref();
            // A field is found by its name, what is no record by its place.
            let place = |number: Option<u64>| match field {
                None => number.and_then(|number| usize::try_from(number).ok()),
                Some(_) => None,
            };
            Self {
                pointer: Some(field.map_or_else(String::new, |field| {
                    format!("/{}", field.replace('~', "~0").replace('/', "~1"))
                })),
                line: place(problem.line),
                column: place(problem.column),
                detail: problem.message.trim_start_matches("dropped: ").to_owned(),
                ..Self::default()
            }
        };
        those.map(fault).collect()
    }
}
