//! The sample site's best-known panel, by content alone.

use std::collections::BTreeSet;
use std::fs;

use rayon::prelude::*;
use readnext::config::Config;
use readnext::engine::{PanelQuery, Snapshot};
use readnext::eval::simulate::{Relations, Settings, Simulation};
use readnext::index::Generations;
use readnext::model::SignalKind;
use readnext::ranking::Weights;

use crate::simulate::folded;
use crate::site::{Site, repository};

const HOST: &str = "/alternatives/python/performance-focused-alternatives";
/// The 20 pages that the panel of this page listed on the site that the sample mirrors.
const LISTED: [&str; 20] = [
    "/tool/pandas/performance-troubleshooting",
    "/tool/pandas/overview",
    "/tool/fastapi/overview",
    "/tool/python-3.13/overview",
    "/howto/optimize-graphql-performance-n-plus-one/n-plus-one-optimization-guide",
    "/compare/python-javascript-go-rust/production-reality-check",
    "/tool/protocol-buffers/performance-troubleshooting",
    "/tool/django/overview",
    "/tool/django/troubleshooting-guide",
    "/howto/deploy-django-docker-compose/complete-production-deployment-guide",
    "/tool/fastapi/production-deployment",
    "/integration/claude-api-fastapi/complete-implementation-guide",
    "/integration/pandas-dask/large-dataset-processing",
    "/troubleshoot/docker-daemon-not-running-windows-11/daemon-startup-issues",
    "/howto/setup-docker-development-environment/complete-development-setup",
    "/news/2025-08-26/docker-cve-security",
    "/tool/python/overview",
    "/troubleshoot/python-performance-optimization/performance-bottlenecks-diagnosis",
    "/howto/setup-python-free-threaded-mode/setup-guide",
    "/compare/visual-studio-code/zed/developer-migration-guide",
];

#[test]
fn the_host_page_lists_at_least_ten_of_the_known_pages_by_content_alone() {
    let site = Site::sample().indexed();
    let body = site.json(&[
        "related",
        HOST,
        "--json",
        "--signals",
        "content",
        "--now",
        "2026-11-01",
    ]);
    let items = body["items"].as_array().expect("items");
    assert_eq!(items.len(), 20);
    let known = items
        .iter()
        .filter(|item| LISTED.contains(&item["id"].as_str().expect("an id")))
        .count();
    println!("{known} of the 20 known pages are on the panel");
    for item in items {
        println!("{:>4} {} {}", item["match"], item["id"], item["reason"]);
    }
    assert!(known >= 10, "found {known} of 20, expected at least 10");
    assert_eq!(items[0]["match"], 100);
}

/// What readers of the topics of the sample go on to, as an editor judges it who knew neither a panel nor the list above.
const READERS: &str = "tests/fixtures/readers.tsv";
/// 2026-03-30: all of the sample is published.
const UNTIL: i64 = 1_774_828_800;

#[test]
fn the_host_page_lists_more_of_the_known_pages_once_readers_came() {
    let site = Site::sample().indexed();
    let config = Config::load(&site.path("."), None).expect("settings");
    let generations = Generations::under(&site.path("."));
    let relations = fs::read_to_string(repository().join(READERS)).expect("relations");
    let relations = Relations::parse(&relations).expect("relations");
    let open = || {
        let snapshot = Snapshot::open(&generations, &config).expect("whole");
        snapshot.expect("an index")
    };
    let untold = open();
    let host = untold.by_id(HOST).expect("the host");
    let known = |snapshot: &Snapshot, weights| {
        let query = PanelQuery {
            weights,
            ..PanelQuery::at(UNTIL)
        };
        let panel = snapshot.panel(host, &query).expect("a panel");
        let reasons: BTreeSet<&str> = panel.cards.iter().map(|card| card.reason.label()).collect();
        let known = panel
            .cards
            .iter()
            .filter(|card| LISTED.contains(&card.entry.id));
        (known.count(), reasons)
    };
    let by_content = Weights::default()
        .only(&[SignalKind::Content])
        .expect("one");
    let (content_alone, _) = known(&untold, by_content);
    let (day_zero, _) = known(&untold, Weights::default());
    // All 20 are run with READNEXT_TEST_SEEDS=20.
    let seeds = std::env::var("READNEXT_TEST_SEEDS");
    let last = seeds.map_or(5, |text| text.parse().expect("a number"));
    let seeds: Vec<u64> = (1..=last).collect();
    let found: Vec<(usize, bool)> = seeds
        .par_iter()
        .map(|&seed| {
            let settings = Settings {
                visitors: 7_000,
                exploring: true,
                ..Settings::until(UNTIL, seed)
            };
            let simulation = Simulation::new(&untold, settings).expect("pages");
            let fold = folded(&simulation.who_like(relations.clone()), |_| {});
            let snapshot = open();
            snapshot.count(fold);
            let (known, reasons) = known(&snapshot, Weights::default());
            let both = ["Similar content", "Recommended"];
            (known, both.iter().all(|reason| reasons.contains(reason)))
        })
        .collect();
    println!(
        "content alone {content_alone}, all signals before readers {day_zero}, after {found:?}"
    );
    let mut counts: Vec<usize> = found.iter().map(|&(known, _)| known).collect();
    counts.sort_unstable();
    let median = counts[(counts.len() - 1) / 2];
    assert!(median > content_alone, "{counts:?}");
    // The more readers come, the more cards they recommend; where they brought nearly all, hardly a card stays that texts did.
    let both = found.iter().filter(|(_, both)| *both).count();
    assert!(2 * both > found.len(), "{found:?}");
}

#[test]
fn the_sample_has_what_its_readme_says() {
    let site = Site::sample().indexed();
    let related = |page: &str| site.related(page);
    let panel_ids = |page: &str| {
        site.panel(page)
            .into_iter()
            .map(|card| card.id)
            .collect::<Vec<_>>()
    };
    for page in LISTED.iter().chain([&HOST]) {
        assert!(!related(page).is_empty(), "{page}");
    }
    // Near-duplicates, translations, drafts and noindex pages stay off the panels of their twins, and of everyone.
    assert!(
        !panel_ids("/howto/limit-wsl2-memory/wslconfig-guide")
            .contains(&"/troubleshoot/wsl2-high-memory/vmmem-fix".into())
    );
    assert!(!panel_ids("/tool/sqlite/overview").contains(&"/de/tool/sqlite/ueberblick".into()));
    let export = site.run_export();
    for hidden in [
        "/howto/api-rate-limiting/token-bucket-notes",
        "/news/2026-03-30/reader-survey",
    ] {
        assert!(
            !export
                .lines()
                .any(|line| line.split('\t').nth(1) == Some(hidden)),
            "{hidden}"
        );
    }
    let draft = site.run(&["related", "/howto/api-rate-limiting/token-bucket-notes"]);
    assert_eq!(draft.status.code(), Some(1));
    assert!(
        !related("/news/2026-03-30/reader-survey").is_empty(),
        "a noindex page has a panel"
    );
}

#[test]
fn one_of_two_near_duplicates_is_shown_to_others() {
    let site = Site::sample().indexed();
    let pair = [
        "/howto/limit-wsl2-memory/wslconfig-guide",
        "/troubleshoot/wsl2-high-memory/vmmem-fix",
    ];
    let hosts: Vec<String> = site
        .run_export()
        .lines()
        .filter(|line| pair.contains(&line.split('\t').nth(1).unwrap_or_default()))
        .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
        .collect();
    let mut once = hosts.clone();
    once.dedup();
    assert!(!hosts.is_empty());
    assert_eq!(hosts, once, "a host shows one of the two");
}

#[test]
fn the_corpus_readme_lists_the_keys_that_are_read() {
    let readme = fs::read_to_string(repository().join("corpus/README.md")).expect("read");
    let site = Site::sample();
    let report = site.json(&["reindex", "--json"]);
    assert_eq!(
        report["problems"],
        serde_json::json!([]),
        "the sample has no problems"
    );
    assert_eq!(report["added"].as_array().map(Vec::len), Some(105));
    for form in ["---", "+++", "HTML"] {
        assert!(readme.contains(form), "{form}");
    }
    for key in [
        "`title`",
        "`summary`",
        "`topic`",
        "`tags`",
        "`published`, `updated`",
        "`lang`",
        "`noindex: true`",
    ] {
        assert!(readme.contains(key), "{key}");
    }
}
