//! What is counted of the service, as Prometheus reads it (text format 0.0.4). No label holds anything that a client made up.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

use super::route::Route;

/// The statuses that this service answers with; the last stands for all others.
const STATUSES: [u16; 21] = [
    200, 201, 202, 204, 303, 304, 400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 431, 500,
    503, 0,
];
/// Upper ends of the buckets of latencies, in microseconds.
const BUCKETS: [u64; 12] = [
    25, 50, 100, 250, 500, 1_000, 5_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000,
];

/// Counters since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    routes: [OfRoute; Route::ALL.len()],
    /// Panels that were sent as they were made before.
    pub(super) hits: Counter,
    /// Panels that were made.
    pub(super) made: Counter,
    /// Events that were taken, also those that were kept before.
    pub(super) accepted: Counter,
    /// Events that were not, by [`REASONS`].
    ignored: [Counter; REASONS.len()],
}

/// What one resource answered.
#[derive(Debug, Default)]
struct OfRoute {
    statuses: [Counter; STATUSES.len()],
    buckets: [Counter; BUCKETS.len() + 1],
    nanoseconds: Counter,
}

/// A number that grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the reasons begin with for which events are ignored, and their names.
const REASONS: [(&str, &str); 7] = [
    ("the sender asks", "opted_out"),
    ("the sender is a robot", "robot"),
    ("article: it is none", "unknown_article"),
    ("panel: found no token", "no_panel"),
    ("too many", "too_many"),
    ("it was counted", "repeated"),
    ("", "malformed"),
];

/// The same for people, in the order of [`REASONS`].
const REFUSED: [&str; REASONS.len()] = [
    "Refused: the sender opted out",
    "Refused: from a robot",
    "Refused: of an unknown article",
    "Refused: no panel vouches for it",
    "Refused: too many in a minute",
    "Refused: counted that day already",
    "Refused: not readable",
];

impl Metrics {
    /// Counts a request.
    pub(super) fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        let of = &self.routes[route as usize];
        let known = STATUSES.iter().position(|&code| code == status.as_u16());
        of.statuses[known.unwrap_or(STATUSES.len() - 1)].add(1);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|&end| nanoseconds <= end * 1000);
        of.buckets[bucket.unwrap_or(BUCKETS.len())].add(1);
        of.nanoseconds.add(nanoseconds);
    }

    /// Counts an event that is not kept for this reason.
    pub(super) fn ignored(&self, reason: &str) {
        let known = REASONS
            .iter()
            .position(|(begin, _)| reason.starts_with(begin));
        self.ignored[known.unwrap_or(REASONS.len() - 1)].add(1);
    }

    /// Events that were taken, and those that were not by reason, as people read them.
    pub(super) fn events(&self) -> (u64, Vec<(&'static str, u64)>) {
        let refused = REFUSED.iter().zip(&self.ignored);
        let refused = refused.map(|(reason, count)| (*reason, count.get()));
        (self.accepted.get(), refused.collect())
    }

    /// Writes all of them.
    pub(super) fn write(&self, page: &mut Page) {
        self.write_requests(page);
        self.write_latencies(page);
        page.counter(
            "readnext_panels_made_total",
            "Panels that were made.",
            self.made.get(),
        );
        page.counter(
            "readnext_panel_hits_total",
            "Panels that were sent as they were made before.",
            self.hits.get(),
        );
        page.counter(
            "readnext_events_accepted_total",
            "Events that were taken; one that is sent again is among them and kept once.",
            self.accepted.get(),
        );
        page.head(
            "readnext_events_ignored_total",
            "counter",
            "Events that were not taken, by reason.",
        );
        for ((_, reason), count) in REASONS.iter().zip(&self.ignored) {
            page.line(
                "readnext_events_ignored_total",
                &[("reason", reason)],
                count.get() as f64,
            );
        }
    }

    fn write_requests(&self, page: &mut Page) {
        let name = "readnext_http_requests_total";
        page.head(
            name,
            "counter",
            "Requests that were answered, by resource and status.",
        );
        for (route, of) in Route::ALL.iter().zip(&self.routes) {
            let counted = STATUSES.iter().zip(&of.statuses);
            for (status, count) in counted.filter(|(_, count)| count.get() > 0) {
                let status = match status {
                    0 => "other".to_owned(),
                    status => status.to_string(),
                };
                let labels = [("route", route.path()), ("status", &status)];
                page.line(name, &labels, count.get() as f64);
            }
        }
    }

    fn write_latencies(&self, page: &mut Page) {
        let name = "readnext_http_request_duration_seconds";
        page.head(
            name,
            "histogram",
            "From the head of a request to its answer, in seconds.",
        );
        for (route, of) in Route::ALL.iter().zip(&self.routes) {
            let counts: Vec<u64> = of.buckets.iter().map(Counter::get).collect();
            let all: u64 = counts.iter().sum();
            if all == 0 {
                continue;
            }
            let mut below = 0;
            let ends = BUCKETS.iter().map(|&end| format!("{}", end as f64 / 1e6));
            for (end, count) in ends.chain(["+Inf".to_owned()]).zip(counts) {
                below += count;
                let labels = [("route", route.path()), ("le", &end)];
                page.line(&format!("{name}_bucket"), &labels, below as f64);
            }
            let label = [("route", route.path())];
            let seconds = of.nanoseconds.get() as f64 / 1e9;
            page.line(&format!("{name}_sum"), &label, seconds);
            page.line(&format!("{name}_count"), &label, all as f64);
        }
    }
}

/// A page of metrics.
#[derive(Debug, Default)]
pub(super) struct Page(pub(super) String);

impl Page {
    /// The lines that say what `name` is.
    pub(super) fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A value.
    pub(super) fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    /// A number that grows.
    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.line(name, &[], value as f64);
    }

    /// A number that grows and falls.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "gauge", help);
        self.line(name, &[], value as f64);
    }
}
