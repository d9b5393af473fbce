//! The shape of the code, held by a test: floors, doors, headers.

use std::fs;
use std::path::Path;

use crate::site::repository;

/// Modules from the lowest floor up. A file names only modules of lower floors; modules of one floor are strangers.
const FLOORS: &[&[&str]] = &[
    &["error"],
    &["model"],
    &["text", "keys"],
    &["corpus"],
    &["journal", "index", "store"],
    &["signals"],
    &["ranking"],
    &["panel"],
    &["config"],
    &["engine"],
    &["eval"],
    &["serve"],
    &["cli"],
];

/// Signals know nothing of one another.
const STRANGERS: &[&str] = &["content", "behavior", "research", "seo"];

/// A third-party crate and the only files (by the beginning of their path under `src/`) that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("tantivy", &["index/"]),
    ("sled", &["store/"]),
    ("rust_stemmers", &["text/stem.rs"]),
    ("whatlang", &["text/detect.rs"]),
    ("hashbrown", &["text/vocabulary.rs"]),
    ("base64", &["keys/"]),
    ("hmac", &["keys/"]),
    ("sha2", &["keys/"]),
    ("getrandom", &["keys/"]),
    ("aho_corasick", &["corpus/events/robots.rs"]),
    ("memchr", &["corpus/"]),
    ("memmap2", &["index/map.rs"]),
    ("axum", &["serve/"]),
    ("tokio", &["serve/", "cli/", "main.rs"]),
    ("maud", &["serve/"]),
    ("brotli", &["serve/kept.rs"]),
    ("flate2", &["serve/kept.rs", "corpus/embedded.rs"]),
    ("hyper", &["serve/"]),
    ("hyper_util", &["serve/guest.rs"]),
    ("utoipa", &["serve/"]),
    ("tower_service", &["serve/front.rs"]),
    ("quick_cache", &["serve/panels.rs"]),
    ("rustix", &["engine/rebuild.rs", "engine/doctor/machine.rs"]),
    ("tar", &["engine/backup/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/completions.rs"]),
    ("clap_mangen", &["cli/man.rs"]),
    ("toml", &["config", "corpus/"]),
    ("indicatif", &["cli/"]),
    ("pulldown_cmark", &["corpus/"]),
    ("csv", &["corpus/search_console/"]),
    ("zip", &["corpus/search_console/"]),
    ("lol_html", &["corpus/"]),
    ("granit_parser", &["corpus/"]),
];

/// The modules in which unsafe code is allowed.
const UNSAFE: &[&str] = &["cli/allocator.rs", "index/map.rs"];

/// What is wrong with a source file `path` (under `src/`) that holds `text`.
fn findings(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(format!(
            "{path}: expected a //! header that says why the file exists"
        ));
    }
    let code = without_comments(text);
    if let Some(floor) = floor_of(module_of(path)) {
        for named in names_after(&code, "crate::") {
            match floor_of(&named) {
                Some(other) if other < floor || named == module_of(path) => {}
                Some(_) => found.push(format!("{path}: {} may not name {named}", module_of(path))),
                None => found.push(format!("{path}: crate::{named} is on no floor")),
            }
        }
    } else if !matches!(path, "lib.rs" | "main.rs") {
        found.push(format!("{path}: {} is on no floor", module_of(path)));
    }
    if let Some(signal) = path
        .strip_prefix("signals/")
        .and_then(|rest| rest.split(['/', '.']).next())
    {
        for other in STRANGERS.iter().filter(|other| **other != signal) {
            if code.contains(&format!("signals::{other}"))
                || code.contains(&format!("super::{other}::"))
            {
                found.push(format!(
                    "{path}: signal {signal} may not know signal {other}"
                ));
            }
        }
    }
    for (dependency, places) in DOORS {
        let named = names_of(&code, dependency);
        if named && !places.iter().any(|place| path.starts_with(place)) {
            found.push(format!(
                "{path}: {dependency} is named only in {}",
                places.join(", ")
            ));
        }
    }
    // Not the `unsafe-inline` of a content policy.
    let is_unsafe = ["unsafe ", "unsafe{", "unsafe_code"]
        .iter()
        .any(|word| code.contains(word));
    if is_unsafe && !UNSAFE.contains(&path) {
        found.push(format!(
            "{path}: unsafe is allowed only in {}",
            UNSAFE.join(", ")
        ));
    }
    if code.contains("eprintln!") {
        found.push(format!(
            "{path}: eprintln! panics where stderr cannot be written; expected error::say"
        ));
    }
    if matches!(module_of(path), "ranking" | "panel") {
        for forbidden in ["std::fs", "std::io", "std::time", "std::env", "std::net"] {
            if code.contains(forbidden) {
                found.push(format!(
                    "{path}: {forbidden}, but ranking and panel do no I/O and read no clock"
                ));
            }
        }
    }
    found
}

fn module_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names after each `prefix` in `code`, also those of `prefix{a, b}`.
fn names_after(code: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        let group = rest
            .strip_prefix('{')
            .and_then(|rest| rest.split('}').next())
            .unwrap_or(rest);
        let parts = if rest.starts_with('{') {
            group.split(',').collect()
        } else {
            vec![group]
        };
        for part in parts {
            let name: String = part
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if !name.is_empty() && name.starts_with(char::is_lowercase) {
                names.push(name);
            }
        }
    }
    names
}

/// Whether `code` names the crate `dependency` as a path.
fn names_of(code: &str, dependency: &str) -> bool {
    [format!("{dependency}::"), format!("use {dependency};")]
        .iter()
        .any(|path| {
            code.match_indices(path.as_str()).any(|(at, _)| {
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        })
}

fn all_findings(folder: &Path, under: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("listed").flatten() {
        let name = entry.file_name().into_string().expect("UTF-8");
        let path = format!("{under}{name}");
        if entry.path().is_dir() {
            all_findings(&entry.path(), &format!("{path}/"), found);
        } else if name.ends_with(".rs") {
            found.extend(findings(
                &path,
                &fs::read_to_string(entry.path()).expect("UTF-8"),
            ));
        }
    }
}

#[test]
fn the_tree_is_tidy() {
    let mut found = Vec::new();
    all_findings(&repository().join("src"), "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_test_file_says_why_it_exists() {
    for entry in fs::read_dir(repository().join("tests/it"))
        .expect("listed")
        .flatten()
    {
        let text = fs::read_to_string(entry.path()).expect("UTF-8");
        assert!(text.starts_with("//!"), "{}", entry.path().display());
    }
}

#[test]
fn planted_faults_are_found() {
    for (path, text, fault) in [
        (
            "text/stem.rs",
            "//! x\nuse crate::corpus::Prose;\n",
            "text may not name corpus",
        ),
        (
            "index/a.rs",
            "//! x\nuse crate::store::Catalog;\n",
            "index may not name store",
        ),
        (
            "ranking/a.rs",
            "//! x\nuse crate::{model::Score, engine::Engine};\n",
            "ranking may not name engine",
        ),
        (
            "model/a.rs",
            "//! x\nfn f() { crate::serve::serve() }\n",
            "model may not name serve",
        ),
        (
            "engine/a.rs",
            "//! x\nuse tantivy::Index;\n",
            "tantivy is named only in index/",
        ),
        (
            "index/a.rs",
            "//! x\nuse memmap2::Mmap;\n",
            "memmap2 is named only in index/map.rs",
        ),
        (
            "text/a.rs",
            "//! x\nuse rust_stemmers::Stemmer;\n",
            "rust_stemmers is named only in text/stem.rs",
        ),
        (
            "signals/seo/a.rs",
            "//! x\nuse crate::signals::content::Rows;\n",
            "seo may not know signal content",
        ),
        (
            "panel/a.rs",
            "//! x\nuse std::time::SystemTime;\n",
            "read no clock",
        ),
        (
            "text/a.rs",
            "//! x\nfn f() { unsafe {} }\n",
            "unsafe is allowed only",
        ),
        (
            "cli/a.rs",
            "//! x\nfn f() { eprintln!(\"x\") }\n",
            "expected error::say",
        ),
        ("text/a.rs", "use crate::model::Lang;\n", "//! header"),
        ("extra/a.rs", "//! x\n", "extra is on no floor"),
    ] {
        let found = findings(path, text);
        assert!(
            found.iter().any(|finding| finding.contains(fault)),
            "{path}: {found:?}"
        );
    }
    assert_eq!(
        findings("engine/a.rs", "//! x\nuse crate::index::Serving;\n"),
        Vec::<String>::new()
    );
}
