//! The studio as an editor uses it: logging in, comparing weights, telling panels, looking at the whole site.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::site::{Server, Site, repository};

/// How long the index may take to be built again.
const PATIENCE: Duration = Duration::from_secs(60);
/// What no page may hold as it is.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>";

/// A browser without a script: it keeps a cookie, says where its forms come from, and does not follow on its own.
struct Browser<'a> {
    server: &'a Server,
    origin: String,
    cookie: String,
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }
}

impl<'a> Browser<'a> {
    fn of(server: &'a Server) -> Self {
        Self {
            server,
            origin: server.url(""),
            cookie: String::new(),
        }
    }

    /// One that has logged in with the first key.
    fn logged_in(server: &'a Server) -> Self {
        let mut browser = Self::of(server);
        let answer = browser.post("/studio/login", &[("key", &server.first_key())]);
        assert_eq!((answer.status, answer.header("location")), (303, "/studio"));
        browser
    }

    fn send(&mut self, request: ureq::http::request::Builder, body: String) -> Answer {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build()
            .new_agent();
        let request = request
            .header("cookie", &self.cookie)
            .header("origin", &self.origin)
            .header("content-type", "application/x-www-form-urlencoded");
        let mut answer = agent
            .run(request.body(body).expect("a request"))
            .expect("an answer");
        let body = answer.body_mut().read_to_string().expect("a body");
        let (head, _) = answer.into_parts();
        if let Some(cookie) = head.headers.get("set-cookie") {
            let pair = cookie.to_str().expect("ASCII").split(';').next();
            pair.expect("a pair").clone_into(&mut self.cookie);
        }
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    fn get(&mut self, path: &str) -> Answer {
        let request = ureq::http::Request::get(self.server.url(path));
        self.send(request, String::new())
    }

    fn page(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(name, value)| {
            let bytes = value.bytes().map(|byte| format!("%{byte:02X}"));
            format!("{name}={}", bytes.collect::<String>())
        });
        let body = fields.collect::<Vec<_>>().join("&");
        let request = ureq::http::Request::post(self.server.url(path));
        self.send(request, body)
    }
}

/// A site of pages that are related to one another.
fn grinders(count: usize) -> Site {
    let mut site = Site::new();
    for number in 1..=count {
        site = site.page(
            &format!("grinder-{number}.md"),
            &format!("---\ntitle: Grinder {number}\n---\nEspresso needs fresh beans, a grinder and pressure. Burr {number} grinds evenly.\n"),
        );
    }
    site.indexed()
}

/// Waits until the panel of `page` is as `wanted` says.
fn panel_becomes(server: &Server, page: &str, wanted: impl Fn(&[Value]) -> bool) {
    let started = Instant::now();
    loop {
        let body = server.json(&format!("/v1/related?url={page}"));
        let items = body["items"].as_array().expect("items");
        if wanted(items) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{body}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nobody_comes_in_without_a_key_of_scope_admin() {
    let site = grinders(3);
    let server = site.start(&["serve"]);
    let mut browser = Browser::of(&server);
    for page in [
        "/studio",
        "/studio/article?id=/grinder-1",
        "/studio/site",
        "/studio/readers",
        "/studio/index",
        "/studio/state",
    ] {
        let answer = browser.get(page);
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/studio/login"),
            "{page}"
        );
        assert!(!answer.body.contains("Grinder"));
    }
    let write = site.ok(&["keys", "create", "--scope", "write"]);
    let write = write.trim();
    thread::sleep(Duration::from_secs(1));
    for wrong in ["", "rn_nothing", write] {
        let answer = browser.post("/studio/login", &[("key", wrong)]);
        assert_eq!(answer.status, 403, "{wrong}");
        assert_eq!(answer.header("set-cookie"), "");
    }
    let answer = browser.post("/studio/login", &[("key", &server.first_key())]);
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie");
    for part in [
        "HttpOnly",
        "SameSite=Strict",
        "Path=/studio",
        "Max-Age=43200",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(browser.page("/studio").contains("Articles"));
    let token = browser.cookie.clone();
    assert_eq!(browser.post("/studio/logout", &[]).status, 303);
    browser.cookie = token;
    assert_eq!(browser.get("/studio").status, 303, "the session has ended");
}

#[test]
fn a_server_that_names_no_host_is_logged_into_by_any_name() {
    let site = grinders(2);
    let server = site.start(&["serve"]);
    let mut browser = Browser::of(&server);
    "http://related.example.org".clone_into(&mut browser.origin);
    let body = format!("key={}", server.first_key());
    let request = ureq::http::Request::post(server.url("/studio/login"));
    let request = request.header("host", "related.example.org");
    assert_eq!(browser.send(request, body).status, 303);
}

#[test]
fn a_key_that_is_revoked_ends_its_sessions() {
    let site = grinders(2);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    assert_eq!(browser.get("/studio").status, 200);
    let keys = site.json(&["keys", "list", "--json"]);
    let id = keys[0]["id"].as_str().expect("an id").to_owned();
    site.ok(&["keys", "revoke", &id]);
    let started = Instant::now();
    while browser.get("/studio").status == 200 {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nothing_is_written_without_a_session_or_from_a_page_of_another_site() {
    let site = grinders(3);
    let server = site.start(&["serve"]);
    let file = site.path("corpus/editorial.toml");
    let pin = [
        ("host", "/grinder-1"),
        ("card", "/grinder-3"),
        ("told", "pin"),
        ("slot", "1"),
    ];
    let mut browser = Browser::of(&server);
    assert_eq!(browser.post("/studio/tell", &pin).status, 401);
    let mut browser = Browser::logged_in(&server);
    for foreign in ["https://evil.test", "null"] {
        foreign.clone_into(&mut browser.origin);
        assert_eq!(browser.post("/studio/tell", &pin).status, 403, "{foreign}");
        assert_eq!(
            browser.post("/studio/take-back", &pin).status,
            403,
            "{foreign}"
        );
        assert_eq!(browser.post("/studio/logout", &[]).status, 403, "{foreign}");
    }
    browser.origin = server.url("");
    for wrong in [
        [pin[0], ("card", "/none"), pin[2], pin[3]],
        [pin[0], ("card", "/grinder-1"), pin[2], pin[3]],
        [pin[0], pin[1], ("told", "praise"), pin[3]],
        [pin[0], pin[1], pin[2], ("slot", "0")],
    ] {
        let status = browser.post("/studio/tell", &wrong).status;
        assert!(matches!(status, 400 | 404), "{wrong:?}: {status}");
    }
    assert!(!file.exists());
}

#[test]
fn a_pin_and_a_block_are_in_the_editors_file_and_then_in_the_panel() {
    let site = grinders(6);
    let ours = "# Ours.\n[[boost]] # a little\ncard = \"/grinder-2\"\nby = 0.1\n";
    site.write("corpus/editorial.toml", ours);
    site.ok(&["reindex"]);
    let server = site.start(&["serve"]);
    let mut browser = Browser::logged_in(&server);
    let tell = |browser: &mut Browser<'_>, card: &str, told: &str| {
        let fields = [
            ("host", "/grinder-1"),
            ("card", card),
            ("told", told),
            ("slot", "1"),
        ];
        let answer = browser.post("/studio/tell", &fields);
        let to = answer.header("location").to_owned();
        assert_eq!(
            (answer.status, to.as_str()),
            (303, "/studio/article?id=%2Fgrinder%2D1")
        );
        assert!(browser.page(&to).contains(card));
    };
    tell(&mut browser, "/grinder-6", "pin");
    tell(&mut browser, "/grinder-4", "block");
    let text = fs::read_to_string(site.path("corpus/editorial.toml")).expect("read");
    assert!(text.starts_with(ours), "{text}");
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    panel_becomes(&server, "/grinder-1", |items| {
        let pinned = id(&items[0]) == "/grinder-6" && items[0]["reason"] == "Editor's pick";
        pinned && items.iter().all(|item| id(item) != "/grinder-4")
    });
    let page = browser.page("/studio/article?id=/grinder-1");
    assert!(
        page.contains("pinned at place 1") && page.contains("blocked"),
        "{page}"
    );
    assert!(!page.contains("id=\"waiting\""), "{page}");
    let mark = page.split("name=\"mark\" value=\"").nth(1).expect("a mark");
    let mark = mark.split('"').next().expect("a mark");
    let path = page.split("name=\"path\" value=\"").nth(1).expect("a path");
    let path = path.split('"').next().expect("a path");
    let back = [("host", "/grinder-1"), ("path", path), ("mark", mark)];
    assert_eq!(browser.post("/studio/take-back", &back).status, 303);
    panel_becomes(&server, "/grinder-1", |items| {
        items.iter().all(|item| item["reason"] != "Editor's pick")
    });
    assert_eq!(
        browser.post("/studio/take-back", &back).status,
        400,
        "it is gone"
    );
    assert_eq!(
        browser
            .post(
                "/studio/take-back",
                &[back[0], ("path", "/etc/passwd"), back[2]]
            )
            .status,
        400
    );
    // What the server built is what a run over the files builds.
    let shown = server.json("/v1/related?url=/grinder-1");
    site.ok(&["reindex", "--full"]);
    let built = site.json(&["related", "/grinder-1", "--json"]);
    let cards = |body: &Value| -> Vec<String> {
        body["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(id)
            .collect()
    };
    assert_eq!(cards(&shown), cards(&built));
}

#[test]
fn a_site_without_a_corpus_folder_and_a_demo_are_told_in_their_data_folder() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let mut browser = Browser::of(&server);
    let page = "/tool/pandas/overview";
    let fields = [
        ("host", page),
        ("card", "/tool/sqlite/overview"),
        ("told", "pin"),
        ("slot", "2"),
    ];
    assert_eq!(browser.post("/studio/tell", &fields).status, 303);
    assert!(site.path("editorial.toml").exists() && !site.path("corpus/editorial.toml").exists());
    panel_becomes(&server, page, |items| {
        items[1]["id"] == "/tool/sqlite/overview" && items[1]["reason"] == "Editor's pick"
    });
}

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
        ("1", &["5", "5"].map(str::to_owned)[..])
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
    assert!(page.contains("<dt>Accepted</dt><dd>1</dd>"), "{page}");
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
fn a_demo_answers_in_the_studio_to_no_name_of_somebody_else() {
    let site = Site::sample();
    let server = site.start(&["demo"]);
    let request = ureq::http::Request::get(server.url("/studio")).header("host", "evil.test");
    assert_eq!(
        Browser::of(&server).send(request, String::new()).status,
        421
    );
}

#[test]
fn the_chart_library_is_what_its_makers_publish() {
    use std::process::Command;
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
