//! What each signal counts: a hand goes before what was learned, and that before what is shipped.

use std::fs;
use std::time::{Duration, Instant};

use crate::site::Site;

const PAGE: &str = "/tool/pandas/overview";

/// How much of its score the first card of [`PAGE`] has from research, with more `arguments` and `environment`.
fn share(site: &Site, arguments: &[&str], environment: Option<&str>) -> f64 {
    let mut command = site.command(&[&["related", PAGE, "--json"], arguments].concat());
    command.envs(environment.map(|weights| ("READNEXT_WEIGHTS", weights)));
    let output = command.output().expect("the command starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let body: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    first_share(&body)
}

/// How much of the first card's score research gave.
fn first_share(body: &serde_json::Value) -> f64 {
    let card = &body["items"][0];
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    number(&card["signals"]["research"]) / number(&card["score"])
}

#[test]
fn flags_go_before_the_environment_that_before_the_file_and_that_before_what_was_learned() {
    let site = Site::sample().indexed();
    let shipped = share(&site, &[], None);
    assert!(shipped > 0.0 && shipped < 1.0, "{shipped}");
    site.write("weights.toml", "[weights]\nresearch = 1.0\n");
    assert_eq!(share(&site, &[], None), 1.0);
    assert_eq!(share(&site, &["--weights", "shipped"], None), shipped);
    site.write("readnext.toml", "[weights]\ncontent = 2\n");
    assert_eq!(share(&site, &[], None), 0.0);
    assert_eq!(share(&site, &[], Some("research=1")), 1.0);
    assert_eq!(
        share(&site, &["--weights", "content=1"], Some("research=1")),
        0.0
    );
    assert_eq!(share(&site, &["--weights", "learned"], None), 1.0);
    // The kept signals are kept of whatever is in force.
    assert_eq!(share(&site, &["--signals", "content"], None), 0.0);
    let off = site.run(&["related", PAGE, "--signals", "research"]);
    assert_eq!(off.status.code(), Some(2));
    site.write("readnext.toml", "[weights]\ncontent = -1\n");
    let wrong = site.run(&["related", PAGE]);
    assert_eq!(wrong.status.code(), Some(4));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        said.contains("readnext.toml:1: weights: found -1 for content"),
        "{said}"
    );
}

#[test]
fn a_server_takes_learned_weights_without_a_restart() {
    let site = Site::sample().indexed();
    let server = site.start(&["serve"]);
    let path = format!("/v1/related?url={PAGE}");
    let before = first_share(&server.json(&path));
    site.write("weights.toml", "[weights]\nresearch = 1.0\n");
    assert!(comes(|| first_share(&server.json(&path)) == 1.0));
    site.write("weights.toml", "[weights]\nresearch = 'much'\n");
    assert!(comes(|| server
        .said()
        .contains("the weights before go on counting")));
    assert_eq!(first_share(&server.json(&path)), 1.0);
    fs::remove_file(site.path("weights.toml")).expect("removed");
    assert!(comes(|| first_share(&server.json(&path)) == before));
}

fn comes(holds: impl Fn() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}
