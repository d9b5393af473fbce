//! `report seo`: what panels do for a site that is small enough to be looked through by hand.

use serde_json::{Value, json};

use crate::site::Site;

const NOW: &str = "2026-11-01";

/// The home page links /a, and is related to it for that; /a links /b; /c is related to both and linked by neither, /d is related to
/// nothing.
fn site() -> Site {
    let coffee = "Espresso needs fresh roasted beans, a fine grind, a burr grinder and pressure";
    let article = |id: &str, body: &str, links: &[&str]| json!({"id": id, "title": id.trim_start_matches('/'), "body": body, "links": links});
    let mut articles = [
        article("/", "Welcome to everything that is told here", &["/a"]),
        article(
            "/a",
            &format!("{coffee} on Monday."),
            &["/b", "/gone", "/draft", "/a.png", "https://other.org/x"],
        ),
        article("/b", &format!("{coffee} on Tuesday."), &[]),
        article(
            "/c",
            &format!("{coffee} on Friday, says \"who\" knows."),
            &[],
        ),
        article("/d", "Bicycle chains want oil; tyres want air", &[]),
        article("/draft", "Gears and pedals", &["/d"]),
        article("/hidden", "Saddles", &[]),
    ];
    articles[5]["draft"] = json!(true);
    articles[6]["noindex"] = json!(true);
    let site = Site::new();
    let lines: Vec<String> = articles.iter().map(Value::to_string).collect();
    site.write("corpus/articles.jsonl", &lines.join("\n"));
    let row = |page: &str| json!({"keys": [format!("https://x.org{page}"), "grinder"], "clicks": 1, "impressions": 40, "ctr": 0.1, "position": 6.0});
    site.write(
        "rows.json",
        &json!({"rows": [row("/b"), row("/c")]}).to_string(),
    );
    site.ok(&["seo", "import", "rows.json"]);
    site.indexed()
}

fn report(site: &Site, more: &[&str]) -> Value {
    site.json(&[&["report", "seo", "--json", "--now", NOW], more].concat())
}

#[test]
fn orphans_and_clicks_are_counted_by_links_and_with_panels() {
    let site = site();
    assert_eq!(site.related("/a").len(), 3);
    let found = report(&site, &[]);
    assert_eq!(found["pages"], 5);
    assert_eq!(
        found["entries"],
        json!({"by": "the home page", "pages": ["/"]})
    );
    assert_eq!(
        found["links"],
        json!({"orphans": 2, "near_orphans": 2, "by_clicks": [1, 1, 1], "unreachable": 2})
    );
    assert_eq!(
        found["links_and_panels"],
        json!({"orphans": 1, "near_orphans": 0, "by_clicks": [1, 1, 2], "unreachable": 1})
    );
    assert_eq!(
        found["orphans"],
        json!([{"page": "/c", "panels": 2}, {"page": "/d", "panels": 0}])
    );
    let from = report(&site, &["--entry", "/c", "--entry", "/d"]);
    assert_eq!(
        from["entries"],
        json!({"by": "given", "pages": ["/c", "/d"]})
    );
    assert_eq!(from["links_and_panels"]["by_clicks"], json!([2, 2, 1]));
    let orphans = |by: &str| from[by]["orphans"].as_u64();
    assert_eq!(
        (orphans("links"), orphans("links_and_panels")),
        (Some(1), Some(0)),
        "what leads home"
    );
}

#[test]
fn who_is_left_out_who_competes_and_what_leads_nowhere_is_told() {
    let site = site();
    let found = report(&site, &[]);
    let rare = found["rare"].as_array().expect("a list").iter();
    let rare: Vec<(&str, &str, u64, u64)> = rare
        .map(|one| {
            let text = |key: &str| one[key].as_str().expect(key);
            let number = |key: &str| one[key].as_u64().expect(key);
            (text("page"), text("why"), number("panels"), number("hosts"))
        })
        .collect();
    assert_eq!(
        rare,
        [
            ("/", "few_hosts", 1, 1),
            ("/b", "few_hosts", 2, 2),
            ("/c", "few_hosts", 2, 2),
            ("/d", "few_hosts", 0, 0),
            ("/hidden", "noindex", 0, 0),
        ]
    );
    assert_eq!(
        found["competing"],
        json!([{"one": "/b", "other": "/c", "overlap": 1.0, "in_panel": true}])
    );
    assert_eq!(
        found["dead_links"],
        json!([{"from": "/a", "link": "/gone", "draft": false}, {"from": "/a", "link": "/draft", "draft": true}])
    );
    let shares = &found["exposure"];
    assert_eq!(
        (&shares["wanted"], &shares["limit"]),
        (&json!(3), &json!(20))
    );
    assert_eq!(
        shares["by_panels"][0],
        json!({"from": 0, "to": 0, "pages": 1})
    );
    assert_eq!(
        shares["by_panels"][2],
        json!({"from": 2, "to": 2, "pages": 2})
    );
    assert_eq!(shares["by_panels"][8]["to"], Value::Null);
}

#[test]
fn text_and_csv_say_the_same_and_a_site_can_fail_its_build() {
    let site = site();
    let text = site.ok(&["report", "seo", "--now", NOW]);
    for line in [
        "5 pages",
        "pages in fewer than 3 panels: 4",
        "not meant to be shown: 1",
        "orphans                          2                 1",
        "2 clicks                         1                 2",
        "clicks from the home page: /",
        "/c  2 panels",
        "/d  0 panels: related to no page",
        "/b and /c  100%",
        "/a  /draft  a draft",
    ] {
        assert!(text.lines().any(|one| one == line), "{line:?} in {text}");
    }
    // The table and the list count the same pages.
    let fewer = (0..3).map(|panels| {
        let mut lines = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = lines.find(|row| row.len() == 2 && row[0] == panels.to_string());
        row.expect("a row")[1].parse::<usize>().expect("a number")
    });
    assert_eq!(fewer.sum::<usize>(), 4, "{text}");
    let csv = site.ok(&["report", "seo", "--csv", "--now", NOW]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("about,name,value,panels,hosts,note"));
    for line in [
        "links,orphans,2,,,",
        "links and panels,orphans,1,,,",
        "links,2 clicks,1,,,",
        "exposure,2 panels,2,,,",
        "orphan,/c,,2,,",
        "rare,/d,,0,0,related to no page",
        "competing,/b,1.000,,,/c",
        "dead link,/a,,,,/gone",
    ] {
        assert!(csv.lines().any(|one| one == line), "{line:?} in {csv}");
    }
    assert!(lines.all(|line| line.split(',').count() == 6));
    assert_eq!(
        site.run(&["report", "seo", "--fail-orphans", "1"])
            .status
            .code(),
        Some(0)
    );
    let failed = site.run(&["report", "seo", "--fail-orphans", "0"]);
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8_lossy(&failed.stderr);
    assert!(
        said.contains("orphans with links and panels: found 1, expected at most 0"),
        "{said}"
    );
    assert!(
        !failed.stdout.is_empty(),
        "the report is printed all the same"
    );
    let unknown = site.run(&["report", "seo", "--entry", "/nowhere"]);
    assert_eq!(unknown.status.code(), Some(1));
}
