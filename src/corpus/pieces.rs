//! The files of a corpus root, cut into pieces that are read and hashed one by one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::decode::{NO_TEXT, decode};
use super::files::{FileKind, Root};
use super::lines;
use super::record::{Read, Rules};
use super::{front_matter, json_lines};
use crate::error::Result;
use crate::model::{Format, Problem, Severity};

/// Largest file or JSON line that is read, in bytes.
pub(super) const LARGEST_PIECE: u64 = 8 << 20;

/// The text of one article, and where it was found.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The file, as it is named in messages.
    pub path: String,
    /// 1-based line of a JSON Lines record; 1 for a file that is one article.
    pub line: u64,
    form: Form,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Form {
    /// A file of its own, whose URL is its path under the root, without extension.
    Whole { url: String, format: Format },
    /// A line of JSON.
    Json,
}

impl Piece {
    /// A Markdown or HTML file held in memory, told apart by its extension; `path` is relative to its root.
    pub fn file(path: &str, bytes: &[u8]) -> Self {
        Self::whole(path.to_owned(), Path::new(path), bytes.to_owned())
    }

    /// A Markdown file held in memory; `path` is relative to its root.
    pub fn markdown(path: &str, bytes: &[u8]) -> Self {
        Self {
            form: Form::Whole {
                url: url_of(Path::new(path)),
                format: Format::Markdown,
            },
            ..Self::file(path, bytes)
        }
    }

    /// A JSON Lines record held in memory: line `line` of the file `path`.
    pub fn record(path: &str, line: u64, bytes: Vec<u8>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            form: Form::Json,
            bytes,
        }
    }

    fn whole(path: String, relative: &Path, bytes: Vec<u8>) -> Self {
        let format = match FileKind::of(relative) {
            Some(FileKind::Html) => Format::Html,
            _ => Format::Markdown,
        };
        Self {
            path,
            line: 1,
            form: Form::Whole {
                url: url_of(relative),
                format,
            },
            bytes,
        }
    }

    /// The bytes that were found.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The length of its text in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// A digest of all that the article of this piece depends on, beside the [`Rules`].
    ///
    /// The journal keeps digests of pieces that pushed records stand in for, so the same piece has the same digest in every
    /// version of readnext.
    pub fn hash(&self) -> u128 {
        match &self.form {
            Form::Json => xxh3_128(&self.bytes),
            Form::Whole { url, format } => {
                let mut hasher = Xxh3::new();
                hasher.update(url.as_bytes());
                hasher.update(&[*format as u8]);
                hasher.update(&self.bytes);
                hasher.digest128()
            }
        }
    }

    /// Reads the article.
    pub fn read(&self, rules: &Rules) -> Read {
        let decoded = match decode(&self.bytes) {
            Ok(decoded) => decoded,
            Err(message) => {
                // A record may stand in no file.
                let message = match self.form {
                    Form::Json => NO_TEXT,
                    Form::Whole { .. } => &message,
                };
                let message = format!("dropped: {message}");
                return Read::dropped(
                    Problem::new(Severity::Error, &self.path, message).at(self.line, 1),
                );
            }
        };
        let mut read = match &self.form {
            Form::Whole { url, format } => {
                front_matter::read(&self.path, url, *format, &decoded.text, rules)
            }
            Form::Json => json_lines::read(&self.path, self.line, &decoded.text, rules),
        };
        for (line, column, message) in decoded.warnings {
            let problem = Problem::new(Severity::Warning, &self.path, message);
            read.problems.push(problem.at(self.line + line - 1, column));
        }
        read
    }
}

/// Calls `each` with every piece under `root`, files in the byte order of their paths, or with what is wrong with it.
///
/// # Errors
/// What `each` returns, or [`Error::Failed`](crate::error::Error::Failed) if `root` itself cannot be read.
pub fn pieces(
    root: &Root,
    mut each: impl FnMut(std::result::Result<Piece, Problem>) -> Result<()>,
) -> Result<()> {
    let listing = root.listing()?;
    for problem in listing.skipped {
        each(Err(problem))?;
    }
    for file in listing.files {
        if FileKind::of(&file) == Some(FileKind::JsonLines) {
            lines::pieces(&file, &mut each)?;
        } else {
            each(whole_piece(root, &file))?;
        }
    }
    Ok(())
}

fn whole_piece(root: &Root, file: &Path) -> std::result::Result<Piece, Problem> {
    let path = file.display().to_string();
    let name = Path::new(file.file_name().unwrap_or_default());
    let relative = file.strip_prefix(root.path()).ok();
    let relative = relative.filter(|relative| !relative.as_os_str().is_empty());
    let relative = relative.unwrap_or(name);
    if relative.to_str().is_none() {
        let message =
            "dropped: the name of the file is not UTF-8 and cannot be part of a URL; rename it";
        return Err(Problem::new(Severity::Error, &path, message));
    }
    let bytes = read_capped(file).map_err(|error| unreadable(&path, &error))?;
    if bytes.len() as u64 > LARGEST_PIECE {
        let size = file.metadata().map_or(0, |meta| meta.len());
        return Err(too_large(&path, size.max(LARGEST_PIECE + 1)));
    }
    Ok(Piece::whole(path, relative, bytes))
}

/// The bytes of `file`; one more than [`LARGEST_PIECE`] if there are more, whatever size the system states.
pub(super) fn read_capped(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(LARGEST_PIECE + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn unreadable(path: &str, error: &io::Error) -> Problem {
    Problem::new(
        Severity::Error,
        path,
        format!("dropped: cannot read the file: {error}"),
    )
}

pub(super) fn too_large(path: &str, size: u64) -> Problem {
    Problem::new(
        Severity::Error,
        path,
        format!("dropped: {size} bytes, expected at most {LARGEST_PIECE}; split the article"),
    )
}

/// `tool/pandas/overview.md` is `/tool/pandas/overview`; `guide/index.md` and `guide/_index.md` are `/guide`.
fn url_of(relative: &Path) -> String {
    let mut url = String::new();
    for part in relative.with_extension("").components() {
        url.push('/');
        url.push_str(&part.as_os_str().to_string_lossy());
    }
    let folder = url
        .strip_suffix("/index")
        .or_else(|| url.strip_suffix("/_index"))
        .unwrap_or(&url);
    if folder.is_empty() {
        "/".to_owned()
    } else {
        folder.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_urls() {
        for (path, url) in [
            ("tool/pandas/overview.md", "/tool/pandas/overview"),
            ("tool/python-3.13/overview.md", "/tool/python-3.13/overview"),
            ("guide/index.md", "/guide"),
            ("guide/index.html", "/guide"),
            ("guide/_index.md", "/guide"),
            ("guide/my_index.md", "/guide/my_index"),
            ("index.md", "/"),
        ] {
            assert_eq!(url_of(Path::new(path)), url);
        }
    }

    #[test]
    fn equal_bytes_in_two_formats_are_two_pieces() {
        let of = |path: &str| Piece::file(path, b"text").hash();
        assert_ne!(of("a.md"), of("a.html"));
        assert_ne!(of("a.md"), of("b.md"));
        assert_eq!(of("a.md"), Piece::markdown("a.md", b"text").hash());
    }

    #[test]
    fn digests_that_journals_keep_are_those_of_earlier_versions() {
        for (piece, digest) in [
            (
                Piece::file("a.md", b"text"),
                "ba7317705cdd827cda28170fe6a32fae",
            ),
            (
                Piece::file("a.html", b"text"),
                "c09dbdeb48a83ddfb0ba0648faf4e138",
            ),
            (
                Piece::record("a.jsonl", 1, b"{}".to_vec()),
                "dc7048f8f8747f561349cde127705c16",
            ),
        ] {
            assert_eq!(format!("{:032x}", piece.hash()), digest);
        }
    }
}
