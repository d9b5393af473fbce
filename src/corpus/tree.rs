//! Front matter as a tree of texts: whatever the notation, `1.10` stays `1.10` and `2025-08-26` stays what was typed.

use std::fmt;

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::model::Date;

/// A value of front matter; numbers, booleans and dates are the text that stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Nothing,
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// The text of a scalar that is not blank.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Tree::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        }
    }

    /// The texts of a list, or of a scalar with commas.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Tree::Text(text) => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            Tree::List(items) => items
                .iter()
                .filter_map(Tree::text)
                .map(str::to_owned)
                .collect(),
            Tree::Nothing | Tree::Map(_) => Vec::new(),
        }
    }

    /// Whether a scalar is a spelling of true or false.
    pub(super) fn truth(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// A scalar that is a date.
    pub(super) fn date(&self) -> Option<Date> {
        Date::parse(self.text()?)
    }
}

/// Reads YAML text; the nodes are limited so that an alias bomb is an error.
pub(super) fn from_yaml(text: &str) -> Result<Tree, serde_saphyr::Error> {
    // Two passes: the first learns where scalars, lists and maps stand, the second asks for each scalar as a string and so
    // gets the characters of the file instead of a number's value.
    let mut options = serde_saphyr::options! {};
    options.budget = serde_saphyr::budget! { max_nodes: 10_000, max_events: 30_000 };
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
        let tree = from_yaml(
            "version: 1.10\ntags: [1.20, yes, c#]\ndate: 2025-08-26\nempty:\nnested: {a: 007}",
        )
        .expect("valid");
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
            ])
        );
    }

    #[test]
    fn an_alias_bomb_is_an_error() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..8 {
            let before = level - 1;
            bomb.push_str(&format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{before}"); 10].join(", ")
            ));
        }
        assert!(from_yaml(&bomb).is_err());
    }
}
