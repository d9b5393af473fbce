//! What a draft should link to, over HTTP and on the command line.

use serde_json::{Value, json};

use crate::articles_http::Keyed;
use crate::site::Site;

#[test]
fn a_draft_is_told_what_to_link_to() {
    let site = Site::new()
        .page("kettle.md", "---\ntitle: Gooseneck kettles\n---\nWater at ninety degrees for pour over coffee.\n")
        .page("grinder.md", "---\ntitle: \"Burr grinders: a guide\"\n---\nAn even grind for pour over coffee and espresso.\n")
        .page("beans.md", "---\ntitle: Fresh beans\n---\nRoasted last week, ground for espresso with burr grinders.\n")
        .page("secret.md", "---\ntitle: Hidden page\ndraft: true\n---\nPour over coffee.\n")
        .indexed();
    let server = Keyed::start(&site);
    let draft = json!({
        "title": "Pour over at home",
        "body": "Take a [kettle](/kettle) or one of the gooseneck kettles. Then use burr grinders, and burr grinders again, on fresh beans. The hidden page stays hidden.",
    });
    let suggest = |key: &str, draft: &Value| {
        server
            .server
            .ask("POST", "/v1/suggest?limit=5", key, &draft.to_string())
    };
    let (status, answer) = suggest(&server.key, &draft);
    assert_eq!(status, 200, "{answer}");
    let links = answer["links"].as_array().expect("links").iter();
    let links: Vec<Value> = links
        .map(|link| json!([link["phrase"], link["id"], link["count"]]))
        .collect();
    // The kettle is linked already, and the draft page is nobody's to see.
    assert_eq!(
        json!(links),
        json!([
            ["burr grinders", "/grinder", 2],
            ["fresh beans", "/beans", 1]
        ])
    );
    let related: Vec<&Value> = answer["related"]
        .as_array()
        .expect("related")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert!(related.contains(&&json!("/grinder")), "{related:?}");
    assert!(
        !related.contains(&&json!("/kettle")) && !related.contains(&&json!("/secret")),
        "{related:?}"
    );
    // One that is published is not suggested to itself, and one that came a moment ago is.
    let page =
        json!({"id": "/beans", "title": "Fresh beans", "body": "Fresh beans and burr grinders."});
    assert_eq!(suggest(&server.key, &page).1["links"][0]["id"], "/grinder");
    assert_eq!(
        server
            .put(
                "/scale",
                &json!({"title": "Coffee scales", "body": "Grams."})
            )
            .0,
        201
    );
    let page = json!({"title": "X", "body": "All you need are coffee scales."});
    assert_eq!(
        suggest(&server.key, &page).1["links"][0]["phrase"],
        "coffee scales"
    );
    assert_eq!(suggest("", &draft).0, 401);
    let (status, answer) = suggest(&server.key, &json!({"title": 7}));
    assert_eq!(
        (status, &answer["errors"][0]["pointer"]),
        (422, &json!("/title"))
    );
    site.write(
        "drafts/new.md",
        "---\ntitle: Pour over at home\n---\nUse burr grinders.\n",
    );
    let told = site.json(&["suggest", "drafts/new.md", "--json"]);
    assert_eq!(told["links"][0]["id"], "/grinder");
    assert!(
        site.ok(&["suggest", "drafts/new.md"])
            .contains("burr grinders")
    );
    // A file of the corpus is the page that it is, from whichever folder it is named.
    let beans = site.path("corpus/beans.md");
    let told = site.json(&["suggest", beans.to_str().expect("UTF-8"), "--json"]);
    assert_eq!(told["links"][0]["id"], "/grinder");
    let related = told["related"].as_array().expect("related").iter();
    let related: Vec<&Value> = related.map(|one| &one["id"]).collect();
    assert!(
        !related.is_empty() && !related.contains(&&json!("/beans")),
        "{related:?}"
    );
}

#[test]
fn the_command_and_the_api_suggest_as_many_where_nobody_says_how_many() {
    let mut site = Site::new();
    for number in 0..25 {
        site = site.page(
            &format!("beans-{number}.md"),
            &format!("---\ntitle: Beans of farm number {number}\n---\nPour over coffee.\n"),
        );
    }
    let site = site.indexed();
    let server = Keyed::start(&site);
    let draft = json!({"title": "Pour over coffee", "body": "Coffee."}).to_string();
    let (_, answer) = server
        .server
        .ask("POST", "/v1/suggest", &server.key, &draft);
    site.write("draft.json", &draft);
    let told = site.json(&["suggest", "draft.json", "--json"]);
    assert_eq!(told, answer);
    assert_eq!(told["related"].as_array().map(Vec::len), Some(20));
    for limit in ["0", "101"] {
        let output = site.run(&["suggest", "draft.json", "--limit", limit]);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_draft_without_anything_to_link_to_and_one_that_cannot_be_read_are_told_so() {
    let site = Site::new().page("a.md", "# Kettles\nWater.").indexed();
    site.write("new.md", "# Zithers\nStrings.\n");
    let told = site.ok(&["suggest", "new.md"]);
    assert!(
        told.contains("none: the text names no article")
            && told.contains("none: no article of its language"),
        "{told}"
    );
    for (record, expected) in [
        (
            "{\"title\": 5}",
            "draft.json: error: title: found integer `5`, expected a string",
        ),
        (
            "{\n\"title\"}",
            "draft.json:2:8: error: found no JSON (expected `:`)",
        ),
    ] {
        site.write("draft.json", record);
        let output = site.run(&["suggest", "draft.json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.contains(expected) && !said.contains("dropped") && !said.contains("a line"),
            "{said}"
        );
    }
}

#[test]
fn a_draft_is_read_by_its_ending_however_that_is_written() {
    let site = Site::new()
        .page("grinder.md", "# Burr grinders\nCoffee.")
        .indexed();
    let record = "{\"title\": \"At home\", \"body\": \"Use burr grinders.\"}";
    for (name, text) in [
        ("a.json", record.to_owned()),
        ("b.JSON", record.to_owned()),
        ("c.jsonl", format!("{record}\n\n")),
        ("d.NDJSON", record.to_owned()),
        ("e.jsonl", record.replace(',', ",\n")),
        ("f.json", format!("\u{feff}{record}")),
        ("g.jsonl", format!("\u{feff}\n{record}\n")),
    ] {
        site.write(name, &text);
        let told = site.json(&["suggest", name, "--json"]);
        assert_eq!(told["links"][0]["phrase"], "burr grinders", "{name}");
    }
    let server = Keyed::start(&site);
    let marked = format!("\u{feff}{record}");
    let (status, answer) = server
        .server
        .ask("POST", "/v1/suggest", &server.key, &marked);
    assert_eq!(
        (status, &answer["links"][0]["id"]),
        (200, &json!("/grinder"))
    );
    site.write("two.jsonl", &format!("{record}\n{record}\n"));
    let output = site.run(&["suggest", "two.jsonl"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("two.jsonl: found 2 records, expected one"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_with_a_draft_that_could_be_read_is_said() {
    let site = Site::new().page("a.md", "# Kettles\nWater.").indexed();
    site.write("new.md", "---\ntitle: [\n---\n# Zithers\nStrings.\n");
    site.write("new.json", "{\"title\": \"Zithers\", \"titel\": 1}");
    for (name, told) in [
        ("new.md", "new.md:"),
        ("new.json", "new.json: warning: titel"),
    ] {
        let output = site.run(&["suggest", name]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains(told) && said.contains("warning: "), "{said}");
    }
}
