//! HTML by a streaming reader: time grows with size whatever the nesting.
//!
//! The [`Walker`] knows in which part of a page it is, article or furniture, and tells a [`Sink`] what it meets there. What
//! the parts are worth it does not know.

use std::cell::RefCell;
use std::rc::Rc;

use html_escape::decode_html_entities;
use lol_html::html_content::{Element, EndTag, TextChunk};
use lol_html::{HandlerResult, HtmlRewriter, MemorySettings, Settings, doc_text, element};

/// Memory for open elements, in bytes: some 260,000 inside one another.
const OPEN_ELEMENTS: usize = 64 << 20;

/// The part of a page that something stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Navigation, forms, the frame around the article.
    Furniture,
    /// The page outside everything else.
    Page,
    /// `main`.
    Main,
    /// `article`.
    Article,
}

/// What is told of a page. Names of elements are in lower case, entities are decoded.
pub(super) trait Sink {
    /// An element begins; whether its end is to be told.
    fn open(&mut self, zone: Zone, name: &str, target: Option<&str>) -> bool;
    /// An element whose end was asked for ends.
    fn close(&mut self, zone: Zone, name: &str);
    /// Text.
    fn text(&mut self, zone: Zone, text: &str);
}

struct State<S> {
    sink: S,
    zone: Zone,
    /// Open elements whose text is never read.
    skipping: usize,
    /// Open headers of the article, of which only the headings are read, and open headings.
    headers: usize,
    headings: usize,
    /// A text node as far as it has come.
    chunk: String,
}

impl<S: Sink> State<S> {
    fn end_text(&mut self) {
        let whole = std::mem::take(&mut self.chunk);
        if self.heard() && !whole.is_empty() {
            self.sink.text(self.zone, &decode_html_entities(&whole));
        }
    }

    fn heard(&self) -> bool {
        self.skipping == 0 && (self.headers == 0 || self.headings > 0)
    }
}

type Reader = HtmlRewriter<'static, fn(&[u8])>;

/// Reads HTML that comes in pieces.
pub(super) struct Walker<S> {
    reader: Option<Reader>,
    state: Rc<RefCell<State<S>>>,
}

impl<S: Sink + 'static> Walker<S> {
    pub(super) fn new(sink: S) -> Self {
        let state = Rc::new(RefCell::new(State {
            sink,
            zone: Zone::Page,
            skipping: 0,
            headers: 0,
            headings: 0,
            chunk: String::new(),
        }));
        let elements = Rc::clone(&state);
        let texts = Rc::clone(&state);
        let settings = settings()
            .append_element_content_handler(element!("*", move |el| {
                meet(el, &elements);
                Ok(())
            }))
            .append_document_content_handler(doc_text!(move |chunk: &mut TextChunk<'_>| {
                let mut state = texts.borrow_mut();
                state.chunk.push_str(chunk.as_str());
                if chunk.last_in_text_node() {
                    state.end_text();
                }
                Ok(())
            }));
        Self {
            reader: Some(HtmlRewriter::new(settings, |_| {})),
            state,
        }
    }

    /// Reads on.
    pub(super) fn feed(&mut self, html: &str) {
        let Some(reader) = &mut self.reader else {
            return;
        };
        if reader.write(html.as_bytes()).is_err() {
            // The reader refuses to go on beyond its memory; the text so far is the best there is.
            self.reader = None;
        }
        self.state.borrow_mut().end_text();
    }

    /// Whether an element is open that keeps what follows from being read.
    pub(super) fn is_deaf(&self) -> bool {
        self.reader.is_none() || self.state.borrow().skipping > 0
    }

    /// Looks at the sink.
    pub(super) fn with_sink<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut self.state.borrow_mut().sink)
    }

    /// The sink, after the end.
    pub(super) fn finish(mut self) -> S {
        if let Some(reader) = self.reader.take() {
            // Nothing is left that could be refused.
            let _ = reader.end();
        }
        self.state.borrow_mut().end_text();
        match Rc::try_unwrap(self.state) {
            Ok(state) => state.into_inner().sink,
            Err(_) => unreachable!("the reader held the only other handles and is gone"),
        }
    }
}

/// Settings of every reader here: bounded memory, and no refusal of markup that browsers read in two ways.
pub(super) fn settings() -> Settings<'static, 'static> {
    Settings::new()
        .with_strict(false)
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(OPEN_ELEMENTS))
}

fn meet<S: Sink + 'static>(el: &mut Element<'_, '_>, shared: &Rc<RefCell<State<S>>>) {
    let name = el.tag_name();
    match name.as_str() {
        "script" | "style" | "template" | "noscript" | "svg" | "title" | "textarea" | "select"
        | "button" | "iframe" | "object" | "math" => {
            while_open(
                el,
                shared,
                |state| state.skipping += 1,
                |state| state.skipping -= 1,
            );
            return;
        }
        _ => {}
    }
    let zone = shared.borrow().zone;
    let within = matches!(zone, Zone::Main | Zone::Article);
    match name.as_str() {
        "header" if within => {
            while_open(
                el,
                shared,
                |state| state.headers += 1,
                |state| state.headers -= 1,
            );
        }
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            while_open(
                el,
                shared,
                |state| state.headings += 1,
                |state| state.headings -= 1,
            );
        }
        _ => {
            let entered = zone_of(&name, el, zone);
            if entered != zone {
                while_open(
                    el,
                    shared,
                    move |state| state.zone = entered,
                    move |state| state.zone = zone,
                );
            }
        }
    }
    let zone = shared.borrow().zone;
    let target = (name == "a").then(|| el.get_attribute("href")).flatten();
    let target = target.as_deref().map(decode_html_entities);
    let told = {
        let mut state = shared.borrow_mut();
        state.heard() && state.sink.open(zone, &name, target.as_deref())
    };
    if told {
        let state = Rc::clone(shared);
        on_end(el, move || {
            let mut state = state.borrow_mut();
            let zone = state.zone;
            state.sink.close(zone, &name);
        });
    }
}

fn zone_of(name: &str, el: &Element<'_, '_>, zone: Zone) -> Zone {
    match name {
        "nav" | "header" | "footer" | "aside" | "form" | "dialog" => Zone::Furniture,
        // Whole pages stand inside forms; a list of teasers in an aside is no article.
        "main" => Zone::Main,
        "article" if zone != Zone::Furniture => Zone::Article,
        "div" | "section" | "ul" => match el.get_attribute("role").as_deref() {
            Some("main") => Zone::Main,
            Some("navigation" | "banner" | "contentinfo" | "complementary" | "search") => {
                Zone::Furniture
            }
            _ => zone,
        },
        _ => zone,
    }
}

/// Changes the state from the start tag of `el` to its end tag, if it can have one.
fn while_open<S: 'static>(
    el: &mut Element<'_, '_>,
    shared: &Rc<RefCell<State<S>>>,
    begin: impl FnOnce(&mut State<S>),
    end: impl FnOnce(&mut State<S>) + 'static,
) {
    let state = Rc::clone(shared);
    if on_end(el, move || end(&mut state.borrow_mut())) {
        begin(&mut shared.borrow_mut());
    }
}

/// Runs `then` where `el` ends; `false` if it has no end.
fn on_end(el: &mut Element<'_, '_>, then: impl FnOnce() + 'static) -> bool {
    el.end_tag_handlers().is_some_and(|handlers| {
        handlers.push(Box::new(move |_: &mut EndTag<'_>| -> HandlerResult {
            then();
            Ok(())
        }));
        true
    })
}
