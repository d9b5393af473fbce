//! Completions and manual pages: every command is in them, and the programs that read them accept them.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::site::Site;

/// The words of every command of the list in `help`.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

/// The words of every command, as `events import`.
fn commands(site: &Site) -> Vec<String> {
    let mut all = Vec::new();
    for word in listed(&site.ok(&["--help"])) {
        let inner = listed(&site.ok(&[&word, "--help"]));
        all.extend(inner.iter().map(|inner| format!("{word} {inner}")));
        all.push(word);
    }
    assert!(all.len() > 15, "{all:?}");
    all
}

/// Whether `program` is there to be run.
fn is_there(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.is_ok_and(|output| output.status.success())
}

/// Gives `text` to `command`; its exit code and all that it says.
fn told(command: &mut Command, text: &[u8]) -> (Option<i32>, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(text).expect("written");
    drop(input);
    let output = child.wait_with_output().expect("ended");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[test]
fn completions_of_every_shell_know_every_command() {
    let site = Site::new();
    let commands = commands(&site);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = site.ok(&["completions", shell]);
        for command in &commands {
            let last = command.rsplit(' ').next().expect("a word");
            assert!(script.contains(last), "{shell}: {command}");
        }
        for flag in ["--data", "--corpus", "--explain"] {
            let named = script.contains(flag) || script.contains(&format!("-l {}", &flag[2..]));
            assert!(named, "{shell}: {flag}");
        }
    }
    let output = site.run(&["completions", "tcsh"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn shells_accept_their_completions() {
    let site = Site::new();
    for shell in ["bash", "zsh", "fish"] {
        if shell != "bash" && !is_there(shell) {
            continue;
        }
        let script = site.ok(&["completions", shell]);
        let said = told(Command::new(shell).arg("-n"), script.as_bytes());
        assert_eq!(said, (Some(0), String::new()), "{shell}");
    }
}

#[test]
fn bash_completes_a_command_and_a_flag() {
    let site = Site::new();
    let script = site.ok(&["completions", "bash"]);
    for (line, expected) in [
        ("readnext rel", "related"),
        ("readnext related --exp", "--explain"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let ask = format!(
            "{script}\nCOMP_WORDS=({line}); COMP_CWORD={}; _readnext readnext \"{}\" \"{}\"; echo \"${{COMPREPLY[@]}}\"",
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let output = Command::new("bash").args(["-c", &ask]).output();
        let output = output.expect("bash runs");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            expected,
            "{line}"
        );
    }
}

#[test]
fn every_command_has_a_manual_page_with_examples_that_renders_without_a_warning() {
    let site = Site::new();
    let folder = site.path("man");
    site.ok(&["man", "--out", folder.to_str().expect("UTF-8")]);
    let commands = commands(&site);
    let root = fs::read_to_string(folder.join("readnext.1")).expect("the first page");
    for command in &commands {
        let name = format!("readnext-{}", command.replace(' ', "-"));
        let page = fs::read_to_string(folder.join(format!("{name}.1"))).expect(&name);
        assert!(
            page.contains(".SH EXAMPLES\n.nf\nreadnext"),
            "{name}: {page}"
        );
        if !command.contains(' ') {
            assert!(root.contains(&name.replace('-', "\\-")), "{name}");
        }
    }
    let pages = fs::read_dir(&folder).expect("listed").count();
    assert_eq!(pages, commands.len() + 1);
    assert_eq!(site.ok(&["man"]), root);
    for page in fs::read_dir(&folder).expect("listed").flatten() {
        let text = fs::read(page.path()).expect("read");
        if is_there("man") {
            let said = told(
                Command::new("man")
                    .args(["--warnings", "-E", "UTF-8", "-l", "-"])
                    .env("LC_ALL", "C.UTF-8")
                    .env("MANROFFSEQ", "")
                    .env("MANWIDTH", "80"),
                &text,
            );
            assert_eq!(said, (Some(0), String::new()), "{}", page.path().display());
        }
        if is_there("mandoc") {
            let said = told(Command::new("mandoc").args(["-W", "warning"]), &text);
            assert_eq!(said.0, Some(0), "{said:?}");
        }
    }
}

#[test]
fn no_page_and_no_help_names_a_default_that_is_empty() {
    let site = Site::new();
    site.ok(&["man", "--out", site.path("man").to_str().expect("UTF-8")]);
    for page in fs::read_dir(site.path("man")).expect("listed").flatten() {
        let text = fs::read_to_string(page.path()).expect("read");
        assert!(!text.contains("[default: ]"), "{}", page.path().display());
    }
    assert!(
        !site
            .ok(&["keys", "create", "--help"])
            .contains("[default: ]")
    );
}
