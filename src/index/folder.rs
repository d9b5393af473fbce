//! The folder of a search index as tantivy sees it.
//!
//! Tantivy writes on threads of its own and reports of a failed one only that it failed; here the file and the cause are
//! kept. A finished index never changes, so no lock is taken, and one that may only be read can be searched.

use std::fmt::Debug;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tantivy::directory::error::{
    DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError,
};
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
};

/// The folder, and the first failure to write in it.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    files: MmapDirectory,
    failure: Failure,
}

/// The first failure to write, with the name of the file.
#[derive(Clone, Debug, Default)]
struct Failure(Arc<Mutex<Option<String>>>);

impl Folder {
    /// Opens the folder at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, OpenDirectoryError> {
        Ok(Self {
            path: path.to_owned(),
            files: MmapDirectory::open(path)?,
            failure: Failure::default(),
        })
    }

    /// The first failure to write.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.0.lock().ok()?.clone()
    }
}

impl Failure {
    fn note<T>(&self, path: &Path, outcome: io::Result<T>) -> io::Result<T> {
        if let (Err(error), Ok(mut first)) = (&outcome, self.0.lock()) {
            first.get_or_insert_with(|| format!("{}: {error}", path.display()));
        }
        outcome
    }
}

impl Directory for Folder {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.files.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let inner = self.files.open_write(path).inspect_err(|error| {
            let _ = self
                .failure
                .note::<()>(path, Err(io::Error::other(error.to_string())));
        })?;
        Ok(BufWriter::new(Box::new(Writer {
            inner,
            path: self.path.join(path),
            failure: self.failure.clone(),
        })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    /// Like tantivy's own, but the file may be read by whom the others may be read by.
    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let path = self.path.join(path);
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let written = fs::write(&beside, data).and_then(|()| fs::rename(&beside, &path));
        self.failure.note(&path, written)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

/// A file being written.
struct Writer {
    inner: WritePtr,
    path: PathBuf,
    failure: Failure,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.inner.write(bytes);
        self.failure.note(&self.path, outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.inner.flush();
        self.failure.note(&self.path, outcome)
    }
}

impl TerminatingWrite for Writer {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let outcome = self.inner.terminate_ref(token);
        self.failure.note(&self.path, outcome)
    }
}

#[cfg(test)]
mod tests {
    use tantivy::schema::{Schema, TEXT};
    use tantivy::{Index, IndexSettings, TantivyDocument};

    use super::*;

    #[test]
    fn a_failure_on_a_thread_of_tantivy_is_kept_with_its_cause() {
        let outer = tempfile::tempdir().expect("a folder");
        let path = outer.path().join("search");
        fs::create_dir(&path).expect("a folder");
        let folder = Folder::open(&path).expect("opened");
        let mut schema = Schema::builder();
        let field = schema.add_text_field("body", TEXT);
        let index = Index::create(folder.clone(), schema.build(), IndexSettings::default())
            .expect("created");
        let mut writer = index
            .writer_with_num_threads::<TantivyDocument>(1, 15 << 20)
            .expect("a writer");
        fs::remove_dir_all(&path).expect("removed");
        let mut document = TantivyDocument::new();
        document.add_text(field, "text");
        let failed = writer.add_document(document).is_err() || writer.commit().is_err();
        assert!(failed);
        let cause = folder.failure().expect("kept");
        assert!(cause.contains("No such file"), "{cause}");
    }
}
