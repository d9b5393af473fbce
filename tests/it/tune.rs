//! Weights learned from what readers follow: other readers, other weights; and none where readers follow nothing.

use std::fs;

use serde_json::Value;

use crate::chance::{Chance, page};
use crate::site::Site;

/// 2025-08-26, when the simulated readers stop.
const NOW: &str = "2025-08-26";

/// Pages of a site whose links say nothing of what its pages are about.
const PAGES: usize = 32;
const LINKS: usize = 10;

/// A site whose readers go by `taste`.
fn site_of(taste: &str, seed: u64) -> Site {
    let site = Site::new();
    let mut chance = Chance::seeded(seed);
    for number in 0..PAGES {
        let links = (0..LINKS).map(|_| format!("[x](/p{}) ", chance.below(PAGES)));
        let text = page(number, 80, 1) + "\n" + &links.collect::<String>();
        site.write(&format!("corpus/p{number}.md"), &text);
    }
    let site = site.indexed();
    let (seed, visitors) = (seed.to_string(), VISITORS.to_string());
    site.ok(&[
        "events",
        "simulate",
        "--seed",
        &seed,
        "--visitors",
        &visitors,
        "--until",
        NOW,
        "--taste",
        taste,
        "--out",
        "events.jsonl",
    ]);
    site.ok(&["events", "import", "events.jsonl"]);
    site
}
const VISITORS: usize = 8_000;

#[test]
fn explore() {
    for seed in 1..4 {
        for taste in ["content", "own", "any"] {
            let t = std::time::Instant::now();
            let site = site_of(taste, seed);
            let a = t.elapsed();
            {
                let o = site.run(&["tune", "--dry-run", "--now", NOW]);
                println!(
                    "{taste} {seed} {a:?} {:?}\n{}",
                    t.elapsed(),
                    String::from_utf8_lossy(&o.stdout)
                );
            }
        }
    }
}
