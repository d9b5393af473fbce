//! The fields of front matter, by the names that generators use for them.

use super::editing;
use super::findings::Findings;
use super::record::Draft;
use super::tree::Tree;

/// What becomes of a body whose format is none.
const FROM_FILE: &str = "the format is taken from the file";
/// Tables in which generators keep a site's own fields: Zola and Hugo.
const OWN_TABLES: [&str; 2] = ["extra", "params"];

/// Keys whose value is one text.
const TEXTS: [&str; 30] = [
    "id",
    "url",
    "permalink",
    "path",
    "slug",
    "kind",
    "title",
    "summary",
    "description",
    "excerpt",
    "subtitle",
    "topic",
    "lang",
    "language",
    "locale",
    "published",
    "date",
    "publishDate",
    "pubDate",
    "updated",
    "lastmod",
    "modified",
    "canonical",
    "format",
    "starts",
    "expires",
    "expiryDate",
    "unpublishDate",
    "version",
    "version_of",
];

/// Fills `draft` from the entries of a front matter; of a key that stands twice the first counts.
pub(super) fn fill(draft: &mut Draft, entries: &[(String, Tree)], findings: &mut Findings<'_>) {
    let mut seen = std::collections::HashSet::new();
    let (own, top): (Vec<_>, Vec<_>) = entries
        .iter()
        .filter(|(key, _)| seen.insert(key.as_str()))
        .partition(|(key, _)| OWN_TABLES.contains(&key.as_str()));
    let mut known = Vec::new();
    for (key, value) in top {
        if field(draft, key, value, findings) {
            known.push(key.as_str());
        } else {
            findings.unknown(key);
        }
    }
    for (_, table) in own {
        let Tree::Map(entries) = table else { continue };
        for (key, value) in entries {
            // What the generator itself understands counts; keys of a theme are nobody's mistake.
            if !known.contains(&key.as_str()) {
                field(draft, key, value, findings);
            }
        }
    }
}

/// Fills in one field; whether the key means anything.
fn field(draft: &mut Draft, key: &str, value: &Tree, findings: &mut Findings<'_>) -> bool {
    if TEXTS.contains(&key) && matches!(value, Tree::List(_) | Tree::Map(_)) {
        findings.warn(
            key,
            format!("{key}: expected a text, found a list or a table; it is left out"),
        );
        return true;
    }
    let text = || value.text().map(str::to_owned);
    let name = || value.name().map(str::to_owned);
    match key {
        "id" => draft.id = text(),
        "url" | "permalink" | "path" | "slug" => set_url(draft, key, value),
        "kind" => draft.kind = text(),
        "title" => draft.title = text(),
        "summary" | "description" | "excerpt" | "subtitle" => {
            draft.summary = draft.summary.take().or_else(text);
        }
        "topic" => draft.topic = text(),
        "tags" | "tag" | "category" | "categories" | "keywords" => {
            draft.tags.extend(value.texts());
        }
        "taxonomies" => {
            if let Tree::Map(groups) = value {
                let tags = groups.iter().flat_map(|(_, group)| group.texts());
                draft.tags.extend(tags);
            }
        }
        "lang" | "language" | "locale" => draft.lang = findings.lang(key, value.text()),
        "published" if value.truth().is_some() => draft.draft |= value.truth() == Some(false),
        "published" | "date" | "publishDate" | "publish_date" | "pubDate" => {
            draft.published = findings.date(key, value.text()).or(draft.published);
        }
        "updated" | "lastmod" | "modified" | "updatedDate" | "last_modified_at" => {
            draft.updated = findings.date(key, value.text()).or(draft.updated);
        }
        "last_update" => {
            let inner = value.get("date").and_then(Tree::text);
            draft.updated = findings.date(key, inner).or(draft.updated);
        }
        "author" | "authors" => draft.author = draft.author.take().or_else(name),
        "image" | "images" => draft.image = name(),
        "links" => draft.links = Some(value.texts()),
        "canonical" | "canonical_url" | "canonicalUrl" => draft.canonical = text(),
        "aliases" | "redirect_from" => draft.aliases.extend(value.texts()),
        "noindex" => draft.noindex |= findings.truth(key, value) == Some(true),
        "robots" => draft.noindex |= value.text().is_some_and(keeps_out),
        "draft" | "unlisted" => draft.draft |= findings.truth(key, value) == Some(true),
        "translation_key" | "translationKey" => draft.translation_key = text(),
        "series" => draft.appearance.series = name(),
        "series_order" | "seriesOrder" => {
            draft.appearance.series_order = findings.number(key, value.text());
        }
        "starts" => draft.appearance.starts = findings.date(key, value.text()),
        "expires" | "expiryDate" | "expiry_date" | "unpublishDate" | "unpublish_date" => {
            let found = findings.date(key, value.text());
            draft.appearance.expires = draft.appearance.expires.or(found);
        }
        "version" => draft.appearance.version = text(),
        "version_of" | "versionOf" => draft.appearance.version_of = text(),
        "related" => match editing::of_front_matter(key, value, findings) {
            Some(told) => draft.appearance.instructions.extend(told),
            None => return false,
        },
        "format" => {
            if let Some(format) = findings.format(key, value.text(), FROM_FILE) {
                draft.format = format;
            }
        }
        _ => return false,
    }
    true
}

/// Whether a robots directive keeps a page out of search engines.
pub(super) fn keeps_out(directive: &str) -> bool {
    directive.split(',').any(|word| {
        matches!(
            word.trim().to_ascii_lowercase().as_str(),
            "noindex" | "none"
        )
    })
}

/// `url`, `permalink` and `path` are whole; a `slug` without a slash replaces the last segment.
fn set_url(draft: &mut Draft, key: &str, value: &Tree) {
    let Some(given) = value.text() else { return };
    if key == "permalink" && value.truth() == Some(false) {
        // Eleventy's way to say that no page is written.
        draft.draft = true;
        return;
    }
    if given.contains("/:") || given.contains("{{") {
        // A pattern that only the generator can fill in.
        return;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::tree::Notation;
    use crate::model::Format;

    fn filled(notation: Notation, text: &str) -> (Draft, Vec<String>) {
        let mut draft = Draft {
            url: Some("/tool/a".to_owned()),
            ..Draft::default()
        };
        let mut findings = Findings::new("a.md", |_| (1, 1));
        let Tree::Map(entries) = notation.parse(text).tree else {
            panic!("a map");
        };
        fill(&mut draft, &entries, &mut findings);
        let read = findings.into_read(None);
        let problems = read.problems.iter().map(|problem| problem.message.clone());
        (draft, problems.chain(read.unknown_keys).collect())
    }

    #[test]
    fn generators_have_their_own_names() {
        type Field = fn(&Draft) -> Option<String>;
        let cases: [(Notation, &str, Field, &str); 16] = [
            (Notation::Yaml, "excerpt: x", |d| d.summary.clone(), "x"),
            (
                Notation::Yaml,
                "pubDate: 2025-01-02",
                |d| d.published.map(|d| d.to_string()),
                "2025-01-02",
            ),
            (
                Notation::Yaml,
                "last_update:\n  date: 2025-01-02",
                |d| d.updated.map(|d| d.to_string()),
                "2025-01-02",
            ),
            (
                Notation::Yaml,
                "authors:\n  - name: A B\n    url: x",
                |d| d.author.clone(),
                "A B",
            ),
            (
                Notation::Yaml,
                "authors: [slorber, y]",
                |d| d.author.clone(),
                "slorber",
            ),
            (
                Notation::Yaml,
                "keywords: [a, b]",
                |d| Some(d.tags.join("+")),
                "a+b",
            ),
            (
                Notation::Yaml,
                "unlisted: true",
                |d| Some(d.draft.to_string()),
                "true",
            ),
            (
                Notation::Yaml,
                "published: false",
                |d| Some(d.draft.to_string()),
                "true",
            ),
            (
                Notation::Yaml,
                "permalink: false",
                |d| Some(d.draft.to_string()),
                "true",
            ),
            (
                Notation::Yaml,
                "permalink: /:year/:title/",
                |d| d.url.clone(),
                "/tool/a",
            ),
            (
                Notation::Yaml,
                "robots: noindex, follow",
                |d| Some(d.noindex.to_string()),
                "true",
            ),
            (
                Notation::Yaml,
                "redirect_from: /old",
                |d| Some(d.aliases.join("+")),
                "/old",
            ),
            (
                Notation::Toml,
                "[taxonomies]\ntags = ['a']\ncategories = ['b']",
                |d| Some(d.tags.join("+")),
                "b+a",
            ),
            (
                Notation::Toml,
                "[extra]\ntopic = 'x'\ntheme = 1",
                |d| d.topic.clone(),
                "x",
            ),
            (
                Notation::Toml,
                "title = 'x'\n[extra]\ntitle = 'y'",
                |d| d.title.clone(),
                "x",
            ),
            (
                Notation::Json,
                r#"{"lastmod": "2025-01-02"}"#,
                |d| d.updated.map(|d| d.to_string()),
                "2025-01-02",
            ),
        ];
        for (notation, text, field, value) in cases {
            let (draft, problems) = filled(notation, text);
            assert_eq!(field(&draft).as_deref(), Some(value), "{text}");
            assert_eq!(problems, Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn values_that_cannot_be_meant_are_told() {
        for (text, words) in [
            ("date: 2024-02-30", "2024-02-30"),
            ("lang: english", "expected a code"),
            ("format: docx", "expected markdown"),
            ("last_update: {date: soon}", "no date"),
            ("titel: x", "titel"),
            ("title: {en: x}", "expected a text"),
            ("draft: maybe", "true or false"),
        ] {
            let (_, problems) = filled(Notation::Yaml, text);
            assert!(
                problems.len() == 1 && problems[0].contains(words),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn slugs_replace_the_last_segment() {
        for (text, url) in [
            ("slug: b", "/tool/b"),
            ("slug: /x/b", "/x/b"),
            ("permalink: x/b/", "/x/b/"),
            ("format: html", "/tool/a"),
        ] {
            assert_eq!(filled(Notation::Yaml, text).0.url.as_deref(), Some(url));
        }
        assert_eq!(
            filled(Notation::Yaml, "format: html").0.format,
            Format::Html
        );
    }
}
