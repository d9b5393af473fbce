//! The research signal: what is known of how articles relate, apart from what their texts share: the site's own links, and
//! the topics that its articles and its editors name.

mod changed_links;
mod links;
pub mod topics;

pub use changed_links::ChangedLinks;
pub use links::{Connections, Linkage, Links};

/// Calibration of the strength of a connection, `x / (x + k)`.
pub const CALIBRATION: f64 = 1.0;
/// Evidence of the research signal about a host, `n / (n + k)` over its `n` links apart from those with the candidate.
pub const EVIDENCE: f64 = 1.0;
/// Nearness by topics from which two articles are related by them.
pub const RELATED_TOPICS: f32 = 0.1;
/// What nearness by topics counts beside links.
const TOPICS: f64 = 0.15;

/// The raw strength of the connection of two articles, 0 (none) upwards, by links and by nearness of topics (0 to 1).
pub fn strength(linkage: &Linkage, by_topics: f32) -> f64 {
    linkage.strength() + TOPICS * f64::from(by_topics)
}
