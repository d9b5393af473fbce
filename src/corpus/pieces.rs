//! What lies under a corpus root, cut into pieces that are read and hashed one by one.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use super::record::{Read, Rules};
use super::{front_matter, json_lines};
use crate::error::{Error, Result};
use crate::model::{Problem, Severity};

/// Largest Markdown file or JSON line that is read, in bytes.
const LARGEST_PIECE: u64 = 8 << 20;

/// A folder or file that articles come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root(PathBuf);

/// The text of one article, and where it was found.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The file, as it is named in messages.
    pub path: String,
    /// 1-based line of a JSON Lines record; 1 for a Markdown file.
    pub line: u64,
    form: Form,
    bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Form {
    /// A Markdown file, with its path under the root, without extension, as URL.
    Markdown { url: String },
    /// A line of JSON.
    Json,
}

impl Root {
    /// The existing folder or file at `path`, made absolute.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is nothing there.
    pub fn new(path: &Path) -> Result<Self> {
        fs::canonicalize(path).map(Self).map_err(|error| {
            Error::Usage(format!(
                "cannot read the corpus {}: {error}; expected a folder of Markdown files, a .md file or a .jsonl file",
                path.display()
            ))
        })
    }

    /// The absolute path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The files that articles are read from, in byte order.
    ///
    /// # Errors
    /// [`Error::Failed`] if a folder cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        self.list().map(|(files, _)| files)
    }

    fn list(&self) -> Result<(Vec<PathBuf>, Vec<Problem>)> {
        let (mut files, mut skipped) = (Vec::new(), Vec::new());
        if self.0.is_dir() {
            list(&self.0, &mut files, &mut skipped)?;
            files.retain(|file| is_article_file(file) && !is_readme(&self.0, file));
            files.sort();
        } else {
            files.push(self.0.clone());
        }
        Ok((files, skipped))
    }
}

impl Piece {
    /// A Markdown file held in memory; `path` is relative to its root.
    pub fn markdown(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            line: 1,
            form: Form::Markdown {
                url: url_of(Path::new(path)),
            },
            bytes: bytes.to_owned(),
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

    /// The bytes that were found.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A digest of all that the article of this piece depends on, beside the [`Rules`].
    ///
    /// The journal keeps digests of pieces that pushed records stand in for, so the same piece has the same digest in every
    /// version of readnext.
    pub fn hash(&self) -> u128 {
        match &self.form {
            Form::Json => xxh3_128(&self.bytes),
            Form::Markdown { url } => {
                let mut hasher = Xxh3::new();
                hasher.update(url.as_bytes());
                hasher.update(&[0]);
                hasher.update(&self.bytes);
                hasher.digest128()
            }
        }
    }

    /// Reads the article.
    pub fn read(&self, rules: &Rules) -> Read {
        let text = String::from_utf8_lossy(&self.bytes);
        let mut read = match &self.form {
            Form::Markdown { url } => front_matter::read(&self.path, url, &text, rules),
            Form::Json => json_lines::read(&self.path, self.line, &text, rules),
        };
        if matches!(text, std::borrow::Cow::Owned(_)) {
            read.problems.push(Problem::new(
                Severity::Warning,
                &self.path,
                "found bytes that are not UTF-8 and replaced them with U+FFFD; save the file as UTF-8",
            ));
        }
        read
    }
}

/// Calls `each` with every piece under `root`, files in the byte order of their paths, or with what is wrong with it.
///
/// # Errors
/// What `each` returns, or [`Error::Failed`] if `root` itself cannot be read.
pub fn pieces(
    root: &Root,
    mut each: impl FnMut(std::result::Result<Piece, Problem>) -> Result<()>,
) -> Result<()> {
    let (files, skipped) = root.list()?;
    for problem in skipped {
        each(Err(problem))?;
    }
    let base = if root.0.is_dir() {
        root.0.as_path()
    } else {
        Path::new("")
    };
    for file in files {
        if is_json_lines(&file) {
            json_pieces(&file, &mut each)?;
        } else {
            each(markdown_piece(base, &file))?;
        }
    }
    Ok(())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>, skipped: &mut Vec<Problem>) -> Result<()> {
    let failed = |error: &io::Error| Error::io("list", folder, error);
    for entry in fs::read_dir(folder).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let kind = entry.file_type().map_err(|error| failed(&error))?;
        if hidden {
            continue;
        }
        if kind.is_dir() {
            list(&path, files, skipped)?;
        } else if kind.is_file() {
            files.push(path);
        } else if is_article_file(&path) {
            skipped.push(Problem::new(
                Severity::Warning,
                path.display().to_string(),
                "skipped: expected a regular file, found a link or a device; copy the file into the corpus",
            ));
        }
    }
    Ok(())
}

fn extension(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase()
}

fn is_json_lines(path: &Path) -> bool {
    matches!(extension(path).as_str(), "jsonl" | "ndjson")
}

fn is_article_file(path: &Path) -> bool {
    is_json_lines(path) || matches!(extension(path).as_str(), "md" | "markdown")
}

/// The README at the top of a root describes the folder; it is not an article.
fn is_readme(base: &Path, file: &Path) -> bool {
    file.parent() == Some(base)
        && file
            .file_stem()
            .is_some_and(|stem| stem.eq_ignore_ascii_case("readme"))
}

fn markdown_piece(base: &Path, file: &Path) -> std::result::Result<Piece, Problem> {
    let path = file.display().to_string();
    let size = fs::metadata(file)
        .map(|meta| meta.len())
        .unwrap_or_default();
    if size > LARGEST_PIECE {
        return Err(too_large(&path, size));
    }
    let bytes = fs::read(file).map_err(|error| {
        Problem::new(
            Severity::Error,
            &path,
            format!("dropped: cannot read the file: {error}"),
        )
    })?;
    let relative = file.strip_prefix(base).unwrap_or(file);
    let relative = if base.as_os_str().is_empty() {
        Path::new(file.file_name().unwrap_or_default())
    } else {
        relative
    };
    Ok(Piece {
        path,
        line: 1,
        form: Form::Markdown {
            url: url_of(relative),
        },
        bytes,
    })
}

fn json_pieces(
    file: &Path,
    each: &mut impl FnMut(std::result::Result<Piece, Problem>) -> Result<()>,
) -> Result<()> {
    let path = file.display().to_string();
    let opened = fs::File::open(file).map_err(|error| Error::io("read", file, &error))?;
    let mut lines = BufReader::with_capacity(1 << 18, opened);
    records(&path, &mut lines, each)
}

/// Calls `each` with every line of `reader` that is not blank, or with what is wrong with it; `path` names the reader in
/// messages. Memory is bounded whatever a line's length.
///
/// # Errors
/// What `each` returns, or [`Error::Failed`] if `reader` fails.
pub fn records(
    path: &str,
    reader: &mut (impl BufRead + ?Sized),
    each: &mut impl FnMut(std::result::Result<Piece, Problem>) -> Result<()>,
) -> Result<()> {
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        let length = read_line(reader, &mut line)
            .map_err(|error| Error::io("read", Path::new(path), &error))?;
        if length == 0 {
            return Ok(());
        }
        number += 1;
        if length > LARGEST_PIECE {
            each(Err(too_large(path, length).at(number, 1)))?;
        } else if !line.trim_ascii().is_empty() {
            each(Ok(Piece::record(path, number, line)))?;
        }
    }
}

/// Reads a line into `line`, as far as it is not longer than a piece may be; the bytes that the line has, 0 at the end.
fn read_line(reader: &mut (impl BufRead + ?Sized), line: &mut Vec<u8>) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(chunk.len(), |at| at + 1);
        length += taken as u64;
        if length <= LARGEST_PIECE {
            line.extend_from_slice(&chunk[..taken]);
        } else {
            line.clear();
            line.shrink_to_fit();
        }
        reader.consume(taken);
        if end.is_some() || taken == 0 {
            return Ok(length);
        }
    }
}

fn too_large(path: &str, size: u64) -> Problem {
    Problem::new(
        Severity::Error,
        path,
        format!("dropped: {size} bytes, expected at most {LARGEST_PIECE}; split the article"),
    )
}

/// `tool/pandas/overview.md` is `/tool/pandas/overview`; `guide/index.md` is `/guide`.
fn url_of(relative: &Path) -> String {
    let mut url = String::new();
    for part in relative.with_extension("").components() {
        url.push('/');
        url.push_str(&part.as_os_str().to_string_lossy());
    }
    let folder = url.strip_suffix("/index").unwrap_or(&url);
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
            ("index.md", "/"),
        ] {
            assert_eq!(url_of(Path::new(path)), url);
        }
    }
}
