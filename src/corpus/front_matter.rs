//! Files that are one article: front matter in YAML, TOML or JSON, then a body of Markdown or HTML.
//!
//! Broken front matter costs its fields, never the article: the body is indexed with a fallback title, and a warning names
//! line and column.

use super::address::of_file;
use super::fields;
use super::findings::Findings;
use super::page;
use super::place::line_and_column;
use super::record::{Draft, Read, Rules};
use super::shallow::{TOO_DEEP, shallow};
use super::tree::{Notation, Parsed, Tree, json_end};
use crate::model::{Date, Format};

/// Keys that stand twice and are named.
const REPORTED: usize = 5;

/// Reads the file `text` written in `format`, which is at `place` under its root and has the address of that, unless it names
/// another.
pub(super) fn read(path: &str, place: &str, format: Format, text: &str, rules: &Rules) -> Read {
    let mut findings = Findings::new(path, |_| (1, 1));
    let url = &*of_file(place);
    let mut draft = Draft {
        url: Some(url.to_owned()),
        published: leading_date(place),
        format,
        ..Draft::default()
    };
    let body = match split(text) {
        Split::None => text,
        Split::Unclosed(open, close) => {
            findings.warn_at(
                1,
                1,
                format!("found {open} that opens front matter, but no {close} that closes it; close it, or the whole file is body"),
            );
            text
        }
        Split::Parts(parts) => {
            let parsed = parts.notation.parse(parts.matter);
            if is_rule(&parts, &parsed) {
                text
            } else {
                fill(&mut draft, &parts, parsed, &mut findings);
                parts.body
            }
        }
    };
    let offset = text.len() - body.len();
    match draft.format {
        Format::Html => {
            page::fill(&mut draft, text, offset, &rules.own, &mut findings);
            // An address in front matter is a whole one.
            if !is_at_home(&draft, url) {
                draft.served = None;
            }
        }
        Format::Markdown => {
            if let Some(at) = shallow(body).1 {
                let (line, column) = line_and_column(text, offset + at);
                findings.warn_at(line, column, TOO_DEEP);
            }
        }
        Format::Text => {}
    }
    body.trim().clone_into(&mut draft.body);
    if place != url && draft.id.is_none() && is_at_home(&draft, url) {
        draft.id = Some(place.to_owned());
    }
    let article = draft.finish(rules, &mut findings);
    findings.into_read(article)
}

/// Whether the address is that of the file's path, `url`.
fn is_at_home(draft: &Draft, url: &str) -> bool {
    draft.url.as_deref() == Some(url)
}

/// A line across the page before a blank line and prose.
fn is_rule(parts: &Parts<'_>, parsed: &Parsed) -> bool {
    let blank = |line: &str| line.trim().is_empty();
    parts.matter.lines().next().is_some_and(blank) && matches!(parsed.tree, Tree::Text(_))
}

fn fill<'a>(draft: &mut Draft, parts: &Parts<'a>, parsed: Parsed, findings: &mut Findings<'a>) {
    let &Parts {
        notation,
        matter,
        lines_before,
        ..
    } = parts;
    for slip in parsed.slips {
        findings.warn_at(lines_before + slip.line, slip.column, slip.message);
    }
    findings.look_at(move |key| {
        let place = notation.place_of(matter, key, 0);
        place.map_or((1, 1), |(line, column)| (lines_before + line, column))
    });
    match parsed.tree {
        Tree::Map(entries) => {
            for (key, nth) in repeated(&entries) {
                if let Some((line, column)) = notation.place_of(matter, key, nth) {
                    findings.warn_at(
                        lines_before + line,
                        column,
                        format!("{key}: the key stands twice; the first is used, remove the other"),
                    );
                }
            }
            fields::fill(draft, &entries, findings);
        }
        Tree::Nothing => {}
        Tree::Text(_) | Tree::List(_) => findings.warn_at(
            lines_before + 1,
            1,
            "front matter: expected lines of `key: value`; its fields are left out",
        ),
    }
}

/// The first keys that stand again, and how often each stood before.
fn repeated(entries: &[(String, Tree)]) -> Vec<(&str, usize)> {
    let mut counts = std::collections::HashMap::new();
    let again = entries.iter().filter_map(|(key, _)| {
        let count = counts.entry(key.as_str()).or_insert(0_usize);
        *count += 1;
        (*count > 1).then_some((key.as_str(), *count - 1))
    });
    again.take(REPORTED).collect()
}

enum Split<'a> {
    None,
    Unclosed(&'static str, &'static str),
    Parts(Parts<'a>),
}

struct Parts<'a> {
    notation: Notation,
    matter: &'a str,
    body: &'a str,
    /// Lines of the file in front of `matter`.
    lines_before: u64,
}

fn split(text: &str) -> Split<'_> {
    let first = text.lines().next().unwrap_or_default().trim_end();
    match first {
        "---" => fenced(text, Notation::Yaml, "---", "..."),
        "+++" => fenced(text, Notation::Toml, "+++", "+++"),
        _ if opens_json(text) => match json_end(text) {
            Some(end) => Split::Parts(Parts {
                notation: Notation::Json,
                matter: &text[..end],
                body: &text[end..],
                lines_before: 0,
            }),
            None => Split::Unclosed("{", "}"),
        },
        _ => Split::None,
    }
}

/// A brace before a quoted name: not the `{{` and `{%` of templates, nor a word in braces.
fn opens_json(text: &str) -> bool {
    text.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

fn fenced<'a>(
    text: &'a str,
    notation: Notation,
    fence: &'static str,
    other_end: &str,
) -> Split<'a> {
    let mut lines = text.split_inclusive('\n');
    let start = lines.next().map_or(0, str::len);
    let mut at = start;
    for line in lines {
        let end = at + line.len();
        let line = line.trim_end();
        if line == fence || line == other_end {
            return Split::Parts(Parts {
                notation,
                matter: &text[start..at],
                body: &text[end..],
                lines_before: 1,
            });
        }
        at = end;
    }
    // A blank line does not begin front matter: this is a line across the page.
    if text[start..]
        .lines()
        .next()
        .is_none_or(|line| line.trim().is_empty())
    {
        return Split::None;
    }
    Split::Unclosed(fence, fence)
}

/// The date that the file's name begins with: `2025-08-26-release`.
fn leading_date(url: &str) -> Option<Date> {
    let name = url.rsplit('/').next().unwrap_or_default();
    let (date, rest) = name.split_at_checked(10)?;
    rest.starts_with('-').then(|| Date::parse(date)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Severity, Topic};

    fn read_text(text: &str) -> Read {
        read("a.md", "/tool/a", Format::Markdown, text, &Rules::default())
    }

    #[test]
    fn front_matter_fills_the_record_in_every_notation() {
        for text in [
            "---\ntitle: \"A: b\"\ndescription: About.\ntopic: pandas\ntags: [x, 3.10]\ndate: 2025-08-26\nlang: de-DE\ntranslationKey: k\n---\n\nBody",
            "+++\ntitle = \"A: b\"\ndescription = 'About.'\ntopic = 'pandas'\ntags = ['x', 3.10]\ndate = 2025-08-26\nlang = 'de-DE'\ntranslationKey = 'k'\n+++\n\nBody",
            "{\"title\": \"A: b\", \"description\": \"About.\", \"topic\": \"pandas\", \"tags\": [\"x\", 3.10],\n\"date\": \"2025-08-26\", \"lang\": \"de-DE\", \"translationKey\": \"k\"}\n\nBody",
        ] {
            let read = read_text(text);
            assert_eq!(read.problems, []);
            let article = read.article.expect("an article");
            assert_eq!(
                (article.title.as_str(), article.summary.as_deref()),
                ("A: b", Some("About."))
            );
            assert_eq!(article.tags, ["x", "3.10"]);
            assert_eq!(article.kind.as_str(), "tool");
            assert_eq!(article.lang.as_str(), "de");
            assert_eq!(
                article.published.map(|date| date.to_string()).as_deref(),
                Some("2025-08-26")
            );
            assert_eq!(article.body, "Body");
        }
    }

    #[test]
    fn a_slip_is_a_warning_with_its_place_and_the_body_stays() {
        for (text, place, words) in [
            (
                "---\ntopic: x\ntitle: Foo: bar\n---\n# Heading\n\nText",
                (3, 11),
                "quote it",
            ),
            (
                "+++\ntopic = \"x\"\ntitle = Foo\n+++\n# Heading\n\nText",
                (3, 9),
                "quote it",
            ),
            (
                "{\"topic\": \"x\",\n\"title\": Foo}\n# Heading\n\nText",
                (2, 10),
                "not JSON",
            ),
        ] {
            let read = read_text(text);
            let article = read.article.expect("an article");
            assert_eq!(article.title, "Heading");
            assert_eq!(article.topic.as_ref().map(Topic::as_str), Some("x"));
            let problem = &read.problems[0];
            assert_eq!(problem.severity, Severity::Warning);
            assert_eq!(
                (problem.line, problem.column),
                (Some(place.0), Some(place.1)),
                "{problem}"
            );
            assert!(problem.message.contains(words), "{problem}");
            assert_eq!(read.problems.len(), 1);
        }
    }

    #[test]
    fn front_matter_that_is_not_closed_is_body() {
        for (text, fence) in [
            ("---\ntitle: x\n\nText", "---"),
            ("+++\ntitle = 'x'\n\nText", "+++"),
            ("{\n\"title\": \"x\"\n\nText", "}"),
        ] {
            let read = read_text(text);
            assert!(read.article.expect("an article").body.contains("title"));
            assert!(
                read.problems[0]
                    .message
                    .contains(&format!("no {fence} that"))
            );
        }
    }

    #[test]
    fn a_line_across_the_page_is_no_front_matter() {
        for text in ["---\n\nText", "---\n\nText\n\n---\n\nMore", "---"] {
            let read = read_text(text);
            assert_eq!(read.problems, []);
            assert_eq!(read.article.expect("an article").body, text);
        }
    }

    #[test]
    fn braces_of_templates_are_no_front_matter() {
        for text in [
            "{{< figure >}} Text",
            "{% include x %}",
            "{braces} Text",
            "{",
        ] {
            let read = read_text(text);
            assert_eq!(read.problems, []);
            assert_eq!(read.article.expect("an article").body, text);
        }
    }

    #[test]
    fn a_missing_title_comes_from_heading_or_name() {
        for (text, title) in [
            ("no heading", "A"),
            ("## First *one*\n\ntext", "First one"),
            ("---\ntitle:\n---\n# H", "H"),
            ("---\n- a\n---\n# H", "H"),
        ] {
            assert_eq!(read_text(text).article.expect("an article").title, title);
        }
    }

    #[test]
    fn a_field_that_cannot_be_meant_is_named_with_its_place() {
        for (text, place) in [
            ("---\npublished: false\nupdated: 2024-02-30\n---\ntext", 3),
            ("---\ntitle: a\ntopic: x\ntitle: b\n---\ntext", 4),
            ("+++\ntitle = 'a'\n\nlang = 'english'\n+++\ntext", 4),
        ] {
            let read = read_text(text);
            assert_eq!(read.problems.len(), 1, "{:?}", read.problems);
            assert_eq!(read.problems[0].line, Some(place), "{:?}", read.problems);
        }
    }

    #[test]
    fn an_empty_file_is_dropped_with_a_reason() {
        let read = read_text("");
        assert!(read.article.is_none());
        assert_eq!(read.problems[0].severity, Severity::Error);
    }
}
