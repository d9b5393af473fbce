//! A disk that is full, or may not be written: the message names the file and the cause, the last generation serves.

use std::collections::BTreeSet;
use std::fs;

use crate::chance::{page, write_pages};
use crate::site::Site;

fn folders(site: &Site) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(site.path("index"))
        .expect("listed")
        .flatten()
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .filter(|name| name.starts_with("generation") || name.ends_with(".new"))
        .collect();
    names.sort();
    names
}

fn last_line(text: &str) -> &str {
    text.lines().next_back().unwrap_or_default()
}

#[test]
fn a_build_on_a_full_disk_says_which_file_and_leaves_the_last_generation() {
    let site = Site::new();
    write_pages(&site, 60, 100, 1);
    site.ok(&["reindex"]);
    let before = site.run_export();
    site.write("corpus/p3.md", &page(3, 100, 2));
    let mut named = BTreeSet::new();
    for blocks in [1, 2, 4, 8, 16, 32, 64, 96, 128, 160, 192, 224, 256] {
        let output = site.on_a_full_disk(blocks, &["reindex"]);
        if output.status.success() {
            break;
        }
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{blocks}: {told}");
        assert!(told.starts_with("readnext: cannot write"), "{told}");
        assert!(told.contains("File too large"), "{told}");
        assert!(!told.contains("panicked"), "{told}");
        let file = told.split('/').next_back().expect("a path");
        named.insert(file.split(':').next().expect("a name").to_owned());
        assert_eq!(folders(&site), ["generation-00000001"], "{told}");
        assert_eq!(site.run_export(), before);
    }
    assert!(named.len() >= 2, "{named:?}");
    site.ok(&["reindex"]);
    assert_ne!(site.run_export(), before);
}

#[test]
fn a_catalogue_that_cannot_be_written_costs_the_next_run_time_and_no_more() {
    let site = Site::new();
    let long = "x".repeat(200);
    for number in 0..300 {
        let text = format!("---\nid: /x\ntitle: One\n---\ntext {number}\n");
        site.write(&format!("corpus/{long}{number}.md"), &text);
    }
    let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    for entry in fs::read_dir(site.path("corpus")).expect("listed").flatten() {
        let file = fs::File::options().append(true).open(entry.path());
        file.and_then(|file| file.set_modified(hour_ago))
            .expect("set");
    }
    // The paths of 300 files are more than the one article.
    let output = site.on_a_full_disk(32, &["reindex"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}", last_line(&told));
    assert!(
        told.contains("index/catalog: file too large"),
        "{}",
        last_line(&told)
    );
    assert!(!told.contains("panicked"));
    assert!(!site.path("index/catalog").exists());
    let output = site.run(&["reindex"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing changed"));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("catalog"));
}

#[test]
fn talk_that_cannot_be_written_stops_nothing() {
    let site = Site::new()
        .page("a.md", "text")
        .page("b.md", "---\nfoo: 1\n---\nmore");
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("there");
    let status = site
        .command(&["reindex"])
        .stderr(full)
        .status()
        .expect("it runs");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn an_index_that_may_not_be_written_is_named_and_still_read() {
    let site = Site::new().page("a.md", "text").indexed();
    let index = site.path("index");
    let mut permissions = fs::metadata(&index).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&index, permissions).expect("set");
    site.ok(&["related", "/a"]);
    site.ok(&["search", "text"]);
    // Nothing stops the superuser.
    if fs::write(index.join("probe"), "x").is_err() {
        let output = site.run(&["reindex", "--full"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(told.contains("index"), "{told}");
    }
    let other = Site::new().page("a.md", "text");
    other.write("index", "a file where the folder should be");
    let output = other.run(&["reindex"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("cannot create") && told.contains("index"),
        "{told}"
    );
}
