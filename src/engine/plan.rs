//! What a run reads: the roots it was given, those that keep their articles as they are, and the journal.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::editors::EditorsFiles;
use super::reindex::Corpora;
use crate::corpus::{EditorsFile, Root};
use crate::error::{Error, Result};
use crate::index::SourceId;
use crate::journal;
use crate::model::Problem;
use crate::store::FileStamp;

/// The source of the articles that came in one by one, by the name that the formats give it.
const PUSHED: &str = "http";

/// The sources of a run.
pub(super) struct Plan {
    pub(super) roots: Vec<PlannedRoot>,
    /// The name of the pieces in memory that stand in place of roots.
    pieces: Option<&'static str>,
}

/// A corpus root, and whether it is read or keeps its articles.
pub(super) struct PlannedRoot {
    pub(super) root: Root,
    pub(super) given: bool,
}

impl PlannedRoot {
    pub(super) fn name(&self) -> String {
        self.root.path().to_string_lossy().into_owned()
    }
}

impl Plan {
    /// Plans a run over `corpora` beside the `remembered` roots; `streamed` if records come in beside them.
    pub(super) fn of(
        data: &Path,
        corpora: &Corpora,
        remembered: &[String],
        streamed: bool,
    ) -> Result<Self> {
        let given = match corpora {
            Corpora::Pieces { name, .. } => {
                return Ok(Self {
                    roots: Vec::new(),
                    pieces: Some(name),
                });
            }
            Corpora::Roots(given) => given,
        };
        let all_given = given.is_empty() && !streamed;
        let given: Vec<Root> = if all_given && remembered.is_empty() {
            default_root(data)?.into_iter().collect()
        } else {
            given
                .iter()
                .map(|path| Root::new(path))
                .collect::<Result<_>>()?
        };
        let mut roots = Vec::new();
        for remembered in remembered {
            let root = Root::new(Path::new(remembered)).map_err(|error| {
                Error::Config(format!("{error}; it is remembered in sources.toml: bring it back, or remove its line there"))
            })?;
            let given = all_given || given.contains(&root);
            roots.push(PlannedRoot { root, given });
        }
        for root in given {
            if !roots.iter().any(|planned| planned.root == root) {
                roots.push(PlannedRoot { root, given: true });
            }
        }
        Ok(Self {
            roots,
            pieces: None,
        })
    }

    /// The sources by their numbers: what articles are read from, then the journal.
    pub(super) fn names(&self) -> Vec<String> {
        let roots = self.roots.iter().map(PlannedRoot::name);
        roots
            .chain(self.pieces.map(str::to_owned))
            .chain([PUSHED.to_owned()])
            .collect()
    }

    /// The number of the journal.
    pub(super) fn pushed(&self) -> SourceId {
        SourceId((self.roots.len() + usize::from(self.pieces.is_some())) as u16)
    }

    /// What tells a run over these roots from one over others.
    pub(super) fn key(&self) -> String {
        let read = self.roots.iter().filter(|planned| planned.given);
        read.map(|planned| format!("\n{}", planned.name()))
            .collect()
    }

    /// The editors' files of all roots and, of what panels are told, the one of the data folder; and why others are not read.
    pub(super) fn editors_files(&self, data: &Path) -> (EditorsFiles, Vec<Problem>) {
        let (mut files, mut problems) = (EditorsFiles::default(), Vec::new());
        for planned in &self.roots {
            let found = [
                (EditorsFile::topics(&planned.root), &mut files.topics),
                (EditorsFile::editorial(&planned.root), &mut files.editorial),
            ];
            for (found, list) in found {
                match found {
                    Some(Ok(file)) => list.push(file),
                    Some(Err(problem)) => problems.push(problem),
                    None => {}
                }
            }
        }
        match self.of_data(data) {
            Some(Ok(file)) => files.editorial.push(file),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
        (files, problems)
    }

    /// The `editorial.toml` of the data folder, where that is no root itself.
    fn of_data(&self, data: &Path) -> Option<std::result::Result<EditorsFile, Problem>> {
        let root = Root::new(data).ok()?;
        let known = self.roots.iter().any(|planned| planned.root == root);
        if known {
            None
        } else {
            EditorsFile::editorial(&root)
        }
    }

    /// Size and time of every file that is read; `None` where that does not tell whether anything changed.
    pub(super) fn stamps(&self, data: &Path) -> Option<BTreeMap<String, FileStamp>> {
        if self.pieces.is_some() {
            return None;
        }
        let mut stamps = journal_stamps(data)?;
        for planned in self.roots.iter().filter(|planned| planned.given) {
            stamps.extend(stamps_of(planned.root.files().ok()?)?);
        }
        Some(stamps)
    }
}

/// Size and time of every file of the journal.
pub(super) fn journal_stamps(data: &Path) -> Option<BTreeMap<String, FileStamp>> {
    stamps_of(journal::files(data).ok()?)
}

fn stamps_of(files: Vec<PathBuf>) -> Option<BTreeMap<String, FileStamp>> {
    files
        .into_iter()
        .map(|file| {
            let meta = fs::metadata(&file).ok()?;
            let since = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            let stamp = FileStamp {
                size: meta.len(),
                modified: since.as_nanos().cast_signed(),
            };
            Some((file.to_string_lossy().into_owned(), stamp))
        })
        .collect()
}

/// `DATA/corpus`; none is needed where there is a journal.
fn default_root(data: &Path) -> Result<Option<Root>> {
    let default = data.join("corpus");
    if default.exists() {
        return Root::new(&default).map(Some);
    }
    if journal::files(data)?.is_empty() {
        return Err(Error::Usage(format!(
            "found no corpus: {} does not exist and no --corpus was given; give the folder or file of your articles",
            default.display()
        )));
    }
    Ok(None)
}
