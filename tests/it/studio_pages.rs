//! What the studio's pages show: weights side by side, how the site does, and nothing that runs.

use std::fs;
use std::process::Command;

use crate::browser::{Browser, grinders};
use crate::site::{Site, repository};

/// What no page may hold as it is.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>";

#[test]
fn two_sets_of_weights_stand_side_by_side_with_what_moved() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let mut browser = Browser::of(&server);
    let page = browser.page("/studio/article?id=/tool/pandas/overview");
    assert_eq!(page.matches("<ol class=\"cards\"").count(), 1);
    assert_eq!(
        page.matches("<svg class=\"bar\"").count(),
        page.matches("role=\"img\"").count() + 4 * page.matches("why-sum").count()
    );
    let compared = browser.page("/studio/article?id=/tool/pandas/overview&on=content&content=0&on=research&research=80&seo=20");
    assert_eq!(compared.matches("<ol class=\"cards\"").count(), 2);
    assert!(
        compared.contains("research 100%") && compared.contains(" cards move."),
        "{compared}"
    );
    assert!(compared.contains("class=\"rose\""));
    let related = |weights: &str| {
        let site = Site::sample().indexed();
        site.json(&[
            "related",
            "/tool/pandas/overview",
            "--json",
            "--signals",
            weights,
        ])
    };
    let alone = related("research");
    let second = compared
        .split("With these weights</h2>")
        .nth(1)
        .expect("a second panel");
    let shown: Vec<&str> = second
        .split("data-id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let wanted: Vec<&str> = alone["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    assert_eq!(shown, wanted);
    let none = browser.page("/studio/article?id=/tool/pandas/overview&content=50");
    assert!(
        none.contains("expected a weight above 0 for at least one signal"),
        "{none}"
    );
    let answer = browser.get("/studio/article?id=/none");
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("<h1>"), "an answer for people");
}

#[test]
fn the_studio_tells_what_the_reports_tell() {
    let mut site = Site::new();
    for (name, links) in [("a", "[b](/b)"), ("b", ""), ("c", ""), ("d", "[a](/a)")] {
        site = site.page(
            &format!("{name}.md"),
            &format!("---\ntitle: Page {name}\n---\nEspresso needs fresh beans, a grinder and pressure. {links}\n"),
        );
    }
    let site = site.page("alone.md", "---\ntitle: Alone\nlang: de\n---\nDer Hund schläft auf dem Sofa und träumt von der Katze.\n");
    let site = site.page(
        "kept.md",
        "---\ntitle: Kept\nnoindex: true\n---\nEspresso needs fresh beans and water.\n",
    );
    let site = site.indexed();
    let event = |visitor: &str, kind: &str, position: u64| serde_json::json!({"ts": 1_700_000_000, "visitor": visitor, "type": kind, "article": "/b", "from": "/a", "position": position});
    site.events(&[
        event("v", "impression", 1),
        event("w", "impression", 1),
        event("v", "click", 1),
        event("v", "impression", 3),
    ]);
    let told = site.json(&["report", "behavior", "--json"]);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    let page = browser.page("/studio/site");
    let row = |about: &str, page: &str| {
        let rest = page
            .split(about)
            .nth(1)
            .unwrap_or_else(|| panic!("no {about} in {page}"));
        let cells = rest
            .split("</tr>")
            .next()
            .expect("a row")
            .split("class=\"number\">")
            .skip(1);
        cells
            .map(|cell| cell.split('<').next().expect("a cell").to_owned())
            .collect::<Vec<_>>()
    };
    let reach = site.json(&["report", "seo", "--json"]);
    let both =
        |what: &str| ["links", "links_and_panels"].map(|paths| reach[paths][what].to_string());
    for (name, what) in [
        ("Orphans", "orphans"),
        ("Near-orphans", "near_orphans"),
        ("Pages that no clicks", "unreachable"),
    ] {
        assert_eq!(
            row(&format!("scope=\"row\">{name}"), &page),
            both(what),
            "{name}"
        );
    }
    // Nothing links to c, d and the page on dogs; panels lead to the first two.
    assert_eq!(both("orphans"), ["3", "1"]);
    assert!(page.contains("Not meant to be shown: 1"), "{page}");
    assert!(!page.contains("/studio/article?id=%2Fkept"));
    assert!(page.contains("/studio/article?id=%2Falone") && page.contains("related to no page"));
    assert!(
        page.contains(&format!("<dd>{} ", told["coverage"]["shown"])),
        "{page}"
    );
    let page = browser.page("/studio/readers");
    let first = &told["by_position"][0];
    assert_eq!((&first["seen"], &first["clicks"]), (&2.into(), &1.into()));
    let percent = |what: &str| {
        format!(
            "{:.2}%",
            100.0 * first["rate"][what].as_f64().expect("a number")
        )
    };
    assert_eq!(
        row("scope=\"row\">1<", &page),
        [
            "2",
            "1",
            &percent("mean"),
            &percent("low"),
            &percent("high")
        ]
        .map(str::to_owned)
    );
    assert_eq!(row(">2023-11-14<", &page), ["0", "0", "3", "1"]);
    let page = browser.page("/studio/index");
    let built = row("<tbody>", &page);
    assert_eq!(
        (built[0].as_str(), &built[2..4]),
        ("1", &["6", "6"].map(str::to_owned)[..])
    );
}

#[test]
fn events_that_came_and_were_refused_are_counted_by_reason() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let body = r#"{"events": [{"type": "view", "article": "/tool/pandas/overview"}, {"type": "view", "article": "/none"}]}"#;
    let browser = (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    );
    assert_eq!(
        server
            .post(
                "/v1/events",
                body,
                &[("content-type", "application/json"), browser]
            )
            .0,
        202
    );
    let page = Browser::of(&server).page("/studio/readers");
    assert!(
        page.contains("<dt>Accepted, sent again included</dt><dd>1</dd>"),
        "{page}"
    );
    assert!(
        page.contains("<dt>Refused: of an unknown article</dt><dd>1</dd>"),
        "{page}"
    );
}

#[test]
fn hostile_texts_are_text_and_every_page_is_guarded() {
    let name = HOSTILE.replace('"', "\\\"");
    let site = Site::new()
        .page("a.md", &format!("---\ntitle: \"A {name}\"\nsummary: \"{name}\"\ntopic: \"{name}\"\nauthor: \"{name}\"\n---\nEspresso needs fresh beans, a grinder and pressure.\n"))
        .page("b.md", &format!("---\ntitle: \"B {name}\"\ntopic: \"{name}\"\n---\nEspresso needs fresh beans, a grinder and pressure.\n"));
    site.write("corpus/editorial.toml", &format!("[[pin]]\nhost = \"/a\"\ncard = \"/b\"\nnote = \"{name}\"\n\n[[block]]\nhost = \"/a\"\ncard = \"{name}\"\n"));
    let server = site.start(&["demo"]);
    let mut browser = Browser::of(&server);
    let words: String = HOSTILE.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for page in [
        "/studio".to_owned(),
        format!("/studio?q={words}"),
        format!("/studio/article?id=/a&find={words}"),
        format!("/studio/article?id=/a&on=content&content={words}"),
        "/studio/article?id=/a&on=content&content=10".to_owned(),
        format!("/studio/article?id={words}"),
        "/studio/site".to_owned(),
        "/studio/readers".to_owned(),
        "/studio/index".to_owned(),
    ] {
        let answer = browser.get(&page);
        for raw in ["<img", "<script>", "onerror=alert(1)>\""] {
            assert!(!answer.body.contains(raw), "{page}: {}", answer.body);
        }
        assert!(
            !answer.body.contains(" style=") && !answer.body.contains("<style"),
            "{page}"
        );
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{page}: {policy}"
        );
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.header("cache-control"), "no-store", "{page}");
        assert_eq!(answer.header("x-robots-tag"), "noindex", "{page}");
    }
}

#[test]
fn an_article_that_came_since_the_index_was_built_breaks_no_page() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let record = "{\"title\": \"Kettles\", \"body\": \"Water for coffee.\", \"links\": [\"/tool/pandas/overview\"]}";
    let (status, told) = server.ask("PUT", "/v1/articles?id=/kettles", "", record);
    assert_eq!(status, 201, "{told}");
    let mut browser = Browser::of(&server);
    for page in [
        "/studio",
        "/studio/site",
        "/studio/readers",
        "/studio/article?id=/kettles",
    ] {
        let shown = browser.page(page);
        assert!(shown.contains("</html>"), "{page}: {shown}");
    }
}

#[test]
fn no_page_lists_all_articles() {
    let site = grinders(400);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    for page in [
        "/studio",
        "/studio?q=grinder",
        "/studio/article?id=/grinder-1&find=grinder",
        "/studio/site",
        "/studio/readers",
        "/studio/index",
    ] {
        let links = browser.page(page).matches("/studio/article?id=").count();
        assert!(links <= 40, "{page}: {links} articles");
    }
}

#[test]
fn the_chart_library_is_what_its_makers_publish() {
    let folder = repository().join("src/serve/assets/uplot");
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&folder)
        .output()
        .expect("sha256sum runs");
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    let licence = fs::read_to_string(folder.join("LICENSE")).expect("a licence");
    assert!(licence.starts_with("The MIT License"));
    let site = Site::new().page("a.md", "text");
    let server = site.start(&["demo"]);
    for (asset, file) in [
        ("uplot.js", "uPlot.iife.min.js"),
        ("uplot.css", "uPlot.min.css"),
    ] {
        let (status, _, body) = server.get(&format!("/studio/assets/{asset}"));
        assert_eq!(status, 200);
        assert_eq!(body, fs::read_to_string(folder.join(file)).expect("read"));
    }
}
