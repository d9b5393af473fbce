//! What lies under a corpus root: the files that articles are read from, and those that are skipped and why.
//!
//! Only regular files inside the root are ever opened, so that no pipe can hang a run and no link can lead out of the
//! corpus or round in circles.

use std::fs;
use std::path::{Path, PathBuf};

use super::data_folder;
use crate::error::{Error, Result};
use crate::model::{Problem, Severity, order};

/// A folder or file that articles come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root(PathBuf);

/// How a file holds its articles, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Markdown,
    Html,
    JsonLines,
}

impl FileKind {
    /// The kind of `path`; `None` if no article is read from a file of that name.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// The files of a root in byte order, and what was skipped.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<PathBuf>,
    pub(super) skipped: Vec<Problem>,
}

impl Root {
    /// The existing folder or file at `path`, made absolute.
    ///
    /// # Errors
    /// [`Error::Usage`] if there is nothing there, or something that is neither.
    pub fn new(path: &Path) -> Result<Self> {
        let expected =
            "expected a folder of Markdown and HTML files, one such file, or a .jsonl file";
        let found = fs::canonicalize(path).map_err(|error| {
            Error::Usage(format!(
                "cannot read the corpus {}: {error}; {expected}",
                path.display()
            ))
        })?;
        if !found.is_dir() && !found.is_file() {
            return Err(Error::Usage(format!(
                "cannot read the corpus {}: found a pipe or a device; {expected}",
                path.display()
            )));
        }
        Ok(Self(found))
    }

    /// The absolute path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The length of all files together in bytes; what cannot be looked at counts nothing.
    pub fn size(&self) -> u64 {
        let files = self.files().unwrap_or_default();
        let sizes = files.iter().filter_map(|file| fs::metadata(file).ok());
        sizes.map(|meta| meta.len()).sum()
    }

    /// The files that articles are read from, in byte order.
    ///
    /// # Errors
    /// [`Error::Failed`] if the folder cannot be listed.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        self.listing().map(|listing| listing.files)
    }

    pub(super) fn listing(&self) -> Result<Listing> {
        let mut listing = Listing::default();
        if !self.0.is_dir() {
            listing.files.push(self.0.clone());
            return Ok(listing);
        }
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(error) if folder == self.0 => {
                    return Err(Error::io("list", &folder, &error));
                }
                Err(error) => {
                    listing.skipped.push(dropped(
                        &folder,
                        &format!("cannot list the folder: {error}; what is in it is left out"),
                    ));
                    continue;
                }
            };
            for entry in entries {
                match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                    Ok((path, kind)) => self.sort_in(path, kind, &mut folders, &mut listing),
                    Err(error) => listing.skipped.push(dropped(
                        &folder,
                        &format!("cannot list the folder: {error}"),
                    )),
                }
            }
        }
        order::sort_by(&mut listing.files, Ord::cmp);
        order::sort_by(&mut listing.skipped, Ord::cmp);
        Ok(listing)
    }

    /// The file `name` of this root, in which editors state something, or why it is not read.
    pub(super) fn editors_file(&self, name: &str) -> Option<std::result::Result<PathBuf, Problem>> {
        let file = self.0.join(name);
        let kind = fs::symlink_metadata(&file).ok()?.file_type();
        let refused = if kind.is_symlink() {
            self.refused_link(&file).map(|(reason, _)| reason)
        } else {
            (!kind.is_file()).then_some("expected a regular file; move it out of the corpus")
        };
        Some(match refused {
            Some(reason) => Err(skipped(&file, reason)),
            None => Ok(file),
        })
    }

    fn sort_in(
        &self,
        path: PathBuf,
        kind: fs::FileType,
        folders: &mut Vec<PathBuf>,
        listing: &mut Listing,
    ) {
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || data_folder::is_kept(&path) {
            return;
        }
        let wanted = FileKind::of(&path).is_some() && !self.is_readme(&path);
        if kind.is_dir() {
            folders.push(path);
        } else if kind.is_symlink() {
            match self.refused_link(&path) {
                None if wanted => listing.files.push(path),
                Some((reason, names_folder)) if wanted || names_folder => {
                    listing.skipped.push(skipped(&path, reason));
                }
                _ => {}
            }
        } else if wanted && kind.is_file() {
            listing.files.push(path);
        } else if wanted {
            listing.skipped.push(skipped(
                &path,
                "expected a regular file, found a pipe, a socket or a device; move it out of the corpus",
            ));
        }
    }

    /// Why the link `path` is not followed, and whether it leads to a folder; `None` for a file of this root.
    fn refused_link(&self, path: &Path) -> Option<(&'static str, bool)> {
        let Ok(target) = fs::canonicalize(path) else {
            return Some((
                "the link leads nowhere; remove it, or bring its target back",
                false,
            ));
        };
        if target.is_dir() {
            Some((
                "links to folders are not followed; move the folder here, or give it as a root of its own",
                true,
            ))
        } else if !target.starts_with(&self.0) {
            Some((
                "the link leads out of the corpus; copy the file into the corpus",
                false,
            ))
        } else if !target.is_file() {
            Some((
                "the link leads to a pipe or a device; copy the file into the corpus",
                false,
            ))
        } else {
            None
        }
    }

    /// The README at the top of a root describes the folder; it is not an article.
    fn is_readme(&self, file: &Path) -> bool {
        file.parent() == Some(&self.0)
            && file
                .file_stem()
                .is_some_and(|stem| stem.eq_ignore_ascii_case("readme"))
    }
}

fn skipped(path: &Path, reason: &str) -> Problem {
    Problem::new(
        Severity::Warning,
        path.display().to_string(),
        format!("skipped: {reason}"),
    )
}

fn dropped(path: &Path, reason: &str) -> Problem {
    Problem::new(
        Severity::Error,
        path.display().to_string(),
        format!("dropped: {reason}"),
    )
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_read_inside_the_root_alone() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("x.md"), "x").expect("written");
        let folder = tempfile::tempdir().expect("a folder");
        let inside = |name: &str| folder.path().join(name);
        fs::write(inside("a.md"), "a").expect("written");
        symlink("a.md", inside("b.md")).expect("a link");
        symlink(outside.path().join("x.md"), inside("out.md")).expect("a link");
        symlink("nowhere", inside("dead.md")).expect("a link");
        symlink("circle.md", inside("circle.md")).expect("a link");
        symlink(".", inside("again")).expect("a link");
        symlink(outside.path().join("x.md"), inside("ignored.txt")).expect("a link");
        let root = Root::new(folder.path()).expect("a root");
        let listing = root.listing().expect("listed");
        let name = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        let files: Vec<String> = listing.files.iter().map(|path| name(path)).collect();
        assert_eq!(files, ["a.md", "b.md"]);
        let skipped: Vec<String> = listing
            .skipped
            .iter()
            .map(|problem| name(Path::new(&problem.path)))
            .collect();
        assert_eq!(skipped, ["again", "circle.md", "dead.md", "out.md"]);
    }

    #[test]
    fn a_device_is_no_corpus() {
        assert!(Root::new(Path::new("/dev/zero")).is_err());
    }
}
