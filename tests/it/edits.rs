//! Whatever was edited in whatever order, an incremental run writes what a full run writes.

use std::fs;

use crate::chance::{Chance, page};
use crate::site::Site;

/// Sequences of edits, each from its own seed.
const SEEDS: u64 = 6;
/// Reindex runs of a sequence.
const ROUNDS: usize = 4;
/// Edits before each run.
const EDITS: usize = 5;
/// Names that pages can have, so that edits meet the same page again.
const PAGES: usize = 24;

#[test]
fn an_incremental_run_after_random_edits_exports_what_a_full_run_exports() {
    for seed in 1..=SEEDS {
        let mut chance = Chance::seeded(seed);
        let site = Site::new();
        for number in 0..PAGES / 2 {
            site.write(&name(number), &page(number, 60, seed));
        }
        site.ok(&["reindex"]);
        for round in 0..ROUNDS {
            let edits: Vec<String> = (0..EDITS).map(|_| edit(&site, &mut chance)).collect();
            let threads = *chance.of(&["1", "2"]);
            let output = site.run(&["reindex", "--allow-shrink", "--threads", threads]);
            assert!(
                matches!(output.status.code(), Some(0 | 3)),
                "{edits:?}: {output:?}"
            );
            let fresh = Site::new();
            crate::site::copy(&site.path("corpus"), &fresh.path("corpus"));
            fresh.run(&["reindex", "--full"]);
            assert_eq!(
                site.run_export(),
                fresh.run_export(),
                "seed {seed}, round {round}: {edits:?}"
            );
            assert_eq!(
                panels(&site),
                panels(&fresh),
                "seed {seed}, round {round}: {edits:?}"
            );
        }
    }
}

/// Every panel as it is served, without the number of its generation.
fn panels(site: &Site) -> String {
    let panels = site.json_export(&["--now", "2026-11-01"]);
    let lines = panels.lines();
    let numberless = lines.map(|line| {
        line.rsplit_once(",\"generation\":")
            .map_or(line, |(panel, _)| panel)
    });
    numberless.collect::<Vec<_>>().join("\n")
}

fn name(number: usize) -> String {
    format!("corpus/part-{}/page-{number}.md", number % 3)
}

/// One edit of the corpus, and what it was.
fn edit(site: &Site, chance: &mut Chance) -> String {
    let number = chance.below(PAGES);
    let file = name(number);
    let text = fs::read_to_string(site.path(&file));
    let write = |text: &str| site.write(&file, text);
    let what = match (chance.below(10), text) {
        (0 | 1, Ok(_)) => {
            fs::remove_file(site.path(&file)).expect("removed");
            "removed"
        }
        (2, Ok(text)) => {
            let other = name(chance.below(PAGES));
            site.write(&other, &text);
            "copied"
        }
        (3, Ok(text)) => {
            write(&text.replacen("---\n", "---\ndraft: true\n", 1));
            "made a draft"
        }
        (4, Ok(text)) => {
            write(&text.replacen("---\n", "---\nlang: de\n", 1));
            "translated"
        }
        (5, Ok(text)) => {
            write(&text.replacen("---\n", "---\nid: /same\n", 1));
            "given the id of another"
        }
        (6, _) => {
            let lines: Vec<String> = (0..chance.below(5))
                .map(|line| format!("{{\"id\": \"/line/{line}\", \"title\": \"Line {line}\", \"body\": \"{}\"}}", chance.bits() % 1000))
                .collect();
            site.write("corpus/records.jsonl", &lines.join("\n"));
            "rewrote the records"
        }
        (7, Ok(text)) => {
            write(&format!(
                "{text}\nOne more sentence on subject {}.",
                chance.below(40)
            ));
            "added to"
        }
        _ => {
            write(&page(number, 30 + chance.below(60), chance.bits()));
            "wrote"
        }
    };
    format!("{what} {file}")
}
