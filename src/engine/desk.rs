//! The editors' desk: what editors tell panels over the studio, written into an `editorial.toml`, and read back.
//!
//! A file is changed beside itself and renamed into place, so that whoever reads it meanwhile reads a whole one. What somebody
//! else wrote in between is never written over: the change is refused then.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::config::Sources;
use crate::corpus::{
    EDITORIAL, EditorsFile, Root, ToldTable, told_tables, with_table, without_table,
};
use crate::error::{Error, Result};
use crate::model::{Instruction, Period, Told};

/// Where editors' files are.
#[derive(Debug)]
pub struct Desk {
    data: PathBuf,
    /// Whether corpus folders are left alone.
    apart: bool,
    /// Held while a file is changed.
    writing: Mutex<()>,
}

impl Desk {
    /// The editors' files of the site in `data`; what is told goes into the one of its corpus folder.
    pub fn of(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            apart: false,
            writing: Mutex::default(),
        }
    }

    /// The same, but what is told goes into the data folder.
    pub fn apart(data: &Path) -> Self {
        Self {
            apart: true,
            ..Self::of(data)
        }
    }

    /// What all files tell, table by table.
    ///
    /// # Errors
    /// [`Error::Config`] if it cannot be read where the corpus is.
    pub fn tables(&self) -> Result<Vec<ToldTable>> {
        let mut tables = Vec::new();
        for root in self.roots()? {
            if let Some(Ok(file)) = EditorsFile::editorial(&root) {
                tables.extend(told_tables(&file));
            }
        }
        Ok(tables)
    }

    /// The file into which the next thing goes.
    ///
    /// # Errors
    /// As [`Desk::tables`].
    pub fn file(&self) -> Result<PathBuf> {
        let folders = self.folders()?;
        let written = folders
            .iter()
            .find(|folder| folder.join(EDITORIAL).exists());
        let folder = written
            .or(folders.first())
            .map_or(&self.data, |folder| folder);
        Ok(folder.join(EDITORIAL))
    }

    /// Tells the panel of `host` something about `card`, for all time. What a table of its own told of the two before, and
    /// another pin in the same slot, is taken out.
    ///
    /// # Errors
    /// [`Error::Usage`] if the file is not one that is read or was changed meanwhile, [`Error::Failed`] if it cannot be written.
    pub fn tell(&self, told: Told, host: &str, card: &str, note: &str) -> Result<PathBuf> {
        let said = Instruction {
            told,
            host: Some(host.to_owned()),
            card: Some(card.to_owned()),
            period: Period::ALWAYS,
            place: (1, 1),
        };
        let path = self.file()?;
        self.change(&path, |text, tables| {
            let overruled = tables.iter().filter(|table| overrules(&said, table));
            let mut text = text.to_owned();
            for table in overruled {
                text = without_table(&text, table.mark).unwrap_or(text);
            }
            Ok(with_table(&text, &said, note))
        })?;
        Ok(path)
    }

    /// Takes the table with `mark` out of the file that messages name `path`.
    ///
    /// # Errors
    /// [`Error::Usage`] if it is not there any more, and as [`Desk::tell`].
    pub fn take_back(&self, path: &str, mark: u64) -> Result<()> {
        let gone = || {
            Error::Usage(format!(
                "found no such table in {path}; it was changed meanwhile, look at it again"
            ))
        };
        let mut files = self
            .roots()?
            .into_iter()
            .map(|root| root.path().join(EDITORIAL));
        let file = files.find(|file| file.display().to_string() == path);
        self.change(&file.ok_or_else(gone)?, |text, _| {
            without_table(text, mark).ok_or_else(gone)
        })
    }

    /// The roots whose files are read, and the data folder.
    fn roots(&self) -> Result<Vec<Root>> {
        let remembered = Sources::load(&self.data)?.roots;
        let roots = remembered.iter().map(|root| Path::new(root.as_str()));
        // A root that is gone is told of by whatever reads its articles.
        let mut roots: Vec<Root> = roots.filter_map(|root| Root::new(root).ok()).collect();
        let data = Root::new(&self.data)?;
        if !roots.contains(&data) {
            roots.push(data);
        }
        Ok(roots)
    }

    /// The folders whose file may be written.
    fn folders(&self) -> Result<Vec<PathBuf>> {
        if self.apart {
            return Ok(vec![self.data.clone()]);
        }
        let roots = self.roots()?;
        let folders = roots.iter().map(Root::path).filter(|path| path.is_dir());
        Ok(folders.map(Path::to_owned).collect())
    }

    fn change(
        &self,
        path: &Path,
        change: impl FnOnce(&str, &[ToldTable]) -> Result<String>,
    ) -> Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = path.parent().unwrap_or(&self.data);
        let file = match EditorsFile::editorial(&Root::new(folder)?) {
            Some(Ok(file)) => Some(file),
            Some(Err(problem)) => return Err(Error::Usage(problem.message)),
            None => None,
        };
        let before = file.as_ref().map_or(&[][..], |file| &file.bytes);
        let text = str::from_utf8(before).map_err(|_| {
            Error::Usage(format!(
                "found other bytes than UTF-8 in {}; save it as UTF-8 to have it changed here",
                path.display()
            ))
        })?;
        let tables = file.as_ref().map(told_tables).unwrap_or_default();
        let after = change(text, &tables)?;
        replace(path, folder, before, after.as_bytes())
    }
}

/// Whether `said` leaves nothing of what `table` tells: one thing, without dates, of the same two or the same slot.
fn overrules(said: &Instruction, table: &ToldTable) -> bool {
    let [other] = &table.instructions[..] else {
        return false;
    };
    let takes_its_place = match (said.told, other.told) {
        (Told::Pin(slot), Told::Pin(other_slot)) => other.card == said.card || slot == other_slot,
        (Told::Pin(_) | Told::Block, Told::Pin(_) | Told::Block) => other.card == said.card,
        _ => false,
    };
    other.period == Period::ALWAYS && other.host == said.host && takes_its_place
}

/// Puts `after` into the place of `path` in `folder`, which holds `before`.
fn replace(path: &Path, folder: &Path, before: &[u8], after: &[u8]) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("write", path, &error);
    // Files with a dot in front are no articles.
    let mut beside = tempfile::Builder::new()
        .prefix(".editorial-")
        .permissions(permissions(path))
        .tempfile_in(folder)
        .map_err(failed)?;
    beside.write_all(after).map_err(failed)?;
    beside.as_file().sync_all().map_err(failed)?;
    if fs::read(path).unwrap_or_default() != before {
        return Err(Error::Usage(format!(
            "{} was changed meanwhile; look at it again and repeat what you did",
            path.display()
        )));
    }
    beside
        .persist(path)
        .map_err(|refused| failed(refused.error))?;
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::io("sync", folder, &error))
}

/// Those of the file that is there; a new one is readable by all, as articles are.
#[cfg(unix)]
fn permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    /// What a new file may be used for: by its owner to write, by all to read.
    const NEW: u32 = 0o644;
    fs::metadata(path).map_or_else(
        |_| fs::Permissions::from_mode(NEW),
        |meta| meta.permissions(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_lands_in_the_file_of_the_corpus_and_what_it_overrules_goes() {
        let data = tempfile::tempdir().expect("a folder");
        let corpus = data.path().join("site");
        fs::create_dir(&corpus).expect("a folder");
        let corpus = fs::canonicalize(corpus).expect("there");
        let mut sources = Sources::load(data.path()).expect("none");
        let name = corpus.to_str().expect("UTF-8").to_owned();
        sources.save(vec![name]).expect("kept");
        let desk = Desk::of(data.path());
        let file = corpus.join(EDITORIAL);
        assert_eq!(desk.file().expect("a path"), file);
        fs::write(
            &file,
            "# Ours.\n[[pin]]\nhost = \"/a\"\ncard = \"/x\"\nexpires = 2030-01-01\n",
        )
        .expect("written");
        for told in [Told::Pin(1), Told::Block, Told::Pin(3)] {
            desk.tell(told, "/a", "/b", "studio").expect("told");
        }
        desk.tell(Told::Pin(3), "/a", "/c", "studio").expect("told");
        let text = fs::read_to_string(&file).expect("read");
        assert!(text.starts_with("# Ours.\n[[pin]]\nhost = \"/a\"\ncard = \"/x\"\nexpires"));
        let tables = desk.tables().expect("read");
        let cards: Vec<_> = tables
            .iter()
            .flat_map(|table| &table.instructions)
            .map(|said| (said.told, said.card.as_deref()))
            .collect();
        // The dated pin is another matter; the later pin has taken slot 3.
        assert_eq!(
            cards,
            [(Told::Pin(1), Some("/x")), (Told::Pin(3), Some("/c"))]
        );
        desk.take_back(&tables[1].path, tables[1].mark)
            .expect("taken back");
        assert!(desk.take_back(&tables[1].path, tables[1].mark).is_err());
        assert_eq!(desk.tables().expect("read").len(), 1);
    }

    #[test]
    fn a_site_without_a_folder_is_told_in_its_data_folder_and_a_link_is_never_followed() {
        let data = tempfile::tempdir().expect("a folder");
        let desk = Desk::of(data.path());
        desk.tell(Told::Block, "/a", "/b", "studio").expect("told");
        let file = data.path().join(EDITORIAL);
        assert!(
            fs::read_to_string(&file)
                .expect("read")
                .contains("[[block]]")
        );
        let elsewhere = tempfile::tempdir().expect("a folder");
        let target = elsewhere.path().join("other.toml");
        fs::rename(&file, &target).expect("moved");
        std::os::unix::fs::symlink(&target, &file).expect("linked");
        let before = fs::read(&target).expect("read");
        assert!(desk.tell(Told::Pin(1), "/a", "/b", "studio").is_err());
        assert_eq!(fs::read(&target).expect("read"), before);
    }
}
