//! The text of an article in the demo. What may be wider than the page, its tables, is scrolled with the keyboard as well: each
//! stands in a box that can have the focus and says what it is.

use maud::{Markup, PreEscaped};

use crate::corpus::to_html;
use crate::model::Article;
use crate::text::name_key;

/// The text of `article`, which is in `lang`.
pub(super) fn text(article: &Article, lang: &str) -> Markup {
    let text = to_html(&article.body, article.format);
    PreEscaped(in_boxes(without_title(&text, &article.title), lang))
}

/// `text` without a heading at its beginning that is the `title`, which the page shows already.
fn without_title<'a>(text: &'a str, title: &str) -> &'a str {
    let heading = text.trim_start().strip_prefix("<h1>");
    let Some((heading, rest)) = heading.and_then(|rest| rest.split_once("</h1>")) else {
        return text;
    };
    let parts = heading.split('<').enumerate();
    let words: String = parts
        .map(|(number, part)| match number {
            0 => part,
            _ => part.split_once('>').map_or("", |(_, words)| words),
        })
        .collect();
    let words = words.replace("&lt;", "<").replace("&gt;", ">");
    let words = words.replace("&quot;", "\"").replace("&amp;", "&");
    if name_key(&words) == name_key(title) {
        rest
    } else {
        text
    }
}

/// `text` with its tables in boxes. A mark of an element is never text in it: there `<` is written out.
fn in_boxes(text: &str, lang: &str) -> String {
    let begin = format!(
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"{}\"><table>",
        word(lang)
    );
    // A corner without words is the head of nothing.
    text.replace("<table>", &begin)
        .replace("</table>", "</table></div>")
        .replace("<th></th>", "<td></td>")
}

/// What a table is called.
fn word(lang: &str) -> &'static str {
    match lang.split('-').next() {
        Some("de") => "Tabelle",
        Some("es") => "Tabla",
        Some("fr") => "Tableau",
        Some("ja") => "表",
        Some("pt") => "Tabela",
        _ => "Table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_the_page_shows_is_not_shown_again() {
        for (text, shown) in [
            (
                "<h1>A <code>&lt;b&gt;</code> &amp; c</h1>\n<p>x</p>",
                "\n<p>x</p>",
            ),
            ("<h1>Another</h1><p>x</p>", "<h1>Another</h1><p>x</p>"),
            ("<p>x</p><h1>A <b> & c</h1>", "<p>x</p><h1>A <b> & c</h1>"),
            ("", ""),
        ] {
            assert_eq!(without_title(text, "A <b> & c"), shown, "{text}");
        }
    }

    #[test]
    fn a_table_stands_in_a_box_and_what_looks_like_one_does_not() {
        let text = in_boxes(
            "<p>a &lt;table></p><table><tr><th></th><th>b</th></tr></table>",
            "de",
        );
        assert_eq!(
            text,
            "<p>a &lt;table></p><div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Tabelle\"><table><tr><td></td><th>b</th></tr></table></div>"
        );
    }
}
