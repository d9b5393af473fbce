//! YAML front matter. A text that is no YAML as a whole is read field by field, so that a slip costs only its own field.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

use super::{Parsed, Slip, Tree};

/// Values that front matter may hold, aliases expanded; an alias bomb holds more.
const MOST_NODES: usize = 10_000;
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
        Err(error) => match too_much(&error) {
            Some(message) => Parsed {
                tree: readable(text),
                slips: vec![slip_at(&error, 0, message)],
            },
            None => field_by_field(text, &error),
        },
    }
}

/// What is said of a text that asks for more than front matter ever needs.
fn too_much(error: &serde_saphyr::Error) -> Option<String> {
    // By its text, because inside an alias the parser wraps this error in one without a name of its own.
    let text = error.to_string();
    let what = if text.contains("budget breached: Depth") || text.contains("recursion limit") {
        "is nested too deeply".to_owned()
    } else if text.contains("budget breached") {
        format!("holds more than {MOST_NODES} values, aliases expanded")
    } else {
        return None;
    };
    Some(format!(
        "front matter {what}: expected lines of `key: value`; of its first {READABLE} fields those are kept that can be read alone"
    ))
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
fn field_by_field(text: &str, whole: &serde_saphyr::Error) -> Parsed {
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
            Err(error) => slip_at(&error, line, message(line_of(field, &error), field)),
        };
        if slips.len() < REPORTED {
            slips.push(slip);
        }
    }
    if slips.is_empty() {
        slips.push(slip_at(whole, 0, message(line_of(text, whole), text)));
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

fn slip_at(error: &serde_saphyr::Error, lines_before: u64, message: String) -> Slip {
    let (line, column) = error
        .location()
        .map_or((1, 1), |place| (place.line().max(1), place.column().max(1)));
    Slip {
        line: lines_before + line,
        column,
        message,
    }
}

fn line_of<'a>(text: &'a str, error: &serde_saphyr::Error) -> &'a str {
    let line = error.location().map_or(1, |place| place.line());
    usize::try_from(line)
        .ok()
        .and_then(|line| text.lines().nth(line.saturating_sub(1)))
        .unwrap_or_default()
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

/// Reads YAML text; the nodes are limited so that an alias bomb is an error.
fn from_yaml(text: &str) -> Result<Tree, serde_saphyr::Error> {
    // Two passes: the first learns where scalars, lists and maps stand, the second asks for each scalar as a string and so
    // gets the characters of the file instead of a number's value.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_nodes: MOST_NODES, max_events: 3 * MOST_NODES },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let shape: Shape = serde_saphyr::from_str_with_options(text, options.clone())?;
    if shape == Shape::Nothing {
        return Ok(Tree::Nothing);
    }
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        shape.deserialize(yaml)
    })
}

#[derive(Debug, PartialEq)]
enum Shape {
    Nothing,
    Scalar,
    List(Vec<Shape>),
    Map(Vec<Shape>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }
    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_bytes<E>(self, _: &[u8]) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = items.next_element()? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some((IgnoredAny, shape)) = entries.next_entry()? {
            shapes.push(shape);
        }
        Ok(Shape::Map(shapes))
    }
}

impl<'de> DeserializeSeed<'de> for &Shape {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        match self {
            Shape::Nothing => IgnoredAny::deserialize(deserializer).map(|_| Tree::Nothing),
            Shape::Scalar => String::deserialize(deserializer).map(Tree::Text),
            Shape::List(shapes) => deserializer.deserialize_seq(ListVisitor(shapes)),
            Shape::Map(shapes) => deserializer.deserialize_map(MapVisitor(shapes)),
        }
    }
}

struct ListVisitor<'s>(&'s [Shape]);

impl<'de> Visitor<'de> for ListVisitor<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut trees = Vec::with_capacity(self.0.len());
        for shape in self.0 {
            trees.extend(items.next_element_seed(shape)?);
        }
        end_of(items.next_element::<IgnoredAny>()?)?;
        Ok(Tree::List(trees))
    }
}

struct MapVisitor<'s>(&'s [Shape]);

impl<'de> Visitor<'de> for MapVisitor<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut trees = Vec::with_capacity(self.0.len());
        for shape in self.0 {
            let Some(key) = entries.next_key::<String>()? else {
                break;
            };
            trees.push((key, entries.next_value_seed(shape)?));
        }
        end_of(entries.next_key::<IgnoredAny>()?)?;
        Ok(Tree::Map(trees))
    }
}

/// Both passes see the same text, so nothing may be left over; asking also lets the parser reach the end.
fn end_of<E: de::Error>(rest: Option<IgnoredAny>) -> Result<(), E> {
    match rest {
        None => Ok(()),
        Some(IgnoredAny) => Err(E::custom("the text changed between two readings")),
    }
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
