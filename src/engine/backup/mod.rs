//! Backups: one file with all that nothing else can make again, taken beside whoever writes it; and a data folder made of
//! such a file.

mod archive;
mod restore;
mod staging;

pub use restore::{Restore, Restored};
pub(super) use staging::left_behind;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use archive::{FORMAT, KeptRoot, Manifest, Writer};

use crate::config::Sources;
use crate::corpus::Root;
use crate::error::{Error, Result};
use crate::journal::Standing;
use crate::model::Date;

/// Files of a data folder that nothing can make again, beside its journal. The salt of the day is not among them: when the
/// day is over nobody shall have it.
const FILES: &[&str] = &[
    "secret",
    "keys",
    "readnext.toml",
    "sources.toml",
    "weights.toml",
    "editorial.toml",
];
/// Where roots that lie outside of the data folder come to lie in it.
const BROUGHT: &str = "restored";
/// Folders of a data folder that are ours: a root in one of them is brought like one from outside.
const OURS: &[&str] = &["index", "journal", BROUGHT];

/// A backup to be made.
#[derive(Debug)]
pub struct Backup<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The settings file, where it is not the one in the data folder.
    pub config: Option<&'a Path>,
    /// Whether the files of the corpus are part of it.
    pub corpus: bool,
    /// The time, in unix seconds.
    pub now: i64,
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct BackedUp {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How many files are in it.
    pub files: usize,
    /// The numbers of the last article record and of the last event.
    pub articles: u64,
    /// The number of the last event.
    pub events: u64,
    /// How many files of the corpus are in it.
    pub corpus: usize,
    /// What backups that were stopped had left beside it; removed.
    pub cleared: Vec<PathBuf>,
}

impl Backup<'_> {
    /// Writes it to the file `out`, or to a file named after the time in the folder `out`. It is there as a whole or not at
    /// all.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is nothing to keep, `out` exists, or a file cannot be read or written.
    pub fn write(&self, out: &Path) -> Result<BackedUp> {
        let path = self.place(out);
        if path.exists() {
            return Err(Error::Failed(format!(
                "found {} already; give another name, or remove it",
                path.display()
            )));
        }
        let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        let folder = match path.parent() {
            _ if is_folder => &path,
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(Error::Failed(format!(
                "found no folder {}; make it first, or name another file",
                folder.display()
            )));
        }
        let failed = |error: io::Error| Error::io("write", &path, &error);
        let cleared = staging::clear(folder, staging::BACKUP);
        // Such a file is for its owner alone from its first moment.
        let mut beside = tempfile::Builder::new()
            .prefix(staging::BACKUP)
            .tempfile_in(folder)
            .map_err(failed)?;
        staging::mark(beside.as_file());
        let (manifest, corpus) = self.fill(beside.as_file_mut(), &path)?;
        beside.as_file().sync_all().map_err(failed)?;
        let bytes = beside.as_file().metadata().map_err(failed)?.len();
        beside
            .persist_noclobber(&path)
            .map_err(|refused| failed(refused.error))?;
        sync(folder)?;
        Ok(BackedUp {
            path,
            bytes,
            files: manifest.files.len(),
            articles: manifest.articles,
            events: manifest.events,
            corpus,
            cleared,
        })
    }

    fn place(&self, out: &Path) -> PathBuf {
        if !out.is_dir() {
            return out.to_owned();
        }
        let stamp: String = Date::from_parts(self.now, true)
            .to_string()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        out.join(format!("readnext-{stamp}.tar"))
    }

    /// Writes all that is kept; what that is, and how many files of the corpus are among it.
    fn fill(&self, file: &mut File, path: &Path) -> Result<(Manifest, usize)> {
        let failed = |error: io::Error| Error::io("write", path, &error);
        let standing = Standing::of(self.data)?;
        let (articles, events) = (standing.articles, standing.events);
        let mut archive = Writer::new(BufWriter::new(file), self.now);
        let mut kept = 0;
        for name in FILES {
            let given = self.config.filter(|_| *name == "readnext.toml");
            let from = given.map_or_else(|| self.data.join(name), Path::to_owned);
            kept += usize::from(add(&mut archive, name, &from)?);
        }
        for name in earlier_weights(self.data) {
            kept += usize::from(add(&mut archive, &name, &self.data.join(&name))?);
        }
        for part in standing.files {
            archive
                .add(&format!("journal/{}", part.name), part.file, part.length)
                .map_err(failed)?;
            kept += 1;
        }
        let (mut roots, mut corpus) = (Vec::new(), 0);
        if self.corpus {
            for root in self.roots()? {
                let (root, files) = add_root(&mut archive, self.data, &root, roots.len())?;
                roots.push(root);
                corpus += files;
            }
        }
        if kept + corpus == 0 {
            return Err(Error::Failed(format!(
                "found nothing to keep in {}: no journal, no secret, no settings; name the data folder with --data",
                self.data.display()
            )));
        }
        let manifest = Manifest {
            format: FORMAT,
            readnext: env!("CARGO_PKG_VERSION").to_owned(),
            made: self.now,
            articles,
            events,
            roots,
            files: Vec::new(),
        };
        let (mut file, manifest) = archive.finish(manifest).map_err(failed)?;
        file.flush().map_err(failed)?;
        Ok((manifest, corpus))
    }

    /// The corpus roots: those that are remembered, or the one by default.
    fn roots(&self) -> Result<Vec<Root>> {
        let remembered = Sources::load(self.data)?.roots;
        let default = self.data.join("corpus");
        if remembered.is_empty() && default.exists() {
            return Ok(vec![Root::new(&default)?]);
        }
        let roots = remembered.iter().map(|root| Root::new(Path::new(root)));
        roots.collect()
    }
}

/// Adds the file at `from`, if there is one; whether there was.
fn add(archive: &mut Writer<impl Write>, name: &str, from: &Path) -> Result<bool> {
    let failed = |error: io::Error| Error::io("keep", from, &error);
    let file = match File::open(from) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    let length = file.metadata().map_err(failed)?.len();
    archive.add(name, file, length).map_err(failed)?;
    Ok(true)
}

/// The weights that were in force before those of today.
fn earlier_weights(data: &Path) -> Vec<String> {
    let names = (1..).map(|number| format!("weights.{number}.toml"));
    names.take_while(|name| data.join(name).exists()).collect()
}

/// Adds the files of `root`, which is the one with this number; where they are, and how many. Those of a root inside another one
/// may be there already.
fn add_root(
    archive: &mut Writer<impl Write>,
    data: &Path,
    root: &Root,
    number: usize,
) -> Result<(KeptRoot, usize)> {
    let path = root.path().to_owned();
    let text = |path: &Path| {
        path.to_str().map(str::to_owned).ok_or_else(|| {
            Error::Failed(format!(
                "found the name {}, expected UTF-8; rename it, or leave out --corpus",
                path.display()
            ))
        })
    };
    let inside = fs::canonicalize(data).ok();
    let inside = inside.and_then(|data| path.strip_prefix(data).ok().map(Path::to_owned));
    let kept = match inside.filter(|inside| stays(inside)) {
        Some(inside) => text(&inside)?,
        None => {
            let name = path.file_name().map(Path::new).map(text).transpose()?;
            format!("{BROUGHT}/{number}-{}", name.unwrap_or_default())
        }
    };
    let mut files = root.files()?;
    files.extend(sheets(&path));
    files.sort();
    files.dedup();
    let mut count = 0;
    for file in files {
        let below = file.strip_prefix(&path).unwrap_or(Path::new(""));
        let name = if below.as_os_str().is_empty() {
            kept.clone()
        } else {
            format!("{kept}/{}", text(below)?)
        };
        if !archive.holds(&name) {
            count += usize::from(add(archive, &name, &file)?);
        }
    }
    let path = text(&path)?;
    Ok((KeptRoot { path, kept }, count))
}

/// Whether a root at `inside`, in the data folder, is where it was after a restore.
fn stays(inside: &Path) -> bool {
    let first = inside.iter().next();
    let first = first.map(|name| name.to_string_lossy());
    first.is_some_and(|name| !OURS.contains(&&*name) && !name.starts_with("replaced-"))
}

/// What editors state beside the articles: the TOML files at the top of a root.
fn sheets(root: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(root).into_iter().flatten().flatten();
    let sheets = listed.map(|entry| entry.path());
    sheets
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml") && path.is_file())
        .collect()
}

/// Makes the entries of `folder` last.
fn sync(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("sync", folder, &error))
}
