//! Settings: what `config show` tells, and that the document, the table and the environment say the same.

use std::fs;

use serde_json::Value;

use crate::site::{Site, repository};

/// The row of `key` in what `config show --json` prints.
fn row<'a>(shown: &'a Value, key: &str) -> &'a Value {
    let rows = shown["settings"].as_array().expect("rows");
    rows.iter().find(|row| row["key"] == key).expect(key)
}

fn keys(site: &Site) -> Vec<(String, bool)> {
    let shown = site.json(&["config", "show", "--json"]);
    let rows = shown["settings"].as_array().expect("rows").iter();
    rows.map(|row| {
        let key = row["key"].as_str().expect("a key").to_owned();
        let flag = ["data", "config", "threads"].contains(&key.as_str());
        (key, flag)
    })
    .collect()
}

#[test]
fn config_show_tells_each_value_and_where_it_is_from() {
    let site = Site::new();
    site.write(
        "readnext.toml",
        "# ours\nsite = \"https://docs.example.org\"\n\nfill = false\nlinked_cards = false\n",
    );
    let output = site
        .command(&["config", "show", "--json", "--threads", "2"])
        .env("READNEXT_FILL", "true")
        .output()
        .expect("started");
    let shown: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let file = site.path("readnext.toml");
    let file = file.to_str().expect("UTF-8");
    let site_row = row(&shown, "site");
    assert_eq!(site_row["value"], "https://docs.example.org");
    assert_eq!(site_row["unit"], "hosts");
    assert_eq!(site_row["origin"]["path"], file);
    assert_eq!(site_row["origin"]["line"], 2);
    let fill = row(&shown, "fill");
    assert_eq!(fill["value"], true);
    assert_eq!(fill["origin"]["variable"], "READNEXT_FILL");
    assert_eq!(row(&shown, "linked_cards")["origin"]["line"], 5);
    assert_eq!(row(&shown, "listen")["origin"]["kind"], "default");
    assert_eq!(row(&shown, "threads")["value"], "2");
    assert_eq!(row(&shown, "data")["origin"]["name"], "--data");
    let text = site.ok(&["config", "show", "--origin"]);
    let line = text.lines().find(|line| line.starts_with("fill = false"));
    let line = line.expect("a line");
    assert!(line.ends_with(&format!("{file}:4")), "{line}");
}

#[test]
fn what_config_show_prints_is_a_settings_file_that_says_the_same() {
    let site = Site::new();
    site.write(
        "readnext.toml",
        "kinds = [\"review\", \"a\\\"b\"]\nlanguage = 'de'\n",
    );
    let shown = site.ok(&["config", "show"]);
    site.write("readnext.toml", &shown);
    assert_eq!(site.ok(&["config", "show"]), shown);
    assert!(shown.contains("language = \"de\""), "{shown}");
}

#[test]
fn a_setting_that_cannot_be_used_stops_with_its_place() {
    let site = Site::new();
    for (text, told) in [
        (
            "\nlanguge = 'de'",
            "readnext.toml:2: found the unknown key \"languge\", did you mean \"language\"",
        ),
        (
            "colour = 1",
            "readnext.toml:1: found the unknown key \"colour\"; `readnext config show` lists all",
        ),
        (
            "fill = 1",
            "readnext.toml:1: fill: found 1, expected true or false",
        ),
        ("fill = ", "readnext.toml: "),
        (
            "site = ''",
            "readnext.toml:1: site: found \"\", expected the name of a host such as",
        ),
        (
            "site = ['a.org', 'not a host/']",
            "site: found \"not a host/\", expected the name of a host",
        ),
        (
            "[serve]\nhosts = ['*.x.org']",
            "readnext.toml:2: serve.hosts: found \"*.x.org\", expected the name of a host",
        ),
        (
            "[serve]\nhosts = ['müller.de']",
            "serve.hosts: found \"müller.de\", expected the name in ASCII letters",
        ),
    ] {
        site.write("readnext.toml", text);
        let output = site.run(&["config", "show"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.contains(told), "{said}");
    }
}

#[test]
fn every_setting_is_named_in_the_configuration_document() {
    let document = fs::read_to_string(repository().join("docs/configuration.md")).expect("read");
    let site = Site::new();
    for (key, flag) in keys(&site) {
        let variable = format!("READNEXT_{}", key.to_uppercase().replace('.', "_"));
        if flag {
            let row = format!("| `--{key}` |");
            let row = document.lines().find(|line| line.starts_with(&row));
            assert!(row.is_some_and(|row| row.contains(&variable)), "{key}");
            continue;
        }
        let row = format!("| `{key}` |");
        let row = document.lines().find(|line| line.starts_with(&row));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md: expected a row {key}"));
        assert!(row.contains(&format!("`{variable}`")), "{row}");
        let last = key.rsplit('.').next().unwrap_or_default();
        let example = format!("{last} =");
        assert!(
            document
                .lines()
                .any(|line| line.starts_with(&example) || line.starts_with(&format!("[{key}]"))),
            "docs/configuration.md: expected {key} in the example"
        );
    }
    for line in document.lines().filter(|line| line.starts_with("| `")) {
        let key = line.split('`').nth(1).expect("a name");
        let known = keys(&site).iter().any(|(known, _)| known == key);
        assert!(
            known || key.starts_with("--"),
            "docs/configuration.md: {key} is no setting"
        );
    }
}

#[test]
fn a_server_listens_where_the_settings_say() {
    let site = Site::sample().indexed();
    site.write("readnext.toml", "listen = \"127.0.0.1:0\"\n");
    let server = crate::site::Server::of(site.command(&["serve"]));
    assert_eq!(server.get("/livez").0, 200);
    assert!(!server.socket().ends_with(":7878"));
}

#[test]
fn a_variable_that_is_none_of_readnext_and_looks_like_one_is_told() {
    let site = Site::new();
    let mut command = site.command(&["config", "show"]);
    command.envs([
        ("READNEXT_SITES", "example.org"),
        ("READNEXT_CACHE_CONTROL", "no-store"),
        ("READNEXT_THREAD", "2"),
        ("READNEXT_FILL", "true"),
        // What Kubernetes gives the pods beside a service of this name.
        ("READNEXT_PORT", "tcp://10.0.0.1:7878"),
        ("READNEXT_SERVICE_HOST", "10.0.0.1"),
    ]);
    let output = command.output().expect("started");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    let mut said: Vec<&str> = said.lines().collect();
    said.sort_unstable();
    let told = |name: &str, meant: &str| {
        format!(
            "warning: found the environment variable {name}, which is none of readnext; did you mean {meant}?"
        )
    };
    assert_eq!(
        said,
        [
            told("READNEXT_CACHE_CONTROL", "READNEXT_SERVE_CACHE_CONTROL"),
            told("READNEXT_SITES", "READNEXT_SITE"),
            told("READNEXT_THREAD", "READNEXT_THREADS"),
        ]
    );
    assert!(output.status.success());
}
