//! CommonMark, by pulldown-cmark: to plain text for the terms, to HTML for the demo's article pages.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::html::Walker;
use super::main_text::Segments;
use super::prose::Prose;
use super::shallow::shallow;

const EXTENSIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES);

/// The plain text of `body`; code counts as text, raw HTML as what it shows.
pub(super) fn prose(body: &str) -> Prose {
    let mut prose = Prose::default();
    let mut heading: Option<String> = None;
    let mut raw = Raw::default();
    let (body, _) = shallow(body);
    for event in Parser::new_ext(&body, EXTENSIONS) {
        let target = heading.as_mut().unwrap_or(&mut prose.text);
        match event {
            Event::Text(text) | Event::Code(text) => target.push_str(&text),
            Event::SoftBreak => target.push(' '),
            Event::HardBreak | Event::Rule => target.push('\n'),
            Event::Html(block) => raw.block.push_str(&block),
            Event::InlineHtml(tag) => raw.inline(&tag, &mut prose),
            Event::End(TagEnd::HtmlBlock) => raw.end_block(&mut prose),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) if link_type != LinkType::Email => prose.links.push(dest_url.into_string()),
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                prose.end_heading(&heading.take().unwrap_or_default());
            }
            Event::End(TagEnd::TableCell) => target.push(' '),
            Event::End(end) if ends_block(end) => target.push('\n'),
            _ => {}
        }
    }
    prose.finish()
}

/// How often a document may leave HTML open that would swallow the HTML after it.
const FRESH_STARTS: usize = 1000;

/// The HTML inside a document. One reader reads all of it, because making one takes longer than reading a tag.
#[derive(Default)]
struct Raw {
    block: String,
    walker: Option<Walker<Segments>>,
    fresh_starts: usize,
}

impl Raw {
    fn end_block(&mut self, prose: &mut Prose) {
        let block = std::mem::take(&mut self.block);
        self.read(&block, prose);
        prose.text.push('\n');
    }

    /// Of the tags between words only links mean anything: their text is the document's.
    fn inline(&mut self, tag: &str, prose: &mut Prose) {
        let is_link = tag
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("<a"))
            && tag[2..].starts_with(|c: char| c.is_ascii_whitespace());
        if is_link {
            self.read(tag, prose);
        }
    }

    fn read(&mut self, html: &str, prose: &mut Prose) {
        let walker = self
            .walker
            .get_or_insert_with(|| Walker::new(Segments::default()));
        walker.feed(html);
        prose.append(walker.with_sink(Segments::take));
        if walker.is_deaf() && self.fresh_starts < FRESH_STARTS {
            self.fresh_starts += 1;
            self.walker = None;
        }
    }
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
pub(super) fn to_html(body: &str) -> String {
    let (body, _) = shallow(body);
    let events = Parser::new_ext(&body, EXTENSIONS).map(|event| match event {
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

/// The target of a link, if a reader may follow it without harm; else `#`.
pub(super) fn safe_target(target: CowStr<'_>) -> CowStr<'_> {
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

    #[test]
    fn links_are_found_however_they_are_written() {
        let prose = prose(
            "[a](/a) [b][r] [c] <https://example.org/d> <x@example.org> ![i](/i.png) [![j](/j.png)](/e)\n\n<p><a href=\"/f\">f</a></p>\n\nword <a class=x href='/g'>g</a> [again](/a)\n\n[r]: ../b.md \"title\"\n[c]: c.md#x",
        );
        assert_eq!(
            prose.links,
            [
                "/a",
                "../b.md",
                "c.md#x",
                "https://example.org/d",
                "/e",
                "/f",
                "/g"
            ]
        );
    }

    #[test]
    fn html_that_is_left_open_swallows_no_other() {
        let prose =
            prose("<title>\n\none\n\n<div>two</div>\n\n<nav>menu</nav>\n\n<div>three</div>");
        let words: Vec<&str> = prose.text.split_whitespace().collect();
        assert_eq!(words, ["one", "two", "three"]);
    }
}
