//! What search engines told, one file an import in `journal/search/`: written once, whole and checksummed, never changed.
//!
//! The name holds the number of the import and the digest of what is in it, so an import that says nothing new is known by
//! its name, and a file that is not what was written by its own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_128;

use super::folder::{folder, sync};
use crate::error::{Error, Result};
use crate::model::{Problem, SearchTable, Severity};

const SUFFIX: &str = ".json";

/// Keeps `tables` as one import; whether it says anything that the last import that is equal to it did not.
///
/// # Errors
/// [`Error::Failed`] if it cannot be written; then nothing was kept.
pub fn keep_search(data: &Path, tables: &[SearchTable]) -> Result<bool> {
    let bytes = serde_json::to_vec(tables).expect("plain data serialises");
    let digest = format!("{:032x}", xxh3_128(&bytes));
    let folder = folder(data).join("search");
    fs::create_dir_all(&folder).map_err(|error| Error::io("create", &folder, &error))?;
    loop {
        let files = search_files(data)?;
        if files.iter().any(|file| digest_of(file) == Some(&digest)) {
            return Ok(false);
        }
        let number = files.last().and_then(|file| number_of(file)).unwrap_or(0) + 1;
        let path = folder.join(format!("{number:08}-{digest}{SUFFIX}"));
        let beside = folder.join(format!("{digest}.new"));
        write(&beside, &bytes)?;
        // A link never takes the place of a file, as a rename would: two imports at once get two numbers.
        let linked = fs::hard_link(&beside, &path);
        let _ = fs::remove_file(&beside);
        match linked {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::io("write", &path, &error)),
        }
    }
    sync(&folder)?;
    Ok(true)
}

/// All imports in their order, and which of them are damaged.
///
/// # Errors
/// [`Error::Failed`] if one cannot be read.
pub fn search_tables(data: &Path) -> Result<(Vec<SearchTable>, Vec<Problem>)> {
    let (mut tables, mut problems) = (Vec::new(), Vec::new());
    for path in search_files(data)? {
        let bytes = fs::read(&path).map_err(|error| Error::io("read", &path, &error))?;
        let whole = digest_of(&path) == Some(&format!("{:032x}", xxh3_128(&bytes)));
        match serde_json::from_slice::<Vec<SearchTable>>(&bytes) {
            Ok(read) if whole => tables.extend(read),
            _ => problems.push(Problem::new(
                Severity::Error,
                path.to_string_lossy(),
                "is damaged and does not count; import that export again, then remove this file",
            )),
        }
    }
    Ok((tables, problems))
}

/// The files of all imports in their order; none where there is no folder.
///
/// # Errors
/// [`Error::Failed`] if the folder is there and cannot be listed.
pub fn search_files(data: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder(data).join("search");
    let listed = match fs::read_dir(&folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", &folder, &error)),
    };
    let mut files: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| digest_of(path).is_some() && number_of(path).is_some());
    files.sort_unstable();
    Ok(files)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| {
        let _ = fs::remove_file(path);
        Error::io("write", path, &error)
    })
}

fn number_of(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.split_once('-')?.0.parse().ok()
}

fn digest_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    Some(name.split_once('-')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SearchRow;

    fn table(clicks: u64) -> SearchTable {
        let row = SearchRow {
            page: "/a".to_owned(),
            clicks,
            ..SearchRow::default()
        };
        SearchTable {
            period: None,
            rows: vec![row],
        }
    }

    #[test]
    fn an_import_is_kept_once_in_order_and_damage_costs_it_alone() {
        let data = tempfile::tempdir().expect("a folder");
        let data = data.path();
        assert_eq!(search_tables(data).expect("read").0, []);
        for (clicks, is_new) in [(2, true), (1, true), (2, false)] {
            assert_eq!(keep_search(data, &[table(clicks)]).expect("kept"), is_new);
        }
        let (tables, problems) = search_tables(data).expect("read");
        assert_eq!((tables, problems), (vec![table(2), table(1)], Vec::new()));
        let first = &search_files(data).expect("listed")[0];
        let mut bytes = fs::read(first).expect("read");
        let place = bytes
            .iter()
            .position(|&byte| byte == b'2')
            .expect("a figure");
        bytes[place] = b'9';
        fs::write(first, bytes).expect("written");
        let (tables, problems) = search_tables(data).expect("read");
        assert_eq!(tables, [table(1)]);
        assert!(problems[0].message.contains("import that export again"));
    }
}
