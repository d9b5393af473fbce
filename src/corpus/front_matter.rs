//! Markdown files: YAML front matter by the names that generators use, then the body.
//!
//! Broken front matter costs its fields, never the article: the body is indexed with a fallback title, and a warning names
//! line and column.

use super::record::{Draft, Read, Rules, checked_date};
use super::tree::{self, Tree};
use crate::model::{Format, Problem, Severity};

/// Reads the Markdown file `text`, whose URL is `url` unless it names another.
pub(super) fn read(path: &str, url: &str, text: &str, rules: &Rules) -> Read {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut read = Read::default();
    let mut draft = Draft {
        url: Some(url.to_owned()),
        ..Draft::default()
    };
    draft.published = leading_date(url);
    let body = match split(text) {
        Split::None => text,
        Split::Unclosed => {
            read.problems.push(
                Problem::new(
                    Severity::Warning,
                    path,
                    "found --- that opens front matter, but no --- that closes it; close it, or the whole file is body",
                )
                .at(1, 1),
            );
            text
        }
        Split::Parts { matter, body } => {
            match tree::from_yaml(matter) {
                Ok(Tree::Map(entries)) => {
                    for (key, value) in &entries {
                        fill(&mut draft, key, value, path, &mut read);
                    }
                }
                Ok(Tree::Nothing) => {}
                Ok(_) => read.problems.push(
                    Problem::new(
                        Severity::Warning,
                        path,
                        "front matter: expected lines of `key: value`; its fields are left out",
                    )
                    .at(2, 1),
                ),
                Err(error) => read.problems.push(yaml_problem(path, matter, &error)),
            }
            body
        }
    };
    body.trim().clone_into(&mut draft.body);
    match draft.finish(rules) {
        Ok(article) => read.article = Some(article),
        Err(message) => read
            .problems
            .push(Problem::new(Severity::Error, path, format!("dropped: {message}")).at(1, 1)),
    }
    read
}

enum Split<'a> {
    None,
    Unclosed,
    Parts { matter: &'a str, body: &'a str },
}

fn split(text: &str) -> Split<'_> {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return Split::None;
    };
    let mut at = first.len();
    for line in lines {
        let end = at + line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return Split::Parts {
                matter: &text[first.len()..at],
                body: &text[end..],
            };
        }
        at = end;
    }
    Split::Unclosed
}

fn yaml_problem(path: &str, matter: &str, error: &serde_saphyr::Error) -> Problem {
    let (line, column) = error
        .location()
        .map_or((1, 1), |place| (place.line(), place.column()));
    let text = usize::try_from(line)
        .ok()
        .and_then(|line| matter.lines().nth(line.checked_sub(1)?))
        .unwrap_or_default();
    let slip = text.split_once(": ").is_some_and(|(_, value)| {
        value.contains(": ")
            && !value
                .trim_start()
                .starts_with(['"', '\'', '[', '{', '|', '>'])
    });
    let advice = if slip {
        "a value that contains `: ` must be in quotes; quote it"
    } else {
        "expected lines of `key: value`; correct this line"
    };
    Problem::new(
        Severity::Warning,
        path,
        format!(
            "front matter is not YAML: {advice}; its fields are left out and the body is indexed"
        ),
    )
    // The opening --- is line 1 of the file.
    .at(line + 1, column)
}

fn fill(draft: &mut Draft, key: &str, value: &Tree, path: &str, read: &mut Read) {
    let text = || value.text().map(str::to_owned);
    let mut date = || {
        checked_date(
            key,
            value.text(),
            |problem| problem,
            path,
            &mut read.problems,
        )
    };
    match key {
        "id" => draft.id = text(),
        "url" | "permalink" | "path" | "slug" => set_url(draft, key, value),
        "kind" => draft.kind = text(),
        "title" => draft.title = text(),
        "summary" | "description" | "excerpt" | "subtitle" => {
            draft.summary = draft.summary.take().or_else(text);
        }
        "topic" => draft.topic = text(),
        "tags" | "category" | "categories" | "keywords" => draft.tags.extend(value.texts()),
        "taxonomies" => {
            if let Tree::Map(groups) = value {
                draft
                    .tags
                    .extend(groups.iter().flat_map(|(_, group)| group.texts()));
            }
        }
        "lang" | "language" | "locale" => draft.lang = text(),
        "published" if value.truth().is_some() => draft.draft |= value.truth() == Some(false),
        "published" | "date" | "publishDate" | "pubDate" => {
            draft.published = date().or(draft.published);
        }
        "updated" | "lastmod" | "modified" => draft.updated = date(),
        "last_update" => {
            if let Tree::Map(entries) = value {
                let inner = entries
                    .iter()
                    .find(|(key, _)| key == "date")
                    .and_then(|(_, value)| value.date());
                draft.updated = inner.or(draft.updated);
            }
        }
        "author" => draft.author = text(),
        "image" => draft.image = text(),
        "links" => draft.links = Some(value.texts()),
        "canonical" => draft.canonical = text(),
        "aliases" | "redirect_from" => draft.aliases.extend(value.texts()),
        "noindex" => draft.noindex = value.truth() == Some(true),
        "draft" | "unlisted" => draft.draft |= value.truth() == Some(true),
        "translation_key" | "translationKey" => draft.translation_key = text(),
        "series" => draft.series = text(),
        "format" => {
            draft.format = if value.text() == Some("html") {
                Format::Html
            } else {
                Format::Markdown
            }
        }
        _ => read.unknown_keys.push(key.to_owned()),
    }
}

/// `url`, `permalink` and `path` are whole; a `slug` without a slash replaces the last segment.
fn set_url(draft: &mut Draft, key: &str, value: &Tree) {
    let Some(given) = value.text() else { return };
    let folder = draft
        .url
        .as_deref()
        .and_then(|url| url.rsplit_once('/'))
        .map_or("", |(folder, _)| folder);
    draft.url = Some(if given.starts_with('/') || given.contains("://") {
        given.to_owned()
    } else if key == "slug" && !given.contains('/') {
        format!("{folder}/{given}")
    } else {
        format!("/{given}")
    });
}

/// The date that the file's name begins with: `2025-08-26-release`.
fn leading_date(url: &str) -> Option<crate::model::Date> {
    let name = url.rsplit('/').next().unwrap_or_default();
    let (date, rest) = name.split_at_checked(10)?;
    rest.starts_with('-')
        .then(|| crate::model::Date::parse(date))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Read {
        read("a.md", "/tool/a", text, &Rules::default())
    }

    #[test]
    fn front_matter_fills_the_record() {
        let article = read_text(
            "---\ntitle: \"A: b\"\ndescription: About.\ntopic: pandas\ntags: [x, 3.10]\ndate: 2025-08-26\nlang: de-DE\ntranslationKey: k\n---\n\nBody",
        )
        .article
        .expect("an article");
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

    #[test]
    fn an_unquoted_colon_is_a_warning_with_its_place_and_the_body_stays() {
        let read = read_text("---\ntopic: x\ntitle: Foo: bar\n---\n# Heading\n\nText");
        let article = read.article.expect("an article");
        assert_eq!(article.title, "Heading");
        let problem = &read.problems[0];
        assert_eq!(
            (problem.line, problem.severity),
            (Some(3), Severity::Warning)
        );
        assert!(problem.message.contains("quote it"), "{problem}");
    }

    #[test]
    fn a_missing_title_comes_from_heading_or_name() {
        assert_eq!(
            read_text("no heading").article.expect("an article").title,
            "A"
        );
        assert_eq!(
            read_text("## First *one*\n\ntext")
                .article
                .expect("an article")
                .title,
            "First one"
        );
    }

    #[test]
    fn published_false_is_a_draft_and_a_bad_date_a_warning() {
        let read = read_text("---\npublished: false\nupdated: 2024-02-30\n---\ntext");
        assert!(read.article.expect("an article").draft);
        assert!(read.problems[0].message.contains("2024-02-30"));
    }

    #[test]
    fn an_empty_file_is_dropped_with_a_reason() {
        let read = read_text("");
        assert!(read.article.is_none());
        assert_eq!(read.problems[0].severity, Severity::Error);
    }

    #[test]
    fn slugs_replace_the_last_segment() {
        let url = |matter: &str| {
            read_text(&format!("---\n{matter}\n---\ntext"))
                .article
                .expect("an article")
                .url
        };
        assert_eq!(url("slug: b"), "/tool/b");
        assert_eq!(url("slug: /x/b"), "/x/b");
        assert_eq!(url("permalink: x/b/"), "/x/b/");
    }
}
