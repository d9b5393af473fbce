//! Flipped bytes and cuts in any file of `index/`: never a wrong panel, never a dead process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::chance::{Chance, page, times, write_pages};
use crate::site::Site;

/// What readers ask, with the exit codes and answers that are right.
const QUESTIONS: [&[&str]; 4] = [
    &["export", "--format", "run", "--limit", "50", "--out", "-"],
    &["related", "/p3"],
    &["related", "/p3", "--explain"],
    &["search", "bako", "koko", "riko"],
];

/// A site with two whole generations, and the answers of each.
struct TwoGenerations {
    site: Site,
    previous: Vec<String>,
    current: Vec<String>,
}

impl TwoGenerations {
    fn new() -> Self {
        let site = Site::new();
        write_pages(&site, 24, 60, 1);
        site.ok(&["reindex"]);
        let previous = answers(&site);
        for number in 0..6 {
            site.write(&format!("corpus/p{number}.md"), &page(number, 60, 2));
        }
        // Old enough for the catalogue to be used.
        for entry in fs::read_dir(site.path("corpus")).expect("listed").flatten() {
            let file = fs::File::options()
                .append(true)
                .open(entry.path())
                .expect("opened");
            let hour_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
            file.set_modified(hour_ago).expect("set");
        }
        site.ok(&["reindex"]);
        let current = answers(&site);
        assert_ne!(previous[0], current[0]);
        assert!(current.iter().all(|answer| !answer.is_empty()));
        assert!(current[2].contains("content: shares"), "{}", current[2]);
        Self {
            site,
            previous,
            current,
        }
    }

    /// Damages one file of a copy and asks everything.
    fn survives(&self, seed: u64) {
        let site = self.site.twin();
        let mut files = Vec::new();
        list(&site.path("index"), &mut files);
        files.sort();
        let damage = damage(&files, seed);
        let context = |what: &str, output: &Output| {
            format!(
                "seed {seed}, {damage}, {what}: {:?}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )
        };
        for (number, question) in QUESTIONS.iter().enumerate() {
            let output = site.run(question);
            let context = context(&question.join(" "), &output);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!told.contains("panicked"), "{context}");
            let answer = String::from_utf8_lossy(&output.stdout);
            match output.status.code() {
                Some(0) if answer == self.current[number] => {}
                Some(0) => {
                    assert_eq!(answer, self.previous[number], "{context}");
                    assert!(told.contains("generation 1 serves"), "{context}");
                    assert!(told.contains("`readnext reindex`"), "{context}");
                }
                code => {
                    assert_eq!(code, Some(6), "{context}");
                    assert!(told.contains("`readnext reindex"), "{context}");
                }
            }
        }
        let output = site.run(&["reindex"]);
        let context = context("reindex", &output);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{context}");
        assert!(!told.contains("panicked"), "{context}");
        let output = site.run(QUESTIONS[0]);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            self.current[0],
            "{context}"
        );
        assert!(
            !String::from_utf8_lossy(&output.stderr).contains("serves"),
            "{context}"
        );
    }
}

fn answers(site: &Site) -> Vec<String> {
    QUESTIONS.map(|question| site.ok(question)).to_vec()
}

/// Flips, cuts, empties, overwrites or removes one of `files`; says which and how.
pub(crate) fn damage(files: &[PathBuf], seed: u64) -> String {
    let mut chance = Chance::seeded(seed);
    let path = chance.of(files);
    let mut bytes = fs::read(path).expect("read");
    let length = bytes.len();
    let how = match chance.below(10) {
        0..5 if length > 0 => {
            let (at, bit) = (chance.below(length), chance.below(8));
            bytes[at] ^= 1 << bit;
            format!("bit {bit} of byte {at} of {length} flipped")
        }
        5..7 if length > 0 => {
            bytes.truncate(chance.below(length));
            format!("{length} bytes cut to {}", bytes.len())
        }
        7 if length > 0 => {
            bytes.clear();
            "emptied".to_owned()
        }
        8 if length > 0 => {
            let at = chance.below(length);
            for byte in bytes.iter_mut().skip(at).take(64) {
                *byte = chance.bits() as u8;
            }
            format!("64 bytes overwritten at {at} of {length}")
        }
        _ => {
            fs::remove_file(path).expect("removed");
            return format!("{} removed", path.display());
        }
    };
    fs::write(path, bytes).expect("written");
    format!("{}: {how}", path.display())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("listed").flatten() {
        if entry.path().is_dir() {
            list(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

/// How many damages: 100, or what `READNEXT_TEST_FLIPS` says.
fn damages() -> u64 {
    times("READNEXT_TEST_FLIPS", 100)
}

/// Part `part` of four, which run beside each other.
fn survive(part: u64) {
    let good = TwoGenerations::new();
    for seed in (0..damages()).filter(|seed| seed % 4 == part) {
        good.survives(seed);
    }
}

#[test]
fn no_damage_gives_a_wrong_panel_or_a_dead_process_part_1() {
    survive(0);
}

#[test]
fn no_damage_gives_a_wrong_panel_or_a_dead_process_part_2() {
    survive(1);
}

#[test]
fn no_damage_gives_a_wrong_panel_or_a_dead_process_part_3() {
    survive(2);
}

#[test]
fn no_damage_gives_a_wrong_panel_or_a_dead_process_part_4() {
    survive(3);
}
