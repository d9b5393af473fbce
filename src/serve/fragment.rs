//! A panel as HTML that works without script or style: a labelled section, a heading, a list with one link a card.

use maud::{Markup, html};
use xxhash_rust::xxh3::xxh3_64;

use crate::panel::{Card, Panel};

/// The panel's heading.
const HEADING: &str = "Related Tools & Recommendations";
/// The line below the list.
const FOOTER: &str = "Recommendations combine user behavior, content similarity, research intelligence, and SEO optimization.";

/// The panel as `section.readnext > h2 + ol > li[data-kind][data-reason][data-match] > a`, with its token as `data-panel` of
/// the section if it has one; all text is escaped.
pub fn fragment(panel: &Panel<'_>, token: Option<&str>) -> Markup {
    fragment_with(panel, token, |_| Markup::default())
}

/// The same, with what `more` adds to each card behind its link.
pub(super) fn fragment_with(
    panel: &Panel<'_>,
    token: Option<&str>,
    more: impl Fn(&Card<'_>) -> Markup,
) -> Markup {
    section(panel, token, &list(panel, more))
}

/// The fragment, and the hash of its list.
pub(super) fn fragment_parts(panel: &Panel<'_>, token: Option<&str>) -> (String, u64) {
    let list = list(panel, |_| Markup::default());
    let hash = xxh3_64(list.0.as_bytes());
    (section(panel, token, &list).into_string(), hash)
}

fn section(panel: &Panel<'_>, token: Option<&str>, list: &Markup) -> Markup {
    if panel.off {
        return html! { section.readnext hidden data-host=(panel.host.id) {} };
    }
    html! {
        section.readnext aria-labelledby="readnext-heading" data-host=(panel.host.id) data-panel=[token] {
            h2 #readnext-heading { (HEADING) }
            (list)
            p.readnext-footer { (FOOTER) }
        }
    }
}

fn list(panel: &Panel<'_>, more: impl Fn(&Card<'_>) -> Markup) -> Markup {
    html! {
        @if panel.cards.is_empty() {
            p.readnext-empty { "Nothing related yet." }
        } @else {
            ol {
                @for card in &panel.cards { (item(card, &more(card))) }
            }
        }
    }
}

fn item(card: &Card<'_>, more: &Markup) -> Markup {
    let entry = &card.entry;
    let percent = card.percent.map(|percent| percent.get().to_string());
    html! {
        li data-kind=(entry.kind) data-reason=(card.reason.label()) data-match=(percent.as_deref().unwrap_or_default()) data-id=(entry.id) {
            a href=(safe_href(entry.url)) hreflang=(entry.lang) {
                span.readnext-meta {
                    span.readnext-kind { (entry.kind) }
                    " "
                    @if let Some(topic) = entry.topic {
                        span.readnext-topic { (topic) }
                        " "
                    }
                    span.readnext-reason { (card.reason.label()) }
                    @if let Some(percent) = &percent {
                        " "
                        span.readnext-match { (percent) "% match" }
                    }
                }
                " "
                strong.readnext-title lang=(entry.lang) { (entry.title) }
                " "
                span.readnext-summary lang=(entry.lang) { (entry.summary) }
                " "
                span.readnext-url { (entry.url) }
            }
            (more)
        }
    }
}

/// A link that leads to a page: http(s) or a path, never a script.
pub(super) fn safe_href(url: &str) -> String {
    let web = ["http://", "https://", "/"]
        .iter()
        .any(|start| url.starts_with(start));
    if web {
        url.to_owned()
    } else {
        format!("/{url}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_never_a_script() {
        assert_eq!(safe_href("javascript:alert(1)"), "/javascript:alert(1)");
        assert_eq!(safe_href("/tool/x"), "/tool/x");
        assert_eq!(safe_href("guide/x"), "/guide/x");
        assert_eq!(safe_href("https://example.org/x"), "https://example.org/x");
    }
}
