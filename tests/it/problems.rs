//! Every error over HTTP is a problem document that says what was found and what to do.

use crate::connection::{Answer, Connection};
use crate::site::two_pages;

/// Status and code of an error.
pub(crate) fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["status"], answer.status, "{body}");
    assert!(body["title"].is_string() && body["detail"].is_string());
    (
        answer.status,
        body["code"].as_str().expect("a code").to_owned(),
    )
}

#[test]
fn every_error_is_a_problem_document() {
    let site = two_pages("");
    let server = site.start(&["serve"]);
    let mut connection = Connection::to(&server);
    let json = "content-type: application/json\r\n";
    let key = &server.key_header();
    for (method, path, headers, body, status, code, words) in [
        ("GET", "/nowhere", "", "", 404, "unknown_path", "/nowhere"),
        ("GET", "/docs/%ff", "", "", 400, "bad_request", "UTF-8"),
        (
            "GET",
            "/studio/assets/%ff",
            "",
            "",
            400,
            "bad_request",
            "UTF-8",
        ),
        (
            "POST",
            "/studio/login",
            json,
            "{}",
            415,
            "unknown_content_type",
            "form",
        ),
        (
            "GET",
            "/v1/related?url=/a&limt=3",
            "",
            "",
            400,
            "bad_parameter",
            "limit",
        ),
        (
            "GET",
            "/v1/related?url=/a&explain=ture",
            "",
            "",
            400,
            "bad_parameter",
            "true",
        ),
        (
            "GET",
            "/v1/related?ulr=/a",
            "",
            "",
            400,
            "bad_parameter",
            "did you mean url",
        ),
        (
            "GET",
            "/v1/related?url=%ff",
            "",
            "",
            404,
            "unknown_article",
            "",
        ),
        (
            "GET",
            "/v1/search?query=x",
            key,
            "",
            400,
            "bad_parameter",
            "did you mean q",
        ),
        (
            "GET",
            "/readyz?wirtes",
            "",
            "",
            400,
            "bad_parameter",
            "did you mean writes",
        ),
        (
            "POST",
            "/v1/events",
            json,
            "{\"events\": [",
            400,
            "bad_body",
            "line 1",
        ),
        ("POST", "/v1/events", json, "[]", 400, "bad_body", "events"),
        (
            "POST",
            "/v1/events?x=1",
            json,
            "[]",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "GET",
            "/v1/search?limit=9x",
            key,
            "",
            400,
            "bad_parameter",
            "1 to 100",
        ),
        (
            "POST",
            "/v1/articles?id=/a",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "GET",
            "/v1/keys?scope=write",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "POST",
            "/v1/reload?now",
            key,
            "",
            400,
            "bad_parameter",
            "expected none",
        ),
        (
            "PUT",
            "/v1/articles?id=/c&dfart=1",
            key,
            "{}",
            400,
            "bad_parameter",
            "did you mean id",
        ),
        (
            "POST",
            "/v1/suggest?limt=1",
            key,
            "{}",
            400,
            "bad_parameter",
            "did you mean limit",
        ),
        (
            "POST",
            "/v1/events",
            "content-type: image/png\r\n",
            "x",
            415,
            "unknown_content_type",
            "image/png",
        ),
        (
            "POST",
            "/v1/related?url=/a",
            "",
            "",
            405,
            "unknown_method",
            "POST",
        ),
        (
            "DELETE",
            "/widget.js",
            "",
            "",
            405,
            "unknown_method",
            "DELETE",
        ),
        ("GET", "/v1/events", "", "", 405, "unknown_method", "GET"),
    ] {
        let answer = connection.ask(method, path, headers, body);
        assert_eq!(
            problem(&answer),
            (status, code.to_owned()),
            "{method} {path}"
        );
        let body = answer.json();
        let detail = body["detail"].as_str().expect("a detail");
        assert!(detail.contains(words), "{method} {path}: {detail}");
        if code == "bad_parameter" {
            let parameter = path.split(['?', '&']).next_back().expect("a query");
            let parameter = parameter.split('=').next();
            assert_eq!(body["errors"][0]["parameter"].as_str(), parameter, "{path}");
        }
        if code == "bad_body" {
            assert_eq!(body["errors"][0]["line"], 1, "{path}");
        }
        if status == 405 {
            let allowed = match path {
                "/v1/events" => "POST",
                _ => "GET,HEAD",
            };
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
}
