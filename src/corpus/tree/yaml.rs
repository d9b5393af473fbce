//! YAML front matter. A text that is no YAML as a whole is read field by field, so that a slip costs only its own field.

mod document;

use document::{Fault, MOST_NODES, TooMuch, from_yaml};

use super::{Parsed, Slip, Tree};

/// Fields that are looked at in a text that is too much as a whole.
const READABLE: usize = 100;
/// Slips that are reported of one file.
const REPORTED: usize = 5;

pub(super) fn parse(text: &str) -> Parsed {
    match from_yaml(text) {
        Ok(tree) => Parsed {
            tree,
            slips: Vec::new(),
        },
        Err(fault) => match fault.too_much {
            Some(what) => Parsed {
                tree: readable(text),
                slips: vec![fault.slip(0, too_much(what))],
            },
            None => field_by_field(text, &fault),
        },
    }
}

/// What is said of a text that asks for more than front matter ever needs.
fn too_much(what: TooMuch) -> String {
    let what = match what {
        TooMuch::Depth => "is nested too deeply".to_owned(),
        TooMuch::Values => format!("holds more than {MOST_NODES} values, aliases expanded"),
    };
    format!(
        "front matter {what}: expected lines of `key: value`; of its first {READABLE} fields those are kept that can be read alone"
    )
}

/// The first fields of a text that is too much as a whole; what says draft is seldom what is too much.
fn readable(text: &str) -> Tree {
    let fields = fields(text).into_iter().take(READABLE);
    let read = fields.filter_map(|(_, field)| match from_yaml(field) {
        Ok(Tree::Map(entries)) => Some(entries),
        _ => None,
    });
    Tree::Map(read.flatten().collect())
}

/// Reads each top-level field on its own.
fn field_by_field(text: &str, whole: &Fault) -> Parsed {
    let mut entries = Vec::new();
    let mut slips = Vec::new();
    for (line, field) in fields(text) {
        let slip = match from_yaml(field) {
            Ok(Tree::Map(found)) => {
                entries.extend(found);
                continue;
            }
            Ok(Tree::Nothing) => continue,
            Ok(_) => Slip {
                line: line + 1,
                column: 1,
                message: message(field, field),
            },
            Err(fault) => fault.slip(line, message(fault.line_of(field), field)),
        };
        if slips.len() < REPORTED {
            slips.push(slip);
        }
    }
    if slips.is_empty() {
        slips.push(whole.slip(0, message(whole.line_of(text), text)));
    }
    Parsed {
        tree: Tree::Map(entries),
        slips,
    }
}

/// The top-level fields of `text`, each with the lines that belong to it, and the lines before it.
fn fields(text: &str) -> Vec<(u64, &str)> {
    let mut starts = Vec::new();
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        // List items, comments and closing brackets may stand at the margin and still belong to the field above.
        let inner = |c: char| c.is_whitespace() || matches!(c, '-' | '#' | ']' | '}' | ',');
        if starts.is_empty() || !line.starts_with(inner) {
            starts.push((number as u64, at));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|&(_, at)| at).chain([at]);
    let ends: Vec<usize> = ends.collect();
    starts
        .iter()
        .zip(ends)
        .map(|(&(line, start), end)| (line, &text[start..end]))
        .collect()
}

impl Fault {
    /// As it is reported, with `lines_before` above the text.
    fn slip(&self, lines_before: u64, message: String) -> Slip {
        Slip {
            line: lines_before + self.line,
            column: self.column,
            message,
        }
    }

    /// The line of `text` that it is in.
    fn line_of<'a>(&self, text: &'a str) -> &'a str {
        let above = usize::try_from(self.line - 1).ok();
        above
            .and_then(|above| text.lines().nth(above))
            .unwrap_or_default()
    }
}

/// What to do about the broken `line` of `field`.
fn message(line: &str, field: &str) -> String {
    let value = line
        .split_once(':')
        .map_or("", |(_, value)| value.trim_start());
    let quotes = |mark: char| value.matches(mark).count() % 2 == 1;
    let tabbed =
        |line: &str| line.trim_start_matches(' ').starts_with('\t') && !line.trim().is_empty();
    let advice = if field.lines().any(tabbed) {
        "YAML is indented by spaces, found a tab; replace it"
    } else if value.contains(": ") && !value.starts_with(['"', '\'', '[', '{', '|', '>']) {
        "a value that contains `: ` must be in quotes; quote it"
    } else if (value.starts_with('"') && quotes('"')) || (value.starts_with('\'') && quotes('\'')) {
        "a quote is opened and not closed; close it"
    } else if value.starts_with(['@', '`', '%', '*', '&', '!', '[', '{', '"', '\'', '|', '>']) {
        "a value that begins with a sign of YAML must be in quotes; quote it"
    } else {
        "expected lines of `key: value`; correct this line"
    };
    format!("front matter is not YAML here: {advice}, until then this field is left out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_spelling() {
        let Parsed { tree, slips } = parse(
            "version: 1.10\ntags: [1.20, yes, c#]\ndate: 2025-08-26\nempty:\nnested: {a: 007}\nendless: .inf",
        );
        assert_eq!(slips, []);
        let text = |text: &str| Tree::Text(text.to_owned());
        assert_eq!(
            tree,
            Tree::Map(vec![
                ("version".into(), text("1.10")),
                (
                    "tags".into(),
                    Tree::List(vec![text("1.20"), text("yes"), text("c#")])
                ),
                ("date".into(), text("2025-08-26")),
                ("empty".into(), Tree::Nothing),
                ("nested".into(), Tree::Map(vec![("a".into(), text("007"))])),
                ("endless".into(), text(".inf")),
            ])
        );
    }

    #[test]
    fn a_slip_costs_its_own_field() {
        for (text, line, words) in [
            ("draft: true\ntitle: Foo: bar\nkind: x", 2, "quote it"),
            ("draft: true\ntitle: \"open\nkind: x", 2, "not closed"),
            ("draft: true\nno colon\nkind: x", 2, "key: value"),
            ("draft: true\ntitle: @x\nkind: x", 2, "quote it"),
            ("draft: true\nextra:\n\ta: 1\nkind: x", 3, "tab"),
            ("draft: true\ntags:\n- a\n- b: c: d\nkind: x", 4, "quote it"),
        ] {
            let Parsed { tree, slips } = parse(text);
            assert_eq!(
                tree.get("draft").and_then(Tree::truth),
                Some(true),
                "{text}"
            );
            assert_eq!(tree.get("kind").and_then(Tree::text), Some("x"), "{text}");
            assert_eq!(slips.len(), 1, "{text}: {slips:?}");
            assert_eq!(slips[0].line, line, "{text}: {slips:?}");
            assert!(slips[0].message.contains(words), "{text}: {slips:?}");
        }
    }

    #[test]
    fn an_alias_is_what_its_anchor_says() {
        let text =
            "base: &b {kind: howto, tags: [a]}\nnames: [&n x, *n]\nown: {<<: *b, kind: tool}";
        let Parsed { tree, slips } = parse(text);
        assert_eq!(slips, []);
        assert_eq!(
            tree.get("names").map(Tree::texts),
            Some(vec!["x".to_owned(); 2])
        );
        let own = tree.get("own").expect("a map");
        assert_eq!(own.get("kind").and_then(Tree::text), Some("tool"));
        assert_eq!(own.get("tags").map(Tree::texts), Some(vec!["a".to_owned()]));
        for text in [
            "draft: true\na: *b",
            "draft: true\na: &a [*a]",
            "draft: true\n? [a, b]\n: c",
        ] {
            let Parsed { tree, slips } = parse(text);
            assert_eq!(slips.len(), 1, "{text}: {slips:?}");
            assert_eq!(
                tree.get("draft").and_then(Tree::truth),
                Some(true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_there_twice() {
        let Tree::Map(entries) = parse("a: 1\na: 2").tree else {
            panic!("a map");
        };
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn what_would_not_end_is_told_once() {
        let mut bomb = String::from("draft: true\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..8 {
            let before = level - 1;
            bomb.push_str(&format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{before}"); 10].join(", ")
            ));
        }
        for text in [
            bomb,
            format!("draft: true\na: {}", "[".repeat(200_000)),
            format!("draft: true\na:\n {}x", "- ".repeat(100_000)),
        ] {
            let Parsed { tree, slips } = parse(&text);
            assert_eq!(slips.len(), 1, "{slips:?}");
            assert_eq!(tree.get("draft").and_then(Tree::truth), Some(true));
        }
    }
}
