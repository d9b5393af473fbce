//! The head of an HTML page: what `meta`, OpenGraph, JSON-LD and links say about the article in it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use html_escape::decode_html_entities;
use lol_html::html_content::TextChunk;
use lol_html::{HtmlRewriter, element, text};

use super::fields::keeps_out;
use super::findings::Findings;
use super::html;
use super::json_ld;
use super::main_text;
use super::place::line_and_column;
use super::record::Draft;
use super::url::{self, OwnHosts};
use crate::model::Date;

/// Everything in a page that speaks of the page, as it is written, with the byte where it stands.
#[derive(Default)]
struct Head {
    lang: Option<(String, usize)>,
    title: String,
    titled: bool,
    /// By name or property, in lower case.
    metas: Vec<(String, String, usize)>,
    canonical: Option<String>,
    refresh: Option<String>,
    linked_data: Vec<(String, usize)>,
}

impl Head {
    fn get(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.all(key).next())
    }

    fn all<'h>(&'h self, key: &'h str) -> impl Iterator<Item = String> + 'h {
        let of_key = self.metas.iter().filter(move |(name, _, _)| name == key);
        of_key
            .map(|(_, content, _)| content.trim().to_owned())
            .filter(|content| !content.is_empty())
    }
}

/// Fills the gaps of `draft` from the page that begins at byte `offset` of the file `text`, of the site at `hosts`.
pub(super) fn fill(
    draft: &mut Draft,
    text: &str,
    offset: usize,
    hosts: &OwnHosts,
    findings: &mut Findings<'_>,
) {
    let page = &text[offset..];
    let (head, complete) = read(page);
    let place = |at: usize| line_and_column(text, offset + at);
    if !complete {
        findings.warn_at(
            1,
            1,
            "found elements nested too deeply; the page is read up to there, close them",
        );
    }
    let mut places: HashMap<String, (u64, u64)> = HashMap::new();
    for key in DATES.iter().chain(&["language"]) {
        if let Some((_, _, at)) = head.metas.iter().find(|(name, _, _)| name == key) {
            places.insert((*key).to_owned(), place(*at));
        }
    }
    if let Some((_, at)) = &head.lang {
        places.insert("lang".to_owned(), place(*at));
    }
    if let Some((_, at)) = head.linked_data.first() {
        places.insert("datePublished".to_owned(), place(*at));
        places.insert("dateModified".to_owned(), place(*at));
    }
    findings.look_at(move |key| places.get(key).copied().unwrap_or((1, 1)));
    let mut linked = json_ld::LinkedData::default();
    for (script, at) in &head.linked_data {
        match json_ld::read(script) {
            Ok(found) if found.published.is_some() || linked == json_ld::LinkedData::default() => {
                linked = found;
            }
            Ok(_) => {}
            Err(reason) => {
                let (line, column) = place(*at);
                findings.warn_at(
                    line,
                    column,
                    format!("JSON-LD is not JSON: {reason}; what it says is left out"),
                );
            }
        }
    }
    fill_names(draft, &head, &linked, page);
    fill_dates(draft, &head, &linked, findings);
    fill_rules(draft, &head, hosts);
    if draft.lang.is_none() {
        let declared = head.lang.as_ref().map(|(lang, _)| lang.as_str());
        let declared = declared.filter(|lang| !lang.trim().is_empty());
        draft.lang = match declared {
            Some(lang) => findings.lang("lang", Some(lang)),
            None => {
                let meta = head.get(&["language", "og:locale"]).or(linked.lang);
                findings.lang("language", meta.as_deref())
            }
        };
    }
}

fn fill_names(draft: &mut Draft, head: &Head, linked: &json_ld::LinkedData, page: &str) {
    let gap = |field: &mut Option<String>, value: &dyn Fn() -> Option<String>| {
        if field.is_none() {
            *field = value();
        }
    };
    gap(&mut draft.title, &|| {
        // A title element often ends with the name of the site.
        let title = decode_html_entities(&head.title).trim().to_owned();
        head.get(&["og:title"])
            .or_else(|| linked.headline.clone())
            .or_else(|| main_text::read(page).1)
            .or(Some(title).filter(|title| !title.is_empty()))
    });
    gap(&mut draft.summary, &|| {
        head.get(&["description", "og:description"])
            .or_else(|| linked.description.clone())
    });
    gap(&mut draft.author, &|| {
        let named = head.get(&["author", "article:author"]);
        let named = named.filter(|name| !name.contains("://"));
        named.or_else(|| linked.author.clone())
    });
    gap(&mut draft.image, &|| {
        head.get(&["og:image"]).or_else(|| linked.image.clone())
    });
    gap(&mut draft.topic, &|| head.get(&["topic"]));
    gap(&mut draft.kind, &|| head.get(&["kind"]));
    gap(&mut draft.appearance.series, &|| head.get(&["series"]));
    gap(&mut draft.translation_key, &|| {
        head.get(&["translation_key", "translation-key"])
    });
    if draft.tags.is_empty() {
        let keywords = head.get(&["keywords"]).unwrap_or_default();
        let keywords = keywords.split(',').map(|word| word.trim().to_owned());
        let tags = keywords
            .chain(head.all("article:tag"))
            .chain(linked.keywords.iter().cloned());
        for tag in tags.filter(|tag| !tag.is_empty()) {
            if !draft.tags.contains(&tag) && draft.tags.len() < MOST_TAGS {
                draft.tags.push(tag);
            }
        }
    }
}

/// Tags that are taken from a page; what is more is no list of labels.
const MOST_TAGS: usize = 100;
/// Names that a date stands under: of publication first, then of change.
const DATES: [&str; 6] = [
    "article:published_time",
    "date",
    "published",
    "article:modified_time",
    "last-modified",
    "updated",
];

fn fill_dates(
    draft: &mut Draft,
    head: &Head,
    linked: &json_ld::LinkedData,
    findings: &mut Findings<'_>,
) {
    let mut date = |keys: &[&str], linked_key: &str, linked: Option<&str>| {
        for key in keys {
            if let Some(found) = head.get(&[key]) {
                return findings.date(key, Some(&found));
            }
        }
        findings.date(linked_key, linked)
    };
    if draft.published.is_none() {
        draft.published = date(&DATES[..3], "datePublished", linked.published.as_deref());
    }
    if draft.updated.is_none() {
        draft.updated = date(&DATES[3..], "dateModified", linked.modified.as_deref());
    }
}

fn fill_rules(draft: &mut Draft, head: &Head, hosts: &OwnHosts) {
    draft.noindex |= head.all("robots").any(|directive| keeps_out(&directive));
    if draft.appearance.expires.is_none() {
        draft.appearance.expires = expiry(head);
    }
    if draft.canonical.is_none() {
        let own = draft.url.clone().unwrap_or_default();
        // A page that sends its readers on stands for another page, as one with that page as its canonical does.
        let elsewhere = |target: &Option<String>| {
            let target = target.as_deref()?.trim();
            (!target.is_empty() && !url::is_same_page(target, &own))
                .then(|| url::absolute(target, &own))
        };
        draft.canonical = elsewhere(&head.refresh).or_else(|| elsewhere(&head.canonical));
        let canonical = head.canonical.as_deref().unwrap_or_default().trim();
        draft.served = url::served_as(canonical, &own, hosts);
    }
}

/// When the page says that it should no longer be found; a robots directive in another form than dates have here is for
/// search engines alone.
fn expiry(head: &Head) -> Option<Date> {
    let named = head.get(&["article:expiration_time", "unavailable_after"]);
    let directive = head.all("robots").find_map(|directive| {
        let rest = directive.split_once("unavailable_after:")?.1;
        Some(rest.split(',').next().unwrap_or_default().to_owned())
    });
    Date::parse(&named.or(directive)?)
}

/// The head, and whether the page was read to its end.
fn read(page: &str) -> (Head, bool) {
    let head = Rc::new(RefCell::new(Head::default()));
    let [html, meta, link, title, script, script_text] = std::array::from_fn(|_| Rc::clone(&head));
    let settings = html::settings()
        .append_element_content_handler(element!("html", move |el| {
            let at = el.source_location().bytes().start;
            let lang = el.get_attribute("lang").map(|lang| (lang, at));
            let mut head = html.borrow_mut();
            head.lang = head.lang.take().or(lang);
            Ok(())
        }))
        .append_element_content_handler(element!("meta[content]", move |el| {
            let at = el.source_location().bytes().start;
            let content = el.get_attribute("content").unwrap_or_default();
            let content = decode_html_entities(&content).into_owned();
            let mut head = meta.borrow_mut();
            let named = el
                .get_attribute("name")
                .or_else(|| el.get_attribute("property"));
            if let Some(name) = named {
                head.metas
                    .push((name.trim().to_ascii_lowercase(), content, at));
            } else if let Some(header) = el.get_attribute("http-equiv") {
                match header.to_ascii_lowercase().as_str() {
                    "refresh" => {
                        head.refresh = head.refresh.take().or_else(|| refresh_target(&content));
                    }
                    "content-language" => head.metas.push(("language".to_owned(), content, at)),
                    _ => {}
                }
            }
            Ok(())
        }))
        .append_element_content_handler(element!("link[rel][href]", move |el| {
            let rel = el.get_attribute("rel").unwrap_or_default();
            if rel
                .split_ascii_whitespace()
                .any(|word| word.eq_ignore_ascii_case("canonical"))
            {
                let mut head = link.borrow_mut();
                let target = el.get_attribute("href").unwrap_or_default();
                let target = decode_html_entities(&target).into_owned();
                head.canonical.get_or_insert(target);
            }
            Ok(())
        }))
        .append_element_content_handler(text!("title", move |chunk: &mut TextChunk<'_>| {
            let mut head = title.borrow_mut();
            if !head.titled {
                head.title.push_str(chunk.as_str());
                // Drawings have titles too, but the page's comes first.
                head.titled = chunk.last_in_text_node();
            }
            Ok(())
        }))
        .append_element_content_handler(element!(
            "script[type='application/ld+json' i]",
            move |el| {
                let at = el.source_location().bytes().start;
                script.borrow_mut().linked_data.push((String::new(), at));
                Ok(())
            }
        ))
        .append_element_content_handler(text!(
            "script[type='application/ld+json' i]",
            move |chunk: &mut TextChunk<'_>| {
                if let Some((script, _)) = script_text.borrow_mut().linked_data.last_mut() {
                    script.push_str(chunk.as_str());
                }
                Ok(())
            }
        ));
    let mut reader = HtmlRewriter::new(settings, |_: &[u8]| {});
    let complete = reader.write(page.as_bytes()).is_ok() && reader.end().is_ok();
    (head.take(), complete)
}

/// The address in `5; url=/x`.
fn refresh_target(content: &str) -> Option<String> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("url") => {
            rest[3..].trim_start().strip_prefix('=')?
        }
        _ => rest,
    };
    let target = rest.trim().trim_matches(['"', '\'']).trim();
    (!target.is_empty()).then(|| target.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::corpus::Piece;
    use crate::corpus::record::{Read, Rules};
    use crate::model::Article;

    fn read(html: &str) -> Read {
        Piece::file("guide/a.html", html.as_bytes()).read(&Rules::default())
    }

    fn article(html: &str) -> Article {
        let read = read(html);
        assert_eq!(read.problems, [], "{html}");
        read.article.expect("an article")
    }

    #[test]
    fn a_page_says_what_front_matter_says() {
        let article = article(
            "<!doctype html><html lang=de-AT><head><title>Short | Site</title>
             <meta name=description content='About &amp; all'><meta name=author content='A B'>
             <meta name=keywords content='x, y'><meta property='article:tag' content=z>
             <meta property='og:title' content=Short><meta property='og:image' content=/i.png>
             <meta property='article:published_time' content='2025-01-02T03:04:05Z'>
             <meta name=topic content=T><meta name=kind content=tool><meta name=translation_key content=k>
             <link rel=canonical href='https://example.org/guide/a.html'>
             <script type='application/ld+json'>{\"@type\": \"Article\", \"dateModified\": \"2026-01-02\"}</script>
             </head><body><nav>menu</nav><h1>Long</h1><p>Text.</body></html>",
        );
        assert_eq!(article.title, "Short");
        assert_eq!(article.id.as_str(), "/guide/a");
        assert_eq!(article.url, "/guide/a.html");
        assert_eq!(article.summary.as_deref(), Some("About & all"));
        assert_eq!(article.author.as_deref(), Some("A B"));
        assert_eq!(article.tags, ["x", "y", "z"]);
        assert_eq!(article.lang.as_str(), "de");
        assert_eq!(article.kind.as_str(), "tool");
        assert_eq!(article.translation_key.as_deref(), Some("k"));
        assert_eq!(
            article.published.map(|date| date.to_string()).as_deref(),
            Some("2025-01-02T03:04:05Z")
        );
        assert_eq!(
            article.updated.map(|date| date.to_string()).as_deref(),
            Some("2026-01-02")
        );
        assert_eq!(article.canonical, None, "it names itself");
        assert!(!article.noindex);
    }

    #[test]
    fn titles_come_from_the_best_place() {
        for (html, title) in [
            ("<title>A - Site</title><h1>B</h1>text", "B"),
            ("<title>A</title><header><h1>Site</h1></header><p>text", "A"),
            ("<h2>C</h2>text", "C"),
            ("<p>text", "A"),
            ("<svg><title>no</title></svg><h1> </h1><p>text", "no"),
        ] {
            assert_eq!(article(html).title, title, "{html}");
        }
    }

    #[test]
    fn pages_that_stand_for_no_article_of_their_own_say_so() {
        for (head, canonical, noindex) in [
            ("<meta name=robots content='NOINDEX, follow'>", None, true),
            ("<meta name=robots content=none>", None, true),
            ("<link rel=canonical href=/b>", Some("/b"), false),
            (
                "<link rel=canonical href=b.html>",
                Some("/guide/b.html"),
                false,
            ),
            (
                "<meta http-equiv=refresh content='0; URL=../c/'>",
                Some("/c/"),
                false,
            ),
            ("<meta http-equiv=Refresh content='300'>", None, false),
            (
                "<link rel=canonical href='https://x.org/guide/a/?u=1'>",
                None,
                false,
            ),
        ] {
            let article = article(&format!("{head}<title>T</title>text"));
            assert_eq!(article.canonical.as_deref(), canonical, "{head}");
            assert_eq!(article.noindex, noindex, "{head}");
        }
    }

    #[test]
    fn what_a_page_says_wrongly_is_told_with_its_place() {
        for (html, place, words) in [
            ("<html lang=english>text", (1, 1), "expected a code"),
            (
                "<p>\n <meta name=date content=2024-02-30>text",
                (2, 2),
                "2024-02-30",
            ),
            (
                "text\n<script type=application/ld+json>{oops}</script>",
                (2, 1),
                "JSON-LD",
            ),
            (
                "---\ntitle: x\n---\n<p>\n<meta name=date content=soon>text",
                (5, 1),
                "soon",
            ),
        ] {
            let read = read(html);
            assert!(read.article.is_some());
            let problem = &read.problems[0];
            assert_eq!(
                (problem.line, problem.column),
                (Some(place.0), Some(place.1))
            );
            assert!(problem.message.contains(words), "{problem}");
        }
    }

    #[test]
    fn front_matter_counts_before_the_head() {
        let article = article(
            "---\ntitle: Mine\n---\n<title>Other</title><meta name=description content=S><p>text",
        );
        assert_eq!(article.title, "Mine");
        assert_eq!(article.summary.as_deref(), Some("S"));
    }
}
