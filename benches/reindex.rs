//! What the stages of a reindex cost in CPU, and how many of the true neighbours the graph finds.
//!
//! `cargo bench --bench reindex -- ARTICLES.jsonl` prints a line of JSON a stage: CPU seconds of the whole process (all
//! threads) and, for graphs, recall@20 of the exact neighbours over a fixed sample of articles. `benches/reindex` runs it
//! beside stock tantivy.

use std::fs;
use std::path::Path;

use readnext::corpus::url::OwnHosts;
use readnext::engine::Site;
use readnext::index::{Analyses, write_search_index};
use readnext::model::DocOrd;
use readnext::signals::content::{Neighbour, Rows, Search, Semantic, neighbours};

#[path = "analysed.rs"]
mod analysed;

use analysed::analysed;

/// Articles whose exact neighbours are looked up.
const SAMPLE: usize = 400;
/// Neighbours that recall is about.
const DEPTH: usize = 20;
/// Candidates that a generation keeps of each article.
const CANDIDATES: usize = 100;
/// Panels that every article is to be in.
const EXPOSURE: usize = 3;

fn main() {
    let path = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let Some(path) = path else {
        println!("usage: cargo bench --bench reindex -- ARTICLES.jsonl");
        return;
    };
    let mut clock = Clock::start();
    let analyses = analysed(Path::new(&path));
    let articles = analyses.articles().len();
    let analysis = clock.lap();
    println!(
        "{{\"stage\": \"analysis\", \"articles\": {articles}, \"terms\": {}, \"cpu\": {analysis:.2}}}",
        analyses.vocabulary().len()
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_search_index(&analyses, &folder.path().join("search")).expect("written");
    println!(
        "{{\"stage\": \"search index\", \"cpu\": {:.2}}}",
        clock.lap()
    );
    let rows = Rows::of_texts(&analyses);
    let rows_cpu = clock.lap();
    println!("{{\"stage\": \"rows\", \"cpu\": {rows_cpu:.2}}}");
    let semantic = Semantic::of(&rows);
    println!("{{\"stage\": \"semantic\", \"cpu\": {:.2}}}", clock.lap());
    let sample: Vec<DocOrd> = (0..SAMPLE)
        .map(|at| DocOrd((at * articles / SAMPLE) as u32))
        .collect();
    let exact: Vec<Vec<DocOrd>> = sample.iter().map(|&host| exact(&rows, host)).collect();
    clock.lap();
    let fast = Search {
        champions: 500,
        query_terms: 24,
        opening_terms: 12,
        rescored: 80,
        both_ways: true,
    };
    for (name, search, keep) in [
        ("graph", Search::of_site(articles), CANDIDATES),
        ("graph, fast", fast, DEPTH),
    ] {
        let near = neighbours(&rows, &search, keep, |_, _| true, |_| {});
        let cpu = clock.lap();
        let recall = recall(&sample, &exact, &near);
        println!(
            "{{\"stage\": \"{name}\", \"cpu\": {cpu:.2}, \"cpu_from_text\": {:.2}, \"recall\": {recall:.4}, \"search\": \"{search:?}\"}}",
            analysis + rows_cpu + cpu
        );
        if let Some(semantic) = &semantic {
            rescored(semantic, &near, name);
        }
        clock.lap();
    }
    exposure(&analyses);
}

/// What it costs to reserve places for articles that few panels show, and what all candidates cost that it starts from.
fn exposure(analyses: &Analyses) {
    let mut clock = Clock::start();
    let site = Site::learn(analyses, &OwnHosts::default());
    clock.lap();
    let candidates = site.candidates();
    println!("{{\"stage\": \"candidates\", \"cpu\": {:.2}}}", clock.lap());
    let places = site.places(analyses, &candidates, EXPOSURE);
    println!(
        "{{\"stage\": \"exposure\", \"cpu\": {:.2}, \"places\": {}, \"panels\": {}}}",
        clock.lap(),
        places.iter().map(Vec::len).sum::<usize>(),
        places.iter().filter(|list| !list.is_empty()).count()
    );
}

/// How long the cosines of each article with those in its list take, on one thread.
fn rescored(semantic: &Semantic, near: &[Vec<Neighbour>], name: &str) {
    let mut clock = Clock::start();
    let mut sum = 0.0;
    for (host, near) in near.iter().enumerate() {
        let host = DocOrd(host as u32);
        let cosines = near.iter().map(|near| semantic.cosine(host, near.ord));
        sum += f64::from(cosines.sum::<f32>());
    }
    let pairs: usize = near.iter().map(Vec::len).sum();
    println!(
        "{{\"stage\": \"semantic cosines, {name}\", \"microseconds_per_article\": {:.3}, \"pairs\": {pairs}, \"mean\": {:.4}}}",
        1e6 * clock.lap() / near.len() as f64,
        sum / pairs as f64
    );
}

/// The nearest articles of `host` by the products of whole rows with all others.
fn exact(rows: &Rows, host: DocOrd) -> Vec<DocOrd> {
    let mut weight_of = vec![0f32; rows.slots()];
    let (slots, weights) = rows.row(host);
    for (slot, &weight) in slots.iter().zip(weights) {
        weight_of[slot.index()] = weight;
    }
    let mut all: Vec<(f32, DocOrd)> = (0..rows.len() as u32)
        .map(DocOrd)
        .filter(|&ord| ord != host)
        .map(|ord| {
            let (slots, weights) = rows.row(ord);
            let products = slots.iter().zip(weights);
            let sum = products
                .map(|(slot, weight)| weight_of[slot.index()] * weight)
                .sum();
            (sum, ord)
        })
        .collect();
    all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let best = all.iter().take(DEPTH).filter(|(sum, _)| *sum > 0.0);
    best.map(|&(_, ord)| ord).collect()
}

fn recall(sample: &[DocOrd], exact: &[Vec<DocOrd>], near: &[Vec<Neighbour>]) -> f64 {
    let (mut found, mut wanted) = (0, 0);
    for (host, exact) in sample.iter().zip(exact) {
        let near: Vec<DocOrd> = near[host.index()]
            .iter()
            .take(DEPTH)
            .map(|near| near.ord)
            .collect();
        found += exact.iter().filter(|ord| near.contains(ord)).count();
        wanted += exact.len();
    }
    found as f64 / wanted.max(1) as f64
}

/// CPU seconds of this process, lap by lap.
struct Clock(f64);

impl Clock {
    fn start() -> Self {
        Self(cpu_seconds())
    }

    fn lap(&mut self) -> f64 {
        let now = cpu_seconds();
        now - std::mem::replace(&mut self.0, now)
    }
}

/// User and system time of the process, from `/proc/self/stat` (ticks of 10 ms).
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit(") ").next().expect("a name in brackets");
    let ticks = |at: usize| -> f64 {
        let text = after_name.split(' ').nth(at).expect("a field");
        text.parse().expect("a number")
    };
    (ticks(11) + ticks(12)) / 100.0
}
