//! The description of the API: it is what `docs/openapi.json` says, it describes every resource, and its page asks no other
//! host for anything.

use std::fs;

use serde_json::{Value, json};

use crate::connection::Connection;
use crate::site::{Site, repository};
use crate::standard_input::piped;

#[test]
fn the_description_is_the_one_in_the_documents() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let answer = Connection::to(&server).get("/openapi.json", "");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(
        answer.json()["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    let kept = repository().join("docs/openapi.json");
    let kept = fs::read_to_string(kept).expect("docs/openapi.json");
    assert!(
        kept == answer.text(),
        "the program was built with another docs/openapi.json"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = fs::read_to_string(repository().join("docs/openapi.json")).expect("read");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|path| path.as_object().expect("operations").values());
    let names: Vec<&str> = operations
        .map(|operation| operation["operationId"].as_str().expect("a name"))
        .collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len(), "{names:?}");
}

#[test]
fn the_described_article_has_the_keys_that_are_read() {
    let document = fs::read_to_string(repository().join("docs/openapi.json")).expect("read");
    let document: Value = serde_json::from_str(&document).expect("JSON");
    let described = &document["components"]["schemas"]["ArticleRecord"]["properties"];
    let described = described.as_object().expect("properties");
    let readme = fs::read_to_string(repository().join("corpus/README.md")).expect("read");
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| key |"));
    for row in rows.skip(2).take_while(|line| line.starts_with('|')) {
        let keys = row
            .split('|')
            .nth(1)
            .expect("keys")
            .split('`')
            .skip(1)
            .step_by(2);
        for key in keys.filter_map(|key| key.split(':').next()) {
            assert!(described.contains_key(key), "{key} is not described");
        }
    }
    let mut record: Value = described
        .keys()
        .map(|key| (key.clone(), Value::Null))
        .collect();
    record["id"] = json!("/a");
    record["title"] = json!("A");
    let site = Site::new();
    let output = piped(
        &site,
        &["reindex", "--corpus", "-", "--json"],
        &[&record.to_string()],
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["added"], json!(["/a"]), "{report}");
    assert_eq!(report["problems"], json!([]));
}

#[test]
fn every_described_resource_answers_as_described() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let document = connection.get("/openapi.json", "").json();
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/v1/related",
        "/v1/related.html",
        "/v1/search",
        "/v1/events",
        "/widget.js",
        "/widget.css",
        "/livez",
        "/readyz",
        "/metrics",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let page = "/tool/pandas/overview";
    for (method, path, target, headers, body) in [
        (
            "get",
            "/v1/related",
            format!("/v1/related?url={page}&explain=true"),
            "",
            "",
        ),
        (
            "get",
            "/v1/related",
            "/v1/related?url=/nowhere".to_owned(),
            "",
            "",
        ),
        ("get", "/v1/related", "/v1/related".to_owned(), "", ""),
        (
            "get",
            "/v1/related",
            format!("/v1/related?url={page}"),
            "if-none-match: *\r\n",
            "",
        ),
        (
            "get",
            "/v1/related.html",
            format!("/v1/related.html?url={page}"),
            "",
            "",
        ),
        (
            "get",
            "/v1/search",
            "/v1/search?q=pandas".to_owned(),
            "",
            "",
        ),
        (
            "post",
            "/v1/events",
            "/v1/events".to_owned(),
            "content-type: text/plain\r\n",
            "{\"events\": []}",
        ),
        (
            "post",
            "/v1/events",
            "/v1/events".to_owned(),
            "content-type: image/png\r\n",
            "{}",
        ),
        ("get", "/widget.js", "/widget.js".to_owned(), "", ""),
        ("get", "/widget.css", "/widget.css".to_owned(), "", ""),
        ("get", "/readyz", "/readyz?writes".to_owned(), "", ""),
        ("get", "/metrics", "/metrics".to_owned(), "", ""),
    ] {
        let answer = connection.ask(&method.to_uppercase(), &target, headers, body);
        let status = answer.status.to_string();
        let described = &document["paths"][path][method]["responses"][&status];
        assert!(
            described.is_object(),
            "{method} {target}: {status} is not described"
        );
        let kinds = described["content"].as_object();
        let kind = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap_or_default();
        let known = kinds.is_none_or(|kinds| {
            kinds
                .keys()
                .any(|known| known.split(';').next() == Some(kind))
        });
        assert!(known, "{method} {target}: {kind}");
    }
    // The keys of an answer are the keys that are described.
    let panel = connection
        .get(&format!("/v1/related?url={page}&explain=true"), "")
        .json();
    let described = |schema: &str| -> Vec<String> {
        let properties = document["components"]["schemas"][schema]["properties"].as_object();
        let mut keys: Vec<String> = properties
            .unwrap_or_else(|| panic!("{schema}"))
            .keys()
            .cloned()
            .collect();
        keys.sort();
        keys
    };
    for (value, schema) in [
        (&panel, "PanelBody"),
        (&panel["article"], "ArticleBody"),
        (&panel["items"][0], "ItemBody"),
        (&panel["items"][0]["signals"], "SignalsBody"),
        (&panel["items"][0]["evidence"][0], "EvidenceBody"),
    ] {
        let mut keys: Vec<String> = value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        keys.sort();
        let known = described(schema);
        assert!(
            keys.iter().all(|key| known.contains(key)),
            "{schema}: {keys:?} of {known:?}"
        );
        // A key is always there, but where it was not asked for or there is no token.
        let always = &document["components"]["schemas"][schema]["required"];
        let always = always.as_array().expect("a list");
        for key in keys
            .iter()
            .filter(|key| *key != "evidence" && *key != "panel")
        {
            assert!(always.contains(&json!(key)), "{schema}: {key}");
        }
    }
}

#[test]
fn the_described_parameters_of_a_panel_are_those_that_are_read() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let document = connection.get("/openapi.json", "").json();
    for path in ["/v1/related", "/v1/related.html"] {
        let described = document["paths"][path]["get"]["parameters"].as_array();
        let described = described.expect("parameters").iter();
        let names: Vec<&str> = described.filter_map(|one| one["name"].as_str()).collect();
        let refused = connection.get(&format!("{path}?unheard-of=1"), "").json();
        let read = refused["detail"].as_str().expect("a sentence");
        assert!(
            read.ends_with(&format!("Expected are {}", names.join(", "))),
            "{read}"
        );
        let example = &document["paths"][path]["get"]["parameters"][0]["example"];
        let example = example.as_str().expect("an article of the sample site");
        let panel = connection.get(&format!("{path}?url={example}"), "");
        assert_eq!(panel.status, 200, "{example}");
    }
}

#[test]
fn the_page_of_the_description_needs_no_other_host() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    assert_eq!(connection.get("/docs", "").header("location"), "/docs/");
    let policy = connection
        .get("/docs/", "")
        .header("content-security-policy")
        .to_owned();
    assert!(
        policy.starts_with("default-src 'self'") && !policy.contains("http"),
        "{policy}"
    );
    let page = connection.get("/docs/", "");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let page = page.text().to_owned();
    let named = page
        .split('"')
        .filter(|name| name.ends_with(".css") || name.ends_with(".js"));
    let named: Vec<&str> = named.collect();
    assert_eq!(
        named,
        [
            "swagger-ui.css",
            "docs.css",
            "swagger-ui-bundle.js",
            "docs.js"
        ]
    );
    for file in named {
        let path = format!("/docs/{file}");
        let plain = connection.get(&path, "accept-encoding: gzip;q=0\r\n");
        assert_eq!(
            (plain.status, plain.header("content-encoding")),
            (200, ""),
            "{file}"
        );
        assert!(!plain.text().is_empty());
        let packed = connection.get(&path, "accept-encoding: gzip\r\n");
        assert!(packed.body.len() <= plain.body.len(), "{file}");
    }
    let script = connection.get("/docs/docs.js", "");
    let text = String::from_utf8_lossy(&script.body).into_owned();
    assert!(
        text.contains("\"/openapi.json\"") && text.contains("\"validatorUrl\": \"none\""),
        "{text}"
    );
    assert_eq!(connection.get("/docs/nothing", "").status, 404);
}
