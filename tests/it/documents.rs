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
        "demo",
        "reindex",
        "check",
        "doctor",
        "serve",
        "related",
        "search",
        "topics",
        "export",
        "completions",
        "man",
        "backup",
        "restore",
        "eval",
        "tune",
        "suggest",
    ] {
        help.push_str(&site.ok(&[command, "--help"]));
    }
    help.push_str(&site.ok(&["report", "behavior", "--help"]));
    for command in ["import", "export", "erase", "simulate"] {
        help.push_str(&site.ok(&["events", command, "--help"]));
    }
    for command in ["create", "list", "revoke"] {
        help.push_str(&site.ok(&["keys", command, "--help"]));
    }
    help.push_str(&site.ok(&["config", "show", "--help"]));
    help.push_str(&site.ok(&["report", "abuse", "--help"]));
    help.push_str(&site.ok(&["report", "seo", "--help"]));
    for name in [
        "README.md",
        "docs/operations.md",
        "docs/configuration.md",
        "docs/api.md",
        "docs/embedding.md",
        "docs/events.md",
        "docs/quick-start.md",
        "docs/tuning.md",
        "docs/site-report.md",
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

/// The fenced blocks of `text` in `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let fences = text.split(&fence).skip(1);
    let blocks = fences.filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect()
}

/// `text` without what stands in fences.
fn prose(text: &str) -> String {
    let parts = text.split("\n```").step_by(2);
    parts.collect::<Vec<_>>().join("\n")
}

/// The name by which a link leads to each heading of `text`.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter_map(|line| {
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then(|| heading.trim().to_lowercase())
    });
    let anchor = |heading: String| -> String {
        let kept = heading
            .chars()
            .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_of_a_document_leads_to_a_file_and_a_heading() {
    let mut names: Vec<String> = fs::read_dir(repository().join("docs"))
        .expect("listed")
        .map(|file| format!("docs/{}", file.expect("listed").file_name().display()))
        .filter(|name| name.ends_with(".md"))
        .collect();
    let others = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "corpus/README.md",
        "index/README.md",
        "src/journal/README.md",
    ];
    names.extend(others.map(str::to_owned));
    let mut followed = 0;
    for name in &names {
        let text = prose(&document(name));
        let targets = text.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let file = match path {
                "" => name.clone(),
                path => format!("{folder}/{path}")
                    .trim_start_matches('/')
                    .to_owned(),
            };
            assert!(repository().join(&file).exists(), "{name}: {target}");
            if !anchor.is_empty() {
                let there = anchors(&prose(&document(&file)));
                assert!(
                    there.iter().any(|known| known == anchor),
                    "{name}: {target}"
                );
            }
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn every_step_of_the_quick_start_can_be_taken() {
    let start = document("docs/quick-start.md");
    let site = Site::new();
    for (name, more) in [("grinder", "burrs"), ("kettle", "a spout")] {
        let text =
            format!("# The {name}\nEspresso needs fresh beans, water under pressure and {more}.\n");
        site.write(&format!("content/guides/{name}.md"), &text);
    }
    site.write(
        "access.log",
        "192.0.2.7 - - [25/Nov/2026:10:00:00 +0000] \"GET /guides/kettle.html HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"\n",
    );
    let settings = blocks(&start, "toml").concat();
    assert!(settings.contains("site =") && settings.contains("serve.hosts ="));
    let mut taken = 0;
    for line in commands(&start, "readnext ") {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        if words[0] == "serve" {
            site.write("readnext.toml", &settings);
            let server = site.start(&["serve"]);
            let asked = commands(&start, "curl ");
            let (_, path) = asked[0].split_once(":7878").expect("the server's address");
            let answer = server.json(path.trim_end_matches('\''));
            assert_eq!(answer["items"][0]["id"], "/guides/kettle");
            assert!(
                server.said().contains("made the first key"),
                "{}",
                server.said()
            );
            assert_eq!(server.stop(), Some(0));
        } else if let Some(at) = words.iter().position(|word| *word == "--data") {
            // What runs in the folder of a real server runs in this one here.
            let mut words = words.clone();
            words.drain(at..at + 2);
            if let Some(out) = words.iter_mut().find(|word| word.starts_with("/var/")) {
                *out = "site.tar";
            }
            site.ok(&words);
        } else {
            site.ok(&words);
        }
        taken += 1;
    }
    assert_eq!(taken, 7);
    let unit = blocks(&start, "ini").concat();
    assert!(unit.contains("readnext serve --data"), "{unit}");
    let read = site.json(&["report", "behavior", "--json"]);
    assert!(
        !read.to_string().contains("kettle.html"),
        "the log's name is the page's: {read}"
    );
}

#[test]
fn the_weights_of_the_ranking_document_and_of_the_fit_are_those_of_the_code() {
    let ranking = document("docs/ranking.md");
    let fit = document("benches/fit.py");
    let similarity = document("src/signals/content/similarity.rs");
    let weights = similarity
        .split("pub(super) const WEIGHTS:")
        .nth(1)
        .and_then(|rest| rest.split("};").next())
        .expect("the weights");
    let kinds: Vec<(&str, f64)> = weights
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').split_once(": "))
        .filter_map(|(kind, weight)| Some((kind, weight.parse().ok()?)))
        .collect();
    assert_eq!(kinds.len(), 9);
    let links = document("src/signals/research/links.rs");
    let research = document("src/signals/research/mod.rs");
    let constant = |text: &str, name: &str| -> f64 {
        let line = text.split(&format!("const {name}: f64 = ")).nth(1);
        let number = line.and_then(|rest| rest.split(';').next());
        number.expect(name).parse().expect("a number")
    };
    let connections = [
        ("linked", constant(&links, "LINKED")),
        ("linking", constant(&links, "LINKING")),
        ("cocitation", constant(&links, "COCITATION")),
        ("coupling", constant(&links, "COUPLING")),
        ("by_topics", constant(&research, "TOPICS")),
    ];
    for (name, weight) in kinds.iter().chain(&connections) {
        assert!(
            fit.contains(&format!("{name}={weight:.2}")),
            "benches/fit.py: expected {name}={weight:.2}"
        );
        let row = if *name == "by_topics" { "topics" } else { name };
        let told = ranking
            .lines()
            .filter(|line| line.starts_with(&format!("| {row} |")))
            .any(|line| line.contains(&format!("{weight:.2} |")));
        assert!(
            told,
            "docs/ranking.md: expected a row {row} with {weight:.2}"
        );
    }
}

/// What an expression of numbers, products and `READ` comes to; the numbers of a list as they stand.
fn written(expression: &str, read: f64) -> String {
    let expression = expression.replace('_', "");
    if let Some(list) = expression.strip_prefix('[') {
        return list.trim_end_matches(']').to_owned();
    }
    let factor = |factor: &str| match factor.trim() {
        "READ" => read,
        number => number.parse().expect("a number"),
    };
    let product: f64 = expression.split(" * ").map(factor).product();
    product.to_string()
}

#[test]
fn the_constants_of_behavior_are_those_of_the_ranking_document() {
    let ranking = document("docs/ranking.md");
    let read = 600.0 * 64.0;
    let mut found = 0;
    for file in [
        "src/signals/behavior/caps.rs",
        "src/signals/behavior/decay.rs",
        "src/signals/behavior/fold.rs",
        "src/signals/behavior/held.rs",
        "src/signals/behavior/open.rs",
        "src/signals/behavior/places.rs",
        "src/signals/behavior/row.rs",
        "src/signals/behavior/value.rs",
        "src/engine/readers.rs",
    ] {
        let text = document(file);
        let code = text.split("#[cfg(test)]").next().expect("code");
        let constants = code.lines().filter_map(|line| {
            let (_, rest) = line.split_once("const ")?;
            let (name, rest) = rest.split_once(": ")?;
            let (_, value) = rest.trim_end_matches(';').split_once(" = ")?;
            Some((name, value))
        });
        for (name, value) in constants.filter(|(name, _)| *name != "DAY") {
            let told = ranking
                .lines()
                .filter(|line| line.starts_with(&format!("| `{name}`")))
                .filter_map(|line| line.split('|').nth(2))
                .any(|cell| cell.trim().replace(',', "") == written(value, read).replace(',', ""));
            assert!(
                told,
                "docs/ranking.md: expected a row {name} with {value}, as in {file}"
            );
            found += 1;
        }
    }
    assert_eq!(found, 37);
}
