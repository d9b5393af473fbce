//! The page of metrics: what is counted, and what the server holds at the moment.

use std::fs;

use super::App;
use super::metrics::Page;
use crate::error::say;

/// The page.
pub(super) fn page(app: &App) -> String {
    let mut page = Page::default();
    app.metrics.write(&mut page);
    let (panels, bytes) = app.panels.size();
    page.gauge("readnext_kept_panels", "Rendered panels in memory.", panels);
    page.gauge("readnext_kept_panels_bytes", "Their bytes.", bytes);
    engine(app, &mut page);
    for (name, help, line) in [
        (
            "process_resident_memory_bytes",
            "Memory of the process, mapped files included.",
            "VmRSS:",
        ),
        (
            "readnext_own_memory_bytes",
            "The part of it that no file stands behind.",
            "RssAnon:",
        ),
    ] {
        if let Some(bytes) = memory(line) {
            page.gauge(name, help, bytes);
        }
    }
    page.0
}

fn engine(app: &App, page: &mut Page) {
    let current = app.engine.snapshot();
    let snapshot = &current.1;
    page.gauge(
        "readnext_generation",
        "The generation that serves.",
        snapshot.generation(),
    );
    page.gauge(
        "readnext_articles",
        "Articles, drafts included.",
        snapshot.len() as u64,
    );
    article_times(&app.engine.article_times(), page);
    let stopped = app
        .events
        .as_ref()
        .is_none_or(|events| events.stopped().is_some());
    page.gauge(
        "readnext_writes_stopped",
        "1 while events are turned away.",
        stopped.into(),
    );
    page.gauge(
        "readnext_fold_next_event",
        "The number in the journal of the next event to be counted.",
        snapshot.next_event(),
    );
    match app.engine.kept_counts() {
        Ok(kept) => {
            page.gauge(
                "readnext_journal_next_event",
                "The number in the journal of the next event to come.",
                kept.journal,
            );
            if let Some((next, digest)) = kept.file {
                let name = "readnext_published_fold_next_event";
                let help = "Up to which event the counts are kept in a file; two servers that say the same number have the same digest.";
                page.head(name, "gauge", help);
                page.line(name, &[("digest", &format!("{digest:016x}"))], next as f64);
            }
        }
        Err(error) => say(format_args!("metrics say nothing of the journal: {error}")),
    }
}

/// What it cost to find the neighbours of the articles that came last.
fn article_times(times: &[u32], page: &mut Page) {
    let name = "readnext_article_seconds";
    let help =
        "How long the last articles that came took to be analysed and compared with all others.";
    if times.is_empty() {
        return;
    }
    page.head(name, "gauge", help);
    for (quantile, share) in [("0.5", 0.5), ("0.99", 0.99)] {
        let place = (times.len() as f64 * share) as usize;
        if let Some(&micros) = times.get(place) {
            page.line(name, &[("quantile", quantile)], f64::from(micros) / 1e6);
        }
    }
}

/// As the system counts it, on the line that begins with `name`.
fn memory(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}
