//! HTML to plain text, by a streaming reader: time grows with size whatever the nesting.

use std::cell::RefCell;
use std::rc::Rc;

use html_escape::decode_html_entities;
use lol_html::html_content::{Element, EndTag};
use lol_html::{HtmlRewriter, Settings, doc_text, element};

use super::prose::Prose;

/// Elements whose text is not part of an article.
const SKIPPED: [&str; 11] = [
    "script", "style", "template", "noscript", "nav", "header", "footer", "aside", "form", "svg",
    "title",
];
/// Elements that start a new line.
const BLOCKS: [&str; 16] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "li",
    "tr",
    "td",
    "th",
    "pre",
    "br",
    "blockquote",
    "dt",
    "dd",
    "figure",
    "hr",
];
const HEADINGS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];

#[derive(Default)]
struct State {
    prose: Prose,
    chunk: String,
    heading: Option<String>,
    skipping: usize,
}

impl State {
    fn push(&mut self, text: &str) {
        if self.skipping == 0 {
            self.heading
                .as_mut()
                .unwrap_or(&mut self.prose.text)
                .push_str(text);
        }
    }
}

/// The plain text of `body`. What the reader refuses (nesting beyond its memory) is taken as far as it was read.
pub(super) fn prose(body: &str) -> Prose {
    let state = Rc::new(RefCell::new(State::default()));
    let elements = Rc::clone(&state);
    let text = Rc::clone(&state);
    // One selector for all: compiling a list of names costs more than reading a short text.
    let settings = Settings::new()
        .append_element_content_handler(element!("*", move |el| {
            open(&elements, el);
            Ok(())
        }))
        .append_document_content_handler(doc_text!(move |chunk| {
            let mut state = text.borrow_mut();
            state.chunk.push_str(chunk.as_str());
            if chunk.last_in_text_node() {
                let whole = std::mem::take(&mut state.chunk);
                state.push(&decode_html_entities(&whole));
            }
            Ok(())
        }));
    let mut reader = HtmlRewriter::new(settings, |_: &[u8]| {});
    let read = reader.write(body.as_bytes()).and_then(|()| reader.end());
    drop(read); // a refusal leaves the text so far, which is the best there is
    state.take().prose
}

/// Notes what an element means for the text inside it.
fn open(state: &Rc<RefCell<State>>, el: &mut Element<'_, '_>) {
    let name = el.tag_name();
    let name = name.as_str();
    if SKIPPED.contains(&name) {
        state.borrow_mut().skipping += 1;
        let inner = Rc::clone(state);
        let closes = on_end(el, move || inner.borrow_mut().skipping -= 1);
        state.borrow_mut().skipping -= usize::from(!closes);
    } else if HEADINGS.contains(&name) {
        if state.borrow().skipping == 0 {
            state.borrow_mut().heading = Some(String::new());
            let inner = Rc::clone(state);
            on_end(el, move || {
                let mut state = inner.borrow_mut();
                let heading = state.heading.take().unwrap_or_default();
                state.prose.end_heading(&heading);
                state.push("\n");
            });
        }
    } else if BLOCKS.contains(&name) {
        state.borrow_mut().push("\n");
    }
}

/// Runs `then` at the end tag of `el`; `false` if the element can have none.
fn on_end(el: &mut Element<'_, '_>, then: impl FnOnce() + 'static) -> bool {
    el.end_tag_handlers().is_some_and(|handlers| {
        handlers.push(Box::new(move |_: &mut EndTag<'_>| {
            then();
            Ok(())
        }));
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_headings_are_kept_and_furniture_is_not() {
        let found = prose(
            "<nav>Menu</nav><h1>Top &amp; bottom</h1><p>One<br>two &lt;three&gt;</p><script>let x = 1;</script><ul><li>a<li>b</ul>",
        );
        assert_eq!(found.first_heading.as_deref(), Some("Top & bottom"));
        let words: Vec<&str> = found.text.split_whitespace().collect();
        assert_eq!(words.join(" "), "One two <three> a b");
    }

    #[test]
    fn deep_nesting_is_read() {
        let deep = format!("{}word{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
        assert_eq!(prose(&deep).text.trim(), "word");
    }
}
