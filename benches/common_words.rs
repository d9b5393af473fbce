//! Counts which words are common in general prose: the source of `src/text/data/common.en.tsv`.
//!
//! `cargo bench --bench common_words -- ENCYCLOPEDIA.jsonl TECHNICAL.jsonl...` prints each stem with the share of articles
//! that hold it in their first 3,000 characters. The share is the geometric mean of the encyclopedia's and of the median
//! of the technical sets, so a subject of one world alone does not count as general.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader};

use readnext::model::Lang;
use readnext::text::Analyzer;

/// Words that fewer articles hold are left out.
const LEAST_SHARE: f64 = 0.0015;
/// The share that a word has at least in each world, seen or not.
const UNSEEN: f64 = 0.0005;
/// Characters that are read of each article, so that long articles do not hold every word.
const READ: usize = 3000;

fn main() {
    let paths: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if paths.len() < 2 {
        println!(
            "usage: cargo bench --bench common_words -- ENCYCLOPEDIA.jsonl TECHNICAL.jsonl..."
        );
        return;
    }
    let shares: Vec<HashMap<String, f64>> = paths.iter().map(|path| shares(path)).collect();
    let mut common: BTreeMap<&str, f64> = BTreeMap::new();
    for (word, &share) in &shares[0] {
        let mut technical: Vec<f64> = shares[1..]
            .iter()
            .map(|set| set.get(word).copied().unwrap_or_default())
            .collect();
        technical.sort_by(f64::total_cmp);
        let share = (share.max(UNSEEN) * technical[technical.len() / 2].max(UNSEEN)).sqrt();
        if share >= LEAST_SHARE {
            common.insert(word, share);
        }
    }
    println!(
        "# stem\tshare of articles of general prose that hold it; made by benches/common_words.rs"
    );
    for (word, share) in common {
        println!("{word}\t{share:.3}");
    }
}

/// The share of articles of a JSON Lines file that hold each stem.
fn shares(path: &str) -> HashMap<String, f64> {
    let file = BufReader::new(File::open(path).unwrap_or_else(|error| panic!("{path}: {error}")));
    let mut analyzer = Analyzer::new(&Lang::english());
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut articles = 0u32;
    for line in file.lines() {
        let article: serde_json::Value =
            serde_json::from_str(&line.expect("UTF-8")).expect("an article a line");
        let mut seen = HashSet::new();
        let body: String = article["body"]
            .as_str()
            .unwrap_or_default()
            .chars()
            .take(READ)
            .collect();
        analyzer.terms(&body, |term| {
            if term.bytes().all(|b| b.is_ascii_lowercase()) && !seen.contains(term) {
                seen.insert(term.to_owned());
            }
        });
        for term in seen {
            *counts.entry(term).or_default() += 1;
        }
        articles += 1;
    }
    counts
        .into_iter()
        .map(|(term, count)| (term, f64::from(count) / f64::from(articles.max(1))))
        .collect()
}
