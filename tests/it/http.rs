//! The HTTP API over a real socket.

use serde_json::json;

use crate::site::Site;

const PAGE: &str = "/tool/pandas/overview";

#[test]
fn a_panel_has_the_shape_of_the_contract() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let (status, kind, body) = server.get(&format!("/v1/related?url={PAGE}&limit=5"));
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["article"]["id"], PAGE);
    assert_eq!(body["generation"], 1);
    let items = body["items"].as_array().expect("items");
    assert_eq!(items.len(), 5);
    let keys: Vec<&str> = items[0]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let mut wanted = vec![
        "id",
        "url",
        "kind",
        "reason",
        "title",
        "summary",
        "topic",
        "author",
        "image",
        "published",
        "match",
        "score",
        "signals",
    ];
    wanted.sort_unstable();
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    assert_eq!(items[0]["match"], 100);
    let explained = server.json(&format!("/v1/related?id={PAGE}&limit=1&explain=true"));
    assert_eq!(explained["items"][0]["evidence"][0]["signal"], "content");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn filters_choose_among_the_cards_and_the_best_one_left_is_100() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let all = server.json(&format!("/v1/related?url={PAGE}"));
    let first = all["items"][0]["id"].as_str().expect("an id").to_owned();
    let without = server.json(&format!("/v1/related?url={PAGE}&exclude={first},/nowhere"));
    assert!(
        without["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|item| item["id"] != json!(first))
    );
    assert_eq!(without["items"][0]["match"], 100);
    let kinds = server.json(&format!("/v1/related?url={PAGE}&kind=howto,news&limit=30"));
    assert!(
        kinds["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|item| item["kind"] == "howto" || item["kind"] == "news")
    );
    let german = server.json(&format!("/v1/related?url={PAGE}&lang=de"));
    assert!(
        german["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|item| item["match"].is_null()),
        "fill only"
    );
    // A score is the pair's own, whatever else is asked for.
    let wide = server.json(&format!("/v1/related?url={PAGE}&limit=100"));
    let score = |panel: &serde_json::Value, id: &serde_json::Value| {
        let items = panel["items"].as_array().expect("items");
        let item = items.iter().find(|item| item["id"] == *id);
        item.map_or(json!(null), |item| json!([item["score"], item["signals"]]))
    };
    for panel in [&without, &kinds] {
        let items = panel["items"].as_array().expect("items");
        let related = items.iter().filter(|item| !item["score"].is_null());
        let ids: Vec<&serde_json::Value> = related.map(|item| &item["id"]).collect();
        assert!(ids.len() > 3);
        for id in ids {
            assert_eq!(score(panel, id), score(&wide, id), "{id}");
        }
    }
}

#[test]
fn other_languages_are_labelled_fill() {
    let site = Site::sample().indexed();
    let body = site.json(&["related", "/fr/howto/ansible/premier-deploiement", "--json"]);
    for item in body["items"].as_array().expect("items") {
        assert!(
            item["match"].is_null() && item["reason"] == "Latest",
            "{item}"
        );
        assert_eq!(
            (&item["score"], &item["signals"]),
            (&json!(null), &json!(null))
        );
    }
}

#[test]
fn wrong_requests_are_answered_with_a_problem_that_helps() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    for (path, status, code, words) in [
        (
            "/v1/related?url=/nowhere",
            404,
            "unknown_article",
            "/nowhere",
        ),
        (
            "/v1/related?url=/howto/api-rate-limiting/token-bucket-notes",
            404,
            "unknown_article",
            "token-bucket",
        ),
        ("/v1/related", 400, "bad_parameter", "?url="),
        (
            "/v1/related?url=/tool/pandas/overview&limit=0",
            400,
            "bad_parameter",
            "1 to 100",
        ),
        (
            "/v1/related?url=/tool/pandas/overview&limit=101",
            400,
            "bad_parameter",
            "1 to 100",
        ),
        (
            "/v1/related?url=/tool/pandas/overview&limt=5",
            400,
            "bad_parameter",
            "limt",
        ),
        ("/v1/related?url=/a&url=/b", 400, "bad_parameter", "twice"),
        ("/v1/search?q=a", 401, "unauthorized", "keys create"),
        ("/v2", 404, "unknown_path", "/v1/related"),
    ] {
        let (found, kind, body) = server.get(path);
        assert_eq!(
            (found, kind.as_str()),
            (status, "application/problem+json"),
            "{path}: {body}"
        );
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(body["code"], code, "{path}");
        assert!(
            body["detail"].as_str().expect("a detail").contains(words),
            "{path}: {body}"
        );
    }
}

#[test]
fn a_kind_that_looks_like_a_slip_is_refused_and_one_that_may_come_is_not() {
    let site = Site::sample();
    site.write("readnext.toml", "kinds = [\"tooll\"]\n");
    let site = site.indexed();
    let server = site.start(&["demo"]);
    for (kind, meant) in [
        ("toool", "tool"),
        ("howto,newz", "news"),
        ("trouble-shoot", "troubleshoot"),
    ] {
        for form in ["related", "related.html"] {
            let (status, _, body) = server.get(&format!("/v1/{form}?url={PAGE}&kind={kind}"));
            assert_eq!(status, 400, "{kind}: {body}");
            let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!(body["errors"][0]["parameter"], "kind");
            let told = body["detail"].as_str().expect("a detail");
            assert!(told.ends_with(&format!("did you mean {meant}?")), "{told}");
        }
        let refused = site.run(&["related", PAGE, "--kind", kind]);
        assert_eq!(refused.status.code(), Some(2), "{kind}");
    }
    // A kind far from all, one that a setting names, and one that came a moment ago are kinds.
    let record =
        json!({"id": "/newt", "kind": "newt", "title": "Newts", "body": "Newts live in ponds."});
    for kind in ["interview", "tooll", "newt"] {
        if kind == "newt" {
            let (status, _) = server.ask("PUT", "/v1/articles?id=/newt", "", &record.to_string());
            assert_eq!(status, 201);
        }
        let panel = server.json(&format!("/v1/related?url={PAGE}&kind={kind}"));
        let items = panel["items"].as_array().expect("items");
        assert!(
            items.iter().all(|item| item["kind"] == kind),
            "{kind}: {panel}"
        );
    }
}

#[test]
fn the_fragment_is_complete_and_escaped() {
    let hostile = "---\ntitle: \"<script>alert('x')</script> espresso\"\nsummary: \"<img src=x onerror=alert(1)> espresso beans\"\ntopic: \"a\\\" onclick=\\\"x\"\n---\nEspresso needs fresh roasted beans and pressure.";
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .page("b.md", hostile)
        .indexed();
    let server = site.start(&["serve"]);
    let (status, kind, body) = server.get("/v1/related.html?url=/a");
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(body.contains("<h2>Related Tools &amp; Recommendations</h2><ol role=\"list\"><li data-kind=\"article\""), "{body}");
    assert!(body.contains("data-match=\"100\"") && body.contains("100% match"));
    assert!(
        !body.contains("<script") && !body.contains("<img") && !body.contains("\" onclick"),
        "{body}"
    );
    for signal in [
        "user behavior",
        "content similarity",
        "research intelligence",
        "SEO optimization",
    ] {
        assert!(body.contains(signal));
    }
}

#[test]
fn who_watches_over_a_server_is_told_of_parameters_that_are_none() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    for (path, status) in [
        ("/livez", 200),
        ("/livez?verbose=1", 400),
        ("/readyz?writes", 200),
        ("/readyz?writes=true", 200),
        ("/readyz?writes=0", 200),
        ("/readyz?writes=maybe", 400),
        ("/readyz?writes=1&write=1", 400),
        ("/metrics?name=x", 400),
        ("/metrics", 200),
    ] {
        let (found, answer) = server.ask("GET", path, &server.first_key(), "");
        assert_eq!(found, status, "{path}");
        if status == 400 {
            assert_eq!(answer["code"], "bad_parameter");
        }
    }
}

#[test]
fn probes_search_and_widget_answer() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    assert_eq!(server.get("/livez").0, 200);
    assert_eq!(server.get("/readyz").2, "ok: generation 1\nwrites: ok\n");
    let (status, found) = server.get_with_key("/v1/search?q=terraform+state&limit=3");
    assert_eq!(status, 200, "{found}");
    assert!(
        found["items"][0]["id"]
            .as_str()
            .expect("an id")
            .contains("terraform")
    );
    let (status, kind, script) = server.get("/widget.js");
    assert_eq!(
        (status, kind.as_str()),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(script.contains("related-articles"), "{script}");
}

#[test]
fn a_server_moves_to_a_new_generation_while_serving() {
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .indexed();
    let server = site.start(&["serve"]);
    let items = || {
        server.json("/v1/related?url=/a")["items"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(items(), Some(0));
    site.write(
        "corpus/b.md",
        "Espresso pressure and fresh roasted beans from the grinder.",
    );
    site.ok(&["reindex"]);
    let seen = (0..40).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        items() == Some(1)
    });
    assert!(seen, "the new page is on the panel within four seconds");
}

#[test]
fn a_server_that_is_told_to_stop_as_soon_as_it_listens_stops_in_order() {
    let site = Site::sample().indexed();
    for _ in 0..5 {
        assert_eq!(site.start(&["serve"]).stop(), Some(0));
    }
}
