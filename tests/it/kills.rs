//! A reindex killed at any moment leaves one of the two generations, byte for byte.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::chance::{Chance, page, times, write_pages};
use crate::site::Site;

const PAGES: usize = 300;
const WORDS: usize = 120;

/// How many kills: 20, or what `READNEXT_TEST_KILLS` says.
fn kills() -> u64 {
    times("READNEXT_TEST_KILLS", 20)
}

/// Edits, adds and removes pages.
fn edit(site: &Site) {
    for number in (0..PAGES).step_by(7) {
        site.write(&format!("corpus/p{number}.md"), &page(number, WORDS, 2));
    }
    for number in (3..PAGES).step_by(50) {
        fs::remove_file(site.path(&format!("corpus/p{number}.md"))).expect("removed");
        site.write(&format!("corpus/new{number}.md"), &page(number, WORDS, 3));
    }
}

/// Starts `arguments` and kills it after `delay`; whether it was still running.
fn killed(site: &Site, arguments: &[&str], delay: Duration) -> bool {
    let mut child = site
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    thread::sleep(delay);
    let running = child.try_wait().expect("waited").is_none();
    child.kill().expect("killed");
    child.wait().expect("waited");
    running
}

fn duration(site: &Site, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    site.ok(arguments);
    started.elapsed()
}

#[test]
fn a_killed_reindex_leaves_the_generation_before_or_the_new_one() {
    let before = Site::new();
    write_pages(&before, PAGES, WORDS, 1);
    before.ok(&["reindex"]);
    let old = before.run_export();
    edit(&before);
    let modes: [&[&str]; 2] = [&["reindex"], &["reindex", "--full"]];
    let finished = modes.map(|mode| {
        let site = before.twin();
        let whole = duration(&site, mode);
        (site.run_export(), whole)
    });
    let new = &finished[0].0;
    assert_eq!(*new, finished[1].0);
    assert_ne!(*new, old);
    let (mut landed, mut moved) = (0, 0);
    for seed in 0..kills() {
        let mut chance = Chance::seeded(seed);
        let site = before.twin();
        // Some runs are killed twice in a row.
        for _ in 0..1 + seed % 2 {
            let mode = chance.below(2);
            let delay = finished[mode].1.mul_f64(1.1 * chance.share());
            landed += u64::from(killed(&site, modes[mode], delay));
            let found = site.run_export();
            assert!(
                found == old || found == *new,
                "seed {seed}: neither generation after {delay:?}"
            );
            moved += u64::from(found == *new);
        }
        site.ok(&["reindex"]);
        assert_eq!(site.run_export(), *new, "seed {seed}");
        let folders = fs::read_dir(site.path("index")).expect("listed").flatten();
        let generations = folders
            .filter(|entry| entry.path().join("serving.bin").exists())
            .count();
        assert!(generations <= 2, "seed {seed}: {generations} generations");
        assert!(!site.path("index/CURRENT.new").exists());
    }
    eprintln!("{landed} kills hit a running reindex, {moved} runs had switched before");
    assert!(landed > kills() / 2, "only {landed} hit a running reindex");
}

#[test]
fn a_killed_first_build_leaves_no_index_or_a_whole_one() {
    let site = Site::new();
    write_pages(&site, 60, WORDS, 1);
    let whole = duration(&site, &["reindex"]);
    let built = site.run_export();
    for seed in 0..5 {
        fs::remove_dir_all(site.path("index")).expect("removed");
        let delay = whole.mul_f64(1.1 * Chance::seeded(seed).share());
        killed(&site, &["reindex"], delay);
        let output = site.run(&["export", "--format", "run", "--limit", "50", "--out", "-"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => assert_eq!(String::from_utf8_lossy(&output.stdout), built),
            code => assert!(
                code == Some(1) && told.contains("run `readnext reindex"),
                "{told}"
            ),
        }
        site.ok(&["reindex"]);
        assert_eq!(site.run_export(), built);
    }
}
