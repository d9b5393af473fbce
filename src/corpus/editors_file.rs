//! A file in which editors state something, at the top of a root: found, read under the caps of all files, digested.

use xxhash_rust::xxh3::Xxh3;

use super::decode::decode;
use super::files::Root;
use super::pieces::{LARGEST_PIECE, read_capped, too_large, unreadable};
use crate::model::{Problem, Severity};

/// What editors know of topics.
pub(super) const TOPICS: &str = "topics.toml";
/// What editors tell panels.
pub const EDITORIAL: &str = "editorial.toml";

/// A file of the editors as it was found.
#[derive(Clone, Debug)]
pub struct EditorsFile {
    /// As it is named in messages.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl EditorsFile {
    /// The `topics.toml` of `root`, if it has one, or why it cannot be used.
    pub fn topics(root: &Root) -> Option<Result<Self, Problem>> {
        Self::of(root, TOPICS)
    }

    /// The `editorial.toml` of `root`, if it has one, or why it cannot be used.
    pub fn editorial(root: &Root) -> Option<Result<Self, Problem>> {
        Self::of(root, EDITORIAL)
    }

    fn of(root: &Root, name: &str) -> Option<Result<Self, Problem>> {
        let file = match root.editors_file(name)? {
            Ok(file) => file,
            Err(problem) => return Some(Err(problem)),
        };
        let path = file.display().to_string();
        let bytes = match read_capped(&file) {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(unreadable(&path, &error))),
        };
        if bytes.len() as u64 > LARGEST_PIECE {
            let size = file.metadata().map_or(0, |meta| meta.len());
            return Some(Err(too_large(&path, size.max(LARGEST_PIECE + 1))));
        }
        Some(Ok(Self { path, bytes }))
    }

    /// A digest of what all `files` hold.
    pub fn digest(files: &[Self]) -> u64 {
        let mut hasher = Xxh3::new();
        for file in files {
            hasher.update(&(file.bytes.len() as u64).to_le_bytes());
            hasher.update(&file.bytes);
        }
        hasher.digest()
    }

    /// The text in it; what cannot be read goes to `problems`.
    pub(super) fn text(&self, problems: &mut Vec<Problem>) -> Option<String> {
        let decoded = match decode(&self.bytes) {
            Ok(decoded) => decoded,
            Err(message) => {
                let message = format!("dropped: {message}");
                problems.push(Problem::new(Severity::Error, &self.path, message).at(1, 1));
                return None;
            }
        };
        for (line, column, message) in decoded.warnings {
            let problem = Problem::new(Severity::Warning, &self.path, message);
            problems.push(problem.at(line, column));
        }
        Some(decoded.text.into())
    }
}
