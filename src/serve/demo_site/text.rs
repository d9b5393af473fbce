//! The text of an article in the demo. What may be wider than the page, its tables, is scrolled with the keyboard as well: each
//! stands in a box that can have the focus and says what it is.

use maud::{Markup, PreEscaped};

use crate::corpus::to_html;
use crate::model::Article;

/// The text of `article`, which is in `lang`.
pub(super) fn text(article: &Article, lang: &str) -> Markup {
    PreEscaped(in_boxes(&to_html(&article.body, article.format), lang))
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
