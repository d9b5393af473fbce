//! What readers like as a file says: how readily those of one topic go on to another. It owes nothing to any ranking, so what
//! is learned from such readers can be held against it.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// How readily readers of a topic go on to another, 0 to 1; either way alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Relations(BTreeMap<(String, String), f64>);

impl Relations {
    /// Reads lines of two topics and a strength from 0 to 1, separated by tabs; lines that begin with `#` are comments.
    ///
    /// # Errors
    /// [`Error::Failed`] names the first line that is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        let mut relations = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let mut parts = line.split('\t').map(str::trim);
            let strength = match (parts.next(), parts.next(), parts.next(), parts.next()) {
                (Some(one), Some(other), Some(strength), None) => strength
                    .parse()
                    .ok()
                    .filter(|strength| (0.0..=1.0).contains(strength))
                    .map(|strength: f64| (pair(one, other), strength)),
                _ => None,
            };
            let (pair, strength) = strength.ok_or_else(|| {
                Error::Failed(format!(
                    "line {number}: found {line:?}, expected two topics and a strength from 0 to 1, separated by tabs"
                ))
            })?;
            relations.insert(pair, strength);
        }
        Ok(Self(relations))
    }

    /// How readily readers of `one` go on to `other`: always to their own topic, never to one that no line names.
    pub fn strength(&self, one: &str, other: &str) -> f64 {
        match one == other {
            true => 1.0,
            false => self.0.get(&pair(one, other)).copied().unwrap_or(0.0),
        }
    }
}

fn pair(one: &str, other: &str) -> (String, String) {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    (first.to_owned(), second.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_relates_two_topics_either_way_and_a_wrong_one_is_named() {
        let relations = Relations::parse("# a\tb\nRust\tGo\t0.5\n\nGo\tpandas\t0\n").expect("read");
        assert_eq!(relations.strength("Go", "Rust"), 0.5);
        assert_eq!(relations.strength("Rust", "Go"), 0.5);
        assert_eq!(relations.strength("Rust", "Rust"), 1.0);
        assert_eq!(relations.strength("Rust", "pandas"), 0.0);
        for wrong in [
            "Rust\tGo",
            "Rust\tGo\t2",
            "Rust\tGo\tmuch",
            "Rust\tGo\t1\tx",
        ] {
            let error = Relations::parse(&format!("\n{wrong}\n")).expect_err("wrong");
            assert!(error.to_string().contains("line 2: found"), "{error}");
        }
    }
}
