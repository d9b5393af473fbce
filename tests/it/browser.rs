//! Part of the fixture language: an editor's browser without a script, before the studio of a server.

use crate::site::{Server, Site};

/// A browser without a script: it keeps a cookie, says where its forms come from, and does not follow on its own.
pub(crate) struct Browser<'a> {
    pub(crate) server: &'a Server,
    pub(crate) origin: String,
    pub(crate) cookie: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn of(server: &'a Server) -> Self {
        Self {
            server,
            origin: server.url(""),
            cookie: String::new(),
        }
    }

    /// One that has logged in with the first key.
    pub(crate) fn logged_in(server: &'a Server) -> Self {
        let mut browser = Self::of(server);
        let answer = browser.post("/studio/login", &[("key", &server.first_key())]);
        assert_eq!((answer.status, answer.header("location")), (303, "/studio"));
        browser
    }

    pub(crate) fn send(&mut self, request: ureq::http::request::Builder, body: String) -> Answer {
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

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        let request = ureq::http::Request::get(self.server.url(path));
        self.send(request, String::new())
    }

    pub(crate) fn page(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
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
pub(crate) fn grinders(count: usize) -> Site {
    let mut site = Site::new();
    for number in 1..=count {
        site = site.page(
            &format!("grinder-{number}.md"),
            &format!("---\ntitle: Grinder {number}\n---\nEspresso needs fresh beans, a grinder and pressure. Burr {number} grinds evenly.\n"),
        );
    }
    site.indexed()
}
