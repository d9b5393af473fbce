//! The documents say what is true: commands, settings and flags that they name exist.

use std::fs;

use crate::site::{Site, repository};

fn document(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of `text` inside fences, that begin with `start`.
fn commands<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    let mut fenced = false;
    text.lines()
        .filter(|line| {
            fenced ^= line.starts_with("```");
            fenced
        })
        .map(str::trim)
        .filter(|line| line.starts_with(start))
        .collect()
}

#[test]
fn the_two_commands_of_the_readme_are_there() {
    let readme = document("README.md");
    assert_eq!(
        commands(&readme, "cargo run"),
        ["cargo run --release -- demo"]
    );
    assert_eq!(commands(&readme, "./test"), ["./test"]);
    assert!(repository().join("test").exists());
}

#[test]
fn every_flag_that_a_document_names_exists() {
    let site = Site::new();
    let mut help = site.ok(&["--help"]);
    for command in [
        "demo", "reindex", "check", "serve", "related", "search", "topics", "export",
    ] {
        help.push_str(&site.ok(&[command, "--help"]));
    }
    for name in [
        "README.md",
        "docs/operations.md",
        "docs/configuration.md",
        "docs/api.md",
    ] {
        for line in commands(&document(name), "readnext ") {
            let mut words = line.split_whitespace().skip(1);
            let command = words.next().expect("a command");
            assert!(help.contains(&format!("  {command}")), "{name}: {line}");
            for flag in words.filter(|word| word.starts_with("--")) {
                assert!(help.contains(flag), "{name}: {line}: {flag}");
            }
        }
    }
}

#[test]
fn the_settings_of_the_configuration_document_are_accepted() {
    let document = document("docs/configuration.md");
    let mut toml = String::new();
    let mut inside = false;
    for line in document.lines() {
        if line.starts_with("```") {
            inside = line == "```toml";
        } else if inside {
            toml.push_str(line);
            toml.push('\n');
        }
    }
    assert!(toml.contains("site =") && toml.contains("fill ="));
    let site = Site::new();
    site.write("readnext.toml", &toml);
    site.ok(&["reindex"]);
}
