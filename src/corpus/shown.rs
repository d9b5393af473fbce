//! A body as HTML that may stand in a page: markup from a short list, and no word of an author ever runs.

use html_escape::{encode_double_quoted_attribute, encode_text};
use pulldown_cmark::CowStr;

use super::html::{Sink, Walker, Zone};
use super::main_text::article_zones;
use super::markdown::{self, safe_target};
use crate::model::Format;

/// The HTML of `body`. Raw HTML in Markdown is shown as text; of an HTML page the article is kept, without attributes,
/// without what is not on the list, and without its `h1`, for a page shows its title itself.
pub fn to_html(body: &str, format: Format) -> String {
    match format {
        Format::Markdown => markdown::to_html(body),
        Format::Text => format!("<pre>{}</pre>", encode_text(body)),
        Format::Html => {
            let mut walker = Walker::new(Shown {
                zones: article_zones(body),
                ..Shown::default()
            });
            walker.feed(body);
            walker.finish().finish()
        }
    }
}

#[derive(Default)]
struct Shown {
    html: String,
    zones: Vec<Zone>,
    open: Vec<&'static str>,
    titles: usize,
}

impl Shown {
    fn finish(mut self) -> String {
        while let Some(name) = self.open.pop() {
            self.end(name);
        }
        self.html
    }

    fn end(&mut self, name: &str) {
        self.html.push_str("</");
        self.html.push_str(name);
        self.html.push('>');
    }
}

impl Sink for Shown {
    fn open(&mut self, zone: Zone, name: &str, target: Option<&str>) -> bool {
        if name == "h1" {
            self.titles += 1;
            return true;
        }
        if !self.zones.contains(&zone) || self.titles > 0 {
            return false;
        }
        let Some(name) = kept(name) else {
            return false;
        };
        self.html.push('<');
        self.html.push_str(name);
        if let Some(target) = target {
            let target = safe_target(CowStr::Borrowed(target));
            self.html.push_str(" href=\"");
            self.html
                .push_str(&encode_double_quoted_attribute(&*target));
            self.html.push('"');
        }
        self.html.push('>');
        let has_end = !matches!(name, "br" | "hr");
        if has_end {
            self.open.push(name);
        }
        has_end
    }

    fn close(&mut self, _: Zone, name: &str) {
        if name == "h1" {
            self.titles -= 1;
            return;
        }
        // Ends come from the inside out, so the last that is open is the one.
        if self.open.last() == Some(&name) {
            self.open.pop();
            self.end(name);
        }
    }

    fn text(&mut self, zone: Zone, text: &str) {
        if self.zones.contains(&zone) && self.titles == 0 {
            self.html.push_str(&encode_text(text));
        }
    }
}

fn kept(name: &str) -> Option<&'static str> {
    const KEPT: [&str; 41] = [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "cite",
        "code",
        "dd",
        "del",
        "dfn",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "sup",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ];
    KEPT.into_iter().find(|kept| *kept == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_keeps_its_markup_and_loses_everything_that_runs() {
        let shown = to_html(
            "<head><title>T</title></head><nav>menu</nav><article><h1 onclick=x>T</h1><p class=y onload=z>A <b>bold</b> <a href='/x?a=1&amp;b=2' target=_blank>link</a> &lt;tag&gt;</p><script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>no</a><iframe src=x></iframe><pre><code>x &amp;&amp; y</code></pre></div></article></main><style>p{}</style>",
            Format::Html,
        );
        assert_eq!(
            shown,
            "<p>A <b>bold</b> <a href=\"/x?a=1&amp;b=2\">link</a> &lt;tag&gt;</p><a href=\"#\">no</a><pre><code>x &amp;&amp; y</code></pre>"
        );
    }

    #[test]
    fn nothing_is_left_open() {
        for (html, shown) in [
            ("<p>one <b>two", "<p>one <b>two</b></p>"),
            ("</div></main></p>text", "text"),
            ("<ul><li>a</ul>", "<ul><li>a</li></ul>"),
        ] {
            assert_eq!(to_html(html, Format::Html), shown);
        }
    }

    #[test]
    fn plain_text_is_text() {
        assert_eq!(to_html("a < b", Format::Text), "<pre>a &lt; b</pre>");
    }
}
