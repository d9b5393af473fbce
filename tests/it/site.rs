//! The fixture language: a site of a few pages in a temporary folder, and the readnext command over it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::{NamedTempFile, TempDir};

/// A data folder with a corpus in it.
pub(crate) struct Site {
    folder: TempDir,
}

impl Site {
    /// A site without pages.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("corpus")).expect("a corpus folder");
        Self { folder }
    }

    /// A site of the sample articles.
    pub(crate) fn sample() -> Self {
        let site = Self::new();
        copy(&repository().join("corpus"), &site.path("corpus"));
        site
    }

    /// Writes `corpus/<name>` with `text`.
    pub(crate) fn page(self, name: &str, text: &str) -> Self {
        self.write(&format!("corpus/{name}"), text);
        self
    }

    /// Writes a file of the data folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("written");
    }

    /// A path in the data folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The readnext command with `arguments`, over this data folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_readnext"));
        command
            .args(arguments)
            .arg("--data")
            .arg(self.folder.path())
            .current_dir(self.folder.path());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("READNEXT_")) {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the command starts")
    }

    /// Runs a command that must succeed; its stdout.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs a command that must succeed and prints JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments)).expect("JSON")
    }

    /// Indexes the corpus.
    pub(crate) fn indexed(self) -> Self {
        self.ok(&["reindex"]);
        self
    }

    /// Imports event records; the report.
    pub(crate) fn events(&self, records: &[Value]) -> Value {
        let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
        self.write("events.jsonl", &lines.join("\n"));
        let file = self.path("events.jsonl");
        self.json(&["events", "import", file.to_str().expect("UTF-8"), "--json"])
    }

    /// The readnext command with `arguments`, unable to write past `blocks` of 512 bytes in any file, as on a full disk.
    pub(crate) fn on_a_full_disk(&self, blocks: u64, arguments: &[&str]) -> Output {
        let mut command = self.command_on_a_full_disk(blocks, arguments);
        command.output().expect("the shell starts")
    }

    /// The same for a server, which runs until it is stopped.
    pub(crate) fn start_on_a_full_disk(&self, blocks: u64, arguments: &[&str]) -> Server {
        let listening = [arguments, &["--listen", "127.0.0.1:0"]].concat();
        Server::of(self.command_on_a_full_disk(blocks, &listening))
    }

    fn command_on_a_full_disk(&self, blocks: u64, arguments: &[&str]) -> Command {
        let free = self.command(arguments);
        // A soft limit: `Server::gets_room` lifts it.
        let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(free.get_program());
        command.args(free.get_args());
        for (name, value) in free.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// All files of the data folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.path("")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("listed") {
                let path = entry.expect("listed").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }

    /// Another data folder with the same index, over the same corpus.
    pub(crate) fn twin(&self) -> Self {
        let twin = Self::new();
        copy(&self.path("index"), &twin.path("index"));
        fs::copy(self.path("sources.toml"), twin.path("sources.toml")).expect("copied");
        twin
    }

    /// The panel of a page.
    pub(crate) fn panel(&self, page: &str) -> Vec<Shown> {
        let body = self.json(&["related", page, "--json"]);
        body["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(Shown::of)
            .collect()
    }

    /// The ids of the related cards of a page.
    pub(crate) fn related(&self, page: &str) -> Vec<String> {
        self.panel(page)
            .into_iter()
            .filter(|card| card.percent.is_some())
            .map(|card| card.id)
            .collect()
    }

    /// The export of all panels as a run.
    pub(crate) fn run_export(&self) -> String {
        self.ok(&["export", "--format", "run", "--limit", "50", "--out", "-"])
    }

    /// Every panel as a line of JSON, with more `arguments` of `export`.
    pub(crate) fn json_export(&self, arguments: &[&str]) -> String {
        self.ok(&[&["export", "--format", "json", "--out", "-"], arguments].concat())
    }

    /// Starts a server command (`serve`, `demo`) on a port of the system's choice.
    pub(crate) fn start(&self, arguments: &[&str]) -> Server {
        let mut command = self.command(arguments);
        command.args(["--listen", "127.0.0.1:0"]);
        Server::of(command)
    }
}

/// A card as the API shows it.
#[derive(Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) reason: String,
    pub(crate) percent: Option<u64>,
    pub(crate) score: Option<f64>,
}

impl Shown {
    pub(crate) fn of(item: &Value) -> Self {
        let text = |key: &str| item[key].as_str().expect(key).to_owned();
        Self {
            id: text("id"),
            reason: text("reason"),
            percent: item["match"].as_u64(),
            score: item["score"].as_f64(),
        }
    }
}

/// A running server; stopped when dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    talk: NamedTempFile,
}

impl Server {
    /// Starts `command` and waits until it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        let talk = NamedTempFile::new().expect("a temporary file");
        command
            .stdout(Stdio::piped())
            .stderr(talk.reopen().expect("opened"));
        let mut child = command.spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .expect("the ready line")
            .to_owned();
        Self {
            child,
            address,
            talk,
        }
    }

    /// Makes room on the full disk that it was started on.
    pub(crate) fn gets_room(&self) {
        let lifted = Command::new("prlimit")
            .args(["--pid", &self.child.id().to_string(), "--fsize=unlimited:"])
            .status()
            .expect("prlimit runs");
        assert!(lifted.success());
    }

    /// What the server said on stderr so far.
    pub(crate) fn said(&self) -> String {
        // Its log is written by a thread of its own.
        thread::sleep(Duration::from_millis(50));
        fs::read_to_string(self.talk.path()).expect("UTF-8")
    }

    /// Waits until `/readyz` names `generation`; whether it did within `patience`.
    pub(crate) fn moves_to(&self, generation: u64, patience: Duration) -> bool {
        let wanted = format!("ok: generation {generation}\nwrites: ok\n");
        let started = Instant::now();
        loop {
            if self.get("/readyz").2 == wanted {
                return true;
            }
            if started.elapsed() > patience {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// The address as host and port.
    pub(crate) fn socket(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// Status, content type and body of `path`.
    pub(crate) fn get(&self, path: &str) -> (u16, String, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut answer = agent.get(self.url(path)).call().expect("an answer");
        let kind = answer
            .headers()
            .get("content-type")
            .map(|value| value.to_str().expect("ASCII").to_owned());
        let body = answer.body_mut().read_to_string().expect("a body");
        (answer.status().as_u16(), kind.unwrap_or_default(), body)
    }

    /// Posts `body` to `path`; status and body of the answer.
    pub(crate) fn post(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut request = agent.post(self.url(path));
        for &(name, value) in headers {
            // The last one of a name counts.
            if let Some(all) = request.headers_mut() {
                all.insert(
                    ureq::http::HeaderName::try_from(name).expect("a name"),
                    value.parse().expect("a value"),
                );
            }
        }
        let mut answer = request.send(body).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a body");
        (answer.status().as_u16(), text)
    }

    /// Sends `body` to `path` with `method` and, if there is one, a key; status and JSON of the answer, null for none.
    pub(crate) fn ask(&self, method: &str, path: &str, key: &str, body: &str) -> (u16, Value) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.url(path));
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let request = request.body(body.to_owned()).expect("a request");
        let mut answer = agent.run(request).expect("an answer");
        let text = answer.body_mut().read_to_string().expect("a body");
        let json = serde_json::from_str(&text).unwrap_or_default();
        (answer.status().as_u16(), json)
    }

    /// The key that a server made at its first start.
    pub(crate) fn first_key(&self) -> String {
        let said = self.said();
        let key = said.split("shown this once: ").nth(1);
        let key = key.and_then(|rest| rest.split(['\n', '"']).next());
        key.unwrap_or_else(|| panic!("no key in {said}")).to_owned()
    }

    /// The header with that key.
    pub(crate) fn key_header(&self) -> String {
        format!("authorization: Bearer {}\r\n", self.first_key())
    }

    /// Status and JSON of `path`, asked for with the first key.
    pub(crate) fn get_with_key(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, &self.first_key(), "")
    }

    /// The JSON at `path`.
    pub(crate) fn json(&self, path: &str) -> Value {
        let (status, _, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Sends a signal (`HUP`) to the server.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    /// Asks the server to stop and waits for its end; its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .expect("kill runs");
        assert!(asked.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone after `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two pages that are related, and `readnext.toml` with `settings`.
pub(crate) fn two_pages(settings: &str) -> Site {
    let site = Site::new()
        .page(
            "a.md",
            "Espresso needs fresh roasted beans, a grinder and pressure.",
        )
        .page(
            "b.md",
            "Espresso pressure and fresh roasted beans from the grinder.",
        );
    site.write("readnext.toml", settings);
    site.indexed()
}

/// The repository's folder.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("listed").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
