//! What the article in an HTML page says: the text of the part of the page that is the article.

use super::html::{Sink, Walker, Zone};
use super::prose::Prose;

/// The plain text of the article in `body`. What the reader refuses (nesting beyond its memory) is taken as far as it was
/// read.
pub(super) fn prose(body: &str) -> Prose {
    read(body).0
}

/// The plain text of the article in `body`, and its first `h1`.
pub(super) fn read(body: &str) -> (Prose, Option<String>) {
    let mut walker = Walker::new(Segments::default());
    walker.feed(body);
    let mut segments = walker.finish();
    segments.end_heading();
    let zones = segments.article_zones();
    let top = segments.first_top(&zones);
    (segments.joined(&zones), top)
}

/// The zones of `body` that hold the article.
pub(super) fn article_zones(body: &str) -> Vec<Zone> {
    let mut walker = Walker::new(Segments::default());
    walker.feed(body);
    let mut segments = walker.finish();
    segments.end_heading();
    segments.article_zones()
}

/// Text by zones, in the order of the page.
#[derive(Default)]
pub(super) struct Segments {
    found: Vec<Segment>,
    heading: Option<(String, bool)>,
    articles: usize,
    has_main: bool,
}

struct Segment {
    zone: Zone,
    prose: Prose,
    /// The first `h1`.
    top: Option<String>,
}

impl Segments {
    fn at(&mut self, zone: Zone) -> &mut Segment {
        if self.found.last().is_none_or(|last| last.zone != zone) {
            self.found.push(Segment {
                zone,
                prose: Prose::default(),
                top: None,
            });
        }
        self.found.last_mut().expect("one was just pushed")
    }

    fn end_heading(&mut self) {
        if let Some((heading, is_top)) = self.heading.take() {
            let zone = self.found.last().map_or(Zone::Page, |last| last.zone);
            let segment = self.at(zone);
            segment.prose.end_heading(&heading);
            if is_top && segment.top.is_none() && !heading.trim().is_empty() {
                segment.top = Some(heading.trim().to_owned());
            }
        }
    }

    fn length(&self, zone: Zone) -> usize {
        let of = self.found.iter().filter(|segment| segment.zone == zone);
        of.map(|segment| segment.prose.text.trim().len() + segment.prose.headings.len())
            .sum()
    }

    /// The article is in the one `article` of a page, or in its `main`, or is all that is not furniture.
    fn article_zones(&self) -> Vec<Zone> {
        let (article, main) = (self.length(Zone::Article), self.length(Zone::Main));
        let page = self.length(Zone::Page);
        if self.has_main && article + main > 0 {
            if self.articles == 1 && article >= main {
                vec![Zone::Article]
            } else {
                vec![Zone::Main, Zone::Article]
            }
        } else if article > 0 && (self.articles > 1 || article * 4 >= page) {
            vec![Zone::Article]
        } else if article + page > 0 {
            vec![Zone::Page, Zone::Article]
        } else {
            vec![Zone::Furniture, Zone::Page, Zone::Main, Zone::Article]
        }
    }

    fn first_top(&self, zones: &[Zone]) -> Option<String> {
        let first = |wanted: &dyn Fn(Zone) -> bool| {
            let mut tops = self.found.iter().filter(|segment| wanted(segment.zone));
            tops.find_map(|segment| segment.top.clone())
        };
        first(&|zone| zones.contains(&zone)).or_else(|| first(&|zone| zone != Zone::Furniture))
    }

    fn joined(self, zones: &[Zone]) -> Prose {
        let mut whole = Prose::default();
        for segment in self.found {
            if zones.contains(&segment.zone) {
                whole.append(segment.prose);
            }
        }
        whole.finish()
    }

    /// What was found so far outside furniture.
    pub(super) fn take(&mut self) -> Prose {
        let mut whole = Prose::default();
        for segment in self.found.drain(..) {
            if segment.zone != Zone::Furniture {
                whole.append(segment.prose);
            }
        }
        whole
    }
}

impl Sink for Segments {
    fn open(&mut self, zone: Zone, name: &str, target: Option<&str>) -> bool {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_heading();
                self.at(zone);
                self.heading = Some((String::new(), name == "h1"));
                return true;
            }
            "article" => self.articles += usize::from(zone == Zone::Article),
            "main" => self.has_main = true,
            _ => self.has_main |= zone == Zone::Main,
        }
        if let Some(target) = target {
            self.at(zone).prose.links.push(target.trim().to_owned());
        }
        if begins_line(name) {
            self.text(zone, "\n");
        }
        false
    }

    fn close(&mut self, zone: Zone, _: &str) {
        self.end_heading();
        self.text(zone, "\n");
    }

    fn text(&mut self, zone: Zone, text: &str) {
        match &mut self.heading {
            Some((heading, _)) => heading.push_str(text),
            None => self.at(zone).prose.text.push_str(text),
        }
    }
}

fn begins_line(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "section"
            | "article"
            | "main"
            | "ul"
            | "ol"
            | "li"
            | "table"
            | "tr"
            | "td"
            | "th"
            | "pre"
            | "br"
            | "blockquote"
            | "dt"
            | "dd"
            | "figure"
            | "figcaption"
            | "details"
            | "summary"
            | "hr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> String {
        let text = prose(html).text;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_headings_and_links_are_kept_and_furniture_is_not() {
        let found = prose(
            "<nav><a href=/menu>Menu</a></nav><h1>Top &amp; bottom</h1><p>One<br>two &lt;three&gt;</p><script>let x = 1;</script><ul><li><a href='/a?b=1&amp;c=2'>a</a><li>b <a href=/a?b=1&c=2>again</a></ul>",
        );
        assert_eq!(found.first_heading.as_deref(), Some("Top & bottom"));
        assert_eq!(found.links, ["/a?b=1&c=2"]);
        let words: Vec<&str> = found.text.split_whitespace().collect();
        assert_eq!(words.join(" "), "One two <three> a b again");
    }

    #[test]
    fn the_article_is_found_in_its_page() {
        for (html, text) in [
            ("<p>side</p><main>in <p>main</p></main><p>after", "in main"),
            (
                "<main>share <article>the story is here</article></main>",
                "the story is here",
            ),
            (
                "<main>a long introduction <article>one</article><article>two</article></main>",
                "a long introduction one two",
            ),
            (
                "<header><p>Site</header><article><header><h1>T</h1>by X</header>text<footer>tags</footer></article><aside>ad</aside>",
                "text",
            ),
            (
                "<p>a long page of text without a frame around it</p><article>ad</article>",
                "a long page of text without a frame around it ad",
            ),
            (
                "<form><div role=main>all in a form</div></form>",
                "all in a form",
            ),
            ("<form><p>all in a form</p></form>", "all in a form"),
            ("<aside><article>teaser</article></aside><p>text", "text"),
            ("<div><nav>menu</div>text", "text"),
            ("<title>no</title><style>no</style>yes", "yes"),
        ] {
            assert_eq!(words(html), text, "{html}");
        }
    }

    #[test]
    fn a_heading_ends_where_the_next_begins() {
        let found = prose("<h2>One<h3>Two</h3>text<h2>Three");
        assert_eq!(found.headings, "One\nTwo\nThree\n");
        assert_eq!(found.text.trim(), "text");
    }

    #[test]
    fn deep_nesting_is_read() {
        let deep = format!("{}word{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
        assert_eq!(prose(&deep).text.trim(), "word");
    }

    #[test]
    fn pieces_are_read_one_after_the_other() {
        let mut walker = Walker::new(Segments::default());
        walker.feed("<p>one &am");
        walker.feed("<a href=/x>two");
        let taken = walker.with_sink(Segments::take);
        assert_eq!(taken.text.trim(), "one &amtwo");
        assert_eq!(taken.links, ["/x"]);
        walker.feed("<script>");
        assert!(walker.is_deaf());
    }
}
