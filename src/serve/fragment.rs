//! A panel as HTML that works without script or style: a labelled section, a heading, a list with one link a card. The link
//! holds the title alone; `widget/widget.css` stretches it over its card.

use maud::{Markup, html};
use xxhash_rust::xxh3::xxh3_64;

use super::labels::Labels;
use crate::panel::{Card, Panel};

/// The panel as `section.readnext > h2 + ol > li[data-kind][data-reason][data-match] > a`, with its token as `data-panel` of
/// the section if it has one; all text is escaped.
pub fn fragment(panel: &Panel<'_>, token: Option<&str>) -> Markup {
    fragment_with(panel, token, |_| Markup::default())
}

/// The same, with what `more` adds at the end of each card.
pub(super) fn fragment_with(
    panel: &Panel<'_>,
    token: Option<&str>,
    more: impl Fn(&Card<'_>) -> Markup,
) -> Markup {
    let labels = Labels::of([panel.host.lang]);
    section(panel, token, labels, &list(panel, labels, more))
}

/// The fragment with labels in the language `wanted`, if there are some, and the hash of its list.
pub(super) fn fragment_parts(
    panel: &Panel<'_>,
    token: Option<&str>,
    wanted: Option<&str>,
) -> (Vec<u8>, u64) {
    let labels = Labels::of(wanted.into_iter().chain([panel.host.lang]));
    let list = list(panel, labels, |_| Markup::default());
    let hash = xxh3_64(list.0.as_bytes());
    let section = section(panel, token, labels, &list).into_string();
    (section.into_bytes(), hash)
}

fn section(panel: &Panel<'_>, token: Option<&str>, labels: &Labels, list: &Markup) -> Markup {
    if panel.off {
        return html! { section.readnext hidden data-host=(panel.host.id) {} };
    }
    html! {
        section.readnext lang=(labels.lang) aria-label=(labels.heading) data-host=(panel.host.id) data-panel=[token] {
            h2 { (labels.heading) }
            (list)
            p.readnext-footer { (labels.footer) }
        }
    }
}

fn list(panel: &Panel<'_>, labels: &Labels, more: impl Fn(&Card<'_>) -> Markup) -> Markup {
    html! {
        @if panel.cards.is_empty() {
            p.readnext-empty { (labels.empty) }
        } @else {
            // A list without bullets is none to some screen readers unless it says so.
            ol role="list" {
                @for card in &panel.cards { (item(card, labels, &more(card))) }
            }
        }
    }
}

fn item(card: &Card<'_>, labels: &Labels, more: &Markup) -> Markup {
    let entry = &card.entry;
    let percent = card.percent.map(|percent| percent.get().to_string());
    let (before, after) = labels.matching;
    html! {
        li data-kind=(entry.kind) data-reason=(card.reason.label()) data-match=(percent.as_deref().unwrap_or_default()) data-id=(entry.id) {
            a.readnext-title href=(safe_href(entry.url)) hreflang=(entry.lang) lang=(entry.lang) dir="auto" { (entry.title) }
            " "
            span.readnext-meta {
                @if let Some(percent) = &percent {
                    span.readnext-match { (before) (percent) (after) }
                    " "
                }
                span.readnext-kind { (entry.kind) }
                " "
                @if let Some(topic) = entry.topic {
                    span.readnext-topic { (topic) }
                    " "
                }
                span.readnext-reason { (labels.reason(card.reason)) }
            }
            " "
            p.readnext-summary lang=(entry.lang) dir="auto" { (entry.summary) }
            " "
            span.readnext-url dir="ltr" { (entry.url) }
            (more)
        }
    }
}

/// A link that leads to a page: an address of http(s), or a path, which stays on the site. Never a script, and never the
/// address of another host that looks like a path.
pub(super) fn safe_href(url: &str) -> String {
    if url.starts_with("http://") || url.starts_with("https://") {
        return url.to_owned();
    }
    let path = url.strip_prefix('/').unwrap_or(url);
    // To a browser `//host` and `/\host` are other hosts; `/.//host` is a path.
    let leads_away = path.starts_with(['/', '\\']);
    format!("{}{path}", if leads_away { "/./" } else { "/" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_never_a_script_and_a_path_never_another_host() {
        assert_eq!(safe_href("javascript:alert(1)"), "/javascript:alert(1)");
        assert_eq!(safe_href("data:text/html,x"), "/data:text/html,x");
        assert_eq!(safe_href("//evil.test/x"), "/.//evil.test/x");
        assert_eq!(safe_href("/\\evil.test/x"), "/./\\evil.test/x");
        assert_eq!(safe_href("\\\\evil.test/x"), "/./\\\\evil.test/x");
        assert_eq!(safe_href("/tool/x"), "/tool/x");
        assert_eq!(safe_href("guide/x"), "/guide/x");
        assert_eq!(safe_href(""), "/");
        assert_eq!(safe_href("https://example.org/x"), "https://example.org/x");
    }
}
