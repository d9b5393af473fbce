//! A data folder made of a backup: verified, unpacked beside, and only then put in place. What was there is moved aside.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::archive::{Digesting, FORMAT, Kept, MANIFEST, Manifest, verify};
use super::{FILES, earlier_weights, staging, sync};
use crate::config::Sources;
use crate::error::{Error, Result};
use crate::index::Generations;
use crate::journal;
use crate::model::Date;

/// Files that a person wrote and that go with any journal: where the backup has none, they stay in force.
const STAY: &[&str] = &["readnext.toml", "editorial.toml"];

/// A backup to be put in place.
#[derive(Debug)]
pub struct Restore<'a> {
    /// The file.
    pub file: &'a Path,
    /// The data folder.
    pub data: &'a Path,
    /// Whether what is there may be moved aside.
    pub force: bool,
    /// The time, in unix seconds.
    pub now: i64,
}

/// What was put in place.
#[derive(Clone, Debug)]
pub struct Restored {
    /// When the backup was made, in unix seconds.
    pub made: i64,
    /// How many files were in it.
    pub files: usize,
    /// The number of the last article record.
    pub articles: u64,
    /// The number of the last event.
    pub events: u64,
    /// How many corpus roots were in it.
    pub roots: usize,
    /// Where that is that was there before, if anything was.
    pub aside: Option<PathBuf>,
    /// Settings and instructions of the folder that the backup does not have; they are in force.
    pub stayed: Vec<&'static str>,
    /// What restores that were stopped had left in the folder; removed.
    pub cleared: Vec<PathBuf>,
}

impl Restore<'_> {
    /// Puts it in place. Nothing is touched before every byte of the backup was compared with what was written.
    ///
    /// # Errors
    /// [`Error::Broken`] if the file is no whole backup, [`Error::Newer`] if a later readnext made it, [`Error::InUse`] if
    /// another process writes the folder, [`Error::Failed`] if something is there and may not be moved aside, or the disk
    /// refuses.
    pub fn run(&self) -> Result<Restored> {
        let file = verify(self.file)?;
        let fresh = !self.data.exists();
        fs::create_dir_all(self.data).map_err(|error| Error::io("create", self.data, &error))?;
        let done = self.put(file);
        if fresh && done.is_err() {
            // Only if it is empty: what this call made and could not fill.
            let _ = fs::remove_dir(self.data);
        }
        done
    }

    fn put(&self, file: File) -> Result<Restored> {
        let _journal = journal::hold(self.data)?;
        let index = self.data.join("index").exists();
        let generations = Generations::under(self.data);
        let _index = index.then(|| generations.lock()).transpose()?;
        let cleared = staging::clear(self.data, staging::RESTORE);
        let failed = |error: io::Error| Error::io("create", self.data, &error);
        let staged = tempfile::Builder::new()
            .prefix(staging::RESTORE)
            .tempdir_in(self.data)
            .map_err(failed)?;
        let worked_on = File::open(staged.path()).map_err(failed)?;
        staging::mark(&worked_on);
        let manifest = self.unpack(file, staged.path())?;
        let tops = self.tops(&manifest, staged.path());
        self.refuse_to_replace(&tops, staged.path())?;
        let stayed = STAY.iter().copied().filter(|name| {
            let held = tops.contains(Path::new(name));
            !held && is_there(&self.data.join(name))
        });
        let stayed = stayed.collect();
        let aside = self.move_aside(&tops)?;
        for name in &tops {
            let (from, to) = (staged.path().join(name), self.data.join(name));
            let parent = to.parent().unwrap_or(self.data);
            fs::create_dir_all(parent)
                .and_then(|()| fs::rename(&from, &to))
                .map_err(|error| Error::io("write", &to, &error))?;
        }
        sync(self.data)?;
        self.point_to_roots(&manifest)?;
        Ok(Restored {
            made: manifest.made,
            files: manifest.files.len(),
            articles: manifest.articles,
            events: manifest.events,
            roots: manifest.roots.len(),
            aside,
            stayed,
            cleared,
        })
    }

    /// Writes every file of the backup below `folder`.
    fn unpack(&self, file: File, folder: &Path) -> Result<Manifest> {
        let broken = |what: &dyn std::fmt::Display| {
            Error::Broken(format!(
                "{}: {what}; nothing was changed: take another backup",
                self.file.display()
            ))
        };
        let mut archive = tar::Archive::new(file);
        let (mut found, mut manifest) = (Vec::<Kept>::new(), None);
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for entry in archive.entries().map_err(|error| broken(&error))? {
            let mut entry = entry.map_err(|error| broken(&error))?;
            let path = entry.path().map_err(|error| broken(&error))?.into_owned();
            let name = path.to_str().unwrap_or_default().to_owned();
            if name == MANIFEST {
                let mut text = String::new();
                entry
                    .read_to_string(&mut text)
                    .map_err(|error| broken(&error))?;
                manifest = Some(self.manifest(&text)?);
                break;
            }
            let plain = path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            if !plain || !entry.header().entry_type().is_file() {
                return Err(broken(&format!("found {name:?}, which no backup holds")));
            }
            let kept = match numbers.get(&name) {
                None => write(&mut entry, &folder.join(&path), name)?,
                // An earlier readnext kept the files of a root inside another one twice.
                Some(&number) => {
                    let again = copied(&mut entry, &mut io::sink(), name);
                    let again = again.map_err(|error| broken(&error))?;
                    if again != found[number] {
                        return Err(broken(&format!("found two files {:?}", again.name)));
                    }
                    again
                }
            };
            numbers.insert(kept.name.clone(), found.len());
            found.push(kept);
        }
        let manifest = manifest.ok_or_else(|| broken(&"it has no manifest"))?;
        if found != manifest.files {
            return Err(broken(&"its files are not those of its manifest"));
        }
        let roots: Vec<&str> = manifest
            .roots
            .iter()
            .map(|root| root.kept.as_str())
            .collect();
        let ours = |name: &str| {
            FILES.contains(&name)
                || (name.starts_with("weights.") && name.ends_with(".toml"))
                || name.starts_with("journal/")
                || roots.iter().any(|root| Path::new(name).starts_with(root))
        };
        match manifest.files.iter().find(|kept| !ours(&kept.name)) {
            Some(kept) => Err(broken(&format!(
                "found {:?}, which no backup holds",
                kept.name
            ))),
            None => Ok(manifest),
        }
    }

    fn manifest(&self, text: &str) -> Result<Manifest> {
        let any: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        match any["format"].as_u64() {
            Some(format) if format > u64::from(FORMAT) => Err(Error::Newer(format!(
                "{}: found format {format}, this readnext reads {FORMAT}; use readnext {} that made it",
                self.file.display(),
                any["readnext"].as_str().unwrap_or("of the version"),
            ))),
            _ => serde_json::from_value(any).map_err(|error| {
                Error::Broken(format!("{}: manifest: {error}", self.file.display()))
            }),
        }
    }

    /// What the backup puts into the data folder: files, the journal, and of roots the folders that are not there yet and
    /// the files that differ from those in the folders that are.
    fn tops(&self, manifest: &Manifest, staged: &Path) -> BTreeSet<PathBuf> {
        let names = manifest.files.iter().filter_map(|kept| {
            let name = Path::new(&kept.name);
            if name.starts_with("journal") {
                return Some(PathBuf::from("journal"));
            }
            let own = name.components().nth(1).is_none();
            let top = self.first_without_folder(name);
            let stays = !own && top == name && same(&self.data.join(name), &staged.join(name));
            (!stays).then_some(top)
        });
        names.collect()
    }

    /// The shortest beginning of `name` that is no folder in the data folder, so that nothing beside it has to move.
    fn first_without_folder(&self, name: &Path) -> PathBuf {
        let mut top = PathBuf::new();
        for part in name {
            top.push(part);
            let there = fs::symlink_metadata(self.data.join(&top));
            if !there.is_ok_and(|there| there.is_dir()) {
                break;
            }
        }
        top
    }

    /// Stops where something would be replaced that nothing else can make again, or goes with another journal, unless that
    /// was asked for.
    fn refuse_to_replace(&self, tops: &BTreeSet<PathBuf>, staged: &Path) -> Result<()> {
        if self.force {
            return Ok(());
        }
        let refuse = |what: &Path| {
            Err(Error::Failed(format!(
                "found {} already, nothing was changed; --force moves what is there aside, or give another folder with --data",
                what.display()
            )))
        };
        let journal = self.data.join("journal");
        if fs::read_dir(&journal).is_ok_and(|listed| {
            listed
                .flatten()
                .any(|entry| entry.path().extension().is_some_and(|e| e == "log"))
        }) {
            return refuse(&journal);
        }
        let mut names = tops.clone();
        names.extend(self.of_another_journal());
        for name in names.iter().filter(|name| *name != Path::new("journal")) {
            let there = self.data.join(name);
            if is_there(&there) && !same(&there, &staged.join(name)) {
                return refuse(&there);
            }
        }
        Ok(())
    }

    /// Files of the folder that go with the journal in it: they move with it, whether the backup has them or not.
    fn of_another_journal(&self) -> impl Iterator<Item = PathBuf> {
        let files = FILES.iter().filter(|name| !STAY.contains(name));
        let weights = earlier_weights(self.data);
        files
            .map(PathBuf::from)
            .chain(weights.into_iter().map(PathBuf::from))
    }

    /// Moves what comes of another journal into a folder of its own: all that the backup replaces, the views, and the
    /// secret that goes with the journal. The folder, if anything was there.
    fn move_aside(&self, tops: &BTreeSet<PathBuf>) -> Result<Option<PathBuf>> {
        let mut names = tops.clone();
        names.extend(self.of_another_journal());
        names.extend(["index", "journal"].map(PathBuf::from));
        names.retain(|name| is_there(&self.data.join(name)));
        if names.is_empty() {
            return Ok(None);
        }
        let stamp = Date::from_parts(self.now, true).to_string();
        let stamp = stamp.replace([':', '-'], "");
        let mut aside = self.data.join(format!("replaced-{stamp}"));
        while aside.exists() {
            aside.as_mut_os_string().push("-again");
        }
        for name in names {
            let (from, to) = (self.data.join(&name), aside.join(&name));
            let parent = to.parent().unwrap_or(&aside);
            fs::create_dir_all(parent)
                .and_then(|()| fs::rename(&from, &to))
                .map_err(|error| Error::io("move aside", &from, &error))?;
        }
        sync(&aside)?;
        Ok(Some(aside))
    }

    /// Lets `sources.toml` name the corpus roots where they are now.
    fn point_to_roots(&self, manifest: &Manifest) -> Result<()> {
        if manifest.roots.is_empty() {
            return Ok(());
        }
        let data =
            fs::canonicalize(self.data).map_err(|error| Error::io("find", self.data, &error))?;
        let roots = manifest.roots.iter().map(|root| {
            // A root without files came as none.
            let path = data.join(&root.kept);
            if !path.exists() {
                fs::create_dir_all(&path).map_err(|error| Error::io("create", &path, &error))?;
            }
            Ok(path.to_string_lossy().into_owned())
        });
        let roots = roots.collect::<Result<_>>()?;
        Sources::load(self.data)?.save(roots)
    }
}

/// Whether there is anything at `path`, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether both are files with the same bytes.
fn same(there: &Path, new: &Path) -> bool {
    let is_file = |path| fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    is_file(there) && is_file(new) && fs::read(there).ok() == fs::read(new).ok()
}

/// Writes what is in `entry` to `path`, for its owner alone.
fn write(entry: &mut impl Read, path: &Path, name: String) -> Result<Kept> {
    let failed = |error: io::Error| Error::io("write", path, &error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode(&name));
    let mut file = options.open(path).map_err(failed)?;
    let kept = copied(entry, &mut file, name).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(kept)
}

/// Copies what is in `entry`; what that was.
fn copied(entry: &mut impl Read, to: &mut impl Write, name: String) -> io::Result<Kept> {
    let mut entry = Digesting::of(entry);
    let bytes = io::copy(&mut entry, to)?;
    Ok(Kept {
        name,
        bytes,
        xxh3: entry.digest(),
    })
}

/// The mode of the file `name`: secrets are for their owner alone.
#[cfg(unix)]
fn mode(name: &str) -> u32 {
    match name {
        "secret" | "keys" => 0o600,
        _ => 0o644,
    }
}

#[cfg(test)]
mod tests {
    use super::super::archive::{KeptRoot, Writer};
    use super::*;

    /// A backup that holds the file `site/a.md` with each of `texts`.
    fn written(folder: &Path, texts: &[&str]) -> PathBuf {
        let path = folder.join("b.tar");
        let mut writer = Writer::new(File::create(&path).expect("made"), 1);
        for text in texts {
            let added = writer.add("site/a.md", text.as_bytes(), text.len() as u64);
            added.expect("added");
        }
        let manifest = Manifest {
            format: FORMAT,
            readnext: String::new(),
            made: 1,
            articles: 0,
            events: 0,
            roots: vec![KeptRoot {
                path: "/site".to_owned(),
                kept: "site".to_owned(),
            }],
            files: Vec::new(),
        };
        writer.finish(manifest).expect("written");
        path
    }

    #[test]
    fn a_file_that_a_backup_holds_twice_is_put_in_place_once_if_both_are_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let restored = |texts: &[&str]| {
            let restore = Restore {
                file: &written(folder.path(), texts),
                data: &folder.path().join("data"),
                force: true,
                now: 1,
            };
            restore.run()
        };
        let error = restored(&["one", "two"]).expect_err("refused").to_string();
        assert!(error.contains("found two files"), "{error}");
        assert!(!folder.path().join("data").exists());
        restored(&["one", "one"]).expect("restored");
        let file = folder.path().join("data/site/a.md");
        assert_eq!(fs::read_to_string(file).expect("there"), "one");
    }
}
