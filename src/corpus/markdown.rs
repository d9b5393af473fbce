//! CommonMark, by pulldown-cmark: to plain text for the terms, to HTML for the demo's article pages.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::prose::Prose;

const EXTENSIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES);

/// The plain text of `body`; code counts as text, raw HTML as what it shows.
pub(super) fn prose(body: &str) -> Prose {
    let mut prose = Prose::default();
    let mut heading: Option<String> = None;
    let mut raw = String::new();
    for event in Parser::new_ext(body, EXTENSIONS) {
        let target = heading.as_mut().unwrap_or(&mut prose.text);
        match event {
            Event::Text(text) | Event::Code(text) => target.push_str(&text),
            Event::SoftBreak => target.push(' '),
            Event::HardBreak | Event::Rule => target.push('\n'),
            Event::Html(block) => raw.push_str(&block),
            Event::End(TagEnd::HtmlBlock) => {
                prose
                    .text
                    .push_str(&super::html::prose(&std::mem::take(&mut raw)).text);
                prose.text.push('\n');
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                prose.end_heading(&heading.take().unwrap_or_default());
            }
            Event::End(TagEnd::TableCell) => target.push(' '),
            Event::End(end) if ends_block(end) => target.push('\n'),
            _ => {}
        }
    }
    prose
}

fn ends_block(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::CodeBlock
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::TableRow
            | TagEnd::TableHead
            | TagEnd::FootnoteDefinition
    )
}

/// The HTML of `body`; raw HTML in it is shown as text and never becomes markup, and links go nowhere but to http(s),
/// mail or the site itself.
pub fn to_html(body: &str) -> String {
    let events = Parser::new_ext(body, EXTENSIONS).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: safe_target(dest_url),
            title,
            id,
        }),
        Event::Start(Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Image {
            link_type,
            dest_url: safe_target(dest_url),
            title,
            id,
        }),
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

fn safe_target(target: CowStr<'_>) -> CowStr<'_> {
    let scheme = target
        .split_once(':')
        .map(|(scheme, _)| scheme.trim().to_ascii_lowercase());
    let safe = match scheme.as_deref() {
        None | Some("http" | "https" | "mailto") => true,
        Some(other) => other.contains(['/', '?', '#']),
    };
    if safe { target } else { CowStr::Borrowed("#") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_words_stay() {
        let prose = prose(
            "# Top\n\nSome *bold* `code` [link](/x).\n\n## Next\n\n- one\n- two\n\n<div>raw <b>html</b></div>\n\n| a | b |\n|---|---|\n| c | d |\n",
        );
        assert_eq!(prose.headings, "Top\nNext\n");
        assert_eq!(prose.first_heading.as_deref(), Some("Top"));
        let words: Vec<&str> = prose.text.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "Some bold code link. one two raw html a b c d"
        );
    }

    #[test]
    fn hostile_markup_is_shown_not_run() {
        let html = to_html(
            "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>",
        );
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"),
            "{html}"
        );
    }
}
