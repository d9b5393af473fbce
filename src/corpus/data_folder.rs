//! What readnext keeps itself under a corpus root that is a data folder, or holds one: none of it is an article.
//!
//! Only names that readnext gives count, and only beside a file that shows the folder to be its own: a site may have pages
//! in an `index/` or a `journal/` too.

use std::path::Path;

/// Files that show an `index/` and a `journal/` to be readnext's: the first that is written into them.
const INDEX_MARKS: [&str; 2] = ["CURRENT", "LOCK"];
const JOURNAL_MARKS: [&str; 1] = ["LOCK"];
/// What shows a folder to be a data folder, below it.
const DATA_MARKS: [&str; 4] = [
    "sources.toml",
    "index/CURRENT",
    "index/LOCK",
    "journal/LOCK",
];
/// How the time is written after `replaced-`; a digit stands for any.
const STAMP: &str = "00000000T000000Z";

/// Whether `path` is something that readnext keeps, not the site.
pub(super) fn is_kept(path: &Path) -> bool {
    let (Some(name), Some(folder)) = (name(path), path.parent()) else {
        return false;
    };
    let marked =
        |folder: &Path, marks: &[&str]| marks.iter().any(|mark| folder.join(mark).is_file());
    if name.strip_prefix("replaced-").is_some_and(is_stamped) {
        return marked(folder, &DATA_MARKS);
    }
    match self::name(folder) {
        Some("index") if is_of_index(name) => marked(folder, &INDEX_MARKS),
        Some("journal") if matches!(name, "README.md" | "search") => marked(folder, &JOURNAL_MARKS),
        Some("restored") if is_brought(name) => folder
            .parent()
            .is_some_and(|data| marked(data, &DATA_MARKS)),
        _ => false,
    }
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

fn is_of_index(name: &str) -> bool {
    name == "runs.jsonl" || name == "catalog" || name.starts_with("generation-")
}

/// Whether what follows `replaced-` is a time, and whatever is said after it.
fn is_stamped(rest: &str) -> bool {
    let shape = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
    let stamp = rest.bytes().take(STAMP.len()).map(shape);
    stamp.eq(STAMP.bytes())
}

/// Whether a restore brought a root of this name: the number of the root comes first.
fn is_brought(name: &str) -> bool {
    let number = name.split_once('-').map_or("", |(number, _)| number);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_named_alike_and_is_not_readnexts_is_the_sites() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let names = [
            "index/runs.jsonl",
            "index/generation-00000001",
            "journal/README.md",
            "restored/0-content",
            "replaced-20251128T101112Z",
            "replaced-20251128T101112Z-again",
        ];
        for name in names {
            assert!(!is_kept(&data.join(name)), "{name}");
        }
        for mark in ["index/CURRENT", "journal/LOCK"] {
            let path = data.join(mark);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, "").expect("written");
        }
        for name in names {
            assert!(is_kept(&data.join(name)), "{name}");
        }
        for name in [
            "index",
            "journal",
            "restored",
            "index/pandas.md",
            "index/generations.md",
            "journal/2025.md",
            "restored/chairs.md",
            "replaced-parts",
            "other/index/runs.jsonl",
        ] {
            assert!(!is_kept(&data.join(name)), "{name}");
        }
    }
}
