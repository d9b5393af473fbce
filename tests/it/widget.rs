//! The widget as a server hands it out: what it weighs, under which names, with which caching, and that the documents name the
//! bytes that are served.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha384};

use crate::connection::{Answer, Connection};
use crate::site::{Server, Site, repository};

/// Bytes that a file of the widget may weigh on its way.
const SCRIPT: usize = 4096;
const STYLE: usize = 2048;
/// The documents that name the files of the widget.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/embedding.md"];

fn server() -> (Site, Server) {
    let site = Site::new()
        .page(
            "a.md",
            "---\nlang: de\n---\nEspresso braucht frische Bohnen, eine Mühle und Druck.",
        )
        .page(
            "b.md",
            "---\nlang: de\n---\nFrische Bohnen aus der Mühle für den Espresso.",
        )
        .indexed();
    let server = site.start(&["serve"]);
    (site, server)
}

fn get(server: &Server, path: &str, headers: &str) -> Answer {
    let answer = Connection::to(server).get(path, headers);
    assert!(matches!(answer.status, 200 | 304), "{path}: {answer:?}");
    answer
}

/// The name under which the bytes of `evergreen` stay.
fn versioned(server: &Server, evergreen: &str) -> String {
    let answer = get(server, evergreen, "");
    answer.header("content-location").to_owned()
}

#[test]
fn the_widget_is_within_its_weight() {
    let (_site, server) = server();
    for (path, most) in [("/widget.js", SCRIPT), ("/widget.css", STYLE)] {
        for coding in ["gzip", "br"] {
            let answer = get(&server, path, &format!("accept-encoding: {coding}\r\n"));
            assert_eq!(answer.header("content-encoding"), coding, "{path}");
            let found = answer.body.len();
            assert!(
                found <= most,
                "{path}: found {found} bytes of {coding}, expected at most {most}"
            );
        }
    }
}

#[test]
fn a_name_with_a_hash_may_be_kept_for_ever_and_the_other_is_asked_for_again() {
    let (_site, server) = server();
    for (path, kind) in [
        ("/widget.js", "text/javascript; charset=utf-8"),
        ("/widget.css", "text/css; charset=utf-8"),
    ] {
        let evergreen = get(&server, path, "");
        let caching = evergreen.header("cache-control");
        assert!(
            caching.contains("max-age=3600") && !caching.contains("immutable"),
            "{caching}"
        );
        let tag = evergreen.header("etag");
        let again = get(&server, path, &format!("if-none-match: {tag}\r\n"));
        assert_eq!(again.status, 304, "{path}");
        let named = versioned(&server, path);
        let kept = get(&server, &named, "");
        assert_eq!(kept.body, evergreen.body, "{path}");
        assert_eq!(
            kept.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(kept.header("content-type"), kind);
        assert_eq!(kept.header("x-content-type-options"), "nosniff");
        assert_eq!(
            kept.header("access-control-allow-origin"),
            "*",
            "integrity needs it"
        );
        let other = named.replace("widget-", "widget-0");
        assert_eq!(
            Connection::to(&server).get(&other, "").status,
            404,
            "{other}"
        );
    }
}

#[test]
fn the_documents_name_the_bytes_that_are_served() {
    let (_site, server) = server();
    let mut named = Vec::new();
    for path in ["/widget.js", "/widget.css"] {
        let name = versioned(&server, path);
        let hash = STANDARD.encode(Sha384::digest(get(&server, &name, "").body));
        named.push((name, format!("sha384-{hash}")));
    }
    for document in DOCUMENTS {
        let path = repository().join(document);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{document}: {error}"));
        let mut right = replaced(&text, "sha384-", 64, |before| {
            let style = before
                .rsplit("/widget-")
                .next()
                .is_some_and(|rest| rest.contains(".css"));
            named[usize::from(style)].1.clone()
        });
        let version = named[0].0.trim_end_matches(".js").to_owned();
        right = replaced(&right, "/widget-", 16, |_| version.clone());
        if std::env::var_os("READNEXT_TEST_WRITE").is_some() {
            fs::write(&path, &right).expect("written");
        }
        let found = fs::read_to_string(&path).expect("the document");
        assert!(
            found == right,
            "{document}: expected {named:?}; READNEXT_TEST_WRITE=1 writes them"
        );
    }
    let read = |name: &str| fs::read_to_string(repository().join(name)).expect("read");
    let embedding = read("docs/embedding.md");
    for (name, integrity) in &named {
        assert!(
            embedding.contains(name) && embedding.contains(integrity),
            "{name}"
        );
    }
    let (name, integrity) = &named[0];
    let readme = read("README.md");
    assert!(
        readme.contains(name) && readme.contains(integrity),
        "{name}"
    );
}

/// `text` with each `start` and the `length` characters behind it replaced by what `right` says of the text before.
fn replaced(text: &str, start: &str, length: usize, right: impl Fn(&str) -> String) -> String {
    let (mut made, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(start) {
        let end = at + start.len() + length;
        let word = rest.get(at + start.len()..end).unwrap_or_default();
        if word.len() == length && !word.contains([' ', '\n', '"']) {
            made.push_str(&rest[..at]);
            let said = right(&made);
            made.push_str(&said);
            rest = &rest[end..];
        } else {
            made.push_str(&rest[..at + start.len()]);
            rest = &rest[at + start.len()..];
        }
    }
    made + rest
}

#[test]
fn the_script_makes_no_markup_and_no_code_of_text() {
    let (_site, server) = server();
    let script = server.get("/widget.js").2;
    for word in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval",
        "Function(",
        ".style.",
        "attachShadow",
        "import(",
    ] {
        assert!(!script.contains(word), "found {word}");
    }
}

#[test]
fn the_panels_own_words_are_in_the_articles_language_or_in_the_one_that_is_asked_for() {
    let (_site, server) = server();
    for (more, lang, words) in [
        (
            "",
            "de",
            [
                "Verwandte Tools &amp; Empfehlungen",
                "Ähnlicher Inhalt",
                "100\u{a0}% passend",
            ],
        ),
        (
            "&labels=en-GB",
            "en",
            [
                "Related Tools &amp; Recommendations",
                "Similar content",
                "100% match",
            ],
        ),
        (
            "&labels=es",
            "es",
            [
                "Herramientas relacionadas y recomendaciones",
                "Contenido similar",
                "100\u{a0}% de afinidad",
            ],
        ),
        (
            "&labels=fr",
            "fr",
            [
                "Outils associés et recommandations",
                "Contenu similaire",
                "100\u{a0}% d’affinité",
            ],
        ),
        (
            "&labels=ja",
            "ja",
            ["関連ツールとおすすめ記事", "似た内容", "一致度 100%"],
        ),
        (
            "&labels=%3Cb%3E",
            "de",
            ["Verwandte Tools", "Ähnlicher Inhalt", "100\u{a0}% passend"],
        ),
    ] {
        let (status, _, body) = server.get(&format!("/v1/related.html?url=/a{more}"));
        assert_eq!(status, 200, "{more}");
        assert!(
            body.starts_with(&format!("<section class=\"readnext\" lang=\"{lang}\"")),
            "{body}"
        );
        assert!(
            body.contains("data-reason=\"Similar content\""),
            "for programs: {body}"
        );
        for word in words {
            assert!(body.contains(word), "{more}: expected {word} in {body}");
        }
    }
}

#[test]
fn exported_files_hold_the_cards_that_are_served_in_their_order_and_the_same_bytes_each_time() {
    let site = Site::sample();
    site.write("readnext.toml", "exploration = 0\n");
    site.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    let page = "/tool/pandas/overview";
    let served = server.get(&format!("/v1/related.html?url={page}")).2;
    let served_items = server.json(&format!("/v1/related?url={page}"))["items"].clone();
    server.stop();
    for out in ["one", "two"] {
        site.ok(&["export", "--format", "html", "--out", out]);
        site.ok(&[
            "export",
            "--format",
            "json",
            "--out",
            &format!("{out}.jsonl"),
        ]);
    }
    let read = |name: &str| fs::read_to_string(site.path(name)).expect("exported");
    let file = format!("one{page}.html");
    assert_eq!(read(&file), read(&file.replace("one/", "two/")));
    assert_eq!(read("one.jsonl"), read("two.jsonl"));
    // The token of a served panel ends some day, that of a file does not.
    let list = |html: &str| html.split_once("<ol").expect("a list").1.to_owned();
    assert_eq!(list(&read(&file)), list(&served));
    let lines = read("one.jsonl");
    let mut panels = lines.lines().map(serde_json::from_str::<serde_json::Value>);
    let panel = panels.find_map(|panel| panel.ok().filter(|panel| panel["article"]["id"] == page));
    assert_eq!(panel.expect("the panel")["items"], served_items);
}
