//! What a panel costs in process: opening and the first one, then one for every host of a list.
//!
//! `cargo bench --bench panel -- DATA HOSTS.txt` prints a line of JSON a stage, in microseconds. `benches/panel` runs it beside
//! stock tantivy's more-like-this.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use readnext::config::Config;
use readnext::engine::{Engine, PanelQuery};
use readnext::model::DocOrd;
use readnext::serve::pieces_json;

/// A moment after all articles: nothing is kept from being among the latest.
const NOW: i64 = 4_000_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let [data, hosts] = arguments.as_slice() else {
        println!("usage: cargo bench --bench panel -- DATA HOSTS.txt");
        return;
    };
    let hosts = fs::read_to_string(hosts).expect("a file of ids");
    let first = hosts.lines().next().expect("at least one host");
    let query = PanelQuery::at(NOW);

    let clock = Instant::now();
    let engine = Engine::open(Path::new(data), &Config::default()).expect("an index");
    let current = engine.snapshot();
    let snapshot = &current.1;
    let opened = clock.elapsed();
    let host = snapshot.by_id(first).expect("a host");
    black_box(snapshot.panel(host, &query).expect("a panel"));
    println!(
        "{{\"stage\": \"opening and first panel\", \"ms\": {:.2}, \"opening_ms\": {:.2}}}",
        1e3 * clock.elapsed().as_secs_f64(),
        1e3 * opened.as_secs_f64()
    );

    let hosts: Vec<DocOrd> = hosts.lines().filter_map(|id| snapshot.by_id(id)).collect();
    let panel = |host| snapshot.panel(host, &query).expect("a panel");
    let cards: usize = hosts.iter().map(|&host| panel(host).cards.len()).sum();
    println!(
        "{{\"stage\": \"cards\", \"mean\": {:.2}}}",
        cards as f64 / hosts.len() as f64
    );
    timed("panel", &hosts, |host| {
        black_box(panel(host));
    });
    let exploring = PanelQuery {
        exploring: true,
        ..query.clone()
    };
    timed("panel, exploring", &hosts, |host| {
        black_box(snapshot.panel(host, &exploring).expect("a panel"));
    });
    timed("panel and JSON", &hosts, |host| {
        let pieces = snapshot.pieces(host, &query).expect("a panel");
        black_box(pieces_json(&pieces, None));
    });
    let shown = (0..snapshot.len() as u32).map(|ord| {
        let entry = snapshot.entry(DocOrd(ord)).expect("an entry");
        entry.title.len() + entry.summary.len()
    });
    println!(
        "{{\"stage\": \"site\", \"articles\": {}, \"titles_and_summaries\": {}}}",
        snapshot.len(),
        shown.sum::<usize>()
    );
}

/// How long `work` takes for each of `hosts`.
fn timed(stage: &str, hosts: &[DocOrd], work: impl Fn(DocOrd)) {
    let mut times: Vec<f64> = hosts
        .iter()
        .map(|&host| {
            let clock = Instant::now();
            work(host);
            1e6 * clock.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| times[(share * (times.len() - 1) as f64) as usize];
    println!(
        "{{\"stage\": \"{stage}\", \"p50\": {:.2}, \"p99\": {:.2}, \"hosts\": {}}}",
        quantile(0.5),
        quantile(0.99),
        times.len()
    );
}
