//! What a restore moves and what it leaves, roots that lie inside one another, and what a run that was stopped leaves behind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::backup::backup;
use crate::site::Site;

fn event(article: &str) -> Value {
    json!({"ts": 1_732_320_000, "visitor": "v", "article": article, "type": "view"})
}

/// A site with one file and one event.
fn site() -> Site {
    let site = Site::new()
        .page("a.md", "# Burr grinders\nFor espresso.\n")
        .indexed();
    site.events(&[event("/a")]);
    site
}

/// `restore` of the file at `path` into `site`: exit code, stdout, stderr.
fn restore(site: &Site, path: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let output = site.run(&[&["restore", path.to_str().expect("UTF-8")], more].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// A data folder with nothing in it.
fn empty() -> Site {
    let site = Site::new();
    fs::remove_dir(site.path("corpus")).expect("empty");
    site
}

/// What is in the data folder under a name that begins with `prefix`.
fn named(site: &Site, prefix: &str) -> Vec<PathBuf> {
    let listed = fs::read_dir(site.path("")).expect("listed").flatten();
    listed
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}

fn read(site: &Site, name: &str) -> String {
    fs::read_to_string(site.path(name)).expect("read")
}

#[test]
fn of_roots_inside_one_another_each_file_is_kept_once_and_is_back() {
    let site = Site::new();
    site.write("site/x.md", "# Burr grinders\nFor espresso.\n");
    site.write("site/inner/y.md", "# Kettles\nFor espresso, too.\n");
    for roots in [["site", "site/inner"], ["site/inner", "site"]] {
        site.ok(&["reindex", "--corpus", roots[0], "--corpus", roots[1]]);
        let name = format!("{}.tar", roots[0].len());
        let path = backup(&site, &name, &["--corpus"]);
        let bytes = fs::read(&path).expect("read");
        let kept = bytes
            .windows(16)
            .filter(|part| part == b"site/inner/y.md\0");
        assert_eq!(kept.count(), 1, "{roots:?}");
        let elsewhere = empty();
        let (code, _, said) = restore(&elsewhere, &path, &["--reindex"]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(
            read(&elsewhere, "site/inner/y.md"),
            read(&site, "site/inner/y.md")
        );
        let now = ["--now", "1732330000", "--limit", "5"];
        assert_eq!(
            elsewhere.json_export(&now).lines().count(),
            site.json_export(&now).lines().count()
        );
        fs::remove_file(site.path("sources.toml")).expect("removed");
    }
}

#[test]
fn settings_that_the_backup_does_not_have_stay_in_force() {
    let site = site();
    let path = backup(&site, "b.tar", &[]);
    for force in [&[][..], &["--force"]] {
        let elsewhere = empty();
        elsewhere.write("readnext.toml", "fill = false\n");
        elsewhere.write("editorial.toml", "# none yet\n");
        let (code, _, said) = restore(&elsewhere, &path, force);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(read(&elsewhere, "readnext.toml"), "fill = false\n");
        assert_eq!(read(&elsewhere, "editorial.toml"), "# none yet\n");
        for name in ["readnext.toml", "editorial.toml"] {
            let told = format!("{name} is not in the backup");
            assert!(said.contains(&told), "{said}");
        }
        assert_eq!(named(&elsewhere, "replaced-"), [] as [PathBuf; 0]);
    }
}

#[test]
fn what_goes_with_another_journal_is_named_and_moves_only_if_that_is_forced() {
    let site = Site::new()
        .page("a.md", "# Burr grinders\nFor espresso.\n")
        .indexed();
    let path = backup(&site, "b.tar", &[]);
    for name in ["secret", "keys", "weights.toml", "weights.1.toml"] {
        let elsewhere = empty();
        elsewhere.write(name, "another site's");
        let (code, _, said) = restore(&elsewhere, &path, &[]);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains(&format!("/{name} already")), "{said}");
        assert_eq!(read(&elsewhere, name), "another site's");
        let (code, _, said) = restore(&elsewhere, &path, &["--force"]);
        assert_eq!(code, Some(0), "{name}: {said}");
        assert!(!elsewhere.path(name).exists(), "{name}");
        let aside = named(&elsewhere, "replaced-").remove(0);
        assert_eq!(
            fs::read_to_string(aside.join(name)).expect("moved"),
            "another site's"
        );
    }
}

#[test]
fn of_a_corpus_folder_only_the_files_move_that_are_replaced() {
    let site = Site::new();
    site.write("n/site/content/a.md", "# Burr grinders\nFor espresso.\n");
    site.write("n/site/content/deep/b.md", "# Kettles\nFor espresso.\n");
    site.write("n/site/content/deep/same.md", "# Scales\nFor espresso.\n");
    let beside = [
        "n/site/templates/page.html",
        "n/site/content/photo.jpg",
        "n/site/content/README.md",
        "n/site/content/.git/HEAD",
        "n/site/content/deep/later.md",
    ];
    for name in beside {
        site.write(name, "mine");
    }
    fs::remove_file(site.path("n/site/content/deep/later.md")).expect("removed");
    site.ok(&["reindex", "--corpus", "n/site/content"]);
    let path = backup(&site, "b.tar", &["--corpus"]);
    site.write("n/site/content/deep/later.md", "mine");
    site.write("n/site/content/deep/b.md", "# Kettles\nWritten again.\n");
    fs::remove_file(site.path("n/site/content/a.md")).expect("removed");
    let (code, _, said) = restore(&site, &path, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("n/site/content/deep/b.md already"), "{said}");
    let (code, _, said) = restore(&site, &path, &["--force"]);
    assert_eq!(code, Some(0), "{said}");
    for name in beside {
        assert_eq!(read(&site, name), "mine", "{name}");
    }
    assert!(read(&site, "n/site/content/a.md").contains("Burr"));
    assert!(read(&site, "n/site/content/deep/b.md").contains("For espresso"));
    let aside = named(&site, "replaced-").remove(0).join("n/site/content");
    let moved = fs::read_to_string(aside.join("deep/b.md")).expect("moved");
    assert!(moved.contains("Written again"), "{moved}");
    assert!(!aside.join("deep/same.md").exists());
    assert!(!aside.join("README.md").exists());
}

/// Runs a command that the system ends once it has written `blocks` of 512 bytes to a file.
fn stopped(site: &Site, blocks: u32, arguments: &[&str]) {
    let free = site.command(arguments);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")])
        .arg(free.get_program())
        .args(free.get_args());
    let output = command.output().expect("the shell starts");
    assert_eq!(output.status.code(), None, "ended by a signal");
}

#[test]
fn what_a_stopped_backup_or_restore_left_is_noted_and_removed_by_the_next_one() {
    let site = site();
    site.write(
        "corpus/long.md",
        &"Espresso and its grinders. ".repeat(4000),
    );
    site.ok(&["reindex"]);
    let out = site.path("b.tar");
    let out = out.to_str().expect("UTF-8");
    stopped(&site, 100, &["backup", "--corpus", "--out", out]);
    assert_eq!(named(&site, ".readnext-backup-").len(), 1);
    // One that somebody works on is locked.
    site.write(".readnext-backup-other", "");
    let other = File::open(site.path(".readnext-backup-other")).expect("opened");
    other.lock().expect("locked");
    let noted = site.ok(&["doctor"]);
    assert_eq!(noted.matches("that was stopped").count(), 1, "{noted}");
    let output = site.run(&["backup", "--corpus", "--out", out]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("removed "),
        "{said}"
    );
    assert_eq!(
        named(&site, ".readnext-backup-"),
        [site.path(".readnext-backup-other")]
    );
    let elsewhere = empty();
    stopped(&elsewhere, 100, &["restore", out]);
    assert_eq!(named(&elsewhere, ".readnext-restore-").len(), 1);
    let noted = elsewhere.ok(&["doctor"]);
    assert!(noted.contains(".readnext-restore-"), "{noted}");
    let (code, _, said) = restore(&elsewhere, Path::new(out), &[]);
    assert!(code == Some(0) && said.contains("removed "), "{said}");
    assert_eq!(named(&elsewhere, ".readnext-restore-"), [] as [PathBuf; 0]);
}

#[test]
fn a_restore_whose_index_cannot_be_built_is_reported_all_the_same() {
    let site = site();
    let kept = tempfile::NamedTempFile::new().expect("a file");
    fs::copy(backup(&site, "b.tar", &[]), kept.path()).expect("copied");
    // With the site its corpus is gone, which sources.toml remembers.
    drop(site);
    let elsewhere = empty();
    let (code, report, said) = restore(&elsewhere, kept.path(), &["--reindex", "--json"]);
    assert_eq!(code, Some(4), "{said}");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["events"], 1);
    assert_eq!(report["generation"], Value::Null);
    let told = "the folder is restored; only the index is not built: cannot read the corpus";
    assert!(said.contains(told), "{said}");
    let (_, report, _) = restore(&elsewhere, kept.path(), &["--reindex", "--force"]);
    assert!(report.contains("event 1: now in "), "{report}");
}

#[test]
fn a_backup_does_not_go_to_standard_output() {
    let site = site();
    let output = site.run(&["backup", "--out", "-"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("expected a file or a folder"), "{said}");
    assert!(!site.path("-").exists());
}
