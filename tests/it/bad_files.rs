//! Whatever lies in a corpus: each bad file has its message or its meaning, and none ends a run or costs another article.
//!
//! `tests/fixtures/bad` holds the files that can be checked in, [`odd_files`] makes the rest. What is said of them stands in
//! `tests/fixtures/bad.expected`: the problems first, then a line for each article.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use readnext::corpus::{Piece, Prose, Root, Rules, pieces};
use serde_json::Value;

use crate::site::{Site, copy, repository};

/// Writes the files that git or an editor would mangle, and those that are too large to keep.
fn odd_files(corpus: &Path, outside: &Path) {
    let folder = corpus.join("odd");
    fs::create_dir_all(&folder).expect("a folder");
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
    let page = "---\ntitle: Grüße\ntopic: bytes\n---\nSome words of text.\n\nAnd more of them.\n";
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    write("crlf.md", page.replace('\n', "\r\n").as_bytes());
    write("lone-cr.md", page.replace('\n', "\r").as_bytes());
    write("mark.md", format!("\u{feff}{page}").as_bytes());
    write(
        "utf-16-le.md",
        &wide(&format!("\u{feff}{page}"), u16::to_le_bytes),
    );
    write(
        "utf-16-be.md",
        &wide(&format!("\u{feff}{page}"), u16::to_be_bytes),
    );
    write("utf-16-unmarked.md", &wide(page, u16::to_le_bytes));
    write(
        "utf-16.jsonl",
        &wide(
            "\u{feff}{\"id\": \"/odd/wide\", \"title\": \"Wide\"}\n{\"id\": \"/odd/wide-2\", \"title\": 2}\n",
            u16::to_le_bytes,
        ),
    );
    write(
        "mark.jsonl",
        "\u{feff}{\"id\": \"/odd/marked\", \"title\": \"Marked\"}".as_bytes(),
    );
    write(
        "latin-1.md",
        b"# A caf\xe9 in Latin-1\n\nSome words of text in it.\n",
    );
    write("nul.md", b"# A NUL\n\nSome wo\0rds of text.\n");
    write(
        "picture.md",
        &[0x89, b'P', b'N', b'G', 0, 1, 2, 255].repeat(100),
    );
    write("large.md", &b"word ".repeat(1_900_000));
    let mut lines = b"{\"id\": \"/odd/large\", \"title\": \"".to_vec();
    lines.resize(9_000_000, b'x');
    lines.extend_from_slice(b"\"}\n{\"id\": \"/odd/after-large\", \"title\": \"After\"}\n");
    write("large.jsonl", &lines);
    for (name, text) in generated() {
        write(name, text.as_bytes());
    }
    write("line\nbreak.md", b"A line break in the name.");
    let name = OsStr::from_bytes(b"caf\xe9.md");
    fs::write(folder.join(name), "A name in Latin-1.").expect("written");
    fs::write(outside.join("secret.md"), "Never read.").expect("written");
    symlink("crlf.md", folder.join("link-inside.md")).expect("a link");
    symlink(outside.join("secret.md"), folder.join("link-outside.md")).expect("a link");
    symlink("nowhere.md", folder.join("link-nowhere.md")).expect("a link");
    symlink("link-round.md", folder.join("link-round.md")).expect("a link");
    symlink("..", folder.join("link-up")).expect("a link");
    symlink("/dev/zero", folder.join("device.md")).expect("a link");
    drop(UnixListener::bind(folder.join("socket.md")).expect("a socket"));
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("pipe.md"))
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
}

/// Texts that a program wrote, to break readers or by mistake.
fn generated() -> Vec<(&'static str, String)> {
    let many = 200_000;
    let brackets = "[".repeat(many);
    let mut bomb =
        String::from("---\ntitle: An alias bomb\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    bomb.push_str("---\nSome words of text.\n");
    vec![
        ("alias-bomb.md", bomb),
        (
            "brackets-yaml.md",
            format!("---\na: {brackets}\n---\nSome words of text.\n"),
        ),
        (
            "brackets-toml.md",
            format!("+++\na = {brackets}\n+++\nSome words of text.\n"),
        ),
        (
            "brackets-json.md",
            format!("{{\"a\": {brackets}\nSome words of text.\n"),
        ),
        (
            "brackets-json-closed.md",
            format!(
                "{{\"title\": \"Brackets\", \"a\": {brackets}{}}}\nSome words of text.\n",
                "]".repeat(many)
            ),
        ),
        (
            "brackets-markdown.md",
            format!("# Brackets\n\nSome words of text.\n\n{brackets}\n"),
        ),
        (
            "brackets.jsonl",
            format!("{{\"id\": \"/odd/brackets\", \"title\": \"x\", \"a\": {brackets}\n"),
        ),
        (
            "brackets-json-ld.html",
            format!(
                "<title>Brackets</title><script type=application/ld+json>{brackets}</script><p>Some words of text.\n"
            ),
        ),
        (
            "elements.html",
            format!(
                "<title>Elements</title>{}Some words of text.\n",
                "<div>".repeat(many)
            ),
        ),
        (
            "more-elements.html",
            format!(
                "<title>More elements</title>Some words of text.{}lost\n",
                "<i>".repeat(600_000)
            ),
        ),
        (
            "quotes.md",
            format!(
                "# Quotes\n\nSome words of text.\n\n{}deep\n",
                "> ".repeat(many)
            ),
        ),
        (
            "word.md",
            format!("# A word\n\nSome words of text. {}\n", "x".repeat(many)),
        ),
        (
            "long-title.md",
            format!(
                "---\ntitle: {}\n---\nSome words of text.\n",
                "long ".repeat(many)
            ),
        ),
        (
            "long-tag.md",
            format!(
                "---\ntitle: A tag\ntags: [{}]\n---\nSome words of text.\n",
                "x".repeat(1000)
            ),
        ),
        (
            "long-url.md",
            format!(
                "---\nurl: /{}\n---\nSome words of text.\n",
                "x".repeat(70_000)
            ),
        ),
        (
            "many-keys.md",
            format!(
                "---\n{}---\nSome words of text.\n",
                (0..20_000)
                    .map(|n| format!("k{n}: v\n"))
                    .collect::<String>()
            ),
        ),
    ]
}

/// The folder's files as they are named in what is expected.
fn relative(path: &str, corpus: &Path) -> String {
    path.replace(&format!("{}/", corpus.display()), "")
}

fn problem_line(problem: &Value, corpus: &Path) -> String {
    let text = |key: &str| relative(problem[key].as_str().expect(key), corpus);
    let place = match (problem["line"].as_u64(), problem["column"].as_u64()) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        _ => String::new(),
    };
    let line = format!(
        "{}{place} {} {}",
        text("path"),
        text("severity"),
        text("message")
    );
    line.escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

fn article_line(piece: &Piece) -> Option<String> {
    let article = piece.read(&Rules::default()).article?;
    let words: Vec<String> = Prose::of(&article.body, article.format)
        .text
        .split_whitespace()
        .take(5)
        .map(|word| word.chars().take(20).collect())
        .collect();
    let title: String = article.title.chars().take(60).collect();
    let id: String = article.id.as_str().chars().take(60).collect();
    let mut line = format!("{id} {title:?} {}", article.lang.as_str());
    for (flag, set) in [("draft", article.draft), ("noindex", article.noindex)] {
        if set {
            line.push_str(&format!(" {flag}"));
        }
    }
    for (name, value) in [
        ("canonical", article.canonical.clone()),
        ("published", article.published.map(|date| date.to_string())),
        (
            "topic",
            article
                .topic
                .as_ref()
                .map(|topic| topic.as_str().to_owned()),
        ),
        ("author", article.author.clone()),
        (
            "tags",
            (!article.tags.is_empty()).then(|| article.tags.join("+").chars().take(60).collect()),
        ),
    ] {
        if let Some(value) = value {
            line.push_str(&format!(" {name}={value}"));
        }
    }
    Some(format!("{line}: {}", words.join(" ")))
}

#[test]
fn every_bad_file_has_its_message_or_its_meaning() {
    let site = Site::new();
    let corpus: PathBuf = fs::canonicalize(site.path("corpus")).expect("a folder");
    copy(&repository().join("tests/fixtures/bad"), &corpus);
    odd_files(&corpus, &site.path("."));

    let output = site.run(&["reindex", "--json"]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let problems = report["problems"].as_array().expect("problems");
    let mut found: Vec<String> = problems
        .iter()
        .map(|problem| problem_line(problem, &corpus))
        .collect();
    found.sort();

    let root = Root::new(&corpus).expect("a root");
    let (mut articles, mut ids) = (Vec::new(), Vec::new());
    pieces(&root, |piece| {
        if let Ok(piece) = piece {
            articles.extend(article_line(&piece));
            let article = piece.read(&Rules::default()).article;
            ids.extend(article.map(|article| article.id.as_str().to_owned()));
        }
        Ok(())
    })
    .expect("the root is listed");
    ids.sort();
    ids.dedup();
    let added: Vec<&str> = report["added"]
        .as_array()
        .expect("ids")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(added, ids, "every article that was read is indexed");
    let rejected = found.iter().filter(|line| line.contains(" error ")).count();
    assert_eq!(report["rejected"].as_u64(), Some(rejected as u64));

    let found = format!("{}\n\n{}\n", found.join("\n"), articles.join("\n"));
    let expected_path = repository().join("tests/fixtures/bad.expected");
    let expected = fs::read_to_string(&expected_path).unwrap_or_default();
    if found != expected {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad.expected");
        fs::write(&new, &found).expect("written");
        let lost = expected
            .lines()
            .filter(|line| !found.lines().any(|other| other == *line));
        let fresh = found
            .lines()
            .filter(|line| !expected.lines().any(|other| other == *line));
        let lost: Vec<String> = lost.map(|line| format!("- {line}")).collect();
        let fresh: Vec<String> = fresh.map(|line| format!("+ {line}")).collect();
        panic!(
            "what is said of bad files differs:\n{}\n{}\nif it is meant: cp {} {}",
            lost.join("\n"),
            fresh.join("\n"),
            new.display(),
            expected_path.display()
        );
    }
}

#[test]
fn a_key_that_is_a_slip_is_told_with_the_one_that_was_meant() {
    let site = Site::new().page("a.md", "---\ntopc: kettles\nlayout: post\n---\n# Kettles\n");
    let run = site.run(&["reindex"]);
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(
        said.contains("left out: layout, topc (did you mean topic?) (first seen"),
        "{said}"
    );
}
